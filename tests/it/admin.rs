//! The admin API's simple calls through the router.

use crate::support::{Mock, PUBLISHER, mock};
use serde_json::{Value, json};

async fn send(mock: &Mock, method: &str, path: &str, body: Value) -> Value {
    let answer = mock.call(method, &format!("/__mock/v1{path}"), &[], body.to_string()).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
    answer.json()
}

async fn refused(mock: &Mock, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = mock.call(method, &format!("/__mock/v1{path}"), &[], body.to_string()).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    (answer.status, answer.json()["code"].clone())
}

#[tokio::test]
async fn reset_gives_the_seed_back_and_empty_takes_it_away() {
    let mock = mock().await;
    let before = mock.get("/resource/4tka-6guv").await.text();
    mock.write("PUT", "/resource/4tka-6guv", &json!([{ "earthquake_id": "x" }])).await;
    send(&mock, "POST", "/reset", json!({})).await;
    assert_eq!(mock.get("/resource/4tka-6guv").await.text(), before);
    send(&mock, "POST", "/reset", json!({ "to": "empty" })).await;
    assert_eq!(mock.get("/__mock/v1/datasets").await.json(), json!([]));
    assert_eq!(refused(&mock, "POST", "/reset", json!({ "to": "nowhere" })).await, (404, json!("not_found")));
}

#[tokio::test]
async fn the_clock_is_frozen_moved_shifted_and_freed() {
    let mock = mock().await;
    let at = |now: &str| json!({ "mode": "frozen", "now": now });
    send(&mock, "PUT", "/clock", at("2025-01-31T12:00:00Z")).await;
    let moved = send(&mock, "POST", "/clock/advance", json!({ "by": "1h 30m" })).await;
    assert_eq!((&moved["mode"], &moved["now"]), (&json!("frozen"), &json!("2025-01-31T13:30:00Z")));
    mock.write("POST", "/resource/4tka-6guv", &json!([{ "earthquake_id": "x" }])).await;
    let rows = mock.get("/resource/4tka-6guv/x?$select=:created_at").await.json();
    assert_eq!(rows[":created_at"], "2025-01-31T13:30:00.000Z");
    let offset = send(&mock, "PUT", "/clock", json!({ "mode": "offset", "offset_ms": 5000 })).await;
    assert_eq!((&offset["mode"], &offset["offset_ms"]), (&json!("offset"), &json!(5000)));
    assert_eq!(send(&mock, "PUT", "/clock", json!({ "mode": "real" })).await["mode"], "real");
    assert_eq!(refused(&mock, "PUT", "/clock", at("yesterday")).await, (400, json!("bad_request")));
    assert_eq!(refused(&mock, "PUT", "/clock", json!({ "mode": "x" })).await, (400, json!("bad_request")));
}

#[tokio::test]
async fn the_same_seed_of_ids_gives_the_same_ids() {
    let mock = mock().await;
    let definition = json!({ "name": "D", "columns": [{ "name": "K", "dataTypeName": "text" }] });
    let mut made = Vec::new();
    for _ in 0..2 {
        send(&mock, "POST", "/reset", json!({ "to": "empty" })).await;
        assert_eq!(send(&mock, "PUT", "/ids", json!({ "seed": 7 })).await, json!({ "seed": 7 }));
        made.push(mock.write("POST", "/api/views", &definition).await.json()["id"].clone());
    }
    assert!(made[0].is_string());
    assert_eq!(made[0], made[1]);
}

#[tokio::test]
async fn limits_of_pools_are_set_and_told() {
    let mock = mock().await;
    let set = send(&mock, "PUT", "/throttle", json!({ "anonymous": "1/1h" })).await;
    assert_eq!(set, json!({ "anonymous": "1/1h", "token": "off" }));
    assert_eq!(mock.get("/__mock/v1/throttle").await.json(), set);
    assert_eq!(mock.get("/resource/4tka-6guv").await.status, 200);
    assert_eq!(mock.get("/resource/4tka-6guv").await.status, 429);
    send(&mock, "PUT", "/throttle", json!({ "anonymous": "off" })).await;
    assert_eq!(mock.get("/resource/4tka-6guv").await.status, 200);
    assert_eq!(
        refused(&mock, "PUT", "/throttle", json!({ "token": "often" })).await,
        (400, json!("bad_request"))
    );
}

#[tokio::test]
async fn accounts_are_made_used_changed_and_removed() {
    let mock = mock().await;
    let path = "/users/new@example.com";
    let login = [("authorization", "Basic bmV3QGV4YW1wbGUuY29tOnNlc2FtZQ==")];
    assert_eq!(mock.call("POST", "/resource/4tka-6guv", &login, "[]").await.status, 403);
    let made = send(&mock, "PUT", path, json!({ "password": "sesame" })).await;
    assert_eq!(made, json!({ "name": "new@example.com", "role": "publisher" }));
    assert_eq!(mock.call("POST", "/resource/4tka-6guv", &login, "[]").await.status, 200);
    send(&mock, "PUT", path, json!({ "password": "sesame", "role": "viewer" })).await;
    assert_eq!(mock.call("POST", "/resource/4tka-6guv", &login, "[]").await.status, 403);
    let all = mock.get("/__mock/v1/users").await;
    assert!(all.text().contains("new@example.com") && !all.text().contains("sesame"));
    send(&mock, "DELETE", path, json!({})).await;
    assert_eq!(mock.get(&format!("/__mock/v1{path}")).await.status, 404);
    assert_eq!(
        refused(&mock, "PUT", path, json!({ "password": "x", "role": "king" })).await,
        (400, json!("bad_request"))
    );
}

#[tokio::test]
async fn application_tokens_are_made_and_removed() {
    let mock = mock().await;
    let with = [("x-app-token", "mine")];
    assert_eq!(mock.call("GET", "/resource/4tka-6guv", &with, "").await.status, 403);
    send(&mock, "PUT", "/app-tokens/mine", json!({ "secret": "s" })).await;
    assert_eq!(mock.call("GET", "/resource/4tka-6guv", &with, "").await.status, 200);
    let told = mock.get("/__mock/v1/app-tokens/mine").await.json();
    assert_eq!(told, json!({ "token": "mine", "callback_prefix": "" }));
    send(&mock, "DELETE", "/app-tokens/mine", json!({})).await;
    assert_eq!(mock.call("GET", "/resource/4tka-6guv", &with, "").await.status, 403);
}

#[tokio::test]
async fn a_dataset_is_described_and_removed() {
    let mock = mock().await;
    let one = mock.get("/__mock/v1/datasets/earthquakes").await.json();
    assert_eq!((&one["id"], &one["row_identifier"]), (&json!("4tka-6guv"), &json!("earthquake_id")));
    let columns = one["columns"].as_array().unwrap();
    assert!(columns.iter().any(|c| c["fieldName"] == "earthquake_id" && c["dataTypeName"] == "text"));
    send(&mock, "DELETE", "/datasets/4tka-6guv", json!({})).await;
    let gone = mock.call("POST", "/resource/4tka-6guv", &[("authorization", PUBLISHER)], "[]").await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn stored_rows_are_paged_by_their_id() {
    let mock = mock().await;
    let all = mock.get("/__mock/v1/datasets/4tka-6guv/rows").await.json();
    let all = all.as_array().unwrap();
    let first = mock.get("/__mock/v1/datasets/4tka-6guv/rows?limit=2").await.json();
    assert_eq!(first.as_array().unwrap(), &all[..2]);
    let after = first[1][":id"].as_str().unwrap();
    let rest = mock.get(&format!("/__mock/v1/datasets/4tka-6guv/rows?after={after}")).await.json();
    assert_eq!(rest.as_array().unwrap(), &all[2..]);
    let lines = mock.get("/__mock/v1/datasets/4tka-6guv/rows?format=ndjson").await.text();
    assert_eq!(lines.lines().count(), all.len());
    let csv = mock.get("/__mock/v1/datasets/4tka-6guv/rows?format=csv").await.text();
    assert!(csv.starts_with("\":id\",\":version\","), "{csv}");
    assert_eq!(mock.get("/__mock/v1/datasets/4tka-6guv/rows?format=xls").await.status, 400);
}

#[tokio::test]
async fn several_datasets_are_made_at_once_or_not_at_all() {
    let mock = mock().await;
    let definition =
        json!({ "name": "D", "columns": [{ "fieldName": "d", "dataTypeName": "calendar_date" }] });
    let csv = |text: &str| json!({ "format": "csv", "text": text });
    let first = json!({ "id": "aaaa-2222", "definition": definition, "rows": csv("d\n02/03/2024\n") });
    let second = json!({ "id": "bbbb-3333", "definition": definition, "rows": csv("d\nsoon\n") });
    let both = json!({ "datasets": [first, second] });
    let answer = mock.call("POST", "/__mock/v1/datasets", &[], both.to_string()).await;
    assert_eq!(answer.status, 400);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("bbbb-3333: "), "{detail}");
    assert_eq!(mock.get("/resource/aaaa-2222").await.status, 404);
    let made = send(&mock, "POST", "/datasets", json!({ "datasets": [first] })).await;
    assert_eq!((&made[0]["id"], &made[0]["rows"]), (&json!("aaaa-2222"), &json!(1)));
    assert_eq!(mock.get("/resource/aaaa-2222").await.json(), json!([{ "d": "2024-02-03T00:00:00.000" }]));
}
