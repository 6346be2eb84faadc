//! The rows of a source, read from its bytes each time they are wanted, and what transforms make of them.

use super::schema::{Checked, Counted};
use super::source::{file_kind, parse_options};
use crate::codec::{Batch, StoredRows};
use crate::soda::{ErrorCode, SodaError, Value};
use crate::source_file::{
    self, Bounds, FileError, FileErrorKey, Guess, GuessedColumn, InputColumn, Malformed, SourceRow,
};
use crate::store::publishing::{ContentReader, Source, SourceType};
use crate::store::{Store, StoreError};
use crate::transform::{Cell, Row, Surroundings};
use serde_json::json;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Batches are cut at about this size.
const BATCH: usize = 64 * 1024;

/// A row as it is read.
pub enum ReadRow<'r> {
    /// As many values as there are columns.
    Cells(&'r [Value<'r>]),
    /// Another number of cells.
    Malformed(Malformed),
}

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file is wrong.
    #[error("{0}")]
    File(FileError),
    /// Anything else.
    #[error("{0}")]
    Refused(SodaError),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl From<SodaError> for RowsError {
    fn from(error: SodaError) -> Self {
        Self::Refused(error)
    }
}

impl From<FileError> for RowsError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<RowsError> for SodaError {
    fn from(error: RowsError) -> Self {
        match error {
            RowsError::File(error) => unreadable(&error),
            RowsError::Refused(error) => error,
            RowsError::Store(error) => error.into(),
        }
    }
}

/// The refusal of a file; its `key` tells what is wrong with it.
pub fn unreadable(error: &FileError) -> SodaError {
    if error.key == FileErrorKey::Unreadable {
        return SodaError::new(ErrorCode::Internal, "Internal error");
    }
    SodaError::new(ErrorCode::UnparsableFile, error.message.clone())
        .data(json!({ "key": error.key.name() }))
        .hint(format!(
            "{} A file that is not to be read is kept by parse_source false: POST …/options.",
            error.hint
        ))
}

/// Reads the rows of a source in their order; `each` has their places, from 0, and ends the reading with false.
pub fn read(
    store: &Arc<Store>,
    source: &Source,
    mut each: impl FnMut(u64, ReadRow<'_>) -> Result<bool, RowsError>,
) -> Result<(), RowsError> {
    let Some(content) = source.content else { return Ok(()) };
    let bytes = store.content(content)?;
    if let SourceType::View { .. } = source.source_type {
        return read_stored(bytes, &mut each);
    }
    let bounds = Bounds::new(&store.memory().partial);
    let mut rows =
        source_file::open(file_kind(source)?, &parse_options(&source.parse_options)?, bytes, &bounds)?;
    let mut offset = 0;
    while let Some(row) = rows.next()? {
        let goes_on = match row {
            SourceRow::Cells(cells) => {
                let values: Vec<Value<'_>> = cells.iter().collect();
                each(offset, ReadRow::Cells(&values))?
            }
            SourceRow::Malformed(malformed) => each(offset, ReadRow::Malformed(malformed))?,
        };
        if !goes_on {
            break;
        }
        offset += 1;
    }
    Ok(())
}

/// Rows of a dataset as they were taken over: each the length of its cells, then the cells as they are encoded.
fn read_stored(
    mut bytes: ContentReader,
    each: &mut impl FnMut(u64, ReadRow<'_>) -> Result<bool, RowsError>,
) -> Result<(), RowsError> {
    let broken = |_| StoreError::NotOurs("rows that were taken over are damaged".to_owned());
    let (mut at, mut row, mut offset) = (0, Vec::new(), 0);
    while at < bytes.length() {
        let mut length = [0; 4];
        bytes.read_exact(&mut length).map_err(broken)?;
        row.resize(u32::from_le_bytes(length) as usize, 0);
        bytes.read_exact(&mut row).map_err(broken)?;
        at += 4 + row.len() as u64;
        let (mut values, mut rest) = (Vec::new(), row.as_slice());
        while let Some((value, after)) = Value::split_encoded(rest) {
            values.push(Value::decode(value).unwrap_or(Value::Null));
            rest = after;
        }
        if !each(offset, ReadRow::Cells(&values))? {
            break;
        }
        offset += 1;
    }
    Ok(())
}

/// What a file has in it.
pub struct Inspected {
    /// Its columns.
    pub columns: Vec<InputColumn>,
    /// What they could be.
    pub guessed: Vec<GuessedColumn>,
    /// Rows, malformed ones included.
    pub total_rows: u64,
    /// Malformed ones.
    pub num_row_errors: u64,
}

/// Looks at all rows of a file.
pub fn inspect(store: &Arc<Store>, source: &Source) -> Result<Inspected, RowsError> {
    let content =
        source.content.ok_or_else(|| super::missing("content of source", &source.id.to_string()))?;
    let bounds = Bounds::new(&store.memory().partial);
    let bytes = store.content(content)?;
    let mut rows =
        source_file::open(file_kind(source)?, &parse_options(&source.parse_options)?, bytes, &bounds)?;
    let columns = rows.columns().to_vec();
    let mut guess = Guess::new(&columns);
    let (mut total_rows, mut num_row_errors) = (0, 0);
    while let Some(row) = rows.next()? {
        total_rows += 1;
        match row {
            SourceRow::Cells(cells) => guess.see(&cells),
            SourceRow::Malformed(_) => num_row_errors += 1,
        }
    }
    Ok(Inspected { columns, guessed: guess.finish(), total_rows, num_row_errors })
}

/// Counts rows and errors.
pub fn count(
    store: &Arc<Store>,
    source: &Source,
    checked: &Checked,
    surroundings: &Surroundings,
) -> Result<Counted, RowsError> {
    let transforms = checked.transforms();
    let mut counted = Counted { cells: vec![0; transforms.len()], ..Counted::default() };
    read(store, source, |offset, row| {
        let ReadRow::Cells(cells) = row else { return Ok(true) };
        let row = Row { offset, cells };
        let mut is_wrong = false;
        for (transform, errors) in transforms.iter().zip(&mut counted.cells) {
            if transform.evaluate(row, surroundings).is_err() {
                *errors += 1;
                is_wrong = true;
            }
        }
        counted.rows += 1;
        counted.errors += u64::from(is_wrong);
        Ok(true)
    })?;
    Ok(counted)
}

/// Makes the rows of a dataset: where each output column lies in it is in `places`, `u16::MAX` for nowhere. Rows with
/// an error are left out. `send` takes finished rows, and ends the work with false. Returns how many were left out.
pub fn make(
    store: &Arc<Store>,
    source: &Source,
    (checked, surroundings): (&Checked, &Surroundings),
    (places, deletes): (&[u16], bool),
    mut send: impl FnMut(Batch) -> Result<bool, RowsError>,
) -> Result<u64, RowsError> {
    let transforms = checked.transforms();
    let (mut made, mut left_out) = (StoredRows::default(), 0);
    read(store, source, |offset, row| {
        let ReadRow::Cells(cells) = row else { return Ok(true) };
        let row = Row { offset, cells };
        let values: Result<Vec<Value<'_>>, _> =
            transforms.iter().map(|transform| transform.evaluate(row, surroundings)).collect();
        let Ok(values) = values else {
            left_out += 1;
            return Ok(true);
        };
        let cells = places.iter().copied().zip(values).filter(|(place, _)| *place != u16::MAX);
        made.push(deletes, cells);
        if made.pending() >= BATCH { send(made.take()) } else { Ok(true) }
    })?;
    let last = made.take();
    if !last.is_empty() {
        send(last)?;
    }
    Ok(left_out)
}

/// What a maker of rows sends to the writer.
pub enum Sent {
    /// Rows.
    Rows(Arc<Batch>),
    /// That was all; so many were left out.
    End(u64),
    /// The rows cannot be read further.
    Failed(StoreError),
}

/// Rows as they come from the thread that makes them.
pub struct Batches {
    receiver: Receiver<Sent>,
    /// Rows with an error, which are not among them; known after the last.
    pub left_out: u64,
    ended: bool,
}

impl Batches {
    /// So many batches wait at most.
    const WAITING: usize = 4;

    /// Both ends of a channel.
    pub fn channel() -> (SyncSender<Sent>, Self) {
        let (sender, receiver) = sync_channel(Self::WAITING);
        (sender, Self { receiver, left_out: 0, ended: false })
    }
}

impl Iterator for Batches {
    type Item = Result<Arc<Batch>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let sent = self.receiver.recv();
        self.ended = !matches!(sent, Ok(Sent::Rows(_)));
        match sent {
            Ok(Sent::Rows(batch)) => Some(Ok(batch)),
            Ok(Sent::End(left_out)) => {
                self.left_out = left_out;
                None
            }
            Ok(Sent::Failed(error)) => Some(Err(error)),
            Err(_) => Some(Err(StoreError::Panicked("the rows of a source could not be made".to_owned()))),
        }
    }
}

/// A row with the cells that were made of it.
pub struct MadeRow<'r> {
    /// Its place in the source.
    pub offset: u64,
    /// What was read.
    pub inputs: &'r [Value<'r>],
    /// What was made.
    pub cells: Vec<Cell<'r>>,
}

/// Gives each row with its cells, or what is wrong with it, to `each` until that says false.
pub fn each_made(
    store: &Arc<Store>,
    source: &Source,
    (checked, surroundings): (&Checked, &Surroundings),
    mut each: impl FnMut(u64, Result<MadeRow<'_>, Malformed>) -> Result<bool, RowsError>,
) -> Result<(), RowsError> {
    let transforms = checked.transforms();
    read(store, source, |offset, row| match row {
        ReadRow::Malformed(malformed) => each(offset, Err(malformed)),
        ReadRow::Cells(inputs) => {
            let row = Row { offset, cells: inputs };
            let cells = transforms.iter().map(|transform| transform.evaluate(row, surroundings)).collect();
            each(offset, Ok(MadeRow { offset, inputs, cells }))
        }
    })
}
