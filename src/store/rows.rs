//! Rows into a dataset's table: upsert, delete, and what became of each.

use super::StoreError;
use super::table::{Shape, Table};
use super::tx::WriteTx;
use crate::codec::{RowRef, VersionLock};
use crate::soda::{ErrorCode, SystemField, Value};
use rusqlite::CachedStatement;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Why one row was not stored although its request was. Names: `Mutator.scala` (source).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowErrorKind {
    /// The key is missing or null.
    NoPrimaryKey,
    /// The `:id` names no row.
    NoSuchRowToUpdate,
    /// The key names no row.
    NoSuchRowToDelete,
    /// `:version` is not the stored one.
    VersionMismatch,
    /// `:version` on a row that does not exist yet.
    VersionOnNewRow,
}

impl RowErrorKind {
    /// All kinds with their names on the wire.
    pub const NAMES: [(Self, &str); 5] = [
        (Self::NoPrimaryKey, "no_primary_key"),
        (Self::NoSuchRowToUpdate, "no_such_row_to_update"),
        (Self::NoSuchRowToDelete, "no_such_row_to_delete"),
        (Self::VersionMismatch, "version_mismatch"),
        (Self::VersionOnNewRow, "version_on_new_row"),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(k, _)| *k == self).map_or("", |(_, n)| n)
    }

    /// The kind with this name; `verison_mismatch` is an old misspelling that upstream accepts.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = if name == "verison_mismatch" { "version_mismatch" } else { name };
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(k, _)| *k)
    }

    /// The code of the refusal when the kind is fatal.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NoPrimaryKey => ErrorCode::PrimaryKeyMissing,
            Self::NoSuchRowToUpdate | Self::NoSuchRowToDelete => ErrorCode::RowNotFound,
            Self::VersionMismatch => ErrorCode::RowVersionMismatch,
            Self::VersionOnNewRow => ErrorCode::VersionOnNewRow,
        }
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// Stored as a new row, with `:id` and `:version`.
    Created {
        /// The `:id`.
        id: i64,
        /// The `:version`.
        version: i64,
    },
    /// An existing row was changed and has this `:version` now.
    Updated {
        /// The `:version`.
        version: i64,
    },
    /// Removed.
    Deleted,
    /// Not stored.
    Error {
        /// Why.
        kind: RowErrorKind,
        /// The stored `:version`, for a mismatch.
        expected: Option<i64>,
        /// The `:version` that was sent.
        actual: Option<i64>,
    },
}

/// A statement for rows that carry the same fields in the same order.
struct Prepared<'c> {
    sequence: Vec<u16>,
    shape: Arc<Shape>,
    statement: CachedStatement<'c>,
}

/// Applies rows to one dataset's table inside a transaction.
pub struct RowWriter<'c> {
    tx: WriteTx<'c>,
    table: &'c Table,
    merge: bool,
    now: i64,
    next: i64,
    /// The statement of the last row, which most rows share.
    last: Option<Prepared<'c>>,
    others: HashMap<Vec<u16>, Prepared<'c>>,
}

/// So many kinds of rows keep their statement within one request.
const MAX_SHAPES: usize = 64;

impl<'c> RowWriter<'c> {
    /// A writer that numbers from `next` on; `merge` keeps fields that are not sent.
    pub fn new(tx: &WriteTx<'c>, table: &'c Table, next: i64, now: i64, merge: bool) -> Self {
        Self { tx: *tx, table, merge, now, next, last: None, others: HashMap::new() }
    }

    /// The next number that a row would get.
    pub fn next_number(&self) -> i64 {
        self.next
    }

    /// Removes all rows and says how many there were.
    pub fn truncate(&self) -> Result<u64, StoreError> {
        Ok(self.tx.execute(&format!("DELETE FROM {}", self.table.name), [])? as u64)
    }

    /// Applies one row.
    #[inline]
    pub fn apply(&mut self, row: RowRef<'_>) -> Result<RowOutcome, StoreError> {
        if row.is_delete() {
            return self.delete(row);
        }
        match self.table.key {
            Some(key) => self.upsert_by_key(row, key),
            None => match row.id() {
                Some(id) => self.update_by_id(row, id),
                None => self.insert(row),
            },
        }
    }

    fn upsert_by_key(&mut self, row: RowRef<'_>, key: u16) -> Result<RowOutcome, StoreError> {
        let Some(value) = row.cell(key).filter(|value| !value.is_null()) else {
            return Ok(error(RowErrorKind::NoPrimaryKey));
        };
        if row.version() != VersionLock::Absent {
            let stored = self.stored_version(&self.table.columns[usize::from(key)], &value)?;
            if let Some(refused) = check_version(row.version(), stored, true) {
                return Ok(refused);
            }
        }
        self.mark_next()?;
        let (next, now) = (self.next, self.now);
        let prepared = self.prepared(row)?;
        let statement = &mut prepared.statement;
        statement.raw_bind_parameter(1, next)?;
        statement.raw_bind_parameter(2, next + 1)?;
        statement.raw_bind_parameter(3, now)?;
        for ((_, cell), parameter) in row.cells().zip(&prepared.shape.parameters) {
            statement.raw_bind_parameter(*parameter, cell)?;
        }
        statement.raw_execute()?;
        Ok(if self.tx.last_insert_rowid() == next {
            self.next += 2;
            RowOutcome::Created { id: next, version: next + 1 }
        } else {
            self.next += 1;
            RowOutcome::Updated { version: next }
        })
    }

    /// `last_insert_rowid` tells an insert from an update, unless it holds the very number already
    /// (from another table, or from a request that was rolled back).
    fn mark_next(&self) -> Result<(), StoreError> {
        if self.tx.last_insert_rowid() == self.next {
            self.tx.execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS last_rowid(x); INSERT OR REPLACE INTO temp.last_rowid(rowid) VALUES(-1)",
            )?;
        }
        Ok(())
    }

    fn insert(&mut self, row: RowRef<'_>) -> Result<RowOutcome, StoreError> {
        if let VersionLock::MustBe(actual) = row.version() {
            return Ok(RowOutcome::Error {
                kind: RowErrorKind::VersionOnNewRow,
                expected: None,
                actual: Some(actual),
            });
        }
        let (next, now) = (self.next, self.now);
        let prepared = self.prepared(row)?;
        let statement = &mut prepared.statement;
        statement.raw_bind_parameter(1, next)?;
        statement.raw_bind_parameter(2, next + 1)?;
        statement.raw_bind_parameter(3, now)?;
        for ((_, cell), parameter) in row.cells().zip(&prepared.shape.parameters) {
            statement.raw_bind_parameter(*parameter, cell)?;
        }
        statement.raw_execute()?;
        self.next += 2;
        Ok(RowOutcome::Created { id: next, version: next + 1 })
    }

    fn update_by_id(&mut self, row: RowRef<'_>, id: i64) -> Result<RowOutcome, StoreError> {
        let stored = self.stored_version(SystemField::Id.column(), &Value::Int(id))?;
        if stored.is_none() {
            return Ok(error(RowErrorKind::NoSuchRowToUpdate));
        }
        if let Some(refused) = check_version(row.version(), stored, false) {
            return Ok(refused);
        }
        let mut sql = format!("UPDATE {} SET version=?1, updated_at=?2", self.table.name);
        let sent: Vec<u16> = row.columns().collect();
        for (index, column) in self.table.columns.iter().enumerate() {
            let parameter = sent.iter().position(|c| usize::from(*c) == index);
            match parameter {
                Some(p) => write!(sql, ", {column}=?{}", p + 4).unwrap_or_default(),
                None if !self.merge => write!(sql, ", {column}=NULL").unwrap_or_default(),
                None => {}
            }
        }
        sql.push_str(" WHERE sid=?3");
        let mut statement = self.tx.prepare_cached(&sql)?;
        statement.raw_bind_parameter(1, self.next)?;
        statement.raw_bind_parameter(2, self.now)?;
        statement.raw_bind_parameter(3, id)?;
        for (index, (_, cell)) in row.cells().enumerate() {
            statement.raw_bind_parameter(index + 4, cell)?;
        }
        statement.raw_execute()?;
        self.next += 1;
        Ok(RowOutcome::Updated { version: self.next - 1 })
    }

    fn delete(&mut self, row: RowRef<'_>) -> Result<RowOutcome, StoreError> {
        let (column, value) = match self.table.key {
            Some(key) => (self.table.columns[usize::from(key)].as_str(), row.cell(key)),
            None => (SystemField::Id.column(), row.id().map(Value::Int)),
        };
        let mut statement =
            self.tx.prepare_cached(&format!("DELETE FROM {} WHERE {column}=?1", self.table.name))?;
        statement.raw_bind_parameter(1, value.unwrap_or(Value::Null))?;
        let removed = statement.raw_execute()?;
        Ok(if removed > 0 { RowOutcome::Deleted } else { error(RowErrorKind::NoSuchRowToDelete) })
    }

    fn stored_version(&self, column: &str, value: &Value<'_>) -> Result<Option<i64>, StoreError> {
        let mut statement =
            self.tx.prepare_cached(&format!("SELECT version FROM {} WHERE {column}=?1", self.table.name))?;
        let mut rows = statement.query([value])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// The statement for rows with these fields in this order.
    fn prepared(&mut self, row: RowRef<'_>) -> Result<&mut Prepared<'c>, StoreError> {
        let same = self.last.as_ref().is_some_and(|last| row.columns().eq(last.sequence.iter().copied()));
        if !same {
            let sequence: Vec<u16> = row.columns().collect();
            let next = match self.others.remove(&sequence) {
                Some(known) => known,
                None => {
                    let shape = self.table.shape(&sequence, self.merge);
                    let statement = self.tx.prepare_cached(&shape.sql)?;
                    Prepared { sequence, shape, statement }
                }
            };
            if let Some(before) = self.last.replace(next) {
                if self.others.len() >= MAX_SHAPES {
                    self.others.clear();
                }
                self.others.insert(before.sequence.clone(), before);
            }
        }
        self.last.as_mut().ok_or(StoreError::Closed)
    }
}

fn error(kind: RowErrorKind) -> RowOutcome {
    RowOutcome::Error { kind, expected: None, actual: None }
}

/// The table of `:version` (source: `SqlLoader`): `expected` is what the server has.
fn check_version(lock: VersionLock, stored: Option<i64>, keyed: bool) -> Option<RowOutcome> {
    let mismatch =
        |actual| RowOutcome::Error { kind: RowErrorKind::VersionMismatch, expected: stored, actual };
    match (lock, stored) {
        (VersionLock::MustBeNew, Some(_)) => Some(mismatch(None)),
        (VersionLock::MustBe(actual), Some(version)) if actual != version => Some(mismatch(Some(actual))),
        (VersionLock::MustBe(actual), None) if keyed => Some(mismatch(Some(actual))),
        _ => None,
    }
}
