//! SQLite: the only user of rusqlite. Blocking.

pub mod alter;
pub mod catalogue;
mod connection;
mod error;
mod executor;
mod feed;
mod migrate;
pub mod rows;
mod spool;
pub mod sql;
pub mod versions;

pub use catalogue::{Catalogue, Entry};
pub use connection::Backing;
pub use error::StoreError;
pub use feed::{Feed, FeedSender};
pub use rusqlite::Connection;
pub use spool::Spool;

use executor::{Done, Job, Writer};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll};

/// So many idle connections for readers are kept.
const READERS: usize = 8;

/// The data of one space.
pub struct Store {
    backing: Backing,
    strict_types: bool,
    writer: Option<Writer>,
    readers: Mutex<Vec<Connection>>,
    catalogue: RwLock<Arc<Catalogue>>,
    room: spool::Room,
}

impl Store {
    /// Opens or makes the database.
    pub fn open(backing: Backing, strict_types: bool) -> Result<Arc<Self>, StoreError> {
        let mut connection = backing.open(false)?;
        migrate::migrate(&mut connection)?;
        let catalogue = Catalogue::load(&connection, strict_types)?;
        Ok(Arc::new(Self {
            backing,
            strict_types,
            writer: Some(Writer::start(connection)?),
            readers: Mutex::new(Vec::new()),
            catalogue: RwLock::new(Arc::new(catalogue)),
            room: spool::Room::default(),
        }))
    }

    /// The datasets as of now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs a job on the writer thread. What it returns as `Ok` stays; an `Err` takes its changes
    /// back.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(false, job)?.await
    }

    /// The same for a job that may take long: it is committed alone.
    pub async fn write_alone<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(true, job)?.await
    }

    /// Begins a job that takes its rows from a feed, and the sender's side of the feed. The job
    /// ends with `StoreError::Stalled` when the rows do not come fast enough.
    pub fn write_fed<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, Feed) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<(FeedSender, Pending<T>), StoreError> {
        let waiting = self.writer.as_ref().ok_or(StoreError::Closed)?.waiting();
        let (sender, feed) = feed::feed(waiting);
        let pending = self.submit(true, move |connection| job(connection, feed))?;
        Ok((sender, pending))
    }

    /// A place for rows that wait to be written.
    pub fn spool(&self) -> Spool {
        Spool::new(self.room.clone(), self.backing.path())
    }

    fn submit<T: Send + 'static>(
        &self,
        alone: bool,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Pending<T>, StoreError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let run = Box::new(move |connection: Result<&Connection, StoreError>| {
            let result = connection.and_then(job);
            Done {
                keep: result.is_ok(),
                reply: Box::new(move |failure| {
                    // The client may have left; then nobody waits for the answer.
                    let _ = sender.send(match failure {
                        Some(error) if result.is_ok() => Err(error),
                        _ => result,
                    });
                }),
            }
        });
        self.writer.as_ref().ok_or(StoreError::Closed)?.send(Job { alone, run })?;
        Ok(Pending(receiver))
    }

    /// Runs a job that changes the catalogue, and shows the new catalogue to everyone before it
    /// returns.
    pub async fn define<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let value = self.write(job).await?;
        // Loading under the lock keeps an older picture from replacing a newer one.
        let mut catalogue = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        *catalogue = Arc::new(self.read(|connection| Catalogue::load(connection, self.strict_types))?);
        Ok(value)
    }

    /// Runs a query on a read-only connection, on the calling thread, in one transaction: all its
    /// statements see the same data.
    pub fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.backing.open(true)?,
        };
        let result = match connection.unchecked_transaction() {
            Ok(transaction) => job(&transaction),
            Err(error) => Err(error.into()),
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS && connection.is_autocommit() {
            readers.push(connection);
        }
        result
    }
}

/// A job on its way; awaiting it gives what it returned.
#[derive(Debug)]
pub struct Pending<T>(tokio::sync::oneshot::Receiver<Result<T, StoreError>>);

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(cx);
        answer.map(|a| a.unwrap_or_else(|_| Err(StoreError::Panicked("see the log".to_owned()))))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.writer = None;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Backing::Temporary(path) = &self.backing {
            for suffix in ["", "-wal", "-shm"] {
                let mut name = path.clone().into_os_string();
                name.push(suffix);
                let _ = std::fs::remove_file(name);
            }
        }
    }
}

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// A stored value as it lies in a result row.
pub fn cell_of(value: rusqlite::types::ValueRef<'_>) -> crate::soda::value::StoredRef<'_> {
    use crate::soda::value::StoredRef;
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => StoredRef::Null,
        ValueRef::Integer(v) => StoredRef::Int(v),
        ValueRef::Real(v) => StoredRef::Real(v),
        ValueRef::Text(t) | ValueRef::Blob(t) => StoredRef::Text(std::str::from_utf8(t).unwrap_or("")),
    }
}
