//! The admin API answers who may use it, and nobody else.

use crate::support::{Answer, Mock, PUBLISHER, mock, mock_of};
use serde_json::json;
use soda_mock::Setup;
use soda_mock::http::{AdminToken, Options};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const FIREFOX: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn reset(mock: &Mock, headers: &[(&str, &str)]) -> Answer {
    mock.call("POST", "/__mock/v1/reset", headers, "{}").await
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let mock = mock().await;
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")][..],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")][..],
        &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")][..],
        &[FORM, FIREFOX][..],
        &[("content-type", "text/plain"), ("referer", "https://evil.example/")][..],
        &[("content-type", "multipart/form-data; boundary=x"), FIREFOX][..],
    ] {
        let refused = reset(&mock, headers).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")), "{headers:?}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn the_page_itself_and_programs_are_served() {
    let mock = mock().await;
    for headers in [
        &[][..],
        &[FORM, ("user-agent", "curl/8.5.0")][..],
        &[("host", "localhost:7632"), ("origin", "http://localhost:7632"), ("sec-fetch-site", "same-origin")]
            [..],
        &[("content-type", "application/json"), FIREFOX, ("sec-fetch-site", "none")][..],
    ] {
        assert_eq!(reset(&mock, headers).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn names_that_a_foreign_name_server_could_point_here_are_refused() {
    let mock = mock().await;
    for path in ["/__mock/v1/info", "/__mock/openapi.json", "/__mock/"] {
        for host in ["evil.example", "localhost.evil.example:7632", "127.0.0.1.nip.io"] {
            assert_eq!(mock.call("GET", path, &[("host", host)], "").await.status, 403, "{path} {host}");
        }
    }
}

/// A proxy's request names the site in its target; both have to be ours.
#[tokio::test]
async fn the_authority_of_a_target_is_looked_at_too() {
    let mock = mock().await;
    for (target, host, status) in [
        ("http://localhost:7632/__mock/v1/info", "localhost:7632", 200),
        ("http://evil.example/__mock/v1/info", "localhost", 403),
        ("http://localhost/__mock/v1/info", "evil.example", 403),
        ("http://evil.example/__mock/v1/info", "evil.example", 403),
    ] {
        let answer = mock.call("GET", target, &[("host", host)], "").await;
        assert_eq!(answer.status, status, "{target} {host}: {}", answer.text());
    }
    let refused = mock.call("GET", "/__mock/v1/info", &[("host", "evil.example:1")], "").await;
    assert!(
        refused.text().contains("evil.example:1") && refused.text().contains("--san"),
        "{}",
        refused.text()
    );
}

/// A foreign name that was made to point here is a page's own origin, and foreign all the same.
#[tokio::test]
async fn credentials_of_a_page_of_a_foreign_name_are_not_used() {
    let mock = mock().await;
    for (host, origin, status) in [
        ("localhost:7632", "http://localhost:7632", 200),
        ("127.0.0.1:7632", "http://127.0.0.1:7632", 200),
        ("evil.example:7632", "http://evil.example:7632", 403),
        ("evil.example", "https://evil.example", 403),
        ("localhost:7632", "https://evil.example", 403),
    ] {
        let headers = [("authorization", PUBLISHER), ("host", host), ("origin", origin)];
        let answer = mock.call("POST", "/resource/4tka-6guv.json", &headers, "[]").await;
        assert_eq!(answer.status, status, "{host} {origin}: {}", answer.text());
        assert_eq!(answer.header("x-mock-hint").contains("--san"), status == 403, "{host} {origin}");
    }
    let program = [("authorization", PUBLISHER), ("host", "data.city.gov")];
    assert_eq!(mock.call("POST", "/resource/4tka-6guv.json", &program, "[]").await.status, 200);
}

#[tokio::test]
async fn a_link_on_another_site_leads_to_the_page_and_reads_nothing() {
    let mock = mock().await;
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    assert_eq!(mock.call("GET", "/__mock/", &link, "").await.status, 200);
    let script = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    assert_eq!(mock.call("GET", "/__mock/v1/requests", &script, "").await.status, 403);
}

#[tokio::test]
async fn bodies_are_as_large_as_a_call_can_use() {
    let mock = mock().await;
    let large = vec![b' '; (16 << 20) + 1];
    let refused = mock.call("POST", "/__mock/v1/faults", &[], large.clone()).await;
    assert_eq!((refused.status, &refused.json()["code"]), (413, &json!("too_large")));
    let announced = mock.call("POST", "/__mock/v1/faults", &[("content-length", "99999999999")], "{}").await;
    assert_eq!((announced.status, &announced.json()["code"]), (413, &json!("too_large")));
    let dataset = mock.call("PUT", "/__mock/v1/datasets/aaaa-2222", &[], large).await;
    assert_eq!(dataset.status, 400, "read whole, and then no JSON");
}

#[tokio::test]
async fn with_a_token_only_its_owner_gets_in() {
    let admin_token = Some(AdminToken::parse("s3cret").unwrap());
    let options = Options { admin_token, ..Options::default() };
    assert!(!format!("{options:?}").contains("s3cret"));
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    for (headers, status) in [
        (&[][..], 401),
        (&[("authorization", "Bearer wrong!")][..], 401),
        (&[("authorization", "Bearer s3cre")][..], 401),
        (&[("authorization", "Basic s3cret")][..], 401),
        (&[("cookie", "other=1; soda-mock-admin=wrong")][..], 401),
        (&[("authorization", "Bearer s3cret")][..], 200),
        (&[("authorization", "bearer s3cret")][..], 200),
        (&[("cookie", "other=1; soda-mock-admin=s3cret")][..], 200),
    ] {
        for path in ["/__mock/v1/info", "/__mock/v1/requests", "/__mock/openapi.json"] {
            let answer = mock.call("GET", path, headers, "").await;
            assert_eq!(answer.status, status, "{path} {headers:?}");
            assert_eq!(answer.header("www-authenticate").is_empty(), status == 200);
        }
    }
    for open in
        ["/__mock/v1/live", "/__mock/v1/ready", "/__mock/v1/ca.pem", "/__mock/", "/resource/4tka-6guv.json"]
    {
        assert_eq!(mock.get(open).await.status, 200, "{open}");
    }
}

#[test]
fn a_token_fits_a_header_and_a_cookie_or_is_refused() {
    for wrong in ["", "with space", "semi;colon", "quote\"", "ümlaut", "line\nbreak"] {
        assert!(AdminToken::parse(wrong).is_err(), "{wrong:?}");
    }
}

/// Names in paths are names of datasets, snapshots, spaces and files of the page, never of files.
#[tokio::test]
async fn paths_in_requests_never_touch_the_file_system() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "TOP-SECRET").unwrap();
    let mock = mock().await;
    let absolute = secret.to_str().unwrap().replace('/', "%2F");
    let climbing = format!("..%2F..%2F..%2F..%2F..%2F..{absolute}");
    for name in
        [absolute.as_str(), climbing.as_str(), "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cx", "%00"]
    {
        for (method, path) in [
            ("GET", format!("/resource/{name}")),
            ("GET", format!("/resource/4tka-6guv/{name}")),
            ("PUT", format!("/__mock/v1/datasets/{name}")),
            ("GET", format!("/__mock/v1/datasets/{name}/rows")),
            ("PUT", format!("/__mock/v1/snapshots/{name}")),
            ("GET", format!("/__mock/v1/snapshots/{name}/file")),
            ("PUT", format!("/__mock/v1/snapshots/{name}/file")),
            ("POST", format!("/__mock/v1/snapshots/{name}/restore")),
            ("GET", format!("/__mock/v1/spaces/{name}")),
            ("PUT", format!("/__mock/v1/faults/{name}")),
            ("GET", format!("/__mock/assets/x/{name}")),
            ("GET", format!("/__mock/{name}")),
        ] {
            let answer = mock.call(method, &path, &[], "{}").await;
            assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
            assert!(!answer.text().contains("TOP-SECRET") && !answer.text().contains("root:"), "{path}");
        }
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files, ["secret.txt"]);
}

/// The running binary.
struct Served {
    process: Child,
    ready: serde_json::Value,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_soda-mock"))
            .args(["serve", "--port", "0", "--ca-dir", "memory", "--exit-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, ready: serde_json::from_str(&line).unwrap() }
    }

    /// The head of the answer to a GET.
    fn get(base: &str, path: &str, header: &str) -> String {
        let mut socket = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
        write!(socket, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n")
            .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or("").to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_admin_api_moves_to_a_port_of_its_own() {
    let served = Served::start(&["--admin-listen", "127.0.0.1:0"]);
    let http = served.ready["http"].as_str().unwrap();
    let admin = served.ready["admin"].as_str().unwrap().strip_suffix("/__mock/v1").unwrap();
    assert_ne!(http, admin);
    assert!(Served::get(admin, "/__mock/v1/info", "").contains("200"));
    assert!(Served::get(admin, "/__mock/", "").contains("200"));
    assert!(Served::get(admin, "/resource/4tka-6guv.json", "").contains("404"));
    assert!(Served::get(http, "/__mock/v1/info", "").contains("404"));
    assert!(Served::get(http, "/__mock/", "").contains("404"));
    assert!(Served::get(http, "/resource/4tka-6guv.json", "").contains("200"));
}

#[test]
fn without_the_admin_api_the_ready_line_names_none() {
    let served = Served::start(&["--no-admin"]);
    assert_eq!(served.ready["admin"], json!(null));
    let http = served.ready["http"].as_str().unwrap();
    assert!(Served::get(http, "/__mock/v1/live", "").contains("404"));
}

#[test]
fn a_token_is_asked_for_by_the_binary_and_not_shown() {
    let served = Served::start(&["--admin-token", "s3cret-s3cret"]);
    let admin = served.ready["admin"].as_str().unwrap().strip_suffix("/__mock/v1").unwrap();
    assert!(!served.ready.to_string().contains("s3cret"));
    assert!(Served::get(admin, "/__mock/v1/info", "").contains("401"));
    assert!(Served::get(admin, "/__mock/v1/info", "Authorization: Bearer s3cret-s3cret\r\n").contains("200"));
}

#[test]
fn a_preset_fault_can_be_armed_from_the_start() {
    let served = Served::start(&["--fault", "maintenance"]);
    let http = served.ready["http"].as_str().unwrap();
    assert!(Served::get(http, "/resource/4tka-6guv.json", "").contains("503"));
}
