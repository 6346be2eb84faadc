//! Files that are gone at the end: ephemeral stores, images, spooled uploads of snapshots.

use super::{StoreError, temporary};
use crate::memory::Memory;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// A private folder of the process. It goes with its last file, or when it is told to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    files: AtomicU64,
    held: Mutex<Option<TempDir>>,
    memory: Arc<Memory>,
}

impl Folder {
    /// A folder in the system's place for temporary files; where that cannot be written, as with
    /// a read-only root, in shared memory or beside the caller.
    pub fn new(memory: Arc<Memory>) -> Result<Arc<Self>, StoreError> {
        Self::in_one_of(&[std::env::temp_dir(), PathBuf::from("/dev/shm"), PathBuf::from(".")], memory)
    }

    fn in_one_of(parents: &[PathBuf], memory: Arc<Memory>) -> Result<Arc<Self>, StoreError> {
        let mut refusals = Vec::new();
        for parent in parents {
            match tempfile::Builder::new().prefix("soda-mock-").tempdir_in(parent) {
                Ok(held) => {
                    let path = held.path().to_owned();
                    temporary::fall_back_on(parent);
                    return Ok(Arc::new(Self {
                        path,
                        files: AtomicU64::new(0),
                        held: Some(held).into(),
                        memory,
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
