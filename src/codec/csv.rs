//! CSV and TSV rows, typed while the body arrives.

use super::rows::Rows;
use super::scan::normal;
use crate::soda::{Field, SodaError};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::json;

/// A decoder of records with a header line (RFC 4180).
#[derive(Debug)]
pub struct CsvDecoder {
    reader: Reader,
    /// The cells of the record being read, one after the other.
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    header: Option<Vec<(Field, String)>>,
    max_row: usize,
    quotes: Quotes,
    /// The physical line on which the record being read begins.
    line: u64,
    /// Whether the next byte begins a record.
    fresh: bool,
    /// Ends of lines that the reader was not shown.
    skipped: u64,
}

/// Whether the input ends inside a quoted cell, which the reader does not tell.
#[derive(Debug)]
struct Quotes {
    delimiter: u8,
    inside: bool,
    /// The last byte of the piece before.
    before: u8,
    /// Whether that byte closed a cell: a quote after it is one half of a doubled quote.
    closed: bool,
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, inside: false, before: b'\n', closed: false }
    }

    /// A quote opens a cell only where a cell begins: `5" pipe` is a text with a quote in it.
    fn see(&mut self, bytes: &[u8]) {
        let mut closed_at = None;
        for at in memchr::memchr_iter(b'"', bytes) {
            let (before, closed) = match at.checked_sub(1) {
                None => (self.before, self.closed),
                Some(last) => (bytes[last], closed_at == Some(last)),
            };
            if self.inside {
                self.inside = false;
                closed_at = Some(at);
            } else {
                self.inside = closed || before == self.delimiter || matches!(before, b'\n' | b'\r');
            }
        }
        if let Some(last) = bytes.len().checked_sub(1) {
            self.before = bytes[last];
            self.closed = closed_at == Some(last);
        }
    }
}

impl CsvDecoder {
    pub(super) fn new(delimiter: u8, max_row: usize) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 4096],
            text_len: 0,
            ends: vec![0; 64],
            ends_len: 0,
            header: None,
            max_row,
            quotes: Quotes::new(delimiter),
            line: 1,
            fresh: true,
            skipped: 0,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        self.quotes.see(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = self.skip_empty_lines(rest);
            rest = self.read(rest, rows)?;
        }
        Ok(())
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
            return Err(invalid(format!(
                "CSV: a quoted cell in the record of line {} is never closed",
                self.line
            )));
        }
        // Empty input tells the reader that nothing follows; it may still hold a last record.
        let before = self.ends_len + self.text_len;
        self.read(&[], rows)?;
        if self.ends_len + self.text_len != before && self.ends_len > 0 {
            self.read(&[], rows)?;
        }
        if self.header.is_none() {
            return Err(invalid("CSV: the body is empty; its first line must be the header"));
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
                    return Err(SodaError::too_large(self.max_row as u64, "one CSV record (--max-row)"));
                }
                let length = (self.text.len() * 2).min(self.max_row);
                self.text.resize(length, 0);
            }
            ReadRecordResult::OutputEndsFull => {
                if self.ends.len() > 65_536 {
                    return Err(invalid(format!("CSV: line {} has more than 65536 cells", self.line)));
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
            return Err(invalid(format!(
                "CSV: line {} has {} cells, but the header has {}",
                self.line,
                self.ends_len,
                header.len()
            ))
            .data(json!({ "line": self.line, "cells": self.ends_len, "expected": header.len() })));
        }
        rows.begin();
        let mut from = 0;
        for ((field, name), end) in header.iter().zip(&self.ends[..self.ends_len]) {
            let cell = self.cell(from, *end, name)?;
            let cell = normal(cell.into());
            rows.put_cell(*field, &cell).map_err(|e| self.located(e))?;
            from = *end;
        }
        rows.end().map_err(|e| self.located(e))
    }

    fn cell(&self, from: usize, end: usize, name: &str) -> Result<&str, SodaError> {
        std::str::from_utf8(&self.text[from..end])
            .map_err(|_| not_utf8(format!("CSV: line {}, cell {name} is not valid UTF-8", self.line)))
    }

    fn located(&self, mut error: SodaError) -> SodaError {
        if let Some(map) = error.data.as_deref_mut().and_then(serde_json::Value::as_object_mut) {
            map.insert("line".into(), self.line.into());
        }
        // People look for the line of their file, not for the position among its rows.
        if let Some(rest) = error.hint.as_deref().and_then(|h| h.split_once(" (counted from 0)")) {
            error.hint = Some(format!("Line {}{}", self.line, rest.1));
        }
        error
    }

    fn read_header(&self, rows: &Rows) -> Result<Vec<(Field, String)>, SodaError> {
        let mut header: Vec<(Field, String)> = Vec::with_capacity(self.ends_len);
        let mut from = 0;
        for (index, end) in self.ends[..self.ends_len].iter().enumerate() {
            let name = self.cell(from, *end, &format!("{} of the header", index + 1))?;
            from = *end;
            let Some(field) = rows.layout().names.header(name) else {
                return Err(SodaError::illegal_field(
                    name,
                    &format!("Cell {} of the header line", index + 1),
                    rows.layout().fields.iter().map(|(name, _)| name.as_str()),
                ));
            };
            if header.iter().any(|(f, _)| *f == field) {
                return Err(invalid(format!("CSV: the header names the column {name} twice")));
            }
            header.push((field, name.to_owned()));
        }
        Ok(header)
    }
}

fn invalid(message: impl Into<String>) -> SodaError {
    SodaError::invalid(message)
        .hint("Nothing was stored. Every record needs one cell for each name of the header line.")
}

fn not_utf8(message: String) -> SodaError {
    SodaError::invalid(message).hint("Nothing was stored. Save the file as UTF-8.")
}
