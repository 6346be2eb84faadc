//! The rows of a dataset to be made, read while they are stored, so that they take little memory
//! however many there are.

use crate::codec::{BodyFormat, Decoder, DefinitionDecoder, MAX_ROW, Rows, RowsText, TopLevel};
use crate::memory::Room;
use crate::store::{Entry, StoreError};
use std::io::{self, Cursor, Read};
use std::sync::Arc;

/// Text is read in pieces of this size, and rows are stored in batches of about this size.
const PIECE: usize = 64 * 1024;

/// Rows that wait to be read.
pub struct RowsToRead {
    format: BodyFormat,
    /// What the text is called in a failure to read it.
    name: String,
    text: Box<dyn Read + Send>,
}

impl RowsToRead {
    /// The rows of a text.
    pub fn text(format: BodyFormat, text: impl Into<Vec<u8>>) -> Self {
        Self::from(format, "the rows", Cursor::new(text.into()))
    }

    /// The rows of what is read from somewhere.
    pub fn from(format: BodyFormat, name: impl Into<String>, text: impl Read + Send + 'static) -> Self {
        Self { format, name: name.into(), text: Box::new(text) }
    }

    /// The format of the text.
    pub fn format(&self) -> BodyFormat {
        self.format
    }

    /// The whole text.
    pub fn read_to_string(mut self) -> io::Result<String> {
        let mut text = String::new();
        self.text.read_to_string(&mut text).map(|_| text)
    }

    /// The rows as their dataset types them, batch by batch.
    pub(super) fn typed(
        mut self,
        entry: &Entry,
        partial: &Room,
    ) -> impl Iterator<Item = Result<Arc<crate::codec::Batch>, StoreError>> {
        let mut rows = Rows::new(Arc::clone(&entry.layout));
        let mut decoder = Decoder::new(self.format, TopLevel::Array, MAX_ROW, partial);
        let (mut piece, mut over) = (vec![0; PIECE], false);
        std::iter::from_fn(move || {
            while !over && rows.pending() < PIECE {
                match self.read(&mut piece, &mut decoder, &mut rows) {
                    Ok(ended) => over = ended,
                    Err(error) => {
                        over = true;
                        rows.take();
                        return Some(Err(error));
                    }
                }
            }
            let batch = rows.take();
            (!batch.is_empty()).then(|| Ok(Arc::new(batch)))
        })
    }

    /// Types one piece; true when it was the last.
    fn read(&mut self, piece: &mut [u8], decoder: &mut Decoder, rows: &mut Rows) -> Result<bool, StoreError> {
        let length = loop {
            match self.text.read(piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(|source| StoreError::File { path: self.name.clone(), source })?,
            }
        };
        if length == 0 {
            decoder.finish(rows)?;
            return Ok(true);
        }
        decoder.feed(&piece[..length], rows)?;
        Ok(false)
    }
}

/// The text that a transformation makes of another one.
struct Transformed<R, T> {
    text: R,
    transform: T,
    ready: Cursor<Vec<u8>>,
    over: bool,
}

/// Makes text of pieces of another one; none of an empty piece, which is the end.
trait Transform {
    fn piece(&mut self, piece: &[u8]) -> io::Result<Vec<u8>>;
}

impl<R: Read, T: Transform> Read for Transformed<R, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.ready.read(buffer)?;
            if length > 0 || self.over || buffer.is_empty() {
                return Ok(length);
            }
            let mut piece = vec![0; PIECE];
            let length = self.text.read(&mut piece)?;
            self.over = length == 0;
            self.ready = Cursor::new(self.transform.piece(&piece[..length])?);
        }
    }
}

fn transformed(text: impl Read, transform: impl Transform) -> impl Read {
    Transformed { text, transform, ready: Cursor::default(), over: false }
}

/// The rows in a definition, which was read before without them.
pub(super) fn of_definition(text: impl Read) -> impl Read {
    // Each row was held before, when the definition was read.
    let decoder = DefinitionDecoder::new(&Room::new(u64::MAX));
    transformed(text, OfDefinition { decoder, rows: RowsText::default() })
}

struct OfDefinition {
    decoder: DefinitionDecoder,
    rows: RowsText,
}

impl Transform for OfDefinition {
    fn piece(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        self.decoder.feed(piece, &mut self.rows).map_err(|e| io::Error::other(e.message))?;
        Ok(self.rows.take())
    }
}

/// One JSON value a line as an array.
pub(super) fn array_of_lines(text: impl Read) -> impl Read {
    transformed(text, Lines { begun: false, any: false, fresh: true })
}

struct Lines {
    begun: bool,
    /// There was a line with a value.
    any: bool,
    /// Nothing but blanks has come of the line.
    fresh: bool,
}

impl Transform for Lines {
    fn piece(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(piece.len() + 64);
        if !self.begun {
            self.begun = true;
            out.push(b'[');
        }
        for line in piece.split_inclusive(|b| *b == b'\n') {
            let text = if self.fresh { line.trim_ascii_start() } else { line };
            if self.fresh && !text.is_empty() {
                if self.any {
                    out.push(b',');
                }
                (self.any, self.fresh) = (true, false);
            }
            out.extend_from_slice(text);
            if line.ends_with(b"\n") {
                if text.is_empty() {
                    out.push(b'\n');
                }
                self.fresh = true;
            }
        }
        if piece.is_empty() {
            out.push(b']');
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives so many bytes at a time.
    struct Bits<'a>(&'a [u8], usize);

    impl Read for Bits<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    #[test]
    fn lines_become_an_array_with_the_same_lines() {
        for (lines, array) in [
            ("", "[]"),
            ("\n \n", "[\n\n]"),
            ("{\"a\":1}\n{\"a\":2}", "[{\"a\":1}\n,{\"a\":2}]"),
            ("\n  {\"a\": 1} \r\n\r\n[2]\n", "[\n{\"a\": 1} \r\n\n,[2]\n]"),
        ] {
            for bits in [1, 3, 100] {
                let mut text = String::new();
                array_of_lines(Bits(lines.as_bytes(), bits)).read_to_string(&mut text).unwrap();
                assert_eq!(text, array, "{bits}");
            }
        }
    }

    #[test]
    fn the_rows_of_a_definition_are_read_alone() {
        for bits in [1, 3, 100] {
            let mut text = String::new();
            let definition = br#"{"name":"x","rows":[{"a":1}, [2]],"columns":[]}"#;
            of_definition(Bits(definition, bits)).read_to_string(&mut text).unwrap();
            assert_eq!(text, r#"[{"a":1},[2]]"#);
        }
    }
}
