//! Geometries and projections.

use super::{cell, check};
use crate::transform::{CompileErrorKind, Surroundings, compile};
use serde_json::{Value as Json, json};

const FIVE: &str = "to_polygon('POLYGON ((0.0 0.0, 5.0 4.0, 11.0 5.5, 17.3 3.2, 27.8 0.1, 0.0 0.0))')";
const SQUARE: &str = "to_multipolygon('MULTIPOLYGON (((0.0 0.0, 10.0 0.0, 10.0 10.0, 0.0 10.0, 0.0 0.0)))')";

fn point(x: f64, y: f64) -> Json {
    json!({"type": "Point", "coordinates": [x, y]})
}

fn polygon(ring: Json) -> Json {
    json!({"type": "Polygon", "coordinates": [ring]})
}

/// `invalid_geometry` of an open ring as it is documented.
fn open(kind: &str, coordinates: Json) -> Json {
    let reason = "Polygon Exterior is not closed or does not have >= 4 coordinates. See the repair_geometry function to fix this.";
    json!({
        "type": "invalid_geometry",
        "english": format!("Geometry invariant violation: {reason}"),
        "data": {"value": {"type": kind, "coordinates": coordinates}, "reason": reason},
    })
}

#[test]
fn geometries_are_made() {
    check(&[
        ("make_point(47.123124, -123.325232)", point(-123.325232, 47.123124)),
        ("make_point(1, 2).latitude", json!("1.0")),
        ("make_point(1, 2).longitude", json!("2.0")),
        ("to_point('POINT (2 2)')", point(2.0, 2.0)),
        (
            "to_point('(2, 2)')",
            json!({"type":"type_conversion_failed","english":"Unable to convert \"(2, 2)\" from text to point","data":{"value":"(2, 2)","target_type":"point","source_type":"text"}}),
        ),
        (
            "to_line('LINESTRING (30 10, 10 30, 40 40)')",
            json!({"type": "LineString", "coordinates": [[30, 10], [10, 30], [40, 40]]}),
        ),
        (
            "to_multipoint('MULTIPOINT ((10 40), (40 30), (20 20), (30 10))')",
            json!({"type": "MultiPoint", "coordinates": [[10, 40], [40, 30], [20, 20], [30, 10]]}),
        ),
        (
            "to_multipolygon(to_polygon('POLYGON ((30 20, 45 40, 10 40, 30 20))'))",
            json!({"type": "MultiPolygon", "coordinates": [[[[30,20],[45,40],[10,40],[30,20]]]]}),
        ),
        ("to_multipolygon('MULTIPOLYGON (((0.0 0.0)))')", open("MultiPolygon", json!([[[[0.0, 0.0]]]]))),
        ("centroid(to_multipolygon(null))", json!(null)),
        (
            "centroid(to_multipolygon('MULTIPOLYGON(((0.0 0.0, 1.0, 0.0 0.0)))'))",
            json!({"type":"type_conversion_failed","english":"Unable to convert \"MULTIPOLYGON(((0.0 0.0, 1.0, 0.0 0.0)))\" from text to multipolygon","data":{"value":"MULTIPOLYGON(((0.0 0.0, 1.0, 0.0 0.0)))","target_type":"multipolygon","source_type":"text"}}),
        ),
        (format!("centroid({SQUARE})").as_str(), point(5.0, 5.0)),
    ]);
}

#[test]
fn lines_and_polygons_are_measured() {
    check(&[
        (
            "from_polyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@', 5)",
            json!({"type": "LineString", "coordinates": [[-120.2,38.5],[-120.95,40.7],[-126.453,43.252]]}),
        ),
        (
            "from_polyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@')",
            json!({"type": "LineString", "coordinates": [[-120.2,38.5],[-120.95,40.7],[-126.453,43.252]]}),
        ),
        (
            "polylabel(to_polygon('POLYGON ((0.0 0.0, 4.0 0.0, 4.0 1.0, 1.0 1.0, 1.0 4.0, 0.0 4.0, 0.0 0.0))'))",
            point(0.5859375, 0.5859375),
        ),
        (
            "polylabel(to_multipolygon('MULTIPOLYGON (((0.0 0.0, 4.0 0.0, 4.0 1.0, 1.0 1.0, 1.0 4.0, 0.0 4.0, 0.0 0.0)),((6.0 6.0, 7.0 6.0, 7.0 7.0, 6.0 7.0, 6.0 6.0)))'))",
            point(0.5859375, 0.5859375),
        ),
        (
            format!("simplify({FIVE}, 5)").as_str(),
            polygon(json!([[0.0, 0.0], [5.0, 4.0], [11.0, 5.5], [27.8, 0.1], [0.0, 0.0]])),
        ),
        (
            format!("simplify({FIVE}, 4)").as_str(),
            polygon(json!([[0.0, 0.0], [11.0, 5.5], [27.8, 0.1], [0.0, 0.0]])),
        ),
        (
            format!("simplify({FIVE}, 1)").as_str(),
            polygon(json!([[0.0, 0.0], [11.0, 5.5], [27.8, 0.1], [0.0, 0.0]])),
        ),
        (
            format!("simplify_preserve_topology({FIVE}, 6)").as_str(),
            polygon(json!([[0.0, 0.0], [5.0, 4.0], [11.0, 5.5], [17.3, 3.2], [27.8, 0.1], [0.0, 0.0]])),
        ),
        (
            format!("simplify_preserve_topology({FIVE}, 4)").as_str(),
            polygon(json!([[0.0, 0.0], [11.0, 5.5], [27.8, 0.1], [0.0, 0.0]])),
        ),
        ("haversine_distance(to_line('LINESTRING (1 2, 1 3)'))", json!("111195.0802335329")),
        (
            "haversine_distance(to_multiline('MULTILINESTRING ((10 10, 20 20, 10 40), (40 40, 30 30, 40 20, 30 10))'))",
            json!("8443359.868161995"),
        ),
    ]);
}

#[test]
fn geometries_are_checked_and_repaired() {
    check(&[
        (
            "validate_geometry(to_polygon('POLYGON ((30 20, 45 40, 10 40, 30 20))'))",
            polygon(json!([[30, 20], [45, 40], [10, 40], [30, 20]])),
        ),
        (
            "validate_geometry(to_polygon('POLYGON ((30 20, 45 40, 10 40, 20 20))'))",
            open("Polygon", json!([[[30, 20], [45, 40], [10, 40], [20, 20]]])),
        ),
        (
            "repair_geometry(to_polygon('POLYGON ((30 20, 45 40, 10 40, 20 20))'))",
            polygon(json!([[30, 20], [45, 40], [10, 40], [20, 20], [30, 20]])),
        ),
        (
            "repair_geometry(to_multipolygon('MULTIPOLYGON (((0 0)))'))",
            json!({"type": "MultiPolygon", "coordinates": [[[[0,0],[0,0],[0,0],[0,0]]]]}),
        ),
        (format!("is_within(make_point(50, 50), {SQUARE})").as_str(), json!(false)),
        (format!("ensure_within(to_point('POINT (5.0 5.0)'), {SQUARE})").as_str(), point(5.0, 5.0)),
        (
            format!("ensure_within(to_point('POINT (50.0 50.0)'), {SQUARE})").as_str(),
            json!({"type":"invalid_point","english":"Invalid Point: The point was not within the polygon given to ensure_within/2 latitude=50.0 longitude=50.0","data":{"reason":"The point was not within the polygon given to ensure_within/2","point":{"type":"Point","coordinates":[50.0,50.0]}}}),
        ),
    ]);
}

/// To a hundredth of a millionth: the libraries round in other places.
#[test]
fn projections() {
    for (expr, x, y) in [
        (
            "reproject_to_wgs84(set_projection(to_point('POINT (372728.3308536674 69825.24782297359)'), '+init=epsg:3627'))",
            -73.13826,
            40.79224,
        ),
        (
            "reproject_to_wgs84(set_projection(to_point('POINT(30 10)'), '+init=epsg:3627'))",
            -77.51923750265013,
            40.11248612944048,
        ),
        (
            "reproject(to_point('POINT (-73.138260 40.792240)'), '+init=epsg:3627')",
            372728.3308536674,
            69825.24782297359,
        ),
        ("reproject(make_point(48, -122), 'EPSG:4269')", -122.0, 48.0),
        ("reproject_to_wgs84(reproject(make_point(40.7, -74), 'EPSG:3857'))", -74.0, 40.7),
        ("reproject_to_wgs84(make_point(40.7, -74))", -74.0, 40.7),
        ("set_projection(make_point(40.7, -74), 'EPSG:3857')", -74.0, 40.7),
    ] {
        let found = cell(expr, &Surroundings::default());
        let near =
            |at: usize, wanted: f64| (found["coordinates"][at].as_f64().unwrap() / wanted - 1.0).abs() < 1e-8;
        assert!(near(0, x) && near(1, y), "{expr}: {found}");
        assert_eq!(found.as_object().unwrap().len(), 2, "{found}");
    }
    let wrong = compile("reproject(make_point(1, 2), 'EPSG:1')", &[], &Surroundings::default()).unwrap_err();
    assert_eq!(
        (wrong.kind, wrong.message.as_str()),
        (CompileErrorKind::BadArgument, "EPSG:1 is no known projection")
    );
    let unknown = "reproject(make_point(1, 2), 'EPSG:' || number_column)";
    assert_eq!(cell(unknown, &Surroundings::default())["type"], "reprojection_error");
}
