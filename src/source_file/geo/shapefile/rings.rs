//! Rings of a shape as polygons: outer ones turn clockwise, holes the other way.

/// Doubles of a position.
pub(super) type Position = [f64; 2];

/// Pairs of a hole and an outer ring that are looked at for one shape.
const MAX_PAIRS: usize = 50_000_000;

/// Twice the area, negative for a ring that turns clockwise.
fn area(ring: &[Position]) -> f64 {
    ring.iter().zip(ring.iter().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

#[derive(Clone, Copy)]
struct Extent {
    low: Position,
    high: Position,
}

impl Extent {
    fn of(ring: &[Position]) -> Self {
        let start = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };
        ring.iter().fold(start, |extent, p| Self {
            low: [extent.low[0].min(p[0]), extent.low[1].min(p[1])],
            high: [extent.high[0].max(p[0]), extent.high[1].max(p[1])],
        })
    }

    fn has(&self, p: &Position) -> bool {
        (0..2).all(|axis| (self.low[axis]..=self.high[axis]).contains(&p[axis]))
    }
}

/// Whether a position lies in a ring, by how often a ray from it crosses the ring.
fn is_inside(p: &Position, ring: &[Position]) -> bool {
    let crosses = |(a, b): (&Position, &Position)| {
        (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    ring.iter().zip(ring.iter().skip(1)).filter(|pair| crosses(*pair)).count() % 2 == 1
}

/// The numbers of the rings of each polygon, the outer one first. A hole that lies in no other ring is a polygon of
/// its own: some programs turn all rings the same way. None where there are too many to tell.
pub(super) fn polygons(rings: &[Vec<Position>]) -> Option<Vec<Vec<usize>>> {
    let is_outer: Vec<bool> = rings.iter().map(|ring| area(ring) <= 0.0).collect();
    let extents: Vec<Extent> = rings.iter().map(|ring| Extent::of(ring)).collect();
    let mut polygons: Vec<Vec<usize>> =
        (0..rings.len()).filter(|ring| is_outer[*ring]).map(|ring| vec![ring]).collect();
    let outer = polygons.len();
    if outer.saturating_mul(rings.len() - outer) > MAX_PAIRS {
        return None;
    }
    // Positions that are compared, of all holes together.
    let mut left = MAX_PAIRS * 2;
    for hole in (0..rings.len()).filter(|ring| !is_outer[*ring]) {
        let Some(position) = rings[hole].first() else { continue };
        let mut home = None;
        for (number, polygon) in polygons[..outer].iter().enumerate() {
            if extents[polygon[0]].has(position) {
                left = left.checked_sub(rings[polygon[0]].len())?;
                if is_inside(position, &rings[polygon[0]]) {
                    home = Some(number);
                    break;
                }
            }
        }
        match home {
            Some(number) => polygons[number].push(hole),
            None => polygons.push(vec![hole]),
        }
    }
    Some(polygons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, size: f64, clockwise: bool) -> Vec<Position> {
        let mut ring = vec![[x, 0.0], [x, size], [x + size, size], [x + size, 0.0], [x, 0.0]];
        if !clockwise {
            ring.reverse();
        }
        ring
    }

    #[test]
    fn holes_go_into_the_ring_around_them() {
        let hole = vec![[12.0, 2.0], [13.0, 2.0], [13.0, 3.0], [12.0, 3.0], [12.0, 2.0]];
        assert!(area(&hole) > 0.0);
        let rings = [square(0.0, 5.0, true), hole, square(10.0, 5.0, true), square(20.0, 5.0, false)];
        assert_eq!(polygons(&rings), Some(vec![vec![0], vec![2, 1], vec![3]]));
        assert_eq!(polygons(&[]), Some(vec![]));
    }

    #[test]
    fn too_many_rings_are_not_sorted() {
        let mut rings = vec![square(0.0, 5.0, true); 8000];
        rings.extend(vec![square(0.0, 5.0, false); 8000]);
        assert_eq!(polygons(&rings), None);
    }
}
