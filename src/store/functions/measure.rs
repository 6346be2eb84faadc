//! Distances and areas on the WGS 84 ellipsoid.

use super::sphere::{Arc, contains, place_of};
use super::stop::Steps;
use crate::shape::edges_of;
use geo::{
    Coord, CoordsIter as _, Distance as _, Geodesic, GeodesicArea as _, Geometry, MultiPolygon, Point,
    Polygon,
};

/// Bytes of an edge while distances are measured.
pub const EDGE: usize = size_of::<Arc>();

/// The shortest distance in metres; 0 when the shapes touch. As PostGIS does it: edges are great circles,
/// which decides what touches and which places are nearest, and between these the ellipsoid is measured.
pub fn distance(a: &Geometry, b: &Geometry) -> Option<f64> {
    if let (Geometry::Point(a), Geometry::Point(b)) = (a, b) {
        return Some(tidy(Geodesic.distance(*a, *b)));
    }
    if holds_part(a, b) || holds_part(b, a) {
        return Some(0.0);
    }
    let arcs = |geometry| edges_of(geometry).map(|edge| Arc::new(edge.start, edge.end)).collect::<Vec<_>>();
    let (first, second) = (arcs(a), arcs(b));
    let mut nearest: Option<(f64, Coord, Coord)> = None;
    let mut steps = Steps::default();
    for one in &first {
        for other in &second {
            if !steps.go_on() {
                return None;
            }
            let best = nearest.as_ref().map_or(f64::INFINITY, |(distance, _, _)| *distance);
            if one.is_beyond(other, best) {
                continue;
            }
            let (distance, here, there) = one.nearest(other);
            if distance == 0.0 {
                return Some(0.0);
            }
            if distance < best {
                nearest = Some((distance, here, there));
            }
        }
    }
    nearest.map(|(_, here, there)| tidy(Geodesic.distance(Point(here), Point(there))))
}

/// To the nearest hundredth of a micrometre, as PostGIS gives it.
fn tidy(metres: f64) -> f64 {
    (metres * 1e8).round() / 1e8
}

/// Whether a polygon of the one holds the beginning of a part of the other. When no edges cross, it then
/// holds that part as a whole.
fn holds_part(area: &Geometry, other: &Geometry) -> bool {
    let polygons: Vec<&Polygon> = match area {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(parts) => parts.iter().collect(),
        _ => return false,
    };
    let places: Vec<Coord> = match other {
        Geometry::MultiPoint(points) => points.iter().map(|p| p.0).collect(),
        Geometry::MultiLineString(lines) => lines.iter().filter_map(|l| l.0.first().copied()).collect(),
        Geometry::MultiPolygon(parts) => {
            parts.iter().filter_map(|p| p.exterior().0.first().copied()).collect()
        }
        single => single.coords_iter().take(1).collect(),
    };
    let mut steps = Steps::default();
    for place in places.into_iter().map(place_of) {
        for polygon in &polygons {
            // A step of its own: polygons may be many and small.
            if !steps.go_on() {
                return false;
            }
            if contains(polygon, place, &mut steps) {
                return true;
            }
        }
    }
    false
}

/// Square metres of polygons, whichever way their rings turn.
pub fn area(parts: &MultiPolygon) -> f64 {
    let ring = |line: &geo::LineString| Polygon::new(line.clone(), Vec::new()).geodesic_area_signed().abs();
    parts.iter().map(|p| ring(p.exterior()) - p.interiors().iter().map(ring).sum::<f64>()).sum()
}

/// Whether the shape lies in the circle around a point.
pub fn within_circle(geometry: &Geometry, centre: Point, radius: f64) -> bool {
    let (mut any, mut steps) = (false, Steps::default());
    let inside = geometry.coords_iter().all(|c| {
        any = true;
        steps.go_on() && Geodesic.distance(centre, Point(c)) <= radius
    });
    any && inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, polygon};

    #[test]
    fn distances_are_geodesic() {
        let (a, b) = (Point::new(-122.33, 47.61), Point::new(-122.35, 47.62));
        let d = distance(&a.into(), &b.into()).unwrap();
        assert!((d - 1869.0).abs() < 2.0, "{d}");
        // On a plane they touch.
        let line: Geometry = LineString::from(vec![(0.0, 4.0), (4.0, 0.0)]).into();
        let d = distance(&Point::new(1.0, 3.0).into(), &line).unwrap();
        assert!((d - 250.96).abs() < 0.01, "{d}");
        // One degree of longitude at the equator.
        let line: Geometry = LineString::from(vec![(1.0, -1.0), (1.0, 1.0)]).into();
        let d = distance(&Point::new(0.0, 0.0).into(), &line).unwrap();
        assert!((d - 111_319.490_793).abs() < 0.01, "{d}");
        let square: Geometry =
            polygon![(x: 0., y: 0.), (x: 1., y: 0.), (x: 1., y: 1.), (x: 0., y: 1.)].into();
        assert_eq!(distance(&square, &Point::new(0.5, 0.5).into()), Some(0.0));
    }

    #[test]
    fn areas_do_not_depend_on_the_direction() {
        let square = polygon![(x: 0., y: 0.), (x: 1., y: 0.), (x: 1., y: 1.), (x: 0., y: 1.)];
        let turned = polygon![(x: 0., y: 0.), (x: 0., y: 1.), (x: 1., y: 1.), (x: 1., y: 0.)];
        let (a, b) = (area(&MultiPolygon(vec![square])), area(&MultiPolygon(vec![turned])));
        assert!((a - b).abs() < 1.0 && (a / 12_308_778_361.0 - 1.0).abs() < 1e-6, "{a}");
    }
}
