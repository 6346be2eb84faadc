//! Fewer or rounder positions: Douglas-Peucker as PostGIS does it, and snapping to a grid.

use super::stop::Steps;
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// Positions that a ring needs.
const RING: usize = 4;

/// A shape with lines treated one way; none when nothing of it is left. Lines with less than two
/// positions and rings with less than four are dropped.
fn each_line(geometry: &Geometry, change: &dyn Fn(&LineString, bool) -> LineString) -> Option<Geometry> {
    let line = |l: &LineString| Some(change(l, false)).filter(|l| l.0.len() > 1);
    let polygon = |p: &Polygon| {
        let outer = Some(change(p.exterior(), true)).filter(|r| r.0.len() >= RING)?;
        let holes = p.interiors().iter().map(|r| change(r, true)).filter(|r| r.0.len() >= RING);
        Some(Polygon::new(outer, holes.collect()))
    };
    match geometry {
        Geometry::LineString(l) => line(l).map(Geometry::LineString),
        Geometry::MultiLineString(lines) => {
            let kept: Vec<_> = lines.iter().filter_map(line).collect();
            (!kept.is_empty()).then(|| MultiLineString(kept).into())
        }
        Geometry::Polygon(p) => polygon(p).map(Geometry::Polygon),
        Geometry::MultiPolygon(parts) => {
            let kept: Vec<_> = parts.iter().filter_map(polygon).collect();
            (!kept.is_empty()).then(|| MultiPolygon(kept).into())
        }
        other => Some(other.clone()),
    }
}

/// `ST_Simplify`: what collapses is gone.
pub fn simplify(geometry: &Geometry, tolerance: f64) -> Option<Geometry> {
    each_line(geometry, &|line, _| douglas_peucker(line, tolerance, 2))
}

/// `ST_SimplifyPreserveTopology`: rings keep at least four positions, so nothing collapses.
pub fn simplify_preserving(geometry: &Geometry, tolerance: f64) -> Option<Geometry> {
    each_line(geometry, &|line, ring| {
        let kept = douglas_peucker(line, tolerance, 2);
        if ring && kept.0.len() < RING { corners(line, &kept) } else { kept }
    })
}

/// The smallest ring that still has an area: the kept positions and the one farthest from them.
fn corners(ring: &LineString, kept: &LineString) -> LineString {
    let Some(first) = ring.0.first().copied() else { return ring.clone() };
    let anchor = kept.0.iter().copied().find(|c| *c != first);
    let farthest = |from: &dyn Fn(Coord) -> f64| {
        ring.0.iter().enumerate().max_by(|a, b| from(*a.1).total_cmp(&from(*b.1))).map_or(0, |(i, _)| i)
    };
    let a = anchor
        .and_then(|a| ring.0.iter().position(|c| *c == a))
        .unwrap_or_else(|| farthest(&|c| (c.x - first.x).hypot(c.y - first.y)));
    let b = farthest(&|c| to_segment(c, first, ring.0[a]));
    if a == b || a == 0 || b == 0 {
        return ring.clone();
    }
    let (low, high) = (a.min(b), a.max(b));
    LineString(vec![first, ring.0[low], ring.0[high], first])
}

/// The positions that are farther than the tolerance from the line without them. A work list in
/// place of recursion: lines may be long.
fn douglas_peucker(line: &LineString, tolerance: f64, minimum: usize) -> LineString {
    let points = &line.0;
    if points.len() <= minimum || tolerance < 0.0 {
        return line.clone();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut work = vec![(0, points.len() - 1)];
    let mut steps = Steps::default();
    while let Some((from, to)) = work.pop() {
        let middle = (from + 1..to)
            .take_while(|_| steps.go_on())
            .map(|i| (i, to_segment(points[i], points[from], points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        if let Some((index, _)) = middle.filter(|(_, distance)| *distance > tolerance) {
            keep[index] = true;
            work.extend([(from, index), (index, to)]);
        }
    }
    LineString(points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p).collect())
}

fn to_segment(p: Coord, a: Coord, b: Coord) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t =
        if length == 0.0 { 0.0 } else { (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0) };
    (p.x - a.x - t * dx).hypot(p.y - a.y - t * dy)
}

/// `ST_SnapToGrid`: positions on multiples of a size; repeated ones become one.
pub fn snap(geometry: &Geometry, size: f64) -> Option<Geometry> {
    if size.is_nan() || size <= 0.0 {
        return Some(geometry.clone());
    }
    let round = |v: f64| tidy((v / size).round_ties_even() * size);
    let coord = |c: Coord| Coord { x: round(c.x), y: round(c.y) };
    match geometry {
        Geometry::Point(p) => Some(Point(coord(p.0)).into()),
        Geometry::MultiPoint(points) => {
            Some(MultiPoint(points.iter().map(|p| Point(coord(p.0))).collect()).into())
        }
        other => each_line(other, &|line, _| {
            let mut points: Vec<Coord> = line.0.iter().map(|c| coord(*c)).collect();
            points.dedup();
            LineString(points)
        }),
    }
}

/// Without the dust that multiplying by a decimal fraction leaves: 0.30000000000000004 is 0.3.
fn tidy(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Geometry {
        LineString::from(points.to_vec()).into()
    }

    #[test]
    fn simplify_drops_what_is_near_the_line() {
        let crooked = line(&[(0., 0.), (1., 0.1), (2., 0.), (3., 5.)]);
        assert_eq!(simplify(&crooked, 0.5), Some(line(&[(0., 0.), (2., 0.), (3., 5.)])));
        assert_eq!(simplify(&Point::new(1., 1.).into(), 9.), Some(Point::new(1., 1.).into()));
    }

    #[test]
    fn a_polygon_may_collapse_unless_its_topology_is_kept() {
        let square: Geometry = Polygon::new(
            LineString::from(vec![(0., 0.), (1., 0.), (1., 1.), (0., 1.), (0., 0.)]),
            Vec::new(),
        )
        .into();
        assert_eq!(simplify(&square, 10.0), None);
        let Some(Geometry::Polygon(kept)) = simplify_preserving(&square, 10.0) else { panic!("collapsed") };
        assert!(kept.exterior().0.len() >= RING);
        assert_eq!(simplify(&square, 0.1), Some(square));
    }

    #[test]
    fn snapping_rounds_and_drops_repeated_positions() {
        let found = snap(&line(&[(0.12, 0.), (0.13, 0.), (0.32, 0.96)]), 0.1);
        assert_eq!(found, Some(line(&[(0.1, 0.), (0.3, 1.0)])));
        assert_eq!(snap(&line(&[(0.12, 0.), (0.13, 0.)]), 1.0), None);
    }
}
