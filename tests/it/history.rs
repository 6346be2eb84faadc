//! What each write did: rows before and after.

use crate::support::{Answer, Mock, PUBLISHER, mock, mock_of};
use proptest::prelude::*;
use serde_json::{Value, json};
use soda_mock::Setup;
use std::collections::BTreeMap;

const DATASET: &str = "/resource/aaaa-2222";
const CHANGES: &str = "/__mock/v1/datasets/aaaa-2222/changes";

fn readings() -> Value {
    json!({
        "name": "Readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "The Key", "dataTypeName": "text" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
            { "fieldName": "d", "name": "D", "dataTypeName": "calendar_date" },
        ],
        "rows": [{ "k": "a", "n": "1.10" }, { "k": "b", "n": 2 }],
    })
}

async fn prepared() -> Mock {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    mock
}

async fn write(mock: &Mock, method: &str, path: &str, body: Value) -> Answer {
    let answer = mock.write(method, &format!("{DATASET}{path}"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

async fn changes(mock: &Mock, query: &str) -> Value {
    let answer = mock.get(&format!("{CHANGES}{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Kind, key, before and after of each change.
fn told(changes: &Value) -> Vec<(String, Value, Value, Value)> {
    let list = changes["changes"].as_array().unwrap();
    let one = |c: &Value| {
        (c["kind"].as_str().unwrap().to_owned(), c["key"].clone(), c["before"].clone(), c["after"].clone())
    };
    list.iter().map(one).collect()
}

#[tokio::test]
async fn an_upload_is_told_row_by_row_with_before_and_after() {
    let mock = prepared().await;
    assert_eq!(changes(&mock, "").await["changes"], json!([]));
    let rows = json!([
        { "k": "a", "n": 5 }, { "k": "c", "d": "2024-05-06" }, { "k": "b", ":deleted": true },
        { "k": "gone", ":deleted": true }, { "k": "c", "n": 7 },
    ]);
    let sent = write(&mock, "POST", ".json", rows).await;
    let all = changes(&mock, "").await;
    let c1 = json!({ "k": "c", "d": "2024-05-06T00:00:00.000" });
    let c2 = json!({ "k": "c", "n": "7", "d": "2024-05-06T00:00:00.000" });
    assert_eq!(
        told(&all),
        [
            (
                "updated".to_owned(),
                json!("a"),
                json!({ "k": "a", "n": "1.10" }),
                json!({ "k": "a", "n": "5" })
            ),
            ("created".to_owned(), json!("c"), json!(null), c1.clone()),
            ("deleted".to_owned(), json!("b"), json!({ "k": "b", "n": "2" }), json!(null)),
            ("updated".to_owned(), json!("c"), c1, c2),
        ]
    );
    let first = &all["changes"][0];
    assert_eq!((&first["version"], &first["at"]), (&json!(2), &json!("2023-11-14T22:13:20.000Z")));
    assert_eq!(first["request_id"], sent.header("x-socrata-requestid"));
    assert_eq!(first["request"].to_string(), sent.header("x-mock-request"));
    assert_eq!(first["fields"], json!(["n"]));
    let stored = mock.get("/__mock/v1/datasets/aaaa-2222/rows").await.json();
    assert_eq!(first["id"], stored[0][":id"]);
    assert_eq!(all["changes"][1]["id"], stored[1][":id"]);
    let write = &all["writes"][0];
    assert_eq!(
        [&write["operation"], &write["created"], &write["updated"], &write["deleted"], &write["emptied"]],
        [&json!("upsert"), &json!(1), &json!(2), &json!(1), &json!(null)]
    );
    assert_eq!(
        (&all["data_version"], &all["dropped"], &all["truncated"]),
        (&json!(2), &json!(0), &json!([]))
    );
}

#[tokio::test]
async fn a_refused_request_leaves_no_trace() {
    let mock = prepared().await;
    let refused = mock.write("POST", DATASET, &json!([{ "k": "x" }, { "k": "y", "n": "many" }])).await;
    assert_eq!(refused.status, 400);
    let path = format!("{DATASET}.json?errorsAreFatal=true");
    let refused = mock.write("POST", &path, &json!([{ "k": "x" }, { "k": "y", ":deleted": true }])).await;
    assert_eq!(refused.status, 404);
    let all = changes(&mock, "").await;
    assert_eq!((&all["changes"], &all["writes"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn row_routes_replace_and_delete_are_told_as_what_they_are() {
    let mock = prepared().await;
    write(&mock, "POST", "/a", json!({ "d": "2024-05-06" })).await;
    write(&mock, "PUT", "/a", json!({ "n": 9 })).await;
    write(&mock, "DELETE", "/a", json!(null)).await;
    write(&mock, "PUT", ".json", json!([{ "k": "z" }, { "k": "z", "n": 1 }])).await;
    write(&mock, "DELETE", ".json", json!(null)).await;
    let all = changes(&mock, "").await;
    let operations: Vec<(&Value, &Value)> =
        all["writes"].as_array().unwrap().iter().map(|w| (&w["operation"], &w["emptied"])).collect();
    assert_eq!(
        operations,
        [
            (&json!("row.upsert"), &json!(null)),
            (&json!("row.replace"), &json!(null)),
            (&json!("row.delete"), &json!(null)),
            (&json!("replace"), &json!(1)),
            (&json!("truncate"), &json!(1)),
        ]
    );
    let kinds: Vec<String> = told(&all).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, ["updated", "updated", "deleted", "created", "updated"]);
    assert_eq!(told(&all)[1].3, json!({ "k": "a", "n": "9" }));
}

#[tokio::test]
async fn one_rows_history_and_one_requests_changes_can_be_asked_for() {
    let mock = prepared().await;
    write(&mock, "POST", ".json", json!([{ "k": "a", "n": 1 }, { "k": "c" }])).await;
    let own = [("authorization", PUBLISHER), ("x-socrata-requestid", "mine")];
    let sent = mock.call("POST", DATASET, &own, "[{\"k\":\"a\",\"n\":2},{\"k\":\"d\"}]").await;
    write(&mock, "POST", ".json", json!([{ "k": "d", ":deleted": true }])).await;
    let of_a = changes(&mock, "?key=a").await;
    assert_eq!(told(&of_a).len(), 2);
    assert_eq!(of_a["writes"].as_array().unwrap().len(), 2);
    for request in ["mine", sent.header("x-mock-request")] {
        let keys: Vec<Value> =
            told(&changes(&mock, &format!("?request={request}")).await).into_iter().map(|c| c.1).collect();
        assert_eq!(keys, [json!("a"), json!("d")], "{request}");
    }
    let since: Vec<String> = told(&changes(&mock, "?since=3").await).into_iter().map(|c| c.0).collect();
    assert_eq!(since, ["deleted"]);
    // Page by page it is the same as at once.
    let whole = told(&changes(&mock, "").await);
    let (mut pages, mut query) = (Vec::new(), "?limit=1".to_owned());
    loop {
        let page = changes(&mock, &query).await;
        pages.extend(told(&page));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1&since={next}");
    }
    assert_eq!((pages.len(), pages), (5, whole));
    for wrong in ["?since=x", "?since=1.x", "?limit=0", "?limit=10001", "?nope=1"] {
        assert_eq!(mock.get(&format!("{CHANGES}{wrong}")).await.status, 400, "{wrong}");
    }
    assert_eq!(mock.get("/__mock/v1/datasets/zzzz-zzzz/changes").await.status, 404);
}

#[tokio::test]
async fn beyond_the_bound_changes_are_counted() {
    let mock = prepared().await;
    let rows: Vec<Value> = (0..2500).map(|n| json!({ "k": format!("k{n}"), "n": n })).collect();
    write(&mock, "POST", ".json", Value::Array(rows)).await;
    let all = changes(&mock, "?limit=10000").await;
    assert_eq!(all["changes"].as_array().unwrap().len(), 1000);
    let cut = &all["truncated"][0];
    assert_eq!(
        [&cut["version"], &cut["created"], &cut["recorded"], &cut["left_out"]],
        [&json!(2), &json!(2500), &json!(1000), &json!(1500)]
    );
    // A row that may be among those left out: its history says so.
    let one = changes(&mock, "?key=k2400").await;
    assert_eq!((&one["changes"], &one["truncated"][0]["left_out"]), (&json!([]), &json!(1500)));
}

#[tokio::test]
async fn the_oldest_writes_are_dropped_and_counted() {
    let mock = prepared().await;
    let text = "x".repeat(400_000);
    for number in 0..60 {
        write(&mock, "POST", ".json", json!([{ "k": format!("{number}{text}") }])).await;
    }
    let all = changes(&mock, "").await;
    let (mut kept, dropped) = (all["changes"].as_array().unwrap().len(), all["dropped"].as_u64().unwrap());
    let mut next = all["next"].clone();
    while let Some(since) = next.as_str() {
        let part = changes(&mock, &format!("?since={since}")).await;
        kept += part["changes"].as_array().unwrap().len();
        next = part["next"].clone();
    }
    assert_eq!(kept as u64 + dropped, 60);
    assert!(
        dropped > 10 && all["changes"][0]["version"] == json!(all["dropped_through"].as_i64().unwrap() + 1)
    );
}

#[tokio::test]
async fn datasets_without_row_identifier_are_told_by_id() {
    let mock = mock().await;
    let definition =
        json!({ "name": "Plain", "columns": [{ "fieldName": "n", "name": "N", "dataTypeName": "number" }] });
    mock.dataset("aaaa-2222", &definition).await;
    write(&mock, "POST", ".json", json!([{ "n": 1 }, { "n": 1 }])).await;
    let first = changes(&mock, "").await["changes"][0].clone();
    assert_eq!(first["key"], first["id"]);
    let id = first["id"].as_str().unwrap();
    write(&mock, "POST", ".json", json!([{ ":id": id, "n": 2 }])).await;
    let history = changes(&mock, &format!("?key={id}")).await;
    let n = |row: &Value| row["n"].clone();
    let steps: Vec<_> = told(&history).iter().map(|c| (n(&c.2), n(&c.3))).collect();
    assert_eq!(steps, [(json!(null), json!("1")), (json!("1"), json!("2"))]);
}

#[tokio::test]
async fn a_reset_clears_the_history() {
    let mock = prepared().await;
    write(&mock, "POST", ".json", json!([])).await;
    mock.call("PUT", "/__mock/v1/snapshots/s", &[], "").await;
    let reset = mock.call("POST", "/__mock/v1/reset", &[], "{\"to\":\"s\"}").await.json();
    assert_eq!(reset["counts"]["history"], 1);
    assert_eq!(changes(&mock, "").await["writes"], json!([]));
}

#[derive(Clone, Debug)]
enum Step {
    Upsert(Vec<(u8, Option<u16>)>),
    Delete(u8),
    Put(u8, u16),
    Replace(Vec<(u8, Option<u16>)>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rows = || prop::collection::vec((0..6u8, prop::option::of(any::<u16>())), 0..5);
    let step = prop_oneof![
        rows().prop_map(Step::Upsert),
        (0..6u8).prop_map(Step::Delete),
        (0..6u8, any::<u16>()).prop_map(|(k, n)| Step::Put(k, n)),
        rows().prop_map(Step::Replace),
    ];
    prop::collection::vec(step, 1..8)
}

fn body(rows: &[(u8, Option<u16>)]) -> Value {
    rows.iter()
        .map(|(k, n)| n.map_or(json!({ "k": k.to_string() }), |n| json!({ "k": k.to_string(), "n": n })))
        .collect()
}

async fn replay(steps: Vec<Step>) {
    let mock = mock_of(Setup { demo: false, ..Setup::default() }).await;
    mock.dataset("aaaa-2222", &readings()).await;
    for step in steps {
        match step {
            Step::Upsert(rows) => drop(write(&mock, "POST", ".json", body(&rows)).await),
            Step::Delete(k) => {
                drop(write(&mock, "POST", ".json", json!([{ "k": k.to_string(), ":deleted": true }])).await);
            }
            Step::Put(k, n) => drop(write(&mock, "PUT", &format!("/{k}"), json!({ "n": n })).await),
            Step::Replace(rows) => drop(write(&mock, "PUT", ".json", body(&rows)).await),
        }
    }
    // Applied one after the other to the first rows, the changes give the rows of the end; each
    // finds the row as it says it was before.
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    for row in readings()["rows"].as_array().unwrap() {
        let n = row["n"].as_str().map_or_else(|| row["n"].to_string(), str::to_owned);
        rows.insert(row["k"].as_str().unwrap().to_owned(), json!({ "k": row["k"], "n": n }));
    }
    let all = changes(&mock, "").await;
    let emptied: BTreeMap<i64, bool> = all["writes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["version"].as_i64().unwrap(), !w["emptied"].is_null()))
        .collect();
    for (version, emptied) in &emptied {
        if *emptied {
            rows.clear();
        }
        for change in all["changes"].as_array().unwrap().iter().filter(|c| c["version"] == *version) {
            let key = change["key"].as_str().unwrap();
            assert_eq!(change["before"], rows.remove(key).unwrap_or(Value::Null), "{all:#}");
            if !change["after"].is_null() {
                rows.insert(key.to_owned(), change["after"].clone());
            }
        }
    }
    let stored = mock.get(&format!("{DATASET}.json?$order=k")).await.json();
    assert_eq!(Value::Array(rows.into_values().collect()), stored);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_history_replays_to_what_is_stored(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(replay(steps));
    }
}
