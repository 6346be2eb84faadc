//! Fewer vertices, and a place for a label.

use super::call::too_large;
use crate::transform::DataError;
use geo::{Area as _, BoundingRect as _, Coord, Geometry, LineString, Polygon};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Distances that a simplification or a label may have to work out.
const MAX_STEPS: usize = 50_000_000;
/// How near a label's distance to the border comes to the largest that there is.
const PRECISION: f64 = 0.001;
/// Vertices that are left of a ring at least, and of a line.
const RING: usize = 4;
const LINE: usize = 2;

/// Which vertices of lines are kept: of each line the places, in order.
pub type Keep = fn(&[Part<'_>], usize) -> Result<Vec<Vec<usize>>, Box<DataError>>;

/// A line of a geometry and how many vertices it needs.
pub struct Part<'g> {
    line: &'g LineString,
    least: usize,
}

/// A geometry with so many vertices in all, as far as each line keeps what it needs.
pub fn simplified(geometry: Geometry, wanted: usize, keep: Keep) -> Result<Geometry, Box<DataError>> {
    let mut parts = Vec::new();
    each_line(&geometry, &mut |line, least| parts.push(Part { line, least }));
    let kept = keep(&parts, wanted)?;
    let mut lines = parts
        .iter()
        .zip(kept)
        .map(|(part, places)| LineString(places.into_iter().map(|at| part.line.0[at]).collect()))
        .collect::<Vec<_>>()
        .into_iter();
    let mut next = || lines.next().unwrap_or_else(|| LineString(Vec::new()));
    Ok(match &geometry {
        Geometry::LineString(_) => Geometry::LineString(next()),
        Geometry::MultiLineString(all) => {
            Geometry::MultiLineString(geo::MultiLineString(all.iter().map(|_| next()).collect()))
        }
        Geometry::Polygon(polygon) => Geometry::Polygon(with_rings(polygon, &mut next)),
        Geometry::MultiPolygon(all) => Geometry::MultiPolygon(geo::MultiPolygon(
            all.iter().map(|polygon| with_rings(polygon, &mut next)).collect(),
        )),
        other => other.clone(),
    })
}

fn with_rings(polygon: &Polygon, next: &mut impl FnMut() -> LineString) -> Polygon {
    let exterior = next();
    Polygon::new(exterior, polygon.interiors().iter().map(|_| next()).collect())
}

fn each_line<'g>(geometry: &'g Geometry, see: &mut impl FnMut(&'g LineString, usize)) {
    let rings = |polygon: &'g Polygon, see: &mut dyn FnMut(&'g LineString, usize)| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).for_each(|ring| see(ring, RING));
    };
    match geometry {
        Geometry::LineString(line) => see(line, LINE),
        Geometry::MultiLineString(lines) => lines.iter().for_each(|line| see(line, LINE)),
        Geometry::Polygon(polygon) => rings(polygon, see),
        Geometry::MultiPolygon(polygons) => polygons.iter().for_each(|polygon| rings(polygon, see)),
        _ => {}
    }
}

/// Something in a queue, the largest size first.
struct Sized<T>(f64, T);

impl<T> PartialEq for Sized<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Sized<T> {}

impl<T> PartialOrd for Sized<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Sized<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A stretch of a line, and the vertex between its ends that is farthest from it.
struct Stretch {
    part: usize,
    from: usize,
    far: usize,
    to: usize,
}

/// By Ramer, Douglas and Peucker: the vertex that is farthest from the line so far is added, again and again.
pub fn farthest(parts: &[Part<'_>], wanted: usize) -> Result<Vec<Vec<usize>>, Box<DataError>> {
    let mut kept: Vec<Vec<usize>> = parts.iter().map(|part| ends(part.line)).collect();
    let mut count: usize = kept.iter().map(Vec::len).sum();
    let mut queue = BinaryHeap::new();
    let mut steps = 0;
    for (part, Part { line, .. }) in parts.iter().enumerate() {
        push(&mut queue, line, part, 0, line.0.len().saturating_sub(1), &mut steps)?;
    }
    // What has more than enough waits until all have what they need.
    let mut waiting = Vec::new();
    while let Some(Sized(distance, stretch)) = queue.pop() {
        let needs = kept[stretch.part].len() < parts[stretch.part].least;
        if count >= wanted && !needs {
            continue;
        }
        let missing: usize =
            parts.iter().zip(&kept).map(|(part, kept)| part.least.saturating_sub(kept.len())).sum();
        if !needs && count + missing >= wanted {
            waiting.push(Sized(distance, stretch));
            continue;
        }
        let Stretch { part, from, far, to } = stretch;
        kept[part].push(far);
        count += 1;
        push(&mut queue, parts[part].line, part, from, far, &mut steps)?;
        push(&mut queue, parts[part].line, part, far, to, &mut steps)?;
    }
    kept.iter_mut().for_each(|places| places.sort_unstable());
    Ok(kept)
}

fn ends(line: &LineString) -> Vec<usize> {
    match line.0.len() {
        0 => Vec::new(),
        1 => vec![0],
        count => vec![0, count - 1],
    }
}

fn push(
    queue: &mut BinaryHeap<Sized<Stretch>>,
    line: &LineString,
    part: usize,
    from: usize,
    to: usize,
    steps: &mut usize,
) -> Result<(), Box<DataError>> {
    *steps += to.saturating_sub(from);
    if *steps > MAX_STEPS {
        return Err(too_large("The geometry"));
    }
    let (a, b) = match (line.0.get(from), line.0.get(to)) {
        (Some(a), Some(b)) if to > from + 1 => (*a, *b),
        _ => return Ok(()),
    };
    let distances = (from + 1..to).map(|at| (to_segment(line.0[at], a, b), at));
    if let Some((distance, far)) = distances.max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1))) {
        queue.push(Sized(distance, Stretch { part, from, far, to }));
    }
    Ok(())
}

/// The square of the distance between a position and a segment.
fn to_segment(p: Coord, a: Coord, b: Coord) -> f64 {
    let (along, size) = (b - a, (b.x - a.x).powi(2) + (b.y - a.y).powi(2));
    let share = if size == 0.0 { 0.0 } else { ((p.x - a.x) * along.x + (p.y - a.y) * along.y) / size };
    let near = a + along * share.clamp(0.0, 1.0);
    (p.x - near.x).powi(2) + (p.y - near.y).powi(2)
}

/// By Visvalingam and Whyatt: the vertex whose triangle with its neighbours is the smallest goes, again and again.
pub fn largest(parts: &[Part<'_>], wanted: usize) -> Result<Vec<Vec<usize>>, Box<DataError>> {
    struct Vertex {
        part: usize,
        at: usize,
        version: u32,
    }
    let mut neighbours: Vec<Vec<(usize, usize, u32)>> = parts
        .iter()
        .map(|part| (0..part.line.0.len()).map(|at| (at.wrapping_sub(1), at + 1, 0)).collect())
        .collect();
    let mut counts: Vec<usize> = parts.iter().map(|part| part.line.0.len()).collect();
    let mut count: usize = counts.iter().sum();
    let area = |part: usize, (before, behind, _): (usize, usize, u32), at: usize| {
        let line = &parts[part].line.0;
        let (a, b, c) = (line[before], line[at], line[behind]);
        ((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)).abs() / 2.0
    };
    let mut queue = BinaryHeap::new();
    for (part, around) in neighbours.iter().enumerate() {
        let inner = around.iter().enumerate().take(around.len().saturating_sub(1)).skip(1);
        inner.for_each(|(at, vertex)| {
            queue.push(Sized(-area(part, *vertex, at), Vertex { part, at, version: 0 }));
        });
    }
    while count > wanted
        && let Some(Sized(_, Vertex { part, at, version })) = queue.pop()
    {
        let (before, behind, current) = neighbours[part][at];
        if version != current || counts[part] <= parts[part].least {
            continue;
        }
        neighbours[part][at].2 = u32::MAX;
        counts[part] -= 1;
        count -= 1;
        neighbours[part][before].1 = behind;
        neighbours[part][behind].0 = before;
        for at in [before, behind] {
            if at > 0 && at + 1 < neighbours[part].len() {
                neighbours[part][at].2 += 1;
                let around = neighbours[part][at];
                queue.push(Sized(-area(part, around, at), Vertex { part, at, version: around.2 }));
            }
        }
    }
    let left = |around: &Vec<(usize, usize, u32)>| {
        around.iter().enumerate().filter(|(_, vertex)| vertex.2 != u32::MAX).map(|(at, _)| at).collect()
    };
    Ok(neighbours.iter().map(left).collect())
}

/// A square cell around a place.
struct Square {
    centre: Coord,
    half: f64,
    distance: f64,
}

/// The place in the largest polygon that is farthest from its border, by a grid that gets finer where such a place
/// can be (the algorithm of mapbox/polylabel).
pub fn polylabel(geometry: &Geometry) -> Result<Option<Coord>, Box<DataError>> {
    let polygon = match geometry {
        Geometry::Polygon(polygon) => Some(polygon),
        Geometry::MultiPolygon(all) => {
            all.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))
        }
        _ => None,
    };
    let Some((polygon, bounds)) = polygon.and_then(|polygon| Some((polygon, polygon.bounding_rect()?)))
    else {
        return Ok(None);
    };
    let size = bounds.width().min(bounds.height());
    if size <= 0.0 || !size.is_finite() {
        return Ok(Some(bounds.min()));
    }
    let edges = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring| ring.0.len())
        .sum::<usize>();
    let mut steps = 0;
    let mut square = |centre: Coord, half: f64| {
        steps += edges;
        if steps > MAX_STEPS {
            return Err(too_large("The geometry"));
        }
        Ok(Square { centre, half, distance: inside_distance(centre, polygon) })
    };
    let mut queue = BinaryHeap::new();
    let reach = |square: &Square| square.distance + square.half * std::f64::consts::SQRT_2;
    let half = size / 2.0;
    // No more than a thousand cells to begin with, however long the polygon is.
    let count = |length: f64| ((length / size).ceil() as usize).clamp(1, 1000);
    for column in 0..count(bounds.width()) {
        for row in 0..count(bounds.height()) {
            let offset = Coord { x: column as f64 * size + half, y: row as f64 * size + half };
            let cell = square(bounds.min() + offset, half)?;
            queue.push(Sized(reach(&cell), cell));
        }
    }
    use geo::Centroid as _;
    let centre = polygon.centroid().map_or(bounds.center(), |point| point.0);
    let mut best = square(centre, 0.0)?;
    let middle = square(bounds.center(), 0.0)?;
    if middle.distance > best.distance {
        best = middle;
    }
    // In degrees or metres alike: a part of the size.
    let precision = PRECISION * size.min(1.0);
    while let Some(Sized(most, cell)) = queue.pop() {
        let (centre, half) = (cell.centre, cell.half / 2.0);
        if cell.distance > best.distance {
            best = cell;
        }
        if most - best.distance <= precision {
            continue;
        }
        for (x, y) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
            let part = square(centre + Coord { x, y }, half)?;
            queue.push(Sized(reach(&part), part));
        }
    }
    Ok(Some(best.centre))
}

/// The distance to the border; negative outside.
fn inside_distance(place: Coord, polygon: &Polygon) -> f64 {
    let (mut inside, mut nearest) = (false, f64::INFINITY);
    for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
        for edge in ring.lines() {
            let (a, b) = (edge.start, edge.end);
            if (a.y > place.y) != (b.y > place.y)
                && place.x < (b.x - a.x) * (place.y - a.y) / (b.y - a.y) + a.x
            {
                inside = !inside;
            }
            nearest = nearest.min(to_segment(place, a, b));
        }
    }
    if inside { nearest.sqrt() } else { -nearest.sqrt() }
}
