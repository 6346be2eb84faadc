//! The bounding box of a group's shapes.

use super::fold::Fold;
use super::unions::shape_of;
use super::{RuntimeError, place, shapes};
use geo::{BoundingRect as _, Coord};
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;
use std::collections::VecDeque;

/// The bounding box of all shapes. They leave a window in the order in which they came.
///
/// Of each side of the box only rows are remembered that can become the outermost when others have left:
/// in most windows few, without a window all rows in the worst case. When that is too much, the
/// box alone is kept, which is all that a group without a window needs.
#[derive(Default)]
pub struct Extent {
    came: u64,
    left: u64,
    /// West, south, and negative east and north.
    sides: [Side; 4],
    /// Rows that may not leave, as they were not remembered.
    fixed: bool,
}

/// Rows by number, each with a greater value than those before it.
#[derive(Default)]
struct Side(VecDeque<(u64, f64)>);

impl Side {
    fn add(&mut self, row: u64, value: f64) {
        while self.0.back().is_some_and(|(_, last)| *last >= value) {
            self.0.pop_back();
        }
        self.0.push_back((row, value));
    }

    fn remove_before(&mut self, row: u64) {
        while self.0.front().is_some_and(|(first, _)| *first < row) {
            self.0.pop_front();
        }
    }

    fn least(&self) -> Option<f64> {
        self.0.front().map(|(_, value)| *value)
    }
}

impl Fold for Extent {
    const SHAPES: bool = true;

    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        let bounds = shape_of(arguments)?.and_then(|geometry| geometry.bounding_rect());
        if let Some(bounds) = bounds {
            let (min, max) = (bounds.min(), bounds.max());
            for (side, value) in self.sides.iter_mut().zip([min.x, min.y, -max.x, -max.y]) {
                side.add(self.came, value);
            }
        }
        self.came += 1;
        if self.fixed { self.reduce().map(|_| ()) } else { Ok(()) }
    }

    fn remove(&mut self, _: &Context<'_>) -> Result<()> {
        if self.fixed {
            return Err(RuntimeError::OutOfMemory.into());
        }
        self.left += 1;
        self.sides.iter_mut().for_each(|side| side.remove_before(self.left));
        Ok(())
    }

    fn value(&mut self) -> Result<Option<Value>> {
        let [Some(west), Some(south), Some(east), Some(north)] = self.sides.each_ref().map(Side::least)
        else {
            return Ok(None);
        };
        let (min, max) = (Coord { x: west, y: south }, Coord { x: -east, y: -north });
        Ok(Some(Value::Text(shapes::write(&place::box_polygon(min, max))?)))
    }

    fn bytes(&self) -> usize {
        self.sides.iter().map(|side| side.0.capacity() * size_of::<(u64, f64)>()).sum()
    }

    fn reduce(&mut self) -> Result<bool> {
        self.fixed = true;
        for side in &mut self.sides {
            side.0.truncate(1);
            side.0.shrink_to_fit();
        }
        Ok(true)
    }
}
