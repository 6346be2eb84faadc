//! Values of every column type: how they are read from a request, how they are stored, and how
//! they are written into an answer.

mod composite;
mod geometry;
mod location;
mod missing;
mod number;
mod row_id;
mod stored;
mod stored_form;
mod timestamp;
mod warning;
mod write;

pub use geometry::push_double;
pub use missing::stands_for_missing;
pub use number::{
    MAX_DIGITS, POWERS, canonical_number, compare_numbers, is_too_long_number, normal_number, plain_number,
    small_number, small_text,
};
pub use row_id::RowIdCipher;
pub use stored::Value;
pub use stored_form::{is_stored_form, stored_form};
pub use warning::Warning;
pub use write::{push_json_text, to_json, write_csv, write_json, write_text};

use super::SoqlType;
use std::borrow::Cow;

/// A JSON value as the decoder hands it over.
#[derive(Clone, Copy, Debug)]
pub enum JsonToken<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number's source text.
    Number(&'a str),
    /// A text, unescaped, in NFC and without U+0000.
    Text(&'a str),
    /// The source text of an object or an array.
    Composite(&'a str),
}

/// What decides between the documented and the source's idea of a type.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Quoted booleans are refused (source); otherwise taken (documented).
    pub strict_types: bool,
    /// Reads `:id` and `:version`.
    pub id_cipher: &'a RowIdCipher,
}

/// A value that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Read<'a> {
    /// Its stored form.
    pub stored: Value<'a>,
    /// What the sender should know.
    pub warning: Option<Warning>,
}

/// The type does not accept the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl<'a> From<Value<'a>> for Read<'a> {
    fn from(stored: Value<'a>) -> Self {
        Self { stored, warning: None }
    }
}

fn text(value: impl Into<String>) -> Value<'static> {
    Value::Text(Cow::Owned(value.into()))
}

/// Reads a JSON value for a column of this type (evidence: `JsonColumnRep.scala`, support table).
pub fn from_json<'a>(
    soql_type: SoqlType,
    token: JsonToken<'a>,
    rules: &Rules<'_>,
) -> Result<Read<'a>, Refused> {
    if matches!(token, JsonToken::Null) {
        return Ok(Value::Null.into());
    }
    match (soql_type, token) {
        (SoqlType::Text, JsonToken::Text(t) | JsonToken::Number(t))
        | (SoqlType::Photo | SoqlType::Blob, JsonToken::Text(t)) => Ok(Value::Text(Cow::Borrowed(t)).into()),
        (SoqlType::Number, JsonToken::Text(t) | JsonToken::Number(t)) => {
            Ok(Value::Text(number::canonical(t)?).into())
        }
        (SoqlType::Double, JsonToken::Text(t) | JsonToken::Number(t)) => double(t),
        (SoqlType::Boolean, JsonToken::Bool(b)) => Ok(Value::Int(i64::from(b)).into()),
        (SoqlType::Boolean, JsonToken::Text(t)) if !rules.strict_types => quoted_boolean(t),
        (SoqlType::Url, _) => composite::url(token),
        (SoqlType::Location, JsonToken::Composite(t)) => location::from_object(t),
        (SoqlType::Location, JsonToken::Text(t)) => Ok(location::from_text(t)),
        (SoqlType::Document, JsonToken::Composite(t)) => composite::document(t),
        (SoqlType::Phone, _) => composite::phone(token),
        (SoqlType::Json, JsonToken::Composite(t)) => composite::json(t),
        (t, JsonToken::Composite(source)) if t.is_geometry() => geometry::from_geojson(t, source),
        (_, JsonToken::Text(t)) => from_plain_text(soql_type, t, rules),
        _ => Err(Refused),
    }
}

/// Types whose JSON form is a text with a syntax of its own.
fn from_plain_text<'a>(soql_type: SoqlType, source: &'a str, rules: &Rules<'_>) -> Result<Read<'a>, Refused> {
    let stored = match soql_type {
        SoqlType::FixedTimestamp => Value::Int(timestamp::fixed(source)?),
        SoqlType::FloatingTimestamp => Value::Int(timestamp::floating(source)?),
        SoqlType::Datestamp => text(timestamp::date(source)?),
        SoqlType::Time => text(timestamp::time_of_day(source)?),
        SoqlType::RowIdentifier => Value::Int(rules.id_cipher.parse_row_id(source).ok_or(Refused)?),
        SoqlType::RowVersion => Value::Int(rules.id_cipher.parse_row_version(source).ok_or(Refused)?),
        t if t.is_geometry() => return geometry::from_wkt(t, source),
        _ => return Err(Refused),
    };
    Ok(stored.into())
}

fn double(source: &str) -> Result<Read<'static>, Refused> {
    let value = source.trim().parse().ok().filter(|value: &f64| value.is_finite()).ok_or(Refused)?;
    Ok(Value::Real(value).into())
}

fn quoted_boolean(source: &str) -> Result<Read<'static>, Refused> {
    match source {
        "true" => Ok(Value::Int(1).into()),
        "false" => Ok(Value::Int(0).into()),
        _ => Err(Refused),
    }
}

/// Reads a CSV cell (documented examples, DataSync's table). An empty cell is null.
pub fn from_csv<'a>(soql_type: SoqlType, cell: &'a str, rules: &Rules<'_>) -> Result<Read<'a>, Refused> {
    if cell.is_empty() {
        return Ok(Value::Null.into());
    }
    match soql_type {
        SoqlType::Boolean => match cell {
            _ if cell.eq_ignore_ascii_case("true") => Ok(Value::Int(1).into()),
            _ if cell.eq_ignore_ascii_case("false") => Ok(Value::Int(0).into()),
            _ => Err(Refused),
        },
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            Ok(Value::Int(moment(soql_type, cell).ok_or(Refused)?).into())
        }
        SoqlType::Point if cell.starts_with('(') => {
            let (_, latitude, longitude) =
                location::pair(cell).filter(|(address, ..)| address.is_empty()).ok_or(Refused)?;
            geometry::point(&longitude, &latitude)
        }
        SoqlType::Location => Ok(location::from_text(cell)),
        SoqlType::Url => Ok(composite::csv_url(cell)),
        SoqlType::Json => composite::csv_json(cell),
        SoqlType::Document => Ok(composite::csv_document(cell)),
        SoqlType::Phone => Ok(composite::csv_phone(cell)),
        _ => from_json(soql_type, JsonToken::Text(cell), rules),
    }
}

/// Milliseconds since 1970 of a moment in a cell: in one of the US forms, or in ISO 8601 as JSON has it.
pub fn moment(soql_type: SoqlType, cell: &str) -> Option<i64> {
    timestamp::us(cell).or_else(|| match soql_type {
        SoqlType::FixedTimestamp => timestamp::fixed(cell).ok(),
        _ => timestamp::floating(cell).ok(),
    })
}

/// The stored form of a geometry in GeoJSON or WKT.
pub fn read_geometry(soql_type: SoqlType, source: &str) -> Option<String> {
    let read = if source.starts_with('{') {
        geometry::from_geojson(soql_type, source)
    } else {
        geometry::from_wkt(soql_type, source)
    };
    match read.ok()?.stored {
        Value::Text(stored) => Some(stored.into_owned()),
        _ => None,
    }
}

/// The GeoJSON of a geometry in WKT that may be none that can be stored: its lines may be too short and its rings
/// open.
pub fn read_unchecked_wkt(soql_type: SoqlType, source: &str) -> Option<String> {
    geometry::unchecked(soql_type, source).ok()
}

/// Why a geometry in GeoJSON cannot be stored; none when it can.
pub fn geometry_fault(soql_type: SoqlType, source: &str) -> Option<&'static str> {
    geometry::fault(soql_type, source)
}

/// What GeoJSON calls a geometry of this type.
pub fn geometry_name(soql_type: SoqlType) -> &'static str {
    geometry::shape(soql_type).1
}

/// A stored geometry as WKT.
pub fn geometry_wkt(soql_type: SoqlType, stored: &str) -> String {
    let mut out = String::new();
    geometry::to_wkt(soql_type, stored, &mut out);
    out
}

/// Reads the row id of a path as the key's type (evidence: `StringColumnRep.scala`).
pub fn from_path<'a>(soql_type: SoqlType, segment: &'a str, rules: &Rules<'_>) -> Result<Value<'a>, Refused> {
    match soql_type {
        SoqlType::Boolean if segment.eq_ignore_ascii_case("t") => Ok(Value::Int(1)),
        SoqlType::Boolean if segment.eq_ignore_ascii_case("f") => Ok(Value::Int(0)),
        SoqlType::Text => Ok(Value::Text(Cow::Borrowed(segment))),
        SoqlType::Boolean => from_csv(soql_type, segment, rules).map(|r| r.stored),
        _ => from_json(soql_type, JsonToken::Text(segment), rules).map(|r| r.stored),
    }
}
