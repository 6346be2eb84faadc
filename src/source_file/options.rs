//! How a delimited file or a spreadsheet is to be read.

use super::kind::FileKind;
use super::text::Charset;
use serde::Serialize;
use serde_json::Value;

/// More rows than these are no header.
const MAX_HEADER_ROWS: u64 = 10_000;

/// The parse options of a source (documented). Its JSON has all members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParseOptions {
    /// The name of the encoding, such as `utf8`, `utf16` or `windows-1252`; without one it is found out: a byte-order
    /// mark, UTF-8, or else windows-1252.
    pub encoding: Option<String>,
    /// So many rows stand above the data.
    pub header_count: u64,
    /// The row, from 1, that names the columns; 0 for none.
    pub column_header: u64,
    /// What parts the cells. A TSV has tabs even where this is the comma, which is the default.
    pub column_separator: String,
    /// What encloses a cell that holds separators; empty for none.
    pub quote_char: String,
    /// Whether white space around cells goes.
    pub trim_whitespace: bool,
    /// Whether rows whose cells are all empty go, those before the header too.
    pub remove_empty_rows: bool,
    /// Whether the file has rows at all; otherwise it is kept as a blob.
    pub parse_source: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            header_count: 1,
            column_header: 1,
            column_separator: ",".to_owned(),
            quote_char: "\"".to_owned(),
            trim_whitespace: true,
            remove_empty_rows: true,
            parse_source: true,
        }
    }
}

/// A parse option that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member} {message}")]
pub struct OptionError {
    /// The member.
    pub member: &'static str,
    /// What it has to be, to be read behind the member's name.
    pub message: String,
}

impl ParseOptions {
    /// These options with the members of a JSON object; null gives a member its default, and other members are not
    /// looked at. Booleans and numbers may be texts (the documentation's example has `"true"`). Null changes nothing.
    pub fn with(&self, json: &Value) -> Result<Self, OptionError> {
        let default = Self::default();
        let map = match json {
            Value::Null => return Ok(self.clone()),
            Value::Object(map) => map,
            _ => return Err(error("parse_options", "has to be an object")),
        };
        let mut new = self.clone();
        for (name, value) in map {
            match name.as_str() {
                "encoding" => new.encoding = encoding(value)?,
                "header_count" => new.header_count = count("header_count", value, default.header_count)?,
                "column_header" => new.column_header = count("column_header", value, default.column_header)?,
                "column_separator" => {
                    new.column_separator = mark("column_separator", value, &default.column_separator)?;
                }
                "quote_char" => new.quote_char = mark("quote_char", value, &default.quote_char)?,
                "trim_whitespace" => new.trim_whitespace = flag("trim_whitespace", value)?,
                "remove_empty_rows" => new.remove_empty_rows = flag("remove_empty_rows", value)?,
                "parse_source" => new.parse_source = flag("parse_source", value)?,
                _ => {}
            }
        }
        new.check()?;
        Ok(new)
    }

    /// What parts the cells of a file of this kind: that of a TSV is a tab unless another than the default is given.
    pub(super) fn separator(&self, kind: FileKind) -> u8 {
        match (kind, self.column_separator.as_bytes()) {
            (FileKind::Tsv, [b','] | []) => b'\t',
            (_, [byte, ..]) => *byte,
            (_, []) => b',',
        }
    }

    /// What encloses cells.
    pub(super) fn quote(&self) -> Option<u8> {
        self.quote_char.bytes().next()
    }

    /// What one option demands of another.
    fn check(&self) -> Result<(), OptionError> {
        if self.column_separator.is_empty() {
            return Err(error("column_separator", "has to be one ASCII character"));
        }
        if self.column_separator == self.quote_char {
            return Err(error("quote_char", "has to differ from column_separator"));
        }
        if self.header_count > 0 && self.column_header > self.header_count {
            let message = format!("has to be one of the header's {} rows, or 0", self.header_count);
            return Err(OptionError { member: "column_header", message });
        }
        Ok(())
    }
}

fn error(member: &'static str, message: &str) -> OptionError {
    OptionError { member, message: message.to_owned() }
}

fn encoding(value: &Value) -> Result<Option<String>, OptionError> {
    match value {
        Value::Null => Ok(None),
        Value::String(name) if Charset::named(name).is_some() => Ok(Some(name.clone())),
        Value::String(name) => {
            let message =
                format!("has to be a known encoding, such as utf8, utf16 or windows-1252, not {name:?}");
            Err(OptionError { member: "encoding", message })
        }
        _ => Err(error("encoding", "has to be the name of an encoding, or null")),
    }
}

fn count(member: &'static str, value: &Value, default: u64) -> Result<u64, OptionError> {
    let number = match value {
        Value::Null => Some(default),
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| *number <= MAX_HEADER_ROWS).ok_or_else(|| OptionError {
        member,
        message: format!("has to be a number from 0 to {MAX_HEADER_ROWS}"),
    })
}

/// A separator or a quote: an ASCII character that is not the end of a line, or none.
fn mark(member: &'static str, value: &Value, default: &str) -> Result<String, OptionError> {
    let good = |text: &str| match text.as_bytes() {
        [] => true,
        [byte] => !matches!(byte, 0 | b'\n' | b'\r'),
        _ => false,
    };
    match value {
        Value::Null => Ok(default.to_owned()),
        Value::String(text) if good(text) => Ok(text.clone()),
        _ => Err(error(member, "has to be one ASCII character")),
    }
}

fn flag(member: &'static str, value: &Value) -> Result<bool, OptionError> {
    match value {
        // All of them are true by default.
        Value::Null => Ok(true),
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(error(member, "has to be true or false")),
    }
}
