//! Columns and rows as they are read.

use super::bounds::Bounds;
use super::error::FileError;
use crate::memory::Held;
use crate::soda::{SoqlType, Value};

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputColumn {
    /// Made of the display name; no two columns of a file have the same.
    pub field_name: String,
    /// The header as it stands in the file.
    pub display_name: String,
    /// `Text` in CSV, TSV and spreadsheets; in files of places the type that all values of the column have. Geometries
    /// in another projection than WGS 84 have it behind their coordinates, as transforms read it.
    pub soql_type: SoqlType,
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceRow<'a> {
    /// As many cells as there are columns.
    Cells(Cells<'a>),
    /// More or fewer cells than columns.
    Malformed(Malformed),
}

/// A row that has not as many cells as there are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Whether there are too few or too many.
    pub error: RowFault,
    /// Columns of the file.
    pub wanted: usize,
    /// Cells of the row.
    pub got: usize,
    /// The cells; an empty one is none.
    pub contents: Vec<Option<String>>,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// Fewer cells than columns.
    TooShort,
    /// More cells than columns.
    TooLong,
}

impl RowFault {
    /// As the API says it (`too_short` documented, `too_long` ours).
    pub fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
        }
    }
}

/// A cell of a row that is being read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Slot {
    Null,
    /// Where its text begins and ends.
    Text(u32, u32),
    Int(i64),
}

/// The cells of one row. The values are those that `soda` stores for the type of their column; an empty cell is null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cells<'a> {
    text: &'a str,
    slots: &'a [Slot],
}

impl<'a> Cells<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The value at this place; null behind the last.
    #[inline]
    pub fn value(&self, index: usize) -> Value<'a> {
        match self.slots.get(index) {
            None | Some(Slot::Null) => Value::Null,
            Some(Slot::Int(value)) => Value::Int(*value),
            Some(Slot::Text(from, to)) => Value::from(self.part(*from, *to)),
        }
    }

    /// The text at this place; none if there is none, or the value is not kept as a text.
    #[inline]
    pub fn text(&self, index: usize) -> Option<&'a str> {
        match self.slots.get(index)? {
            Slot::Text(from, to) => Some(self.part(*from, *to)),
            _ => None,
        }
    }

    #[inline]
    fn part(&self, from: u32, to: u32) -> &'a str {
        self.text.get(from as usize..to as usize).unwrap_or("")
    }

    /// The values, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value<'a>> + use<'a> {
        let cells = *self;
        (0..cells.len()).map(move |index| cells.value(index))
    }
}

/// A row that is being read, whose room is used again for the next.
#[derive(Debug)]
pub(super) struct RowBuffer {
    /// What was read; the row has the first `length` bytes.
    pub(super) bytes: Vec<u8>,
    pub(super) length: usize,
    /// The text in which the slots' texts lie.
    pub(super) text: String,
    pub(super) slots: Vec<Slot>,
    /// The room that they take beyond a few bytes.
    held: Held,
}

/// Bytes of a row that need no room.
const FREE: usize = 256 * 1024;

impl RowBuffer {
    pub(super) fn new(bounds: &Bounds) -> Self {
        let held = bounds.room.holder();
        Self { bytes: Vec::new(), length: 0, text: String::new(), slots: Vec::new(), held }
    }

    /// Takes room for what the row has come to; `what` is refused where there is none.
    pub(super) fn take_room(&mut self, what: &str) -> Result<(), FileError> {
        let length = self.bytes.capacity() + self.text.capacity() + self.slots.capacity() * size_of::<Slot>();
        if length <= FREE || self.held.grow_to(length - FREE) {
            Ok(())
        } else {
            Err(FileError::no_room(what))
        }
    }

    /// Forgets the row before.
    pub(super) fn begin(&mut self) {
        self.length = 0;
        self.bytes.clear();
        self.slots.clear();
    }

    /// Forgets null cells at the end.
    pub(super) fn drop_empty_end(&mut self) {
        while self.slots.last() == Some(&Slot::Null) {
            self.slots.pop();
        }
    }

    /// The row as it is given out.
    pub(super) fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, slots: &self.slots }
    }

    /// Makes cells without text null, trimmed ones if so; true when all cells are null.
    pub(super) fn clean(&mut self, trim: bool) -> bool {
        let mut is_empty = true;
        for slot in &mut self.slots {
            let Slot::Text(from, to) = *slot else {
                is_empty &= *slot == Slot::Null;
                continue;
            };
            let cell = self.text.get(from as usize..to as usize).unwrap_or("");
            let (mut front, mut length) = (0, cell.len());
            // Most cells begin and end with a visible ASCII character.
            let is_plain = |byte: Option<&u8>| byte.is_none_or(|byte| (b'!'..=b'~').contains(byte));
            let bytes = cell.as_bytes();
            if trim && !(is_plain(bytes.first()) && is_plain(bytes.last())) {
                front = cell.len() - cell.trim_start().len();
                length = cell.trim().len();
            }
            if length == 0 {
                *slot = Slot::Null;
                continue;
            }
            // A row is shorter than 4 GiB by its bound.
            let from = from + u32::try_from(front).unwrap_or(0);
            *slot = Slot::Text(from, from + u32::try_from(length).unwrap_or(0));
            is_empty = false;
        }
        is_empty
    }
}

/// Appends a text to that of a row; the slot in which it lies.
pub(super) fn push(text: &mut String, cell: &str) -> Slot {
    // A row is shorter than 4 GiB by its bound.
    let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let from = place(text.len());
    text.push_str(cell);
    Slot::Text(from, place(text.len()))
}

/// Appends a text to the bytes of a row; the slot in which it lies.
pub(super) fn push_bytes(row: &mut RowBuffer, cell: &str) -> Slot {
    // A row is shorter than 4 GiB by its bound.
    let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let from = place(row.bytes.len());
    row.bytes.extend_from_slice(cell.as_bytes());
    row.length = row.bytes.len();
    Slot::Text(from, place(row.length))
}
