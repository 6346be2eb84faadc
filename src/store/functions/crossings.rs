//! Edges that could meet. How long a relation or an overlay of shapes takes, and how much memory, depends on
//! them; as the library that computes it cannot be stopped, they are counted before.

use super::stop::Steps;
use super::{Ran, RuntimeError};
use crate::shape::edges_of;
use crate::soql::bound::{Bound, MAX_PAIRS};
use geo::{CoordsIter as _, Geometry, Line};

/// Refuses shapes with too many edges so close that they could cross.
pub fn check<'g>(shapes: impl IntoIterator<Item = &'g Geometry>) -> Ran<()> {
    let shapes: Vec<&Geometry> = shapes.into_iter().collect();
    let most: usize = shapes.iter().map(|shape| shape.coords_count()).sum();
    if most.saturating_mul(most) / 2 <= MAX_PAIRS {
        return Ok(());
    }
    let edges: Vec<Line> = shapes.into_iter().flat_map(edges_of).collect();
    close_pairs(&edges, |_, _| ())
}

/// The interval of an edge along an axis, and across it.
#[derive(Clone, Copy)]
struct Extent {
    edge: usize,
    along: (f64, f64),
    across: (f64, f64),
}

/// Visits each pair of edges whose boxes meet, unless there are too many.
pub fn close_pairs(edges: &[Line], mut visit: impl FnMut(usize, usize)) -> Ran<()> {
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
                visit(first.edge, second.edge);
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
    use super::super::stop::{StopSwitch, Stopped};
    use super::*;
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
        close_pairs(&edges, |a, b| found.push((a.min(b), a.max(b)))).unwrap();
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

    #[test]
    fn counting_ends_when_the_read_is_stopped() {
        let switch = StopSwitch::default();
        switch.stop(Stopped::Timeout);
        let found = switch.guard(|| check([&zigzag(100_000, true), &zigzag(1000, false)]));
        assert_eq!(found, Err(RuntimeError::Stopped));
    }
}
