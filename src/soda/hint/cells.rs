//! What is wrong with a body of cells that is no CSV or TSV (RFC 4180).

use super::{Encoding, FieldMistake};
use crate::soda::BodyFormat;

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum CellsMistake {
    /// There is no header line.
    Empty,
    /// The body begins as JSON does.
    Json,
    /// A record has so many cells, the header has so many.
    Count {
        /// Cells of the record.
        cells: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// More cells in a record than are read.
    TooMany(usize),
    /// A column stands in the header twice.
    Twice(String),
    /// A quoted cell has no end.
    NeverClosed,
    /// A quote in a cell that does not begin with one.
    QuoteInside {
        /// Whether only blanks stand before it.
        after_blanks: bool,
    },
    /// `="007"`, as spreadsheets keep a text from being read as a number.
    Formula,
    /// Something other than a separator behind the quote that ends a cell.
    AfterQuote(AfterQuote),
    /// A cell is no UTF-8; its name.
    NotUtf8(String, Encoding),
}

/// What stands behind a quote that ends a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterQuote {
    /// Anything, after a quote with a backslash before it.
    Escaped,
    /// A blank.
    Blank,
    /// What separates cells in another format.
    Separator(u8),
    /// Anything else.
    Text,
}

impl AfterQuote {
    fn sentence(self, format: BodyFormat) -> String {
        let name = format.name();
        let separator = if format == BodyFormat::Tsv { "tabs" } else { "commas" };
        match self {
            Self::Escaped => format!(
                "a backslash escapes nothing in {name}: double a quote inside a quoted cell, \"say \"\"yes\"\"\""
            ),
            Self::Blank => {
                format!("{}, or take out the blank behind its last quote", Self::Text.sentence(format))
            }
            Self::Separator(b';') => format!("the cells of {name} are parted by {separator}, not semicolons"),
            Self::Separator(b'\t') => FieldMistake::Format(BodyFormat::Tsv).sentence(),
            Self::Separator(_) => FieldMistake::Format(BodyFormat::Csv).sentence(),
            Self::Text => "double a quote inside a quoted cell: \"say \"\"yes\"\"\"".to_owned(),
        }
    }
}

impl CellsMistake {
    /// The message of the refusal.
    pub fn message(&self, format: BodyFormat, line: u64, cell: usize) -> String {
        let name = format.name();
        match self {
            Self::Empty => format!("{name}: the body is empty; its first line must be the header"),
            Self::Json => format!("{name}: the body is JSON"),
            Self::Count { cells, expected } => {
                format!("{name}: line {line} has {cells} cells, but the header has {expected}")
            }
            Self::TooMany(most) => format!("{name}: line {line} has more than {most} cells"),
            Self::Twice(column) => format!("{name}: the header names the column {column} twice"),
            Self::NeverClosed => {
                format!("{name}: a quoted cell in the record of line {line} is never closed")
            }
            Self::QuoteInside { .. } | Self::Formula => {
                format!("{name}: line {line}, cell {cell}: a quote stands in a cell that is not quoted")
            }
            Self::AfterQuote(_) => {
                format!("{name}: line {line}, cell {cell}: text stands behind the quote that ends the cell")
            }
            Self::NotUtf8(column, _) => format!("{name}: line {line}, cell {column} is not valid UTF-8"),
        }
    }

    /// What to change.
    pub(super) fn sentence(&self, format: BodyFormat) -> String {
        match self {
            Self::Empty => "write a header line with the field names, then a line for each row".to_owned(),
            Self::Json => FieldMistake::Format(BodyFormat::Json).sentence(),
            Self::Count { cells, expected } if cells > expected => {
                "a record has one cell for each name of the header: put a cell that holds a separator or a line break into quotes".to_owned()
            }
            Self::Count { .. } => {
                "a record has one cell for each name of the header, also where a value is missing: leave that cell empty".to_owned()
            }
            Self::TooMany(_) => "a dataset has fewer columns than that; is a line break missing?".to_owned(),
            Self::Twice(_) => "name each column once".to_owned(),
            Self::NeverClosed => "a cell that begins with a quote ends with one; a quote inside it is doubled".to_owned(),
            Self::QuoteInside { after_blanks: true } => "take out the blank before the quote".to_owned(),
            Self::QuoteInside { .. } => {
                "put the whole cell into quotes and double the quotes inside it: 5\" pipe is written \"5\"\" pipe\"".to_owned()
            }
            Self::Formula => "write the value alone, without =\" in front and \" behind".to_owned(),
            Self::AfterQuote(behind) => behind.sentence(format),
            Self::NotUtf8(_, encoding) => encoding.sentence(),
        }
    }
}
