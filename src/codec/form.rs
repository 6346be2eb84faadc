//! One row as a form body, as soda-ruby's `post_form` sends it (source).

use super::rows::Rows;
use super::scan::normal;
use super::{FREE, no_room};
use crate::memory::{Held, Room};
use crate::soda::{BodyFormat, SodaError};
use percent_encoding::percent_decode_str;

/// A decoder of one form row.
#[derive(Debug)]
pub struct FormDecoder {
    text: Vec<u8>,
    max_row: usize,
    /// The room that the text takes beyond what every body may.
    held: Held,
}

impl FormDecoder {
    pub(super) fn new(max_row: usize, partial: &Room) -> Self {
        Self { text: Vec::new(), max_row, held: partial.holder() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        if self.text.len() + bytes.len() > self.max_row {
            return Err(SodaError::too_large(self.max_row as u64, "one row"));
        }
        if !self.held.grow_to((self.text.len() + bytes.len()).saturating_sub(FREE)) {
            return Err(no_room("form"));
        }
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        let text = std::str::from_utf8(&self.text).map_err(|_| not_a_form())?.trim();
        if text.is_empty() {
            return Err(SodaError::invalid("The form body is empty")
                .hint("Write a pair for each field, such as station=s1&temp=5. Nothing was stored."));
        }
        rows.begin(BodyFormat::Form);
        for pair in text.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let Some(field) = rows.layout().names.field(&name) else {
                return Err(rows.unknown_field(&name));
            };
            let value = normal(value.into());
            rows.put_cell(field, &value)?;
        }
        rows.end()
    }
}

fn decode(text: &str) -> Result<String, SodaError> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| not_a_form())
}

fn not_a_form() -> SodaError {
    SodaError::invalid("The form body is not valid UTF-8")
        .hint("Encode letters as UTF-8 before they are percent-encoded. Nothing was stored.")
}
