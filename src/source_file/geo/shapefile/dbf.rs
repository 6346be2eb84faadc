//! Attributes of shapes, in dBase's format: a header that names the fields, and records of fixed width.

use super::super::super::bounds::Bounds;
use super::super::super::cells::{Slot, push};
use super::super::super::error::{FileError, FileErrorKey};
use super::super::super::text::Charset;
use super::{corrupt, unread};
use crate::codec::normal;
use crate::soda::SoqlType;
use crate::soda::value::{canonical_number, moment};
use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::io::{BufReader, Read};

/// A kind of field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Digits.
    Number,
    /// Four bytes.
    Integer,
    /// Eight bytes.
    Double,
    Boolean,
    /// Eight digits.
    Date,
}

impl Kind {
    fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'C' => Self::Text,
            b'N' | b'F' => Self::Number,
            b'I' | b'+' => Self::Integer,
            b'O' | b'B' => Self::Double,
            b'L' => Self::Boolean,
            b'D' => Self::Date,
            _ => return None,
        })
    }

    pub(super) fn soql_type(self) -> SoqlType {
        match self {
            Self::Text => SoqlType::Text,
            Self::Number | Self::Integer | Self::Double => SoqlType::Number,
            Self::Boolean => SoqlType::Boolean,
            Self::Date => SoqlType::FloatingTimestamp,
        }
    }
}

/// A field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    length: usize,
}

/// The records of a file.
pub(super) struct Dbf<R> {
    bytes: BufReader<R>,
    /// None where each text shows its own.
    encoding: Option<&'static Encoding>,
    fields: Vec<Field>,
    record: Vec<u8>,
    /// Records that have not come yet.
    left: u32,
    number: u64,
}

impl<R: Read> Dbf<R> {
    /// Reads the header. Without a charset it is that which the header names, or what each text shows.
    pub(super) fn new(bytes: R, charset: Option<Charset>, bounds: &Bounds) -> Result<Self, FileError> {
        let mut bytes = BufReader::new(bytes);
        let mut header = [0; 32];
        bytes.read_exact(&mut header).map_err(|error| unread(".dbf file", error))?;
        let left = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
        let header_length = u16::from_le_bytes([header[8], header[9]]);
        let length = usize::from(u16::from_le_bytes([header[10], header[11]]));
        let mut rest = vec![0; usize::from(header_length).saturating_sub(header.len())];
        bytes.read_exact(&mut rest).map_err(|error| unread(".dbf file", error))?;
        let encoding = match charset {
            Some(Charset::Utf8) => Some(UTF_8),
            Some(Charset::Utf16) => Some(UTF_16LE),
            Some(Charset::Named(encoding)) => Some(encoding),
            // The numbers of dBase and of ESRI for the code page of Windows.
            None if matches!(header[29], 0x03 | 0x57) => Some(WINDOWS_1252),
            None => None,
        };
        let fields = fields(&rest, encoding)?;
        if fields.len() >= bounds.columns {
            return Err(FileError::new(
                FileErrorKey::TooManyColumns,
                format!(
                    "The .dbf file has {} fields; a dataset has at most {} columns",
                    fields.len(),
                    bounds.columns
                ),
                "Leave fields out of the shapefile.",
            ));
        }
        if fields.iter().map(|field| field.length).sum::<usize>() + 1 != length {
            return Err(corrupt(
                "The .dbf file contradicts itself: its fields are not as long as its records",
            ));
        }
        Ok(Self { bytes, encoding, fields, record: vec![0; length], left, number: 0 })
    }

    /// The fields, in the order of a record's cells.
    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Appends the cells of the next record: whether it was not deleted. None at the end.
    pub(super) fn next(
        &mut self,
        text: &mut String,
        slots: &mut Vec<Slot>,
    ) -> Result<Option<bool>, FileError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.bytes.read_exact(&mut self.record).map_err(|error| unread(".dbf file", error))?;
        let mut at = 1;
        for field in &self.fields {
            let cell = &self.record[at..at + field.length];
            at += field.length;
            slots.push(slot(field, cell, self.encoding, text).ok_or_else(|| {
                let shown: String = String::from_utf8_lossy(cell).trim().chars().take(40).collect();
                corrupt(format!(
                    "Field {} of record {} (counted from 0) cannot be read: {shown:?}",
                    field.name, self.number
                ))
            })?);
        }
        self.number += 1;
        Ok(Some(self.record[0] != b'*'))
    }
}

fn fields(header: &[u8], encoding: Option<&'static Encoding>) -> Result<Vec<Field>, FileError> {
    let mut fields = Vec::new();
    for field in header.chunks(32).take_while(|field| field[0] != 0x0D) {
        let Some((name, rest)) = field.split_at_checked(11) else {
            return Err(corrupt("The .dbf file's header ends too early"));
        };
        let name = name.split(|byte| *byte == 0).next().unwrap_or(name);
        let name = decoded(name, encoding).trim().to_owned();
        let (letter, length) = match rest {
            [letter, _, _, _, _, length, ..] => (*letter, usize::from(*length)),
            _ => return Err(corrupt("The .dbf file's header ends too early")),
        };
        let kind = Kind::of(letter).ok_or_else(|| {
            FileError::unparsable(
                format!(
                    "The field {name} of the .dbf file has type {:?}, which is not read",
                    char::from(letter)
                ),
                "Texts, numbers, dates and truth values are read; leave the field out.",
            )
        })?;
        fields.push(Field { name, kind, length });
    }
    Ok(fields)
}

fn decoded<'a>(bytes: &'a [u8], encoding: Option<&'static Encoding>) -> Cow<'a, str> {
    let shown = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    encoding.unwrap_or_else(shown).decode_without_bom_handling(bytes).0
}

/// A cell; none if it is no value of its field.
fn slot(field: &Field, cell: &[u8], encoding: Option<&'static Encoding>, text: &mut String) -> Option<Slot> {
    let trimmed = cell.split(|byte| *byte == 0).next().unwrap_or(cell).trim_ascii();
    let number = |text: &mut String, number: &str| canonical_number(number).map(|number| push(text, &number));
    Some(match field.kind {
        Kind::Integer => number(text, &i32::from_le_bytes(*cell.first_chunk()?).to_string())?,
        Kind::Double => number(text, &f64::from_le_bytes(*cell.first_chunk()?).to_string())?,
        _ if trimmed.is_empty() => Slot::Null,
        Kind::Text => {
            let value = decoded(trimmed, encoding);
            match value.trim() {
                "" => Slot::Null,
                value => push(text, &normal(value.into())),
            }
        }
        // Stars stand for a number that was too long for its field.
        Kind::Number if trimmed.iter().all(|byte| *byte == b'*') => Slot::Null,
        Kind::Number => number(text, std::str::from_utf8(trimmed).ok()?)?,
        Kind::Boolean => match trimmed {
            b"T" | b"t" | b"Y" | b"y" => Slot::Int(1),
            b"F" | b"f" | b"N" | b"n" => Slot::Int(0),
            b"?" => Slot::Null,
            _ => return None,
        },
        Kind::Date if trimmed == b"00000000" => Slot::Null,
        Kind::Date => {
            let (year, rest) =
                std::str::from_utf8(trimmed).ok().filter(|date| date.len() == 8)?.split_at_checked(4)?;
            let (month, day) = rest.split_at_checked(2)?;
            Slot::Int(moment(SoqlType::FloatingTimestamp, &format!("{year}-{month}-{day}"))?)
        }
    })
}
