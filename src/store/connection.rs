//! Connections: how they are opened, and the collation that numbers compare by.

use super::StoreError;
use crate::soda::value;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// The collation of number columns.
pub const NUMBER_COLLATION: &str = "SOQLNUM";

/// Where the database lies.
#[derive(Clone, Debug)]
pub enum Backing {
    /// A file that survives.
    File(PathBuf),
    /// A file that is removed at the end.
    Temporary(PathBuf),
}

impl Backing {
    /// The file's path.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Temporary(path) => path,
        }
    }

    /// A connection with everything set up.
    pub fn open(&self, read_only: bool) -> Result<Connection, StoreError> {
        let write = if read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let connection = Connection::open_with_flags(self.path(), write | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let synchronous = if matches!(self, Self::File(_)) { "NORMAL" } else { "OFF" };
        if !read_only {
            connection.execute_batch(&format!(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=10000;
                 PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=ON;"
            ))?;
        }
        connection.execute_batch("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;")?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.create_collation(NUMBER_COLLATION, value::compare_numbers)?;
        crate::soql::runtime::register(&connection)?;
        Ok(connection)
    }
}
