//! Shapes that functions take and give, as their stored text. What they take of memory is held by the call.

use super::Ran;
use super::held::hold;
use crate::shape;
use geo::{Coord, CoordsIter as _, Geometry};

/// Bytes of a position while shapes are read: lists grow by doubling.
const POSITION: usize = 2 * size_of::<Coord>();
/// Bytes of a position as text, about, twice for a text that grows.
const WRITTEN: usize = 80;
/// So many bytes are read and written without looking for room.
const FREE: usize = 4096;

/// A shape from its stored text.
pub fn read(text: &str) -> Ran<Geometry> {
    hold_text(text)?;
    Ok(shape::read(text)?)
}

/// A shape from a stored geometry or location; none when the location has no point.
pub fn read_any(text: &str) -> Ran<Option<Geometry>> {
    hold_text(text)?;
    Ok(shape::read_any(text)?)
}

fn hold_text(text: &str) -> Ran<()> {
    if text.len() <= FREE {
        return Ok(());
    }
    // Each position is a list, and so is each ring and each part.
    hold(text.bytes().filter(|byte| *byte == b'[').count() * POSITION)
}

/// The stored text of a shape.
pub fn write(geometry: &Geometry) -> Ran<String> {
    let bytes = geometry.coords_count() * WRITTEN;
    if bytes > FREE {
        hold(bytes)?;
    }
    Ok(shape::write(geometry))
}

#[cfg(test)]
mod tests {
    use super::super::RuntimeError;
    use super::super::held::with_memory;
    use super::*;
    use crate::memory::Room;

    #[test]
    fn large_shapes_hold_memory_while_they_are_read_and_written() {
        let line = geo::LineString::from((0..10_000).map(|i| (f64::from(i), 0.0)).collect::<Vec<_>>());
        let text = shape::write(&line.clone().into());
        let (little, enough) = (Room::new(300_000), Room::new(400_000));
        assert_eq!(with_memory(&little, || read(&text)), Err(RuntimeError::OutOfMemory));
        assert_eq!(with_memory(&enough, || read(&text)), Ok(line.clone().into()));
        assert_eq!(with_memory(&enough, || write(&line.into())), Err(RuntimeError::OutOfMemory));
        assert_eq!((little.used(), enough.used()), (0, 0));
    }
}
