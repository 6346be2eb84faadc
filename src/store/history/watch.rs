//! Rows before and after a write, for the first rows of each request.
//!
//! While a request is applied, only the row of before is looked up and the sent row is copied as it
//! is; what the row is afterwards is worked out when somebody asks.

use crate::codec::{Batch, RowRef};
use crate::soda::Value;
use crate::store::rows::RowOutcome;
use crate::store::{Entry, StoreError, WriteTx};
use rusqlite::CachedStatement;
use std::ops::Range;

/// So many rows of a request are recorded.
const ROWS: usize = 1000;
/// So many bytes of a request are recorded.
const BYTES: usize = 1 << 20;

/// Room for a small row.
const ROOM: usize = 512;

/// A row as it lies in its table.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRow {
    /// `:id`.
    pub id: i64,
    /// `:version`.
    pub version: i64,
    /// `:created_at`, Unix milliseconds.
    pub created_at: i64,
    /// `:updated_at`, Unix milliseconds.
    pub updated_at: i64,
    /// The values of the dataset's columns, in their order.
    pub cells: Vec<Value<'static>>,
}

impl StoredRow {
    /// Reads a result row of the system columns and so many others.
    pub(in crate::store) fn read(row: &rusqlite::Row<'_>, columns: usize) -> Result<Self, StoreError> {
        let cell = |index: usize| -> Result<Value<'static>, StoreError> {
            Ok(Value::from(row.get_ref(index)?).into_owned())
        };
        Ok(Self {
            id: row.get(0)?,
            version: row.get(1)?,
            created_at: row.get(2)?,
            updated_at: row.get(3)?,
            cells: (4..columns + 4).map(cell).collect::<Result<_, _>>()?,
        })
    }
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// What happened; never an error.
    pub outcome: RowOutcome,
    /// The row before; none when it was created.
    pub before: Option<StoredRow>,
    /// The row after; none when it was deleted.
    pub after: Option<StoredRow>,
}

/// The recorded rows of one request.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    items: Vec<Item>,
    before: Vec<u8>,
    sent: Batch,
}

#[derive(Clone, Debug)]
struct Item {
    outcome: RowOutcome,
    before: Option<Range<usize>>,
}

impl Recording {
    /// How many rows were recorded.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes in memory, about.
    pub fn weight(&self) -> usize {
        self.items.len() * size_of::<Item>() + self.before.len() + self.sent.len()
    }

    /// The changes in their order. `at` is the time of the request; `merge` tells whether fields that
    /// were not sent kept their values.
    pub fn changes(&self, columns: usize, at: i64, merge: bool) -> impl Iterator<Item = RowChange> {
        self.items.iter().zip(self.sent.iter()).map(move |(item, sent)| {
            let before = item.before.clone().and_then(|range| decode(self.before.get(range)?));
            let after = match item.outcome {
                RowOutcome::Created { id, version } => {
                    let cells = vec![Value::Null; columns];
                    let new = StoredRow { id, version, created_at: at, updated_at: at, cells };
                    Some(overlaid(new, sent, true))
                }
                RowOutcome::Updated { version } => before
                    .clone()
                    .map(|old| overlaid(StoredRow { version, updated_at: at, ..old }, sent, merge)),
                RowOutcome::Deleted | RowOutcome::Error { .. } => None,
            };
            RowChange { outcome: item.outcome, before, after }
        })
    }
}

fn overlaid(mut row: StoredRow, sent: RowRef<'_>, merge: bool) -> StoredRow {
    if !merge {
        row.cells.iter_mut().for_each(|cell| *cell = Value::Null);
    }
    for (column, cell) in sent.cells() {
        if let Some(place) = row.cells.get_mut(usize::from(column)) {
            *place = cell.into_owned();
        }
    }
    row
}

/// Records the rows of one request.
pub struct Watch<'c> {
    /// Finds the row of before; none when nothing is recorded.
    lookup: Option<CachedStatement<'c>>,
    key: Option<u16>,
    columns: usize,
    recording: Recording,
}

/// What was found before a row was applied.
#[derive(Debug)]
pub struct Seen(Option<Range<usize>>);

impl<'c> Watch<'c> {
    /// A watch over one dataset's table.
    pub fn new(tx: &WriteTx<'c>, entry: &Entry) -> Result<Self, StoreError> {
        Ok(Self {
            lookup: Some(tx.prepare_cached(entry.whole_row())?),
            key: entry.table.key,
            columns: entry.table.columns.len(),
            recording: Recording {
                items: Vec::new(),
                before: Vec::with_capacity(ROOM),
                sent: Batch::with_room(),
            },
        })
    }

    /// No watch.
    pub fn off() -> Self {
        Self { lookup: None, key: None, columns: 0, recording: Recording::default() }
    }

    /// Looks at what a row will change; none when it is not recorded.
    #[inline]
    pub fn before(&mut self, row: RowRef<'_>) -> Result<Option<Seen>, StoreError> {
        if self.lookup.is_none() { Ok(None) } else { self.look_up(row).map(Some) }
    }

    fn look_up(&mut self, row: RowRef<'_>) -> Result<Seen, StoreError> {
        let key = match self.key {
            Some(key) => row.cell(key),
            None => row.id().map(Value::Int),
        };
        let (Some(lookup), Some(key)) = (&mut self.lookup, key.filter(|key| !key.is_null())) else {
            return Ok(Seen(None));
        };
        lookup.raw_bind_parameter(1, key)?;
        let mut rows = lookup.raw_query();
        let Some(found) = rows.next()? else { return Ok(Seen(None)) };
        let start = self.recording.before.len();
        for index in 0..self.columns + 4 {
            Value::from(found.get_ref(index)?).encode(&mut self.recording.before);
        }
        Ok(Seen(Some(start..self.recording.before.len())))
    }

    /// Records what became of the row.
    #[inline]
    pub fn after(&mut self, seen: Option<Seen>, row: RowRef<'_>, outcome: RowOutcome) {
        let Some(Seen(before)) = seen else { return };
        if let RowOutcome::Error { .. } = outcome {
            if let Some(before) = before {
                self.recording.before.truncate(before.start);
            }
            return;
        }
        self.recording.items.push(Item { outcome, before });
        self.recording.sent.push_row(row);
        let bytes = self.recording.before.len() + self.recording.sent.len();
        if self.recording.len() >= ROWS || bytes >= BYTES {
            self.lookup = None;
        }
    }

    /// What was recorded.
    pub fn end(self) -> Recording {
        self.recording
    }
}

fn decode(mut bytes: &[u8]) -> Option<StoredRow> {
    let mut all = Vec::new();
    while let Some((encoded, rest)) = Value::split_encoded(bytes) {
        all.push(Value::decode(encoded)?.into_owned());
        bytes = rest;
    }
    let cells = all.split_off(4.min(all.len()));
    let [Value::Int(id), Value::Int(version), Value::Int(created_at), Value::Int(updated_at)] = all[..]
    else {
        return None;
    };
    Some(StoredRow { id, version, created_at, updated_at, cells })
}
