//! The built program, as scripts use it: against a server of its own on a free port.

mod environment;
#[cfg(unix)]
mod ephemeral;
mod journal;
mod life;
mod pipe;
mod run;
mod usage;

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_soda-mock");
const ID: &str = "4tka-6guv";

/// A command without the caller's own settings.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SODA_MOCK_")) {
        command.env_remove(name);
    }
    for name in ["https_proxy", "http_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    for name in ["COLUMNS", "NODE_OPTIONS", "PYTHONPATH", "RUBYOPT", "PHP_INI_SCAN_DIR", "JAVA_TOOL_OPTIONS"]
    {
        command.env_remove(name);
    }
    command
}

/// A running server with a folder of its own.
pub struct Serving {
    child: Child,
    folder: tempfile::TempDir,
    ready: Value,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The end of its standard input ends it, and it takes its temporary files with it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What a command left behind.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn envelope(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    fn data(&self) -> Value {
        assert_eq!(self.code, 0, "{} {}", self.out, self.err);
        self.envelope()["data"].clone()
    }
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn serve(options: &[&str]) -> Serving {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["serve", "--port", "0", "--exit-with-stdin", "--ready-file"])
        .arg(folder.path().join("ready.json"));
    command.arg("--ca-dir").arg(folder.path().join("ca")).args(options);
    let mut child =
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Serving { child, ready: serde_json::from_str(&line).unwrap(), folder }
}

impl Serving {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).current_dir(self.folder.path());
        command.env("SODA_MOCK_READY_FILE", self.path("ready.json"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// The table that people see.
    fn table(&self, arguments: &[&str], width: u32) -> String {
        let ran = ran(self.command(arguments).arg("--table").env("COLUMNS", width.to_string()));
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    }

    /// A write from a publisher with a request id, whatever the answer is.
    pub fn send(&self, method: &str, body: &Value, request_id: &str) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/resource/{ID}.json", self.ready["http"].as_str().unwrap()))
            .header("Authorization", crate::support::PUBLISHER)
            .header("Content-Type", "application/json")
            .header("X-Socrata-RequestId", request_id)
            .body(body.to_string())
            .unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        agent.run(request).unwrap();
    }

    /// An upsert from a publisher.
    fn upsert(&self, rows: &Value) {
        let url = format!("{}/resource/{ID}.json", self.ready["http"].as_str().unwrap());
        let login = crate::support::PUBLISHER;
        let sent = ureq::post(&url).header("Authorization", login).content_type("application/json");
        sent.send(rows.to_string()).unwrap();
    }
}

#[test]
fn the_server_is_found_by_its_ready_file_its_address_or_not_at_all() {
    let server = serve(&[]);
    let by_file = server.run(&["datasets"]);
    assert_eq!(by_file.data()[0]["id"], ID);
    let address = server.ready["http"].as_str().unwrap().to_owned();
    assert_eq!(ran(program().args(["datasets", "--url", &address])).data()[0]["id"], ID);
    assert_eq!(ran(program().arg("datasets").env("SODA_MOCK_URL", &address)).data()[0]["id"], ID);
    let nowhere = ran(program().args(["datasets", "--url", "http://127.0.0.1:1"]));
    assert_eq!((nowhere.code, &nowhere.envelope()["error"]["code"]), (6, &json!("no_server")));
    assert!(nowhere.err.contains("soda-mock serve"), "{}", nowhere.err);
    let missing = ran(program().args(["datasets", "--ready-file", "/nowhere/ready.json"]));
    assert_eq!(missing.code, 6);
    // As in a container, where the commands find the options of the server in their environment.
    let port = server.ready["port"].to_string();
    assert_eq!(ran(program().arg("datasets").env("SODA_MOCK_PORT", &port)).data()[0]["id"], ID);
    let elsewhere = ran(program().arg("datasets").env("SODA_MOCK_ADMIN_LISTEN", &port));
    assert_eq!(elsewhere.data()[0]["id"], ID);
}

#[test]
fn the_options_of_serve_are_grouped() {
    let help = ran(program().args(["serve", "--help"])).out;
    let headings: Vec<&str> = help
        .lines()
        .filter(|l| l.ends_with(':') && !l.starts_with(' '))
        .map(|l| l.trim_end_matches(':'))
        .collect();
    assert!(headings.len() > 8, "{headings:?}");
    let rest = help.split("\nOptions:\n").nth(1).unwrap();
    let rest = rest.lines().take_while(|l| l.starts_with(' ') || l.is_empty());
    let flags: Vec<&str> =
        rest.filter_map(|l| l.trim_start().split(' ').find(|w| w.starts_with("--"))).collect();
    assert_eq!(flags, ["--help"]);
}

#[test]
fn https_works_with_the_servers_own_ca() {
    let server = serve(&[]);
    let address = server.ready["https"].as_str().unwrap();
    let mut command = server.command(&["datasets", "--url", address]);
    let answer = ran(command.env("SODA_MOCK_CA_DIR", server.path("ca")));
    assert_eq!(answer.data()[0]["id"], ID);
}

#[test]
fn answers_are_one_envelope_where_no_terminal_is() {
    let server = serve(&[]);
    let envelope = server.run(&["show", ID]).envelope();
    let members: Vec<&String> = envelope.as_object().unwrap().keys().collect();
    assert_eq!(members, ["schemaVersion", "command", "data", "warnings", "error"]);
    assert_eq!((&envelope["schemaVersion"], &envelope["command"]), (&json!(1), &json!("show")));
    let refused = server.run(&["show", "nope"]);
    assert_eq!((refused.code, &refused.envelope()["error"]["code"]), (1, &json!("not_found")));
    assert!(refused.err.contains("nope"));
    assert_eq!(server.run(&["show"]).code, 2);
    let mistyped = server.run(&["shwo", ID]);
    assert!(mistyped.code == 2 && mistyped.err.contains("'show'"), "{}", mistyped.err);
}

#[test]
fn tables_are_aligned_and_fit_the_width() {
    let server = serve(&[]);
    let table = server.table(&["datasets"], 120);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("4x4        name              rows"), "{table}");
    assert!(lines[1].starts_with("4tka-6guv  USGS Earthquakes    "), "{table}");
    let narrow = server.table(&["rows", ID], 60);
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    assert!(narrow.contains("do not fit") && narrow.contains('…'), "{narrow}");
    let chosen = server.table(&["rows", ID, "--columns", "magnitude,region", "--limit", "1"], 60);
    assert_eq!(chosen.lines().next().unwrap(), "magnitude  region");
}

#[test]
fn what_was_cut_is_said() {
    let server = serve(&[]);
    let few = server.run(&["rows", ID, "--limit", "2"]).envelope();
    assert_eq!(few["data"]["rows"].as_array().unwrap().len(), 2);
    assert!(few["warnings"][0].as_str().unwrap().contains("--limit 0"));
    let all = server.run(&["rows", ID, "--limit", "0"]).envelope();
    assert_eq!(all["data"]["rows"].as_array().unwrap().len() as u64, all["data"]["total"].as_u64().unwrap());
    assert_eq!(all["warnings"], json!([]));
}

#[test]
fn rows_are_filtered_by_soql_on_a_server_and_in_a_file() {
    let server = serve(&["--data", "d.db"]);
    server.upsert(&json!([
        { "earthquake_id": "f1", "magnitude": "97.5" },
        { "earthquake_id": "f2", "magnitude": "98" },
        { "earthquake_id": "f3", "magnitude": "99" },
    ]));
    let file = server.path("d.db").display().to_string();
    for from in [&[][..], &["--data", &file][..]] {
        let ask = |arguments: &[&str]| server.run(&[&["rows", ID], arguments, from].concat());
        let two = ask(&["--where", "magnitude > 97.5"]).envelope();
        let keys: Vec<&Value> =
            two["data"]["rows"].as_array().unwrap().iter().map(|row| &row["earthquake_id"]).collect();
        assert_eq!(keys, ["f2", "f3"], "{from:?}");
        assert_eq!((&two["data"]["total"], &two["warnings"]), (&json!(2), &json!([])));
        assert!(two["data"]["rows"][0][":id"].as_str().unwrap().starts_with("row-"));
        let one = ask(&["--where", "magnitude > 97.5", "--limit", "1"]).envelope();
        assert_eq!(one["data"]["rows"].as_array().unwrap().len(), 1);
        assert!(one["warnings"][0].as_str().unwrap().starts_with("1 of 2 rows"), "{one}");
        let wrong = ask(&["--where", "magnitud > 1"]);
        assert!(wrong.code == 1 && wrong.err.contains("magnitud"), "{from:?} {}", wrong.err);
        assert_eq!(ask(&["--where", "magnitude > 1", "--after", "row-a.b.c"]).code, 2);
    }
}

#[test]
fn a_request_is_shown_with_its_rows_grouped_by_fate() {
    let server = serve(&[]);
    let gone: Vec<Value> =
        (0..83).map(|n| json!({ "earthquake_id": format!("g{n}"), ":deleted": true })).collect();
    let mut rows =
        vec![json!({ "earthquake_id": "n1" }), json!({ "earthquake_id": "00388609", "magnitude": 2 })];
    rows.extend(gone);
    server.upsert(&json!(rows));
    let list = server.table(&["requests"], 120);
    assert!(list.contains("+1 ~1 !83"), "{list}");
    let one = server.table(&["requests", "1"], 100);
    assert!(one.contains("1 row   created: n1\n"), "{one}");
    assert!(one.contains("83 rows  no such row to delete: g0, g1, "), "{one}");
    assert!(one.contains("authorization: Basic ***"), "{one}");
    assert_eq!(server.run(&["requests", "1"]).data()["rows"]["errors"], 83);
    server.run(&["requests", "--clear"]);
    assert_eq!(server.run(&["requests"]).data()["requests"], json!([]));
}

#[test]
fn seeds_are_loaded_all_or_none_and_errors_name_the_file() {
    let server = serve(&[]);
    let definition = r#"{"name":"Days","columns":[{"fieldName":"d","dataTypeName":"calendar_date"}]}"#;
    let good = server.write("aaaa-2222.json", definition);
    server.write("aaaa-2222.csv", "d\n02/03/2024\n");
    let loaded = server.run(&["seed", &good]);
    assert_eq!(loaded.data()[0]["rows"], 1);
    let bad = server.write("bbbb-3333.json", definition);
    server.write("bbbb-3333.rows.json", "[{\"d\":\"soon\"}]");
    let refused = server.run(&["seed", &bad]);
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("bbbb-3333.json: "), "{}", refused.err);
    let nothing = server.run(&["seed", "missing.json"]);
    assert_eq!(nothing.code, 5);
}

#[test]
fn rows_and_sql_read_a_data_file_without_a_server() {
    let server = serve(&["--data", "d.db"]);
    server.upsert(&json!([{ "earthquake_id": "kept", "magnitude": "2.50" }]));
    let expected = server.run(&["rows", ID, "--limit", "0"]).data();
    let file = server.path("d.db").display().to_string();
    let (csv, sql) =
        (server.run(&["export", ID]).out, "SELECT count(*) FROM \"4tka-6guv\" WHERE earthquake_id=?1");
    drop(server.run(&["reset"]));
    let from_file = |arguments: &[&str]| ran(program().args(arguments).args(["--data", &file]));
    server.upsert(&json!([{ "earthquake_id": "kept", "magnitude": "2.50" }]));
    assert_eq!(from_file(&["rows", ID, "--limit", "0"]).data()["total"], expected["total"]);
    assert_eq!(from_file(&["sql", sql, "kept"]).data()["rows"], json!([[1]]));
    assert_eq!(server.run(&["sql", sql, "kept"]).data()["rows"], json!([[1]]));
    assert_eq!(from_file(&["export", ID]).out.lines().count(), csv.lines().count());
    let wrong = from_file(&["sql", "DELETE FROM d1"]);
    assert_eq!(wrong.code, 1);
    assert_eq!(ran(program().args(["rows", ID, "--data", "/nowhere.db"])).code, 4);
}

#[test]
fn a_dataset_of_a_site_is_cloned_into_a_seed_that_serves() {
    let site = serve(&[]);
    let url = site.ready["https"].as_str().unwrap();
    let mut command = site.command(&["clone", url, ID, "--rows", "5", "-o", "seeds"]);
    let cloned = ran(command.env("SODA_MOCK_CA_DIR", site.path("ca")));
    assert_eq!(cloned.data()["rows"], 5, "{}", cloned.err);
    let seeds = site.path("seeds").display().to_string();
    let copy = serve(&[&seeds]);
    let show = copy.run(&["show", ID]).data();
    assert_eq!((&show["rows"], &show["row_identifier"]), (&json!(5), &json!("earthquake_id")));
    let missing = ran(site.command(&["clone", url, "zzzz-zzzz"]).env("SODA_MOCK_CA_DIR", site.path("ca")));
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("404"), "{}", missing.err);
}

#[test]
fn the_clock_is_moved_and_a_token_minted() {
    let server = serve(&[]);
    server.run(&["clock", "freeze", "2025-01-31T12:00:00Z"]);
    assert_eq!(server.run(&["clock", "advance", "90m"]).data()["now"], "2025-01-31T13:30:00Z");
    assert_eq!(server.run(&["clock", "real"]).data()["mode"], "real");
    let raw = server.run(&["token", "--raw"]).out;
    assert_eq!(raw.trim().split('.').count(), 3, "{raw}");
    assert_eq!(server.run(&["token", "nobody"]).code, 1);
    assert_eq!(server.run(&["clock", "advance", "soon"]).code, 2);
}

#[test]
fn the_coverage_matrix_needs_no_server() {
    let data = ran(program().arg("coverage")).data();
    assert!(data["coverage"].as_array().unwrap().len() > 60);
    let text = ran(program().args(["coverage", "--table"])).out;
    assert!(text.starts_with("POST /resource/{4x4} "), "{text}");
}

#[test]
fn verify_and_expect_end_with_1_when_the_answer_is_no() {
    let server = serve(&[]);
    server.upsert(&json!([{ "earthquake_id": "n1", "magnitude": "2.0" }]));
    let yes = server.run(&["verify", "--operation", "upsert", "--dataset", "earthquakes", "--exactly", "1"]);
    assert_eq!(yes.data()["count"], 1);
    let no = server.run(&["verify", "--operation", "upsert", "--never"]);
    assert_eq!((no.code, &no.envelope()["error"]["code"]), (1, &json!("failed")));
    let near = ran(server
        .command(&["verify", "--method", "PUT", "--path", "/resource/*", "--table"])
        .env("COLUMNS", "80"));
    assert!(near.code == 1 && near.out.contains("#1 POST /resource/4tka-6guv.json 200"), "{}", near.out);
    let row = r#"[{"earthquake_id":"n1","magnitude":2}]"#;
    let filter = "earthquake_id='n1'";
    assert_eq!(server.run(&["expect", ID, "--where", filter, "--rows", row, "--partial"]).code, 0);
    let other = row.replace('2', "3");
    let differs =
        ran(server.command(&["expect", ID, "--where", filter, "--rows", &other, "--partial"]).arg("--table"));
    assert!(
        differs.code == 1 && differs.out.contains("magnitude: expected"),
        "{} {}",
        differs.out,
        differs.err
    );
    assert_eq!(server.run(&["verify", "{\"match\":5}"]).code, 2);
    assert_eq!(server.run(&["verify", "{\"mtach\":{}}"]).code, 1);
    assert_eq!(server.run(&["expect", "--count", "1"]).code, 2);
    let file = server.write("rows.json", row);
    let from_file = format!("@{file}");
    assert_eq!(server.run(&["expect", ID, "--where", filter, "--rows", &from_file, "--partial"]).code, 0);
}

#[test]
fn a_snapshot_is_kept_and_restored_and_changes_are_told() {
    let server = serve(&[]);
    server.run(&["snapshot", "before"]);
    server.upsert(&json!([{ "earthquake_id": "n1" }, { "earthquake_id": "00388609", "magnitude": "9.9" }]));
    let changes = server.table(&["changes", ID, "--request", "1"], 100);
    assert!(changes.contains("+ n1\n") && changes.contains("magnitude 1.1 → 9.9"), "{changes}");
    let key = server.run(&["changes", ID, "--key", "n1"]).data();
    assert_eq!(key["changes"].as_array().unwrap().len(), 1);
    let then = server.run(&["rows", ID, "--as-of", "1", "--limit", "3"]);
    assert_eq!(then.data()["rows"].as_array().unwrap().len(), 3);
    assert_eq!(then.data()["total"], Value::Null);
    let then = server.run(&["export", ID, "--as-of", "1", "--format", "ndjson"]).out;
    assert!(!then.contains("n1") && then.contains(r#""magnitude":"1.1""#), "{then}");
    server.upsert(&json!([{ "earthquake_id": "n1", "magnitude": 3 }]));
    let refused = server.run(&["undo", "1"]);
    assert!(
        refused.code == 1 && refused.err.contains("1 row has changed since request 1"),
        "{}",
        refused.err
    );
    let undone = server.table(&["undo", "1", "--force"], 100);
    assert!(
        undone.starts_with("2 rows of 4tka-6guv as before request 1: 0 back, 1 changed, 1 removed."),
        "{undone}"
    );
    assert_eq!(
        server.run(&["rows", ID]).data()["rows"],
        server.run(&["rows", ID, "--as-of", "4"]).data()["rows"]
    );
    server.upsert(&json!([{ "earthquake_id": "n1" }, { "earthquake_id": "00388609", "magnitude": "9.9" }]));
    assert_eq!(server.run(&["snapshot"]).data()["snapshots"][0]["name"], "before");
    let diff = server.table(&["diff", "before"], 100);
    assert!(diff.starts_with("4tka-6guv  USGS Earthquakes  1 added, 1 changed, "), "{diff}");
    assert_eq!(server.run(&["diff", "before", "--exit-code"]).code, 1);
    let file = server.path("before.db").display().to_string();
    assert!(
        server.run(&["snapshot", "before", "--download", &file]).data()["bytes"].as_u64().unwrap() > 4096
    );
    assert!(server.run(&["snapshot", "copy", "--upload", &file]).data()["rows"].as_u64().unwrap() > 1);
    assert_eq!(server.run(&["diff", "before", "copy", "--exit-code"]).code, 0);
    server.run(&["restore", "before"]);
    assert_eq!(server.run(&["expect", ID, "--unchanged-since", "before"]).code, 0);
    server.run(&["snapshot", "before", "--delete"]);
    assert_eq!(server.run(&["restore", "before"]).code, 1);
}

#[test]
fn faults_are_armed_counted_and_cleared() {
    let server = serve(&[]);
    server.run(&["fault", "add", "upsert-applied-but-502", "--times", "1", "--dataset", ID]);
    server.run(&["fault", "add", "{\"do\":{\"status\":500}}", "--operation", "replace", "--id", "mine"]);
    let table = server.table(&["fault"], 140);
    assert!(table.contains("mine") && table.contains("operation replace"), "{table}");
    assert_eq!(server.run(&["fault"]).data()["faults"][0]["match"]["dataset"], ID);
    server.run(&["fault", "clear", "mine"]);
    assert_eq!(server.run(&["fault"]).data()["faults"].as_array().unwrap().len(), 1);
    server.run(&["fault", "clear"]);
    assert_eq!(server.run(&["fault"]).data()["faults"], json!([]));
    assert_eq!(server.run(&["fault", "add", "no-such-preset"]).code, 1);
}

#[test]
fn a_space_is_made_used_and_removed() {
    let server = serve(&[]);
    assert_eq!(server.run(&["space", "create", "t1", "--from", "empty"]).data()["name"], "t1");
    assert_eq!(server.run(&["datasets", "--space", "t1"]).data(), json!([]));
    assert_eq!(server.run(&["datasets"]).data()[0]["id"], ID);
    assert_eq!(server.run(&["space"]).data()["spaces"].as_array().unwrap().len(), 2);
    server.run(&["space", "delete", "t1"]);
    assert_eq!(server.run(&["datasets", "--space", "t1"]).code, 1);
}
