//! A database that no longer changes: a seed, a snapshot. Stores begin on it and copy it when they
//! write for the first time.

use super::catalogue::{create_views, has_any_view};
use super::connection::{Access, Backing, Profile, Readers};
use super::folder::{Folder, TemporaryFile};
use super::tx::{ReadTx, WriteTx};
use super::versions::{Versions, VersionsByNumber};
use super::{Catalogue, StoreError, migrate};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::sync::{Arc, Mutex, PoisonError};

/// So many pages are left for the step that commits.
const LAST_PAGES: i32 = 64;

/// A database that no longer changes. Any number of stores share it.
#[derive(Debug)]
pub struct Image {
    file: Arc<TemporaryFile>,
    strict_types: bool,
    catalogue: Arc<Catalogue>,
    versions: Arc<VersionsByNumber>,
    readers: Arc<Readers>,
    /// Whether the file has views of the datasets.
    has_views: bool,
    /// A copy of the file that has them, once somebody wants one.
    with_views: Mutex<Option<Arc<TemporaryFile>>>,
}

impl Image {
    /// Makes one; `fill` works inside a transaction on an empty catalogue.
    pub fn build<T, E: From<StoreError>>(
        folder: &Arc<Folder>,
        strict_types: bool,
        fill: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<(Arc<Self>, T), E> {
        let file = folder.file();
        let mut connection = Backing::Temporary(Arc::clone(&file)).open(Access::Fill, Profile::IMAGE)?;
        migrate::migrate(&mut connection)?;
        let transaction = connection.transaction().map_err(StoreError::from)?;
        let filled = fill(&WriteTx::on(&transaction))?;
        transaction.commit().map_err(StoreError::from)?;
        drop(connection);
        Ok((Self::open(file, strict_types)?, filled))
    }

    /// Takes over a finished file.
    pub(super) fn open(file: Arc<TemporaryFile>, strict_types: bool) -> Result<Arc<Self>, StoreError> {
        let readers = Readers::new(Backing::Temporary(Arc::clone(&file)), Profile::IMAGE);
        let (catalogue, versions, has_views) = readers.run(|connection| {
            let tx = ReadTx::on(connection);
            let catalogue = Arc::new(Catalogue::load(&tx, strict_types)?);
            Ok((catalogue, Arc::new(Versions::load(&tx)?), has_any_view(&tx)?))
        })?;
        let (readers, with_views) = (Arc::new(readers), Mutex::default());
        Ok(Arc::new(Self { file, strict_types, catalogue, versions, readers, has_views, with_views }))
    }

    /// The data that a connection sees, copied page by page.
    pub(super) fn copy_of(
        connection: &Connection,
        folder: &Arc<Folder>,
        strict_types: bool,
    ) -> Result<Arc<Self>, StoreError> {
        let file = folder.file();
        let mut to = Backing::Temporary(Arc::clone(&file)).open(Access::Fill, Profile::IMAGE)?;
        copy(connection, &mut to)?;
        drop(to);
        take_off_wal(&file)?;
        Self::open(file, strict_types)
    }

    /// Whether the file has views of the datasets.
    pub(super) fn has_views(&self) -> bool {
        self.has_views
    }

    /// A file of the same data that has views of the datasets, for people with the `sqlite3` shell. Blocks.
    pub fn file_with_views(&self) -> Result<Arc<TemporaryFile>, StoreError> {
        if self.has_views {
            return Ok(Arc::clone(&self.file));
        }
        let mut made = self.with_views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*made {
            return Ok(Arc::clone(file));
        }
        let file = self.file.folder().file();
        let (from, to) = (self.file.path(), file.path());
        std::fs::copy(from, to)
            .map_err(|source| StoreError::File { path: to.display().to_string(), source })?;
        let mut connection = Backing::Temporary(Arc::clone(&file)).open(Access::Fill, Profile::IMAGE)?;
        let transaction = connection.transaction()?;
        let tx = WriteTx::on(&transaction).with_views(true);
        let all = self.catalogue.all();
        let mut datasets: Vec<_> = all.into_iter().map(|entry| &entry.dataset).collect();
        // Of datasets with the same name, the first one has the view of that name.
        datasets.sort_by_key(|dataset| dataset.number);
        datasets.into_iter().try_for_each(|dataset| create_views(&tx, dataset))?;
        transaction.commit()?;
        *made = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Replaces all that is in another database, in one transaction; `with_views` says whether that has views
    /// of its datasets. `before_commit` is called when little more than the commit is left to do.
    pub(super) fn copy_into(
        &self,
        to: &mut Connection,
        with_views: bool,
        before_commit: impl FnOnce(),
    ) -> Result<(), StoreError> {
        let own;
        let readers = if with_views && !self.has_views {
            own = Readers::new(Backing::Temporary(self.file_with_views()?), Profile::IMAGE);
            &own
        } else {
            &*self.readers
        };
        readers.run(|from| {
            let backup = Backup::new(from, to)?;
            // The first step tells how many there are.
            let mut result = backup.step(1)?;
            let rest = backup.progress().remaining - LAST_PAGES;
            if result == StepResult::More && rest > 0 {
                result = backup.step(rest)?;
            }
            before_commit();
            if result == StepResult::More {
                result = backup.step(-1)?;
            }
            finished(result)
        })
    }

    /// The file.
    pub fn file(&self) -> &Arc<TemporaryFile> {
        &self.file
    }

    /// Its datasets.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue)
    }

    /// The versions of its datasets.
    pub(super) fn versions(&self) -> Arc<VersionsByNumber> {
        Arc::clone(&self.versions)
    }

    /// Runs a query.
    pub fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.readers.run(|connection| job(&ReadTx::on(connection)))
    }

    pub(super) fn readers(&self) -> Arc<Readers> {
        Arc::clone(&self.readers)
    }

    pub(super) fn strict_types(&self) -> bool {
        self.strict_types
    }
}

/// Takes the mark of a write-ahead log off a file, so that readers need nothing beside it.
fn take_off_wal(file: &Arc<TemporaryFile>) -> Result<(), StoreError> {
    Backing::Temporary(Arc::clone(file)).open(Access::Fill, Profile::IMAGE).map(drop)
}

/// Copies all pages in one step; a lock of someone else is waited for by the busy timeout.
fn copy(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    finished(Backup::new(from, to)?.step(-1)?)
}

fn finished(result: StepResult) -> Result<(), StoreError> {
    if result == StepResult::Done { Ok(()) } else { Err(StoreError::Busy) }
}
