//! Typed rows in one flat buffer: what decoders make and what the writer stores.
//!
//! A row is `length u32 | flags u8 | id i64 | version i64 | cells`; a cell is
//! `column u16 | tag u8 | payload`. Little-endian. Nothing points into a body, so a batch can
//! wait, be spilled to a file and be read again.

use crate::soda::{SoqlType, Stored, value};

/// The type tags of cells.
mod tag {
    pub const NULL: u8 = 1;
    pub const INT: u8 = 2;
    pub const REAL: u8 = 3;
    pub const TEXT: u8 = 4;
}

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

/// A cell as it goes to SQLite. Text is valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Null.
    Null,
    /// An INTEGER.
    Int(i64),
    /// A REAL.
    Real(f64),
    /// A TEXT.
    Text(&'a [u8]),
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
    pub(super) fn push(&mut self, column: u16, cell: Cell<'_>) -> usize {
        let at = self.data.len();
        self.data.extend_from_slice(&column.to_le_bytes());
        match cell {
            Cell::Null => self.data.push(tag::NULL),
            Cell::Int(v) => {
                self.data.push(tag::INT);
                self.data.extend_from_slice(&v.to_le_bytes());
            }
            Cell::Real(v) => {
                self.data.push(tag::REAL);
                self.data.extend_from_slice(&v.to_le_bytes());
            }
            Cell::Text(t) => {
                self.data.push(tag::TEXT);
                // A row's text is limited far below 4 GiB.
                self.data.extend_from_slice(&u32::try_from(t.len()).unwrap_or(u32::MAX).to_le_bytes());
                self.data.extend_from_slice(t);
            }
        }
        at
    }

    /// Takes a cell out again: a later one of the same column has taken its place. Rare, so it may
    /// move the cells behind it.
    pub(super) fn kill(&mut self, at: usize) {
        let Some(&t) = self.data.get(at + 2) else { return };
        let payload = match t {
            tag::INT | tag::REAL => 8,
            tag::TEXT => 4 + text_length(&self.data[at + 3..]),
            _ => 0,
        };
        self.data.drain(at..at + 3 + payload);
    }

    /// Whether the cell at a place holds this value; numbers compare by value.
    pub(super) fn cell_equals(&self, at: usize, value: &Stored<'_>, soql_type: SoqlType) -> bool {
        let mut cells = Cells { rest: &self.data[at..] };
        match (cells.next().map(|(_, cell)| cell), value) {
            (Some(Cell::Int(a)), Stored::Int(b)) => a == *b,
            (Some(Cell::Text(a)), Stored::Text(b)) if soql_type == SoqlType::Number => {
                std::str::from_utf8(a).is_ok_and(|a| value::compare_numbers(a, b).is_eq())
            }
            (Some(Cell::Text(a)), Stored::Text(b)) => a == b.as_bytes(),
            _ => false,
        }
    }

    /// Columns and places of the cells of an unfinished row.
    pub(super) fn open_cells(&self, row: &OpenRow) -> Vec<(u16, usize)> {
        let end = self.data.len();
        let mut cells = Cells { rest: &self.data[row.start + HEADER..] };
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

fn text_length(after_tag: &[u8]) -> usize {
    after_tag.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b) as usize)
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
    pub fn cells(&self) -> Cells<'a> {
        Cells { rest: self.data.get(HEADER..).unwrap_or(&[]) }
    }
}

/// The cells of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Cells<'a> {
    type Item = (u16, Cell<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.rest.split_first_chunk::<3>()?;
        let column = u16::from_le_bytes([head[0], head[1]]);
        let (cell, rest) = match head[2] {
            tag::INT => {
                let (word, rest) = rest.split_first_chunk::<8>()?;
                (Cell::Int(i64::from_le_bytes(*word)), rest)
            }
            tag::REAL => {
                let (word, rest) = rest.split_first_chunk::<8>()?;
                (Cell::Real(f64::from_le_bytes(*word)), rest)
            }
            tag::TEXT => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                (Cell::Text(text), rest)
            }
            _ => (Cell::Null, rest),
        };
        self.rest = rest;
        Some((column, cell))
    }
}
