//! The types that the cells of a text column could have.

use super::cells::{Cells, InputColumn};
use crate::soda::SoqlType;
use crate::soda::value::{self, canonical_number};
use std::borrow::Cow;

/// Looks at every row of a file, and tells for each column the narrowest type that all of its cells fit, so that a
/// guessed schema has no errors. Production's sampling is unknown (ours).
#[derive(Clone, Debug)]
pub struct Guess {
    columns: Vec<(InputColumn, Fits)>,
}

/// What a column is guessed to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuessedColumn {
    /// The type of the output column.
    pub soql_type: SoqlType,
    /// The text of its transform, such as ``to_number(`id`)``.
    pub transform: String,
}

/// Types that every cell of a column fitted so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fits(u8);

const NUMBER: u8 = 1;
const BOOLEAN: u8 = 2;
const FLOATING: u8 = 4;
const FIXED: u8 = 8;
/// Geometries, and such of which one has another projection than WGS 84.
const GEOMETRY: u8 = 16;
const PROJECTED: u8 = 32;
/// Nothing but text is left.
const TEXT: u8 = 0;
/// No cell with a value was seen.
const UNSEEN: u8 = 0x80;

impl Fits {
    fn see(&mut self, cell: &str) {
        if self.0 & GEOMETRY != 0 {
            // Only behind a text, which the name of a projection is, does a quote stand at the end.
            if cell.ends_with("\"}") {
                self.0 |= PROJECTED;
            }
            return;
        }
        let Some(first) = cell.bytes().next() else { return };
        let bits = self.0 & !UNSEEN;
        let fits = match first {
            b'0'..=b'9' | b'-' | b'.' if bits & NUMBER != 0 && is_number(cell) => NUMBER,
            b'0'..=b'9' if bits & (FLOATING | FIXED) != 0 => moments(cell, bits),
            b't' | b'T' | b'f' | b'F' if bits & BOOLEAN != 0 && is_boolean(cell) => BOOLEAN,
            _ => TEXT,
        };
        self.0 = bits & fits;
    }

    fn narrowest(self) -> SoqlType {
        match self.0 {
            NUMBER => SoqlType::Number,
            BOOLEAN => SoqlType::Boolean,
            bits if bits & UNSEEN == 0 && bits & FLOATING != 0 => SoqlType::FloatingTimestamp,
            FIXED => SoqlType::FixedTimestamp,
            _ => SoqlType::Text,
        }
    }
}

/// A number without a zero in front of its digits: that is a code, which would lose the zero (ours).
pub(super) fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell).as_bytes();
    if digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) {
        return !digits.is_empty() && (digits[0] != b'0' || digits.len() == 1);
    }
    !matches!(digits, [b'0', b'0'..=b'9', ..]) && canonical_number(cell).is_some()
}

pub(super) fn is_boolean(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false")
}

/// Whether a text is a date, with a time or without, in a zone or in none.
pub(super) fn is_date(cell: &str) -> bool {
    moments(cell, FIXED) != TEXT
}

/// A text as a date is read, if it has the shape of one; other texts that are read as dates are years, weeks or codes.
/// In ISO 8601 a blank may stand in place of the `T`.
fn date_text(cell: &str) -> Option<Cow<'_, str>> {
    let are_digits =
        |places: &[usize]| places.iter().all(|at| cell.as_bytes().get(*at).is_some_and(u8::is_ascii_digit));
    let bytes = cell.as_bytes();
    let is_iso =
        matches!(bytes, [_, _, _, _, b'-', _, _, b'-', _, _, ..]) && are_digits(&[0, 1, 2, 3, 5, 6, 8, 9]);
    match bytes.get(10) {
        None | Some(b'T') if is_iso => Some(cell.into()),
        Some(b' ') if is_iso && bytes.get(13) == Some(&b':') && are_digits(&[11, 12, 14, 15]) => {
            Some(format!("{}T{}", cell.get(..10)?, cell.get(11..)?).into())
        }
        _ => {
            let month = bytes.iter().position(|byte| *byte == b'/')?;
            let day = bytes[month + 1..].iter().position(|byte| *byte == b'/')?;
            ((1..=2).contains(&month) && (1..=2).contains(&day)).then_some(cell.into())
        }
    }
}

/// Which types of moments a text fits, of those that are asked for.
fn moments(cell: &str, asked: u8) -> u8 {
    let Some(text) = date_text(cell) else { return TEXT };
    let fits = |bit: u8, soql_type: SoqlType| {
        if asked & bit != 0 && value::moment(soql_type, &text).is_some() { bit } else { TEXT }
    };
    fits(FLOATING, SoqlType::FloatingTimestamp) | fits(FIXED, SoqlType::FixedTimestamp)
}

impl Guess {
    /// No row was seen yet. Columns that have another type than text keep it, and so do all columns of a file of
    /// places, which says the types of its values itself.
    pub fn new(columns: &[InputColumn]) -> Self {
        let of_places = columns.iter().any(|column| column.soql_type.is_geometry());
        let fits = |column: &InputColumn| match column.soql_type {
            SoqlType::Text if !of_places => Fits(UNSEEN | NUMBER | BOOLEAN | FLOATING | FIXED),
            soql_type if soql_type.is_geometry() => Fits(GEOMETRY),
            _ => Fits(TEXT),
        };
        Self { columns: columns.iter().map(|column| (column.clone(), fits(column))).collect() }
    }

    /// Looks at a row.
    pub fn see(&mut self, cells: &Cells<'_>) {
        for (index, (_, fits)) in self.columns.iter_mut().enumerate() {
            if fits.0 != TEXT
                && let Some(cell) = cells.text(index)
            {
                fits.see(cell);
            }
        }
    }

    /// The columns as all rows allow them. A column without any value is text.
    pub fn finish(self) -> Vec<GuessedColumn> {
        self.columns.into_iter().map(|(column, fits)| guessed(&column, fits)).collect()
    }
}

fn guessed(column: &InputColumn, fits: Fits) -> GuessedColumn {
    let name = &column.field_name;
    if fits.0 & PROJECTED != 0 {
        return GuessedColumn {
            soql_type: column.soql_type,
            transform: format!("reproject_to_wgs84(`{name}`)"),
        };
    }
    if column.soql_type != SoqlType::Text {
        return GuessedColumn { soql_type: column.soql_type, transform: format!("`{name}`") };
    }
    let soql_type = fits.narrowest();
    let transform = match soql_type {
        SoqlType::Number => format!("to_number(`{name}`)"),
        SoqlType::Boolean => format!("to_boolean(`{name}`)"),
        SoqlType::FloatingTimestamp => format!("to_floating_timestamp(`{name}`)"),
        SoqlType::FixedTimestamp => format!("to_fixed_timestamp(`{name}`)"),
        _ => format!("`{name}`"),
    };
    GuessedColumn { soql_type, transform }
}
