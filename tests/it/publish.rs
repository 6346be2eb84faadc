//! The three write methods through the router.

use crate::support::{PUBLISHER, VIEWER, mock};
use serde_json::json;

fn readings() -> serde_json::Value {
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

/// Documented: the example of the upsert page counts one each, and the same again counts an error.
#[tokio::test]
async fn upsert_counts_what_became_of_each_row() {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    let body = json!([{ "k": "a", "n": 5 }, { "k": "c", "n": 6 }, { "k": "b", ":deleted": true }]);
    let first = mock.write("POST", "/resource/aaaa-2222.json", &body).await;
    assert_eq!(first.status, 200);
    assert_eq!(
        first.json(),
        json!({ "Errors": 0, "Rows Created": 1, "Rows Updated": 1, "Rows Deleted": 1, "By RowIdentifier": 2, "By SID": 0 })
    );
    assert_eq!(first.header("x-soda2-truth-version"), "2");
    let again = mock.write("POST", "/resource/aaaa-2222.json", &body).await.json();
    assert_eq!((&again["Errors"], &again["Rows Updated"]), (&json!(1), &json!(2)));
    assert_eq!(
        mock.get("/resource/aaaa-2222.json").await.json(),
        json!([{ "k": "a", "n": "5" }, { "k": "c", "n": "6" }])
    );
}

#[tokio::test]
async fn replace_empties_and_inserts() {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    let answer = mock.write("PUT", "/resource/aaaa-2222", &json!([{ "k": "z" }])).await;
    assert_eq!(answer.json()["Rows Created"], 1);
    assert_eq!(mock.get("/resource/aaaa-2222.json").await.text(), "[{\"k\":\"z\"}]\n");
}

#[tokio::test]
async fn a_request_error_stores_nothing_and_uses_no_ids_up() {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    let before = mock.get("/__mock/v1/datasets/aaaa-2222/rows").await.text();
    for (body, code) in [
        (json!([{ "k": "x", "n": 1 }, { "k": "y", "nope": 1 }]), "invalid_request"),
        (json!([{ "k": "x", "n": 1 }, { "k": "y", "n": "many" }]), "soda.column.maltyped"),
        (json!([{ "k": "x" }, 5]), "soda.row.upsert-row-not-an-object"),
        (json!([{ "k": "x" }, { ":deleted": true }]), "soda.row.delete-without-primary-key"),
    ] {
        let answer = mock.write("POST", "/resource/aaaa-2222.json", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let error = answer.json();
        let told = error.get("code").or(error.get("errorCode"));
        assert_eq!(told, Some(&json!(code)), "{body}");
    }
    assert_eq!(mock.get("/__mock/v1/datasets/aaaa-2222/rows").await.text(), before);
}

#[tokio::test]
async fn one_row_is_read_changed_and_deleted_by_its_key() {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    let path = "/resource/aaaa-2222/a.json";
    assert_eq!(mock.get(path).await.json(), json!({ "k": "a", "n": "1.10" }));
    let merged = mock.write("POST", path, &json!({ "d": "2024-05-06" })).await.json();
    assert_eq!((&merged["n"], &merged["d"]), (&json!("1.10"), &json!("2024-05-06T00:00:00.000")));
    let replaced = mock.write("PUT", path, &json!({ "n": 7 })).await.json();
    assert_eq!((&replaced["n"], replaced.get("d")), (&json!("7"), None));
    let deleted = mock.call("DELETE", path, &[("authorization", PUBLISHER)], "").await;
    assert_eq!(deleted.json(), json!([{ "typ": "delete", "id": "a" }]));
    assert_eq!(mock.get(path).await.status, 404);
}

/// Recorded: sodapy sends CSV to a path that ends in .json, with display names or field names.
#[tokio::test]
async fn csv_is_told_by_its_content_type() {
    let mock = mock().await;
    mock.dataset("aaaa-2222", &readings()).await;
    let headers = [("authorization", PUBLISHER), ("content-type", "text/csv")];
    let body = "The Key,n\n\"a\",\nq,\"3.5\"\n";
    let answer = mock.call("POST", "/resource/aaaa-2222.json", &headers, body).await;
    assert_eq!(answer.json()["Rows Created"], 1, "{}", answer.text());
    let rows = mock.get("/resource/aaaa-2222.json?$order=k").await.json();
    assert_eq!(rows, json!([{ "k": "a" }, { "k": "b", "n": "2" }, { "k": "q", "n": "3.5" }]));
}

#[tokio::test]
async fn who_may_not_write_is_told_why() {
    let mock = mock().await;
    let none = mock.call("POST", "/resource/4tka-6guv", &[], "[]").await;
    assert_eq!((none.status, &none.json()["code"]), (403, &json!("authentication_required")));
    let viewer = mock.call("POST", "/resource/4tka-6guv", &[("authorization", VIEWER)], "[]").await;
    assert_eq!((viewer.status, &viewer.json()["code"]), (403, &json!("permission_denied")));
    let token = mock.call("GET", "/resource/4tka-6guv", &[("x-app-token", "nobodys")], "").await;
    assert_eq!((token.status, &token.json()["message"]), (403, &json!("Invalid app_token specified")));
    let missing = mock.call("POST", "/resource/zzzz-zzzz", &[("authorization", PUBLISHER)], "[]").await;
    assert_eq!((missing.status, &missing.json()["code"]), (404, &json!("dataset.missing")));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_clients_own_is_kept() {
    let mock = mock().await;
    for path in ["/resource/4tka-6guv", "/nowhere", "/__mock/v1/live"] {
        assert_eq!(mock.get(path).await.header("x-socrata-requestid").len(), 32, "{path}");
    }
    let own = mock.call("GET", "/resource/4tka-6guv", &[("x-socrata-requestid", "mine")], "").await;
    assert_eq!(own.header("x-socrata-requestid"), "mine");
}

#[tokio::test]
async fn an_unchanged_dataset_is_not_sent_twice() {
    let mock = mock().await;
    let tag = mock.get("/resource/4tka-6guv").await.header("etag").to_owned();
    let again = mock.call("GET", "/resource/4tka-6guv", &[("if-none-match", tag.as_str())], "").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    mock.write("POST", "/resource/4tka-6guv", &json!([])).await;
    let changed = mock.call("GET", "/resource/4tka-6guv", &[("if-none-match", tag.as_str())], "").await;
    assert_eq!(changed.status, 200);
}
