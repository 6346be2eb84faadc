//! A database that no longer changes: a seed, a snapshot. Stores begin on it and copy it when they
//! write for the first time.

use super::connection::{Access, Backing, Profile, Readers};
use super::folder::{Folder, TemporaryFile};
use super::{Catalogue, StoreError, migrate};
use crate::soda::Column;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use std::sync::Arc;

/// So many pages are left for the step that commits.
const LAST_PAGES: i32 = 64;

/// A database that no longer changes. Any number of stores share it.
#[derive(Debug)]
pub struct Image {
    file: Arc<TemporaryFile>,
    strict_types: bool,
    catalogue: Arc<Catalogue>,
    readers: Arc<Readers>,
}

impl Image {
    /// Makes one; `fill` works inside a transaction on an empty catalogue.
    pub fn build<T>(
        folder: &Arc<Folder>,
        strict_types: bool,
        fill: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<(Arc<Self>, T), StoreError> {
        let file = folder.file();
        let mut connection = Backing::Temporary(Arc::clone(&file)).open(Access::Fill, Profile::IMAGE)?;
        migrate::migrate(&mut connection)?;
        let transaction = connection.transaction()?;
        let filled = fill(&transaction)?;
        transaction.commit()?;
        drop(connection);
        Ok((Self::open(file, strict_types)?, filled))
    }

    /// Takes over a finished file.
    pub(super) fn open(file: Arc<TemporaryFile>, strict_types: bool) -> Result<Arc<Self>, StoreError> {
        let readers = Readers::new(Backing::Temporary(Arc::clone(&file)), Profile::IMAGE);
        let catalogue = readers.run(|connection| Catalogue::load(connection, strict_types))?;
        Ok(Arc::new(Self { file, strict_types, catalogue: Arc::new(catalogue), readers: Arc::new(readers) }))
    }

    /// Takes over a file of unknown origin: it has to be whole and ours.
    pub fn adopt(file: Arc<TemporaryFile>, strict_types: bool) -> Result<Arc<Self>, StoreError> {
        let broken = |error: StoreError| match error {
            StoreError::Sqlite(error) => StoreError::NotOurs(error.to_string()),
            other => other,
        };
        examine(&file).map_err(broken)?;
        Self::open(file, strict_types).map_err(broken)
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
        rest(&file)?;
        Self::open(file, strict_types)
    }

    /// Replaces all that is in another database, in one transaction. `before_commit` is called when
    /// little more than the commit is left to do.
    pub(super) fn copy_into(
        &self,
        to: &mut Connection,
        before_commit: impl FnOnce(),
    ) -> Result<(), StoreError> {
        self.readers.run(|from| {
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

    /// Runs a query.
    pub fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.readers.run(job)
    }

    pub(super) fn readers(&self) -> Arc<Readers> {
        Arc::clone(&self.readers)
    }

    pub(super) fn strict_types(&self) -> bool {
        self.strict_types
    }
}

/// Nothing in the file is trusted: its text could be anything.
fn examine(file: &Arc<TemporaryFile>) -> Result<(), StoreError> {
    let mut connection = Backing::Temporary(Arc::clone(file)).open(Access::Fill, Profile::IMAGE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    if !migrate::is_ours(&connection)? {
        return Err(StoreError::NotOurs("it belongs to another program".to_owned()));
    }
    let whole: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        return Err(StoreError::NotOurs(format!("it is damaged: {whole}")));
    }
    let strange: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table','index','view')
           OR (type='table' AND name NOT IN ('datasets','columns','settings') AND name NOT GLOB 'd[0-9]*')",
        [],
        |row| row.get(0),
    )?;
    if strange > 0 {
        return Err(StoreError::NotOurs("it has tables or triggers that are not ours".to_owned()));
    }
    migrate::migrate(&mut connection)?;
    for entry in Catalogue::load(&connection, false)?.all() {
        let columns: Vec<String> = entry.dataset.columns.iter().map(Column::sql).collect();
        let list = ["sid", "version", "created_at", "updated_at"].map(str::to_owned);
        let list: Vec<String> = list.into_iter().chain(columns).collect();
        let table = entry.dataset.table();
        connection.prepare(&format!("SELECT {} FROM {table}", list.join(",")))?;
        if let Some(key) = entry.dataset.key_column() {
            // Refused without the unique index that upserts rely on.
            let conflict =
                format!("INSERT INTO {table}(sid) VALUES(0) ON CONFLICT({}) DO NOTHING", key.sql());
            connection.prepare(&conflict)?;
        }
    }
    Ok(())
}

/// Takes the mark of a write-ahead log off a file, so that readers need nothing beside it.
fn rest(file: &Arc<TemporaryFile>) -> Result<(), StoreError> {
    Backing::Temporary(Arc::clone(file)).open(Access::Fill, Profile::IMAGE).map(drop)
}

/// Copies all pages in one step; a lock of someone else is waited for by the busy timeout.
fn copy(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    finished(Backup::new(from, to)?.step(-1)?)
}

fn finished(result: StepResult) -> Result<(), StoreError> {
    if result == StepResult::Done { Ok(()) } else { Err(StoreError::Busy) }
}
