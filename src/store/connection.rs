//! Connections: how they are opened, and the collation that numbers compare by.

use super::StoreError;
use super::folder::TemporaryFile;
use super::functions::forget_failure;
use crate::memory::Memory;
use crate::soda::value;
use crate::soql::bound::MAX_VALUE;
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The collation of number columns.
pub const NUMBER_COLLATION: &str = "SOQLNUM";

/// SQLite's way to files that no other process opens: locks and the index of the log lie in memory,
/// which saves four system calls for each read.
pub(super) const OWN_PROCESS: &str = "unix-excl";

/// Where the database lies.
#[derive(Clone, Debug)]
pub enum Backing {
    /// A file that survives, with the memory of the process that has it open.
    File(PathBuf, Arc<Memory>),
    /// A file that is removed at the end.
    Temporary(Arc<TemporaryFile>),
}

/// How much a store may keep for speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// KiB of pages that the connection which writes keeps at most.
    pub cache_kib: u64,
    /// So many idle connections for readers are kept.
    pub readers: usize,
    /// Idle for so long, the store closes its files; none: never.
    pub linger: Option<Duration>,
    /// A lock of another program is waited for so long.
    pub lock_wait: Duration,
}

/// A lock of another program is waited for so long.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

impl Profile {
    /// The space that most requests go to.
    pub const MAIN: Self = Self { cache_kib: 32 * 1024, readers: 8, linger: None, lock_wait: LOCK_WAIT };
    /// An image that many spaces may read.
    pub const IMAGE: Self = Self { cache_kib: 4 * 1024, readers: 8, linger: None, lock_wait: LOCK_WAIT };
    /// One of many spaces.
    pub const ONE_OF_MANY: Self =
        Self { cache_kib: 2 * 1024, readers: 1, linger: Some(Duration::from_secs(5)), lock_wait: LOCK_WAIT };
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Queries.
    Read,
    /// Everything, beside readers.
    Write,
    /// Filling a new file that nobody reads yet.
    Fill,
}

impl Backing {
    /// The file's path.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path, _) => path,
            Self::Temporary(file) => file.path(),
        }
    }

    /// The folder of the file.
    pub fn folder(&self) -> &Path {
        self.path().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// The memory that its connections and readers have their shares of.
    pub fn memory(&self) -> &Arc<Memory> {
        match self {
            Self::File(_, memory) => memory,
            Self::Temporary(file) => file.folder().memory(),
        }
    }

    /// Whether the data survives.
    pub fn survives(&self) -> bool {
        matches!(self, Self::File(..))
    }

    /// What is done after each commit: long logs are copied into the database. Of small commits,
    /// which write the same pages again and again, already shorter ones: SQLite looks for the place
    /// of a page in its index by passing all its earlier copies. A file that survives waits, as
    /// copying syncs it.
    fn checkpoints(&self) -> impl FnMut(&mut Wal, c_int) -> rusqlite::Result<()> + Send + 'static {
        const LONG: c_int = 10_000;
        const SMALL: c_int = 64;
        let after_small = if self.survives() { LONG } else { 1000 };
        let mut before = 0;
        move |wal, pages| {
            let added = if pages > before { pages - before } else { pages };
            before = pages;
            if pages >= if added <= SMALL { after_small } else { LONG } {
                // The commit stands whatever comes of it; a later one tries again.
                let _ = wal.checkpoint();
            }
            Ok(())
        }
    }

    /// A connection with everything set up.
    pub(super) fn open(&self, access: Access, profile: Profile) -> Result<Connection, StoreError> {
        let flags = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if let (Self::Temporary(file), Access::Write | Access::Fill) = (self, access) {
            file.create_if_missing()?;
        }
        let mut connection = match self {
            Self::Temporary(file) if cfg!(unix) => {
                Connection::open_with_flags_and_vfs(file.path(), flags, OWN_PROCESS)?
            }
            _ => Connection::open_with_flags(self.path(), flags)?,
        };
        match access {
            Access::Read => {
                connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
            }
            // Changing the journal's mode syncs the file, so whether to sync at all comes first.
            Access::Write => {
                let synchronous = if self.survives() { "NORMAL" } else { "OFF" };
                connection.execute_batch(&format!(
                    "PRAGMA synchronous={synchronous}; PRAGMA journal_mode=WAL;
                     PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=ON;"
                ))?;
                connection.wal_hook(Some(self.checkpoints()))?;
            }
            Access::Fill => connection
                .execute_batch("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; PRAGMA foreign_keys=ON;")?,
        }
        // As much as it keeps of pages, a connection keeps of each sort, index or table that it makes
        // for itself; what is more goes to a file without a name.
        let cache_kib = match access {
            Access::Read => self.memory().reader_cache_kib(),
            Access::Write | Access::Fill => profile.cache_kib.min(self.memory().writer_cache_kib()),
        };
        connection.execute_batch(&format!("PRAGMA temp_store=FILE; PRAGMA cache_size=-{cache_kib};"))?;
        connection.busy_timeout(profile.lock_wait)?;
        // Without it SQLite prepares statements anew for the values of some of their parameters.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.create_collation(NUMBER_COLLATION, value::compare_numbers)?;
        super::functions::register(&connection, &self.memory().aggregates)?;
        super::reading::watch(&mut connection)?;
        Ok(connection)
    }
}

/// Connections for queries; idle ones are used again.
#[derive(Debug)]
pub(super) struct Readers {
    backing: Backing,
    profile: Profile,
    idle: Mutex<Vec<Connection>>,
}

/// Runs a statement that is kept for the next time.
pub(super) fn exec(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(|_| ())
}

/// Bounds the memory that SQLite takes in this process: from the first bound on connections keep no more
/// pages, from the second on what needs more fails. Once bounded it stays so.
pub fn limit_heap(memory: &Memory) -> Result<(), StoreError> {
    let connection = Connection::open_in_memory()?;
    let (soft, hard) = (memory.sqlite_caches(), memory.sqlite());
    Ok(connection.execute_batch(&format!("PRAGMA soft_heap_limit={soft}; PRAGMA hard_heap_limit={hard};"))?)
}

impl Readers {
    /// Readers of this database.
    pub(super) fn new(backing: Backing, profile: Profile) -> Self {
        Self { backing, profile, idle: Mutex::default() }
    }

    /// Runs a query in one transaction on the calling thread.
    pub(super) fn run<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run_alone(|connection| {
            // Kept statements: preparing them anew would cost as much as reading one row.
            exec(connection, "BEGIN")?;
            let result = job(connection);
            // Nothing was written; an end that fails leaves the connection out of the idle ones.
            let _ = exec(connection, "COMMIT");
            result
        })
    }

    /// Runs a job of one statement, which is a transaction by itself, on the calling thread.
    pub(super) fn run_alone<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.backing.open(Access::Read, self.profile)?,
        };
        forget_failure();
        let result = job(&connection).map_err(StoreError::of_read);
        let mut idle = self.idle();
        if idle.len() < self.profile.readers && connection.is_autocommit() {
            idle.push(connection);
        }
        result
    }

    /// A connection for good, none of the idle ones.
    pub(super) fn another(&self) -> Result<Connection, StoreError> {
        self.backing.open(Access::Read, self.profile)
    }

    /// Closes what is idle.
    pub(super) fn close(&self) {
        let closed = std::mem::take(&mut *self.idle());
        drop(closed);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
