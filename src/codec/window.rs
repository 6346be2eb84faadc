//! A JSON body in pieces: the part that waits to be read, and the loop that reads it step by step.

use super::rows::Rows;
use super::scan::{Fault, Position, Scan, Stop};
use super::{FREE, no_room};
use crate::memory::{Held, Room};
use crate::soda::{BodyFormat, SodaError};

/// Why a step could not be made.
pub(super) enum RowStop {
    Scan(Stop),
    Refused(SodaError),
}

impl From<Stop> for RowStop {
    fn from(stop: Stop) -> Self {
        Self::Scan(stop)
    }
}

impl From<SodaError> for RowStop {
    fn from(error: SodaError) -> Self {
        Self::Refused(error)
    }
}

/// Bytes that arrived and are not read yet.
#[derive(Debug)]
pub(super) struct Window {
    buf: Vec<u8>,
    /// The buffer must be this long before another try makes sense.
    try_at: usize,
    /// Lines and characters that have left the buffer.
    place: Position,
    max_row: usize,
    format: BodyFormat,
    /// The room that the buffer takes beyond what every body may.
    held: Held,
}

impl Window {
    pub(super) fn new(max_row: usize, format: BodyFormat, partial: &Room) -> Self {
        let place = Position::default();
        Self { buf: Vec::new(), try_at: 0, place, max_row, format, held: partial.holder() }
    }

    /// Adds bytes. The buffer grows by a quarter at a time, so that it is not much larger than what it
    /// holds.
    fn add(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        let length = self.buf.len() + bytes.len();
        if length > self.buf.capacity() {
            let capacity = length + length / 4;
            if !self.held.grow_to(capacity.saturating_sub(FREE)) {
                return Err(no_room(self.row()));
            }
            self.buf.reserve_exact(capacity - self.buf.len());
        }
        self.buf.extend_from_slice(bytes);
        Ok(())
    }

    /// Forgets what was read.
    fn forget(&mut self, length: usize) {
        self.place.advance(&self.buf[..length]);
        self.buf.drain(..length);
        if self.buf.capacity() > FREE && self.buf.len() < self.buf.capacity() / 2 {
            self.buf.shrink_to(FREE);
            self.held.shrink_to(self.buf.capacity().saturating_sub(FREE));
        }
    }

    /// Refuses a row that is longer than allowed.
    pub(super) fn check_length(&self, row: usize) -> Result<(), SodaError> {
        if row > self.max_row {
            return Err(SodaError::too_large(self.max_row as u64, &format!("one {}", self.row())));
        }
        Ok(())
    }

    /// What one row is called in a refusal.
    fn row(&self) -> &'static str {
        if self.format == BodyFormat::GeoJson { "feature" } else { "row" }
    }

    /// The refusal of a body that ended before its JSON did; `empty` when nothing of it came.
    pub(super) fn cut_short(&self, empty: bool) -> SodaError {
        let fault = Fault::Said(if empty { "The body is empty" } else { "The body ends too early" });
        self.place.malformed(self.format, &self.buf, self.buf.len(), fault)
    }
}

/// Where a decoder puts what it has read.
pub(super) trait Sink {
    /// Takes back a row that has not come whole.
    fn abandon(&mut self);
}

impl Sink for Rows {
    fn abandon(&mut self) {
        Rows::abandon(self);
    }
}

/// A decoder that reads a window token by token and row by row.
pub(super) trait Steps<S: Sink> {
    fn window(&mut self) -> &mut Window;

    /// Reads what begins with `byte` at `at`, and tells where it ends.
    fn step(&mut self, scan: &Scan<'_>, at: usize, byte: u8, sink: &mut S) -> Result<usize, RowStop>;

    /// Takes the next bytes of the body.
    fn take(&mut self, bytes: &[u8], sink: &mut S) -> Result<(), SodaError> {
        let window = self.window();
        window.add(bytes)?;
        if window.buf.len() < window.try_at {
            return window.check_length(window.buf.len());
        }
        self.run(sink, false)
    }

    /// Reads as far as the window goes; `last` tells that nothing will follow.
    fn run(&mut self, sink: &mut S, last: bool) -> Result<(), SodaError> {
        let buf = std::mem::take(&mut self.window().buf);
        let (at, result) = self.read(&Scan { buf: &buf, last }, sink);
        let window = self.window();
        window.buf = buf;
        result?;
        window.forget(at);
        // A row that did not fit is tried again when twice as much of it is there, so that a long
        // row costs time in proportion to its length.
        window.try_at = window.buf.len() * 2;
        window.check_length(window.buf.len())
    }

    /// Makes as many steps as can be made; how far they came, and what stopped them.
    fn read(&mut self, scan: &Scan<'_>, sink: &mut S) -> (usize, Result<(), SodaError>) {
        let mut at = 0;
        loop {
            let here = scan.skip_space(at);
            let Some(byte) = scan.buf.get(here).copied() else { return (here, Ok(())) };
            match self.step(scan, here, byte, sink) {
                Ok(after) => at = after,
                Err(RowStop::Scan(Stop::Incomplete)) => {
                    sink.abandon();
                    return (here, Ok(()));
                }
                Err(RowStop::Scan(Stop::Malformed(place, why))) => {
                    let window = self.window();
                    return (0, Err(window.place.malformed(window.format, scan.buf, place, why)));
                }
                Err(RowStop::Refused(error)) => return (0, Err(error)),
            }
        }
    }
}
