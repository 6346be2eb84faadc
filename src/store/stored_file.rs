//! A data file that is only read, without a server and without changing it.

use super::connection::{LOCK_WAIT, NUMBER_COLLATION};
use super::functions::forget_failure;
use super::tx::ReadTx;
use super::{StoreError, functions, migrate};
use crate::memory::Memory;
use crate::soda::value::compare_numbers;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// An open data file.
pub struct StoredFile(Connection);

impl StoredFile {
    /// Opens it for reading; a lock of another program is waited for.
    pub fn open(path: &Path, memory: &Memory) -> Result<Self, StoreError> {
        open(path, memory).map(Self)
    }

    /// Refuses a file of an older or newer format than this program's.
    pub fn check_format(&self) -> Result<(), StoreError> {
        migrate::check_format(&self.0)
    }

    /// Runs queries, each of which sees the data of its own moment.
    pub fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        forget_failure();
        job(&ReadTx::on(&self.0)).map_err(StoreError::of_read)
    }
}

/// A connection that only reads, with what SoQL needs; it has the memory of any reader.
pub(super) fn open(path: &Path, memory: &Memory) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(LOCK_WAIT)?;
    connection.create_collation(NUMBER_COLLATION, compare_numbers)?;
    let cache_kib = memory.reader_cache_kib();
    connection.execute_batch(&format!("PRAGMA temp_store=FILE; PRAGMA cache_size=-{cache_kib};"))?;
    functions::register(&connection, &memory.aggregates)?;
    Ok(connection)
}
