//! Snapshots of what commands say, as tables and as JSON.

use super::steady;
use crate::cli::{Serving, serve};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a command says as a table and as JSON.
fn outputs(server: &Serving, commands: &[&[&str]]) -> String {
    let mut told = String::new();
    for command in commands {
        let _ = writeln!(told, "$ soda-mock {}", command.join(" "));
        let mut ask = server.command(command);
        let ran = crate::cli::ran(ask.env("COLUMNS", "110"));
        let out = match serde_json::from_str::<Value>(&ran.out) {
            Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
            Err(_) => ran.out,
        };
        let _ = writeln!(told, "{}\n{out}{}", ran.code, if ran.err.is_empty() { "" } else { "\n--" });
        let _ = writeln!(told, "{}", ran.err);
    }
    let folder = server.path("").display().to_string();
    steady(&told.replace(&folder, "FOLDER/"))
}

fn busy() -> Serving {
    let server = serve(&["--clock", "2025-01-31T12:00:00Z", "--ids", "1"]);
    server.send("POST", &json!([{ "earthquake_id": "n1", "magnitude": 2 }, { "earthquake_id": "00388609", "magnitude": "9.9" },
        { "earthquake_id": "g1", ":deleted": true }, { "earthquake_id": "g2", ":deleted": true }]), "first");
    server.send("PUT", &json!({ "nope": [1, 2] }), "second");
    server
}

#[test]
fn of_commands_about_data() {
    let server = busy();
    server.write(
        "aaaa-2222.json",
        r#"{"name":"Days","columns":[{"fieldName":"d","dataTypeName":"calendar_date"}]}"#,
    );
    server.write("aaaa-2222.csv", "d\n02/03/2024\n");
    let told = outputs(
        &server,
        &[
            &["datasets"],
            &["datasets", "--table"],
            &["show", "4tka-6guv"],
            &["show", "earthquakes", "--table"],
            &["show", "nope"],
            &["seed", "aaaa-2222.json"],
            &["seed", "aaaa-2222.json", "--table"],
            &["rows", "4tka-6guv", "--limit", "1"],
            &["rows", "4tka-6guv", "--table", "--limit", "2"],
            &["rows", "aaaa-2222", "--table", "--system"],
            &[
                "rows",
                "4tka-6guv",
                "--where",
                "magnitude > 9",
                "--table",
                "--columns",
                "earthquake_id,magnitude",
            ],
            &["rows", "4tka-6guv", "--columns", "nope"],
            &["export", "aaaa-2222"],
            &["sql", "select earthquake_id from \"4tka-6guv\" where magnitude=?1", "9.9"],
            &["sql", "select 1 as one union select 2", "--limit", "1", "--table"],
            &["sql", "delete from d1"],
            &["changes", "4tka-6guv"],
            &["changes", "4tka-6guv", "--table"],
            &["changes", "4tka-6guv", "--limit", "1", "--table"],
            &["changes", "nope"],
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn of_commands_about_requests() {
    let server = busy();
    server.run(&["fault", "add", "{\"do\":{\"status\":500}}", "--times", "1"]);
    server.send("POST", &json!([]), "third");
    let told = outputs(
        &server,
        &[
            &["requests"],
            &["requests", "--table"],
            &["requests", "--status", "4xx", "--table"],
            &["requests", "--status", "soon"],
            &["requests", "1"],
            &["requests", "1", "--table"],
            &["requests", "2", "--table"],
            &["requests", "3", "--table"],
            &["requests", "9"],
            &["tail", "--lines", "1", "--count", "1"],
            &["tail", "--lines", "3", "--count", "3", "--table"],
            &["verify", "--operation", "upsert", "--exactly", "1"],
            &["verify", "--operation", "upsert", "--min", "1", "--table"],
            &["verify", "--method", "DELETE", "--path", "/x*", "--table"],
            &["verify", "{\"in_order\":[{\"method\":\"POST\"}]}", "--since", "1"],
            &["verify", "{\"match\":5}"],
            &["verify", "{\"mtach\":{}}"],
            &["expect", "4tka-6guv", "--count", "2", "--table"],
            &[
                "expect",
                "4tka-6guv",
                "--where",
                "magnitude > 9",
                "--rows",
                "[{\"earthquake_id\":\"00388609\",\"magnitude\":1},{\"earthquake_id\":\"z\"}]",
                "--partial",
                "--table",
            ],
            &["expect", "4tka-6guv", "--where", "magnitude > 9", "--count", "1"],
            &["expect", "4tka-6guv", "--where", "magnitude > 9", "--count", "1", "--table"],
            &["requests", "--clear"],
            &["requests", "--clear", "--table"],
            &["requests", "--table"],
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn of_commands_that_act() {
    let server = busy();
    let told = outputs(
        &server,
        &[
            &["snapshot", "--table"],
            &["snapshot", "before"],
            &["snapshot", "again", "--table"],
            &["snapshot"],
            &["snapshot", "a b"],
            &["diff", "seed"],
            &["diff", "seed", "--table"],
            &["diff", "before", "again", "--table"],
            &["diff", "seed", "--exit-code", "--table"],
            &["snapshot", "before", "--download", "before.db"],
            &["snapshot", "copy", "--upload", "before.db", "--table"],
            &["restore", "before"],
            &["restore", "before", "--table"],
            &["snapshot", "again", "--delete"],
            &["snapshot", "again", "--delete"],
            &["fault", "--table"],
            &["fault", "presets", "--table"],
            &["fault", "add", "upsert-applied-but-502", "--times", "1", "--dataset", "4tka-6guv"],
            &[
                "fault",
                "add",
                "{\"do\":{\"status\":500,\"html_error\":true}}",
                "--operation",
                "replace",
                "--table",
            ],
            &["fault", "add", "nope"],
            &["fault", "add", "{"],
            &["fault"],
            &["fault", "--table"],
            &["fault", "clear", "f-1"],
            &["fault", "clear", "--table"],
            &["clock"],
            &["clock", "--table"],
            &["clock", "advance", "90m", "--table"],
            &["clock", "freeze", "2025-02-01T00:00:00Z"],
            &["clock", "freeze", "soon"],
            &["token"],
            &["token", "nobody"],
            &["space", "create", "t1", "--from", "empty", "--user", "own:p", "--app-token", "tok"],
            &["space", "create", "t2", "--table"],
            &["space"],
            &["space", "--table"],
            &["space", "delete", "t1"],
            &["space", "delete", "t1", "--table"],
            &["reset", "nope"],
            &["reset", "empty"],
            &["reset", "--table"],
        ],
    );
    insta::assert_snapshot!(told);
}
