//! The SQL functions of geometry. Shapes are stored as GeoJSON, locations as objects.

use super::argument::{Charge, Scalar, digits15, double, scalars, shortest, string};
use super::held::hold;
use super::shapes::{read, read_any, write};
use super::validity::is_valid;
use super::{Ran, RuntimeError, crossings, generalize, measure, nodes};
use crate::memory::Room;
use crate::shape::{self, guarded, is_empty, multi, polygons};
use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
use geo::{
    Area as _, BooleanOps as _, BoundingRect as _, ConvexHull as _, Coord, CoordsIter as _, Geometry,
    MultiPolygon, Orient as _, Point, Polygon, Relate as _, bool_ops::FillRule, orient::Direction,
};
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

/// Registers the functions about places.
pub fn register(connection: &Connection, room: &Room) -> Result<()> {
    scalars(connection, SCALARS, &NULL_AWARE, room, Charge::Always)
}

/// Functions with an answer for null.
const NULL_AWARE: [&str; 3] = ["soql_is_empty", "soql_region_test", "soql_location"];

const SCALARS: &[Scalar] = &[
    ("soql_coordinate", 2, coordinate),
    ("soql_make_point", 2, |c| stored(&Point::new(double(c, 1)?, double(c, 0)?).into())),
    ("soql_location_point", 1, |c| {
        shape::location_point(string(c, 0)?)?.map_or(Ok(Value::Null), |p| stored(&p.into()))
    }),
    ("soql_location", 5, location),
    ("soql_within_box", 5, within_box),
    ("soql_within_circle", 4, within_circle),
    ("soql_within", 2, |c| pair(c, within)),
    ("soql_intersects", 2, |c| pair(c, intersects)),
    ("soql_crosses", 2, |c| pair(c, |a, b| relation(a, b, |a, b| a.relate(b).is_crosses()))),
    ("soql_overlaps", 2, |c| pair(c, |a, b| relation(a, b, |a, b| a.relate(b).is_overlaps()))),
    ("soql_distance", 2, distance),
    ("soql_area", 1, |c| Ok(Value::Text(digits15(measure::area(&polygons(read(string(c, 0)?)?)))))),
    ("soql_convex_hull", 1, convex_hull),
    ("soql_polygon_intersection", 2, |c| overlay(c, |a, b| a.intersection(b))),
    ("soql_polygon_union", 2, |c| overlay(c, |a, b| a.union(b))),
    ("soql_point_union", 2, |c| stored(&union_of_points(&[read(string(c, 0)?)?, read(string(c, 1)?)?]))),
    ("soql_line_union", 2, |c| stored(&nodes::union_of_two(read(string(c, 0)?)?, read(string(c, 1)?)?)?)),
    ("soql_num_points", 1, |c| Ok(Value::Text(read(string(c, 0)?)?.coords_count().to_string()))),
    ("soql_simplify", 2, |c| changed(c, generalize::simplify)),
    ("soql_simplify_preserve", 2, |c| changed(c, generalize::simplify_preserving)),
    ("soql_snap", 2, |c| changed(c, generalize::snap)),
    ("soql_snap_multi", 2, |c| changed(c, |g, size| generalize::snap(g, size).map(multi))),
    ("soql_multi", 1, |c| stored(&multi(read(string(c, 0)?)?))),
    ("soql_make_valid", 1, make_valid),
    ("soql_is_empty", 1, |c| match c.get_raw(0) {
        ValueRef::Null => Ok(truth(true)),
        _ => Ok(truth(is_empty(&read(string(c, 0)?)?))),
    }),
    ("soql_visible_at", 2, visible_at),
    ("soql_region_test", 2, region_test),
];

fn truth(value: bool) -> Value {
    Value::Integer(i64::from(value))
}

fn stored(geometry: &Geometry) -> Ran<Value> {
    write(geometry).map(Value::Text)
}

fn coordinate(context: &Context<'_>) -> Ran<Value> {
    let Geometry::Point(point) = read(string(context, 0)?)? else { return Ok(Value::Null) };
    let longitude = matches!(context.get_raw(1), ValueRef::Integer(0));
    Ok(Value::Text(digits15(if longitude { point.x() } else { point.y() })))
}

/// A location of its point and the parts of its address, as it is stored.
fn location(context: &Context<'_>) -> Ran<Value> {
    let mut map = serde_json::Map::new();
    if context.get_raw(0) != ValueRef::Null
        && let Geometry::Point(point) = read(string(context, 0)?)?
    {
        map.insert("latitude".into(), shortest(point.y()).into());
        map.insert("longitude".into(), shortest(point.x()).into());
    }
    if let Some(address) = super::argument::human_address(context, 1)? {
        map.insert("human_address".into(), address.into());
    }
    Ok(if map.is_empty() { Value::Null } else { Value::Text(serde_json::Value::Object(map).to_string()) })
}

/// The box holds the shape's own bounding box, edges included.
fn within_box(context: &Context<'_>) -> Ran<Value> {
    let Some(geometry) = read_any(string(context, 0)?)? else { return Ok(Value::Null) };
    let (top, left) = (double(context, 1)?, double(context, 2)?);
    let (bottom, right) = (double(context, 3)?, double(context, 4)?);
    let inside = geometry.bounding_rect().is_some_and(|r| {
        left.min(right) <= r.min().x
            && r.max().x <= left.max(right)
            && bottom.min(top) <= r.min().y
            && r.max().y <= bottom.max(top)
    });
    Ok(truth(inside))
}

fn within_circle(context: &Context<'_>) -> Ran<Value> {
    let Some(geometry) = read_any(string(context, 0)?)? else { return Ok(Value::Null) };
    let centre = Point::new(double(context, 2)?, double(context, 1)?);
    Ok(truth(measure::within_circle(&geometry, centre, double(context, 3)?)))
}

fn two(context: &Context<'_>) -> Ran<Option<(Geometry, Geometry)>> {
    Ok(read_any(string(context, 0)?)?.zip(read_any(string(context, 1)?)?))
}

fn pair(context: &Context<'_>, test: fn(&Geometry, &Geometry) -> Ran<bool>) -> Ran<Value> {
    let Some((a, b)) = two(context)? else { return Ok(Value::Null) };
    Ok(truth(test(&a, &b)?))
}

fn relation(a: &Geometry, b: &Geometry, test: fn(&Geometry, &Geometry) -> bool) -> Ran<bool> {
    crossings::check_relation(a, b)?;
    Ok(guarded(|| test(a, b))?)
}

/// Where a point lies is found without looking at how the other shape's edges cross.
fn within(a: &Geometry, b: &Geometry) -> Ran<bool> {
    match a {
        Geometry::Point(point) => Ok(guarded(|| b.coordinate_position(&point.0) == CoordPos::Inside)?),
        _ => relation(a, b, |a, b| a.relate(b).is_within()),
    }
}

fn intersects(a: &Geometry, b: &Geometry) -> Ran<bool> {
    match (a, b) {
        (Geometry::Point(point), shape) | (shape, Geometry::Point(point)) => {
            Ok(guarded(|| shape.coordinate_position(&point.0) != CoordPos::Outside)?)
        }
        _ => relation(a, b, |a, b| a.relate(b).is_intersects()),
    }
}

fn distance(context: &Context<'_>) -> Ran<Value> {
    let Some((a, b)) = two(context)? else { return Ok(Value::Null) };
    hold((a.coords_count() + b.coords_count()) * measure::EDGE)?;
    let metres = guarded(|| measure::distance(&a, &b))?;
    Ok(metres.map_or(Value::Null, |d| Value::Text(digits15(d))))
}

/// Rings turn clockwise, as PostGIS gives them.
fn clockwise(parts: MultiPolygon) -> Geometry {
    parts.orient(Direction::Reversed).into()
}

/// A hull without an area, as of a point or a line, is empty.
fn convex_hull(context: &Context<'_>) -> Ran<Value> {
    let geometry = read(string(context, 0)?)?;
    let hull = guarded(|| geometry.convex_hull())?;
    let parts = if hull.unsigned_area() > 0.0 { vec![hull] } else { Vec::new() };
    stored(&clockwise(MultiPolygon(parts)))
}

fn overlay(context: &Context<'_>, combine: fn(&MultiPolygon, &MultiPolygon) -> MultiPolygon) -> Ran<Value> {
    let (a, b) = (read(string(context, 0)?)?, read(string(context, 1)?)?);
    crossings::check([&a, &b])?;
    let (a, b) = (polygons(a), polygons(b));
    stored(&clockwise(guarded(|| combine(&a, &b))?))
}

/// All different positions, in the order of their coordinates.
pub fn union_of_points(shapes: &[Geometry]) -> Geometry {
    let mut coords: Vec<Coord> = shapes.iter().flat_map(|g| g.coords_iter().collect::<Vec<_>>()).collect();
    coords.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    coords.dedup();
    geo::MultiPoint(coords.into_iter().map(Point).collect()).into()
}

/// The union of polygons.
pub fn union_of_polygons(shapes: Vec<Geometry>) -> Ran<Geometry> {
    crossings::check(&shapes)?;
    let parts: Vec<Polygon> = shapes.into_iter().flat_map(|shape| polygons(shape).0).collect();
    Ok(clockwise(guarded(|| geo::unary_union(&parts))?))
}

/// A bounding box as a polygon.
pub fn box_polygon(min: Coord, max: Coord) -> Geometry {
    let corners = vec![(min.x, min.y), (min.x, max.y), (max.x, max.y), (max.x, min.y), (min.x, min.y)];
    MultiPolygon(vec![Polygon::new(corners.into(), Vec::new())]).into()
}

fn changed(context: &Context<'_>, change: fn(&Geometry, f64) -> Option<Geometry>) -> Ran<Value> {
    let geometry = read(string(context, 0)?)?;
    change(&geometry, double(context, 1)?).map_or(Ok(Value::Null), |g| stored(&g))
}

/// What is valid stays as it is; polygons that cross themselves are cut at the crossings, with inside
/// and outside in turn as PostGIS has it.
fn make_valid(context: &Context<'_>) -> Ran<Value> {
    let text = string(context, 0)?;
    let geometry = read(text)?;
    crossings::check([&geometry])?;
    if is_valid(&geometry)? {
        return Ok(Value::Text(text.to_owned()));
    }
    let single = matches!(geometry, Geometry::Polygon(_));
    if !single && !matches!(geometry, Geometry::MultiPolygon(_)) {
        return Ok(Value::Text(text.to_owned()));
    }
    let nothing = MultiPolygon(Vec::new());
    let parts = guarded(|| polygons(geometry).union_with_fill_rule(&nothing, FillRule::EvenOdd))?;
    let mut parts = parts.orient(Direction::Reversed);
    match parts.0.pop() {
        Some(part) if single && parts.0.is_empty() => stored(&part.into()),
        // Its type is that of the argument, and what production makes of several parts is not known.
        _ if single => Err(RuntimeError::NotEmulated(
            "geo_make_valid of a polygon that falls into several parts (of geo_multi() of it, it does)"
                .to_owned(),
        )),
        last => {
            parts.0.extend(last);
            stored(&parts.into())
        }
    }
}

/// Points are visible at any scale, other shapes when one side of their box is this long.
fn visible_at(context: &Context<'_>) -> Ran<Value> {
    let geometry = read(string(context, 0)?)?;
    let size = double(context, 1)?;
    let Some(bounds) = geometry.bounding_rect() else { return Ok(truth(false)) };
    let point = matches!(geometry, Geometry::Point(_) | Geometry::MultiPoint(_));
    Ok(truth(point || bounds.width() >= size || bounds.height() >= size))
}

/// Why a shape cannot be a region; null when it can.
fn region_test(context: &Context<'_>) -> Ran<Value> {
    let say = |text: &str| Ok(Value::Text(text.to_owned()));
    if context.get_raw(0) == ValueRef::Null {
        return say("empty");
    }
    let geometry = read(string(context, 0)?)?;
    if context.get_raw(1) != ValueRef::Null && geometry.coords_count() as f64 > double(context, 1)? {
        return say("too complex");
    }
    let outside = geometry
        .bounding_rect()
        .is_some_and(|r| r.min().x < -180.0 || r.max().x > 180.0 || r.min().y < -90.0 || r.max().y > 90.0);
    if outside {
        return say("out of bounds");
    }
    crossings::check([&geometry])?;
    if is_valid(&geometry)? { Ok(Value::Null) } else { say("invalid geography data") }
}
