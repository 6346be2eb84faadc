//! Assertions on stored data.

use crate::support::{Answer, Mock, mock};
use serde_json::{Value, json};

async fn expect(mock: &Mock, expectation: Value) -> Answer {
    let mut whole = json!({ "dataset": "aaaa-2222" });
    whole.as_object_mut().unwrap().extend(expectation.as_object().unwrap().clone());
    mock.call("POST", "/__mock/v1/expect", &[], whole.to_string()).await
}

async fn readings() -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Readings",
        "resourceName": "readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "K", "dataTypeName": "number" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
            { "fieldName": "d", "name": "D", "dataTypeName": "calendar_date" },
            { "fieldName": "p", "name": "P", "dataTypeName": "point" },
        ],
        "rows": [
            { "k": 1, "n": "1.10", "d": "2024-05-06" },
            { "k": 2, "p": { "type": "Point", "coordinates": [1, 2] } },
        ],
    });
    mock.dataset("aaaa-2222", &definition).await;
    mock
}

#[tokio::test]
async fn rows_are_compared_as_an_upsert_would_store_them() {
    let mock = readings().await;
    for rows in [
        json!([{ "k": "2.0", "p": "POINT (1 2)" }, { "K": 1, "n": 1.1, "d": "2024-05-06T00:00:00" }]),
        json!([{ "k": 1, "n": "1.100", "d": "05/06/2024" }, { "k": 2, "n": null, "p": "POINT (1 2)" }]),
    ] {
        let answer = expect(&mock, json!({ "rows": rows })).await;
        if rows[0]["d"] == "05/06/2024" {
            assert_eq!(answer.status, 400, "what an upsert refuses is refused here: {}", answer.text());
            continue;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json(), json!({ "ok": true, "dataset": "aaaa-2222", "data_version": 1 }));
    }
}

#[tokio::test]
async fn a_difference_is_told_row_by_row() {
    let mock = readings().await;
    let rows = json!([{ "k": 1, "n": 2, "d": "2024-05-06" }, { "k": 3 }]);
    let answer = expect(&mock, json!({ "rows": rows })).await;
    assert_eq!((answer.status, &answer.json()["code"]), (409, &json!("expect_failed")));
    let difference = &answer.json()["difference"]["rows"];
    assert_eq!(difference["missing"], json!([{ "k": "3" }]));
    assert_eq!(difference["unexpected"][0]["k"], "2");
    let told = &difference["differing"];
    assert_eq!(told, &json!([{ "key": "1", "fields": { "n": { "expected": "2", "actual": "1.10" } } }]));
    assert_eq!(answer.json()["detail"], "aaaa-2222: rows: 1 missing, 1 unexpected, 1 differing");
    let partial = json!({ "rows": [{ "k": 1, "n": 1.1 }, { "k": 2 }], "partial": true });
    assert_eq!(expect(&mock, partial).await.status, 200);
    let part = json!({ "rows": [{ "k": 2, "p": "POINT (1 2)" }], "where": "k > 1" });
    assert_eq!(expect(&mock, part).await.status, 200);
}

#[tokio::test]
async fn order_is_looked_at_only_when_asked_for() {
    let mock = readings().await;
    let rows = json!([{ "k": 2 }, { "k": 1 }]);
    let ask = |more: Value| {
        let mut whole = json!({ "rows": rows, "partial": true });
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    assert_eq!(expect(&mock, ask(json!({}))).await.status, 200);
    assert_eq!(expect(&mock, ask(json!({ "ordered": true }))).await.status, 409);
    assert_eq!(expect(&mock, ask(json!({ "ordered": true, "order": "k DESC" }))).await.status, 200);
}

#[tokio::test]
async fn counts_schema_and_versions_are_expected_too() {
    let mock = readings().await;
    let columns = json!(["k", "n", { "fieldName": "d", "dataTypeName": "calendar_date" }, "p"]);
    for (expectation, status) in [
        (json!({ "count": 2 }), 200),
        (json!({ "count": 3 }), 409),
        (json!({ "count": { "min": 1 }, "where": "n is not null" }), 200),
        (json!({ "count": 0, "where": "k > 5" }), 200),
        (json!({ "data_version": 1, "row_identifier": "k" }), 200),
        (json!({ "data_version": 7 }), 409),
        (json!({ "row_identifier": null }), 409),
        (json!({ "schema": columns }), 200),
        (json!({ "schema": ["k", "n", { "fieldName": "d", "dataTypeName": "text" }, "q"] }), 409),
        (json!({}), 400),
        (json!({ "where": "k > 5" }), 400),
        (json!({ "count": 1, "where": "nope > 5" }), 400),
        (json!({ "cuont": 1 }), 400),
        (json!({ "rows": [{ "n": 1 }] }), 400),
        (json!({ "rows": [{ "k": 1, "nope": 1 }] }), 400),
        (json!({ "dataset": "zzzz-zzzz", "count": 1 }), 404),
        (json!({ "dataset": "readings", "count": 2 }), 200),
    ] {
        let answer = expect(&mock, expectation.clone()).await;
        assert_eq!(answer.status, status, "{expectation}: {}", answer.text());
    }
    let told =
        expect(&mock, json!({ "schema": ["k", "n", { "fieldName": "d", "dataTypeName": "text" }, "q"] }))
            .await
            .json();
    assert_eq!(
        told["difference"]["schema"],
        json!({
            "missing": ["q"],
            "unexpected": ["p"],
            "differing": { "d": { "expected": "text", "actual": "calendar_date" } },
            "says": "columns: 1 missing, 1 unexpected, 1 of another type",
        })
    );
}

#[tokio::test]
async fn what_changed_since_a_snapshot_is_told() {
    let mock = readings().await;
    mock.call("PUT", "/__mock/v1/snapshots/before", &[], "").await;
    let since = json!({ "unchanged_since": "before" });
    assert_eq!(expect(&mock, since.clone()).await.status, 200);
    // The same content again: versions rise, the data is the same.
    mock.write(
        "PUT",
        "/resource/aaaa-2222",
        &json!([{ "k": 2, "p": "POINT (1 2)" }, { "k": 1, "n": "1.10", "d": "2024-05-06" }]),
    )
    .await;
    assert_eq!(expect(&mock, since.clone()).await.status, 200);
    mock.write("POST", "/resource/aaaa-2222", &json!([{ "k": 2, "n": 9 }, { "k": 3 }])).await;
    let answer = expect(&mock, since).await;
    let told = &answer.json()["difference"]["unchanged_since"];
    assert_eq!(told["counts"], json!({ "missing": 0, "unexpected": 1, "differing": 1 }));
    assert_eq!(told["differing"][0]["fields"], json!({ "n": { "expected": null, "actual": "9" } }));
    assert_eq!(expect(&mock, json!({ "unchanged_since": "nope" })).await.status, 404);
}
