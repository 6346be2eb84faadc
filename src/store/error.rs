//! What can go wrong in the store.

use crate::soda::{ErrorCode, SodaError};

/// A failure below the wire's meaning.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
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
    #[error("{}", .0.message)]
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
                SodaError::out_of_memory("SQLite needs more memory than is left for it")
            }
            StoreError::Closed => SodaError::new(ErrorCode::Unavailable, "The server is stopping"),
            other => {
                tracing::error!(error = %other, "a request failed in the store");
                SodaError::new(ErrorCode::Internal, "Internal error")
            }
        }
    }
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
