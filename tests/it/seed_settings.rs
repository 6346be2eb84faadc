//! `soda-mock.toml` in a seed folder.

use crate::support::{PUBLISHER, mock_of};
use soda_mock::Setup;
use std::path::Path;

fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("soda-mock.toml"), settings).unwrap();
    let dataset = r#"{"name":"Own","columns":[{"fieldName":"k","dataTypeName":"text"}]}"#;
    std::fs::write(folder.path().join("aaaa-2222.json"), dataset).unwrap();
    folder
}

fn setup(folder: &Path) -> Setup {
    Setup { seeds: vec![folder.to_owned()], ..Setup::default() }
}

#[tokio::test]
async fn accounts_tokens_limits_and_faults_come_from_the_seed() {
    let folder = folder(
        r#"
throttle = "anonymous=3/1h"

[users."jo@example.com"]
password = "secret"
role = "editor"

[api-keys.key-1]
secret = "key-secret"
owner = "jo@example.com"

[app-tokens.token-1]
secret = "app-secret"
callback-prefix = "https://app.example/"

[[faults]]
match = { path = "/resource/aaaa-2222.csv" }
do = { status = 503 }
"#,
    );
    let mock = mock_of(setup(folder.path())).await;
    let token = ("x-app-token", "token-1");
    // jo@example.com:secret and key-1:key-secret
    for login in ["Basic am9AZXhhbXBsZS5jb206c2VjcmV0", "Basic a2V5LTE6a2V5LXNlY3JldA=="] {
        let answer =
            mock.call("POST", "/resource/aaaa-2222.json", &[("authorization", login), token], "[]").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let built_in =
        mock.call("POST", "/resource/aaaa-2222.json", &[("authorization", PUBLISHER), token], "[]").await;
    assert_eq!(built_in.status, 403, "the seed's accounts take the place of the built-in ones");
    assert_eq!(
        mock.call("GET", "/resource/aaaa-2222.json", &[("x-app-token", "demo-app-token")], "").await.status,
        403
    );
    assert_eq!(mock.call("GET", "/resource/aaaa-2222.csv", &[token], "").await.status, 503);
    let statuses = [(); 4].map(|()| mock.get("/resource/aaaa-2222.json"));
    let mut seen = Vec::new();
    for status in statuses {
        seen.push(status.await.status);
    }
    assert_eq!(seen, [200, 200, 200, 429]);
}

#[tokio::test]
async fn mistakes_are_told_by_file_and_line() {
    for (settings, line, told) in [
        ("users = 5\n", 1, "invalid type"),
        ("\n[users.jo]\npassword = \"x\"\nrole = \"king\"\n", 4, "a role is one of viewer"),
        ("\n\nthrottle = \"much\"\n", 3, "names no pool"),
        ("\nuser = \"x\"\n", 2, "unknown key user"),
        ("[[faults]]\ndo = { sttus = 503 }\n", 1, "sttus"),
        ("[app-tokens\n", 1, ""),
        ("[app-tokens.t]\ncallback-prefix = \"app.example\"\n", 2, "write https://host/path"),
        ("[app-tokens.t]\ncalback = \"x\"\n", 2, "unknown field `calback`"),
    ] {
        let folder = folder(settings);
        let Err(error) = setup(folder.path()).router().await else { panic!("{settings} was taken") };
        let text = error.to_string();
        assert!(
            text.contains(&format!("soda-mock.toml:{line}: ")) && text.contains(told),
            "{settings:?}: {text}"
        );
    }
}
