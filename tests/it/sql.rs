//! `POST /sql` through the router.

use crate::support::{Answer, Mock, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;

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

/// The view of a dataset's name is made where the name is free; a table, an index or another view keeps what it has.
#[tokio::test]
async fn a_dataset_named_like_something_that_is_there_has_only_the_view_of_its_id() {
    let mock = mock().await;
    let taken = ["Datasets", "D1", "d1_key", "D99_KEY", "sqlite_stat1", "pragma_table_info", "4tka-6guv"];
    let free = ["d1_keys", "dx_key", "Zonal Works", "d_key"];
    for (number, name) in taken.iter().chain(&free).enumerate() {
        let id = format!("name-{:04}", 2222 + number);
        let columns = json!([{ "fieldName": "k", "dataTypeName": "text" }]);
        mock.dataset(&id, &json!({ "name": name, "columns": columns, "rows": [{ "k": name }] })).await;
        let by_id = ask(&mock, json!({ "sql": format!("SELECT k FROM \"{id}\"") })).await;
        assert_eq!(by_id.json()["rows"], json!([[name]]), "{name}");
        let by_name = ask(&mock, json!({ "sql": format!("SELECT k FROM \"{name}\"") })).await;
        let shown = by_name.status == 200 && by_name.json()["rows"] == json!([[name]]);
        assert_eq!(shown, free.contains(name), "{name}: {}", by_name.text());
    }
}

#[tokio::test]
async fn a_row_that_is_too_large_is_refused_by_its_code() {
    let mock = mock().await;
    for sql in ["SELECT zeroblob(20000000)", "SELECT zeroblob(7000000), zeroblob(7000000)"] {
        let answer = ask(&mock, json!({ "sql": sql })).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("sql_too_large")), "{sql}");
    }
}

/// Far more than waits in memory for a client.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 3000) SELECT i, hex(zeroblob(500)) FROM n";

#[tokio::test]
async fn a_long_answer_waits_in_a_file_and_comes_whole() {
    let mock = mock().await;
    let body = json!({ "sql": MANY, "limit": 3000 }).to_string();
    let request = http::Request::post("/__mock/v1/sql").body(axum::body::Body::from(body)).unwrap();
    let answer = mock.raw(request).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let spilled =
        mock.get("/__mock/v1/info").await.json()["memory"]["shares"]["spilled"]["used"].as_u64().unwrap();
    assert!(spilled > 2_000_000, "{spilled}");
    let text = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    let rows = serde_json::from_slice::<Value>(&text).unwrap()["rows"].clone();
    let last = rows.as_array().and_then(|rows| rows.last()).unwrap();
    assert_eq!((rows.as_array().unwrap().len(), &last[0]), (3000, &json!(3000)));
}

/// Data of the process has no views, which every connection would read whenever a dataset is made; files that
/// people open have them.
#[tokio::test]
async fn files_that_people_open_have_the_views_and_data_of_the_process_has_none() {
    const VIEWS: &str = "SELECT name FROM sqlite_schema WHERE type='view' ORDER BY name";
    let folder = tempfile::tempdir().unwrap();
    let dataset = json!({
        "name": "Twice", "columns": [{ "fieldName": "k", "dataTypeName": "text" }], "rows": [{ "k": "a" }],
    });
    for data in [None, Some(folder.path().join("views.db"))] {
        let is_file = data.is_some();
        let mock = mock_of(Setup { data, demo: false, ..Setup::default() }).await;
        for id in ["twic-0001", "twic-0002"] {
            mock.dataset(id, &dataset).await;
        }
        let views = async |mock: &Mock| ask(mock, json!({ "sql": VIEWS })).await.json()["rows"].clone();
        let all = json!([["Twice"], ["twic-0001"], ["twic-0002"]]);
        let stored = if is_file { all.clone() } else { json!([]) };
        assert_eq!(views(&mock).await, stored);
        let named = ask(&mock, json!({ "sql": "SELECT k FROM twice JOIN \"TWIC-0002\" USING (k)" })).await;
        assert_eq!(named.json()["rows"], json!([["a"]]), "{}", named.text());
        // What is handed out has them, also behind changes and a restore.
        mock.call("PUT", "/__mock/v1/snapshots/kept", &[], "").await;
        assert_eq!(mock.write("DELETE", "/api/views/twic-0001", &Value::Null).await.status, 200);
        let restored = mock.call("POST", "/__mock/v1/snapshots/kept/restore", &[], "").await;
        assert_eq!(restored.status, 200, "{}", restored.text());
        assert_eq!(views(&mock).await, stored);
        for name in ["kept", "current"] {
            let file = mock.get(&format!("/__mock/v1/snapshots/{name}/file")).await.body;
            let path = folder.path().join("handed_out.db");
            std::fs::write(&path, file).unwrap();
            let connection = rusqlite::Connection::open(&path).unwrap();
            let count = "SELECT (SELECT count(*) FROM sqlite_schema WHERE type='view') * 100
                + (SELECT count(*) FROM Twice) * 10 + (SELECT count(*) FROM \"twic-0002\")";
            assert_eq!(connection.query_row(count, [], |row| row.get(0)), Ok(311), "{name}");
        }
        let unknown = ask(&mock, json!({ "sql": "SELECT * FROM nowhere" })).await.text();
        assert!(unknown.contains("twic-0001") && unknown.contains("Twice"), "{unknown}");
    }
}
