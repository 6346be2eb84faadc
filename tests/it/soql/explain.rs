//! What a query means, told to a person.

use super::path;
use super::sample::{ID, sample};
use serde_json::json;

#[tokio::test]
async fn a_query_is_told_with_its_sql_and_plan() {
    let mock = sample().await;
    let url = path(
        &format!("/__mock/v1/datasets/{ID}/explain"),
        &[("$where", "k = '1'"), ("$select", "n+1, k as key")],
    );
    let told = mock.get(&url).await.json();
    assert_eq!(told["composed"], "select n+1, k as key where k = '1'");
    assert_eq!(told["soql"], "SELECT `n` + 1, `k` AS `key` WHERE `k` = '1'");
    assert_eq!(told["columns"], json!([{"name": "n_1", "type": "number"}, {"name": "key", "type": "text"}]));
    assert_eq!(told["parameters"], json!(["1", "1"]));
    assert!(told["sql"].as_str().unwrap().contains("soql_add(t0."));
    // A filter on the row identifier goes through its index.
    assert!(told["plan"][0].as_str().unwrap().contains("USING INDEX"), "{told}");
}

#[tokio::test]
async fn an_error_is_told_with_its_place() {
    let mock = sample().await;
    let explain = async |query: &str| {
        mock.get(&path(&format!("/__mock/v1/datasets/{ID}/explain"), &[("$query", query)])).await
    };
    let answer = explain("select k,\n nosuch").await;
    let told = answer.json();
    assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"));
    assert_eq!(told["errorCode"], "query.soql.no-such-column");
    assert_eq!((&told["row"], &told["column"], &told["line"]), (&json!(2), &json!(2), &json!(" nosuch")));
    let told = explain("select k where").await.json();
    assert_eq!((&told["errorCode"], &told["column"]), (&json!("query.compiler.malformed"), &json!(15)));
    assert_eq!(mock.get("/__mock/v1/datasets/zzzz-zzzz/explain").await.status, 404);
}
