//! Values that are objects: url, document, phone, json.

use super::{JsonToken, Read, Refused, Value, Warning, text};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};

pub(super) fn object(source: &str) -> Result<Map<String, Json>, Refused> {
    match serde_json::from_str(source) {
        Ok(Json::Object(map)) => Ok(map),
        _ => Err(Refused),
    }
}

/// The members that are texts, in this order; other members are ignored.
fn texts(map: &Map<String, Json>, names: &[&str]) -> Map<String, Json> {
    names
        .iter()
        .filter_map(|name| map.get(*name).filter(|v| v.is_string()).map(|v| ((*name).to_owned(), v.clone())))
        .collect()
}

/// An object of these members. One that has others only is stored empty (source).
fn members(source: &str, names: &'static [&'static str]) -> Result<Read<'static>, Refused> {
    let map = object(source)?;
    let read = texts(&map, names);
    let lost = read.is_empty() && map.values().any(|value| !value.is_null());
    Ok(Read { stored: stored(read), warning: lost.then_some(Warning::NoMember(names)) })
}

pub(super) fn stored(map: Map<String, Json>) -> Value<'static> {
    text(Json::Object(map).to_string())
}

/// A url: an object, or a bare text (upstream stores null for it; wire contract).
pub(super) fn url(token: JsonToken<'_>) -> Result<Read<'static>, Refused> {
    match token {
        JsonToken::Composite(source) => members(source, &URL),
        JsonToken::Text(bare) => {
            Ok(Read { stored: text(json!({ "url": bare }).to_string()), warning: Some(Warning::BareUrl) })
        }
        _ => Err(Refused),
    }
}

/// A cell that holds the JSON of an object, as cells are printed whose plain text would be read as
/// something else.
fn json_cell(cell: &str, names: &[&str]) -> Option<Read<'static>> {
    let map = cell.starts_with('{').then(|| object(cell).ok()).flatten()?;
    map.keys().all(|name| names.contains(&name.as_str())).then(|| stored(texts(&map, names)).into())
}

const URL: [&str; 2] = ["url", "description"];
const DOCUMENT: [&str; 3] = ["file_id", "content_type", "filename"];
const PHONE: [&str; 2] = ["phone_number", "phone_type"];

/// `text (url)`, or a url alone.
pub(super) fn csv_url(cell: &str) -> Read<'static> {
    if let Some(read) = json_cell(cell, &URL) {
        return read;
    }
    let split = cell.strip_suffix(')').and_then(|c| c.rsplit_once(" ("));
    match split {
        Some((description, url)) => {
            text(json!({ "url": url, "description": description }).to_string()).into()
        }
        None => text(json!({ "url": cell }).to_string()).into(),
    }
}

/// A document needs its `file_id`.
pub(super) fn document(source: &str) -> Result<Read<'static>, Refused> {
    let map = texts(&object(source)?, &DOCUMENT);
    if map.contains_key("file_id") { Ok(stored(map).into()) } else { Err(Refused) }
}

/// `file_id?filename=…&content_type=…`, as it is printed (source); or the file's id alone.
pub(super) fn csv_document(cell: &str) -> Read<'static> {
    if let Some(read) = json_cell(cell, &DOCUMENT) {
        return read;
    }
    let (id, rest) = cell.split_once('?').unwrap_or((cell, ""));
    let decoded = |value: &str| percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs: Vec<_> = rest.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let mut map = Map::new();
    map.insert("file_id".to_owned(), id.into());
    for name in &DOCUMENT[1..] {
        if let Some((_, value)) = pairs.iter().find(|(n, _)| n == name) {
            map.insert((*name).to_owned(), decoded(value).into());
        }
    }
    stored(map).into()
}

/// A phone number: an object, or a bare text, which upstream stores as null.
pub(super) fn phone(token: JsonToken<'_>) -> Result<Read<'static>, Refused> {
    match token {
        JsonToken::Composite(source) => members(source, &PHONE),
        JsonToken::Text(bare) => Ok(Read {
            stored: text(json!({ "phone_number": bare }).to_string()),
            warning: Some(Warning::BarePhone),
        }),
        _ => Err(Refused),
    }
}

/// `Type: number`, as it is printed (source); or the number alone.
pub(super) fn csv_phone(cell: &str) -> Read<'static> {
    if let Some(read) = json_cell(cell, &PHONE) {
        return read;
    }
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(char::is_alphabetic);
    let map = match cell.split_once(": ").filter(|(word, _)| is_word(word)) {
        Some((kind, number)) => json!({ "phone_number": number, "phone_type": kind }),
        None => json!({ "phone_number": cell }),
    };
    text(map.to_string()).into()
}

/// `{"json": ANY}`; what is inside is kept as compact text.
pub(super) fn json(source: &str) -> Result<Read<'static>, Refused> {
    let map = object(source)?;
    Ok(text(map.get("json").ok_or(Refused)?.to_string()).into())
}

pub(super) fn csv_json(cell: &str) -> Result<Read<'static>, Refused> {
    let value: Json = serde_json::from_str(cell).map_err(|_| Refused)?;
    Ok(text(value.to_string()).into())
}
