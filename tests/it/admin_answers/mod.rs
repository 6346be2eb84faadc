//! Snapshots of every answer of the admin API and of every output of the command line: what scripts and
//! people read must not change unnoticed.
//!
//! `INSTA_UPDATE=always cargo test --test it -- admin_answers` writes them anew; the difference is then
//! read before it is committed.

mod commands;

use crate::support::{Mock, PUBLISHER, mock};
use regex::{Captures, Regex};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Calls of one snapshot, in their order, on one mock.
type Calls<'a> = &'a [(&'a str, &'a str, &'a str)];

/// A mock with a second dataset and three requests in its journal.
async fn prepared() -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Readings", "resourceName": "readings", "metadata": { "rowIdentifier": "k" },
        "columns": [{ "fieldName": "k", "name": "K", "dataTypeName": "number" },
                    { "fieldName": "n", "name": "N", "dataTypeName": "number" },
                    { "fieldName": "t", "name": "T", "dataTypeName": "text", "description": "A text" }],
        "rows": [{ "k": 1, "n": "1.10" }, { "k": 2, "t": "x" }],
    });
    mock.dataset("aaaa-2222", &definition).await;
    let id = ("x-socrata-requestid", "first");
    let rows = json!([{ "k": 1, "n": 2 }, { "k": 3 }, { "k": 9, ":deleted": true }]).to_string();
    let json = [("authorization", PUBLISHER), ("content-type", "application/json"), id];
    mock.call("POST", "/resource/readings.json?errorsAreFatal=false", &json, rows).await;
    let get =
        [("user-agent", "a program"), ("x-app-token", "demo-app-token"), ("x-socrata-requestid", "second")];
    mock.call("GET", "/resource/aaaa-2222.json?$limit=1", &get, "").await;
    let csv = [("authorization", PUBLISHER), ("content-type", "text/csv"), ("x-socrata-requestid", "third")];
    mock.call("PUT", "/resource/aaaa-2222", &csv, "k,n\nnope,3\n").await;
    mock
}

/// The answers to these calls as text: JSON in lines, everything else as it is.
async fn answers(mock: &Mock, calls: Calls<'_>) -> String {
    let mut told = String::new();
    for (method, path, body) in calls {
        let answer = mock.call(method, &format!("/__mock/v1{path}"), &[], (*body).to_owned()).await;
        let kind = answer.header("content-type").to_owned();
        let text = answer.text();
        let shown = match serde_json::from_str::<Value>(&text) {
            Ok(value) if kind.ends_with("json") => serde_json::to_string_pretty(&value).unwrap(),
            _ => text,
        };
        let _ = writeln!(told, "{method} {path} {body}\n{} {kind}\n{shown}\n", answer.status);
    }
    steady(&told)
}

/// A text without what differs from run to run.
fn steady(text: &str) -> String {
    let replaced = [
        (r#""(pid|bytes|bound|resident|peak|used|duration_us|wire_port)": ?(\d+)"#, r#""$1": "N""#),
        (r#""(instance|sqlite|version|token|data|ready_file)": ?"[^"]*""#, r#""$1": "…""#),
        (r"(127\.0\.0\.1|localhost):\d+", "$1:PORT"),
        (r"/tmp/[^/\s]+/", "/TMP/"),
    ];
    replaced.iter().fold(text.to_owned(), |text, (pattern, with)| {
        let pattern = Regex::new(pattern).unwrap();
        pattern.replace_all(&text, *with).into_owned()
    })
}

#[tokio::test]
async fn of_the_process() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/live", ""),
            ("GET", "/ready", ""),
            ("GET", "/info", ""),
            ("GET", "/nowhere", ""),
            ("PATCH", "/clock", ""),
            ("GET", "/domains", ""),
            ("PUT", "/domains/data.city.gov?holder=test", ""),
            ("PUT", "/domains/data.city.gov", ""),
            ("DELETE", "/domains/data.city.gov?holder=test", ""),
            ("DELETE", "/domains/data.city.gov?holder=other", ""),
            ("PUT", "/domains/data.city.gov?who=me", ""),
            ("PUT", "/domains/-", ""),
            ("GET", "/domains", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_time_ids_and_limits() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/clock", ""),
            ("PUT", "/clock", r#"{"mode":"frozen","now":"2025-01-31T12:00:00Z","step_ms":5}"#),
            ("POST", "/clock/advance", r#"{"by":"1h 30m","seconds":1,"ms":5}"#),
            ("PUT", "/clock", r#"{"mode":"frozen","now":"yesterday"}"#),
            ("PUT", "/clock", r#"{"mode":"real","step_ms":5}"#),
            ("PUT", "/clock", r#"{"mode":"scaled","rate":0}"#),
            ("PUT", "/clock", r#"{"mode":"fast"}"#),
            ("PUT", "/clock", r#"{"mode":5}"#),
            ("PUT", "/clock", r#"{"modus":"real"}"#),
            ("PUT", "/clock", "[]"),
            ("PUT", "/clock", "{"),
            ("POST", "/clock/advance", r#"{"by":"soon"}"#),
            ("PUT", "/ids", r#"{"seed":7}"#),
            ("PUT", "/ids", r#"{"seed":-1}"#),
            ("GET", "/throttle", ""),
            ("PUT", "/throttle", r#"{"anonymous":"1000/1h"}"#),
            ("PUT", "/throttle", r#"{"token":"often"}"#),
            ("POST", "/reset", r#"{"to":"nowhere"}"#),
            ("POST", "/reset", r#"{"keep":"../x"}"#),
            ("POST", "/reset", r#"{"too":"seed"}"#),
            ("POST", "/reset", r#"{"to":"empty","keep":"before"}"#),
            ("POST", "/reset", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_accounts() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/users", ""),
            ("GET", "/users/viewer@example.com", ""),
            ("GET", "/users/nobody", ""),
            ("PUT", "/users/new", r#"{"password":"p"}"#),
            ("PUT", "/users/new", r#"{"password":"p","role":"king"}"#),
            ("PUT", "/users/a:b", r#"{"password":"p"}"#),
            ("PUT", "/users/new", "{}"),
            ("DELETE", "/users/new", ""),
            ("DELETE", "/users/new", ""),
            ("GET", "/app-tokens", ""),
            ("PUT", "/app-tokens/mine", r#"{"secret":"s","callback_prefix":"https://a.example/cb"}"#),
            ("PUT", "/app-tokens/mine", r#"{"callback_prefix":"nowhere"}"#),
            ("GET", "/app-tokens/mine", ""),
            ("DELETE", "/app-tokens/mine", ""),
            ("GET", "/app-tokens/mine", ""),
            ("POST", "/tokens", r#"{"user":"viewer@example.com","expires_in":60}"#),
            ("POST", "/tokens", r#"{"user":"nobody"}"#),
            ("POST", "/tokens", r#"{"usr":"nobody"}"#),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_datasets() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/datasets", ""),
            ("GET", "/datasets/readings", ""),
            ("GET", "/datasets/zzzz-9999", ""),
            ("PUT", "/datasets/zzzz", "{}"),
            ("PUT", "/datasets/bbbb-3333", r#"{"name":"B"}"#),
            ("PUT", "/datasets/bbbb-3333", r#"{"name":"B","columns":[{"name":"x","dataTypeName":"nope"}]}"#),
            ("PUT", "/datasets/bbbb-3333", r#"{"name":"B","columns":[{"name":"x","dataTypeName":"text"}],"rows":[{"x":"1"}]}"#),
            ("POST", "/datasets", r#"{"datasets":[{"id":"cccc-4444","definition":{"name":"C","columns":[{"name":"d","dataTypeName":"calendar_date"}]},"rows":{"format":"csv","text":"d\n02/03/2024\n"}}]}"#),
            ("POST", "/datasets", r#"{"datasets":[{"definition":{}}]}"#),
            ("POST", "/datasets", r#"{"datasets":[{"id":"cccc-4444","definition":{},"rows":{"format":"xls","text":""}}]}"#),
            ("POST", "/datasets", r#"{"datasets":5}"#),
            ("GET", "/datasets/aaaa-2222/rows", ""),
            ("GET", "/datasets/aaaa-2222/rows?limit=1&format=csv", ""),
            ("GET", "/datasets/aaaa-2222/rows?limit=1&format=ndjson", ""),
            ("GET", "/datasets/aaaa-2222/rows?limit=x", ""),
            ("GET", "/datasets/aaaa-2222/rows?after=x", ""),
            ("GET", "/datasets/aaaa-2222/rows?format=xls", ""),
            ("GET", "/datasets/aaaa-2222/rows?size=1", ""),
            ("GET", "/datasets/aaaa-2222/changes", ""),
            ("GET", "/datasets/aaaa-2222/changes?key=3&limit=1", ""),
            ("GET", "/datasets/aaaa-2222/changes?request=1&limit=1", ""),
            ("GET", "/datasets/aaaa-2222/changes?since=x", ""),
            ("GET", "/datasets/aaaa-2222/changes?key=x", ""),
            ("GET", "/datasets/aaaa-2222/changes?limit=0", ""),
            ("GET", "/datasets/aaaa-2222/changes?size=1", ""),
            ("GET", "/datasets/aaaa-2222/query.json?$select=k&$order=k%20desc", ""),
            ("GET", "/datasets/aaaa-2222/query.csv?$select=nope", ""),
            ("GET", "/datasets/aaaa-2222/window?$order=k&offset=1&limit=1", ""),
            ("GET", "/datasets/aaaa-2222/window?limit=0", ""),
            ("GET", "/datasets/aaaa-2222/window?size=1", ""),
            ("GET", "/datasets/aaaa-2222/explain?$select=k,n&$where=n%3E1", ""),
            ("GET", "/datasets/aaaa-2222/explain?$where=nope", ""),
            ("POST", "/sql", r#"{"sql":"select k, n from \"aaaa-2222\" where k=?1","params":[1]}"#),
            ("POST", "/sql", r#"{"sql":"select 1 union select 2","limit":1}"#),
            ("POST", "/sql", r#"{"sql":" "}"#),
            ("POST", "/sql", r#"{"sql":"select","params":5}"#),
            ("POST", "/sql", r#"{"sql":"delete from d1"}"#),
            ("POST", "/sql", r#"{"sql":"selct"}"#),
            ("DELETE", "/datasets/bbbb-3333", ""),
            ("DELETE", "/datasets/bbbb-3333", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_the_journal() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/requests", ""),
            ("GET", "/requests?limit=1&status=4xx", ""),
            ("GET", "/requests?dataset=readings&operation=upsert&client=publisher@*&tls=false&fault=false&since=0", ""),
            ("GET", "/requests?status=soon", ""),
            ("GET", "/requests?operation=upsrt", ""),
            ("GET", "/requests?body=x", ""),
            ("GET", "/requests?tls=maybe", ""),
            ("GET", "/requests?limit=x", ""),
            ("GET", "/requests?since=soon", ""),
            ("GET", "/requests/1", ""),
            ("GET", "/requests/3", ""),
            ("GET", "/requests/9", ""),
            ("GET", "/requests/x", ""),
            ("GET", "/requests.ndjson?limit=1&operation=query", ""),
            ("GET", "/requests.har", ""),
            ("GET", "/requests/1/curl", ""),
            ("GET", "/requests/1/python", ""),
            ("POST", "/requests/1/replay", ""),
            ("POST", "/requests/1/replay", r#"{"user":"nobody"}"#),
            ("POST", "/requests/1/replay", r#"{"usr":"nobody"}"#),
            ("POST", "/requests", r#"{"method":"GET","path":"/resource/aaaa-2222.json?$limit=1"}"#),
            ("POST", "/requests", r#"{"method":"GET"}"#),
            ("POST", "/requests/1/undo", ""),
            ("POST", "/requests/1/undo", r#"{"force":true}"#),
            ("POST", "/requests/3/undo", ""),
            ("GET", "/events?events=nope", ""),
            ("GET", "/events?after=x", ""),
            ("GET", "/events?size=1", ""),
            ("DELETE", "/requests/2", ""),
            ("DELETE", "/requests", ""),
            ("GET", "/requests", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_questions() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("POST", "/verify", r#"{"match":{"operation":"upsert"}}"#),
            ("POST", "/verify", r#"{"match":{},"times":{"max":2}}"#),
            ("POST", "/verify", r#"{"match":{"method":"DELETE","path":"/nowhere*","query":{"$limit":"2","a":{"present":true}},"headers":{"accept":{"regex":"^x"}},"body":{"contains":["k","zz"],"json":{"a":1},"json_path":{"$.b":2}},"rows":{"contains":{"k":7},"count":8,"created":1},"dataset":"4tka-6guv","operation":["query","replace"],"status":["2xx",404],"client":{"user":"viewer*","address":"10.*"},"fault":true,"request_id":{"glob":"req*"},"tls":true,"since":7}}"#),
            ("POST", "/verify", r#"{"in_order":[{"method":"POST"},{"method":"PUT"}]}"#),
            ("POST", "/verify", r#"{"in_order":[{"method":"PUT"},{"method":"POST"}]}"#),
            ("POST", "/verify", r#"{"match":{"since":"2999-01-01T00:00:00Z"}}"#),
            ("POST", "/expect", r#"{"dataset":"readings","count":3,"schema":["k","n",{"fieldName":"t","dataTypeName":"text"}],"row_identifier":"k","data_version":2}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[{"k":1,"n":2},{"k":4},{"k":2,"t":"y"}]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[{"k":2},{"k":1}],"ordered":true,"partial":true,"order":"k"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","count":{"min":5},"where":"n > 1","schema":["k",{"fieldName":"t","dataTypeName":"number"},"z"],"row_identifier":null,"data_version":9}"#),
            ("PUT", "/snapshots/then", ""),
            ("POST", "/expect", r#"{"dataset":"readings","unchanged_since":"then"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","unchanged_since":"seed"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","unchanged_since":"nope"}"#),
            ("POST", "/expect", r#"{"dataset":"nope","count":1}"#),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_questions_that_are_wrong() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("POST", "/verify", "{}"),
            ("POST", "/verify", "[]"),
            ("POST", "/verify", r#"{"match":5}"#),
            ("POST", "/verify", r#"{"mtach":{}}"#),
            ("POST", "/verify", r#"{"match":{"methd":"GET"}}"#),
            ("POST", "/verify", r#"{"match":{"method":{}}}"#),
            ("POST", "/verify", r#"{"match":{"operation":"upsrt"}}"#),
            ("POST", "/verify", r#"{"match":{"path":{"regexp":"x"}}}"#),
            ("POST", "/verify", r#"{"match":{"path":{"regex":"("}}}"#),
            ("POST", "/verify", r#"{"match":{"path":{"regex":"a","glob":"b"}}}"#),
            ("POST", "/verify", r#"{"match":{"path":{"present":"yes"}}}"#),
            ("POST", "/verify", r#"{"match":{"path":["a"]}}"#),
            ("POST", "/verify", r#"{"match":{"headers":{"authorization":"Basic abc"}}}"#),
            ("POST", "/verify", r#"{"match":{"headers":{"x":[]}}}"#),
            ("POST", "/verify", r#"{"match":{"body":{"json_path":{"$[":1}}}}"#),
            ("POST", "/verify", r#"{"match":{"body":{"text":"x"}}}"#),
            ("POST", "/verify", r#"{"match":{"rows":{"contains":[1]}}}"#),
            ("POST", "/verify", r#"{"match":{"rows":{"created":"many"}}}"#),
            ("POST", "/verify", r#"{"match":{"status":99}}"#),
            ("POST", "/verify", r#"{"match":{"client":{"name":"x"}}}"#),
            ("POST", "/verify", r#"{"match":{"tls":"yes"}}"#),
            ("POST", "/verify", r#"{"match":{"since":"soon"}}"#),
            ("POST", "/verify", r#"{"match":{"nth":1}}"#),
            ("POST", "/verify", r#"{"in_order":[{"method":"GET"},{"methd":"GET"}]}"#),
            ("POST", "/verify", r#"{"in_order":{}}"#),
            ("POST", "/verify", r#"{"in_order":[{}],"times":1}"#),
            ("POST", "/verify", r#"{"match":{},"times":{"exactly":1,"min":1}}"#),
            ("POST", "/verify", r#"{"match":{},"times":{"min":2,"max":1}}"#),
            ("POST", "/verify", r#"{"match":{},"times":{}}"#),
            ("POST", "/verify", r#"{"match":{},"times":"once"}"#),
            ("POST", "/verify", r#"{"match":{},"wait_ms":"long"}"#),
            ("POST", "/expect", "{}"),
            ("POST", "/expect", r#"{"dataset":5}"#),
            ("POST", "/expect", r#"{"dataset":"readings"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","cuont":1}"#),
            ("POST", "/expect", r#"{"dataset":"readings","count":"two"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","where":"k > 1"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","count":1,"where":"nope > 1"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","count":1,"ordered":true}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[],"order":"k"}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":{}}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[5]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[{"n":1}]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[{"k":1,"nope":1}]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","rows":[{"k":1,":deleted":true}]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","schema":[{"name":"k"}]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","schema":[5]}"#),
            ("POST", "/expect", r#"{"dataset":"readings","row_identifier":5}"#),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_snapshots_and_spaces() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/snapshots", ""),
            ("PUT", "/snapshots/before", ""),
            ("PUT", "/snapshots/seed", ""),
            ("PUT", "/snapshots/a%20b", ""),
            ("GET", "/snapshots/before", ""),
            ("GET", "/snapshots/nope", ""),
            ("GET", "/snapshots", ""),
            ("GET", "/snapshots/seed/diff/current", ""),
            ("GET", "/snapshots/before/diff/current", ""),
            ("GET", "/snapshots/empty/diff/before?dataset=aaaa-2222&limit=1", ""),
            ("GET", "/snapshots/empty/diff/before?limit=x", ""),
            ("GET", "/snapshots/empty/diff/before?limit=20000", ""),
            ("GET", "/snapshots/empty/diff/before?size=1", ""),
            ("PUT", "/snapshots/file/file", "no SQLite"),
            ("POST", "/snapshots/before/restore", ""),
            ("POST", "/snapshots/nope/restore", ""),
            ("DELETE", "/snapshots/before", ""),
            ("DELETE", "/snapshots/before", ""),
            ("GET", "/spaces", ""),
            ("POST", "/spaces", r#"{"name":"t1","from":"empty","bind":{"users":["viewer@example.com",{"name":"own","password":"p"}],"app_tokens":["tok"]}}"#),
            ("POST", "/spaces", ""),
            ("POST", "/spaces", r#"{"name":"t1"}"#),
            ("POST", "/spaces", r#"{"name":"T 1"}"#),
            ("POST", "/spaces", r#"{"from":"nope"}"#),
            ("POST", "/spaces", r#"{"bind":{"users":["nobody"]}}"#),
            ("POST", "/spaces", r#"{"bind":{"users":[{"name":"a","password":"p","role":"king"}]}}"#),
            ("POST", "/spaces", r#"{"bind":{"users":[5]}}"#),
            ("POST", "/spaces", r#"{"bind":{"app_tokens":[""]}}"#),
            ("POST", "/spaces", r#"{"bind":{"app_tokens":["tok"]}}"#),
            ("GET", "/spaces/t1", ""),
            ("GET", "/spaces/nope", ""),
            ("DELETE", "/spaces/default", ""),
            ("DELETE", "/spaces/t1", ""),
            ("DELETE", "/spaces/t1", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn of_faults() {
    let mock = prepared().await;
    let told = answers(
        &mock,
        &[
            ("GET", "/faults", ""),
            ("GET", "/faults/presets", ""),
            ("POST", "/faults", r#"{"match":{"method":["PUT","post"],"path":"/resource/*","dataset":"readings","operation":"upsert","headers":{"x":null,"y":"a*"},"client":"10.*","nth":[1,2],"every":1},"times":1,"probability":0.5,"seed":3,"do":[{"status":503,"headers":{"a":"b"}},{"delay_ms":{"uniform":[1,2]}}]}"#),
            ("POST", "/faults/presets/maintenance", r#"{"times":2,"match":{"dataset":"readings"}}"#),
            ("POST", "/faults/presets/stale-read", ""),
            ("POST", "/faults/presets/nope", ""),
            ("POST", "/faults/presets/maintenance", r#"{"do":{}}"#),
            ("GET", "/faults/f-1", ""),
            ("GET", "/faults/nope", ""),
            ("PUT", "/faults/f-1", r#"{"do":{"drop":"before_headers"},"hits":7}"#),
            ("PUT", "/faults/f-1", r#"{"id":"f-2","do":{"status":500}}"#),
            ("DELETE", "/faults/maintenance", ""),
            ("DELETE", "/faults/maintenance", ""),
            ("PUT", "/faults", r#"{"faults":[{"do":{"status":500}},{"preset":"rate-limited","id":"two"}]}"#),
            ("PUT", "/faults", r#"{"faults":[{"match":{"space":"t1"},"do":{"status":500}}]}"#),
            ("PUT", "/faults", r#"{"faults":[{"do":{"status":5}}]}"#),
            ("PUT", "/faults", r#"{"fault":[]}"#),
            ("POST", "/faults", r#"{"match":{"space":"nope"},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"match":{"operation":"upserts"},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"match":{"methods":"GET"},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"match":{"headers":{"a b":"c"}},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"match":{"nth":0},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"match":{"status":500},"do":{"status":500}}"#),
            ("POST", "/faults", r#"{"do":{"stauts":500}}"#),
            ("POST", "/faults", r#"{"do":{"delay_ms":"soon"}}"#),
            ("POST", "/faults", "{}"),
            ("POST", "/faults", "[]"),
            ("DELETE", "/faults", ""),
        ],
    )
    .await;
    insta::assert_snapshot!(told);
    mock.call("POST", "/__mock/v1/faults", &[], r#"{"times":1,"do":{"status":503}}"#).await;
    let id = [("x-socrata-requestid", "hit")];
    mock.call("GET", "/resource/readings.json", &id, "").await;
    let hit = answers(&mock, &[("GET", "/faults/f-1", ""), ("GET", "/requests?fault=f-1", "")]).await;
    insta::assert_snapshot!("of_faults_that_hit", hit);
}

#[tokio::test]
async fn of_publishing() {
    let mock = prepared().await;
    mock.write("POST", "/api/publishing/v1/revision/aaaa-2222", &json!({ "action": { "type": "replace" } }))
        .await;
    let told = answers(
        &mock,
        &[
            ("GET", "/revisions?dataset=readings", ""),
            ("GET", "/revisions?dataset=zzzz-zzzz", ""),
            ("GET", "/jobs", ""),
            ("PUT", "/jobs", r#"{"apply":{"polls":2},"parse":{"seconds":3},"transform":{"fail":"no disk"}}"#),
            ("PUT", "/jobs", r#"{"apply":{"polls":99999}}"#),
            ("GET", "/world", ""),
            ("PUT", "/world", r#"{"categories":["Water"],"answers":{"https://e.com/a.csv":"a\n1\n"}}"#),
            ("PUT", "/world", r#"{"planets":[]}"#),
        ],
    )
    .await;
    insta::assert_snapshot!("of_publishing", told);
}

/// Every call has a snapshot here, except those whose answers are no JSON of their own.
#[test]
fn every_call_is_looked_at() {
    let text = include_str!("mod.rs");
    let elsewhere = ["/metrics", "/ca.pem", "/coverage", "/soql.json", "/snapshots/{name}/file"];
    let names = Regex::new(r"\\\{[^}]+\\\}").unwrap();
    let missing: Vec<String> = soda_mock::http::admin::routes()
        .iter()
        .filter(|route| !elsewhere.contains(&route.path))
        .filter(|route| {
            let path = names.replace_all(&regex::escape(route.path), |_: &Captures| "[^/?\"]+").into_owned();
            let path =
                path.strip_suffix("/query").map_or(path.clone(), |start| format!("{start}/query.json"));
            !Regex::new(&format!("\"{}\", r?#?\"{path}[?\"]", route.method)).unwrap().is_match(text)
        })
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(missing, ["GET /datasets/{dataset}/query.geojson"]);
}
