//! Transactions: the only things through which others than the store reach SQLite. Outside the store they
//! are handed on to its functions and run queries that `soql` has compiled.

use super::StoreError;
use super::version_numbers::Versions;
use crate::soda::{Dataset, Value};
use rusqlite::{CachedStatement, Connection, Params, Row};
use std::cell::RefCell;
use std::ops::Deref;
use std::path::PathBuf;

/// A transaction that reads: all its queries see the data of one moment.
#[derive(Clone, Copy)]
pub struct ReadTx<'c>(&'c Connection);

/// A transaction that writes. What it changes stays when the job that it was given to ends with `Ok`.
#[derive(Clone, Copy)]
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    /// Where the versions that it stores are noted, for those who look at them without SQLite.
    stored: Option<&'c StoredVersions>,
    /// Whether the database has views for people with the `sqlite3` shell.
    views: bool,
}

/// Versions that a transaction has stored, each with its dataset's number.
pub(super) type StoredVersions = RefCell<Vec<(i64, Versions)>>;

/// A row of a query's result.
pub struct ResultRow<'r>(&'r Row<'r>);

impl ResultRow<'_> {
    /// The value of a column, counted from 0; null where there is none.
    pub fn value(&self, index: usize) -> Value<'_> {
        self.0.get_ref(index).map_or(Value::Null, Value::from)
    }

    /// The integer of a column, counted from 0.
    pub(super) fn integer(&self, index: usize) -> Result<i64, StoreError> {
        Ok(self.0.get(index)?)
    }
}

impl<'c> ReadTx<'c> {
    /// The transaction that a connection is in, or the single statement that it runs next.
    pub(super) fn on(connection: &'c Connection) -> Self {
        Self(connection)
    }

    /// Runs a compiled query and gives its rows to `each` until that says false. Nothing more is read then.
    pub fn rows(
        &self,
        query: &str,
        params: &[Value<'_>],
        mut each: impl FnMut(&ResultRow<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepare_cached(query)?;
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param)?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if !each(&ResultRow(row))? {
                break;
            }
        }
        Ok(())
    }

    /// SQLite's plan of a compiled query, a line for each step.
    pub fn plan(&self, query: &str, params: &[Value<'_>]) -> Result<Vec<String>, StoreError> {
        let mut steps = Vec::new();
        self.rows(&format!("EXPLAIN QUERY PLAN {query}"), params, |row| {
            if let Value::Text(step) = row.value(3) {
                steps.push(step.into_owned());
            }
            Ok(true)
        })?;
        Ok(steps)
    }

    /// How many rows a dataset has.
    pub fn row_count(&self, dataset: &Dataset) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", dataset.table());
        let count: i64 = self.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Bytes of the database.
    pub fn size(&self) -> Result<u64, StoreError> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        Ok(self.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// The file that is read.
    pub fn path(&self) -> Option<PathBuf> {
        self.0.path().map(PathBuf::from)
    }

    /// Gives back what the connection keeps for speed only, in the middle of a read too.
    pub fn shrink(&self) {
        if let Err(error) = self.0.execute_batch("PRAGMA shrink_memory") {
            tracing::warn!(%error, "a read that waits for its client keeps its memory");
        }
    }

    pub(super) fn prepare_cached(&self, sql: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.0.prepare_cached(sql)
    }

    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.0.query_row(sql, params, read)
    }
}

impl<'c> WriteTx<'c> {
    /// The transaction that a connection is in.
    pub(super) fn on(connection: &'c Connection) -> Self {
        Self { read: ReadTx(connection), stored: None, views: false }
    }

    /// The same; the versions that it stores are noted.
    pub(super) fn noting(connection: &'c Connection, stored: &'c StoredVersions) -> Self {
        Self { stored: Some(stored), ..Self::on(connection) }
    }

    /// The same in a database that has views of its datasets, or has none.
    pub(super) fn with_views(self, views: bool) -> Self {
        Self { views, ..self }
    }

    pub(super) fn has_views(&self) -> bool {
        self.views
    }

    pub(super) fn note_versions(&self, number: i64, versions: Versions) {
        if let Some(stored) = self.stored {
            stored.borrow_mut().push((number, versions));
        }
    }

    pub(super) fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.read.0.execute(sql, params)
    }

    pub(super) fn execute_batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.read.0.execute_batch(sql)
    }

    pub(super) fn last_insert_rowid(&self) -> i64 {
        self.read.0.last_insert_rowid()
    }
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}
