//! Great circles: where edges cross, which of their places are nearest, what lies in a polygon. Places are
//! vectors of length one, as PostGIS has them: latitudes of the ellipsoid are taken for those of a sphere.

use super::stop::Steps;
use geo::{Coord, LineString, Polygon};

/// A place as a vector of length one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place([f64; 3]);

/// The place of a longitude and a latitude.
pub fn place_of(coord: Coord) -> Place {
    let (longitude, latitude) = (coord.x.to_radians(), coord.y.to_radians());
    let ring = latitude.cos();
    Place([ring * longitude.cos(), ring * longitude.sin(), latitude.sin()])
}

impl Place {
    fn coord(self) -> Coord {
        let [x, y, z] = self.0;
        Coord { x: y.atan2(x).to_degrees(), y: z.atan2(x.hypot(y)).to_degrees() }
    }

    fn dot(self, other: Self) -> f64 {
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        a * x + b * y + c * z
    }

    fn cross(self, other: Self) -> Self {
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        Self([b * z - c * y, c * x - a * z, a * y - b * x])
    }

    fn plus(self, other: Self, times: f64) -> Self {
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        Self([a + x * times, b + y * times, c + z * times])
    }

    /// The chord between two places; it grows with their distance.
    fn chord(self, other: Self) -> f64 {
        let apart = self.plus(other, -1.0);
        apart.dot(apart).sqrt()
    }

    /// With length one; none of a vector that points nowhere.
    fn unit(self) -> Option<Self> {
        let length = self.dot(self).sqrt();
        (length > f64::EPSILON).then(|| Self(self.0.map(|part| part / length)))
    }
}

/// An edge: the shorter way between two places. It may be one place only.
#[derive(Clone, Debug)]
pub struct Arc {
    ends: [(Place, Coord); 2],
    /// The axis that the edge turns about; none when both ends are one place.
    axis: Option<Place>,
    middle: Place,
    /// The chord from the middle to an end.
    reach: f64,
}

impl Arc {
    /// The edge between two positions.
    pub fn new(from: Coord, to: Coord) -> Self {
        let (start, end) = (place_of(from), place_of(to));
        // Half the product of sum and difference is their product, and keeps its digits for places that are near.
        let axis = start.plus(end, -1.0).cross(start.plus(end, 1.0)).unit().filter(|_| from != to);
        let middle = start.plus(end, 1.0).unit().unwrap_or(start);
        let reach = middle.chord(start).max(middle.chord(end));
        Self { ends: [(start, from), (end, to)], axis, middle, reach }
    }

    /// Whether no place of the other edge is as near as a chord.
    pub fn is_beyond(&self, other: &Self, chord: f64) -> bool {
        self.middle.chord(other.middle) - self.reach - other.reach > chord
    }

    /// The chord between the nearest places of both edges, and these.
    pub fn nearest(&self, other: &Self) -> (f64, Coord, Coord) {
        if self.crosses(other) {
            return (0.0, self.ends[0].1, self.ends[0].1);
        }
        let mut best = (f64::INFINITY, self.ends[0].1, other.ends[0].1);
        for (edge, against, turned) in [(self, other, false), (other, self, true)] {
            for (place, coord) in against.ends {
                let (chord, near) = edge.nearest_to(place);
                if chord < best.0 {
                    best = if turned { (chord, coord, near) } else { (chord, near, coord) };
                }
            }
        }
        best
    }

    /// The place of the edge that is nearest, and its chord.
    fn nearest_to(&self, place: Place) -> (f64, Coord) {
        let [(start, from), (end, to)] = self.ends;
        let at_end = || {
            let (a, b) = (start.chord(place), end.chord(place));
            if a <= b { (a, from) } else { (b, to) }
        };
        let Some(axis) = self.axis else { return at_end() };
        let Some(foot) = place.plus(axis, -axis.dot(place)).unit() else { return at_end() };
        let between = start.cross(foot).dot(axis) > 0.0 && foot.cross(end).dot(axis) > 0.0;
        if between { (foot.chord(place), foot.coord()) } else { at_end() }
    }

    /// Whether the edges cross between their ends.
    fn crosses(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (self.axis, other.axis) else { return false };
        let [(a, _), (b, _)] = self.ends;
        let [(c, _), (d, _)] = other.ends;
        let sides = [-own.dot(c), own.dot(d), -others.dot(b), others.dot(a)];
        sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0)
    }
}

/// Whether a polygon holds a place that is on no edge of it.
pub fn contains(polygon: &Polygon, place: Place, steps: &mut Steps) -> bool {
    surrounds(polygon.exterior(), place, steps)
        && !polygon.interiors().iter().any(|hole| surrounds(hole, place, steps))
}

/// Whether a ring goes round a place: the turns of its corners as seen from there add up to whole rounds.
fn surrounds(ring: &LineString, place: Place, steps: &mut Steps) -> bool {
    let (mut turned, mut side) = (0.0, 0.0);
    for edge in ring.lines() {
        if !steps.go_on() {
            return false;
        }
        let (from, to) = (place_of(edge.start), place_of(edge.end));
        let (a, b) = (place.cross(from), place.cross(to));
        turned += place.dot(a.cross(b)).atan2(a.dot(b));
        side += place.dot(from);
    }
    // A ring about the place on the other side of the world looks the same.
    side > 0.0 && turned.abs() > std::f64::consts::PI
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    fn coord(x: f64, y: f64) -> Coord {
        Coord { x, y }
    }

    #[test]
    fn edges_cross_between_their_ends_only() {
        let arc = |a: (f64, f64), b: (f64, f64)| Arc::new(a.into(), b.into());
        assert!(arc((0., -1.), (0., 1.)).crosses(&arc((-1., 0.), (1., 0.))));
        assert!(!arc((0., 1.), (0., 2.)).crosses(&arc((-1., 0.), (1., 0.))));
        // On the other side of the world.
        assert!(!arc((180., -1.), (180., 1.)).crosses(&arc((-1., 0.), (1., 0.))));
        assert!(!arc((5., 5.), (5., 5.)).crosses(&arc((4., 5.), (6., 5.))));
    }

    #[test]
    fn the_nearest_place_may_lie_between_the_ends() {
        let edge = Arc::new(coord(-10., 0.), coord(10., 0.));
        let (_, near) = edge.nearest_to(place_of(coord(3., 4.)));
        assert!((near.x - 3.).abs() < 1e-9 && near.y.abs() < 1e-9, "{near:?}");
        let (chord, near) = edge.nearest_to(place_of(coord(20., 0.)));
        assert_eq!(near, coord(10., 0.));
        assert!(chord > 0.17 && chord < 0.18);
        assert!(edge.is_beyond(&Arc::new(coord(60., 0.), coord(61., 0.)), 0.1));
        assert!(!edge.is_beyond(&Arc::new(coord(10.5, 0.), coord(60., 0.)), 0.1));
    }

    #[test]
    fn polygons_hold_what_lies_inside_but_not_in_their_holes() {
        let square = polygon!(
            exterior: [(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 4.)],
            interiors: [[(x: 1., y: 1.), (x: 3., y: 1.), (x: 3., y: 3.), (x: 1., y: 3.)]],
        );
        let holds = |x, y| contains(&square, place_of(coord(x, y)), &mut Steps::default());
        assert!(holds(0.5, 0.5) && !holds(2., 2.) && !holds(5., 5.) && !holds(-178., -2.));
        let date_line = polygon![(x: 179., y: -1.), (x: -179., y: -1.), (x: -179., y: 1.), (x: 179., y: 1.)];
        let holds_across = |x, y| contains(&date_line, place_of(coord(x, y)), &mut Steps::default());
        assert!(holds_across(180., 0.) && !holds_across(0., 0.));
    }
}
