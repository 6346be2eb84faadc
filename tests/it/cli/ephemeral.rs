//! The folder of ephemeral data: who can read it, and what becomes of it.

use crate::support::program::{Server, command};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A server whose temporary files lie in this folder, and its own folder in there.
fn start(folder: &Path) -> (Server, PathBuf) {
    let before = folders(folder);
    let mut command = command(folder, &["serve", "--port", "0", "--ca-dir", "memory"]);
    command.env("TMPDIR", folder);
    let server = Server::spawn(command);
    let own = folders(folder).into_iter().find(|path| !before.contains(path)).unwrap();
    (server, own)
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("lock").exists()).collect()
}

fn write(server: &Server) {
    let row = r#"[{"earthquake_id":"x"}]"#;
    assert_eq!(server.call("POST", "/resource/4tka-6guv.json", row).0, 200);
}

#[test]
fn ephemeral_data_can_be_read_by_its_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let (server, own) = start(parent.path());
    write(&server);
    assert_eq!(server.call("PUT", "/__mock/v1/snapshots/one", "").0, 200);
    assert_eq!(server.call("PUT", "/__mock/v1/snapshots/two/file", "no database").0, 400);
    assert_eq!(server.call("POST", "/__mock/v1/spaces", "{}").0, 201);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&own), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().path()).collect();
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    // The seed, the store with its log, the snapshot and the lock.
    assert!(files.len() >= 5, "{files:?}");
}

#[test]
fn what_a_killed_process_left_is_removed_by_the_next_and_a_living_one_keeps_its_data() {
    let parent = tempfile::tempdir().unwrap();
    let (living, kept) = start(parent.path());
    write(&living);
    let (mut killed, left) = start(parent.path());
    write(&killed);
    killed.kill();
    assert!(left.exists(), "nobody could remove it");
    let (next, own) = start(parent.path());
    // It goes beside the start; each turn waits for an answer.
    let gone = (0..20_000).any(|_| {
        assert_eq!(next.call("GET", "/__mock/v1/live", "").0, 200);
        !left.exists()
    });
    assert!(gone && kept.exists() && own.exists());
    write(&living);
}
