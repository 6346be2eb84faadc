//! The data of one moment, kept while others write on.

use super::StoreError;
use super::connection::Readers;
use super::functions::forget_failure;
use super::tx::ReadTx;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};

/// A read transaction that is held open: whoever reads through it sees the data of the moment it
/// began. The write-ahead log grows until it is dropped.
pub struct HeldRead {
    connection: Mutex<Connection>,
    /// Keeps a temporary file until the connection to it is closed.
    _readers: Arc<Readers>,
}

impl std::fmt::Debug for HeldRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("HeldRead").finish()
    }
}

impl HeldRead {
    /// Freezes what readers see now.
    pub(super) fn new(readers: Arc<Readers>) -> Result<Self, StoreError> {
        let connection = readers.another()?;
        // A transaction begins with its first read, not with BEGIN.
        connection.execute_batch("BEGIN; SELECT count(*) FROM datasets;")?;
        Ok(Self { connection: Mutex::new(connection), _readers: readers })
    }

    /// Runs a query on the data of that moment, on the calling thread.
    pub fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        forget_failure();
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        job(&ReadTx::on(&connection)).map_err(StoreError::of_read)
    }
}
