//! `env` and `ready`: what scripts begin with.

use super::{PROGRAM, Ran, Serving, program, ran, serve};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// `env` where no run time is found that could be tried.
fn env_command(server: &Serving, arguments: &[&str]) -> Command {
    let bundle = server.path("trust/bundle.pem");
    let mut command = server.command(&["env", "--bundle", bundle.to_str().unwrap()]);
    command.args(arguments).env("PATH", "/nowhere").env("HOME", server.folder.path()).env_remove("JAVA_HOME");
    for name in
        ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_HOME", "WGETRC", "R_PROFILE_USER", "XDG_CONFIG_HOME"]
    {
        command.env_remove(name);
    }
    command
}

fn env(server: &Serving, arguments: &[&str]) -> Ran {
    ran(&mut env_command(server, arguments))
}

/// The variables in the words of GitHub, which has no quotes.
fn variables(command: &mut Command) -> BTreeMap<String, String> {
    let told = ran(command.args(["--shell", "github"]));
    assert_eq!(told.code, 0, "{}", told.err);
    let pairs = told.out.lines().map(|line| line.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_environment_is_told_in_the_words_of_each_shell() {
    let server = serve(&[]);
    let bundle = server.path("trust/bundle.pem").display().to_string();
    for (shell, line) in [
        ("sh", format!("export CURL_CA_BUNDLE='{bundle}'")),
        ("bash", format!("export CURL_CA_BUNDLE='{bundle}'")),
        ("zsh", format!("export CURL_CA_BUNDLE='{bundle}'")),
        ("fish", format!("set -gx CURL_CA_BUNDLE '{bundle}'")),
        ("pwsh", format!("$env:CURL_CA_BUNDLE = '{bundle}'")),
        ("github", format!("CURL_CA_BUNDLE={bundle}")),
    ] {
        let told = env(&server, &["--shell", shell]);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(told.out.lines().any(|l| l == line), "{shell}: {}", told.out);
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "WGETRC", "SODA_MOCK_URL"]
        {
            assert!(told.out.contains(name), "{shell}: {name}");
        }
        for name in ["https_proxy", "NODE_OPTIONS", "PYTHONPATH", "RUBYOPT", "CURL_HOME"] {
            assert!(!told.out.contains(name), "{shell}: {name} without a domain");
        }
        assert_eq!(told.err, "", "{shell}");
    }
    assert_eq!(env(&server, &["--shell", "tcsh"]).code, 2);
}

/// The shell that has started the command is asked for its name; a test is none, so it is a POSIX shell.
#[test]
fn the_shell_need_not_be_named() {
    let server = serve(&[]);
    assert!(env(&server, &[]).out.starts_with("export SSL_CERT_FILE="));
}

/// Trust is added to: a program that talks to other sites goes on doing so.
#[test]
fn the_bundle_holds_what_was_trusted_and_ours_once() {
    let server = serve(&[]);
    let own = std::fs::read_to_string(server.path("ca/ca.pem")).unwrap();
    let bundle = || std::fs::read_to_string(server.path("trust/bundle.pem")).unwrap();
    env(&server, &[]);
    let system = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    assert_eq!(bundle(), format!("{system}\n{own}"));
    let chosen = server.write("chosen.pem", "CHOSEN\n");
    let first = variables(
        env_command(&server, &[]).env("SSL_CERT_FILE", &chosen).env("NODE_EXTRA_CA_CERTS", &chosen),
    );
    assert_eq!(bundle(), format!("CHOSEN\n\n{own}"));
    let node = std::fs::read_to_string(&first["NODE_EXTRA_CA_CERTS"]).unwrap();
    assert_eq!(node, format!("CHOSEN\n\n{own}"));
    // Once more in the same shell.
    let second = variables(env_command(&server, &[]).envs(&first));
    assert_eq!(second["NODE_EXTRA_CA_CERTS"], first["NODE_EXTRA_CA_CERTS"]);
    assert_eq!(bundle(), format!("CHOSEN\n\n{own}"));
    assert_eq!(std::fs::read_to_string(&first["NODE_EXTRA_CA_CERTS"]).unwrap(), node);
}

#[test]
fn a_domain_leads_here_by_proxy_and_by_preload() {
    let server = serve(&[]);
    let told = env(&server, &["--domain", "data.city.gov", "--domain", "data.Other.gov"]);
    let http = server.ready["http"].as_str().unwrap();
    let place = http.trim_start_matches("http://");
    for name in ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] {
        assert!(told.out.contains(&format!("export {name}='{http}'\n")), "{}", told.out);
    }
    assert!(
        told.out.contains(&format!("export SODA_MOCK_REDIRECT='{place} data.city.gov data.other.gov'\n"))
    );
    assert!(told.out.contains("export NODE_USE_ENV_PROXY='1'\n"));
    for name in ["NODE_OPTIONS", "PYTHONPATH", "RUBYOPT", "CURL_HOME"] {
        assert!(told.out.contains(&format!("export {name}='")), "{name}");
    }
    let says = format!("https://data.city.gov, https://data.other.gov end at {http}");
    assert!(told.err.contains(&says), "{}", told.err);
    // The server has been told.
    let mut answer = ureq::get(format!("{http}/__mock/v1/domains")).call().unwrap();
    let named: serde_json::Value =
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(
        named["domains"][0],
        serde_json::json!({"host": "data.city.gov", "holders": ["env"], "requests": 0})
    );
    assert_eq!(
        (&named["domains"][1]["host"], &named["others"]),
        (&"data.other.gov".into(), &"refused".into())
    );
    let wrong = env(&server, &["--domain", "https://data.city.gov/"]);
    assert!(wrong.code == 2 && wrong.err.contains("data.city.gov"), "{}", wrong.err);
}

#[test]
fn what_the_caller_has_set_stays() {
    let server = serve(&[]);
    let own = [
        ("no_proxy", "internal.gov,.city.gov"),
        ("NO_PROXY", "10.0.0.0/8"),
        ("NODE_OPTIONS", "--max-old-space-size=4096"),
        ("PYTHONPATH", "/own/python"),
        ("RUBYOPT", "-W0"),
        ("WGETRC", &server.write("own-wgetrc", "user_agent = mine\n")),
        ("R_PROFILE_USER", "/own/profile"),
        ("CURL_HOME", server.folder.path().to_str().unwrap()),
        ("PHP_INI_SCAN_DIR", "/own/php"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    server.write(".curlrc", "user-agent = \"mine\"\n");
    let mut command = env_command(&server, &["--domain", "data.city.gov", "--shell", "sh"]);
    let first = ran(command.envs(own.clone()));
    let evaluated = |told: &str| -> BTreeMap<String, String> {
        let pairs = told.lines().filter_map(|line| line.strip_prefix("export ")?.split_once("='"));
        pairs.map(|(name, value)| (name.to_owned(), value.trim_end_matches('\'').to_owned())).collect()
    };
    let first_values = evaluated(&first.out);
    // Twice in the same shell: nothing is added a second time, nothing is lost.
    let mut command = env_command(&server, &["--domain", "data.city.gov", "--shell", "sh"]);
    let second = ran(command.envs(own).envs(&first_values));
    for values in [first_values, evaluated(&second.out)] {
        assert_eq!(values["no_proxy"], "internal.gov,10.0.0.0/8,localhost,127.0.0.1,::1");
        assert_eq!(values["NO_PROXY"], values["no_proxy"]);
        assert!(values["NODE_OPTIONS"].starts_with("--max-old-space-size=4096 --require="));
        assert_eq!(values["NODE_OPTIONS"].matches("--require").count(), 1);
        assert!(values["PYTHONPATH"].ends_with("/soda-mock-python:/own/python"));
        assert!(values["RUBYOPT"].starts_with("-W0 -r") && values["RUBYOPT"].matches("-r").count() >= 1);
        assert!(values["PHP_INI_SCAN_DIR"].starts_with("/own/php:/"), "{}", values["PHP_INI_SCAN_DIR"]);
        assert_eq!(values["PHP_INI_SCAN_DIR"].matches("soda-mock-php").count(), 1);
        assert_eq!(values["SODA_MOCK_OWN_R_PROFILE_USER"], "/own/profile");
        let read = |path: String| std::fs::read_to_string(path).unwrap();
        assert!(read(values["WGETRC"].clone()).starts_with("user_agent = mine\nca_certificate = "));
        let curl = read(format!("{}/.curlrc", values["CURL_HOME"]));
        assert!(curl.contains(&format!("config = \"{}\"", server.path(".curlrc").display())), "{curl}");
    }
    assert!(first.err.contains("no_proxy without .city.gov"), "{}", first.err);
}

/// Somebody who reaches the internet by a proxy: other hosts cannot be connected to directly.
#[test]
fn a_proxy_of_the_caller_is_remembered_and_not_shown() {
    let server = serve(&[]);
    let http = server.ready["http"].as_str().unwrap();
    let proxy = "http://user:secret@proxy:3128";
    let mut command = env_command(&server, &["--domain", "data.city.gov", "--shell", "sh"]);
    let told = ran(command.env("HTTPS_PROXY", proxy));
    assert!(told.out.contains("export SODA_MOCK_OTHERS='proxy'\n"), "{}", told.out);
    assert!(told.out.contains(&format!("export SODA_MOCK_OWN_https_proxy='{proxy}'\n")));
    assert!(!told.out.contains("CURL_HOME"), "curl would connect to other hosts directly");
    assert!(told.err.contains("is not used meanwhile") && !told.err.contains("secret"), "{}", told.err);
    let again = env_command(&server, &["--domain", "data.city.gov"])
        .envs([("https_proxy", http), ("SODA_MOCK_OWN_https_proxy", proxy)])
        .env("SODA_MOCK_REDIRECT", format!("{} data.city.gov", http.trim_start_matches("http://")))
        .output()
        .unwrap();
    assert!(String::from_utf8(again.stdout).unwrap().contains("SODA_MOCK_OTHERS='proxy'"));
}

#[test]
fn a_server_with_a_token_is_told_the_domain_by_those_who_have_it() {
    let server = serve(&["--admin-token", "secret"]);
    let refused = env(&server, &["--domain", "data.city.gov"]);
    assert!(refused.code == 1 && refused.out.is_empty() && refused.err.contains("token"), "{}", refused.err);
    let told =
        ran(env_command(&server, &["--domain", "data.city.gov"]).env("SODA_MOCK_ADMIN_TOKEN", "secret"));
    assert!(told.code == 0 && told.out.contains("https_proxy"), "{}", told.err);
    // Trust alone needs none: the certificate is open.
    assert_eq!(env(&server, &[]).code, 0);
}

/// GitHub fails a step whose file sets it.
#[test]
fn github_is_given_no_node_options_and_told_so() {
    let server = serve(&[]);
    let told = env(&server, &["--domain", "data.city.gov", "--shell", "github"]);
    assert!(!told.out.contains("NODE_OPTIONS") && told.out.contains("NODE_USE_ENV_PROXY=1"), "{}", told.out);
    assert!(told.err.contains("soda-mock run"), "{}", told.err);
}

#[test]
fn two_servers_do_not_change_each_others_files() {
    let (first, second) = (serve(&[]), serve(&[]));
    let home = tempfile::tempdir().unwrap();
    let of = |server: &Serving, arguments: &[&str]| {
        let mut command = server.command(&["env"]);
        command
            .args(arguments)
            .env("PATH", "/nowhere")
            .env("XDG_DATA_HOME", home.path())
            .env("HOME", home.path());
        variables(&mut command)
    };
    let files = |values: &BTreeMap<String, String>| -> Vec<(String, String)> {
        ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "WGETRC", "R_PROFILE_USER"]
            .map(|name| (values[name].clone(), std::fs::read_to_string(&values[name]).unwrap()))
            .to_vec()
    };
    let before = files(&of(&first, &["--domain", "data.city.gov"]));
    let others = files(&of(&second, &["--domain", "data.city.gov"]));
    files(&of(&first, &["--domain", "data.other.gov"]));
    for ((path, text), (other, _)) in before.iter().zip(&others) {
        assert_ne!(path, other);
        assert_eq!(&std::fs::read_to_string(path).unwrap(), text, "{path}");
    }
}

/// Programs in the names of run times: one that gets there, one that another site answers, one that fails.
#[test]
fn each_run_time_is_tried_and_told_as_it_did() {
    let server = serve(&[]);
    let programs = [
        ("node", "echo 'a preload'; echo '@{\"live\":true}'; echo '@{\"live\":true}'; printf 'bye'"),
        ("python3", "echo '@{\"live\":true}'; echo '@<html>the real site</html>'"),
        ("ruby", "echo 'first' >&2; echo 'certificate verify failed' >&2; echo '@{\"live\":true}'; exit 1"),
        (
            "php",
            "while read -r line; do case \"$https_proxy$line\" in http://*data.city.gov/__mock/v1/live*) echo '@{\"live\":true}' ;; esac; done",
        ),
        ("wget", "echo '{\"live\":true}'; exit 3"),
        ("curl", "echo 'HTTP/1.1 200 OK'; echo; echo '{\"live\":true}200'"),
    ];
    for (name, text) in programs {
        let path = server.path(&format!("bin/{name}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        executable(&path, &format!("#!/bin/sh\n{}\n", text.replace('@', "soda-mock-check:")));
    }
    let tried = |arguments: &[&str]| {
        let mut command = env_command(&server, arguments);
        ran(command.env("PATH", server.path("bin"))).err
    };
    let told = tried(&["--domain", "data.city.gov"]);
    for line in [
        "  Node.js  gets there: ",
        "  Python   DOES NOT GET THERE: it is answered by another server\n",
        "  Ruby     DOES NOT GET THERE: certificate verify failed\n",
        "  PHP      gets there: ",
        "  wget     DOES NOT GET THERE: {\"live\":true}\n",
        "  curl     gets there: ",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("Java") && told.contains("Not tried: Go, .NET, Deno"), "{told}");
    assert!(tried(&["--domain", "data.city.gov", "--no-check"]).contains("was not tried (--no-check)"));
}

fn executable(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn bash_takes_the_environment_as_it_is() {
    let server = serve(&[]);
    let script =
        "eval \"$(\"$0\" env --bundle \"$1\")\" && printf '%s %s' \"$SSL_CERT_FILE\" \"$SODA_MOCK_URL\"";
    let bundle = server.path("it's a bundle.pem").display().to_string();
    let mut command = Command::new("bash");
    command.args(["-c", script, PROGRAM, &bundle]);
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
