//! Where a store's data lies: on a shared image until the first write, in a file of its own after it.

use super::connection::{Access, Backing, Profile, Readers};
use super::error::Failure;
use super::tx::{ReadTx, WriteTx};
use super::versions::{Versions, VersionsByNumber, gone_or_replaced};
use super::writer::{End, Source};
use super::{Catalogue, Folder, Image, StoreError, catalogue, migrate, repair};
use crate::memory::Memory;
use crate::soda::Dataset;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub(super) struct Origin {
    pub(super) backing: Backing,
    pub(super) profile: Profile,
    strict_types: bool,
    start: Mutex<Start>,
    view: RwLock<View>,
    /// Keeps other servers away from the file; dropped last.
    _lock: Option<File>,
}

/// What the writer finds.
enum Start {
    /// Nothing was written yet.
    Image(Arc<Image>),
    /// The file is there, perhaps with a connection to it.
    Made(Option<Connection>),
}

/// What readers see.
#[derive(Clone)]
struct View {
    readers: Arc<Readers>,
    catalogue: Arc<Catalogue>,
    /// Known without SQLite: a list of datasets is not to wait for memory that sorts of rows hold.
    versions: Arc<VersionsByNumber>,
}

impl Origin {
    pub(super) fn file(
        path: PathBuf,
        strict_types: bool,
        memory: Arc<Memory>,
        profile: Profile,
    ) -> Result<Self, StoreError> {
        let lock = lock(&path)?;
        let backing = Backing::File(path, memory);
        let mut connection = backing.open(Access::Write, profile)?;
        migrate::migrate(&mut connection)?;
        repair::repair(&mut connection)?;
        catalogue::watch_changes(&WriteTx::on(&connection))?;
        let catalogue = Arc::new(Catalogue::load(&ReadTx::on(&connection), strict_types)?);
        let versions = Arc::new(Versions::load(&ReadTx::on(&connection))?);
        let readers = Arc::new(Readers::new(backing.clone(), profile));
        Ok(Self {
            backing,
            profile,
            strict_types,
            start: Mutex::new(Start::Made(Some(connection))),
            view: RwLock::new(View { readers, catalogue, versions }),
            _lock: lock,
        })
    }

    pub(super) fn image(image: Arc<Image>, profile: Profile) -> Self {
        let view =
            View { readers: image.readers(), catalogue: image.catalogue(), versions: image.versions() };
        Self {
            backing: Backing::Temporary(image.file().folder().file()),
            profile,
            strict_types: image.strict_types(),
            start: Mutex::new(Start::Image(image)),
            view: RwLock::new(view),
            _lock: None,
        }
    }

    fn view(&self) -> View {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn readers(&self) -> Arc<Readers> {
        self.view().readers
    }

    pub(super) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner).catalogue)
    }

    /// The datasets and their versions, of one moment.
    pub(super) fn listed(&self) -> (Arc<Catalogue>, Arc<VersionsByNumber>) {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&view.catalogue), Arc::clone(&view.versions))
    }

    /// The versions of one dataset, as [`Versions::of`] gives them.
    pub(super) fn versions_of(&self, dataset: &Dataset) -> Result<Versions, StoreError> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        match view.versions.get(&dataset.number) {
            None => Err(gone_or_replaced(dataset, view.catalogue.find(dataset.id.as_str()).is_some())),
            found => Versions::checked(found.copied(), dataset),
        }
    }

    /// Puts an image in the place of all data. Readers see its catalogue with its data.
    pub(super) fn restore(&self, image: &Image, to: &mut Connection) -> Result<(), StoreError> {
        let mut shown = None;
        image.copy_into(to, self.has_views(), || {
            shown = Some(self.view.write().unwrap_or_else(PoisonError::into_inner))
        })?;
        let mut view = shown.unwrap_or_else(|| self.view.write().unwrap_or_else(PoisonError::into_inner));
        // Another one each time, so that readers can tell that it was exchanged.
        view.catalogue = Arc::new(Catalogue::clone(&image.catalogue()));
        view.versions = image.versions();
        Ok(())
    }

    pub(super) fn to_image(&self, folder: &Arc<Folder>) -> Result<Arc<Image>, StoreError> {
        if let Start::Image(image) = &*self.start.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Arc::clone(image));
        }
        self.readers().run(|connection| Image::copy_of(connection, folder, self.strict_types))
    }
}

/// Two servers on one file would number rows alike. SQLite's own locks are of another kind, so its
/// shell can still read. Windows would keep SQLite itself out, so there nothing is locked.
#[cfg(unix)]
fn lock(path: &Path) -> Result<Option<File>, StoreError> {
    let unusable = |source| StoreError::File { path: path.display().to_string(), source };
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        // A file system without such locks.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

#[cfg(not(unix))]
fn lock(_: &Path) -> Result<Option<File>, StoreError> {
    Ok(None)
}

impl Source for Origin {
    fn open(&self) -> Result<Connection, StoreError> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *start {
            Start::Made(Some(_)) => {}
            Start::Made(None) => return self.open_own(),
            Start::Image(image) => {
                let (from, to) = (image.file().path(), self.backing.path());
                std::fs::copy(from, to)
                    .map_err(|source| StoreError::File { path: to.display().to_string(), source })?;
                let connection = self.open_own()?;
                if image.has_views() {
                    catalogue::drop_all_views(&WriteTx::on(&connection))?;
                }
                let readers = Arc::new(Readers::new(self.backing.clone(), self.profile));
                self.view.write().unwrap_or_else(PoisonError::into_inner).readers = readers;
                *start = Start::Made(None);
                return Ok(connection);
            }
        }
        match std::mem::replace(&mut *start, Start::Made(None)) {
            Start::Made(Some(connection)) => Ok(connection),
            _ => self.open_own(),
        }
    }

    fn publish(
        &self,
        connection: &Connection,
        defines: bool,
        stored: Vec<(i64, Versions)>,
        end: End<'_>,
    ) -> Option<Failure> {
        if !defines {
            let failure = end(None);
            if failure.is_none() && !stored.is_empty() {
                let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
                Arc::make_mut(&mut view.versions).extend(stored);
            }
            return failure;
        }
        // Read before the commit, so that readers are kept waiting for no longer than it takes.
        let (next, changed) = match self.changes(&WriteTx::on(connection)) {
            Ok(changes) => changes,
            Err(error) => return end(Some(Failure::of_opening(&error))),
        };
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let failure = end(None);
        if failure.is_none() {
            view.catalogue = Arc::new(next);
            let versions = Arc::make_mut(&mut view.versions);
            versions.extend(stored);
            for (number, found) in changed {
                match found {
                    Some(found) => drop(versions.insert(number, found)),
                    None => drop(versions.remove(&number)),
                }
            }
        }
        failure
    }

    fn has_views(&self) -> bool {
        self.backing.survives()
    }

    fn close(&self, connection: Connection, rests: bool) {
        if rests {
            self.readers().close();
        }
        let survives = self.backing.survives();
        if (survives || rests)
            && let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            tracing::warn!(%error, "the last checkpoint failed");
        }
    }
}

/// Datasets that changed, by number, and their versions; none of one that is gone.
type Changed = Vec<(i64, Option<Versions>)>;

impl Origin {
    /// The catalogue as a transaction leaves it, and the versions of the datasets that it changed.
    fn changes(&self, tx: &WriteTx<'_>) -> Result<(Catalogue, Changed), StoreError> {
        let (next, changed) = self.catalogue().with_changes(tx, self.strict_types)?;
        let versions = changed.into_iter().map(|number| Ok((number, Versions::find(tx, number)?)));
        Ok((next, versions.collect::<Result<_, StoreError>>()?))
    }

    fn open_own(&self) -> Result<Connection, StoreError> {
        let connection = self.backing.open(Access::Write, self.profile)?;
        catalogue::watch_changes(&WriteTx::on(&connection))?;
        if !self.backing.survives() {
            // What is about to be removed need not be made whole.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        Ok(connection)
    }
}
