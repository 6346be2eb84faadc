//! Distances and areas on the WGS 84 ellipsoid.

use geo::{
    Coord, CoordsIter as _, Distance as _, Geodesic, GeodesicArea as _, Geometry, InterpolatePoint as _,
    Intersects as _, Line, LinesIter as _, MultiPolygon, Point, Polygon,
};

/// Pairs of vertex and edge that are measured exactly after a first look on a plane.
const CANDIDATES: usize = 8;

/// The shortest distance in metres; 0 when the shapes touch.
pub fn distance(a: &Geometry, b: &Geometry) -> Option<f64> {
    if let (Geometry::Point(a), Geometry::Point(b)) = (a, b) {
        return Some(Geodesic.distance(*a, *b));
    }
    if a.intersects(b) {
        return Some(0.0);
    }
    let mut near = Nearest::default();
    near.look(a, b);
    near.look(b, a);
    near.measured()
}

/// The pairs of vertex and edge that look nearest.
#[derive(Default)]
struct Nearest(Vec<(f64, Coord, Line)>);

impl Nearest {
    fn look(&mut self, vertices: &Geometry, edges: &Geometry) {
        for vertex in vertices.coords_iter() {
            for edge in edges_of(edges) {
                self.offer(vertex, edge);
            }
        }
    }

    fn offer(&mut self, vertex: Coord, edge: Line) {
        let flat = flat_distance(vertex, edge);
        if self.0.len() == CANDIDATES && self.0.last().is_some_and(|(worst, _, _)| flat >= *worst) {
            return;
        }
        let at = self.0.partition_point(|(d, _, _)| *d < flat);
        self.0.insert(at, (flat, vertex, edge));
        self.0.truncate(CANDIDATES);
    }

    fn measured(&self) -> Option<f64> {
        self.0.iter().map(|(_, vertex, edge)| to_edge(Point(*vertex), edge)).min_by(f64::total_cmp)
    }
}

/// The edges of a shape; a point is an edge without length.
fn edges_of(geometry: &Geometry) -> Box<dyn Iterator<Item = Line> + '_> {
    match geometry {
        Geometry::LineString(l) => Box::new(l.lines()),
        Geometry::MultiLineString(lines) => Box::new(lines.lines_iter()),
        Geometry::Polygon(p) => Box::new(p.lines_iter()),
        Geometry::MultiPolygon(parts) => Box::new(parts.lines_iter()),
        other => Box::new(other.coords_iter().map(|c| Line::new(c, c))),
    }
}

/// The distance in degrees of latitude on a plane that is true near the vertex.
fn flat_distance(vertex: Coord, edge: Line) -> f64 {
    let shrink = vertex.y.to_radians().cos().max(1e-6);
    let place = |c: Coord| {
        let east = (c.x - vertex.x + 540.0).rem_euclid(360.0) - 180.0;
        (east * shrink, c.y - vertex.y)
    };
    let ((ax, ay), (bx, by)) = (place(edge.start), place(edge.end));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let t = if length == 0.0 { 0.0 } else { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) };
    (ax + t * dx).hypot(ay + t * dy)
}

/// Golden-section search along the edge, which is a geodesic.
fn to_edge(point: Point, edge: &Line) -> f64 {
    let (start, end) = (Point(edge.start), Point(edge.end));
    if edge.start == edge.end {
        return Geodesic.distance(point, start);
    }
    let at = |t: f64| Geodesic.distance(point, Geodesic.point_at_ratio_between(start, end, t));
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, 1.0);
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut fa, mut fb) = (at(a), at(b));
    for _ in 0..60 {
        if fa < fb {
            (high, b, fb) = (b, a, fa);
            a = high - golden * (high - low);
            fa = at(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + golden * (high - low);
            fb = at(b);
        }
    }
    fa.min(fb).min(at(0.0)).min(at(1.0))
}

/// Square metres of polygons, whichever way their rings turn.
pub fn area(parts: &MultiPolygon) -> f64 {
    let ring = |line: &geo::LineString| Polygon::new(line.clone(), Vec::new()).geodesic_area_signed().abs();
    parts.iter().map(|p| ring(p.exterior()) - p.interiors().iter().map(ring).sum::<f64>()).sum()
}

/// Whether the shape lies in the circle around a point.
pub fn within_circle(geometry: &Geometry, centre: Point, radius: f64) -> bool {
    let mut any = false;
    let inside = geometry.coords_iter().all(|c| {
        any = true;
        Geodesic.distance(centre, Point(c)) <= radius
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
