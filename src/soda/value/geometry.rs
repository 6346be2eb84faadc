//! Geometries: GeoJSON and WKT in, GeoJSON with doubles as Java prints them out (source).

use super::{Read, Refused, Warning, text};
use crate::soda::SoqlType;
use serde::Deserialize;
use serde_json::Value;

/// How deep the coordinates of each type nest, its GeoJSON and its WKT name.
pub(super) fn shape(soql_type: SoqlType) -> (usize, &'static str, &'static str) {
    match soql_type {
        SoqlType::MultiPoint => (1, "MultiPoint", "MULTIPOINT"),
        SoqlType::Line => (1, "LineString", "LINESTRING"),
        SoqlType::MultiLine => (2, "MultiLineString", "MULTILINESTRING"),
        SoqlType::Polygon => (2, "Polygon", "POLYGON"),
        SoqlType::MultiPolygon => (3, "MultiPolygon", "MULTIPOLYGON"),
        _ => (0, "Point", "POINT"),
    }
}

/// Coordinates: a position or a list.
#[derive(Debug, PartialEq)]
enum Coordinates {
    Position(Vec<f64>),
    List(Vec<Coordinates>),
}

/// A point as most are sent; anything else is read the long way.
#[derive(Deserialize)]
struct PlainPoint<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    coordinates: [f64; 2],
}

fn plain_point(x: f64, y: f64) -> Read<'static> {
    let mut out = String::with_capacity(64);
    out.push_str("{\"type\":\"Point\",\"coordinates\":[");
    push_double(x, &mut out);
    out.push(',');
    push_double(y, &mut out);
    out.push_str("]}");
    Read { stored: text(out), warning: Warning::of_degrees(y, x) }
}

/// The stored form of a GeoJSON object of this type.
pub(super) fn from_geojson(soql_type: SoqlType, source: &str) -> Result<Read<'static>, Refused> {
    if soql_type == SoqlType::Point
        && let Ok(PlainPoint { name: "Point", coordinates: [x, y] }) = serde_json::from_str(source)
        && x.is_finite()
        && y.is_finite()
    {
        return Ok(plain_point(x, y));
    }
    finish(soql_type, &geojson(soql_type, source)?)
}

fn geojson(soql_type: SoqlType, source: &str) -> Result<Coordinates, Refused> {
    let value: Value = serde_json::from_str(source).map_err(|_| Refused)?;
    let (depth, name, _) = shape(soql_type);
    if value.get("type").and_then(Value::as_str) != Some(name) {
        return Err(Refused);
    }
    read(value.get("coordinates").ok_or(Refused)?, depth)
}

/// The GeoJSON of a geometry in WKT that may be none that can be stored: its lines may be too short and its rings
/// open.
pub(super) fn unchecked(soql_type: SoqlType, source: &str) -> Result<String, Refused> {
    Ok(printed(soql_type, &wkt(soql_type, source)?))
}

/// Why a geometry in GeoJSON cannot be stored.
pub(super) fn fault(soql_type: SoqlType, source: &str) -> Option<&'static str> {
    match geojson(soql_type, source) {
        Ok(coordinates) => check(soql_type, &coordinates).err(),
        Err(Refused) => Some("It is not GeoJSON of this type"),
    }
}

fn read(value: &Value, depth: usize) -> Result<Coordinates, Refused> {
    let list = value.as_array().ok_or(Refused)?;
    if depth > 0 {
        return Ok(Coordinates::List(list.iter().map(|v| read(v, depth - 1)).collect::<Result<_, _>>()?));
    }
    let position: Vec<f64> =
        list.iter().map(|v| v.as_f64().filter(|f| f.is_finite()).ok_or(Refused)).collect::<Result<_, _>>()?;
    if (2..=3).contains(&position.len()) { Ok(Coordinates::Position(position)) } else { Err(Refused) }
}

fn finish(soql_type: SoqlType, coordinates: &Coordinates) -> Result<Read<'static>, Refused> {
    check(soql_type, coordinates).map_err(|_| Refused)?;
    Ok(Read { stored: text(printed(soql_type, coordinates)), warning: warning(coordinates) })
}

fn printed(soql_type: SoqlType, coordinates: &Coordinates) -> String {
    let (_, name, _) = shape(soql_type);
    let mut out = format!("{{\"type\":\"{name}\",\"coordinates\":");
    print(coordinates, &mut out);
    out.push('}');
    out
}

/// The first thing that is odd about any position.
fn warning(coordinates: &Coordinates) -> Option<Warning> {
    match coordinates {
        Coordinates::Position(position) => match position.as_slice() {
            [longitude, latitude, ..] => Warning::of_degrees(*latitude, *longitude),
            _ => None,
        },
        Coordinates::List(items) => items.iter().find_map(warning),
    }
}

/// Lines have two positions, rings are closed and have four (source: JTS refuses others). The sentences are
/// those of transforms (documented for exteriors).
fn check(soql_type: SoqlType, coordinates: &Coordinates) -> Result<(), &'static str> {
    let Coordinates::List(items) = coordinates else { return Ok(()) };
    match soql_type {
        SoqlType::Line if items.len() < 2 => Err("LineString does not have >= 2 coordinates."),
        SoqlType::MultiLine => items.iter().try_for_each(|line| check(SoqlType::Line, line)),
        SoqlType::Polygon => {
            if items.is_empty() {
                return Err("Polygon has no Exterior.");
            }
            items.iter().enumerate().try_for_each(|(at, positions)| match positions {
                Coordinates::List(ring) if ring.len() >= 4 && ring.first() == ring.last() => Ok(()),
                _ if at == 0 => Err(OPEN_EXTERIOR),
                _ => Err(OPEN_INTERIOR),
            })
        }
        SoqlType::MultiPolygon => items.iter().try_for_each(|polygon| check(SoqlType::Polygon, polygon)),
        _ => Ok(()),
    }
}

const OPEN_EXTERIOR: &str = "Polygon Exterior is not closed or does not have >= 4 coordinates. See the repair_geometry function to fix this.";
const OPEN_INTERIOR: &str = "Polygon Interior is not closed or does not have >= 4 coordinates. See the repair_geometry function to fix this.";

fn print(coordinates: &Coordinates, out: &mut String) {
    out.push('[');
    match coordinates {
        Coordinates::Position(position) => {
            for (index, ordinate) in position.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_double(*ordinate, out);
            }
        }
        Coordinates::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                print(item, out);
            }
        }
    }
    out.push(']');
}

/// A double as Java prints it: `47.0`, shortest digits, an exponent outside 1e-3 to 1e7.
pub fn push_double(value: f64, out: &mut String) {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let text = format!("{value:E}");
        let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
        out.push_str(mantissa);
        if !mantissa.contains('.') {
            out.push_str(".0");
        }
        out.push('E');
        out.push_str(exponent);
        return;
    }
    out.push_str(ryu::Buffer::new().format(value));
}

/// A point from two decimal texts.
pub(super) fn point(longitude: &str, latitude: &str) -> Result<Read<'static>, Refused> {
    let ordinate = |t: &str| t.parse::<f64>().ok().filter(|f| f.is_finite()).ok_or(Refused);
    finish(SoqlType::Point, &Coordinates::Position(vec![ordinate(longitude)?, ordinate(latitude)?]))
}

/// The stored form of a WKT text of this type.
pub(super) fn from_wkt(soql_type: SoqlType, source: &str) -> Result<Read<'static>, Refused> {
    finish(soql_type, &wkt(soql_type, source)?)
}

fn wkt(soql_type: SoqlType, source: &str) -> Result<Coordinates, Refused> {
    let (depth, _, name) = shape(soql_type);
    let source = source.trim();
    let head = source.get(..name.len()).filter(|h| h.eq_ignore_ascii_case(name)).ok_or(Refused)?;
    let mut rest = source[head.len()..].trim_start();
    if rest.get(..1).is_some_and(|z| z.eq_ignore_ascii_case("z")) {
        rest = rest[1..].trim_start();
    }
    if depth > 0 && rest.eq_ignore_ascii_case("EMPTY") {
        return Ok(Coordinates::List(Vec::new()));
    }
    let mut wkt = Wkt { rest };
    let coordinates = wkt.list_or_position(soql_type, depth)?;
    if wkt.rest.trim().is_empty() { Ok(coordinates) } else { Err(Refused) }
}

struct Wkt<'a> {
    rest: &'a str,
}

impl Wkt<'_> {
    fn eat(&mut self, byte: char) -> bool {
        let trimmed = self.rest.trim_start();
        match trimmed.strip_prefix(byte) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn list_or_position(&mut self, soql_type: SoqlType, depth: usize) -> Result<Coordinates, Refused> {
        if !self.eat('(') {
            return Err(Refused);
        }
        if depth == 0 {
            let position = self.position()?;
            return if self.eat(')') { Ok(position) } else { Err(Refused) };
        }
        let mut items = Vec::new();
        loop {
            items.push(match depth {
                1 if soql_type == SoqlType::MultiPoint && self.rest.trim_start().starts_with('(') => {
                    self.list_or_position(soql_type, 0)?
                }
                1 => self.position()?,
                _ => self.list_or_position(soql_type, depth - 1)?,
            });
            if !self.eat(',') {
                break;
            }
        }
        if self.eat(')') { Ok(Coordinates::List(items)) } else { Err(Refused) }
    }

    fn position(&mut self) -> Result<Coordinates, Refused> {
        let end = self.rest.find([',', '(', ')']).ok_or(Refused)?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        let position: Vec<f64> = text
            .split_ascii_whitespace()
            .map(|t| t.parse::<f64>().ok().filter(|f| f.is_finite()).ok_or(Refused))
            .collect::<Result<_, _>>()?;
        if (2..=3).contains(&position.len()) { Ok(Coordinates::Position(position)) } else { Err(Refused) }
    }
}

/// WKT in JTS style of a stored geometry.
pub(super) fn to_wkt(soql_type: SoqlType, stored: &str, out: &mut String) {
    let (depth, _, name) = shape(soql_type);
    out.push_str(name);
    out.push(' ');
    let coordinates = serde_json::from_str::<Value>(stored)
        .ok()
        .and_then(|v| v.get("coordinates").and_then(|c| read(c, depth).ok()));
    let coordinates = match coordinates {
        Some(Coordinates::List(items)) if items.is_empty() => None,
        other => other,
    };
    let Some(coordinates) = coordinates else {
        out.push_str("EMPTY");
        return;
    };
    if let Coordinates::Position(_) = coordinates {
        out.push('(');
        wkt_part(&coordinates, soql_type, out);
        out.push(')');
    } else {
        wkt_part(&coordinates, soql_type, out);
    }
}

fn wkt_part(coordinates: &Coordinates, soql_type: SoqlType, out: &mut String) {
    match coordinates {
        Coordinates::Position(position) => {
            for (index, ordinate) in position.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                // JTS leaves out a fraction of zero.
                let mut text = String::new();
                push_double(*ordinate, &mut text);
                out.push_str(text.strip_suffix(".0").unwrap_or(&text));
            }
        }
        Coordinates::List(items) => {
            out.push('(');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                let wrapped = soql_type == SoqlType::MultiPoint && matches!(item, Coordinates::Position(_));
                if wrapped {
                    out.push('(');
                }
                wkt_part(item, soql_type, out);
                if wrapped {
                    out.push(')');
                }
            }
            out.push(')');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geojson_and_wkt_give_the_same() {
        use crate::soda::value::read_geometry as read;
        let a = read(SoqlType::Point, r#"{"type":"Point","coordinates":[-117.6,41],"crs":{}}"#).unwrap();
        assert_eq!(a, r#"{"type":"Point","coordinates":[-117.6,41.0]}"#);
        assert_eq!(read(SoqlType::Point, "POINT (-117.6 41)").unwrap(), a);
        let polygon = read(SoqlType::Polygon, "polygon((0 0,1 0,1 1,0 0))").unwrap();
        let mut wkt = String::new();
        to_wkt(SoqlType::Polygon, &polygon, &mut wkt);
        assert_eq!(wkt, "POLYGON ((0 0, 1 0, 1 1, 0 0))");
        assert!(from_wkt(SoqlType::Polygon, "POLYGON((0 0,1 0,1 1))").is_err());
        assert!(from_wkt(SoqlType::Point, "POINT (1").is_err());
        assert!(from_geojson(SoqlType::Point, r#"{"type":"Point"}"#).is_err());
        assert!(from_geojson(SoqlType::Point, r#"{"type":"Point","coordinates":["1",2]}"#).is_err());
    }
}
