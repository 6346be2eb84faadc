//! SODA 3 reads.

use super::path;
use super::sample::{ID, sample};
use crate::support::{Answer, Mock};
use serde_json::{Value, json};

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

const LONG: &str = "many-0001";

/// A thousand and more rows, of which `b` has two values.
async fn many() -> Mock {
    let mock = sample().await;
    let rows: Vec<_> = (0..1200).map(|i| json!({ "a": 1199 - i, "b": i % 2 })).collect();
    let columns: Vec<_> = ["a", "b"]
        .iter()
        .map(|name| json!({ "fieldName": name, "name": name, "dataTypeName": "number" }))
        .collect();
    mock.dataset(LONG, &json!({ "name": "Many", "columns": columns, "rows": rows })).await;
    mock
}

async fn post(mock: &Mock, rest: &str, body: Value) -> Answer {
    let url = format!("/api/v3/views/{LONG}/{rest}");
    mock.call("POST", &url, &[("content-type", "application/json")], body.to_string()).await
}

#[tokio::test]
async fn a_timeout_stops_a_query() {
    let mock = many().await;
    let endless = "select count(*) as c join @many-0001 as b on @b.a >= 0 join @many-0001 as c on @c.a >= 0 join @many-0001 as d on @d.a >= 0";
    let answer = post(&mock, "query.json", json!({ "query": endless, "timeout": 0.05 })).await;
    assert_eq!((answer.status, answer.json()["errorCode"].as_str()), (408, Some("request-timeout")));
    let answer = post(&mock, "query.json", json!({ "query": "select count(*)", "timeout": 600 })).await;
    assert_eq!(answer.text(), "[\n{\"count\":\"1200\"}\n]\n");
    let parameter = mock.get(&path(&format!("/api/v3/views/{LONG}/query.json"), &[("timeout", "-1")])).await;
    assert_eq!(parameter.status, 400);
}

/// What `a` is, in the order of the answer.
fn shown(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json();
    let texts: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["a"].as_str().unwrap()).collect();
    texts.join(" ")
}

#[tokio::test]
async fn an_order_is_completed_or_discarded() {
    let mock = many().await;
    for (query, specifier, expected) in [
        // `:id` decides between rows with the same `b`.
        ("select a order by b desc", "total", "1190 1188"),
        ("select a order by b desc", "no_preserve", "1190 1188"),
        ("select a order by a", "discard", "1195 1194"),
        ("select a order by a", "total", "4 5"),
        ("select max(a) as a, b group by b", "total", ""),
        ("select distinct a", "total", "4 5"),
        ("select a |> select a", "total", "4 5"),
        ("select a where a < 6 union select a where a > 3", "total", "4 5"),
    ] {
        let page = json!({ "pageNumber": 3, "pageSize": 2 });
        let body = json!({ "query": query, "orderingSpecifier": specifier, "page": page });
        assert_eq!(shown(&post(&mock, "query.json", body).await), expected, "{query} {specifier}");
    }
    let groups = json!({ "query": "select max(a) as a, b group by b", "orderingSpecifier": "total" });
    assert_eq!(shown(&post(&mock, "query.json", groups).await), "1199 1198");
    let unknown = json!({ "orderingSpecifier": "random" });
    assert_eq!(post(&mock, "query.json", unknown).await.status, 400);
}

#[tokio::test]
async fn system_columns_come_when_asked_for() {
    let mock = many().await;
    let fields = async |query: &str, options: Value| {
        let mut body = json!({ "query": query });
        body.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let answer = post(&mock, "query.json", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.header("x-soda2-fields").to_owned()
    };
    let system = r#"[":id",":version",":created_at",":updated_at","a","b"]"#;
    let wanted = json!({ "includeSystem": true });
    assert_eq!(fields("select *", wanted.clone()).await, system);
    assert_eq!(fields("select *", json!({})).await, r#"["a","b"]"#);
    assert_eq!(
        fields("select :id, a", wanted.clone()).await,
        r#"[":version",":created_at",":updated_at",":id","a"]"#
    );
    assert_eq!(fields("select b, count(*) group by b", wanted.clone()).await, r#"["b","count"]"#);
    let synthetic = json!({ "includeSystem": true, "includeSynthetic": false });
    assert_eq!(fields("select *", synthetic).await, r#"["a","b"]"#);
    assert_eq!(post(&mock, "export.json", wanted).await.status, 400);
}

#[tokio::test]
async fn csv_is_written_as_its_options_say() {
    let mock = many().await;
    let body = |options: Value| json!({ "query": "select a, b limit 1", "serializationOptions": options });
    let answer = post(&mock, "export.csv", body(json!({ "separator": "\t", "bom": true }))).await;
    assert_eq!(answer.text(), "\u{FEFF}\"a\"\t\"b\"\n\"1199\"\t\"0\"\n");
    let plain = post(&mock, "export.csv", body(json!({}))).await;
    assert_eq!(plain.text(), "\"a\",\"b\"\n\"1199\",\"0\"\n");
    assert_ne!(answer.header("etag"), plain.header("etag"));
    for (rest, options, status) in [
        ("export.csv", json!({ "separator": "ab" }), 400),
        ("export.csv", json!({ "quote": "'" }), 400),
        ("export.json", json!({ "bom": true }), 400),
        ("export.xml", json!({ "preciseTimestamps": true }), 501),
        ("query.csv", json!({ "bom": true }), 400),
    ] {
        assert_eq!(post(&mock, rest, body(options)).await.status, status, "{rest}");
    }
}
