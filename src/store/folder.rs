//! Files that are gone at the end: ephemeral stores, images, spooled uploads of snapshots.

use super::private::create_private;
use super::{StoreError, leftovers, temporary};
use crate::memory::Memory;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// A private folder of the process. It goes with its last file, or when it is told to; that of a process
/// which was killed goes when the next one starts.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    files: AtomicU64,
    held: Mutex<Option<TempDir>>,
    memory: Arc<Memory>,
    /// Tells other processes that this one lives; dropped last. None where files cannot be locked.
    _lock: Option<File>,
}

impl Folder {
    /// A folder in the system's place for temporary files; where that cannot be written, as with
    /// a read-only root, in shared memory or beside the caller.
    pub fn new(memory: Arc<Memory>) -> Result<Arc<Self>, StoreError> {
        let parents = [std::env::temp_dir(), PathBuf::from("/dev/shm"), PathBuf::from(".")];
        let folder = Self::in_one_of(&parents, memory)?;
        leftovers::remove_once(parents, folder.path.clone());
        Ok(folder)
    }

    fn in_one_of(parents: &[PathBuf], memory: Arc<Memory>) -> Result<Arc<Self>, StoreError> {
        let mut refusals = Vec::new();
        for parent in parents {
            match private_folder(parent) {
                Ok(held) => {
                    let path = held.path().to_owned();
                    temporary::fall_back_on(parent);
                    let lock = leftovers::hold(&path);
                    return Ok(Arc::new(Self {
                        path,
                        files: AtomicU64::new(0),
                        held: Some(held).into(),
                        memory,
                        _lock: lock,
                    }));
                }
                Err(error) => refusals.push(format!("{}: {}", parent.display(), error.kind())),
            }
        }
        Err(StoreError::NoFolder(refusals.join(", ")))
    }

    /// A name for a file that does not exist yet.
    pub fn file(self: &Arc<Self>) -> Arc<TemporaryFile> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        Arc::new(TemporaryFile { path: self.path.join(format!("{number}.db")), folder: Arc::clone(self) })
    }

    /// The memory of the process.
    pub fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// Where files without a name may lie that take what finds no room in memory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the folder with everything in it, whoever still holds files.
    pub fn remove(&self) {
        drop(self.held.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// A temporary folder that only its owner can look into. It is removed when it is dropped, and by the next start of a
/// soda-mock when this process is killed before.
#[derive(Debug)]
pub struct HeldFolder {
    folder: TempDir,
    /// Its lock, where the file system has locks.
    _lock: Option<File>,
}

impl HeldFolder {
    /// A new one in the folder for temporary files.
    pub fn new() -> std::io::Result<Self> {
        let folder = private_folder(&std::env::temp_dir())?;
        let lock = leftovers::hold(folder.path());
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A new folder that only its owner can look into.
fn private_folder(parent: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(leftovers::PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// A file that is removed with its last holder, with what SQLite puts beside it.
#[derive(Debug)]
pub struct TemporaryFile {
    path: PathBuf,
    folder: Arc<Folder>,
}

impl TemporaryFile {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it, readable by its owner alone. SQLite gives what it puts beside it the same permissions.
    pub fn create(&self) -> Result<File, StoreError> {
        let failed = |source| StoreError::File { path: self.path.display().to_string(), source };
        create_private(&self.path).map_err(failed)
    }

    /// The same, unless it is there.
    pub(super) fn create_if_missing(&self) -> Result<(), StoreError> {
        match self.create() {
            Err(StoreError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => Ok(()),
            other => other.map(drop),
        }
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            let _ = std::fs::remove_file(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Folder, Memory};

    #[test]
    fn the_first_folder_that_can_be_written_is_taken_and_without_one_the_fix_is_told() {
        let there = tempfile::tempdir().unwrap();
        let missing = there.path().join("missing");
        let memory = Arc::<Memory>::default();
        let folder = Folder::in_one_of(&[missing.clone(), there.path().to_owned()], memory.clone()).unwrap();
        assert!(folder.file().path().starts_with(there.path()));
        let told =
            Folder::in_one_of(&[missing.clone(), missing.join("too")], memory).unwrap_err().to_string();
        for part in [missing.to_str().unwrap(), "too", "--tmpfs /tmp", "TMPDIR", "--data FILE"] {
            assert!(told.contains(part), "{told}");
        }
    }
}
