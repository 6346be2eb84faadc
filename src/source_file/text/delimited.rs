//! Records of delimited text (RFC 4180 with any separator and quote). What quotes enclose is read as leniently as
//! most programs do; a quote that is never closed is refused, since it swallows the rest of the file.

use super::super::bounds::Bounds;
use super::super::cells::{RowBuffer, Slot};
use super::super::error::{FileError, FileErrorKey};
use super::super::table::Records;
use super::Utf8;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::io::{Read, Seek};

/// A record of more cells is not read.
const MAX_CELLS: usize = 65_536;

/// The records of a delimited text.
pub(in super::super) struct Delimited<R> {
    text: Utf8<R>,
    reader: Reader,
    ends: Vec<usize>,
    max_row: usize,
    /// The last record was ended by a carriage return, so that a line feed behind it belongs to its end.
    after_return: bool,
    /// Ends of lines that the reader was not shown.
    skipped: u64,
    /// The line on which the record begins.
    line: u64,
}

impl<R: Read + Seek> Delimited<R> {
    /// The records of a text with this separator and this quote, if there is one.
    pub(in super::super) fn new(text: Utf8<R>, separator: u8, quote: Option<u8>, bounds: &Bounds) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(separator).quoting(quote.is_some()).quote(quote.unwrap_or(b'"'));
        Self {
            text,
            reader: builder.build(),
            ends: vec![0; 64],
            max_row: bounds.row,
            after_return: false,
            skipped: 0,
            line: 1,
        }
    }

    /// At the begin of a record: whether the line is empty, which the reader would pass over. None at the end.
    fn empty_line(&mut self) -> Result<Option<bool>, FileError> {
        let after_return = std::mem::take(&mut self.after_return);
        let mut first = self.text.piece()?.first().copied();
        if first == Some(b'\n') && after_return {
            self.text.consume(1);
            self.skipped += 1;
            first = self.text.piece()?.first().copied();
        }
        self.line = self.reader.line() + self.skipped;
        let empty = match first {
            None => return Ok(None),
            Some(byte) => matches!(byte, b'\n' | b'\r'),
        };
        if empty {
            self.text.consume(1);
            self.skipped += u64::from(first == Some(b'\n'));
            self.after_return = first == Some(b'\r');
        }
        Ok(Some(empty))
    }

    /// Reads one record, of which something is there.
    fn record(&mut self, row: &mut RowBuffer) -> Result<usize, FileError> {
        let (mut length, mut cells) = (0, 0);
        if row.bytes.is_empty() {
            row.bytes.resize(4096, 0);
        }
        loop {
            let piece = self.text.piece()?;
            // A line's end at the end of the text ends the last record, unless it stands inside of quotes.
            let last = piece.is_empty();
            let piece = if last { b"\n" } else { piece };
            let (result, used, written, ended) =
                self.reader.read_record(piece, &mut row.bytes[length..], &mut self.ends[cells..]);
            self.after_return = used > 0 && piece[used - 1] == b'\r';
            if !last {
                self.text.consume(used);
            }
            (length, cells) = (length + written, cells + ended);
            match result {
                ReadRecordResult::InputEmpty if last => return Err(self.never_closed()),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow(row)?,
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MAX_CELLS => {
                    return Err(self.too_many_cells());
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        row.length = length;
        Ok(cells)
    }

    fn grow(&mut self, row: &mut RowBuffer) -> Result<(), FileError> {
        let length = (row.bytes.len() * 2).min(self.max_row);
        if row.bytes.len() >= self.max_row {
            return Err(self.too_long());
        }
        row.bytes.resize(length, 0);
        row.take_room(&format!("The row that begins on line {}", self.line))
    }

    fn too_long(&mut self) -> FileError {
        // Only inside of quotes the end of a line goes on.
        let (result, ..) = self.reader.read_record(b"\n", &mut [0; 4], &mut [0; 4]);
        let is_quoted = matches!(result, ReadRecordResult::InputEmpty);
        let quoted = if is_quoted { ", inside of quotes that may never be closed" } else { "" };
        FileError::new(
            FileErrorKey::RowTooLong,
            format!("The row that begins on line {} has more than {} bytes{quoted}", self.line, self.max_row),
            "Look there for a missing end of a line or a missing quote, and at quote_char.",
        )
    }

    fn never_closed(&self) -> FileError {
        FileError::unparsable(
            format!("A quote in the row that begins on line {} is never closed", self.line),
            "Close it, write a quote inside of quotes twice, or set quote_char to a character that the file does not have.",
        )
    }

    fn too_many_cells(&self) -> FileError {
        FileError::new(
            FileErrorKey::TooManyColumns,
            format!("The row that begins on line {} has more than {MAX_CELLS} cells", self.line),
            "Look at column_separator, and for a missing end of a line.",
        )
    }
}

impl<R: Read + Seek + Send> Records for Delimited<R> {
    fn next(&mut self, row: &mut RowBuffer) -> Result<bool, FileError> {
        row.length = 0;
        row.slots.clear();
        match self.empty_line()? {
            None => return Ok(false),
            Some(true) => {
                row.slots.push(Slot::Null);
                return Ok(true);
            }
            Some(false) => {}
        }
        let cells = self.record(row)?;
        let mut from = 0;
        for end in &self.ends[..cells] {
            // A row is shorter than 4 GiB by its bound.
            let to = u32::try_from(*end).unwrap_or(u32::MAX);
            row.slots.push(Slot::Text(from, to));
            from = to;
        }
        Ok(true)
    }

    fn place(&self) -> String {
        format!("line {}", self.line)
    }
}
