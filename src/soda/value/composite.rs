//! Values that are objects: url, location, document, phone, json.

use super::{JsonToken, Read, Refused, Stored, number, text};
use serde_json::{Map, Value, json};

fn object(source: &str) -> Result<Map<String, Value>, Refused> {
    match serde_json::from_str(source) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Refused),
    }
}

/// The members that are texts, in this order; other members are ignored.
fn texts(map: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names
        .iter()
        .filter_map(|name| map.get(*name).filter(|v| v.is_string()).map(|v| ((*name).to_owned(), v.clone())))
        .collect()
}

fn stored(map: Map<String, Value>) -> Stored<'static> {
    text(Value::Object(map).to_string())
}

/// A url: an object, or a bare text (upstream stores null for it; wire contract).
pub(super) fn url(token: JsonToken<'_>) -> Result<Read<'static>, Refused> {
    match token {
        JsonToken::Composite(source) => Ok(stored(texts(&object(source)?, &["url", "description"])).into()),
        JsonToken::Text(bare) => Ok(Read {
            stored: text(json!({ "url": bare }).to_string()),
            warning: Some(
                "a bare text was stored as the url; production stores null for it, so send {\"url\": ...}",
            ),
        }),
        _ => Err(Refused),
    }
}

/// `text (url)`, or a url alone.
pub(super) fn csv_url(cell: &str) -> Read<'static> {
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
    let map = texts(&object(source)?, &["file_id", "content_type", "filename"]);
    if map.contains_key("file_id") { Ok(stored(map).into()) } else { Err(Refused) }
}

/// `file_id?filename=…&content_type=…`, as it is printed (source); or the file's id alone.
pub(super) fn csv_document(cell: &str) -> Read<'static> {
    let (id, rest) = cell.split_once('?').unwrap_or((cell, ""));
    let mut map = Map::new();
    map.insert("file_id".to_owned(), id.into());
    for (name, value) in rest.split('&').filter_map(|pair| pair.split_once('=')) {
        if matches!(name, "filename" | "content_type") {
            map.insert(name.to_owned(), value.into());
        }
    }
    stored(map).into()
}

/// A phone number: an object, or a bare text, which upstream stores as null.
pub(super) fn phone(token: JsonToken<'_>) -> Result<Read<'static>, Refused> {
    match token {
        JsonToken::Composite(source) => {
            Ok(stored(texts(&object(source)?, &["phone_number", "phone_type"])).into())
        }
        JsonToken::Text(bare) => Ok(Read {
            stored: text(json!({ "phone_number": bare }).to_string()),
            warning: Some(
                "a bare text was stored as the phone_number; production stores null for it, so send {\"phone_number\": ...}",
            ),
        }),
        _ => Err(Refused),
    }
}

/// `Type: number`, as it is printed (source); or the number alone.
pub(super) fn csv_phone(cell: &str) -> Read<'static> {
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
    let value: Value = serde_json::from_str(cell).map_err(|_| Refused)?;
    Ok(text(value.to_string()).into())
}

const DROPPED: &str = "a part of the location is not of its kind and was stored as null, as production does";

/// A location: latitude, longitude and human_address, each optional; a wrong part becomes null
/// with a warning (source, wire contract).
pub(super) fn location(source: &str) -> Result<Read<'static>, Refused> {
    let map = object(source)?;
    let mut out = Map::new();
    let mut warning = None;
    for name in ["latitude", "longitude"] {
        let part = match map.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(t)) => number::canonical(t).ok().map(std::borrow::Cow::into_owned),
            Some(Value::Number(_)) => source_number(source, name),
            Some(_) => None,
        };
        match part {
            Some(number) => drop(out.insert(name.to_owned(), number.into())),
            None => warning = Some(DROPPED),
        }
    }
    match map.get("human_address") {
        None | Some(Value::Null) => {}
        Some(Value::String(t)) => match serde_json::from_str::<Value>(t) {
            Ok(Value::Object(address)) => {
                drop(out.insert("human_address".to_owned(), human_address(&address).into()))
            }
            _ => warning = Some(DROPPED),
        },
        Some(Value::Object(address)) => {
            drop(out.insert("human_address".to_owned(), human_address(address).into()))
        }
        Some(_) => warning = Some(DROPPED),
    }
    Ok(Read { stored: stored(out), warning })
}

/// A number member with its digits as sent.
fn source_number(source: &str, name: &str) -> Option<String> {
    let raw: std::collections::HashMap<String, &serde_json::value::RawValue> =
        serde_json::from_str(source).ok()?;
    number::canonical(raw.get(name)?.get()).ok().map(std::borrow::Cow::into_owned)
}

/// The address as production prints it: a blank after `:` and `,`, empty parts as "".
fn human_address(address: &Map<String, Value>) -> String {
    let parts = ["address", "city", "state", "zip"].map(|name| {
        let value = address.get(name).and_then(Value::as_str).unwrap_or("");
        format!("\"{name}\": {}", Value::from(value))
    });
    format!("{{{}}}", parts.join(", "))
}

/// `(a, b)` at the end of a text; both must be numbers.
pub(super) fn pair(cell: &str) -> Option<(String, String)> {
    let inner = cell.trim_end().strip_suffix(')')?;
    let (_, inner) = inner.rsplit_once('(')?;
    let (a, b) = inner.split_once(',')?;
    let read = |t: &str| number::canonical(t.trim()).ok().map(std::borrow::Cow::into_owned);
    Some((read(a)?, read(b)?))
}

/// `(lat, lon)` or `address (lat, lon)`; the address may span lines (documented).
pub(super) fn csv_location(cell: &str) -> Result<Read<'static>, Refused> {
    if cell.trim_start().starts_with('{') {
        return location(cell);
    }
    let (latitude, longitude) = pair(cell).ok_or(Refused)?;
    let mut map = Map::new();
    map.insert("latitude".into(), latitude.into());
    map.insert("longitude".into(), longitude.into());
    let address = cell.rsplit_once('(').map_or("", |(a, _)| a).trim();
    if !address.is_empty() {
        map.insert("human_address".into(), human_address(&split_address(address)).into());
    }
    Ok(stored(map).into())
}

/// `street⏎city, state zip` into its parts; a text of another form is the street.
fn split_address(address: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let Some((street, rest)) = address.split_once('\n') else {
        map.insert("address".into(), address.into());
        return map;
    };
    map.insert("address".into(), street.trim().into());
    let (city, region) = rest.trim().split_once(',').unwrap_or((rest.trim(), ""));
    map.insert("city".into(), city.trim().into());
    let (state, zip) = region.trim().split_once(' ').unwrap_or((region.trim(), ""));
    map.insert("state".into(), state.into());
    map.insert("zip".into(), zip.trim().into());
    map
}
