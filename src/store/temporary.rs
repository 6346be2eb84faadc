//! Where SQLite puts what a query needs and memory has no room for: sorts, groups, indexes of its own.
//!
//! Such a file has no name: it is made readable by its owner alone and its name is removed before
//! anything is written to it. So it matters only that there is a folder which can be written.

use rusqlite::Connection;
use std::env::var_os;
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Names a folder to SQLite when it would find none by itself, as in a container with a read-only root.
/// The first call of the process decides.
pub(super) fn fall_back_on(folder: &Path) {
    static DECIDED: Once = Once::new();
    DECIDED.call_once(|| {
        if candidates().any(|candidate| can_be_written(&candidate)) {
            return;
        }
        let named = Connection::open_in_memory()
            .and_then(|connection| connection.pragma_update(None, "temp_store_directory", path_text(folder)));
        if let Err(error) = named {
            tracing::warn!(%error, folder = %folder.display(), "sorts of queries have no folder for their files");
        }
    });
}

/// The folders that SQLite looks at.
fn candidates() -> impl Iterator<Item = PathBuf> {
    let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(|name| Some(PathBuf::from(var_os(name)?)));
    named.chain(["/var/tmp", "/usr/tmp", "/tmp", "."].map(PathBuf::from))
}

fn can_be_written(folder: &Path) -> bool {
    // On Windows the system names a folder that can.
    cfg!(windows) || tempfile::tempfile_in(folder).is_ok()
}

fn path_text(folder: &Path) -> String {
    folder.to_string_lossy().into_owned()
}
