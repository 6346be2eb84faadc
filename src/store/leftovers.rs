//! Folders of ephemeral data whose process was killed. A living process holds a lock on a file in its
//! folder; a folder whose lock is free belongs to nobody.

#[cfg(unix)]
pub(super) use unix::{hold, remove_once};

/// How the names of such folders begin.
pub(super) const PREFIX: &str = "soda-mock-";

#[cfg(not(unix))]
pub(super) fn hold(_: &std::path::Path) -> Option<std::fs::File> {
    None
}

#[cfg(not(unix))]
pub(super) fn remove_once(_: [std::path::PathBuf; 3], _: std::path::PathBuf) {}

#[cfg(unix)]
mod unix {
    use super::PREFIX;
    use crate::store::private::create_private;
    use std::fs::{self, File, Metadata};
    use std::io::{Read as _, Result, Write as _};
    use std::os::unix::fs::MetadataExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::Once;

    /// The file that is locked.
    const LOCK: &str = "lock";
    /// What it says, so that nobody else's folder with a file of that name is removed.
    const MARK: &[u8] =
        b"A running soda-mock holds a lock on this file. Without one, this folder may be removed.\n";

    /// Marks a folder as that of a living process, for as long as the file is open. None where the file
    /// system has no locks; such a folder is never taken for a leftover.
    pub(in crate::store) fn hold(folder: &Path) -> Option<File> {
        // Under its name it is locked from the first moment on.
        let (unlocked, locked) = (folder.join("lock.new"), folder.join(LOCK));
        let mut file = create_private(&unlocked).ok()?;
        let held =
            file.write_all(MARK).is_ok() && file.try_lock().is_ok() && fs::rename(&unlocked, &locked).is_ok();
        if !held {
            let _ = fs::remove_file(&unlocked);
        }
        held.then_some(file)
    }

    /// Removes what killed processes of the same user left in these folders, on a thread of its own, at
    /// the first call of the process. `own` is a folder of this process.
    pub(in crate::store) fn remove_once(parents: [PathBuf; 3], own: PathBuf) {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            let remove = move || {
                let Ok(own) = own.symlink_metadata() else { return };
                parents.iter().for_each(|parent| remove_in(parent, own.uid()));
            };
            let started = std::thread::Builder::new().name("leftovers".to_owned()).spawn(remove);
            if let Err(error) = started {
                tracing::warn!(%error, "folders of killed processes are left for the next start");
            }
        });
    }

    /// Removes the leftovers of a user in one folder.
    pub(super) fn remove_in(parent: &Path, uid: u32) {
        let Ok(entries) = parent.read_dir() else { return };
        for entry in entries.flatten() {
            if !entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                continue;
            }
            let path = entry.path();
            let Some(_lock) = take(&path, uid) else { continue };
            match remove(&path) {
                Ok(()) => tracing::info!(folder = %path.display(), "removed what a killed process left"),
                Err(error) => tracing::warn!(folder = %path.display(), %error, "a killed process left this"),
            }
        }
    }

    /// The lock of a folder that nobody holds; none when it is not certain that it is a leftover.
    fn take(folder: &Path, uid: u32) -> Option<File> {
        let is_ours = |m: &Metadata| m.uid() == uid && m.mode() & 0o077 == 0;
        folder.symlink_metadata().ok().filter(|m| m.is_dir() && is_ours(m))?;
        let path = folder.join(LOCK);
        path.symlink_metadata().ok().filter(|m| m.is_file() && is_ours(m))?;
        let mut file = File::open(&path).ok()?;
        let mut mark = Vec::new();
        (&mut file).take(MARK.len() as u64 + 1).read_to_end(&mut mark).ok()?;
        if mark != MARK || file.try_lock().is_err() {
            return None;
        }
        // Another process may have removed it between the two, and a third one taken the name.
        let same = |a: Metadata, b: Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        same(file.metadata().ok()?, path.symlink_metadata().ok()?).then_some(file)
    }

    /// The lock goes last: a folder that is removed in part is still known as a leftover.
    fn remove(folder: &Path) -> Result<()> {
        for entry in folder.read_dir()? {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        fs::remove_dir_all(folder)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::unix::{hold, remove_in};
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};

    /// A folder as a process makes it; unlocked as soon as what is returned is dropped.
    fn folder(parent: &Path, name: &str) -> (PathBuf, fs::File) {
        let path = parent.join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(path.join("0.db"), "data").unwrap();
        let lock = hold(&path).unwrap();
        (path, lock)
    }

    #[test]
    fn only_folders_of_our_own_that_nobody_holds_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let at = parent.path();
        let uid = at.metadata().unwrap().uid();
        let (held, lock) = folder(at, "soda-mock-held01");
        let (free, _) = folder(at, "soda-mock-free01");
        let (other, _) = folder(at, "other-folder");
        let (foreign, _) = folder(at, "soda-mock-foreign");
        fs::write(foreign.join("lock"), "somebody else's").unwrap();
        let (open, _) = folder(at, "soda-mock-open");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let (bare, _) = folder(at, "soda-mock-bare");
        fs::remove_file(bare.join("lock")).unwrap();
        let (target, _) = folder(at, "target");
        symlink(&target, at.join("soda-mock-link")).unwrap();
        let (linked, _) = folder(at, "soda-mock-linked");
        fs::rename(linked.join("lock"), at.join("lock")).unwrap();
        symlink(at.join("lock"), linked.join("lock")).unwrap();
        remove_in(at, uid + 1);
        assert!(free.exists(), "another user's");
        remove_in(at, uid);
        assert!(!free.exists());
        for kept in [&held, &other, &foreign, &open, &bare, &target, &linked] {
            assert!(kept.join("0.db").exists(), "{}", kept.display());
        }
        drop(lock);
        remove_in(at, uid);
        assert!(!held.exists());
    }
}
