//! `run`: one command in the environment of `env`, with nothing left behind.

use super::{ID, PROGRAM, Ran, Serving, program, ran, serve};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// `run` in a folder, with its temporary files below it and nothing else on this machine's default port.
fn run(folder: &Path, arguments: &[&str]) -> Command {
    let temporary = folder.join("temporary");
    std::fs::create_dir_all(&temporary).unwrap();
    let mut command = program();
    command.arg("run").args(arguments).current_dir(folder).stdin(Stdio::null());
    // A port where nobody listens: a server that somebody runs on the default one is not to be found.
    command.env("TMPDIR", temporary).env("SODA_MOCK_PORT", "1").env("HOME", folder);
    command
}

fn left_behind(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("temporary")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// `run` against a running server.
fn run_at(server: &Serving, arguments: &[&str]) -> Ran {
    let url = server.ready["http"].as_str().unwrap();
    ran(&mut run(server.folder.path(), &[&["--url", url], arguments].concat()))
}

/// A script whose `$1` is the program.
fn script(text: &str) -> [&str; 6] {
    ["--", "sh", "-c", text, "sh", PROGRAM]
}

#[test]
fn a_program_with_a_domain_in_its_code_reaches_a_server_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    // `clone` reads a site as any program does: by https_proxy, with the authorities of SSL_CERT_FILE.
    let text = format!("\"$1\" clone https://data.city.gov {ID} -o out && \"$1\" datasets");
    let arguments = [&["--domain", "data.city.gov"], &script(&text)[..]].concat();
    let told = ran(&mut run(folder.path(), &arguments));
    assert_eq!(told.code, 0, "{} {}", told.out, told.err);
    assert!(folder.path().join(format!("out/{ID}.json")).exists());
    assert!(told.out.contains("USGS Earthquakes"), "commands within find the server: {}", told.out);
    assert_eq!(
        told.err,
        "soda-mock: https://data.city.gov ends at a new server, which goes with the command\n"
    );
    assert_eq!(left_behind(folder.path()), [""; 0]);
}

#[test]
fn seeds_and_options_of_the_project_are_those_of_a_new_server() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for id in ["aaaa-2222", "bbbb-3333"] {
        let text =
            format!(r#"{{"id":"{id}","name":"Seed","columns":[{{"fieldName":"k","dataTypeName":"text"}}]}}"#);
        std::fs::write(at.join(format!("{id}.json")), text).unwrap();
    }
    std::fs::write(at.join("soda-mock.toml"), "seed = [\"aaaa-2222.json\"]\nport = 1\n").unwrap();
    let datasets = |arguments: &[&str]| {
        let told = ran(&mut run(at, &[arguments, &script("\"$1\" datasets")].concat()));
        let list = told.data().as_array().unwrap().clone();
        list.iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(datasets(&[]), ["aaaa-2222"]);
    assert_eq!(datasets(&["--seed", "bbbb-3333.json"]), ["bbbb-3333"]);
    let bad = ran(&mut run(at, &[&["--seed", "missing"], &script("true")[..]].concat()));
    assert_eq!(bad.code, 5, "{}", bad.err);
    let both =
        ran(&mut run(at, &[&["--seed", "x", "--url", "http://127.0.0.1:1"], &script("true")[..]].concat()));
    assert!(both.code == 2 && both.err.contains("--seed"), "{}", both.err);
}

#[test]
fn a_named_server_is_used_and_left_as_it_was() {
    let server = serve(&[]);
    let text = format!("\"$1\" clone https://data.city.gov {ID} -o out");
    let told = run_at(&server, &[&["--domain", "data.city.gov"], &script(&text)[..]].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    let http = server.ready["http"].as_str().unwrap();
    assert_eq!(told.err, format!("soda-mock: https://data.city.gov ends at the server at {http}\n"));
    let mut answer = ureq::get(format!("{http}/__mock/v1/domains")).call().unwrap();
    let left: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!((&left["domains"], &left["others"]), (&json!([]), &json!("answered")));
    assert_eq!(left_behind(server.folder.path()), [""; 0]);
    let nowhere = ran(&mut run(
        server.folder.path(),
        &[&["--url", "http://127.0.0.1:1"], &script("true")[..]].concat(),
    ));
    assert_eq!(nowhere.code, 6);
}

#[test]
fn a_refused_host_and_a_domain_that_nothing_reached_are_told_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("\"$1\" clone https://other.example {ID} -o out 2>&1");
    let told = ran(&mut run(folder.path(), &[&["--domain", "data.city.gov"], &script(&text)[..]].concat()));
    assert_ne!(told.code, 0);
    let lines: Vec<&str> = told.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", told.err);
    assert!(
        lines[1].contains("no request to data.city.gov") && lines[1].contains("REAL SITE"),
        "{}",
        told.err
    );
    assert!(lines[2].contains("refused other.example once") && lines[2].contains("no_proxy"), "{}", told.err);
}

#[test]
fn the_exit_code_is_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("no-program"), "").unwrap();
    for (command, code) in [
        (&["sh", "-c", "exit 0"][..], 0),
        (&["sh", "-c", "exit 7"], 7),
        (&["sh", "-c", "exit 255"], 255),
        (&["sh", "-c", "kill -9 $$"], 137),
        (&["/nowhere/program"], 127),
        (&["./no-program"], 126),
    ] {
        let told = ran(&mut run(folder.path(), &[&["--"], command].concat()));
        assert_eq!(told.code, code, "{command:?} {}", told.err);
    }
    assert_eq!(left_behind(folder.path()), [""; 0]);
    assert_eq!(ran(&mut run(folder.path(), &[])).code, 2);
    assert_eq!(ran(&mut run(folder.path(), &["--domain", "https://data.city.gov", "--", "true"])).code, 2);
}

/// A process group of its own, which has no terminal that would send the signal to the command too.
#[cfg(unix)]
#[test]
fn signals_are_passed_on_and_their_outcome_too() {
    use std::os::unix::process::CommandExt as _;
    for (trap, signal, code) in [
        ("trap 'exit 5' TERM; ", "-TERM", 5),
        ("", "-TERM", 143),
        ("trap 'exit 6' INT; ", "-INT", 6),
        ("", "-HUP", 129),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("{trap}echo begun; read line");
        let mut command = run(folder.path(), &["--domain", "data.city.gov", "--", "sh", "-c", &text]);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = command.spawn().unwrap();
        // Waiting would close it, and the end of its input would end the command before the signal does.
        let _input = running.stdin.take();
        let mut line = String::new();
        BufReader::new(running.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "begun\n");
        assert_eq!(left_behind(folder.path()).len(), 2);
        let sent = Command::new("kill").args([signal, &running.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(running.wait().unwrap().code(), Some(code), "{trap}{signal}");
        assert_eq!(left_behind(folder.path()), [""; 0], "{trap}{signal}");
    }
}

#[test]
fn the_same_domain_leads_each_command_to_the_space_of_its_own() {
    let server = serve(&[]);
    let text = format!("\"$1\" clone https://data.city.gov {ID} -o \"$SODA_MOCK_SPACE\"");
    let clone = |space: &str| {
        run_at(&server, &[&["--domain", "data.city.gov", "--space", space], &script(&text)[..]].concat())
    };
    let missing = clone("t1");
    assert!(missing.code == 1 && missing.err.contains("soda-mock space create t1"), "{}", missing.err);
    for space in ["t1", "t2"] {
        assert_eq!(server.run(&["space", "create", space]).code, 0);
        let told = clone(space);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(server.path(&format!("{space}/{ID}.json")).exists());
    }
    // One read of the metadata and one of the rows each, in the space alone.
    for (space, requests) in [("t1", 2), ("t2", 2), ("default", 0)] {
        let journal = server.run(&["requests", "--space", space]).data();
        assert_eq!(journal["requests"].as_array().unwrap().len(), requests, "{space} {journal}");
    }
    let own = ran(&mut run(
        server.folder.path(),
        &[&["--space", "new", "--domain", "data.city.gov"], &script(&text)[..]].concat(),
    ));
    assert_eq!(own.code, 0, "a new server makes the space: {}", own.err);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&["--domain", "data.city.gov"], &script("echo up; cat")[..]].concat();
    let mut command = run(folder.path(), &arguments);
    let mut killed =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(killed.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "up\n");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = left_behind(folder.path());
    assert_eq!(left.len(), 2, "the data and what the command was given: {left:?}");
    // A start removes it on a thread of its own, which the end of a short command may cut off.
    let gone = (0..50).any(|_| {
        assert_eq!(ran(&mut run(folder.path(), &["--", "true"])).code, 0);
        left_behind(folder.path()).is_empty()
    });
    assert!(gone, "{:?}", left_behind(folder.path()));
}
