//! Files that only their owner can read.

use std::fs::File;
use std::path::Path;

/// Makes a file that only its owner can read; one that is there is an error.
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
