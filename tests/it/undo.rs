//! Writes taken back, and rows as of an earlier version.

use crate::support::{Mock, mock};
use axum::body::Body;
use proptest::prelude::*;
use serde_json::{Value, json};

const KEYED: &str = "aaaa-2222";
const UNKEYED: &str = "bbbb-3333";

fn definition(key: Option<&str>) -> Value {
    json!({
        "name": "Readings",
        "metadata": key.map_or(json!({}), |key| json!({ "rowIdentifier": key })),
        "columns": [
            { "fieldName": "k", "name": "K", "dataTypeName": "text" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
            { "fieldName": "x", "name": "X", "dataTypeName": "double" },
            { "fieldName": "flag", "name": "Flag", "dataTypeName": "checkbox" },
            { "fieldName": "p", "name": "P", "dataTypeName": "point" },
        ],
        "rows": [
            { "k": "a", "n": "1.10", "x": 0.1, "flag": true, "p": { "type": "Point", "coordinates": [1.5, 2] } },
            { "k": "b", "n": 2 },
        ],
    })
}

async fn prepared() -> Mock {
    let mock = mock().await;
    mock.dataset(KEYED, &definition(Some("k"))).await;
    mock.dataset(UNKEYED, &definition(None)).await;
    mock
}

/// Sends rows and gives the number of the request.
async fn write(mock: &Mock, id: &str, rows: Value) -> u64 {
    let answer = mock.write("POST", &format!("/resource/{id}.json"), &rows).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("x-mock-request").parse().unwrap()
}

async fn rows(mock: &Mock, id: &str, query: &str) -> Vec<Value> {
    let answer = mock.get(&format!("/__mock/v1/datasets/{id}/rows{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

/// Rows by their own fields, in the order of the key.
fn own_fields(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        row.as_object_mut().unwrap().retain(|name, _| !name.starts_with(':'));
    }
    rows.sort_by_key(|row| row["k"].to_string());
    rows
}

async fn undo(mock: &Mock, request: u64, body: &str) -> (u16, Value, String) {
    let path = format!("/__mock/v1/requests/{request}/undo");
    let answer = mock.call("POST", &path, &[], Body::from(body.to_owned())).await;
    (answer.status, answer.json(), answer.header("x-mock-request").to_owned())
}

#[tokio::test]
async fn a_write_is_taken_back_by_a_write_of_its_own() {
    let mock = prepared().await;
    for (id, changed_by) in [(KEYED, "k"), (UNKEYED, ":id")] {
        let before = rows(&mock, id, "").await;
        let (a, b) = (&before[0][changed_by], &before[1][changed_by]);
        let request = write(
            &mock,
            id,
            json!([
                { changed_by: a, "n": 9, "x": null, "p": null },
                { changed_by: b, ":deleted": true },
                { "k": "new", "n": 3 },
            ]),
        )
        .await;
        let (status, done, number) = undo(&mock, request, "").await;
        assert_eq!(status, 200, "{done}");
        let counts = json!({ "created": 1, "updated": 1, "deleted": 1, "errors": 0 });
        let expected =
            json!({ "undone": request, "dataset": id, "rows": counts, "overwritten": 0, "data_version": 3 });
        assert_eq!(done, expected);
        assert_eq!(own_fields(rows(&mock, id, "").await), own_fields(before));
        let entry = mock.get(&format!("/__mock/v1/requests/{number}")).await.json();
        assert_eq!((&entry["operation"], &entry["dataset"]), (&json!("undo"), &json!(id)));
        assert_eq!(entry["data_version"], json!({ "before": 2, "after": 3 }));
        let key = if id == KEYED { json!("new") } else { entry["fates"][0]["key"].clone() };
        let listed = mock
            .get(&format!("/__mock/v1/requests?operation=undo&key={}", key.as_str().unwrap()))
            .await
            .json();
        assert_eq!(listed["requests"].as_array().unwrap().last().unwrap()["id"], entry["id"]);
        // The undo is a write, and can be taken back too.
        assert_eq!(undo(&mock, number.parse().unwrap(), "").await.0, 200);
        let again = own_fields(rows(&mock, id, "").await);
        assert_eq!(again.iter().map(|row| &row["k"]).collect::<Vec<_>>(), ["a", "new"]);
    }
}

#[tokio::test]
async fn rows_that_changed_since_are_told_first() {
    let mock = prepared().await;
    let first = write(
        &mock,
        KEYED,
        json!([{ "k": "a", "n": 5 }, { "k": "c" }, { "k": "d" }, { "k": "b", ":deleted": true }]),
    )
    .await;
    write(
        &mock,
        KEYED,
        json!([{ "k": "a", "flag": false }, { "k": "c", ":deleted": true }, { "k": "b", "n": 7 }]),
    )
    .await;
    let before = rows(&mock, KEYED, "").await;
    for body in ["", r#"{"force": false}"#] {
        let (status, problem, _) = undo(&mock, first, body).await;
        assert_eq!((status, &problem["code"]), (409, &json!("undo_conflict")), "{problem}");
        assert_eq!((&problem["count"], &problem["rows"]), (&json!(3), &json!(["a", "c", "b"])));
    }
    assert_eq!(rows(&mock, KEYED, "").await, before);
    let (status, done, _) = undo(&mock, first, r#"{"force": true}"#).await;
    assert_eq!((status, &done["overwritten"]), (200, &json!(3)), "{done}");
    assert_eq!(own_fields(rows(&mock, KEYED, "").await), own_fields(rows(&mock, KEYED, "?as_of=1").await));
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_refused_with_the_reason() {
    let mock = prepared().await;
    let read = mock.get(&format!("/resource/{KEYED}.json")).await.header("x-mock-request").parse().unwrap();
    let many: Vec<Value> = (0..1200).map(|n| json!({ "k": format!("m{n}") })).collect();
    let many = write(&mock, KEYED, many.into()).await;
    let emptied = mock
        .call(
            "PUT",
            &format!("/resource/{KEYED}.json"),
            &[("authorization", crate::support::PUBLISHER), ("content-type", "application/json")],
            "[]",
        )
        .await;
    let emptied = emptied.header("x-mock-request").parse().unwrap();
    for (request, status, code) in [
        (read, 409, "nothing_to_undo"),
        (many, 409, "undo_incomplete"),
        (emptied, 409, "undo_incomplete"),
        (999, 404, "not_found"),
    ] {
        let (found, problem, _) = undo(&mock, request, "").await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{request} {problem}");
    }
    let (_, problem, _) = undo(&mock, emptied, "").await;
    assert!(problem["detail"].as_str().unwrap().contains("replaced all rows at once"), "{problem}");
    assert_eq!(undo(&mock, many, "[]").await.0, 400);
    assert_eq!(undo(&mock, many, r#"{"forced": true}"#).await.0, 400);
}

#[tokio::test]
async fn rows_as_of_a_version_have_limits_formats_and_reasons() {
    let mock = prepared().await;
    let first = rows(&mock, KEYED, "").await;
    write(&mock, KEYED, json!([{ "k": "c", "n": 3 }, { "k": "a", ":deleted": true }])).await;
    assert_eq!(rows(&mock, KEYED, "?as_of=1").await, first);
    assert_eq!(rows(&mock, KEYED, "?as_of=2").await, rows(&mock, KEYED, "").await);
    assert_eq!(rows(&mock, KEYED, "?as_of=1&limit=1").await, first[..1]);
    let after = first[0][":id"].as_str().unwrap();
    assert_eq!(rows(&mock, KEYED, &format!("?as_of=1&after={after}")).await, first[1..]);
    let csv = mock.get(&format!("/__mock/v1/datasets/{KEYED}/rows?as_of=1&format=csv")).await.text();
    assert!(csv.contains(r#""a","1.10","0.1","true""#), "{csv}");
    mock.write("PUT", &format!("/resource/{KEYED}.json"), &json!([{ "k": "z" }])).await;
    for (query, status, code) in [
        ("?as_of=2", 409, "history_incomplete"),
        ("?as_of=0", 409, "history_incomplete"),
        ("?as_of=4", 400, "bad_request"),
        ("?as_of=-1", 400, "bad_request"),
        ("?as_of=x", 400, "bad_request"),
    ] {
        let answer = mock.get(&format!("/__mock/v1/datasets/{KEYED}/rows{query}")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{query}");
    }
}

/// A row of a random write: a key, and what becomes of it.
fn change() -> impl Strategy<Value = Value> {
    let value = prop_oneof![Just(json!(null)), (-9..9i64).prop_map(|n| json!(n)), Just(json!("1.50"))];
    (0..5u8, value, prop::bool::weighted(0.3)).prop_map(|(key, n, deletes)| {
        let key = format!("k{key}");
        if deletes { json!({ "k": key, ":deleted": true }) } else { json!({ "k": key, "n": n }) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_version_is_told_as_it_was_and_the_last_write_is_taken_back(
        writes in prop::collection::vec(prop::collection::vec(change(), 1..6), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mock = prepared().await;
            let mut states = vec![rows(&mock, KEYED, "").await];
            let mut last = 0;
            for sent in writes {
                last = write(&mock, KEYED, sent.into()).await;
                states.push(rows(&mock, KEYED, "").await);
            }
            for (index, state) in states.iter().enumerate() {
                assert_eq!(&rows(&mock, KEYED, &format!("?as_of={}", index + 1)).await, state);
            }
            let before = states[states.len() - 2].clone();
            assert_eq!(undo(&mock, last, "").await.0, 200);
            assert_eq!(own_fields(rows(&mock, KEYED, "").await), own_fields(before));
        });
    }
}
