//! How `serve` begins and ends: ready file, sharp failures, whatever tells it to stop.

use crate::support::PUBLISHER;
use crate::support::program::{Server, command, output};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

/// The exit code of a start that fails, and its only sentence.
fn failed(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let all = [&["serve", "--port", "0", "--ca-dir", "memory"], arguments].concat();
    let output = output(folder, &all);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.stdout.len(), told.lines().count()), (0, 1), "{arguments:?} {told}");
    (output.status.code().unwrap(), told)
}

#[test]
fn the_ready_file_says_what_standard_output_says_and_goes_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let mut server = Server::start(folder.path(), &["--ready-file", "ready.json"]);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written, server.ready);
    assert_eq!((&written["event"], &written["pid"]), (&"ready".into(), &server.child.id().into()));
    let page = format!("http://127.0.0.1:{}/__mock/", server.port);
    assert_eq!(written["page"], page);
    for path in ["/__mock/v1/ready", "/__mock/v1/info"] {
        let told: Value = serde_json::from_str(&server.call("GET", path, "").1).unwrap();
        assert_eq!(told["instance"], written["instance"], "{path}");
    }
    let instance = written["instance"].as_str().unwrap();
    assert!(instance.len() == 32 && instance.bytes().all(|b| b.is_ascii_hexdigit()), "{instance}");
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["ready.json"], "nothing half written lies beside it");
    signal("-TERM", server.child.id());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(!file.exists());
}

/// `SODA_MOCK_READY_FILE` is exported for the commands that ask a server, and `serve` reads it too.
#[test]
fn a_second_server_never_takes_the_ready_file_of_a_living_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let written = || std::fs::read_to_string(at.join("ready.json")).unwrap();
    for more in [&[][..], &["--no-admin"]] {
        let mut first = Server::start(at, &[&["--ready-file", "ready.json"], more].concat());
        let before = written();
        let (code, told) = failed(at, &["--ready-file", "ready.json"]);
        let pid = first.child.id().to_string();
        assert!(code == 4 && told.contains(&pid) && told.contains("--ready-file"), "{code} {told}");
        let mut exported = command(at, &["serve", "--port", "0", "--ca-dir", "memory"]);
        let refused = exported.env("SODA_MOCK_READY_FILE", "ready.json").output().unwrap();
        assert_eq!(refused.status.code(), Some(4));
        assert_eq!(written(), before);
        // What a killed server leaves is nobody's.
        first.kill();
        let mut second = Server::start(at, &["--ready-file", "ready.json"]);
        assert_ne!(written(), before);
        signal("-TERM", second.child.id());
        assert_eq!(second.child.wait().unwrap().code(), Some(0));
        assert!(!at.join("ready.json").exists());
    }
}

#[test]
fn a_file_that_is_no_ready_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "id,name\n").unwrap();
    let (code, told) = failed(folder.path(), &["--ready-file", "rows.csv"]);
    assert!(code == 4 && told.contains("rows.csv is no ready file"), "{code} {told}");
    assert_eq!(std::fs::read_to_string(folder.path().join("rows.csv")).unwrap(), "id,name\n");
}

/// Another program holds the lock of the data file while the server starts.
#[test]
fn a_server_that_cannot_write_yet_does_not_say_that_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::start(folder.path(), &["--data", "d.db"]);
    signal("-TERM", first.child.id());
    first.child.wait().unwrap();
    let holder = rusqlite::Connection::open(folder.path().join("d.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let free = Arc::new(AtomicBool::new(false));
    let mut second =
        command(folder.path(), &["serve", "--port", "0", "--ca-dir", "memory", "--data", "d.db"]);
    let mut second = second.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, stderr) = (BufReader::new(second.stdout.take().unwrap()), second.stderr.take().unwrap());
    let reader = {
        let free = Arc::clone(&free);
        std::thread::spawn(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            (line, free.load(Ordering::SeqCst))
        })
    };
    let told = BufReader::new(stderr).lines().find(|line| line.as_ref().unwrap().contains("not ready yet"));
    assert!(told.is_some());
    free.store(true, Ordering::SeqCst);
    drop(holder);
    let (line, was_free) = reader.join().unwrap();
    assert!(was_free && line.contains("\"event\":\"ready\""), "{line}");
    second.kill().unwrap();
    second.wait().unwrap();
}

#[test]
fn a_start_that_fails_says_why_and_what_to_do_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    std::fs::write(at.join("bad.json"), "{\"id\":\"aaaa-2222\"").unwrap();
    std::fs::write(at.join("bad.toml"), "prot = 1\n").unwrap();
    std::fs::create_dir(at.join("folder")).unwrap();
    for (arguments, code, parts) in [
        (&["--listen", "127.0.0.1", "--port", &port][..], 3, [port.as_str(), "--port"]),
        (&["--admin-listen", &port], 3, [port.as_str(), "--admin-listen"]),
        (&["--config", "bad.toml"], 2, ["bad.toml", "port"]),
        (&["--config", "missing.toml"], 2, ["missing.toml", ""]),
        (&["--throttle", "anonymous=often"], 2, ["--throttle", "1000/1h"]),
        (&["--user", "nobody"], 2, ["--user", "NAME:PASSWORD"]),
        (&["--fault", "maintenence"], 2, ["--fault", "maintenance"]),
        (&["--log", "a=b=c"], 2, ["--log", "warn"]),
        (&["--data", "missing/d.db"], 4, ["missing/d.db", "folder that can be written"]),
        (&["--data", "bad.toml"], 4, ["bad.toml", "name a file of soda-mock"]),
        (&["missing"], 5, ["missing", "that can be read"]),
        (&["--data", "folder"], 4, ["folder", ""]),
        (&["--ready-file", "missing/ready.json"], 4, ["missing/ready.json", "--ready-file"]),
        (&["--ca-dir", "bad.json"], 4, ["bad.json", "--ca-dir"]),
        (&["bad.json"], 5, ["bad.json", ""]),
        (&["./missing.json"], 5, ["missing.json", ""]),
    ] {
        // The last of two equal options would be a usage error of its own.
        let arguments: Vec<&str> = arguments.to_vec();
        let all = if arguments.contains(&"--port") || arguments.contains(&"--ca-dir") {
            let rest: &[&str] =
                if arguments.contains(&"--port") { &["--ca-dir", "memory"] } else { &["--port", "0"] };
            let output = output(at, &[&["serve"], rest, &arguments[..]].concat());
            (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
        } else {
            failed(at, &arguments)
        };
        assert_eq!(all.0, code, "{arguments:?} {}", all.1);
        assert!(parts.iter().all(|part| all.1.contains(part)), "{arguments:?} {}", all.1);
    }
}

/// SQLite would keep the data in memory, in a file that is gone at the end, or in one of another name.
#[test]
fn a_data_file_with_a_name_that_is_no_path_is_refused_from_flag_environment_and_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, advice) in [
        ("", "name a file, such as --data soda-mock.db"),
        (":memory:", "leave --data out"),
        (":other", "--data ./:other"),
        ("file:d.db?mode=rwc", "--data d.db"),
        ("file::memory:", "leave --data out"),
        ("sqlite:///d.db", "--data /d.db"),
    ] {
        let options = ["serve", "--port", "0", "--ca-dir", "memory"];
        let flag = command(folder.path(), &[&options[..], &["--data", name]].concat()).output().unwrap();
        let environment = command(folder.path(), &options).env("SODA_MOCK_DATA", name).output().unwrap();
        std::fs::write(folder.path().join("o.toml"), format!("data = {name:?}\n")).unwrap();
        let all = [&options[..], &["--config", "o.toml"]].concat();
        let file = command(folder.path(), &all).output().unwrap();
        for (from, output) in [("flag", flag), ("environment", environment), ("file", file)] {
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), told.lines().count()), (Some(4), 1), "{from} {name:?}: {told}");
            assert!(told.contains(name) && told.contains(advice), "{from} {name:?}: {told}");
        }
    }
    let asked = output(folder.path(), &["sql", "SELECT 1", "--data", ":memory:"]);
    let told = String::from_utf8(asked.stderr).unwrap();
    assert!(asked.status.code() == Some(4) && told.contains("leave --data out"), "{told}");
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["o.toml"], "no file was made");
}

/// A CA that anybody could use is not used, in the folder that was named and in the usual one.
#[cfg(unix)]
#[test]
fn a_ca_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let serve = |home: bool| {
        let arguments = if home {
            &["serve", "--port", "0"][..]
        } else {
            &["serve", "--port", "0", "--ca-dir", "soda-mock"]
        };
        let mut command = command(at, arguments);
        command.env("XDG_DATA_HOME", at).env("HOME", at);
        command
    };
    let mut kept = Server::spawn(serve(false));
    assert_eq!(kept.ready["ca"], "soda-mock/ca.pem");
    kept.kill();
    let key = at.join("soda-mock/ca-key.pem");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    for home in [false, true] {
        let refused = serve(home).output().unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), told.lines().count()), (Some(4), 1), "{told}");
        assert!(told.contains("chmod 600") && told.contains("ca-key.pem"), "{told}");
    }
}

/// Root writes where it likes, so the file lies where nobody does.
#[test]
fn a_data_file_that_cannot_be_written_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, told) = failed(folder.path(), &["--data", "/proc/soda-mock.db"]);
    assert!(code == 4 && told.contains("/proc/soda-mock.db"), "{told}");
}

#[test]
fn the_end_of_standard_input_ends_it_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let start = |options: &[&str]| {
        let all = [&["serve", "--port", "0", "--ca-dir", "memory"], options].concat();
        let mut command = command(folder.path(), &all);
        command.stdin(Stdio::piped());
        Server::spawn(command)
    };
    let mut bound = start(&["--exit-with-stdin"]);
    drop(bound.child.stdin.take());
    assert_eq!(bound.child.wait().unwrap().code(), Some(0));
    let mut free = start(&[]);
    drop(free.child.stdin.take());
    assert_eq!(free.call("GET", "/__mock/v1/live", "").0, 200);
}

#[test]
fn it_does_not_outlive_the_process_that_it_was_bound_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let mut server = Server::start(folder.path(), &["--parent-pid", &parent.id().to_string()]);
    assert_eq!(server.call("GET", "/__mock/v1/live", "").0, 200);
    drop(parent.stdin.take());
    parent.wait().unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

/// A connection, directly or through a tunnel.
fn connected(port: u16, through_a_tunnel: bool) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    if through_a_tunnel {
        stream.write_all(b"CONNECT data.city.gov:80 HTTP/1.1\r\nHost: data.city.gov:80\r\n\r\n").unwrap();
        assert!(head(&stream).starts_with("HTTP/1.1 200"));
    }
    stream
}

/// The head of the next answer.
fn head(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The request has begun: its body was asked for.
fn begun(mut stream: TcpStream, rows: &str) -> TcpStream {
    let head_of_request = format!(
        "POST /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        rows.len()
    );
    stream.write_all(head_of_request.as_bytes()).unwrap();
    assert!(head(&stream).contains(" 100 "));
    stream
}

#[test]
fn a_request_under_way_is_finished_when_the_end_was_asked_for() {
    for through_a_tunnel in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(folder.path(), &["--data", "d.db"]);
        let rows = "[{\"earthquake_id\":\"late\"}]";
        let (first, rest) = rows.split_at(10);
        let mut stream = begun(connected(server.port, through_a_tunnel), rows);
        stream.write_all(first.as_bytes()).unwrap();
        signal("-TERM", server.child.id());
        // Nobody else is let in any more.
        while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
            std::thread::yield_now();
        }
        stream.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.replace(' ', "").contains("\"RowsCreated\":1"),
            "{through_a_tunnel} {answer}"
        );
        assert_eq!(server.child.wait().unwrap().code(), Some(0));
        let again = Server::start(folder.path(), &["--data", "d.db"]);
        assert_eq!(again.call("GET", "/resource/4tka-6guv/late.json", "").0, 200);
    }
}

/// Whoever asks twice does not wait for a client that sends nothing more.
#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    // On a busy machine the time for requests under way may be over before the second signal comes.
    let ended_by_the_second = || {
        let mut command = command(folder.path(), &["serve", "--port", "0", "--ca-dir", "memory"]);
        command.stderr(Stdio::piped());
        let mut server = Server::spawn(command);
        let _stream = begun(connected(server.port, false), "[{\"earthquake_id\":\"never\"}]");
        signal("-TERM", server.child.id());
        while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
            std::thread::yield_now();
        }
        signal("-TERM", server.child.id());
        assert_eq!(server.child.wait().unwrap().code(), Some(0));
        let mut log = String::new();
        server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log.contains("a second signal")
    };
    assert!((0..5).any(|_| ended_by_the_second()));
}

/// A client that sends nothing more does not hold the end up for good.
#[test]
fn a_request_that_stalls_is_left_behind_and_nothing_of_it_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--data", "d.db"]);
    let mut stream = begun(connected(server.port, false), "[{\"earthquake_id\":\"never\"}]");
    stream.write_all(b"[{").unwrap();
    signal("-TERM", server.child.id());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let again = Server::start(folder.path(), &["--data", "d.db"]);
    assert_eq!(again.call("GET", "/resource/4tka-6guv/never.json", "").0, 404);
}

#[test]
fn both_loopback_addresses_are_listened_on_with_one_port() {
    let folder = tempfile::tempdir().unwrap();
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: no IPv6");
        return;
    }
    let server = Server::start(folder.path(), &[]);
    for address in ["127.0.0.1", "::1"] {
        let mut stream = TcpStream::connect((address, server.port)).unwrap();
        stream
            .write_all(b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{address}: {answer}");
    }
    let only = Server::start(folder.path(), &["--listen", "::1"]);
    for (member, scheme) in [("http", "http"), ("https", "https"), ("admin", "http")] {
        let told = only.ready[member].as_str().unwrap();
        assert!(told.starts_with(&format!("{scheme}://[::1]:{}", only.port)), "{told}");
    }
    assert!(TcpStream::connect(("::1", only.port)).is_ok());
    assert!(TcpStream::connect(("127.0.0.1", only.port)).is_err());
}
