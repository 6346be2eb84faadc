//! SQLite: the only user of rusqlite. Blocking.

pub mod alter;
mod aside;
pub mod catalogue;
pub mod compare;
mod connection;
mod data_name;
mod entry;
mod error;
mod folder;
pub mod functions;
mod generation;
mod held_read;
pub mod history;
mod image;
pub mod import;
mod leftovers;
mod migrate;
mod origin;
pub mod permissions;
mod private;
pub mod publishing;
mod reading;
mod repair;
pub mod rows;
mod seen;
mod select;
mod spool;
pub mod sql;
mod stash;
mod stored_file;
pub mod table;
mod temporary;
mod tx;
mod version_numbers;
pub mod versions;
mod writer;

pub use aside::{Aside, Asides};
pub use catalogue::Catalogue;
pub use connection::{Backing, Profile, limit_heap};
pub use data_name::{DataNameError, check_data_name};
pub use entry::Entry;
pub use error::StoreError;
pub use folder::{Folder, HeldFolder, TemporaryFile};
pub use generation::Generation;
pub use held_read::HeldRead;
pub use image::Image;
pub use reading::{StopSwitch, Stopped, is_stopped};
pub use seen::SeenCatalogue;
pub use select::Select;
pub use spool::Spool;
pub use stash::{Stash, StashReader};
pub use stored_file::StoredFile;
pub use table::RowQuery;
pub use tx::{ReadTx, ResultRow, WriteTx};
pub use writer::{Feed, FeedSender, WriteMode, schedule};

use crate::memory::{Memory, Place};
use crate::soda::Dataset;
use history::{History, Write};
use origin::Origin;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use versions::{Versions, VersionsByNumber};
use writer::{Done, Job, JobEnd, Source, Work, Writer};

/// The data of one space.
///
/// An ephemeral store begins on an [`Image`] and shares it until the first write, which copies it.
/// So a store that only reads costs next to nothing, and going back to a seed or a snapshot is an
/// exchange of stores.
pub struct Store {
    writer: Writer,
    origin: Arc<Origin>,
    history: Arc<History>,
    restores: AtomicU64,
    generations: generation::Generations,
}

/// What a job returns, and what the history is to know of it.
pub type WithHistory<T> = (T, Option<Write>);

impl Store {
    /// Opens or makes a data file that survives.
    pub fn open(path: PathBuf, strict_types: bool, memory: Arc<Memory>) -> Result<Arc<Self>, StoreError> {
        Ok(Self::of(Origin::file(path, strict_types, memory, Profile::MAIN)?))
    }

    /// A store that begins as a copy of an image.
    pub fn on_image(image: &Arc<Image>, profile: Profile) -> Arc<Self> {
        Self::of(Origin::image(Arc::clone(image), profile))
    }

    fn of(origin: Origin) -> Arc<Self> {
        let linger = origin.profile.linger;
        let origin = Arc::new(origin);
        let survives = origin.backing.survives();
        let history = History::new(origin.backing.memory());
        let writer = Writer::new(Arc::clone(&origin) as Arc<dyn Source>, linger, survives);
        Arc::new(Self {
            writer,
            origin,
            history,
            restores: AtomicU64::new(0),
            generations: generation::Generations::default(),
        })
    }

    /// The datasets as of now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.origin.catalogue()
    }

    /// The datasets and their versions of one moment, for a list: taken one after the other, a dataset that is
    /// replaced in between would be in neither.
    pub fn listed(&self) -> (Arc<Catalogue>, Arc<VersionsByNumber>) {
        self.origin.listed()
    }

    /// Those of one dataset, as [`Versions::of`] gives them.
    pub fn versions_of(&self, dataset: &Dataset) -> Result<Versions, StoreError> {
        self.origin.versions_of(dataset)
    }

    /// Whether the data is gone at the end.
    pub fn is_ephemeral(&self) -> bool {
        !self.origin.backing.survives()
    }

    /// Runs a job on the writer thread. What it returns as `Ok` stays; an `Err` takes its changes
    /// back.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(WriteMode::Savepoint, |tx| Ok((job(tx)?, None)))?.await
    }

    /// The same for a write that the history is to know, in this mode. The history has it after the commit and
    /// before the answer.
    pub async fn write_with_history<T: Send + 'static>(
        &self,
        mode: WriteMode,
        job: impl FnOnce(&WriteTx<'_>) -> Result<WithHistory<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(mode, job)?.await
    }

    /// Begins such a job that takes its rows from a feed, and the sender's side of the feed. The job
    /// ends with `StoreError::Stalled` when the rows do not come fast enough.
    pub fn write_fed<T: Send + 'static>(
        &self,
        job: impl FnOnce(&WriteTx<'_>, Feed) -> Result<WithHistory<T>, StoreError> + Send + 'static,
    ) -> Result<(FeedSender, Pending<T>), StoreError> {
        let (sender, feed) = writer::feed(self.writer.waiting());
        let pending = self.submit(WriteMode::Alone, move |tx| job(tx, feed))?;
        Ok((sender, pending))
    }

    /// How many states were restored since the space began or was reset. It goes into entity tags:
    /// after a restore a version comes again, with other data.
    pub fn restores(&self) -> u64 {
        self.restores.load(Ordering::Relaxed)
    }

    /// Sets that number.
    pub fn set_restores(&self, restores: u64) {
        self.restores.store(restores, Ordering::Relaxed);
    }

    /// The number of the data that is there now.
    pub fn generation(&self) -> u64 {
        self.generations.now()
    }

    /// The data with this number, to ask later whether it is still there.
    pub fn generation_of(&self, number: u64) -> Generation {
        self.generations.since(number)
    }

    /// What was written.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// A place for rows that wait to be written.
    pub fn spool(&self) -> Spool {
        Spool::new(&self.memory().rows, self.origin.backing.folder())
    }

    fn submit<T: Send + 'static>(
        &self,
        mode: WriteMode,
        job: impl FnOnce(&WriteTx<'_>) -> Result<WithHistory<T>, StoreError> + Send + 'static,
    ) -> Result<Pending<T>, StoreError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let history = Arc::clone(&self.history);
        let run = Box::new(move |tx: Result<&WriteTx<'_>, StoreError>| {
            let result = tx.and_then(job);
            Done {
                end: if result.is_ok() { JobEnd::Keep } else { JobEnd::TakeBack },
                reply: Box::new(move |failure| {
                    let result = match (result, failure) {
                        (Ok(_), Some(error)) => Err(error),
                        (Ok((value, write)), None) => {
                            write.into_iter().for_each(|write| history.record(write));
                            Ok(value)
                        }
                        (Err(error), _) => Err(error),
                    };
                    // The client may have left; then nobody waits for the answer.
                    let _ = sender.send(result);
                }),
            }
        });
        if let Some(job) = self.writer.do_here(Job { mode, run }) {
            self.writer.send(Work::Change(job))?;
        }
        Ok(Pending(receiver))
    }

    /// Runs a job that changes the catalogue. Everyone sees the new catalogue with the commit.
    pub async fn define<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(WriteMode::Define, |tx| Ok((job(tx)?, None)))?.await
    }

    /// The same for a job that writes rows too, which the history is to know.
    pub async fn define_noted<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&WriteTx<'_>) -> Result<WithHistory<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(WriteMode::Define, job)?.await
    }

    /// The data of this moment, kept. Blocks.
    pub fn hold_read(&self) -> Result<HeldRead, StoreError> {
        HeldRead::new(self.origin.readers())
    }

    /// The memory of the process.
    pub fn memory(&self) -> &Arc<Memory> {
        self.origin.backing.memory()
    }

    /// A place to read for longer than a row takes.
    pub async fn long_read(&self) -> Result<Place, StoreError> {
        self.memory().places.running().await.map_err(|_| StoreError::Closed)
    }

    /// A place for a call of the admin API that holds many rows.
    pub async fn inspection(&self) -> Result<Place, StoreError> {
        self.memory().places.inspecting().await.map_err(|_| StoreError::Closed)
    }

    /// Files without a name beside the data, for answers that wait for their clients.
    pub fn asides(&self) -> Asides {
        Asides::new(self.origin.backing.folder(), self.memory())
    }

    /// A place for bytes that wait to be read.
    pub fn stash(&self) -> Stash {
        Stash::new(self.origin.backing.folder(), self.memory())
    }

    /// Runs a query on a read-only connection, on the calling thread, in one transaction: all its
    /// statements see the same data.
    pub fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.origin.readers().run(|connection| job(&ReadTx::on(connection)))
    }

    /// The same for a job of one statement, which needs no transaction around it.
    pub fn read_alone<T>(
        &self,
        job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.origin.readers().run_alone(|connection| job(&ReadTx::on(connection)))
    }

    /// The data of this moment as an image. Costs nothing when nothing was written since the store
    /// began on one; else the pages are copied. Blocks.
    pub fn image(&self, folder: &Arc<Folder>) -> Result<Arc<Image>, StoreError> {
        self.origin.to_image(folder)
    }

    /// Puts an image in the place of all data, in one transaction.
    pub async fn restore(&self, image: &Arc<Image>) -> Result<(), StoreError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (image, origin) = (Arc::clone(image), Arc::clone(&self.origin));
        let (history, generations) = (Arc::clone(&self.history), self.generations.clone());
        self.writer.send(Work::Exclusive(Box::new(move |connection| {
            // All of it before the next job: a write that follows belongs to the new data.
            let restored = connection.and_then(|to| origin.restore(&image, to)).map(|()| {
                history.clear();
                generations.next();
            });
            let _ = sender.send(restored);
        })))?;
        Pending(receiver).await
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

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soda::{ErrorCode, FourByFour, SodaError};
    use rusqlite::Connection;
    use std::time::Duration;

    const NOTE: &str = "INSERT INTO settings(name, value) VALUES(hex(randomblob(8)), ?1)";

    fn store(folder: &std::path::Path, lock_wait: Duration) -> Arc<Store> {
        let profile = Profile { lock_wait, ..Profile::MAIN };
        Store::of(Origin::file(folder.join("data.db"), false, Arc::default(), profile).unwrap())
    }

    fn note(store: &Store, mode: WriteMode, text: String) -> Pending<()> {
        let job = move |tx: &WriteTx<'_>| {
            tx.execute(NOTE, [text])?;
            Ok(((), None))
        };
        store.submit(mode, job).unwrap()
    }

    fn notes(store: &Store) -> i64 {
        let count = "SELECT count(*) FROM settings WHERE name<>'last_dataset'";
        store.read(|tx| Ok(tx.query_row(count, [], |row| row.get(0))?)).unwrap()
    }

    fn code(error: StoreError) -> ErrorCode {
        SodaError::from(error).code
    }

    /// The lock is released when the first write has failed: a write that waited for a turn of its own would
    /// succeed.
    #[tokio::test]
    async fn writes_that_wait_for_the_lock_of_another_program_fail_together() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), Duration::from_millis(300));
        note(&store, WriteMode::Alone, "before".to_owned()).await.unwrap();
        let other = Connection::open(folder.path().join("data.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let writes: Vec<_> = (0..5).map(|n| note(&store, WriteMode::Alone, n.to_string())).collect();
        let mut other = Some(other);
        for write in writes {
            assert_eq!(code(write.await.unwrap_err()), ErrorCode::CannotAcquireWriteLock);
            drop(other.take());
        }
        note(&store, WriteMode::Alone, "after".to_owned()).await.unwrap();
        assert_eq!(notes(&store), 2);
    }

    #[tokio::test]
    async fn a_full_disk_refuses_writes_and_leaves_the_data_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), Duration::from_secs(5));
        note(&store, WriteMode::Clean, "before".to_owned()).await.unwrap();
        let most = |pages: u32| {
            store.write(move |tx| {
                let now: u32 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
                let sql = format!("PRAGMA max_page_count={}", now + pages);
                Ok(tx.query_row(&sql, [], |row| row.get::<_, u32>(0))?)
            })
        };
        most(2).await.unwrap();
        for mode in [WriteMode::Savepoint, WriteMode::Clean, WriteMode::Alone, WriteMode::Define] {
            let large = (0..3).map(|_| note(&store, mode, "x".repeat(1 << 20)));
            for write in large.collect::<Vec<_>>() {
                let refusal = code(write.await.unwrap_err());
                assert!(
                    [ErrorCode::InsufficientStorage, ErrorCode::Unavailable].contains(&refusal),
                    "{mode:?}: {refusal:?}"
                );
            }
            assert_eq!(notes(&store), 1, "{mode:?}");
        }
        assert_eq!(
            code(note(&store, WriteMode::Alone, "x".repeat(1 << 20)).await.unwrap_err()),
            ErrorCode::InsufficientStorage
        );
        most(1 << 20).await.unwrap();
        note(&store, WriteMode::Clean, "x".repeat(1 << 20)).await.unwrap();
        assert_eq!(notes(&store), 2);
    }

    /// A stream of changes does not keep one request reading for good.
    #[tokio::test]
    async fn a_catalogue_is_renewed_when_it_was_exchanged_and_not_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), Duration::from_secs(5));
        let mut seen = SeenCatalogue::of(&store);
        assert!(!seen.renew(&store));
        for reading in 2..=17 {
            store.define(|_| Ok(())).await.unwrap();
            assert_eq!(seen.renew(&store), reading <= 16, "reading {reading}");
        }
    }

    /// A read of rows may hold all memory that SQLite has; lists of datasets need none of it.
    #[tokio::test]
    async fn versions_are_known_when_no_connection_can_be_opened() {
        let folder = Folder::new(Arc::default()).unwrap();
        let (image, ()) = Image::build(&folder, false, |_| Ok::<_, StoreError>(())).unwrap();
        let store = Store::on_image(&image, Profile::MAIN);
        let form = serde_json::json!({ "name": "Known", "columns": [] });
        let mut dataset =
            crate::soda::definition::parse(&form, FourByFour::parse("know-0001").unwrap()).unwrap();
        let made = store.define(move |tx| {
            catalogue::create(tx, &mut dataset, 7)?;
            Ok(dataset)
        });
        let dataset = made.await.unwrap();
        std::fs::remove_file(store.origin.backing.path()).unwrap();
        assert!(store.read(|_| Ok::<_, StoreError>(())).is_err());
        let versions = store.versions_of(&dataset).unwrap();
        assert_eq!((versions.data_version, versions.rows_updated_at, store.listed().1.len()), (0, 7, 1));
    }
}
