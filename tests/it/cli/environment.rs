//! `env` and `ready`: what scripts begin with.

use super::{Ran, Serving, program, ran, serve};
use std::process::{Command, Stdio};

fn env(server: &Serving, arguments: &[&str]) -> Ran {
    let bundle = server.path("trust/bundle.pem");
    let mut command = server.command(&["env", "--bundle", bundle.to_str().unwrap()]);
    ran(command.args(arguments).env("PATH", "/nowhere").env_remove("PHP_INI_SCAN_DIR"))
}

#[test]
fn the_environment_is_told_in_the_words_of_each_shell() {
    let server = serve(&[]);
    let bundle = server.path("trust/bundle.pem").display().to_string();
    for (shell, line) in [
        ("bash", format!("export CURL_CA_BUNDLE='{bundle}'")),
        ("fish", format!("set -gx CURL_CA_BUNDLE '{bundle}'")),
        ("pwsh", format!("$env:CURL_CA_BUNDLE = '{bundle}'")),
        ("github", format!("CURL_CA_BUNDLE={bundle}")),
    ] {
        let told = env(&server, &["--shell", shell]);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(told.out.lines().any(|l| l == line), "{shell}: {}", told.out);
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SODA_MOCK_URL"] {
            assert!(told.out.contains(name), "{shell}: {name}");
        }
        assert!(!told.out.contains("https_proxy"), "{shell}");
    }
    assert_eq!(env(&server, &["--shell", "tcsh"]).code, 2);
}

/// Trust is added to: a program that talks to other sites goes on doing so.
#[test]
fn the_bundle_holds_the_systems_authorities_and_ours() {
    let server = serve(&[]);
    env(&server, &[]);
    let own = std::fs::read_to_string(server.path("ca/ca.pem")).unwrap();
    let bundle = std::fs::read_to_string(server.path("trust/bundle.pem")).unwrap();
    assert!(bundle.ends_with(&own), "ours is the last one");
    let system = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    assert!(bundle.starts_with(&system));
    assert_eq!(std::fs::read_to_string(server.path("trust/ca-only.pem")).unwrap(), own);
}

#[test]
fn a_domain_leads_here_by_proxy() {
    let server = serve(&[]);
    let told = env(&server, &["--domain", "data.city.gov"]).out;
    let http = server.ready["http"].as_str().unwrap();
    for name in ["https_proxy", "HTTPS_PROXY", "http_proxy"] {
        assert!(told.contains(&format!("export {name}='{http}'")), "{told}");
    }
    assert!(told.contains("# https://data.city.gov now ends at"), "{told}");
}

#[test]
fn bash_takes_the_environment_as_it_is() {
    let server = serve(&[]);
    let script =
        "eval \"$(\"$0\" env --bundle \"$1\")\" && printf '%s %s' \"$SSL_CERT_FILE\" \"$SODA_MOCK_URL\"";
    let bundle = server.path("it's a bundle.pem").display().to_string();
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_soda-mock"), &bundle]);
    let told = ran(command.env("SODA_MOCK_READY_FILE", server.path("ready.json")).stdin(Stdio::null()));
    assert_eq!(told.out, format!("{bundle} {}", server.ready["http"].as_str().unwrap()), "{}", told.err);
}

#[test]
fn env_without_a_server_ends_with_6() {
    let none = ran(program().args(["env", "--url", "http://127.0.0.1:1"]));
    assert!(none.code == 6 && none.out.is_empty() && none.err.contains("soda-mock serve"), "{}", none.err);
}

#[test]
fn ready_asks_the_server_of_the_ready_file_or_address() {
    let server = serve(&[]);
    assert_eq!(server.run(&["ready", "--wait", "0s"]).code, 0);
    let (http, https) = (server.ready["http"].as_str().unwrap(), server.ready["https"].as_str().unwrap());
    assert_eq!(ran(program().args(["ready", "--wait", "0s", "--url", http])).code, 0);
    let over_tls = ran(program()
        .args(["ready", "--wait", "0s", "--url", https])
        .env("SODA_MOCK_CA_DIR", server.path("ca")));
    assert_eq!(over_tls.code, 0, "{}", over_tls.err);
    let port = server.ready["port"].to_string();
    assert_eq!(ran(program().args(["ready", "--wait", "0s"]).env("SODA_MOCK_PORT", port)).code, 0);
}

#[test]
fn ready_without_a_server_ends_with_6_and_says_what_to_do() {
    for arguments in [&["--url", "http://127.0.0.1:1"][..], &["--ready-file", "/nowhere/ready.json"]] {
        let none = ran(program().args(["ready", "--wait", "0s"]).args(arguments));
        assert_eq!(none.code, 6, "{arguments:?}");
        assert!(none.err.contains("soda-mock serve") && none.err.lines().count() == 1, "{}", none.err);
    }
    assert_eq!(ran(program().args(["ready", "--wait", "soon"])).code, 2);
}

/// A port that something else has is no mock that is ready.
#[test]
fn ready_takes_no_other_server_for_ours() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let other = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
    });
    let asked = ran(program().args(["ready", "--wait", "0s", "--url", &url]));
    other.join().unwrap();
    assert!(asked.code == 6 && asked.err.contains("404"), "{}", asked.err);
}

/// The health check of the container, whatever the server was started with.
#[test]
fn ready_works_without_the_admin_api_and_with_one_elsewhere() {
    for options in [&["--no-admin"][..], &["--admin-listen", "127.0.0.1:0"]] {
        let server = serve(options);
        let http = server.ready["http"].as_str().unwrap();
        for arguments in [&["--url", http][..], &["--ready-file", "ready.json"]] {
            let mut command = program();
            command.args(["ready", "--wait", "0s"]).args(arguments).current_dir(server.folder.path());
            let asked = ran(&mut command);
            assert_eq!(asked.code, 0, "{options:?} {arguments:?} {}", asked.err);
        }
    }
}

#[test]
fn ready_waits_for_a_server_that_is_still_to_come() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let mut waiting = program();
    waiting.args(["ready", "--wait", "60s", "--ready-file"]).arg(&file);
    let mut waiting = waiting.spawn().unwrap();
    let mut serving = program();
    serving
        .args(["serve", "--port", "0", "--ca-dir", "memory", "--exit-with-stdin", "--ready-file"])
        .arg(&file);
    let mut serving =
        serving.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    drop(serving.stdin.take());
    assert!(serving.wait().unwrap().success());
}
