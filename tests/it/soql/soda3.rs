//! SODA 3 reads.

use super::path;
use super::sample::{ID, sample};
use serde_json::json;

#[tokio::test]
async fn queries_are_answered_as_recorded() {
    let mock = sample().await;
    let url = format!("/api/v3/views/{ID}/query.json");
    let body = json!({ "query": "select k, n where n > 4 order by k", "page": { "pageNumber": 1, "pageSize": 10 }, "includeSynthetic": false });
    let answer = mock.call("POST", &url, &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.text(), "[\n{\"k\":\"1\",\"n\":\"5.50\"},\n{\"k\":\"3\",\"n\":\"12\"}\n]\n");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("x-soda2-data-out-of-date"), "[]");
    assert!(answer.header("etag").starts_with("W/\"") && answer.header("x-soda2-fields") == r#"["k","n"]"#);
    // The page behind the last is empty, which ends the paging.
    let next = path(
        &url,
        &[("query", "select k"), ("pageNumber", "2"), ("pageSize", "4"), ("app_token", "demo-app-token")],
    );
    assert_eq!(mock.get(&next).await.text(), "[\n]\n");
    let located = mock.get(&path(&url, &[("query", "select loc where k = '1'")])).await.json();
    assert_eq!(
        (&located[0]["loc"]["latitude"], &located[0]["loc"]["longitude"]),
        (&json!(47.61), &json!(-122.33))
    );
    for (body, status) in [
        (json!({ "query": "select nosuch" }), 400),
        (json!({ "querry": "select k" }), 400),
        (json!({ "query": "select k", "parameters": { "a": 1 } }), 501),
        (json!([]), 400),
    ] {
        assert_eq!(mock.call("POST", &url, &[], body.to_string()).await.status, status, "{body}");
    }
    assert_eq!(mock.get(&format!("/api/v3/views/{ID}/rows")).await.status, 501);
    assert_eq!(mock.get("/api/v3/views/zzzz-zzzz/query.json").await.status, 404);
}

#[tokio::test]
async fn an_export_has_no_limit() {
    let mock = sample().await;
    let rows: Vec<_> = (0..1200).map(|i| json!({ "a": i })).collect();
    let columns = json!([{ "fieldName": "a", "name": "a", "dataTypeName": "number" }]);
    mock.dataset("many-0001", &json!({ "name": "Many", "columns": columns, "rows": rows })).await;
    assert_eq!(mock.get("/api/v3/views/many-0001/export.csv").await.text().lines().count(), 1201);
    assert_eq!(mock.get("/api/v3/views/many-0001/query.csv").await.text().lines().count(), 1001);
    let limited = path("/api/v3/views/many-0001/export.csv", &[("query", "select a limit 7")]);
    assert_eq!(mock.get(&limited).await.text().lines().count(), 8);
}
