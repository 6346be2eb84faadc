//! A data file: what answered 200 survives anything that happens to the process, what did not
//! leaves nothing, and people can read it.

use crate::support::program::{Server, output};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

fn definition() -> String {
    json!({
        "name": "Readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "dataTypeName": "text" },
            { "fieldName": "n", "dataTypeName": "number" },
            { "fieldName": "d", "dataTypeName": "calendar_date" },
        ],
    })
    .to_string()
}

fn with_dataset(folder: &Path) -> Server {
    let server = Server::start(folder, &["--data", "data.db"]);
    if server.call("GET", "/api/views/aaaa-2222.json", "").0 == 404 {
        assert_eq!(server.call("PUT", "/__mock/v1/datasets/aaaa-2222", &definition()).0, 200);
    }
    server
}

fn rows(server: &Server) -> Vec<Value> {
    let (status, body) =
        server.call("GET", "/__mock/v1/datasets/aaaa-2222/rows?format=ndjson&limit=1000000", "");
    assert_eq!(status, 200);
    body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Writers go on until the process is killed under them; afterwards every group of ten rows that
/// was answered 200 is whole, and every other one is whole or missing.
#[test]
fn what_answered_200_survives_kill_9_and_the_rest_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered: Vec<String> = Vec::new();
    for round in 0..3 {
        let mut server = with_dataset(folder.path());
        let enough = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (server, enough) = (&server, &enough);
                    scope.spawn(move || {
                        let mut answered = Vec::new();
                        for number in 0.. {
                            let group = format!("{round}-{writer}-{number}");
                            let rows: Vec<Value> =
                                (0..10).map(|n| json!({ "k": format!("{group}-{n}"), "n": n })).collect();
                            let body = Value::from(rows).to_string();
                            match server.try_call("POST", "/resource/aaaa-2222.json", &body) {
                                Some((200, _)) => answered.push(group),
                                _ => break,
                            }
                            if number == 20 {
                                enough.store(true, Ordering::Release);
                            }
                        }
                        answered
                    })
                })
                .collect();
            while !enough.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            let id = server.child.id().to_string();
            assert!(Command::new("kill").args(["-9", &id]).status().unwrap().success());
            answered.extend(writers.into_iter().flat_map(|w| w.join().unwrap()));
        });
        server.kill();
    }
    let server = with_dataset(folder.path());
    let mut found = std::collections::BTreeMap::<String, usize>::new();
    for row in rows(&server) {
        let key = row["k"].as_str().unwrap().to_owned();
        *found.entry(key.rsplit_once('-').unwrap().0.to_owned()).or_default() += 1;
    }
    assert!(answered.len() > 60);
    for group in &answered {
        assert_eq!(found.get(group), Some(&10), "{group} was answered 200");
    }
    assert!(found.values().all(|count| *count == 10), "a request is stored whole or not at all: {found:?}");
}

#[test]
fn a_restart_keeps_rows_ids_versions_and_the_counter() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = with_dataset(folder.path());
    first.call("POST", "/resource/aaaa-2222.json", &json!([{ "k": "a", "n": "1.50" }]).to_string());
    let before = rows(&first);
    first.kill();
    let second = with_dataset(folder.path());
    assert_eq!(rows(&second), before);
    let (_, body) = second.call("POST", "/resource/aaaa-2222.json", &json!({ "k": "b" }).to_string());
    assert_ne!(serde_json::from_str::<Value>(&body).unwrap()[":id"], before[0][":id"]);
}

fn sqlite(file: &Path, sql: &str) -> String {
    let output = Command::new("sqlite3").arg(file).arg(sql).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// The shell knows nothing of our collation and functions; the views need neither.
#[test]
fn the_file_opens_in_the_sqlite3_shell() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("skipped: no sqlite3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = with_dataset(folder.path());
    let body = json!([{ "k": "a", "n": "1.5", "d": "2024-05-06T07:08:09" }, { "k": "b" }]).to_string();
    assert_eq!(server.call("POST", "/resource/aaaa-2222.json", &body).0, 200);
    let file = folder.path().join("data.db");
    for view in ["aaaa-2222", "Readings", "readings"] {
        let sql = format!("SELECT k, n, d FROM \"{view}\" ORDER BY k");
        assert_eq!(
            sqlite(&file, &sql),
            "a|1.5|2024-05-06T07:08:09.000\nb||\n",
            "{view}, while the server runs"
        );
    }
    assert_eq!(sqlite(&file, "SELECT k FROM \"aaaa-2222\" WHERE n > 1 AND d > '2024'"), "a\n");
    // Rows identified by a number: the index compares by a rule that the shell does not have.
    let numbered = json!({
        "name": "Numbered",
        "metadata": { "rowIdentifier": "n" },
        "columns": [{ "fieldName": "n", "dataTypeName": "number" }],
        "rows": [{ "n": 10 }, { "n": "9.5" }],
    });
    assert_eq!(server.call("PUT", "/__mock/v1/datasets/aaaa-3333", &numbered.to_string()).0, 200);
    assert_eq!(sqlite(&file, "SELECT n FROM \"aaaa-3333\" ORDER BY n"), "9.5\n10\n");
    assert_eq!(sqlite(&file, "SELECT count(*), max(n) FROM Numbered WHERE n > 9.7"), "1|10\n");
}

#[test]
fn a_newer_file_is_refused_by_name() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("skipped: no sqlite3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    drop(with_dataset(folder.path()));
    sqlite(&folder.path().join("data.db"), "PRAGMA user_version=999");
    let refused = output(folder.path(), &["serve", "--port", "0", "--ca-dir", "memory", "--data", "data.db"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{told}");
    assert!(told.contains("data.db") && told.contains("format 999") && told.lines().count() == 1, "{told}");
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("data.db"),
        "this is a text, and long enough to have a header of its own".repeat(20),
    )
    .unwrap();
    let refused = output(folder.path(), &["serve", "--port", "0", "--ca-dir", "memory", "--data", "data.db"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{told}");
    assert!(told.contains("data.db") && told.lines().count() == 1, "{told}");
}

/// Two processes would number rows alike and not see each other's datasets.
#[test]
fn a_file_that_another_server_has_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = with_dataset(folder.path());
    let refused = output(folder.path(), &["serve", "--port", "0", "--ca-dir", "memory", "--data", "data.db"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{told}");
    assert!(told.contains("data.db") && told.contains("another"), "{told}");
    drop(first);
    drop(with_dataset(folder.path()));
}
