//! The Data Management API through the router.

mod apply;
mod configs;
mod jobs;
mod model;
mod revisions;
mod schemas;
mod sources;

use crate::support::{Answer, Mock, PUBLISHER};
use axum::body::Body;
use serde_json::{Value, json};

pub const BASE: &str = "/api/publishing/v1";

/// Three columns and four rows.
pub const SIMPLE: &str = "a,b,c\n1,x,true\n2,y,false\n3,z,true\n4,,false\n";

/// A request of the publisher, which has to be answered with this status.
pub async fn asked(mock: &Mock, method: &str, path: &str, body: &Value, status: u16) -> Value {
    let answer = mock.write(method, path, body).await;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    answer.json()
}

/// A read of the publisher.
pub async fn seen(mock: &Mock, path: &str) -> Value {
    let answer = mock.call("GET", path, &[("authorization", PUBLISHER)], Body::empty()).await;
    assert!((200..300).contains(&answer.status), "GET {path}: {} {}", answer.status, answer.text());
    answer.json()
}

/// A revision that is refused: status and key.
pub async fn refused(mock: &Mock, method: &str, path: &str, body: &Value) -> (u16, String) {
    let answer = mock.write(method, path, body).await;
    let told = answer.json();
    assert_eq!(told["error"], true, "{method} {path}: {told}");
    assert!(told["params"].is_object() && told["message"].is_string(), "{told}");
    (answer.status, told["key"].as_str().unwrap().to_owned())
}

/// A dataset that is made with its first revision, whose path is returned.
pub async fn new_dataset(mock: &Mock, kind: &str) -> (String, String) {
    let sent = json!({ "action": { "type": kind }, "metadata": { "name": "Trees" } });
    let made = asked(mock, "POST", &format!("{BASE}/revision"), &sent, 201).await;
    (
        made["resource"]["fourfour"].as_str().unwrap().to_owned(),
        made["links"]["show"].as_str().unwrap().to_owned(),
    )
}

/// Another revision of a dataset; its path.
pub async fn new_revision(mock: &Mock, dataset: &str, action: &Value) -> String {
    let made =
        asked(mock, "POST", &format!("{BASE}/revision/{dataset}"), &json!({ "action": action }), 201).await;
    made["links"]["show"].as_str().unwrap().to_owned()
}

/// A source in a revision that waits for a file.
pub async fn new_source(mock: &Mock, revision: &str) -> Value {
    let sent = json!({ "source_type": { "type": "upload", "filename": "a.csv" } });
    asked(mock, "POST", &format!("{revision}/source"), &sent, 201).await
}

/// Bytes for a source.
pub async fn send(mock: &Mock, path: &str, content_type: &str, bytes: impl Into<Body>) -> Answer {
    mock.call("POST", path, &[("authorization", PUBLISHER), ("content-type", content_type)], bytes).await
}

/// A source with this CSV.
pub async fn upload(mock: &Mock, revision: &str, csv: &str) -> Value {
    let source = new_source(mock, revision).await;
    let answer = send(mock, source["links"]["bytes"].as_str().unwrap(), "text/csv", csv.to_owned()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// The first schema of a source, and the id of what is made of it.
pub fn schemas(source: &Value) -> (String, i64) {
    let (id, input) = (&source["resource"]["id"], &source["resource"]["schemas"][0]);
    (format!("{BASE}/source/{id}/schema/{}", input["id"]), input["output_schemas"][0]["id"].as_i64().unwrap())
}

/// A revision with this CSV is applied.
pub async fn publish(mock: &Mock, revision: &str, csv: &str) -> Value {
    upload(mock, revision, csv).await;
    asked(mock, "PUT", &format!("{revision}/apply"), &json!({}), 200).await
}

/// The rows of a dataset, by the first column.
pub async fn rows(mock: &Mock, dataset: &str) -> Value {
    seen(mock, &format!("/resource/{dataset}.json?$order=a")).await
}
