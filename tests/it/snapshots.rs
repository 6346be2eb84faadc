//! Named states of the data, and the ways back to them.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;

const DATASET: &str = "/resource/aaaa-2222.json";
const ROWS: &str = "/__mock/v1/datasets/aaaa-2222/rows";

async fn prepared(mock: &Mock) {
    let definition = json!({
        "name": "Readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "The Key", "dataTypeName": "text" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
        ],
        "rows": [{ "k": "a", "n": "1.10" }, { "k": "b", "n": 2 }],
    });
    mock.dataset("aaaa-2222", &definition).await;
}

async fn admin(mock: &Mock, method: &str, path: &str, body: &str) -> Value {
    let answer = mock.call(method, &format!("/__mock/v1{path}"), &[], body.to_owned()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn upsert(mock: &Mock, rows: Value) -> (String, Vec<Value>) {
    let headers = [("authorization", PUBLISHER), ("x-mock-report", "rows")];
    let answer = mock.call("POST", DATASET, &headers, rows.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (answer.header("x-soda2-truth-version").to_owned(), answer.json().as_array().unwrap().clone())
}

async fn gives_rows_versions_and_counters_back(mock: &Mock) {
    prepared(mock).await;
    upsert(mock, json!([{ "k": "c" }])).await;
    let before = mock.get(ROWS).await.text();
    let taken = admin(mock, "PUT", "/snapshots/before", "").await;
    // Those of the demo dataset are there too.
    assert_eq!(
        (&taken["name"], &taken["datasets"], &taken["rows"]),
        (&json!("before"), &json!(2), &json!(15))
    );
    assert_eq!(admin(mock, "GET", "/snapshots", "").await["snapshots"], json!([taken]));
    assert_eq!(admin(mock, "GET", "/snapshots/before", "").await, taken);
    let first = upsert(mock, json!([{ "k": "d" }, { "k": "a", ":deleted": true }])).await;
    assert_ne!(mock.get(ROWS).await.text(), before);
    admin(mock, "POST", "/snapshots/before/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    // The same write gets the same versions and row ids as it got before.
    let again = upsert(mock, json!([{ "k": "d" }, { "k": "a", ":deleted": true }])).await;
    assert_eq!(again, first);
    admin(mock, "POST", "/reset", "{\"to\":\"before\"}").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    assert_eq!(admin(mock, "DELETE", "/snapshots/before", "").await, json!({ "deleted": "before" }));
    for (method, path) in
        [("GET", "before"), ("DELETE", "before"), ("POST", "before/restore"), ("GET", "before/file")]
    {
        let gone = mock.call(method, &format!("/__mock/v1/snapshots/{path}"), &[], "").await;
        assert_eq!((gone.status, &gone.json()["code"]), (404, &json!("not_found")), "{path}");
    }
}

#[tokio::test]
async fn a_snapshot_gives_rows_versions_and_counters_back() {
    gives_rows_versions_and_counters_back(&mock().await).await;
}

/// A data file cannot be exchanged for another; its content is, in one transaction.
#[tokio::test]
async fn a_data_file_is_restored_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.db");
    let setup = || Setup { data: Some(path.clone()), ..Setup::default() };
    let mock = mock_of(setup()).await;
    gives_rows_versions_and_counters_back(&mock).await;
    let rows = mock.get(ROWS).await.text();
    drop(mock);
    let mock = mock_of(setup()).await;
    assert_eq!(mock.get(ROWS).await.text(), rows);
    let reset = admin(&mock, "POST", "/reset", "{\"to\":\"empty\"}").await;
    assert_eq!(reset["reset"], json!({ "datasets_removed": 2, "datasets_loaded": 0 }));
    assert_eq!(mock.get(ROWS).await.status, 404);
    // What else is made in the process is ephemeral.
    let space = mock.call("POST", "/__mock/v1/spaces", &[], "").await.json();
    assert_eq!((&space["ephemeral"], &space["datasets"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn a_snapshot_does_not_change_with_the_data() {
    let mock = mock().await;
    prepared(&mock).await;
    let before = mock.get(ROWS).await.text();
    admin(&mock, "PUT", "/snapshots/one", "").await;
    admin(&mock, "POST", "/snapshots/one/restore", "").await;
    upsert(&mock, json!([{ "k": "x" }])).await;
    admin(&mock, "PUT", "/snapshots/two", "").await;
    upsert(&mock, json!([{ "k": "y" }])).await;
    admin(&mock, "POST", "/snapshots/one/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
    admin(&mock, "POST", "/snapshots/two/restore", "").await;
    let keys = mock.get(&format!("{DATASET}?$select=k&$order=k")).await.json();
    assert_eq!(keys, json!([{ "k": "a" }, { "k": "b" }, { "k": "x" }]));
}

#[tokio::test]
async fn a_reset_can_keep_what_it_takes_away() {
    let mock = mock().await;
    prepared(&mock).await;
    let before = mock.get(ROWS).await.text();
    let reset = admin(&mock, "POST", "/reset", "{\"to\":\"seed\",\"keep\":\"undo\"}").await;
    assert_eq!(reset["kept"], "undo");
    assert_eq!(mock.get(ROWS).await.status, 404);
    admin(&mock, "POST", "/snapshots/undo/restore", "").await;
    assert_eq!(mock.get(ROWS).await.text(), before);
}

#[tokio::test]
async fn a_reset_tells_what_it_cleared() {
    let mock = mock().await;
    admin(&mock, "PUT", "/users/new", "{\"password\":\"p\"}").await;
    admin(&mock, "PUT", "/clock", "{\"mode\":\"frozen\",\"now\":\"2001-02-03T04:05:06Z\"}").await;
    let reset = admin(&mock, "POST", "/reset", "").await;
    assert_eq!((&reset["counts"]["accounts"], &reset["counts"]["clock"]), (&json!(1), &json!(1)));
    let cleared = reset["cleared"].as_array().unwrap();
    for name in ["data", "accounts", "clock", "ids"] {
        assert!(cleared.contains(&json!(name)), "{name}");
    }
    assert_eq!(admin(&mock, "GET", "/clock", "").await["now_ms"], 1_700_000_000_000_i64);
    assert_eq!(mock.get("/__mock/v1/users/new").await.status, 404);
}

#[tokio::test]
async fn snapshots_have_plain_names() {
    let mock = mock().await;
    for name in ["seed", "empty", "current", "a%20b", "a%2Fb", "..", &"x".repeat(65)] {
        let refused = mock.call("PUT", &format!("/__mock/v1/snapshots/{name}"), &[], "").await;
        assert_eq!(refused.status, 400, "{name}");
    }
    let refused = mock.call("POST", "/__mock/v1/reset", &[], "{\"to\":\"nowhere\"}").await;
    assert_eq!(refused.status, 404);
    let refused = mock.call("POST", "/__mock/v1/reset", &[], "{\"keep\":\"seed\"}").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn snapshots_belong_to_their_space_and_a_space_can_begin_as_one() {
    let mock = mock().await;
    prepared(&mock).await;
    admin(&mock, "PUT", "/snapshots/here", "").await;
    let made = mock.call("POST", "/__mock/v1/spaces", &[], "{\"name\":\"a\",\"from\":\"here\"}").await;
    assert_eq!((made.status, &made.json()["datasets"]), (201, &json!(2)));
    let rows = mock.get(&format!("{ROWS}?space=a")).await;
    assert_eq!(rows.text(), mock.get(ROWS).await.text());
    assert_eq!(admin(&mock, "GET", "/snapshots?space=a", "").await, json!({ "snapshots": [] }));
}
