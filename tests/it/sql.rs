//! `POST /sql` through the router.

use crate::support::{Answer, Mock, mock};
use serde_json::{Value, json};

async fn ask(mock: &Mock, request: Value) -> Answer {
    mock.call("POST", "/__mock/v1/sql", &[], request.to_string()).await
}

#[tokio::test]
async fn a_select_reads_tables_and_views() {
    let mock = mock().await;
    let rows = mock.get("/__mock/v1/datasets/4tka-6guv").await.json()["rows"].clone();
    let sql = "SELECT count(*) AS n, ?1 AS given FROM \"4tka-6guv\" JOIN datasets ON id = '4tka-6guv'";
    let answer = ask(&mock, json!({ "sql": sql, "params": ["x"] })).await;
    assert_eq!(
        answer.json(),
        json!({ "columns": ["n", "given"], "rows": [[rows, "x"]], "truncated": false })
    );
    let cut = ask(&mock, json!({ "sql": "SELECT * FROM \"4tka-6guv\"", "limit": 1 })).await.json();
    assert_eq!((cut["rows"].as_array().unwrap().len(), &cut["truncated"]), (1, &json!(true)));
}

#[tokio::test]
async fn a_write_by_sql_is_refused_and_changes_nothing() {
    let mock = mock().await;
    let before = mock.get("/resource/4tka-6guv").await.text();
    for sql in ["DELETE FROM d1", "PRAGMA query_only=OFF", "SELECT load_extension('x')"] {
        let answer = ask(&mock, json!({ "sql": sql })).await;
        assert_eq!(answer.status, 400, "{sql}: {}", answer.text());
    }
    assert_eq!(mock.get("/resource/4tka-6guv").await.text(), before);
    assert_eq!(ask(&mock, json!({ "sql": "DELETE FROM d1" })).await.json()["code"], "sql_not_allowed");
}
