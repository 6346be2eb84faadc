//! Geometries that are written in another way than their column takes.

use crate::soda::SoqlType;
use crate::soda::value::{geometry_name, read_geometry};
use serde_json::{Map, Value};

/// What is wrong with a geometry.
#[derive(Clone, Debug, PartialEq)]
pub enum GeometryMistake {
    /// A geometry, but of this kind.
    OtherKind(String),
    /// What is meant could be read, written so; the geometry in its stored form.
    Meant(Spelling, String),
    /// A GeoJSON object without coordinates.
    NoCoordinates,
    /// Rings that are not closed or have too few positions.
    Rings,
    /// Coordinates that are no positions.
    Positions,
    /// Something else.
    Other,
}

/// How a geometry was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `(47.6, -122.3)`, latitude first.
    Pair,
    /// An object with latitude and longitude under any of their names.
    Members,
    /// The coordinates of GeoJSON alone.
    Coordinates,
    /// GeoJSON in a text.
    GeoJsonText,
    /// `SRID=4326;` in front of WKT.
    Srid,
    /// WKT with a comma between longitude and latitude.
    Commas,
    /// A feature around it.
    Feature,
    /// Coordinates in quotes.
    Quoted,
}

impl GeometryMistake {
    /// What is wrong with a text.
    pub fn of_text(expected: SoqlType, text: &str) -> Self {
        let text = text.trim();
        let meant =
            |spelling, source: &str| read_geometry(expected, source).map(|g| Self::Meant(spelling, g));
        if text.starts_with(['{', '[']) {
            return match serde_json::from_str::<Value>(text) {
                Ok(Value::Object(_)) if read_geometry(expected, text).is_some() => {
                    meant(Spelling::GeoJsonText, text).unwrap_or(Self::Other)
                }
                Ok(_) => Self::of_json(expected, text),
                Err(_) => Self::Other,
            };
        }
        if let Some((_, wkt)) =
            text.split_once(';').filter(|(srid, _)| srid.to_ascii_uppercase().starts_with("SRID="))
        {
            return meant(Spelling::Srid, wkt.trim()).unwrap_or(Self::Other);
        }
        if let Some(position) = pair(text) {
            return point(expected, Spelling::Pair, position).unwrap_or(Self::Other);
        }
        let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
        let own = geometry_name(expected);
        let kinds = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];
        match kinds.into_iter().find(|kind| kind.eq_ignore_ascii_case(&word)) {
            Some(kind) if kind != own => Self::OtherKind(kind.to_owned()),
            Some("Point") if text.contains(',') => {
                meant(Spelling::Commas, &text.replace(',', " ")).unwrap_or(Self::Positions)
            }
            Some("Polygon" | "MultiPolygon") => Self::Rings,
            Some(_) => Self::Positions,
            None => Self::Other,
        }
    }

    /// What is wrong with an object or an array.
    pub fn of_json(expected: SoqlType, source: &str) -> Self {
        match serde_json::from_str::<Value>(source) {
            Ok(Value::Object(map)) => Self::of_object(expected, &map),
            Ok(list @ Value::Array(_)) => {
                let geometry = read_geometry(expected, &with_coordinates(expected, &list));
                geometry.map_or(Self::Other, |geometry| Self::Meant(Spelling::Coordinates, geometry))
            }
            _ => Self::Other,
        }
    }

    fn of_object(expected: SoqlType, map: &Map<String, Value>) -> Self {
        if let Some(position) = members(map) {
            return point(expected, Spelling::Members, position).unwrap_or(Self::Other);
        }
        let kind = map.get("type").and_then(Value::as_str);
        if kind == Some("Feature") {
            let inner = map.get("geometry").map(ToString::to_string).unwrap_or_default();
            let geometry = read_geometry(expected, &inner);
            return geometry.map_or(Self::Other, |geometry| Self::Meant(Spelling::Feature, geometry));
        }
        match (kind, map.get("coordinates")) {
            (None, _) => Self::Other,
            (Some(kind), _) if kind != geometry_name(expected) => Self::OtherKind(kind.to_owned()),
            (Some(_), None) => Self::NoCoordinates,
            (Some(_), Some(coordinates)) => {
                let numbers = with_coordinates(expected, &unquoted(coordinates));
                match read_geometry(expected, &numbers) {
                    Some(geometry) => Self::Meant(Spelling::Quoted, geometry),
                    None if matches!(expected, SoqlType::Polygon | SoqlType::MultiPolygon) => Self::Rings,
                    None => Self::Positions,
                }
            }
        }
    }
}

fn with_coordinates(expected: SoqlType, coordinates: &Value) -> String {
    format!("{{\"type\":\"{}\",\"coordinates\":{coordinates}}}", geometry_name(expected))
}

/// Coordinates with numbers in the place of texts.
fn unquoted(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(unquoted).collect(),
        Value::String(text) => text.trim().parse::<f64>().ok().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

/// A point at a latitude and a longitude. What cannot be a latitude is the longitude.
fn point(
    expected: SoqlType,
    spelling: Spelling,
    (latitude, longitude): (f64, f64),
) -> Option<GeometryMistake> {
    let swapped = latitude.abs() > 90.0 && longitude.abs() <= 90.0;
    let (latitude, longitude) = if swapped { (longitude, latitude) } else { (latitude, longitude) };
    let wkt = format!("POINT ({longitude} {latitude})");
    let geometry = read_geometry(SoqlType::Point, &wkt)?;
    Some(match expected {
        SoqlType::Point => GeometryMistake::Meant(spelling, geometry),
        _ => GeometryMistake::OtherKind("Point".to_owned()),
    })
}

/// `(a, b)` or `a, b`.
fn pair(text: &str) -> Option<(f64, f64)> {
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text);
    let (a, b) = inner.split_once(',')?;
    Some((a.trim().parse().ok()?, b.trim().parse().ok()?))
}

/// Latitude and longitude under the names that programs give them.
fn members(map: &Map<String, Value>) -> Option<(f64, f64)> {
    let number = |names: &[&str]| {
        let value = names.iter().find_map(|name| map.get(*name))?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    Some((number(&["latitude", "lat", "y"])?, number(&["longitude", "lon", "lng", "long", "x"])?))
}
