//! Whether polygons are valid, by the rules of the library `geo`. Its own check compares each edge with each other
//! one and each polygon with each other one, and cannot be stopped; here only edges and polygons whose boxes meet
//! are compared, and the switch of the read is looked at in between.

use super::crossings::{close_pairs, work};
use super::stop::{Steps, is_stopped};
use super::{Ran, RuntimeError};
use crate::shape::guarded;
use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::{
    BoundingRect as _, CoordsIter as _, Geometry, Intersects as _, Line, LineString, LinesIter as _, Polygon,
    PreparedGeometry, Rect, Relate, RemoveRepeatedPoints as _, Validation as _,
};

/// Positions that a ring has at least, the last one the same as the first.
const RING: usize = 4;

/// Whether the shape is valid.
pub fn is_valid(geometry: &Geometry) -> Ran<bool> {
    match geometry {
        Geometry::Polygon(polygon) => are_valid(&[polygon]),
        Geometry::MultiPolygon(parts) => are_valid(&parts.iter().collect::<Vec<_>>()),
        // Points and lines are looked at one by one.
        other => Ok(guarded(|| other.is_valid())?),
    }
}

/// Whether each polygon is valid and no two of them share more than points.
fn are_valid(polygons: &[&Polygon]) -> Ran<bool> {
    for polygon in polygons {
        if !is_valid_alone(polygon)? {
            return Ok(false);
        }
    }
    none_share_more_than_points(polygons)
}

/// Whether the rings are simple, the holes lie inside, and no two of them share more than points.
fn is_valid_alone(polygon: &Polygon) -> Ran<bool> {
    if polygon.exterior().0.is_empty() {
        return Ok(true);
    }
    let holes: Vec<&LineString> = polygon.interiors().iter().filter(|ring| !ring.0.is_empty()).collect();
    for ring in std::iter::once(polygon.exterior()).chain(holes.clone()) {
        if ring.remove_repeated_points().0.len() < RING || !is_simple(ring)? {
            return Ok(false);
        }
    }
    if holes.is_empty() {
        return Ok(true);
    }
    let outer = Polygon::new(polygon.exterior().clone(), Vec::new());
    let prepared = guarded(|| PreparedGeometry::from(&outer))?;
    let areas: Vec<Polygon> = holes.into_iter().map(|ring| Polygon::new(ring.clone(), Vec::new())).collect();
    work(areas.len(), outer.coords_count())?;
    for area in &areas {
        let relation = go_on(|| prepared.relate(area))?;
        if !relation.is_contains()
            || relation.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional
        {
            return Ok(false);
        }
    }
    none_share_more_than_points(&areas.iter().collect::<Vec<_>>())
}

/// Whether no two edges of a ring meet but those that follow each other.
fn is_simple(ring: &LineString) -> Ran<bool> {
    let edges: Vec<Line> = ring.lines_iter().collect();
    let mut simple = true;
    close_pairs(&edges, |a, b| {
        let (a, b) = (&edges[a], &edges[b]);
        simple &= a.start == b.end || a.end == b.start || !a.intersects(b);
        Ok(())
    })?;
    Ok(simple)
}

/// Whether no two polygons overlap or have a part of their boundaries in common.
fn none_share_more_than_points(polygons: &[&Polygon]) -> Ran<bool> {
    let mut boxed: Vec<(Rect, &Polygon)> =
        polygons.iter().filter_map(|polygon| Some((polygon.bounding_rect()?, *polygon))).collect();
    boxed.sort_by(|(a, _), (b, _)| a.min().x.total_cmp(&b.min().x));
    let mut steps = Steps::default();
    for (at, (first, one)) in boxed.iter().enumerate() {
        for (second, other) in
            boxed[at + 1..].iter().take_while(|(second, _)| second.min().x <= first.max().x)
        {
            if !steps.go_on() {
                return Err(RuntimeError::Stopped);
            }
            if !first.intersects(second) {
                continue;
            }
            let relation = go_on(|| one.relate(*other))?;
            if relation.get(CoordPos::Inside, CoordPos::Inside) == Dimensions::TwoDimensional
                || relation.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// One of many computations, unless the read was stopped.
fn go_on<T>(compute: impl FnOnce() -> T) -> Ran<T> {
    if is_stopped() { Err(RuntimeError::Stopped) } else { Ok(guarded(compute)?) }
}

#[cfg(test)]
mod tests {
    use super::super::stop::{StopSwitch, Stopped};
    use super::*;
    use crate::soql::bound::Bound;
    use geo::MultiPolygon;
    use proptest::prelude::*;

    fn ring() -> impl Strategy<Value = LineString> {
        // Few places, so that edges touch, cross and lie upon each other.
        let place = (0..6u8, 0..6u8).prop_map(|(x, y)| (f64::from(x), f64::from(y)));
        proptest::collection::vec(place, 3..7).prop_map(LineString::from)
    }

    fn polygon() -> impl Strategy<Value = Polygon> {
        (ring(), proptest::collection::vec(ring(), 0..3))
            .prop_map(|(outer, holes)| Polygon::new(outer, holes))
    }

    /// A square with a hole, moved, which the random shapes seldom are.
    fn framed(x: f64, hole: f64) -> Polygon {
        let square = |from: f64, to: f64| {
            LineString::from(vec![(x + from, from), (x + to, from), (x + to, to), (x + from, to)])
        };
        Polygon::new(square(0.0, 4.0), vec![square(hole, hole + 1.0)])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_valid_is_what_the_library_says(parts in proptest::collection::vec(polygon(), 1..4)) {
            let shape = Geometry::MultiPolygon(MultiPolygon(parts.clone()));
            prop_assert_eq!(is_valid(&shape), guarded(|| shape.is_valid()).map_err(RuntimeError::from));
            let first = Geometry::Polygon(parts[0].clone());
            prop_assert_eq!(is_valid(&first), guarded(|| first.is_valid()).map_err(RuntimeError::from));
        }

        #[test]
        fn frames_are_valid_as_the_library_says(
            frames in proptest::collection::vec((0..12u8, -2..6i8), 1..4),
        ) {
            let parts = frames.into_iter().map(|(x, hole)| framed(f64::from(x), f64::from(hole))).collect();
            let shape = Geometry::MultiPolygon(MultiPolygon(parts));
            prop_assert_eq!(is_valid(&shape), guarded(|| shape.is_valid()).map_err(RuntimeError::from));
        }
    }

    /// A comb with so many teeth, each beside the next one.
    fn comb(teeth: usize) -> Polygon {
        let mut outline: Vec<(f64, f64)> = (0..teeth).map(|i| (i as f64, (i % 2) as f64)).collect();
        outline.extend([(teeth as f64, -1.0), (0.0, -1.0)]);
        Polygon::new(LineString::from(outline), Vec::new())
    }

    /// The library would compare ten thousand million pairs of edges.
    #[test]
    fn a_large_ring_and_many_polygons_are_looked_at_without_comparing_all_with_all() {
        assert_eq!(is_valid(&comb(100_000).into()), Ok(true));
        let small = |i: usize| framed(6.0 * i as f64, 1.0);
        let many = MultiPolygon((0..3_000).map(small).collect());
        assert_eq!(is_valid(&many.into()), Ok(true));
    }

    #[test]
    fn a_check_ends_when_the_read_is_stopped() {
        let switch = StopSwitch::default();
        switch.stop(Stopped::Abandoned);
        let stopped = Err(RuntimeError::Stopped);
        assert_eq!(switch.guard(|| is_valid(&comb(10_000).into())), stopped);
        assert_eq!(switch.guard(|| is_valid(&framed(0.0, 1.0).into())), stopped);
    }

    #[test]
    fn holes_are_not_compared_with_an_outline_without_end() {
        let mut many = comb(30_000);
        for i in 0..10_000 {
            let (x, y) = (3.0 * f64::from(i) + 0.5, -0.5);
            many.interiors_push(LineString::from(vec![(x, y), (x + 0.1, y), (x, y + 0.1)]));
        }
        assert_eq!(is_valid(&many.into()), Err(RuntimeError::Bound(Bound::Comparisons)));
    }
}
