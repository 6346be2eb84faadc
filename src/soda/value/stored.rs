//! The value of one cell, in the form in which it lies in SQLite, and its encoding in bytes.
//!
//! | type | stored as |
//! |---|---|
//! | text, photo, blob | TEXT |
//! | number | TEXT, plain decimal that keeps its scale; compared by the collation `SOQLNUM` |
//! | double | REAL |
//! | boolean | INTEGER 0 or 1 |
//! | fixed_timestamp, floating_timestamp | INTEGER, milliseconds since 1970 (UTC, or local without zone) |
//! | datestamp, time | TEXT, ISO |
//! | geometries | TEXT, GeoJSON exactly as it is read back |
//! | location, url, document, phone | TEXT, a JSON object with a fixed order of keys |
//! | json | TEXT, the compact JSON inside the `json` member |
//! | row_identifier, row_version | INTEGER, the number before it is enciphered |
//!
//! Encoded, a value is a tag and its payload: nothing for null, 8 bytes for an INTEGER or a REAL, a length of
//! 4 bytes and UTF-8 for a TEXT; little-endian. Batches of rows and the history's recordings are made of it.

use std::borrow::Cow;

/// The value of one cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// SQL null.
    Null,
    /// An INTEGER.
    Int(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT.
    Text(Cow<'a, str>),
}

/// The tags of encoded values.
mod tag {
    pub const NULL: u8 = 1;
    pub const INT: u8 = 2;
    pub const REAL: u8 = 3;
    pub const TEXT: u8 = 4;
}

impl<'a> Value<'a> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The same value with a text of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(v) => Value::Int(v),
            Self::Real(v) => Value::Real(v),
            Self::Text(t) => Value::Text(Cow::Owned(t.into_owned())),
        }
    }

    /// The same value with the text where it lies.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(v) => Value::Int(*v),
            Self::Real(v) => Value::Real(*v),
            Self::Text(t) => Value::Text(Cow::Borrowed(t)),
        }
    }

    /// Appends the encoded value.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(tag::NULL),
            Self::Int(v) => {
                out.push(tag::INT);
                out.extend_from_slice(&v.to_le_bytes());
            }
            Self::Real(v) => {
                out.push(tag::REAL);
                out.extend_from_slice(&v.to_le_bytes());
            }
            Self::Text(t) => {
                out.push(tag::TEXT);
                // A row's text is bounded far below 4 GiB.
                out.extend_from_slice(&u32::try_from(t.len()).unwrap_or(u32::MAX).to_le_bytes());
                out.extend_from_slice(t.as_bytes());
            }
        }
    }

    /// Splits the first encoded value off some bytes. None when there is none, or it is cut short.
    #[inline]
    pub fn split_encoded(bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (tag, rest) = bytes.split_first()?;
        let payload = match *tag {
            tag::INT | tag::REAL => 8,
            tag::TEXT => 4 + u32::from_le_bytes(*rest.first_chunk::<4>()?) as usize,
            _ => 0,
        };
        bytes.split_at_checked(1 + payload)
    }

    /// Reads one encoded value. None when it is not one; the text lies where it was.
    #[inline]
    pub fn decode(encoded: &'a [u8]) -> Option<Self> {
        let (tag, payload) = encoded.split_first()?;
        Some(match *tag {
            tag::INT => Self::Int(i64::from_le_bytes(*payload.first_chunk()?)),
            tag::REAL => Self::Real(f64::from_le_bytes(*payload.first_chunk()?)),
            tag::TEXT => Self::Text(Cow::Borrowed(std::str::from_utf8(payload.get(4..)?).ok()?)),
            _ => Self::Null,
        })
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_from_their_encoding_one_after_the_other() {
        let values = [Value::Int(-3), Value::Null, "é".into(), Value::Real(0.5), "".into()];
        let mut bytes = Vec::new();
        values.iter().for_each(|value| value.encode(&mut bytes));
        let mut rest = bytes.as_slice();
        for value in values {
            let (encoded, after) = Value::split_encoded(rest).unwrap();
            assert_eq!(Value::decode(encoded), Some(value));
            rest = after;
        }
        assert_eq!(Value::split_encoded(rest), None);
        assert_eq!(Value::split_encoded(&bytes[..4]), None);
    }
}
