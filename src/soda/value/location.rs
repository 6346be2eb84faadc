//! Locations: latitude, longitude and a postal address.

use super::composite::{object, stored};
use super::{Read, Value, Warning, number, stands_for_missing};
use serde_json::{Map, Value as Json};

/// The parts of an address in the order in which they are stored and printed.
const PARTS: [&str; 4] = ["address", "city", "state", "zip"];

/// A location object. All members are optional; one that cannot be read becomes null (source), which is
/// told in a warning (wire contract).
pub(super) fn from_object(source: &str) -> Result<Read<'static>, super::Refused> {
    let map = object(source)?;
    let mut out = Map::new();
    let mut dropped = false;
    for name in ["latitude", "longitude"] {
        let part = match map.get(name) {
            None | Some(Json::Null) => continue,
            Some(Json::String(t)) => number::canonical(t).ok().map(std::borrow::Cow::into_owned),
            Some(Json::Number(_)) => source_number(source, name),
            Some(_) => None,
        };
        match part {
            Some(number) => drop(out.insert(name.to_owned(), number.into())),
            None => dropped = true,
        }
    }
    let address = match map.get("human_address") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(serde_json::from_str(text).unwrap_or(Json::Null)),
        Some(other) => Some(other.clone()),
    };
    if let Some(address) = address {
        match address.as_object() {
            Some(parts) => {
                let (printed, whole) = human_address(parts);
                dropped |= !whole;
                out.insert("human_address".to_owned(), printed.into());
            }
            None => dropped = true,
        }
    }
    // Names of other systems stand in the place of our own. The old back end had two more.
    const KNOWN: [&str; 5] = ["latitude", "longitude", "human_address", "needs_recoding", "machine_address"];
    let known = |name: &String| KNOWN.contains(&name.as_str());
    dropped |= !out.contains_key("latitude") && !map.keys().all(known);
    let warning = match (dropped, out.is_empty()) {
        (false, _) => degrees(&out),
        (true, true) if map.contains_key("coordinates") || map.contains_key("geometry") => {
            Some(Warning::GeoJsonLocation)
        }
        (true, true) => Some(Warning::AllDropped),
        (true, false) => Some(Warning::PartDropped),
    };
    Ok(Read { stored: stored(out), warning })
}

fn degrees(map: &Map<String, Json>) -> Option<Warning> {
    let degrees = |name: &str| map.get(name)?.as_str()?.parse::<f64>().ok();
    Warning::of_degrees(degrees("latitude").unwrap_or(0.0), degrees("longitude").unwrap_or(0.0))
}

/// A number member with its digits as sent.
fn source_number(source: &str, name: &str) -> Option<String> {
    let raw: std::collections::HashMap<String, &serde_json::value::RawValue> =
        serde_json::from_str(source).ok()?;
    number::canonical(raw.get(name)?.get()).ok().map(std::borrow::Cow::into_owned)
}

/// The address as production prints it: a blank after `:` and `,`, empty parts as ""; and whether
/// nothing of what was sent is missing in it. A number is the text of its digits: a zip code may come so.
fn human_address(address: &Map<String, Json>) -> (String, bool) {
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let parts = PARTS.map(|name| {
        let part = address.get(name).and_then(text).unwrap_or_default();
        format!("\"{name}\": {}", Json::from(part))
    });
    let lost = |(name, value): (&String, &Json)| {
        !value.is_null() && (!PARTS.contains(&name.as_str()) || text(value).is_none())
    };
    (format!("{{{}}}", parts.join(", ")), !address.iter().any(lost))
}

/// What stands before `(latitude, longitude)` at the end of a text, and the two numbers.
pub(super) fn pair(text: &str) -> Option<(&str, String, String)> {
    let (before, inner) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let (latitude, longitude) = inner.split_once(',')?;
    let read = |t: &str| number::canonical(t.trim()).ok().map(std::borrow::Cow::into_owned);
    Some((before, read(latitude)?, read(longitude)?))
}

/// A cell, or a text of JSON: `(lat, lon)`, `address (lat, lon)`, an address alone, or the JSON of an
/// object. The address may span lines (documented).
pub(super) fn from_text(text: &str) -> Read<'static> {
    if text.trim().is_empty() {
        return Read { stored: Value::Null, warning: Some(Warning::EmptyLocation) };
    }
    if text.trim_start().starts_with('{')
        && let Ok(read) = from_object(text)
    {
        return read;
    }
    let text = text.replace("\r\n", "\n");
    let mut map = Map::new();
    let address = match pair(&text) {
        Some((before, latitude, longitude)) => {
            map.insert("latitude".into(), latitude.into());
            map.insert("longitude".into(), longitude.into());
            before.strip_suffix('\n').unwrap_or_else(|| before.trim_end())
        }
        None => text.as_str(),
    };
    let placed = !map.is_empty();
    if !address.trim().is_empty() {
        map.insert("human_address".into(), human_address(&address_parts(address)).0.into());
    }
    let warning = match placed {
        true if is_wkt(address) => Some(Warning::WktPair),
        true => degrees(&map),
        false => Some(not_geocoded(&text)),
    };
    Read { stored: stored(map), warning }
}

/// Whether a text begins with a word of WKT.
fn is_wkt(text: &str) -> bool {
    let text = text.trim();
    let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    let kinds = ["POINT", "MULTIPOINT", "LINESTRING", "POLYGON", "MULTIPOLYGON", "SRID"];
    kinds.iter().any(|kind| kind.eq_ignore_ascii_case(&word))
        && (text.len() == word.len() || text.contains(['(', ';']))
}

fn not_geocoded(text: &str) -> Warning {
    if stands_for_missing(text) {
        return Warning::MissingWord;
    }
    let is_pair = || {
        let (a, b) = text.split_once(',')?;
        Some(a.trim().parse::<f64>().is_ok() && b.trim().parse::<f64>().is_ok())
    };
    match is_wkt(text) {
        true if text.contains(['(', ';']) => Warning::NotGeocodedWkt,
        _ if is_pair() == Some(true) => Warning::NotGeocodedPair,
        _ => Warning::NotGeocoded,
    }
}

/// `street⏎city, state zip` into its parts; a text of one line is the street.
fn address_parts(address: &str) -> Map<String, Json> {
    let (street, region) = address.rsplit_once('\n').map_or((address, None), |(s, r)| (s, Some(r)));
    let region =
        region.map_or(("", "", ""), |region| printed_region(region).unwrap_or_else(|| typed_region(region)));
    let street = if region == ("", "", "") && !address.contains('\n') { street.trim() } else { street };
    PARTS
        .into_iter()
        .zip([street, region.0, region.1, region.2])
        .map(|(n, v)| (n.to_owned(), v.into()))
        .collect()
}

/// `city, state zip` exactly as it is printed.
fn printed_region(region: &str) -> Option<(&str, &str, &str)> {
    let (left, zip) = region.rsplit_once(' ')?;
    let (city, state) = left.rsplit_once(", ")?;
    let is_zip = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let plausible = if zip.is_empty() { !state.split(' ').any(is_zip) } else { is_zip(zip) };
    plausible.then_some((city, state, zip))
}

/// The same as people type it.
fn typed_region(region: &str) -> (&str, &str, &str) {
    let (city, region) = region.trim().split_once(',').unwrap_or((region.trim(), ""));
    let region = region.trim();
    let (state, zip) = match region.rsplit_once(' ') {
        Some((state, zip)) if zip.contains(|c: char| c.is_ascii_digit()) => (state, zip),
        _ => (region, ""),
    };
    (city.trim(), state.trim(), zip)
}

/// `address⏎city, state zip⏎(lat, lon)`, as far as there is anything (source).
pub(super) fn print(location: &Map<String, Json>, out: &mut String) {
    let member =
        |map: &Map<String, Json>, name: &str| map.get(name).and_then(Json::as_str).map(str::to_owned);
    let address = member(location, "human_address").and_then(|text| serde_json::from_str(&text).ok());
    let address: Option<Map<String, Json>> = address;
    if let Some(address) = &address {
        for (part, separator) in PARTS.into_iter().zip(["\n", ", ", " ", ""]) {
            if let Some(text) = member(address, part) {
                out.push_str(&text);
                out.push_str(separator);
            }
        }
    }
    if let (Some(latitude), Some(longitude)) = (member(location, "latitude"), member(location, "longitude")) {
        let separator = if out.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{separator}({latitude}, {longitude})"));
    }
}
