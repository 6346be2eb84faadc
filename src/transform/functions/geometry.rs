//! Geometry: making, measuring, repairing. Latitude and longitude are in degrees.

use super::Work::{self, Strict};
use super::call::{Call, double, failed, of_double, string, take, truth, whole};
use super::shapes::{broken, checked, read, to_geometry, to_multiple, written};
use super::{Function, entry, measure};
use crate::shape::guarded;
use crate::soda::value::read_geometry;
use crate::soda::{SoqlType, Value};
use crate::transform::{Cell, DataError};
use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
use geo::{Centroid as _, Coord, Geometry, Haversine, Length as _, Point};
use serde_json::{Value as Json, json};

const SAME: Work = Strict(|_, a| Ok(std::mem::replace(&mut a[0], Value::Null)));

const fn shaped(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    overloads: &'static [(&'static str, Work)],
) -> Function {
    super::geometry(entry(name, doc, example, overloads))
}

pub const TABLE: &[Function] = &[
    shaped(
        "make_point",
        "The point at a latitude, which comes first, and a longitude.",
        "make_point(47.123124, -123.325232)",
        &[("number number -> point", Strict(make_point))],
    ),
    shaped(
        "point_latitude",
        "The latitude of a point; written as a field, point.latitude.",
        "make_point(1, 2).latitude",
        &[("point -> number", Strict(|_, a| of_double(position(a)?.y)))],
    ),
    shaped(
        "point_longitude",
        "The longitude of a point; written as a field, point.longitude.",
        "make_point(1, 2).longitude",
        &[("point -> number", Strict(|_, a| of_double(position(a)?.x)))],
    ),
    shaped(
        "to_point",
        "The point of a text in WKT.",
        "to_point('POINT (2 2)')",
        &[("text -> point", Strict(to_geometry)), ("point -> point", SAME)],
    ),
    shaped(
        "to_line",
        "The line of a text in WKT.",
        "to_line('LINESTRING (30 10, 10 30, 40 40)')",
        &[("text -> line", Strict(to_geometry)), ("line -> line", SAME)],
    ),
    shaped(
        "to_polygon",
        "The polygon of a text in WKT.",
        "to_polygon('POLYGON ((30 10, 40 40, 20 40, 10 20, 30 10))')",
        &[("text -> polygon", Strict(to_geometry)), ("polygon -> polygon", SAME)],
    ),
    shaped(
        "to_multipoint",
        "The points of a text in WKT, or the one point.",
        "to_multipoint('MULTIPOINT ((10 40), (40 30), (20 20), (30 10))')",
        &[
            ("point -> multipoint", Strict(to_multiple)),
            ("text -> multipoint", Strict(to_geometry)),
            ("multipoint -> multipoint", SAME),
        ],
    ),
    shaped(
        "to_multiline",
        "The lines of a text in WKT, or the one line.",
        "to_multiline('MULTILINESTRING ((10 10, 20 20, 10 40), (40 40, 30 30, 40 20, 30 10))')",
        &[
            ("line -> multiline", Strict(to_multiple)),
            ("text -> multiline", Strict(to_geometry)),
            ("multiline -> multiline", SAME),
        ],
    ),
    shaped(
        "to_multipolygon",
        "The polygons of a text in WKT, or the one polygon.",
        "to_multipolygon(to_polygon('POLYGON ((30 20, 45 40, 10 40, 30 20))'))",
        &[
            ("polygon -> multipolygon", Strict(to_multiple)),
            ("text -> multipolygon", Strict(to_geometry)),
            ("multipolygon -> multipolygon", SAME),
        ],
    ),
    shaped(
        "from_polyline",
        "The line of a text in Google's polyline format, with 5 decimals unless another number is said.",
        "from_polyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@')",
        &[
            ("text number -> line", Strict(|_, a| polyline(a, whole(&a[1])))),
            ("text -> line", Strict(|_, a| polyline(a, 5))),
        ],
    ),
    shaped(
        "centroid",
        "The centre of the area.",
        "centroid(to_polygon('POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))'))",
        &[("p -> point", Strict(centroid))],
    ),
    shaped(
        "polylabel",
        "A point far inside of the polygon; of several polygons, in the largest.",
        "polylabel(to_polygon('POLYGON ((0 0, 4 0, 4 1, 1 1, 1 4, 0 4, 0 0))'))",
        &[("p -> point", Strict(polylabel))],
    ),
    shaped(
        "simplify",
        "With so many vertices, chosen by Ramer, Douglas and Peucker: those farthest from the line so far.",
        "simplify(to_polygon('POLYGON ((0 0, 5 4, 11 5.5, 17.3 3.2, 27.8 0.1, 0 0))'), 5)",
        &[("s number -> s", Strict(|_, a| simplified(a, measure::farthest)))],
    ),
    shaped(
        "simplify_preserve_topology",
        "With so many vertices, chosen by Visvalingam and Whyatt: those with the smallest triangles go.",
        "simplify_preserve_topology(to_polygon('POLYGON ((0 0, 5 4, 11 5.5, 17.3 3.2, 27.8 0.1, 0 0))'), 4)",
        &[("s number -> s", Strict(|_, a| simplified(a, measure::largest)))],
    ),
    shaped(
        "haversine_distance",
        "The length in metres, on a sphere.",
        "haversine_distance(to_line('LINESTRING (1 2, 1 3)'))",
        &[("l -> number", Strict(length))],
    ),
    shaped(
        "validate_geometry",
        "The geometry; an error when a ring is open or a line too short.",
        "validate_geometry(to_polygon('POLYGON ((30 20, 45 40, 10 40, 30 20))'))",
        &[("g -> g", Strict(|c, a| checked(c.result, take(&mut a[0]))))],
    ),
    shaped(
        "repair_geometry",
        "With closed rings of at least four positions.",
        "repair_geometry(to_polygon('POLYGON ((30 20, 45 40, 10 40, 20 20))'))",
        &[("g -> g", Strict(repair))],
    ),
    shaped(
        "is_within",
        "Whether the point lies in the polygons.",
        "is_within(make_point(5, 5), to_multipolygon('MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)))'))",
        &[("point multipolygon -> checkbox", Strict(|_, a| truth(within(a)?)))],
    ),
    shaped(
        "ensure_within",
        "The point, if it lies in the polygons; else an error.",
        "ensure_within(make_point(5, 5), to_multipolygon('MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)))'))",
        &[("point multipolygon -> point", Strict(ensure_within))],
    ),
];

/// The position of a point.
pub fn position(arguments: &[Value<'_>]) -> Result<Coord, Box<DataError>> {
    match read(&arguments[0])? {
        Geometry::Point(point) => Ok(point.0),
        _ => Err(broken(crate::shape::ShapeError::Malformed)),
    }
}

fn make_point<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (latitude, longitude) = (double(&arguments[0]), double(&arguments[1]));
    if !latitude.is_finite() || !longitude.is_finite() {
        return Err(failed("arithmetic_error", "The coordinates are too large", json!({})));
    }
    written(&Point::new(longitude, latitude).into())
}

/// Google's format: differences of five bits at a time, the lowest first, latitude before longitude.
fn polyline<'v>(arguments: &[Value<'v>], precision: i64) -> Cell<'v> {
    let text = string(&arguments[0]);
    let factor = 10f64.powi(i32::try_from(precision.clamp(0, 15)).unwrap_or(5));
    let bad = || super::call::unconvertible(text, SoqlType::Text, SoqlType::Line);
    let (mut place, mut positions) = ([0i64; 2], Vec::new());
    let (mut value, mut shift, mut which) = (0i64, 0u32, 0);
    for byte in text.bytes() {
        let bits = byte.checked_sub(63).filter(|bits| *bits < 64).ok_or_else(bad)?;
        value |= i64::from(bits & 0x1f).checked_shl(shift).filter(|_| shift < 60).ok_or_else(bad)?;
        shift += 5;
        if bits & 0x20 != 0 {
            continue;
        }
        place[which] = place[which].saturating_add(if value & 1 == 1 { !(value >> 1) } else { value >> 1 });
        if which == 1 {
            positions.push(Coord { x: place[1] as f64 / factor, y: place[0] as f64 / factor });
        }
        (value, shift, which) = (0, 0, 1 - which);
    }
    if which == 1 || shift > 0 {
        return Err(bad());
    }
    written(&Geometry::LineString(positions.into()))
}

fn centroid<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let geometry = read(&arguments[0])?;
    guarded(|| geometry.centroid()).map_err(broken)?.map_or(Ok(Value::Null), |point| written(&point.into()))
}

fn polylabel<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    measure::polylabel(&read(&arguments[0])?)?.map_or(Ok(Value::Null), |place| written(&Point(place).into()))
}

fn simplified<'v>(arguments: &mut [Value<'v>], keep: measure::Keep) -> Cell<'v> {
    let wanted = usize::try_from(whole(&arguments[1])).unwrap_or(0);
    if wanted > crate::transform::limits::MAX_POSITIONS {
        let message =
            format!("The maximum number of vertices allowed is {}", crate::transform::limits::MAX_POSITIONS);
        return Err(failed("invalid_length", message, json!({ "length": wanted })));
    }
    written(&measure::simplified(read(&arguments[0])?, wanted, keep)?)
}

fn length<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    of_double(match read(&arguments[0])? {
        Geometry::LineString(line) => Haversine.length(&line),
        Geometry::MultiLineString(lines) => Haversine.length(&lines),
        _ => 0.0,
    })
}

fn repair<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = take(&mut arguments[0]);
    let depth = match call.result {
        SoqlType::Polygon => 1,
        SoqlType::MultiPolygon => 2,
        _ => return Ok(Value::Text(text)),
    };
    let mut document: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    let Some(coordinates) = document.get_mut("coordinates") else { return Ok(Value::Text(text)) };
    close(coordinates, depth);
    let projection = super::shapes::projection_of(&text);
    let repaired = read_geometry(call.result, &document.to_string());
    let repaired = repaired.ok_or_else(|| broken(crate::shape::ShapeError::Malformed))?;
    Ok(Value::from(match projection {
        Some(crs) => super::shapes::with_projection(repaired.into(), &crs),
        None => repaired,
    }))
}

/// Closes the rings that lie so deep.
fn close(value: &mut Json, depth: usize) {
    let Json::Array(items) = value else { return };
    if depth > 0 {
        return items.iter_mut().for_each(|item| close(item, depth - 1));
    }
    let Some(first) = items.first().cloned() else { return };
    if items.last() != Some(&first) {
        items.push(first.clone());
    }
    while items.len() < 4 {
        items.push(first.clone());
    }
}

fn within(arguments: &[Value<'_>]) -> Result<bool, Box<DataError>> {
    let (place, area) = (position(arguments)?, read(&arguments[1])?);
    guarded(|| area.coordinate_position(&place) == CoordPos::Inside).map_err(broken)
}

fn ensure_within<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if within(arguments)? {
        return Ok(std::mem::replace(&mut arguments[0], Value::Null));
    }
    const REASON: &str = "The point was not within the polygon given to ensure_within/2";
    let Coord { x, y } = position(arguments)?;
    let point: Json = serde_json::from_str(string(&arguments[0])).unwrap_or(Json::Null);
    let message = format!("Invalid Point: {REASON} latitude={y:?} longitude={x:?}");
    Err(failed("invalid_point", message, json!({ "reason": REASON, "point": point })))
}
