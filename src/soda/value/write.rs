//! Stored values as text: JSON, CSV, plain.

use super::{RowIdCipher, Rules, Value, from_csv, geometry, location, timestamp};
use crate::soda::SoqlType;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

/// The JSON of a value as it is read back.
pub fn to_json(soql_type: SoqlType, value: &Value<'_>, cipher: &RowIdCipher) -> Json {
    let mut out = Vec::new();
    write_json(soql_type, value, cipher, &mut out);
    serde_json::from_slice(&out).unwrap_or(Json::Null)
}

/// Appends the JSON text of a value as it is read back.
pub fn write_json(soql_type: SoqlType, value: &Value<'_>, cipher: &RowIdCipher, out: &mut Vec<u8>) {
    match (soql_type, value) {
        (_, Value::Null) => out.extend_from_slice(b"null"),
        (SoqlType::Boolean, Value::Int(v)) => out.extend_from_slice(if *v == 0 { b"false" } else { b"true" }),
        (SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp, Value::Int(ms)) => {
            out.push(b'"');
            timestamp::write(*ms, out);
            out.extend_from_slice(if soql_type == SoqlType::FixedTimestamp { b"Z\"" } else { b"\"" });
        }
        (SoqlType::RowIdentifier, Value::Int(v)) => {
            out.push(b'"');
            cipher.write_row_id(*v, out);
            out.push(b'"');
        }
        (SoqlType::RowVersion, Value::Int(v)) => {
            out.push(b'"');
            cipher.write_row_version(*v, out);
            out.push(b'"');
        }
        (SoqlType::Json, Value::Text(t)) => {
            out.extend_from_slice(b"{\"json\":");
            out.extend_from_slice(t.as_bytes());
            out.push(b'}');
        }
        (SoqlType::Location | SoqlType::Url | SoqlType::Document | SoqlType::Phone, Value::Text(t)) => {
            out.extend_from_slice(t.as_bytes());
        }
        (t, Value::Text(source)) if t.is_geometry() => out.extend_from_slice(source.as_bytes()),
        (_, Value::Text(t)) => push_json_text(t, out),
        (SoqlType::Number, Value::Int(v)) => push_json_text(&v.to_string(), out),
        (_, Value::Int(v)) => out.extend_from_slice(v.to_string().as_bytes()),
        (_, Value::Real(v)) => {
            if v.is_finite() {
                out.extend_from_slice(double(*v).as_bytes());
            } else {
                push_json_text(&double(*v), out);
            }
        }
    }
}

/// A double as Java prints it.
fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let mut out = String::new();
    geometry::push_double(value, &mut out);
    out
}

/// Appends a text as JSON; runs without anything to escape are copied whole.
pub fn push_json_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// Appends the plain text of a value; nothing for null.
pub fn write_text(soql_type: SoqlType, value: &Value<'_>, cipher: &RowIdCipher, out: &mut String) {
    let mut bytes = Vec::new();
    match (soql_type, value) {
        (_, Value::Null) => {}
        (SoqlType::FloatingTimestamp, Value::Int(ms)) => timestamp::write(*ms, &mut bytes),
        (SoqlType::FixedTimestamp, Value::Int(ms)) => {
            timestamp::write(*ms, &mut bytes);
            bytes.push(b'Z');
        }
        (SoqlType::RowIdentifier, Value::Int(v)) => cipher.write_row_id(*v, &mut bytes),
        (SoqlType::RowVersion, Value::Int(v)) => cipher.write_row_version(*v, &mut bytes),
        (SoqlType::Boolean, Value::Int(v)) => out.push_str(if *v == 0 { "false" } else { "true" }),
        (SoqlType::Url, Value::Text(t)) => url_text(t, out),
        (SoqlType::Location, Value::Text(t)) => location::print(&members(t), out),
        (SoqlType::Document, Value::Text(t)) => document_text(t, out),
        (SoqlType::Phone, Value::Text(t)) => phone_text(t, out),
        (t, Value::Text(source)) if t.is_geometry() => geometry::to_wkt(t, source, out),
        (_, Value::Text(t)) => out.push_str(t),
        (_, Value::Int(v)) => out.push_str(&v.to_string()),
        (_, Value::Real(v)) => out.push_str(&double(*v)),
    }
    out.push_str(std::str::from_utf8(&bytes).unwrap_or(""));
}

/// Appends one CSV cell: quoted, quotes doubled, nothing for null.
pub fn write_csv(soql_type: SoqlType, value: &Value<'_>, cipher: &RowIdCipher, out: &mut Vec<u8>) {
    if *value == Value::Null {
        return;
    }
    out.push(b'"');
    if let (SoqlType::Text | SoqlType::Number, Value::Text(t)) = (soql_type, value) {
        push_doubled(t, out);
    } else {
        let mut text = String::new();
        write_text(soql_type, value, cipher, &mut text);
        push_doubled(object_unless_read_back(soql_type, value, &text, cipher).unwrap_or(&text), out);
    }
    out.push(b'"');
}

/// The JSON of an object whose plain text would be read as another value (ours): production prints a
/// description without a link, or an address with a comma in its city, like anything else.
fn object_unless_read_back<'v>(
    soql_type: SoqlType,
    value: &'v Value<'_>,
    text: &str,
    cipher: &RowIdCipher,
) -> Option<&'v str> {
    use SoqlType::{Document, Location, Phone, Url};
    let (Location | Url | Document | Phone, Value::Text(stored)) = (soql_type, value) else {
        return None;
    };
    let rules = Rules { strict_types: false, id_cipher: cipher };
    let same = from_csv(soql_type, text, &rules).is_ok_and(|read| read.stored == *value);
    (!same).then_some(stored.as_ref())
}

fn push_doubled(text: &str, out: &mut Vec<u8>) {
    let mut pieces = text.split('"');
    out.extend_from_slice(pieces.next().unwrap_or("").as_bytes());
    for piece in pieces {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(piece.as_bytes());
    }
}

fn members(stored: &str) -> Map<String, Json> {
    serde_json::from_str(stored).unwrap_or_default()
}

fn member<'m>(map: &'m Map<String, Json>, name: &str) -> &'m str {
    map.get(name).and_then(Json::as_str).unwrap_or("")
}

/// `description (url)`, or the part that exists.
fn url_text(stored: &str, out: &mut String) {
    let map = members(stored);
    match (member(&map, "description"), member(&map, "url")) {
        ("", url) => out.push_str(url),
        (description, "") => out.push_str(description),
        (description, url) => out.push_str(&format!("{description} ({url})")),
    }
}

/// What is printed of a document's names stands as in a form (source).
const FORM: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');

fn document_text(stored: &str, out: &mut String) {
    let map = members(stored);
    out.push_str(member(&map, "file_id"));
    let mut separator = '?';
    for name in ["filename", "content_type"] {
        if !member(&map, name).is_empty() {
            let value = utf8_percent_encode(member(&map, name), &FORM).to_string().replace(' ', "+");
            out.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
    }
}

fn phone_text(stored: &str, out: &mut String) {
    let map = members(stored);
    match (member(&map, "phone_type"), member(&map, "phone_number")) {
        ("", number) => out.push_str(number),
        (kind, number) => out.push_str(&format!("{kind}: {number}")),
    }
}
