//! What an answer's rows consist of.

use super::SoqlType;
use super::value;
use bytes::Bytes;
use std::ops::Deref;
use std::sync::OnceLock;

/// Both headers together have at most so many bytes; longer ones are left out (source).
const MAX_HEADERS: usize = 5000;

/// The columns of an answer: names and types, and the texts made of them, each made once.
#[derive(Debug)]
pub struct OutputColumns {
    columns: Box<[(String, SoqlType)]>,
    /// The names as JSON texts with their colons, one after the other.
    keys: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    headers: OnceLock<Option<FieldHeaders>>,
}

/// The values of `X-SODA2-Fields` and `X-SODA2-Types`.
#[derive(Debug)]
pub struct FieldHeaders {
    /// A JSON array of names; letters outside ASCII are escaped, as headers need it.
    pub fields: Bytes,
    /// A JSON array of types.
    pub types: Bytes,
}

impl OutputColumns {
    /// The name of a column as JSON text, and a colon.
    pub fn key(&self, index: usize) -> &[u8] {
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.keys[from..self.ends[index]]
    }

    /// The two headers; none when they would be too long.
    pub fn headers(&self) -> Option<&FieldHeaders> {
        self.headers.get_or_init(|| FieldHeaders::of(&self.columns)).as_ref()
    }
}

impl From<Vec<(String, SoqlType)>> for OutputColumns {
    fn from(columns: Vec<(String, SoqlType)>) -> Self {
        let mut keys = Vec::with_capacity(columns.len() * 24);
        let mut ends = Vec::with_capacity(columns.len());
        for (name, _) in &columns {
            value::push_json_text(name, &mut keys);
            keys.push(b':');
            ends.push(keys.len());
        }
        Self { columns: columns.into(), keys, ends, headers: OnceLock::new() }
    }
}

impl Deref for OutputColumns {
    type Target = [(String, SoqlType)];

    fn deref(&self) -> &Self::Target {
        &self.columns
    }
}

impl FieldHeaders {
    fn of(columns: &[(String, SoqlType)]) -> Option<Self> {
        let fields = ascii_json(columns.iter().map(|(name, _)| name.as_str()));
        let types = ascii_json(columns.iter().map(|(_, soql_type)| soql_type.name()));
        let fits = fields.len() + types.len() < MAX_HEADERS;
        fits.then(|| Self { fields: fields.into(), types: types.into() })
    }
}

/// A JSON array with letters outside ASCII escaped.
fn ascii_json<'a>(items: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if item.is_ascii() {
            value::push_json_text(item, &mut out);
            continue;
        }
        let mut text = Vec::new();
        value::push_json_text(item, &mut text);
        for c in String::from_utf8_lossy(&text).chars() {
            if c.is_ascii() {
                out.push(c as u8);
            } else {
                let escaped = c
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<String>();
                out.extend_from_slice(escaped.as_bytes());
            }
        }
    }
    out.push(b']');
    out
}
