//! What can go wrong in the store.

use super::functions::{RuntimeError, failure_of};
use crate::soda::{ErrorCode, SodaError};

/// A failure below the wire's meaning.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A function of SoQL failed, or a value grew too large, in a read.
    #[error("{0}")]
    Query(RuntimeError),
    /// The file was written by a newer version.
    #[error(
        "the data file is of format {found}, but this version reads up to {known}; use the newer soda-mock that wrote it, or another file"
    )]
    NewerDatabase {
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The file was written by an older version and is only read here.
    #[error(
        "the data file is of format {found}, but this version reads {known}; start `soda-mock serve --data` on it once, which brings it up to date"
    )]
    OlderDatabase {
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// A refusal that the client is to see.
    #[error("{0}")]
    Refused(SodaError),
    /// The writer has ended.
    #[error("the store is closed")]
    Closed,
    /// Another server has the file open.
    #[error(
        "another soda-mock has this data file open; stop it, or give this one a file of its own with --data"
    )]
    InUse,
    /// Another program holds the file's lock.
    #[error("another program holds the data file's lock")]
    Busy,
    /// A transaction could not be begun or ended.
    #[error("SQLite: {0}")]
    Transaction(String),
    /// The disk or the file system's quota is full.
    #[error("no space is left for the data")]
    Full,
    /// SQLite had no memory to end a transaction.
    #[error("no memory is left to store the data")]
    OutOfMemory,
    /// A write that was committed together with others was taken back because one of those failed.
    #[error("a write that was committed with this one has failed")]
    TakenBack,
    /// The rows of a job did not come as fast as the writer wants them.
    #[error("the client sends its rows too slowly to keep the writer waiting")]
    Stalled,
    /// No place for temporary files.
    #[error(
        "no folder for the ephemeral store can be written ({0}); mount one (docker run --tmpfs /tmp), name one with TMPDIR, or keep the data with --data FILE"
    )]
    NoFolder(String),
    /// A file is no database of ours.
    #[error("this is no soda-mock database: {0}; name another file")]
    NotOurs(String),
    /// A job panicked.
    #[error("a write panicked: {0}")]
    Panicked(String),
    /// A file or folder could not be used.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Why a transaction with the writes of several requests was not kept; each of them is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Another program holds the file's lock.
    Busy,
    /// No space is left.
    Full,
    /// SQLite has reached the bound of its memory.
    OutOfMemory,
    /// One of the writes failed in a way that took all of them back.
    TakenBack,
    /// Anything else that SQLite says.
    Sqlite(String),
}

impl Failure {
    /// What SQLite's refusal means.
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        if is_busy(error) {
            Self::Busy
        } else if is_full(error) {
            Self::Full
        } else if is_out_of_memory(error) {
            Self::OutOfMemory
        } else {
            Self::Sqlite(error.to_string())
        }
    }

    /// Why the database could not be opened.
    pub(super) fn of_opening(error: &StoreError) -> Self {
        match error {
            StoreError::Sqlite(error) => Self::of(error),
            StoreError::OutOfMemory => Self::OutOfMemory,
            StoreError::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Self::Full,
            other => Self::Sqlite(other.to_string()),
        }
    }
}

impl StoreError {
    /// The error of a read, by the function that failed if it was one. To be called on the thread that read.
    pub(super) fn of_read(self) -> Self {
        match self {
            Self::Sqlite(error) => failure_of(&error).map_or(Self::Sqlite(error), Self::Query),
            other => other,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy => Self::Busy,
            Failure::Full => Self::Full,
            Failure::OutOfMemory => Self::OutOfMemory,
            Failure::TakenBack => Self::TakenBack,
            Failure::Sqlite(text) => Self::Transaction(text),
        }
    }
}

impl From<SodaError> for StoreError {
    fn from(error: SodaError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for SodaError {
    /// The client sees a refusal as it is, anything else as an internal error without its cause.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal,
            StoreError::Busy => locked(),
            StoreError::Sqlite(error) if is_busy(&error) => locked(),
            StoreError::Sqlite(error) if is_out_of_memory(&error) => {
                SodaError::out_of_memory("This needs more memory than is left for queries and writes")
            }
            StoreError::Full => full(),
            StoreError::OutOfMemory => SodaError::new(ErrorCode::InsufficientStorage, "No memory is left to store the data")
                .hint("Nothing of this request was stored and the data from before is whole. Send it again when others are done, or less at once; serve --max-memory allows more."),
            StoreError::Sqlite(error) if is_full(&error) => full(),
            StoreError::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => full(),
            StoreError::TakenBack => SodaError::new(ErrorCode::Unavailable, "The write was taken back")
                .hint("It was committed together with another write, which failed. Nothing of it was stored; send it again."),
            StoreError::Closed => SodaError::new(ErrorCode::Unavailable, "The server is stopping"),
            other => {
                tracing::error!(error = %other, "a request failed in the store");
                SodaError::new(ErrorCode::Internal, "Internal error")
            }
        }
    }
}

fn full() -> SodaError {
    SodaError::new(ErrorCode::InsufficientStorage, "No space is left for the data")
        .hint("Nothing of this request was stored and the data from before is whole. Free space on the disk that holds --data or the temporary folder (TMPDIR), then send the request again.")
}

/// Whether the disk, or what SQLite may use of it, is full.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

fn locked() -> SodaError {
    SodaError::new(ErrorCode::CannotAcquireWriteLock, "Dataset cannot acquire a write lock")
        .hint("Another program holds the data file; end its transaction, then send the request again.")
}

/// Whether SQLite has reached the bound of its memory.
pub(super) fn is_out_of_memory(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::OutOfMemory)
}

/// Whether another process holds the file's lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn refusal(code: i32) -> SodaError {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        StoreError::from(Failure::of(&error)).into()
    }

    #[test]
    fn a_commit_without_memory_or_disk_is_refused_with_a_hint() {
        for (code, words) in [(ffi::SQLITE_NOMEM, "--max-memory"), (ffi::SQLITE_FULL, "disk")] {
            let refusal = refusal(code);
            assert_eq!(refusal.code, ErrorCode::InsufficientStorage);
            assert_eq!(refusal.status(), 507);
            let hint = refusal.hint.map(|hint| hint.to_string()).unwrap_or_default();
            assert!(hint.contains(words), "{hint}");
        }
        assert_eq!(refusal(ffi::SQLITE_IOERR).code, ErrorCode::Internal);
    }
}
