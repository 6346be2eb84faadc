//! A JSON body in pieces: the part that waits to be read, and the loop that reads it step by step.

use super::rows::Rows;
use super::scan::{Fault, Position, Scan, Stop};
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
}

impl Window {
    pub(super) fn new(max_row: usize, format: BodyFormat) -> Self {
        Self { buf: Vec::new(), try_at: 0, place: Position::default(), max_row, format }
    }

    /// Refuses a row that is longer than allowed.
    pub(super) fn check_length(&self, row: usize) -> Result<(), SodaError> {
        if row > self.max_row {
            let row = if self.format == BodyFormat::GeoJson { "feature" } else { "row" };
            return Err(SodaError::too_large(self.max_row as u64, &format!("one {row} (--max-row)")));
        }
        Ok(())
    }

    /// The refusal of a body that ended before its JSON did; `empty` when nothing of it came.
    pub(super) fn cut_short(&self, empty: bool) -> SodaError {
        let fault = Fault::Said(if empty { "The body is empty" } else { "The body ends too early" });
        self.place.malformed(self.format, &self.buf, self.buf.len(), fault)
    }
}

/// A decoder that reads a window token by token and row by row.
pub(super) trait Steps {
    fn window(&mut self) -> &mut Window;

    /// Reads what begins with `byte` at `at`, and tells where it ends.
    fn step(&mut self, scan: &Scan<'_>, at: usize, byte: u8, rows: &mut Rows) -> Result<usize, RowStop>;

    /// Takes the next bytes of the body.
    fn take(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        let window = self.window();
        window.buf.extend_from_slice(bytes);
        if window.buf.len() < window.try_at {
            return window.check_length(window.buf.len());
        }
        self.run(rows, false)
    }

    /// Reads as far as the window goes; `last` tells that nothing will follow.
    fn run(&mut self, rows: &mut Rows, last: bool) -> Result<(), SodaError> {
        let buf = std::mem::take(&mut self.window().buf);
        let (at, result) = self.read(&Scan { buf: &buf, last }, rows);
        let window = self.window();
        window.buf = buf;
        result?;
        window.place.advance(&window.buf[..at]);
        window.buf.drain(..at);
        // A row that did not fit is tried again when twice as much of it is there, so that a long
        // row costs time in proportion to its length.
        window.try_at = window.buf.len() * 2;
        window.check_length(window.buf.len())
    }

    /// Makes as many steps as can be made; how far they came, and what stopped them.
    fn read(&mut self, scan: &Scan<'_>, rows: &mut Rows) -> (usize, Result<(), SodaError>) {
        let mut at = 0;
        loop {
            let here = scan.skip_space(at);
            let Some(byte) = scan.buf.get(here).copied() else { return (here, Ok(())) };
            match self.step(scan, here, byte, rows) {
                Ok(after) => at = after,
                Err(RowStop::Scan(Stop::Incomplete)) => {
                    rows.abandon();
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
