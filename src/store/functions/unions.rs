//! The union of a group's shapes.

use super::fold::Fold;
use super::{Ran, nodes, place, shapes};
use geo::{CoordsIter as _, Geometry};
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// The shape that an aggregate is called with, if any.
pub fn shape_of(arguments: &Context<'_>) -> Result<Option<Geometry>> {
    match arguments.get_raw(0) {
        ValueRef::Text(t) => Ok(Some(shapes::read(std::str::from_utf8(t).unwrap_or(""))?)),
        _ => Ok(None),
    }
}

/// What kind of shapes a union is of.
pub trait Uniting: Send + UnwindSafe + RefUnwindSafe + 'static {
    /// Bytes that the computation takes for each position of the shapes, beside those that it holds itself.
    const BYTES: usize;

    /// The union.
    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry>;
}

/// A union of points.
pub struct Points;
/// A union of lines.
pub struct Lines;
/// A union of polygons.
pub struct Polygons;

impl Uniting for Points {
    const BYTES: usize = 96;

    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        Ok(place::union_of_points(&shapes))
    }
}

impl Uniting for Lines {
    const BYTES: usize = 32;

    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        nodes::union_of_lines(&shapes)
    }
}

impl Uniting for Polygons {
    const BYTES: usize = 32;

    fn unite(shapes: Vec<Geometry>) -> Ran<Geometry> {
        place::union_of_polygons(shapes)
    }
}

/// The union of a group's shapes. They leave a window in the order in which they came.
pub struct Union<U> {
    shapes: VecDeque<Option<Geometry>>,
    positions: usize,
    parts: usize,
    kind: PhantomData<fn() -> U>,
}

impl<U> Default for Union<U> {
    fn default() -> Self {
        Self { shapes: VecDeque::new(), positions: 0, parts: 0, kind: PhantomData }
    }
}

/// Rings and lines of a shape, which lie on the heap one by one.
fn parts(shape: &Geometry) -> usize {
    let rings = |polygon: &geo::Polygon| 2 + polygon.interiors().len();
    match shape {
        Geometry::MultiLineString(lines) => 1 + lines.0.len(),
        Geometry::Polygon(polygon) => rings(polygon),
        Geometry::MultiPolygon(polygons) => 1 + polygons.iter().map(rings).sum::<usize>(),
        _ => 1,
    }
}

/// Bytes of a ring or a line, its polygon's included, beside its positions.
const PART: usize = 64;

impl<U: Uniting> Fold for Union<U> {
    const SHAPES: bool = true;

    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        let shape = shape_of(arguments)?;
        self.positions += shape.as_ref().map_or(0, |s| s.coords_count());
        self.parts += shape.as_ref().map_or(0, parts);
        self.shapes.push_back(shape);
        Ok(())
    }

    fn remove(&mut self, _: &Context<'_>) -> Result<()> {
        if let Some(shape) = self.shapes.pop_front().flatten() {
            self.positions -= shape.coords_count();
            self.parts -= parts(&shape);
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Option<Value>> {
        united::<U>(self.shapes.iter().flatten().cloned().collect())
    }

    fn last_value(&mut self) -> Result<Option<Value>> {
        united::<U>(std::mem::take(&mut self.shapes).into_iter().flatten().collect())
    }

    fn bytes(&self) -> usize {
        let shape = size_of::<Option<Geometry>>();
        self.shapes.capacity() * shape + self.parts * PART + self.positions * size_of::<geo::Coord>()
    }

    fn bytes_of_value(&self) -> usize {
        self.bytes() + self.positions * U::BYTES
    }
}

fn united<U: Uniting>(shapes: Vec<Geometry>) -> Result<Option<Value>> {
    if shapes.is_empty() { Ok(None) } else { Ok(Some(Value::Text(shapes::write(&U::unite(shapes)?)?))) }
}
