//! `tail`, and requests in the forms of other programs.

use super::{ID, serve};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

/// A running `tail`.
struct Tail {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Tail {
    fn new(server: &super::Serving, arguments: &[&str]) -> Self {
        let mut child = server
            .command(&[&["tail"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

#[test]
fn tail_follows_the_requests_and_keeps_to_its_filter() {
    let server = serve(&[]);
    server.upsert(&json!([{ "earthquake_id": "n1" }]));
    let mut tail = Tail::new(&server, &["--operation", "upsert", "--count", "3"]);
    assert_eq!(tail.next()["id"], 1);
    let read = format!("{}/resource/{ID}.json", server.ready["http"].as_str().unwrap());
    ureq::get(&read).call().unwrap();
    for (key, id) in [("n2", 3), ("n3", 4)] {
        server.upsert(&json!([{ "earthquake_id": key }]));
        let told = tail.next();
        assert_eq!((&told["id"], &told["rows"]["created"]), (&json!(id), &json!(1)));
    }
    assert!(tail.child.wait().unwrap().success());
}

/// The stream of events ends with the server; asking again and again would fail.
#[test]
fn tail_ends_with_the_server() {
    let server = serve(&[]);
    server.upsert(&json!([{ "earthquake_id": "n1" }]));
    let mut tail = Tail::new(&server, &["--lines", "5"]);
    assert_eq!(tail.next()["id"], 1);
    drop(server);
    assert!(tail.lines.next().is_none());
    let mut told = String::new();
    tail.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((tail.child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

#[test]
fn tail_finds_no_server_or_no_reader() {
    let server = serve(&[]);
    let nowhere = super::ran(super::program().args(["tail", "--url", "http://127.0.0.1:1"]));
    assert_eq!(nowhere.code, 6);
    assert_eq!(server.run(&["tail", "--count", "0"]).code, 0);
    assert_eq!(server.run(&["tail", "--status", "soon"]).code, 1);
}

#[test]
fn requests_are_exported_for_other_programs() {
    let server = serve(&[]);
    server.upsert(&json!([{ "earthquake_id": "n1" }]));
    server.upsert(&json!([{ "earthquake_id": "n2" }]));
    let curl = server.run(&["requests", "1", "--curl"]);
    assert!(curl.code == 0 && curl.out.starts_with("curl ") && curl.out.contains("n1"), "{}", curl.out);
    let python = server.run(&["requests", "1", "--python"]);
    assert!(
        python.code == 0 && python.out.contains("import ") && python.out.contains("n1"),
        "{}",
        python.out
    );
    let har = |arguments: &[&str]| -> Value {
        let ran = server.run(&[&["requests", "--har"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    };
    assert_eq!(har(&[])["log"]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(har(&["--since", "1"])["log"]["entries"].as_array().unwrap().len(), 1);
    assert_eq!(har(&["--limit", "1"])["log"]["entries"].as_array().unwrap().len(), 1);
    assert_eq!(har(&["--status", "404"])["log"]["entries"], json!([]));
    let missing = server.run(&["requests", "9", "--curl"]);
    assert!(missing.code == 1 && missing.err.contains("request 9"), "{}", missing.err);
    for wrong in [&["--curl"][..], &["1", "--har"], &["1", "--curl", "--python"], &["--har", "--clear"]] {
        assert_eq!(server.run(&[&["requests"], wrong].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn requests_are_searched_folded_and_read_page_by_page() {
    let server = serve(&[]);
    server.upsert(
        &json!([{ "earthquake_id": "n1", "region": "Unst" }, { "earthquake_id": "n2", ":deleted": true }]),
    );
    for _ in 0..4 {
        let missing = format!("{}/resource/zzzz-zzzz.json", server.ready["http"].as_str().unwrap());
        ureq::get(&missing).call().unwrap_err();
    }
    let ids = |arguments: &[&str]| -> Vec<u64> {
        let data = server.run(&[&["requests"], arguments].concat()).data();
        data["requests"].as_array().unwrap().iter().map(|entry| entry["id"].as_u64().unwrap()).collect()
    };
    for (arguments, expected) in [
        (&["--text", "unst"][..], &[1][..]),
        (&["--key", "n2"], &[1]),
        (&["--row-error", "no_such_row_to_delete"], &[1]),
        (&["--fault", "true"], &[]),
        (&["--limit", "2", "--before", "4"], &[2, 3]),
        (&["--fold"], &[1, 5]),
    ] {
        assert_eq!(ids(arguments), expected, "{arguments:?}");
    }
    let table = server.table(&["requests", "--fold", "--limit", "1"], 120);
    assert!(table.contains("4 × 404") && table.contains("--before 2"), "{table}");
}

/// On an address of its own the admin API reaches the emulated one all the same.
#[test]
fn requests_are_sent_and_sent_again_from_another_address() {
    let server = serve(&["--admin-listen", "127.0.0.1:0"]);
    let admin = server.ready["admin"].as_str().unwrap();
    let post = |path: &str, body: Value| -> Value {
        let mut answer = ureq::post(&format!("{admin}{path}")).send(body.to_string()).unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    };
    let rows = json!([{ "earthquake_id": "n1" }]).to_string();
    let path = format!("/resource/{ID}.json");
    let sent = post(
        "/requests",
        json!({ "method": "POST", "path": path, "user": "publisher@example.com", "body": rows }),
    );
    assert_eq!((&sent["request"], &sent["status"]), (&json!(1), &json!(200)), "{sent}");
    assert_eq!(post("/requests/1/replay", json!({}))["request"]["rows"]["updated"], 1);
    assert_eq!(post("/requests/1/undo", json!({ "force": true }))["rows"]["deleted"], 1);
}
