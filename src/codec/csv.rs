//! CSV and TSV rows, typed while the body arrives.

use super::rows::Rows;
use super::scan::normal;
use super::{FREE, no_room};
use crate::memory::{Held, Room};
use crate::soda::hint::{AfterQuote, At, CellsMistake, Encoding, FieldMistake, Place};
use crate::soda::{BodyFormat, Field, SodaError};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Value, json};

/// A decoder of records with a header line (RFC 4180).
#[derive(Debug)]
pub struct CsvDecoder {
    reader: Reader,
    format: BodyFormat,
    /// The cells of the record being read, one after the other.
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    header: Option<Vec<(Field, String)>>,
    max_row: usize,
    /// The room that the cells take beyond what every body may.
    held: Held,
    quotes: Quotes,
    /// The physical line on which the record being read begins.
    line: u64,
    /// Whether the next byte begins a record.
    fresh: bool,
    /// Ends of lines that the reader was not shown.
    skipped: u64,
    /// Whether the whole body was read.
    ended: bool,
}

/// More cells than these are read in no record.
const MAX_CELLS: usize = 65_536;

/// Where quotes stand, which the reader does not tell: it takes any for what they seem to be.
#[derive(Debug)]
struct Quotes {
    delimiter: u8,
    inside: bool,
    /// The last byte of the piece before.
    before: u8,
    /// Whether that byte closed a cell: a quote after it is one half of a doubled quote.
    closed: bool,
}

/// A quote that RFC 4180 does not allow where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StrayQuote {
    /// In a cell that does not begin with one.
    Inside,
    /// At the end of a cell that goes on behind it, with this byte.
    Behind(u8),
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, inside: false, before: b'\n', closed: false }
    }

    fn parts_cells(&self, byte: u8) -> bool {
        byte == self.delimiter || matches!(byte, b'\n' | b'\r')
    }

    /// Looks at the next piece; how much of it stands before a stray quote, if there is one.
    fn see(&mut self, bytes: &[u8]) -> Option<(usize, StrayQuote)> {
        let goes_on = |quotes: &Self, next: Option<&u8>| {
            next.copied().filter(|b| *b != b'"' && !quotes.parts_cells(*b)).map(StrayQuote::Behind)
        };
        if let Some(stray) = goes_on(self, bytes.first()).filter(|_| self.closed) {
            return Some((0, stray));
        }
        let mut closed_at = None;
        for at in memchr::memchr_iter(b'"', bytes) {
            let (before, closed) = match at.checked_sub(1) {
                None => (self.before, self.closed),
                Some(last) => (bytes[last], closed_at == Some(last)),
            };
            if self.inside {
                self.inside = false;
                closed_at = Some(at);
                if let Some(stray) = goes_on(self, bytes.get(at + 1)) {
                    return Some((at + 1, stray));
                }
            } else if closed || self.parts_cells(before) {
                self.inside = true;
            } else {
                return Some((at, StrayQuote::Inside));
            }
        }
        if let Some(last) = bytes.len().checked_sub(1) {
            self.before = bytes[last];
            self.closed = closed_at == Some(last);
        }
        None
    }
}

impl CsvDecoder {
    pub(super) fn new(format: BodyFormat, max_row: usize, partial: &Room) -> Self {
        let delimiter = if format == BodyFormat::Tsv { b'\t' } else { b',' };
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            format,
            text: vec![0; 4096],
            text_len: 0,
            ends: vec![0; 64],
            ends_len: 0,
            header: None,
            max_row,
            held: partial.holder(),
            quotes: Quotes::new(delimiter),
            line: 1,
            fresh: true,
            skipped: 0,
            ended: false,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        let stray = self.quotes.see(bytes);
        // What stands before a stray quote is read first: an earlier mistake is told before it.
        let mut rest = stray.map_or(bytes, |(at, _)| &bytes[..at]);
        while !rest.is_empty() {
            rest = self.skip_empty_lines(rest);
            rest = self.read(rest, rows)?;
        }
        match stray {
            None => Ok(()),
            Some((_, stray)) => Err(self.stray(stray)),
        }
    }

    /// The refusal of a quote that stands behind all that was read.
    fn stray(&self, stray: StrayQuote) -> SodaError {
        // The quotes of JSON are strays in a header.
        if self.header.is_none() && matches!(self.text[..self.text_len].trim_ascii_start(), [b'[' | b'{', ..])
        {
            return self.bad_record(CellsMistake::Json);
        }
        let from = self.ends_len.checked_sub(1).map_or(0, |last| self.ends[last]);
        let cell = self.text.get(from..self.text_len).unwrap_or(&[]);
        let mistake = match stray {
            StrayQuote::Inside if cell == b"=" => CellsMistake::Formula,
            StrayQuote::Inside => CellsMistake::QuoteInside { after_blanks: cell.iter().all(|b| *b == b' ') },
            StrayQuote::Behind(next) => CellsMistake::AfterQuote(match next {
                _ if cell.ends_with(b"\\") => AfterQuote::Escaped,
                b' ' => AfterQuote::Blank,
                b';' | b'\t' | b',' => AfterQuote::Separator(next),
                _ => AfterQuote::Text,
            }),
        };
        let (line, number) = (self.reader.line() + self.skipped, self.ends_len + 1);
        let place = Place::body(self.format, At::Record { row: None, line, cell: Some(number) });
        let message = mistake.message(self.format, line, number);
        SodaError::bad_cells(place, message, json!({ "line": line, "cell": number }), mistake)
    }

    /// Empty lines hold no record; they are counted, so that the next record's line is right.
    fn skip_empty_lines<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        if !self.fresh {
            return input;
        }
        let length = input.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let (ends, rest) = input.split_at(length);
        self.skipped += ends.iter().filter(|b| **b == b'\n').count() as u64;
        self.line = self.reader.line() + self.skipped;
        self.fresh = rest.is_empty();
        rest
    }

    pub(super) fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        if self.quotes.inside {
            return Err(self.bad_record(CellsMistake::NeverClosed));
        }
        self.ended = true;
        // Empty input tells the reader that nothing follows; it may still hold a last record.
        let before = self.ends_len + self.text_len;
        self.read(&[], rows)?;
        if self.ends_len + self.text_len != before && self.ends_len > 0 {
            self.read(&[], rows)?;
        }
        if self.header.is_none() {
            let place = Place::body(self.format, At::Whole);
            let message = CellsMistake::Empty.message(self.format, 1, 1);
            return Err(SodaError::bad_cells(place, message, Value::Null, CellsMistake::Empty));
        }
        Ok(())
    }

    /// One step of the reader; what is left of the input.
    fn read<'a>(&mut self, input: &'a [u8], rows: &mut Rows) -> Result<&'a [u8], SodaError> {
        let (result, used, written, ended) =
            self.reader.read_record(input, &mut self.text[self.text_len..], &mut self.ends[self.ends_len..]);
        self.text_len += written;
        self.ends_len += ended;
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull => {
                if self.text.len() >= self.max_row {
                    return Err(SodaError::too_large(self.max_row as u64, "one record"));
                }
                let length = (self.text.len() * 2).min(self.max_row);
                if !self.held.grow_to(length.saturating_sub(FREE)) {
                    return Err(no_room("record"));
                }
                self.text.resize(length, 0);
            }
            ReadRecordResult::OutputEndsFull => {
                if self.ends.len() > MAX_CELLS {
                    return Err(self.bad_record(CellsMistake::TooMany(MAX_CELLS)));
                }
                self.ends.resize(self.ends.len() * 2, 0);
            }
            ReadRecordResult::Record => {
                self.record(rows)?;
                self.text_len = 0;
                self.ends_len = 0;
                self.fresh = true;
                self.line = self.reader.line() + self.skipped;
            }
        }
        Ok(&input[used..])
    }

    fn record(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        let Some(header) = self.header.take() else {
            let header = self.read_header(rows)?;
            self.header = Some(header);
            return Ok(());
        };
        let result = self.row(&header, rows);
        self.header = Some(header);
        result
    }

    fn row(&self, header: &[(Field, String)], rows: &mut Rows) -> Result<(), SodaError> {
        if self.ends_len != header.len() {
            let (cells, expected) = (self.ends_len, header.len());
            return Err(self.bad_record(CellsMistake::Count { cells, expected }));
        }
        rows.begin_on(self.format, self.line);
        let mut from = 0;
        for (index, ((field, name), end)) in header.iter().zip(&self.ends[..self.ends_len]).enumerate() {
            let cell = self.cell(from, *end, index, name)?;
            rows.put_next_cell(*field, &normal(cell.into()))?;
            from = *end;
        }
        rows.end()
    }

    /// A cell by where it lies, its index and the name of its column.
    fn cell(&self, from: usize, end: usize, index: usize, name: &str) -> Result<&str, SodaError> {
        let bytes = &self.text[from..end];
        std::str::from_utf8(bytes).map_err(|e| {
            let encoding = Encoding::of(&bytes[e.valid_up_to()..]);
            let mistake = CellsMistake::NotUtf8(name.to_owned(), encoding);
            let at = At::Record { row: None, line: self.line, cell: Some(index + 1) };
            let message = mistake.message(self.format, self.line, index + 1);
            SodaError::bad_cells(Place::body(self.format, at), message, Value::Null, mistake)
        })
    }

    /// The refusal of the record being read.
    fn bad_record(&self, mistake: CellsMistake) -> SodaError {
        let data = match &mistake {
            CellsMistake::Count { cells, expected } => {
                json!({ "line": self.line, "cells": cells, "expected": expected })
            }
            _ => json!({ "line": self.line }),
        };
        let place = Place::body(self.format, At::Record { row: None, line: self.line, cell: None });
        SodaError::bad_cells(place, mistake.message(self.format, self.line, 0), data, mistake)
    }

    fn read_header(&self, rows: &Rows) -> Result<Vec<(Field, String)>, SodaError> {
        let layout = rows.layout();
        let mut header: Vec<(Field, String)> = Vec::with_capacity(self.ends_len);
        let mut from = 0;
        for (index, end) in self.ends[..self.ends_len].iter().enumerate() {
            let name = self.cell(from, *end, index, &format!("{} of the header", index + 1))?;
            from = *end;
            let place = Place::body(self.format, At::HeaderCell(index + 1));
            let Some(field) = layout.names.header(name) else {
                let fields = layout.fields.iter().map(|(name, _)| name.as_str());
                let mistake = match FieldMistake::of(name, Some(self.format), fields) {
                    FieldMistake::Empty { .. } => FieldMistake::Empty { first: index == 0 },
                    FieldMistake::Near(_) | FieldMistake::Unknown(_) if self.ended => FieldMistake::OneLine,
                    mistake => mistake,
                };
                return Err(SodaError::illegal_field(name, place, mistake));
            };
            if header.iter().any(|(f, _)| *f == field) {
                let mistake = CellsMistake::Twice(name.to_owned());
                let message = mistake.message(self.format, self.line, index + 1);
                return Err(SodaError::bad_cells(place, message, Value::Null, mistake));
            }
            header.push((field, name.to_owned()));
        }
        Ok(header)
    }
}
