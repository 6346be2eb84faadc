//! Typed rows in one flat buffer: what decoders make and what the writer stores.
//!
//! A row is `length u32 | flags u8 | id i64 | version i64 | cells`; a cell is `column u16 | value`, encoded
//! as [`Value`] says. Little-endian. Nothing points into a body, so a batch can wait, be spilled to a file
//! and be read again.

use crate::soda::{SoqlType, Value, value};

const DELETE: u8 = 1;
const HAS_ID: u8 = 2;
const VERSION_NULL: u8 = 4;
const VERSION_SET: u8 = 8;
const HEADER: usize = 4 + 1 + 8 + 8;

/// What a row says of its `:version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionLock {
    /// Nothing.
    Absent,
    /// Null: the row must not exist.
    MustBeNew,
    /// The stored version must be this.
    MustBe(i64),
}

/// Rows, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    data: Vec<u8>,
    rows: usize,
}

/// A row being built: where it starts and what is known of it so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenRow {
    start: usize,
    pub(super) delete: bool,
    pub(super) id: Option<i64>,
    pub(super) version: VersionLock,
}

impl Batch {
    /// An empty batch with room for a small row.
    pub fn with_room() -> Self {
        Self { data: Vec::with_capacity(512), rows: 0 }
    }

    /// Bytes in use.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The bytes, for a spill file.
    pub fn as_bytes(&self) -> (&[u8], usize) {
        (&self.data, self.rows)
    }

    /// A batch read back from a spill file.
    pub fn from_bytes(data: Vec<u8>, rows: usize) -> Self {
        Self { data, rows }
    }

    /// Appends a copy of a row of another batch.
    pub fn push_row(&mut self, row: RowRef<'_>) {
        self.data.extend_from_slice(row.data);
        self.rows += 1;
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = RowRef<'_>> {
        let mut rest = self.data.as_slice();
        std::iter::from_fn(move || {
            let length = u32::from_le_bytes(rest.first_chunk::<4>().copied()?) as usize;
            let (row, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(RowRef { data: row })
        })
    }

    pub(super) fn begin(&mut self) -> OpenRow {
        let start = self.data.len();
        self.data.extend_from_slice(&[0; HEADER]);
        OpenRow { start, delete: false, id: None, version: VersionLock::Absent }
    }

    /// Takes back an unfinished row.
    pub(super) fn abandon(&mut self, row: OpenRow) {
        self.data.truncate(row.start);
    }

    /// Appends a cell and says where it lies.
    pub(super) fn push(&mut self, column: u16, value: &Value<'_>) -> usize {
        let at = self.data.len();
        self.data.extend_from_slice(&column.to_le_bytes());
        value.encode(&mut self.data);
        at
    }

    /// Takes a cell out again: a later one of the same column has taken its place. Rare, so it may
    /// move the cells behind it.
    pub(super) fn remove(&mut self, at: usize) {
        let mut cells = Encoded { rest: &self.data[at..] };
        let length = cells.next().map_or(0, |(_, value)| 2 + value.len());
        self.data.drain(at..at + length);
    }

    /// Whether the cell at a place holds this value; numbers compare by value.
    pub(super) fn cell_equals(&self, at: usize, value: &Value<'_>, soql_type: SoqlType) -> bool {
        let mut cells = Encoded { rest: &self.data[at..] };
        match (cells.next().and_then(|(_, cell)| Value::decode(cell)), value) {
            (Some(Value::Text(a)), Value::Text(b)) if soql_type == SoqlType::Number => {
                value::compare_numbers(&a, b).is_eq()
            }
            (Some(cell), value) => cell == *value,
            (None, _) => false,
        }
    }

    /// Columns and places of the cells of an unfinished row.
    pub(super) fn open_cells(&self, row: &OpenRow) -> Vec<(u16, usize)> {
        let end = self.data.len();
        let mut cells = Encoded { rest: &self.data[row.start + HEADER..] };
        let mut found = Vec::new();
        loop {
            let at = end - cells.rest.len();
            let Some((column, _)) = cells.next() else { return found };
            found.push((column, at));
        }
    }

    pub(super) fn end(&mut self, row: OpenRow) {
        let length = u32::try_from(self.data.len() - row.start).unwrap_or(u32::MAX);
        let mut flags = if row.delete { DELETE } else { 0 };
        if row.id.is_some() {
            flags |= HAS_ID;
        }
        let version = match row.version {
            VersionLock::Absent => 0,
            VersionLock::MustBeNew => {
                flags |= VERSION_NULL;
                0
            }
            VersionLock::MustBe(v) => {
                flags |= VERSION_SET;
                v
            }
        };
        let header = &mut self.data[row.start..row.start + HEADER];
        header[..4].copy_from_slice(&length.to_le_bytes());
        header[4] = flags;
        header[5..13].copy_from_slice(&row.id.unwrap_or(0).to_le_bytes());
        header[13..21].copy_from_slice(&version.to_le_bytes());
        self.rows += 1;
    }
}

/// Rows of values that are in their stored form already.
#[derive(Debug, Default)]
pub struct StoredRows(Batch);

impl StoredRows {
    /// Adds a row with these cells; one that deletes has its key alone.
    pub fn push<'v>(&mut self, delete: bool, cells: impl Iterator<Item = (u16, Value<'v>)>) {
        let mut row = self.0.begin();
        row.delete = delete;
        for (column, value) in cells {
            self.0.push(column, &value);
        }
        self.0.end(row);
    }

    /// Bytes that wait to be taken.
    pub fn pending(&self) -> usize {
        self.0.len()
    }

    /// Takes the rows.
    pub fn take(&mut self) -> Batch {
        std::mem::take(&mut self.0)
    }
}

/// One row of a batch.
#[derive(Clone, Copy, Debug)]
pub struct RowRef<'a> {
    data: &'a [u8],
}

impl<'a> RowRef<'a> {
    fn flags(&self) -> u8 {
        self.data.get(4).copied().unwrap_or(0)
    }

    fn word(&self, at: usize) -> i64 {
        self.data.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, i64::from_le_bytes)
    }

    /// Whether the row asks for a delete.
    pub fn is_delete(&self) -> bool {
        self.flags() & DELETE != 0
    }

    /// The `:id` that the row carries, deciphered.
    pub fn id(&self) -> Option<i64> {
        (self.flags() & HAS_ID != 0).then(|| self.word(5))
    }

    /// What the row says of its `:version`.
    pub fn version(&self) -> VersionLock {
        match self.flags() & (VERSION_NULL | VERSION_SET) {
            0 => VersionLock::Absent,
            VERSION_NULL => VersionLock::MustBeNew,
            _ => VersionLock::MustBe(self.word(13)),
        }
    }

    /// The cells in the order of sending.
    pub fn cells(&self) -> impl Iterator<Item = (u16, Value<'a>)> {
        self.encoded().map_while(|(column, value)| Some((column, Value::decode(value)?)))
    }

    /// The columns of the cells, in their order.
    pub fn columns(&self) -> impl Iterator<Item = u16> {
        self.encoded().map(|(column, _)| column)
    }

    /// The value of a column, if the row has one.
    pub fn cell(&self, column: u16) -> Option<Value<'a>> {
        self.encoded().find(|(found, _)| *found == column).and_then(|(_, value)| Value::decode(value))
    }

    fn encoded(&self) -> Encoded<'a> {
        Encoded { rest: self.data.get(HEADER..).unwrap_or(&[]) }
    }
}

/// The cells of a row, with their values as they are encoded.
struct Encoded<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Encoded<'a> {
    type Item = (u16, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (column, rest) = self.rest.split_first_chunk::<2>()?;
        let (value, rest) = Value::split_encoded(rest)?;
        self.rest = rest;
        Some((u16::from_le_bytes(*column), value))
    }
}
