//! Records with a header: the rows of delimited text and of spreadsheets.

use super::SourceRows;
use super::bounds::Bounds;
use super::cells::{InputColumn, Malformed, RowBuffer, RowFault, Slot, SourceRow, push};
use super::error::{FileError, FileErrorKey};
use super::names::FieldNameMaker;
use super::options::ParseOptions;
use crate::codec::normal;
use crate::soda::SoqlType;

/// Rows of cells without a header.
pub(super) trait Records: Send {
    /// Reads the next into the buffer; false at the end. An empty line is a record of one empty cell.
    fn next(&mut self, row: &mut RowBuffer) -> Result<bool, FileError>;

    /// Where the record stands that was read last.
    fn place(&self) -> String;

    /// Whether cells at the end of a record may be left out.
    fn pads(&self) -> bool {
        false
    }
}

/// Records whose first ones name the columns.
pub(super) struct Table<R> {
    records: R,
    columns: Vec<InputColumn>,
    row: RowBuffer,
    trim: bool,
    remove_empty: bool,
    /// The row in the buffer was not given out yet.
    waiting: bool,
}

impl<R: Records> Table<R> {
    /// Reads the header.
    pub(super) fn new(records: R, options: &ParseOptions, bounds: &Bounds) -> Result<Self, FileError> {
        let mut table = Self {
            records,
            columns: Vec::new(),
            row: RowBuffer::new(bounds),
            trim: options.trim_whitespace,
            remove_empty: options.remove_empty_rows,
            waiting: false,
        };
        let names = table.header(options)?;
        if names.len() > bounds.columns {
            return Err(FileError::new(
                FileErrorKey::TooManyColumns,
                format!("The file has {} columns; a dataset has at most {}", names.len(), bounds.columns),
                "Leave columns out of the file, and look at column_separator.",
            ));
        }
        let mut makes = FieldNameMaker::default();
        let column = |name: String| makes.column(name, SoqlType::Text);
        table.columns = names.into_iter().map(column).collect();
        Ok(table)
    }

    /// The names of the columns. Without a row that names them they are counted by the first row's cells.
    fn header(&mut self, options: &ParseOptions) -> Result<Vec<String>, FileError> {
        let mut names = None;
        for number in 1..=options.header_count {
            if !self.read()? {
                break;
            }
            if number == options.column_header {
                let cells = self.row.cells();
                names = Some((0..cells.len()).map(|i| cells.text(i).unwrap_or("").to_owned()).collect());
            }
        }
        if options.header_count > 0 && options.column_header > 0 {
            return names.ok_or_else(|| {
                FileError::unparsable(
                    format!("The file ends before row {}, which names the columns", options.column_header),
                    "Send a file with a header row, or set header_count and column_header to where the header is.",
                )
            });
        }
        self.waiting = self.read()?;
        if !self.waiting {
            return Err(FileError::unparsable("The file has no rows", "Send a file with at least one row."));
        }
        Ok((1..=self.row.slots.len()).map(|number| format!("Column {number}")).collect())
    }

    /// Reads the next row that is not removed, and clears and trims its cells; false at the end.
    fn read(&mut self) -> Result<bool, FileError> {
        loop {
            if !self.records.next(&mut self.row)? {
                return Ok(false);
            }
            self.take_text()?;
            self.row.take_room("A row")?;
            let is_empty = self.row.clean(self.trim);
            if is_empty && self.remove_empty {
                continue;
            }
            if self.records.pads() && self.row.slots.len() < self.columns.len() {
                self.row.slots.resize(self.columns.len(), Slot::Null);
            }
            return Ok(true);
        }
    }

    /// Takes the bytes of the row as text.
    fn take_text(&mut self) -> Result<(), FileError> {
        let bytes = &self.row.bytes[..self.row.length];
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or(0);
            FileError::encoding(
                format!("The byte {byte:02X} in the row of {} is no UTF-8", self.records.place()),
                "Say the file's encoding in parse_options, such as \"encoding\": \"windows-1252\", or null to have it found out.",
            )
        })?;
        self.row.text.clear();
        if text.is_ascii() && memchr::memchr(0, bytes).is_none() {
            self.row.text.push_str(text);
            return Ok(());
        }
        // Texts are kept in NFC and without U+0000, as in other uploads.
        for slot in &mut self.row.slots {
            let Slot::Text(from, to) = *slot else { continue };
            let cell = normal(text.get(from as usize..to as usize).unwrap_or("").into());
            *slot = push(&mut self.row.text, &cell);
        }
        Ok(())
    }

    fn malformed(&self) -> Option<Malformed> {
        let (wanted, got) = (self.columns.len(), self.row.slots.len());
        let error = match got.cmp(&wanted) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => RowFault::TooShort,
            std::cmp::Ordering::Greater => RowFault::TooLong,
        };
        let cells = self.row.cells();
        let contents = (0..got).map(|index| cells.text(index).map(str::to_owned)).collect();
        Some(Malformed { error, wanted, got, contents })
    }
}

impl<R: Records> SourceRows for Table<R> {
    fn columns(&self) -> &[InputColumn] {
        &self.columns
    }

    fn next(&mut self) -> Result<Option<SourceRow<'_>>, FileError> {
        if !std::mem::take(&mut self.waiting) && !self.read()? {
            return Ok(None);
        }
        Ok(Some(match self.malformed() {
            None => SourceRow::Cells(self.row.cells()),
            Some(malformed) => SourceRow::Malformed(malformed),
        }))
    }
}
