//! What a refused value is, as far as it can be told.

use super::geometry::GeometryMistake;
use super::json_text::json_text;
use super::moment::{self, Moment};
use super::number::{self, Sign};
use crate::soda::SoqlType;
use crate::soda::value::{JsonToken, is_too_long_number, stands_for_missing};

/// What a refused value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Mistake {
    /// A word for a missing value, such as `N/A`.
    Missing(String),
    /// Nothing, or nothing but blanks.
    Blank {
        /// Whether there was not even a blank.
        empty: bool,
    },
    /// A value in quotation marks of its own; what stands between them.
    Quoted(String),
    /// A number with something around it; the number.
    Number(String, Vec<Sign>),
    /// `NaN`, `inf`.
    NotFinite(String),
    /// A word or number for true or false.
    Truth {
        /// What was sent.
        sent: String,
        /// Whether it was a text.
        is_text: bool,
        /// Whether it means true.
        value: bool,
    },
    /// A date or time in another spelling.
    Moment(String, Moment),
    /// A date or time that does not exist.
    NoSuchMoment(String),
    /// A geometry in another spelling or of another kind.
    Geometry(GeometryMistake),
    /// A number of more digits than are kept.
    TooLong,
    /// An object or an array where a plain value belongs.
    Composite,
    /// A column of values by their rows' numbers, where the value of one row belongs.
    Column,
    /// A plain value where an object belongs; its JSON text.
    Plain(String),
    /// Nothing that is known.
    Other,
}

/// A longer text is none of what people mistake for a value, and is not looked at.
const LONGEST: usize = 200;
/// A geometry of more bytes is not looked at either.
const LONGEST_GEOMETRY: usize = 64 * 1024;

const INFINITE: [&str; 7] = ["nan", "inf", "+inf", "-inf", "infinity", "-infinity", "+infinity"];
/// Also in German, French, Spanish, Italian, Portuguese and Dutch, and as spreadsheets draw them.
const TRUE: [&str; 26] = [
    "true",
    "t",
    "yes",
    "y",
    "on",
    "1",
    "x",
    "wahr",
    "ja",
    "j",
    "vrai",
    "oui",
    "o",
    "si",
    "s\u{ed}",
    "s\u{ec}",
    "verdadero",
    "vero",
    "verdadeiro",
    "sim",
    "waar",
    "\u{2713}",
    "\u{2714}",
    "\u{434}\u{430}",
    "1.0",
    "-1",
];
const FALSE: [&str; 19] = [
    "false",
    "f",
    "no",
    "n",
    "off",
    "0",
    "falsch",
    "nein",
    "faux",
    "non",
    "falso",
    "n\u{e3}o",
    "nao",
    "onwaar",
    "nee",
    "\u{2717}",
    "\u{2718}",
    "\u{43d}\u{435}\u{442}",
    "0.0",
];

impl Mistake {
    /// What a value is that a column of this type refused.
    pub fn of(expected: SoqlType, token: JsonToken<'_>) -> Self {
        match token {
            JsonToken::Text(text) => Self::of_text(expected, text),
            JsonToken::Number(number) => Self::of_number(expected, number),
            JsonToken::Bool(value) if expected == SoqlType::Number => {
                Self::Truth { sent: value.to_string(), is_text: false, value }
            }
            JsonToken::Bool(value) => Self::Plain(value.to_string()),
            JsonToken::Composite(source) if is_column(source) => Self::Column,
            JsonToken::Composite(source) if expected.is_geometry() && source.len() <= LONGEST_GEOMETRY => {
                Self::Geometry(GeometryMistake::of_json(expected, source))
            }
            JsonToken::Composite(_) => Self::Composite,
            JsonToken::Null => Self::Other,
        }
    }

    fn of_number(expected: SoqlType, number: &str) -> Self {
        match expected {
            SoqlType::Number | SoqlType::Double if is_too_long_number(number) => Self::TooLong,
            SoqlType::Boolean if matches!(number, "1" | "0") => {
                Self::Truth { sent: number.to_owned(), is_text: false, value: number == "1" }
            }
            _ if is_moment(expected) => match Moment::of_count(number) {
                Some(found) => Self::Moment(number.to_owned(), found),
                None => Self::Plain(number.to_owned()),
            },
            _ => Self::Plain(number.to_owned()),
        }
    }

    fn of_text(expected: SoqlType, text: &str) -> Self {
        let trimmed = text.trim();
        if expected.is_geometry() && (LONGEST..=LONGEST_GEOMETRY).contains(&text.len()) {
            return Self::Geometry(GeometryMistake::of_text(expected, text));
        }
        if expected == SoqlType::Number && is_too_long_number(trimmed) {
            return Self::TooLong;
        }
        if trimmed.len() > LONGEST {
            return Self::Other;
        }
        let lower = trimmed.to_lowercase();
        if trimmed.is_empty() {
            return Self::Blank { empty: text.is_empty() };
        }
        if expected == SoqlType::Number && INFINITE.contains(&lower.as_str()) {
            return Self::NotFinite(trimmed.to_owned());
        }
        if stands_for_missing(trimmed) {
            return Self::Missing(trimmed.to_owned());
        }
        if let Some(inner) = unquoted(trimmed) {
            return Self::Quoted(inner.to_owned());
        }
        let truth = || {
            let value = TRUE.contains(&lower.as_str());
            let known = value || FALSE.contains(&lower.as_str());
            known.then(|| Self::Truth { sent: trimmed.to_owned(), is_text: true, value })
        };
        let moment = |as_type| Moment::of_text(as_type, text).map(|m| Self::Moment(trimmed.to_owned(), m));
        match expected {
            SoqlType::Number | SoqlType::Double => number::plain(text)
                .map(|(number, signs)| Self::Number(number, signs))
                // A single letter may be anything.
                .or_else(|| truth().filter(|_| trimmed.len() > 1))
                .or_else(|| moment(SoqlType::FixedTimestamp))
                .unwrap_or(Self::Other),
            SoqlType::Boolean => truth().unwrap_or(Self::Other),
            _ if is_moment(expected) => moment(expected).unwrap_or_else(|| {
                if moment::looks_like_date(trimmed) {
                    Self::NoSuchMoment(trimmed.to_owned())
                } else {
                    Self::Other
                }
            }),
            _ if expected.is_geometry() => Self::Geometry(GeometryMistake::of_text(expected, text)),
            _ => Self::Plain(json_text(text)),
        }
    }
}

fn is_moment(soql_type: SoqlType) -> bool {
    use SoqlType::{Datestamp, FixedTimestamp, FloatingTimestamp, Time};
    matches!(soql_type, FixedTimestamp | FloatingTimestamp | Datestamp | Time)
}

/// Whether an object begins with the number of a row as its first key.
fn is_column(source: &str) -> bool {
    let key = source.strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix('"'));
    let key = key.and_then(|rest| rest.split('"').next()).unwrap_or("");
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between quotation marks, straight or typographic.
fn unquoted(text: &str) -> Option<&str> {
    const OPEN: [char; 7] = ['"', '\'', '\u{201C}', '\u{201D}', '\u{201E}', '\u{2018}', '\u{AB}'];
    const CLOSE: [char; 6] = ['"', '\'', '\u{201C}', '\u{201D}', '\u{2019}', '\u{BB}'];
    let inner = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    (!inner.trim().is_empty()).then_some(inner)
}
