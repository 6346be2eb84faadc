//! The union of lines as PostGIS makes it: lines are cut wherever they meet, and what lies upon each other
//! is there once. Pieces are not joined again.

use super::Ran;
use super::crossings::close_pairs;
use super::held::hold;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect as _, Coord, CoordsIter as _, Geometry, Line, LineString, MultiLineString};
use std::collections::HashSet;

/// Bytes that a position takes while lines are united, and a place where two edges meet: it lies on both, and ends
/// pieces that are told apart by all their positions.
const POSITION: usize = 192;
const NODE: usize = 320;

/// The union of two shapes. Where their boxes do not meet, both stay as they are, even if they cross themselves.
pub fn union_of_two(a: Geometry, b: Geometry) -> Ran<Geometry> {
    let apart = a.bounding_rect().zip(b.bounding_rect()).is_some_and(|(a, b)| {
        a.max().x < b.min().x || b.max().x < a.min().x || a.max().y < b.min().y || b.max().y < a.min().y
    });
    if !apart {
        return union_of_lines(&[a, b]);
    }
    let parts = |shape| match shape {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.0,
        _ => Vec::new(),
    };
    Ok(MultiLineString([parts(a), parts(b)].concat()).into())
}

/// The union of all lines of the shapes.
pub fn union_of_lines(shapes: &[Geometry]) -> Ran<Geometry> {
    hold(POSITION * shapes.iter().map(|shape| shape.coords_count()).sum::<usize>())?;
    let lines: Vec<Vec<Coord>> = shapes.iter().flat_map(lines_of).collect();
    let mut edges = Vec::new();
    let mut places = Vec::new();
    for (line, coords) in lines.iter().enumerate() {
        for (step, pair) in coords.windows(2).enumerate() {
            edges.push(Line::new(pair[0], pair[1]));
            places.push((line, step));
        }
    }
    let mut nodes: Vec<Vec<Coord>> = vec![Vec::new(); edges.len()];
    close_pairs(&edges, |a, b| {
        let meeting = line_intersection(edges[a], edges[b]);
        let found = match meeting {
            None => return Ok(()),
            Some(LineIntersection::SinglePoint { .. }) if follow(&lines, places[a], places[b]) => {
                return Ok(());
            }
            Some(LineIntersection::SinglePoint { intersection, .. }) => vec![intersection],
            Some(LineIntersection::Collinear { intersection }) => vec![intersection.start, intersection.end],
        };
        hold(NODE * found.len())?;
        nodes[a].extend(&found);
        nodes[b].extend(&found);
        Ok(())
    })?;
    let mut pieces = Pieces::default();
    let mut nodes = nodes.into_iter();
    for coords in &lines {
        pieces.cut(coords, &mut nodes);
    }
    Ok(MultiLineString(pieces.lines).into())
}

/// The lines of a shape without repeated positions.
fn lines_of(shape: &Geometry) -> Vec<Vec<Coord>> {
    let lines: Vec<&LineString> = match shape {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.iter().collect(),
        _ => Vec::new(),
    };
    let bare = |line: &LineString| {
        let mut coords = line.0.clone();
        coords.dedup();
        coords
    };
    lines.into_iter().map(bare).filter(|coords| coords.len() > 1).collect()
}

/// Whether two edges of one line follow each other, also over the end of a closed one: that they meet there
/// is no crossing.
fn follow(lines: &[Vec<Coord>], a: (usize, usize), b: (usize, usize)) -> bool {
    let (first, second) = (a.1.min(b.1), a.1.max(b.1));
    let coords = &lines[a.0];
    let last = coords.len() - 2;
    let closed = coords.first() == coords.last();
    a.0 == b.0 && (first + 1 == second || (closed && first == 0 && second == last))
}

/// Pieces that differ, in the order in which they were found.
#[derive(Default)]
struct Pieces {
    lines: Vec<LineString>,
    known: HashSet<Vec<(u64, u64)>>,
}

impl Pieces {
    /// Cuts a line at the nodes of its edges.
    fn cut(&mut self, coords: &[Coord], nodes: &mut impl Iterator<Item = Vec<Coord>>) {
        let mut piece = vec![coords[0]];
        for pair in coords.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            let mut here = nodes.next().unwrap_or_default();
            let away = |c: &Coord| (c.x - start.x).powi(2) + (c.y - start.y).powi(2);
            here.sort_by(|a, b| away(a).total_cmp(&away(b)));
            for node in &here {
                if piece.last() != Some(node) {
                    piece.push(*node);
                }
                self.end(&mut piece);
            }
            if piece.last() != Some(&end) {
                piece.push(end);
            }
        }
        self.end(&mut piece);
    }

    /// Takes a piece that ends here, if it is new; the next one begins where it ends.
    fn end(&mut self, piece: &mut Vec<Coord>) {
        let Some(last) = piece.last().copied() else { return };
        let done = std::mem::replace(piece, vec![last]);
        if done.len() < 2 {
            return;
        }
        // Zero has two signs.
        let bits = |c: &Coord| ((c.x + 0.0).to_bits(), (c.y + 0.0).to_bits());
        let forward: Vec<_> = done.iter().map(bits).collect();
        let backward: Vec<_> = done.iter().rev().map(bits).collect();
        if self.known.insert(forward.min(backward)) {
            self.lines.push(LineString(done));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn union(lines: &[&[(f64, f64)]]) -> Vec<Vec<(f64, f64)>> {
        let shapes: Vec<Geometry> = lines.iter().map(|line| LineString::from(line.to_vec()).into()).collect();
        let Geometry::MultiLineString(found) = union_of_lines(&shapes).unwrap() else { panic!("no lines") };
        let mut found: Vec<Vec<(f64, f64)>> =
            found.iter().map(|line| line.0.iter().map(|c| (c.x, c.y)).collect()).collect();
        found.sort_by(|a, b| a.partial_cmp(b).unwrap());
        found
    }

    #[test]
    fn lines_are_cut_where_they_meet() {
        let crossed = union(&[&[(0., 0.), (2., 2.)], &[(0., 2.), (2., 0.)]]);
        assert_eq!(crossed.len(), 4);
        assert!(crossed.iter().all(|piece| piece.contains(&(1., 1.))));
        let touched = union(&[&[(0., 0.), (2., 0.)], &[(1., 0.), (1., 5.)]]);
        assert_eq!(touched, [[(0., 0.), (1., 0.)], [(1., 0.), (1., 5.)], [(1., 0.), (2., 0.)]]);
    }

    #[test]
    fn what_lies_upon_each_other_is_there_once() {
        let shared = union(&[&[(0., 0.), (2., 0.)], &[(3., 0.), (1., 0.)]]);
        assert_eq!(shared, [[(0., 0.), (1., 0.)], [(1., 0.), (2., 0.)], [(3., 0.), (2., 0.)]]);
        assert_eq!(union(&[&[(0., 0.), (1., 1.)], &[(1., 1.), (0., 0.)]]).len(), 1);
        // Pieces that only meet at their ends are not joined.
        assert_eq!(union(&[&[(0., 0.), (1., 0.)], &[(1., 0.), (2., 0.)]]).len(), 2);
    }

    #[test]
    fn two_shapes_that_are_apart_stay_as_they_are() {
        let line = |points: &[(f64, f64)]| Geometry::from(LineString::from(points.to_vec()));
        let crossed = [(0., 0.), (2., 0.), (2., 2.), (1., 2.), (1., -1.)];
        // The second touches the first at a bend, which is a cut more than the crossing with itself.
        for (other, pieces) in [([(5., 0.), (6., 0.)], 2), ([(2., 0.), (6., 0.)], 5)] {
            let Geometry::MultiLineString(found) = union_of_two(line(&crossed), line(&other)).unwrap() else {
                panic!("no lines")
            };
            assert_eq!(found.0.len(), pieces, "{other:?}");
        }
    }

    #[test]
    fn a_line_is_cut_where_it_crosses_itself_and_not_at_its_bends() {
        let loop_line = union(&[&[(0., 0.), (2., 0.), (2., 2.), (1., 2.), (1., -1.)]]);
        assert_eq!(loop_line.len(), 3);
        assert_eq!(union(&[&[(0., 0.), (1., 0.), (1., 1.), (0., 0.)]]).len(), 1);
        assert_eq!(union(&[&[(0., 0.), (1., 0.), (0., 0.)]]).len(), 1);
        assert_eq!(union(&[&[(1., 1.), (1., 1.)]]).len(), 0);
    }
}
