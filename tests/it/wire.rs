//! Parameters, headers and set-up routes of the wire: one test for each row of the coverage matrix that
//! no other test shows.

use crate::support::{Answer, Mock, PUBLISHER, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use std::io::Write as _;

const ID: &str = "aaaa-2222";

async fn with_rows(rows: Value) -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Readings",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "Key", "dataTypeName": "text" },
            { "fieldName": "n", "name": "N", "dataTypeName": "number" },
            { "fieldName": "p", "name": "P", "dataTypeName": "point" },
        ],
        "rows": rows,
    });
    mock.dataset(ID, &definition).await;
    mock
}

async fn upsert(mock: &Mock, query: &str, body: Value) -> Answer {
    mock.write("POST", &format!("/resource/{ID}.json{query}"), &body).await
}

async fn stored(mock: &Mock) -> Value {
    mock.get(&format!("/resource/{ID}.json?$order=k")).await.json()
}

async fn as_publisher(mock: &Mock, method: &str, path: &str) -> Answer {
    mock.call(method, path, &[("authorization", PUBLISHER)], "").await
}

/// Source: `DELETE` on a dataset is 405; two published clients send it.
#[tokio::test]
async fn a_dataset_is_emptied_by_delete_unless_strict() {
    let mock = with_rows(json!([{ "k": "a" }, { "k": "b" }])).await;
    let emptied = as_publisher(&mock, "DELETE", &format!("/resource/{ID}.json")).await;
    assert_eq!(emptied.json()["Rows Deleted"], 2);
    assert_eq!(stored(&mock).await, json!([]));
    let options = Options { strict: true, ..Options::default() };
    let strict = mock_of(Setup { options, ..Setup::default() }).await;
    let before = strict.get("/resource/4tka-6guv.json").await.text();
    let refused = as_publisher(&strict, "DELETE", "/resource/4tka-6guv").await;
    assert_eq!((refused.status, refused.header("allow")), (405, "GET,HEAD,POST,PUT"));
    assert_eq!(strict.get("/resource/4tka-6guv.json").await.text(), before);
}

#[tokio::test]
async fn a_single_object_is_answered_with_the_row() {
    let mock = with_rows(json!([])).await;
    let row = upsert(&mock, "", json!({ "k": "a", "n": "1.50" })).await.json();
    assert_eq!((&row["k"], &row["n"]), (&json!("a"), &json!("1.50")));
    assert!(row[":id"].as_str().unwrap().starts_with("row-"));
}

#[tokio::test]
async fn bodies_may_be_geojson_forms_or_compressed() {
    let mock = with_rows(json!([])).await;
    let path = format!("/resource/{ID}");
    let feature = json!({ "type": "Feature", "properties": { "k": "g" }, "geometry": { "type": "Point", "coordinates": [1, 2] } });
    let features = json!({ "type": "FeatureCollection", "features": [feature] }).to_string().into_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"[{\"k\":\"z\"}]").unwrap();
    let zipped = gzip.finish().unwrap();
    for (kind, encoding, body, status) in [
        ("application/vnd.geo+json", "", features, 200),
        ("application/x-www-form-urlencoded", "", b"k=f&n=3".to_vec(), 200),
        ("application/json", "gzip", zipped.clone(), 200),
        ("application/json", "", zipped, 200),
        ("application/pdf", "", b"[]".to_vec(), 415),
    ] {
        let mut headers = vec![("authorization", PUBLISHER), ("content-type", kind)];
        if !encoding.is_empty() {
            headers.push(("content-encoding", encoding));
        }
        let answer = mock.call("POST", &path, &headers, body).await;
        assert_eq!(answer.status, status, "{kind} {encoding}: {}", answer.text());
    }
    let point = json!({ "type": "Point", "coordinates": [1.0, 2.0] });
    let rows = json!([{ "k": "f", "n": "3" }, { "k": "g", "p": point }, { "k": "z" }]);
    assert_eq!(stored(&mock).await, rows);
}

#[tokio::test]
async fn row_errors_are_fatal_when_asked_to_be() {
    let mock = with_rows(json!([])).await;
    let body = json!([{ "k": "a" }, { "k": "none", ":deleted": true }]);
    assert_eq!(upsert(&mock, "?errorsAreFatal=true", body.clone()).await.status, 404);
    assert_eq!(stored(&mock).await, json!([]));
    let one = "?nonFatalRowErrors[]=no_such_row_to_delete";
    assert_eq!(upsert(&mock, one, body.clone()).await.json()["Errors"], 1);
    assert_eq!(stored(&mock).await, json!([{ "k": "a" }]));
    assert_eq!(upsert(&mock, "?nonFatalRowErrors[]=no_primary_key", body.clone()).await.status, 404);
    assert_eq!(upsert(&mock, "?nonFatalRowErrors[]=nonsense", body).await.status, 400);
}

#[tokio::test]
async fn an_update_clears_what_is_not_sent_when_asked_to() {
    let mock = with_rows(json!([{ "k": "a", "n": 1 }, { "k": "b", "n": 2 }])).await;
    upsert(&mock, "?mergeInsteadOfReplace=false", json!([{ "k": "a" }])).await;
    assert_eq!(stored(&mock).await, json!([{ "k": "a" }, { "k": "b", "n": "2" }]));
    upsert(&mock, "?truncate=true", json!([{ "k": "c" }])).await;
    assert_eq!(stored(&mock).await, json!([{ "k": "c" }]));
}

#[tokio::test]
async fn a_write_against_another_version_is_refused() {
    let mock = with_rows(json!([])).await;
    let version: i64 = upsert(&mock, "", json!([])).await.header("x-soda2-truth-version").parse().unwrap();
    let refused = upsert(&mock, &format!("?expectedDataVersion={}", version - 1), json!([])).await;
    assert_eq!(
        (refused.status, &refused.json()["errorCode"]),
        (409, &json!("soda.row.dataset-version-mismatch"))
    );
    let text = version.to_string();
    let headers = [
        ("authorization", PUBLISHER),
        ("x-soda2-truth-version", &text),
        ("content-type", "application/json"),
    ];
    let path = format!("/resource/{ID}");
    assert_eq!(mock.call("POST", &path, &headers, "[]").await.status, 200);
    assert_eq!(mock.call("POST", &path, &headers, "[]").await.status, 409);
}

#[tokio::test]
async fn the_answer_to_an_upload_has_three_forms() {
    let mock = with_rows(json!([])).await;
    let body = json!([{ "k": "a" }, { "k": "none", ":deleted": true }]);
    assert_eq!(upsert(&mock, "", body.clone()).await.json()["Errors"], 1);
    let second = upsert(&mock, "?$$version=2.0", body.clone()).await.json();
    let error = json!({ "error": "no_such_row_to_delete", "input_index": 1, "primary_key": "none" });
    assert_eq!((&second["rows_updated"], &second["errors"]), (&json!(1), &json!([error])));
    let headers =
        [("authorization", PUBLISHER), ("content-type", "application/json"), ("x-mock-report", "rows")];
    let rows = mock.call("POST", &format!("/resource/{ID}"), &headers, body.to_string()).await.json();
    assert_eq!((&rows[0]["typ"], &rows[0]["id"]), (&json!("update"), &json!("a")));
    assert_eq!(rows[1], json!({ "typ": "error", "err": "no_such_row_to_delete", "id": "none" }));
}

#[tokio::test]
async fn a_row_version_is_an_optimistic_lock() {
    let mock = with_rows(json!([{ "k": "a", "n": 1 }])).await;
    let row = mock.get(&format!("/resource/{ID}/a?$select=:version")).await.json();
    let locked = json!([{ "k": "a", "n": 2, ":version": row[":version"] }]);
    assert_eq!(upsert(&mock, "", locked.clone()).await.json()["Rows Updated"], 1);
    let second = upsert(&mock, "", locked).await.json();
    assert_eq!((&second["Errors"], &second["Rows Updated"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn rows_are_read_in_four_formats() {
    let mock =
        with_rows(json!([{ "k": "a", "n": 1, "p": { "type": "Point", "coordinates": [1, 2] } }])).await;
    let read = async |extension: &str| mock.get(&format!("/resource/{ID}.{extension}?$select=k,n,p")).await;
    assert!(read("csv").await.text().starts_with("\"k\",\"n\",\"p\"\n\"a\",\"1\",\"POINT (1 2)\""));
    assert!(read("tsv").await.text().starts_with("\"k\"\t\"n\"\t\"p\"\n"));
    assert_eq!(read("geojson").await.json()["features"][0]["geometry"]["coordinates"], json!([1.0, 2.0]));
    for extension in ["rdf"] {
        let answer = read(extension).await;
        assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("not_emulated")), "{extension}");
    }
}

#[tokio::test]
async fn clauses_filter_group_and_order() {
    let mock = with_rows(json!([{ "k": "a", "n": 1 }, { "k": "b", "n": 2 }, { "k": "c d", "n": 2 }])).await;
    let query = async |query: &str| mock.get(&format!("/resource/{ID}.json?{query}")).await.json();
    let grouped = "$select=n,count(*)&$where=n%3E0&$group=n&$having=count(*)%3E1&$order=n&$limit=5&$offset=0";
    assert_eq!(query(grouped).await, json!([{ "n": "2", "count": "2" }]));
    assert_eq!(query("n=1&$select=k").await, json!([{ "k": "a" }]));
    assert_eq!(query("$q=d&$select=k").await, json!([{ "k": "c d" }]));
    assert_eq!(query("$query=SELECT%20k%20LIMIT%201").await, json!([{ "k": "a" }]));
    assert!(query("$$exclude_system_fields=false&$limit=1").await[0][":id"].is_string());
}

#[tokio::test]
async fn metadata_is_read_changed_and_removed() {
    let mock = with_rows(json!([])).await;
    assert_eq!(mock.get(&format!("/api/views/{ID}.json")).await.json()["name"], "Readings");
    for (method, name) in [("PUT", "One"), ("PATCH", "Two")] {
        let path = format!("/api/views/{ID}.json");
        assert_eq!(mock.write(method, &path, &json!({ "name": name })).await.json()["name"], name);
        assert_eq!(mock.get(&format!("/views/{ID}")).await.json()["name"], name);
    }
    let all = mock.get("/api/views.json").await.json();
    assert!(all.as_array().unwrap().iter().any(|view| view["id"] == ID));
}

#[tokio::test]
async fn columns_are_read_changed_and_removed() {
    let mock = with_rows(json!([{ "k": "a", "n": 1 }])).await;
    let columns = as_publisher(&mock, "GET", &format!("/api/views/{ID}/columns.json")).await.json();
    let n = columns.as_array().unwrap().iter().find(|c| c["fieldName"] == "n").unwrap();
    let path = format!("/api/views/{ID}/columns/{}", n["id"]);
    assert_eq!(as_publisher(&mock, "GET", &path).await.json()["name"], "N");
    for (method, name) in [("PUT", "Amount"), ("PATCH", "Number")] {
        assert_eq!(mock.write(method, &path, &json!({ "name": name })).await.json()["name"], name);
    }
    assert_eq!(as_publisher(&mock, "DELETE", &path).await.status, 200);
    assert_eq!(stored(&mock).await, json!([{ "k": "a" }]));
}

#[tokio::test]
async fn set_up_scripts_find_what_they_ask_for() {
    let mock = with_rows(json!([{ "k": "a" }])).await;
    assert_eq!(as_publisher(&mock, "GET", &format!("/api/views/{ID}/replication.json")).await.status, 200);
    assert_eq!(mock.get(&format!("/api/views/{ID}/rows.csv")).await.text().lines().count(), 2);
    let pending = mock.get(&format!("/api/geocoding/{ID}?method=pending")).await.json();
    assert_eq!(pending, json!({ "view": 0 }));
    let found = mock.get(&format!("/api/catalog/v1?ids={ID}")).await.json();
    assert_eq!(found["results"][0]["resource"]["id"], ID);
}
