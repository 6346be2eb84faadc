//! Stored geometries (GeoJSON text) to the shapes of `geo`, and back.

use crate::soda::value::push_double;
use geo::{
    Coord, CoordsIter as _, Geometry, Line, LineString, LinesIter as _, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon,
};
use serde::Deserialize;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a text or a computation gives no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The text is no geometry.
    #[error("parse error - invalid geometry")]
    Malformed,
    /// No library can compute with it.
    #[error("TopologyException: invalid geometry")]
    Topology,
}

type Made<T> = Result<T, ShapeError>;

/// Longitude and latitude; what stands behind them is not used by any function.
struct Position(Coord);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seq;
        impl<'de> Visitor<'de> for Seq {
            type Value = Position;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a position")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Position, A::Error> {
                let mut ordinate = || {
                    seq.next_element::<f64>()?
                        .ok_or_else(|| serde::de::Error::custom("a position is too short"))
                };
                let (x, y) = (ordinate()?, ordinate()?);
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Position(Coord { x, y }))
            }
        }
        deserializer.deserialize_seq(Seq)
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum GeoJson {
    Point(Position),
    MultiPoint(Vec<Position>),
    LineString(Vec<Position>),
    MultiLineString(Vec<Vec<Position>>),
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

fn line(positions: Vec<Position>) -> LineString {
    LineString(positions.into_iter().map(|p| p.0).collect())
}

fn polygon(rings: Vec<Vec<Position>>) -> Polygon {
    let mut rings = rings.into_iter().map(line);
    Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect())
}

/// A shape from its stored text.
pub fn read(text: &str) -> Made<Geometry> {
    let parsed: GeoJson = serde_json::from_str(text).map_err(|_| ShapeError::Malformed)?;
    Ok(match parsed {
        GeoJson::Point(p) => Point(p.0).into(),
        GeoJson::MultiPoint(points) => MultiPoint(points.into_iter().map(|p| Point(p.0)).collect()).into(),
        GeoJson::LineString(points) => line(points).into(),
        GeoJson::MultiLineString(lines) => MultiLineString(lines.into_iter().map(line).collect()).into(),
        GeoJson::Polygon(rings) => polygon(rings).into(),
        GeoJson::MultiPolygon(parts) => MultiPolygon(parts.into_iter().map(polygon).collect()).into(),
    })
}

/// The stored text of a shape.
pub fn write(geometry: &Geometry) -> String {
    let mut out = String::new();
    let mut open = |name: &str| out.push_str(&format!("{{\"type\":\"{name}\",\"coordinates\":"));
    match geometry {
        Geometry::Point(p) => {
            open("Point");
            push_coord(p.0, &mut out);
        }
        Geometry::MultiPoint(points) => {
            open("MultiPoint");
            list(&points.0, &mut out, |p, out| push_coord(p.0, out));
        }
        Geometry::LineString(l) => {
            open("LineString");
            push_line(l, &mut out);
        }
        Geometry::MultiLineString(lines) => {
            open("MultiLineString");
            list(&lines.0, &mut out, push_line);
        }
        Geometry::Polygon(p) => {
            open("Polygon");
            push_polygon(p, &mut out);
        }
        Geometry::MultiPolygon(parts) => {
            open("MultiPolygon");
            list(&parts.0, &mut out, push_polygon);
        }
        // No function gives another kind.
        _ => {
            open("MultiPolygon");
            out.push_str("[]");
        }
    }
    out.push('}');
    out
}

fn list<T>(items: &[T], out: &mut String, push: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push(item, out);
    }
    out.push(']');
}

fn push_coord(coord: Coord, out: &mut String) {
    out.push('[');
    push_double(coord.x, out);
    out.push(',');
    push_double(coord.y, out);
    out.push(']');
}

fn push_line(line: &LineString, out: &mut String) {
    list(&line.0, out, |c, out| push_coord(*c, out));
}

fn push_polygon(polygon: &Polygon, out: &mut String) {
    if polygon.exterior().0.is_empty() {
        out.push_str("[]");
        return;
    }
    let rings: Vec<&LineString> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    list(&rings, out, |ring, out| push_line(ring, out));
}

/// The point of a stored location; none without coordinates.
pub fn location_point(text: &str) -> Made<Option<Point>> {
    #[derive(Deserialize)]
    struct Location {
        latitude: Option<String>,
        longitude: Option<String>,
    }
    let location: Location = serde_json::from_str(text).map_err(|_| ShapeError::Malformed)?;
    let number = |t: Option<String>| t.and_then(|t| t.parse::<f64>().ok());
    Ok(number(location.longitude).zip(number(location.latitude)).map(|(x, y)| Point::new(x, y)))
}

/// A shape from a stored geometry or location; none when the location has no point.
pub fn read_any(text: &str) -> Made<Option<Geometry>> {
    if text.starts_with("{\"type\"") {
        return read(text).map(Some);
    }
    Ok(location_point(text)?.map(Geometry::Point))
}

/// Polygons of a shape; lines and points have none.
pub fn polygons(geometry: Geometry) -> MultiPolygon {
    match geometry {
        Geometry::Polygon(p) => MultiPolygon(vec![p]),
        Geometry::MultiPolygon(parts) => parts,
        _ => MultiPolygon(Vec::new()),
    }
}

/// A shape as its multi-part type.
pub fn multi(geometry: Geometry) -> Geometry {
    match geometry {
        Geometry::Point(p) => MultiPoint(vec![p]).into(),
        Geometry::LineString(l) => MultiLineString(vec![l]).into(),
        Geometry::Polygon(p) => MultiPolygon(vec![p]).into(),
        other => other,
    }
}

/// The edges of a shape; a point is an edge without length.
pub fn edges_of(geometry: &Geometry) -> Box<dyn Iterator<Item = Line> + '_> {
    match geometry {
        Geometry::LineString(l) => Box::new(l.lines()),
        Geometry::MultiLineString(lines) => Box::new(lines.lines_iter()),
        Geometry::Polygon(p) => Box::new(p.lines_iter()),
        Geometry::MultiPolygon(parts) => Box::new(parts.lines_iter()),
        other => Box::new(other.coords_iter().map(|c| Line::new(c, c))),
    }
}

/// Whether the shape has no position at all.
pub fn is_empty(geometry: &Geometry) -> bool {
    geometry.coords_iter().next().is_none()
}

/// Runs a computation whose library may give up on shapes that no such library can hold, such as
/// polygons that cross themselves.
pub fn guarded<T>(compute: impl FnOnce() -> T) -> Made<T> {
    catch_unwind(AssertUnwindSafe(compute)).map_err(|_| ShapeError::Topology)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_survive_reading_and_writing() {
        for text in [
            r#"{"type":"Point","coordinates":[-122.33,47.61]}"#,
            r#"{"type":"MultiPoint","coordinates":[[1.0,2.0],[3.0,4.0]]}"#,
            r#"{"type":"LineString","coordinates":[[0.0,0.0],[3.0,4.0]]}"#,
            r#"{"type":"MultiLineString","coordinates":[[[0.0,0.0],[3.0,4.0]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,0.0]]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[]}"#,
        ] {
            assert_eq!(write(&read(text).unwrap()), text);
        }
        assert!(read("{}").is_err() && read(r#"{"type":"Point","coordinates":[1]}"#).is_err());
    }

    #[test]
    fn a_location_gives_its_point() {
        let point = read_any(r#"{"latitude":"47.61","longitude":"-122.33"}"#).unwrap();
        assert_eq!(point, Some(Point::new(-122.33, 47.61).into()));
        assert_eq!(read_any(r#"{"human_address":"{}"}"#).unwrap(), None);
    }
}
