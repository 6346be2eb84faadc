//! `/api/views` as publishing scripts see it.

use crate::support::{Mock, PUBLISHER, VIEWER, mock};
use axum::body::Body;
use serde_json::{Value, json};

async fn as_publisher(mock: &Mock, path: &str) -> Value {
    mock.call("GET", path, &[("authorization", PUBLISHER)], Body::empty()).await.json()
}

async fn new_view(mock: &Mock) -> (String, Value) {
    let view = json!({ "name": "Quakes", "columns": [{ "fieldName": "k", "name": "K", "dataTypeName": "text" }],
                       "metadata": { "rowIdentifier": "k" } });
    let view = mock.write("POST", "/api/views.json", &view).await.json();
    (view["id"].as_str().unwrap().to_owned(), view)
}

/// Recorded, and exsoda's suite insists on it.
#[tokio::test]
async fn a_fresh_view_has_no_grants_until_it_is_public() {
    let mock = mock().await;
    let (id, view) = new_view(&mock).await;
    assert!(view.get("grants").is_none(), "{view}");
    mock.write("PUT", &format!("/api/views/{id}?method=setPermission&value=public.read"), &Value::Null).await;
    assert_eq!(
        as_publisher(&mock, &format!("/api/views/{id}.json")).await["grants"][0]["flags"][0],
        "public"
    );
}

#[tokio::test]
async fn metadata_and_replication_tell_of_the_last_write() {
    let mock = mock().await;
    let (id, view) = new_view(&mock).await;
    mock.call("POST", "/__mock/v1/clock/advance", &[], json!({ "seconds": 60 }).to_string()).await;
    let answer = mock.write("POST", &format!("/resource/{id}.json"), &json!([{ "k": "a" }])).await;
    let after = as_publisher(&mock, &format!("/api/views/{id}.json")).await;
    let seconds = |view: &Value| view["rowsUpdatedAt"].as_i64().unwrap();
    assert_eq!(seconds(&after) - seconds(&view), 60);
    let replication = as_publisher(&mock, &format!("/api/views/{id}/replication.json")).await;
    assert_eq!(replication["truthVersion"].to_string(), answer.header("x-soda2-truth-version"));
    assert_eq!(replication["read_replication_up_to_date"], true);
}

/// Ours: a version that a reader has seen is never used again for other rows.
#[tokio::test]
async fn publishing_a_copy_raises_the_version_of_the_original() {
    let mock = mock().await;
    let (id, _) = new_view(&mock).await;
    mock.write("POST", &format!("/api/views/{id}/publication.json"), &Value::Null).await;
    for _ in 0..3 {
        mock.write("POST", &format!("/resource/{id}.json"), &json!([{ "k": "a" }])).await;
    }
    let copy = format!("/api/views/{id}/publication.json?method=copy");
    let copy = mock.write("POST", &copy, &Value::Null).await.json()["id"].as_str().unwrap().to_owned();
    mock.write("POST", &format!("/api/views/{copy}/publication.json"), &Value::Null).await;
    let replication = as_publisher(&mock, &format!("/api/views/{id}/replication.json")).await;
    assert_eq!(replication["truthVersion"], 4);
}

/// Ours in its details: the download form that portals have offered for years.
#[tokio::test]
async fn rows_json_is_arrays_behind_the_view() {
    let mock = mock().await;
    let columns: Vec<Value> =
        ["text", "number", "calendar_date", "date", "checkbox", "url", "location", "point"]
            .iter()
            .map(|t| json!({ "fieldName": t, "name": t, "dataTypeName": t }))
            .collect();
    let rows = json!([
        { "text": "a", "number": "1.50", "calendar_date": "2014-10-13", "date": "1970-01-02", "checkbox": true,
          "url": { "url": "http://a" }, "location": { "latitude": "1", "longitude": "2" },
          "point": { "type": "Point", "coordinates": [2.5, 1] } },
        { "text": "b" },
    ]);
    mock.dataset("rows-2222", &json!({ "name": "R", "columns": columns, "rows": rows })).await;
    let answer = mock.get("/api/views/rows-2222/rows.json?accessType=DOWNLOAD").await;
    assert_eq!(answer.status, 200);
    let answer = answer.json();
    let names = answer["meta"]["view"]["columns"].as_array().unwrap();
    assert_eq!(
        (names.len(), &names[0]["fieldName"], &names[8]["name"]),
        (16, &json!(":sid"), &json!("text"))
    );
    let first = answer["data"][0].as_array().unwrap();
    assert!(first[0].as_str().unwrap().starts_with("row-"));
    assert_eq!((&first[3], &first[7]), (&json!(1_700_000_000), &json!("{ }")));
    assert_eq!(
        Value::from(&first[8..]),
        json!([
            "a",
            "1.50",
            "2014-10-13T00:00:00",
            86400,
            true,
            ["http://a", null],
            [null, "1", "2", null, false],
            "POINT (2.5 1)"
        ])
    );
    assert_eq!(answer["data"][1][9], Value::Null);
}

/// Decided: only PUT sets permissions; whatever else would come from a form or a prefetch.
#[tokio::test]
async fn permissions_are_set_by_put_alone() {
    let mock = mock().await;
    let private = "/api/views/4tka-6guv.json?method=setPermission&value=private";
    for method in ["GET", "HEAD", "POST", "PATCH", "DELETE"] {
        let answer = mock.call(method, private, &[("authorization", PUBLISHER)], "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, "PUT"), "{method}");
    }
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.status, 200);
    let set = mock.call("PUT", private, &[("authorization", PUBLISHER)], "").await;
    assert_eq!((set.status, set.body.len()), (200, 0));
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.status, 403);
}

/// The order of checks: credentials, dataset, rights, then the method.
#[tokio::test]
async fn a_wrong_method_is_told_after_credentials_dataset_and_rights() {
    let mock = mock().await;
    let bad = "Basic bm86Ym9keQ==";
    for path in [
        "/api/views/{}?method=setPermission&value=private",
        "/api/views/{}/columns.json",
        "/api/views/{}/columns/region",
        "/api/views/{}/publication.json",
        "/api/views/{}/replication.json",
        "/api/views/{}/rows.json",
    ] {
        let there = path.replace("{}", "4tka-6guv");
        let gone = path.replace("{}", "zzzz-zzzz");
        let method = if path.ends_with("columns.json") { "PUT" } else { "POST" };
        let method = if path.ends_with("publication.json") { "DELETE" } else { method };
        let status = async |path: &str, login: &str| {
            mock.call(method, path, &[("authorization", login)], "").await.status
        };
        assert_eq!(status(&there, bad).await, 403, "{there}");
        assert_eq!(status(&gone, PUBLISHER).await, 404, "{gone}");
        assert_eq!(status(&there, VIEWER).await, 403, "{there}");
        assert_eq!(mock.call(method, &there, &[], "").await.status, 403, "{there}");
        assert_eq!(status(&there, PUBLISHER).await, 405, "{there}");
    }
}
