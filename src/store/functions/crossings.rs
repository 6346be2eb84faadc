//! Edges that could meet. How long a relation or an overlay of shapes takes, and how much memory, depends on
//! them; as the library that computes it cannot be stopped, they are counted before.

use super::held::hold;
use super::stop::Steps;
use super::{Ran, RuntimeError};
use crate::shape::edges_of;
use crate::soql::bound::{Bound, MAX_COMPARISONS, MAX_PAIRS};
use geo::{CoordsIter as _, Geometry, Intersects as _, Line, Polygon};

/// Bytes that the library takes for each position of the shapes, and for each crossing of their edges.
const POSITION: usize = 160;
const CROSSING: usize = 256;
/// Shapes with so few positions together need no count of their crossings.
const SMALL: usize = 512;

/// Refuses an overlay of shapes with too many edges so close that they could cross.
pub fn check<'g>(shapes: impl IntoIterator<Item = &'g Geometry>) -> Ran<()> {
    let shapes: Vec<&Geometry> = shapes.into_iter().collect();
    crossings_within(&shapes).map(drop)
}

/// The same for a relation of two shapes. What crosses or lies in one of them alone has its place in the other
/// looked for among all of its positions.
pub fn check_relation(a: &Geometry, b: &Geometry) -> Ran<()> {
    let own = crossings_within(&[a, b])?;
    work(parts_of(a) + own[0], b.coords_count())?;
    work(parts_of(b) + own[1], a.coords_count())
}

/// Refuses to look for the places of so many things among so many positions.
pub fn work(things: usize, positions: usize) -> Ran<()> {
    if things.saturating_mul(positions) > MAX_COMPARISONS {
        return Err(RuntimeError::Bound(Bound::Comparisons));
    }
    Ok(())
}

/// Holds the memory that the library takes for the shapes. How many edges of each shape cross others of it; not
/// counted where that cannot be many.
fn crossings_within(shapes: &[&Geometry]) -> Ran<Vec<usize>> {
    let positions: usize = shapes.iter().map(|shape| shape.coords_count()).sum();
    hold(positions.saturating_mul(POSITION))?;
    let mut own = vec![0; shapes.len()];
    if positions <= SMALL {
        return Ok(own);
    }
    let (mut edges, mut owners) = (Vec::with_capacity(positions), Vec::with_capacity(positions));
    for (owner, shape) in shapes.iter().enumerate() {
        edges.extend(edges_of(shape));
        owners.resize(edges.len(), owner);
    }
    close_pairs(&edges, |a, b| {
        let (first, second) = (&edges[a], &edges[b]);
        let follow = first.end == second.start || first.start == second.end;
        if follow || !first.intersects(second) {
            return Ok(());
        }
        if owners[a] == owners[b] {
            own[owners[a]] += 1;
        }
        hold(CROSSING)
    })?;
    Ok(own)
}

/// Rings, lines or points that a shape consists of.
fn parts_of(geometry: &Geometry) -> usize {
    let rings = |polygon: &Polygon| 1 + polygon.interiors().len();
    match geometry {
        Geometry::MultiPoint(points) => points.0.len(),
        Geometry::MultiLineString(lines) => lines.0.len(),
        Geometry::Polygon(polygon) => rings(polygon),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(rings).sum(),
        _ => 1,
    }
}

/// The interval of an edge along an axis, and across it.
#[derive(Clone, Copy)]
struct Extent {
    edge: usize,
    along: (f64, f64),
    across: (f64, f64),
}

/// Visits each pair of edges whose boxes meet, unless there are too many.
pub fn close_pairs(edges: &[Line], mut visit: impl FnMut(usize, usize) -> Ran<()>) -> Ran<()> {
    let mut extents = extents(edges);
    extents.sort_by(|a, b| a.along.0.total_cmp(&b.along.0));
    let (mut steps, mut found) = (Steps::default(), 0);
    for (at, first) in extents.iter().enumerate() {
        for second in extents[at + 1..].iter().take_while(|second| second.along.0 <= first.along.1) {
            if !steps.go_on() {
                return Err(RuntimeError::Stopped);
            }
            if first.across.0 <= second.across.1 && second.across.0 <= first.across.1 {
                found += 1;
                if found > MAX_PAIRS {
                    return Err(RuntimeError::Bound(Bound::Pairs));
                }
                visit(first.edge, second.edge)?;
            }
        }
    }
    Ok(())
}

/// Extents along the axis on which edges overlap less.
fn extents(edges: &[Line]) -> Vec<Extent> {
    let interval = |a: f64, b: f64| (a.min(b), a.max(b));
    let along_x = edges.iter().enumerate().map(|(edge, line)| Extent {
        edge,
        along: interval(line.start.x, line.end.x),
        across: interval(line.start.y, line.end.y),
    });
    let mut extents: Vec<Extent> = along_x.collect();
    let crowd = |interval: &dyn Fn(&Extent) -> (f64, f64)| {
        let (mut low, mut high, mut covered) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for (from, to) in extents.iter().map(interval) {
            (low, high, covered) = (low.min(from), high.max(to), covered + to - from);
        }
        covered / (high - low)
    };
    if crowd(&|e| e.along) > crowd(&|e| e.across) {
        extents.iter_mut().for_each(|e| std::mem::swap(&mut e.along, &mut e.across));
    }
    extents
}

#[cfg(test)]
mod tests {
    use super::super::held::with_memory;
    use super::super::stop::{StopSwitch, Stopped};
    use super::*;
    use crate::memory::Room;
    use geo::LineString;

    /// A line up and down, or to the left and right, so many times over the square from 0 to 1.
    fn zigzag(times: usize, upright: bool) -> Geometry {
        let place = |i: usize| (i as f64 / times as f64, (i % 2) as f64);
        let turned = |(x, y)| if upright { (x, y) } else { (y, x) };
        LineString::from((0..=times).map(place).map(turned).collect::<Vec<_>>()).into()
    }

    #[test]
    fn pairs_are_those_whose_boxes_meet() {
        let line = |a: (f64, f64), b: (f64, f64)| Line::new(a, b);
        let edges = [
            line((0., 0.), (2., 2.)),
            line((2., 0.), (0., 2.)),
            line((5., 0.), (6., 1.)),
            line((2., 2.), (3., 3.)),
        ];
        let mut found = Vec::new();
        close_pairs(&edges, |a, b| {
            found.push((a.min(b), a.max(b)));
            Ok(())
        })
        .unwrap();
        found.sort_unstable();
        assert_eq!(found, [(0, 1), (0, 3), (1, 3)]);
    }

    #[test]
    fn shapes_that_cross_everywhere_are_refused_and_long_ones_are_not() {
        assert_eq!(
            check([&zigzag(3000, true), &zigzag(3000, false)]),
            Err(RuntimeError::Bound(Bound::Pairs))
        );
        assert_eq!(check([&zigzag(100_000, true)]), Ok(()));
        assert_eq!(check([&zigzag(100_000, false), &zigzag(10, true)]), Ok(()));
    }

    /// What lies in one shape alone is compared with all positions of the other.
    #[test]
    fn a_relation_of_many_parts_with_many_positions_is_refused() {
        let points = |count: usize| {
            let points = (0..count).map(|i| geo::Point::new(i as f64 * 1e-4, 20.0));
            Geometry::MultiPoint(points.collect())
        };
        let refused = Err(RuntimeError::Bound(Bound::Comparisons));
        assert_eq!(check_relation(&points(20_000), &zigzag(20_000, true)), refused);
        assert_eq!(check_relation(&zigzag(20_000, true), &points(20_000)), refused);
        assert_eq!(check_relation(&points(1000), &zigzag(20_000, true)), Ok(()));
        assert_eq!(check_relation(&zigzag(100_000, true), &zigzag(10, true)), Ok(()));
        // One line that crosses itself some hundred thousand times.
        let (Geometry::LineString(up), Geometry::LineString(side)) =
            (zigzag(1000, true), zigzag(1000, false))
        else {
            panic!("no lines")
        };
        let crossed = Geometry::LineString(LineString([up.0, side.0].concat()));
        assert_eq!(check_relation(&crossed, &zigzag(2000, true)), refused);
    }

    #[test]
    fn crossings_and_positions_hold_memory() {
        let (up, side) = (zigzag(500, true), zigzag(500, false));
        let room = Room::new(u64::MAX);
        let used = |shapes: &[&Geometry]| {
            with_memory(&room, || {
                check(shapes.iter().copied()).unwrap();
                room.used()
            })
        };
        assert_eq!(used(&[&up]), (501 * POSITION) as u64);
        assert!(used(&[&up, &side]) > (1002 * POSITION + 200_000 * CROSSING) as u64);
        let little = Room::new(1_000_000);
        assert_eq!(with_memory(&little, || check([&up, &side])), Err(RuntimeError::OutOfMemory));
        assert_eq!(little.used(), 0);
    }

    #[test]
    fn counting_ends_when_the_read_is_stopped() {
        let switch = StopSwitch::default();
        switch.stop(Stopped::Timeout);
        let found = switch.guard(|| check([&zigzag(100_000, true), &zigzag(1000, false)]));
        assert_eq!(found, Err(RuntimeError::Stopped));
    }
}
