//! What a function is called with, and the small steps that many take.

use super::format::Format;
use super::json_path::JsonPath;
use super::projection::Projection;
use crate::decimal;
use crate::soda::value::{RowIdCipher, Rules, canonical_number, write_text};
use crate::soda::{SoqlType, Value};
use crate::transform::limits::MAX_TEXT;
use crate::transform::{Cell, DataError, Surroundings};
use bigdecimal::BigDecimal;
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A constant argument that was read when the transform was compiled.
#[derive(Debug)]
pub enum Prepared {
    /// None.
    Nothing,
    /// A regular expression.
    Regex(Regex),
    /// A format of dates.
    Format(Format),
    /// A path in JSON.
    Path(JsonPath),
    /// A time zone.
    Zone(TimeZone),
    /// A projection.
    Projection(Box<Projection>),
}

/// What a function knows beside its arguments.
pub struct Call<'c> {
    /// The types of the arguments.
    pub types: &'c [SoqlType],
    /// The type of the result.
    pub result: SoqlType,
    /// The constant argument.
    pub prepared: &'c Prepared,
    /// The world.
    pub surroundings: &'c Surroundings,
    /// The row's place in the source.
    pub offset: u64,
    /// The place of the call in its transform.
    pub site: u64,
}

/// The computation of a function.
pub type Run = for<'c, 'a, 'v> fn(&'c Call<'c>, &'a mut [Value<'v>]) -> Cell<'v>;

/// An error of a cell, in a box as cells hold it.
pub fn failed(kind: &'static str, english: impl Into<String>, data: Json) -> Box<DataError> {
    Box::new(DataError { kind, english: english.into(), data })
}

/// `type_conversion_failed` in the documented words.
pub fn unconvertible(value: &str, from: SoqlType, to: SoqlType) -> Box<DataError> {
    let (from, to) = (from.data_type_name(), to.data_type_name());
    failed(
        "type_conversion_failed",
        format!("Unable to convert \"{value}\" from {from} to {to}"),
        json!({ "value": value, "target_type": to, "source_type": from }),
    )
}

/// A result beyond a bound (ours).
pub fn too_large(what: &str) -> Box<DataError> {
    failed("value_too_large", format!("{what} is too large"), json!({}))
}

/// The text of a value; empty for a value that is none.
pub fn string<'a>(value: &'a Value<'_>) -> &'a str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}

/// The text of a value, taken out of it: borrowed when the value's was.
pub fn take<'v>(value: &mut Value<'v>) -> Cow<'v, str> {
    match std::mem::replace(value, Value::Null) {
        Value::Text(text) => text,
        _ => Cow::Borrowed(""),
    }
}

/// A part of a text: borrowed when the text was.
pub fn part<'v>(text: Cow<'v, str>, range: std::ops::Range<usize>) -> Value<'v> {
    match text {
        Cow::Borrowed(text) => Value::Text(Cow::Borrowed(text.get(range).unwrap_or(""))),
        Cow::Owned(mut text) => {
            text.truncate(range.end);
            text.drain(..range.start.min(range.end));
            Value::Text(Cow::Owned(text))
        }
    }
}

/// The integer of a boolean or a timestamp.
pub fn integer(value: &Value<'_>) -> i64 {
    match value {
        Value::Int(value) => *value,
        _ => 0,
    }
}

/// Whether a boolean is true.
pub fn is_true(value: &Value<'_>) -> bool {
    integer(value) != 0
}

/// A boolean.
pub fn truth<'v>(value: bool) -> Cell<'v> {
    Ok(Value::Int(i64::from(value)))
}

/// A text of the function's own, if it is not too long.
pub fn made<'v>(text: String) -> Cell<'v> {
    if text.len() > MAX_TEXT { Err(too_large("The text")) } else { Ok(Value::Text(Cow::Owned(text))) }
}

/// A number's digits.
pub fn decimal(value: &Value<'_>) -> Result<BigDecimal, Box<DataError>> {
    decimal::read(string(value)).map_err(|_| too_large("The number"))
}

/// A number as a double.
pub fn double(value: &Value<'_>) -> f64 {
    string(value).parse().unwrap_or(f64::NAN)
}

/// A number as an integer, its decimals cut off; the nearest one that there is.
pub fn whole(value: &Value<'_>) -> i64 {
    let text = string(value);
    text.parse().unwrap_or_else(|_| double(value) as i64)
}

/// A double as a number, `1.0` for 1; null for one that is no number.
pub fn of_double<'v>(value: f64) -> Cell<'v> {
    match canonical_number(&format!("{value:?}")) {
        Some(text) => Ok(Value::from(text)),
        None => Err(failed("arithmetic_error", "The result is not a number", json!({}))),
    }
}

/// An integer as a number.
pub fn of_integer<'v>(value: i64) -> Cell<'v> {
    Ok(Value::from(value.to_string()))
}

/// No transform makes or reads the ids of rows.
static CIPHER: LazyLock<RowIdCipher> = LazyLock::new(|| RowIdCipher::new(&[0; 72]));

/// How values of text are read.
pub fn rules() -> Rules<'static> {
    Rules { strict_types: false, id_cipher: &CIPHER }
}

/// The text that a value is joined and converted as.
pub fn plain_text<'v>(soql_type: SoqlType, value: &mut Value<'v>) -> Cow<'v, str> {
    match soql_type {
        SoqlType::Text | SoqlType::Json | SoqlType::Photo | SoqlType::Blob => take(value),
        SoqlType::Number => match take(value) {
            Cow::Borrowed(text) => crate::soda::value::plain_number(text),
            Cow::Owned(text) => Cow::Owned(crate::soda::value::plain_number(&text).into_owned()),
        },
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            Cow::Owned(super::time::printed(soql_type, integer(value)))
        }
        _ => {
            let mut text = String::new();
            write_text(soql_type, value, &CIPHER, &mut text);
            Cow::Owned(text)
        }
    }
}

impl Call<'_> {
    /// The type of an argument.
    pub fn type_of(&self, at: usize) -> SoqlType {
        self.types.get(at).copied().unwrap_or(SoqlType::Text)
    }
}
