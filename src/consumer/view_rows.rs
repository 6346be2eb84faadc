//! `/api/views/4x4/rows.json`: arrays behind the view, the download form of old.
//!
//! The shape is that of the files that portals have offered for download for years. No recorded
//! answer of today is at hand, so it is a guess in its details: the second cell (a UUID) is always
//! zero, the position too, and times are seconds.

use crate::soda::value::{self, RowIdCipher};
use crate::soda::{SoqlType, SystemField, Value};
use serde_json::{Value as Json, json};

/// The system fields that the cells of such rows begin with.
pub const SYSTEM_FIELDS: [SystemField; 3] = [SystemField::Id, SystemField::CreatedAt, SystemField::UpdatedAt];

/// The system columns that such rows begin with, in order.
pub const META_COLUMNS: [&str; 8] =
    ["sid", "id", "position", "created_at", "created_meta", "updated_at", "updated_meta", "meta"];

/// What stands before the first row: the view, with the system columns in front of its own.
pub fn head(mut view: Json) -> String {
    if let Some(columns) = view.get_mut("columns").and_then(Json::as_array_mut) {
        let meta = META_COLUMNS.iter().map(|name| {
            json!({ "id": -1, "name": name, "dataTypeName": "meta_data", "fieldName": format!(":{name}"),
                    "position": 0, "renderTypeName": "meta_data", "format": {}, "flags": ["hidden"] })
        });
        columns.splice(0..0, meta);
    }
    format!("{{\n  \"meta\" : {{\n    \"view\" : {view}\n  }},\n  \"data\" : [")
}

/// One row. The first three cells are `:id`, `:created_at` and `:updated_at`.
pub fn row<'v>(
    types: impl Iterator<Item = SoqlType>,
    cipher: &RowIdCipher,
    cell: impl Fn(usize) -> Value<'v>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b" [ ");
    value::write_json(SoqlType::RowIdentifier, &cell(0), cipher, out);
    out.extend_from_slice(b", \"00000000-0000-0000-0000-000000000000\", 0, ");
    seconds(&cell(1), out);
    out.extend_from_slice(b", null, ");
    seconds(&cell(2), out);
    out.extend_from_slice(b", null, \"{ }\"");
    for (index, soql_type) in types.enumerate().skip(3) {
        out.extend_from_slice(b", ");
        write(soql_type, &cell(index), cipher, out);
    }
    out.extend_from_slice(b" ]\n");
}

fn seconds(stored: &Value<'_>, out: &mut Vec<u8>) {
    match stored {
        Value::Int(ms) => out.extend_from_slice(ms.div_euclid(1000).to_string().as_bytes()),
        _ => out.extend_from_slice(b"null"),
    }
}

fn write(soql_type: SoqlType, stored: &Value<'_>, cipher: &RowIdCipher, out: &mut Vec<u8>) {
    match (soql_type, stored) {
        (_, Value::Null) => out.extend_from_slice(b"null"),
        (SoqlType::FixedTimestamp, stored) => seconds(stored, out),
        (SoqlType::FloatingTimestamp, stored) => {
            let text = text(soql_type, stored, cipher);
            quoted(text.strip_suffix(".000").unwrap_or(&text), out);
        }
        (SoqlType::Url, Value::Text(object)) => members(object, &["url", "description"], &[], out),
        (SoqlType::Location, Value::Text(object)) => {
            let rest = [Json::Null, Json::Bool(false)];
            members(object, &["human_address", "latitude", "longitude"], &rest, out);
        }
        (t, stored) if t.is_geometry() => quoted(&text(t, stored, cipher), out),
        (t, stored) => value::write_json(t, stored, cipher, out),
    }
}

fn text(soql_type: SoqlType, stored: &Value<'_>, cipher: &RowIdCipher) -> String {
    let mut text = String::new();
    value::write_text(soql_type, stored, cipher, &mut text);
    text
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(Json::from(text).to_string().as_bytes());
}

/// An object as an array of its members, null where one is missing.
fn members(object: &str, names: &[&str], rest: &[Json], out: &mut Vec<u8>) {
    let object: Json = serde_json::from_str(object).unwrap_or_default();
    let found = names.iter().map(|name| object.get(name).cloned().unwrap_or_default());
    let array: Vec<Json> = found.chain(rest.iter().cloned()).collect();
    out.extend_from_slice(Json::Array(array).to_string().as_bytes());
}
