//! A reader that leaves early, such as `head`, ends a command quietly: no command panics on a closed standard
//! output or standard error.

use super::{ID, program, ran, serve};
use serde_json::json;
use std::process::{Command, Stdio};

/// A stream that nobody reads.
fn broken() -> Stdio {
    std::io::pipe().unwrap().1.into()
}

/// Every command with arguments that make it say something.
fn commands() -> Vec<Vec<&'static str>> {
    let lines = [
        "serve --port 0 --ca-dir memory --exit-with-stdin --log trace",
        "ready --wait 0s",
        "env",
        "env --domain data.city.gov --no-check",
        "run --domain data.city.gov -- true",
        "config",
        "seed nowhere.json",
        "datasets",
        "datasets --table",
        "revisions",
        "show 4tka-6guv",
        "rows 4tka-6guv",
        "export 4tka-6guv",
        "sql select*from(select+1)",
        "requests",
        "requests --har",
        "tail --count 1",
        "changes 4tka-6guv",
        "verify --method DELETE",
        "expect 4tka-6guv --rows 1",
        "snapshot one",
        "restore one",
        "diff one",
        "fault",
        "space",
        "reset",
        "clock",
        "token",
        "token --raw",
        "clone https://127.0.0.1:1 4tka-6guv",
        "coverage",
        "completions bash",
        "man",
        "help",
        "help soql",
        "help rows",
        "--version",
        "undo 1",
        "users",
        "app-tokens",
        "throttle",
        "ids 7",
        "job",
        "replay 1",
        "get info",
        "open --help",
        "no-such-command",
    ];
    lines.map(|line| line.split(' ').collect()).to_vec()
}

#[test]
fn no_command_panics_when_its_reader_has_left() {
    let server = serve(&[]);
    server.upsert(&json!([{ "earthquake_id": "one" }]));
    for arguments in commands() {
        for both in [false, true] {
            let mut command: Command = server.command(&arguments);
            command.stdin(Stdio::null()).stdout(broken());
            command.stderr(if both { broken() } else { Stdio::piped() });
            let left = command.output().unwrap();
            let told = String::from_utf8_lossy(&left.stderr);
            // The highest code of a command is 6; a panic ends with 101.
            assert!(left.status.code().is_some_and(|code| code <= 6), "{arguments:?} {told}");
            assert!(!told.contains("panicked"), "{arguments:?} {told}");
        }
    }
}

#[test]
fn every_command_is_among_those_whose_reader_leaves() {
    let help = ran(program().arg("--help")).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  "));
    let names: Vec<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 20, "{help}");
    for name in names {
        assert!(commands().iter().any(|arguments| arguments[0] == name), "{name}");
    }
}

/// The log is told on standard error; requests do not depend on it.
#[test]
fn requests_are_answered_when_the_log_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["serve", "--port", "0", "--ca-dir", "memory", "--exit-with-stdin", "--log", "trace"]);
    command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(broken());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = format!("{}/resource/{ID}.json", ready["http"].as_str().unwrap());
    let answered = ureq::get(&url).call().unwrap();
    assert_eq!(answered.status(), 200);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
