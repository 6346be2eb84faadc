//! Postal addresses of the United States, and the old type location.

use super::Work::{self, Open, Strict};
use super::call::{Call, failed, made, string, unconvertible};
use super::shapes::{broken, written};
use super::web::member;
use super::{Class, Function, entry};
use crate::shape;
use crate::soda::value::{JsonToken, from_json, push_double};
use crate::soda::{SoqlType, Value};
use crate::transform::{Cell, DataError};
use geo::{Geometry, Point};
use serde_json::{Map, Value as Json, json};

const fn located(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, Work)],
) -> Function {
    Function { class: Class::Geometry, ..entry(name, doc, example, overloads) }
}

const EXAMPLE: &str = "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818', to_point('POINT (42 42)'))";

pub const TABLE: &[Function] = &[
    entry(
        "parse_address",
        "The street of a postal address.",
        "parse_address('123 Main St, Sometown, NY 12345')",
        &[("text -> text", Strict(|_, a| part(a, |address| address.street)))],
    ),
    entry(
        "parse_city",
        "The city of a postal address.",
        "parse_city('123 Main St, Sometown, NY 12345')",
        &[("text -> text", Strict(|_, a| part(a, |address| address.city)))],
    ),
    entry(
        "parse_state",
        "The state of a postal address.",
        "parse_state('123 Main St, Sometown, NY 12345')",
        &[("text -> text", Strict(|_, a| part(a, |address| address.state)))],
    ),
    entry(
        "parse_zip",
        "The ZIP code of a postal address.",
        "parse_zip('123 Main St, Sometown, NY 12345')",
        &[("text -> text", Strict(|_, a| part(a, |address| address.zip)))],
    ),
    entry(
        "parse_point",
        "The point that stands as (latitude, longitude) behind an address, or alone.",
        "parse_point('(47.610, -122.333)')",
        &[("text -> point", Strict(parse_point))],
    ),
    located(
        "make_location",
        "A location of street, city, state, ZIP code and point, or of some of them (deprecated).",
        EXAMPLE,
        &[
            ("text text text text point -> location", Open(make_location)),
            ("text text text text -> location", Open(make_location)),
            ("point -> location", Strict(|_, a| location(&Map::new(), point_of(&a[0])?))),
        ],
    ),
    located(
        "to_location",
        "The location of a postal address (deprecated).",
        "to_location('350 5th Ave, New York, NY 10118')",
        &[
            ("location -> location", Strict(|_, a| Ok(std::mem::replace(&mut a[0], Value::Null)))),
            ("text -> location", Strict(to_location)),
        ],
    ),
    located(
        "location_to_point",
        "The point of a location.",
        "location_to_point(make_location('3331 39th Ave', 'Vancouver', 'WA', '98818', to_point('POINT (42 42)')))",
        &[("location -> point", Strict(|_, a| location_point(a)))],
    ),
    located(
        "location_point",
        "The point of a location; written as a field, location.point.",
        "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818', to_point('POINT (42 42)')).point",
        &[("location -> point", Strict(|_, a| location_point(a)))],
    ),
    located(
        "location_address",
        "The street of a location; written as a field, location.address.",
        "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818').address",
        &[("location -> text", Strict(|_, a| location_part(a, "address")))],
    ),
    located(
        "location_city",
        "The city of a location; written as a field, location.city.",
        "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818').city",
        &[("location -> text", Strict(|_, a| location_part(a, "city")))],
    ),
    located(
        "location_state",
        "The state of a location; written as a field, location.state.",
        "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818').state",
        &[("location -> text", Strict(|_, a| location_part(a, "state")))],
    ),
    located(
        "location_zip",
        "The ZIP code of a location; written as a field, location.zip.",
        "make_location('3331 39th Ave', 'Vancouver', 'WA', '98818').zip",
        &[("location -> text", Strict(|_, a| location_part(a, "zip")))],
    ),
];

/// A postal address in its parts.
struct Address<'t> {
    street: &'t str,
    city: &'t str,
    state: &'t str,
    zip: &'t str,
}

/// An address, and the `(latitude, longitude)` behind it.
fn split(text: &str) -> (&str, Option<Point>) {
    let text = text.trim();
    let Some((before, pair)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) else {
        return (text, None);
    };
    let point = pair.split_once(',').and_then(|(latitude, longitude)| {
        let degrees = |text: &str| text.trim().parse::<f64>().ok().filter(|degrees| degrees.is_finite());
        Some(Point::new(degrees(longitude)?, degrees(latitude)?))
    });
    match point {
        Some(point) => (before.trim(), Some(point)),
        None => (text, None),
    }
}

/// Street, a comma or a new line, city, a comma, two letters of the state, ZIP code.
fn address(text: &str) -> Option<Address<'_>> {
    let (text, _) = split(text);
    let (front, back) = text.rsplit_once(',')?;
    let (state, zip) = back.trim().split_once(char::is_whitespace)?;
    let zip = zip.trim();
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_zip = match zip.split_once('-') {
        Some((five, four)) => digits(five, 5) && digits(four, 4),
        None => digits(zip, 5),
    };
    if state.len() != 2 || !state.bytes().all(|b| b.is_ascii_alphabetic()) || !is_zip {
        return None;
    }
    let (street, city) = front.rsplit_once(['\n', ','])?;
    let street = street.trim().trim_end_matches(',');
    (!street.is_empty() && !city.trim().is_empty()).then(|| Address { street, city: city.trim(), state, zip })
}

fn no_address(text: &str) -> Box<DataError> {
    failed(
        "address_parse_failed",
        format!("Unable to parse an address from \"{text}\""),
        json!({ "value": text }),
    )
}

fn part<'v>(arguments: &[Value<'v>], which: for<'t> fn(Address<'t>) -> &'t str) -> Cell<'v> {
    let text = string(&arguments[0]);
    let address = address(text).ok_or_else(|| no_address(text))?;
    made(which(address).to_owned())
}

fn parse_point<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = string(&arguments[0]);
    let (_, point) = split(text);
    written(&point.ok_or_else(|| no_address(text))?.into())
}

fn to_location<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = string(&arguments[0]);
    let (_, point) = split(text);
    let mut parts = Map::new();
    match address(text) {
        Some(Address { street, city, state, zip }) => {
            for (name, part) in [("address", street), ("city", city), ("state", state), ("zip", zip)] {
                parts.insert(name.to_owned(), part.into());
            }
        }
        None if point.is_some() => {}
        None => return Err(unconvertible(text, SoqlType::Text, SoqlType::Location)),
    }
    location(&parts, point)
}

fn point_of(value: &Value<'_>) -> Result<Option<Point>, Box<DataError>> {
    if value.is_null() {
        return Ok(None);
    }
    match super::shapes::read(value)? {
        Geometry::Point(point) => Ok(Some(point)),
        _ => Ok(None),
    }
}

/// Null when nothing is known; else of what is known.
fn make_location<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if arguments.iter().all(Value::is_null) {
        return Ok(Value::Null);
    }
    let mut parts = Map::new();
    for (name, part) in ["address", "city", "state", "zip"].iter().zip(arguments.iter()) {
        if !part.is_null() {
            parts.insert((*name).to_owned(), string(part).into());
        }
    }
    location(&parts, arguments.get(4).map_or(Ok(None), point_of)?)
}

/// A location as columns hold it.
pub fn location<'v>(address: &Map<String, Json>, point: Option<Point>) -> Cell<'v> {
    let mut members = Map::new();
    if let Some(point) = point {
        for (name, degrees) in [("latitude", point.y()), ("longitude", point.x())] {
            let mut text = String::new();
            push_double(degrees, &mut text);
            members.insert(name.to_owned(), text.into());
        }
    }
    if !address.is_empty() {
        members.insert("human_address".to_owned(), Json::Object(address.clone()));
    }
    let text = Json::Object(members).to_string();
    match from_json(SoqlType::Location, JsonToken::Composite(&text), &super::call::rules()) {
        Ok(read) => Ok(read.stored.into_owned()),
        Err(_) => Err(unconvertible(&text, SoqlType::Text, SoqlType::Location)),
    }
}

/// The parts of a location's address.
pub fn parts_of(value: &Value<'_>) -> Map<String, Json> {
    let parts = member(std::slice::from_ref(value), "human_address");
    parts.ok().and_then(|parts| serde_json::from_str(string(&parts)).ok()).unwrap_or_default()
}

fn location_part<'v>(arguments: &[Value<'v>], name: &str) -> Cell<'v> {
    let part = parts_of(&arguments[0]).get(name).and_then(Json::as_str).map(str::to_owned);
    Ok(part.filter(|part| !part.is_empty()).map_or(Value::Null, Value::from))
}

fn location_point<'v>(arguments: &[Value<'v>]) -> Cell<'v> {
    shape::location_point(string(&arguments[0]))
        .map_err(broken)?
        .map_or(Ok(Value::Null), |point| written(&point.into()))
}
