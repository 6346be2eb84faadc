//! Bad input: each is a clear 4xx in the right envelope, nothing is stored, no id is used up, and
//! the server goes on.

mod bodies;
mod headers;
mod keys;
mod slow;
mod values;

use crate::support::{Answer, Mock, PUBLISHER, mock};
use axum::body::Body;
use serde_json::{Value, json};

const ID: &str = "aaaa-2222";
const PATH: &str = "/resource/aaaa-2222.json";

/// A dataset with a column of every type that refuses something.
fn definition() -> Value {
    let types = [
        ("k", "text"),
        ("number", "number"),
        ("money", "money"),
        ("double", "double"),
        ("checkbox", "checkbox"),
        ("calendar_date", "calendar_date"),
        ("date", "date"),
        ("point", "point"),
        ("line", "line"),
        ("polygon", "polygon"),
        ("multipoint", "multipoint"),
        ("multiline", "multiline"),
        ("multipolygon", "multipolygon"),
        ("location", "location"),
        ("url", "url"),
        ("phone", "phone"),
        ("json", "json"),
    ];
    let columns: Vec<Value> =
        types.iter().map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind })).collect();
    json!({
        "name": "Everything",
        "metadata": { "rowIdentifier": "k" },
        "columns": columns,
        "rows": [{ "k": "first", "number": "1.10" }, { "k": "second" }],
    })
}

/// A mock with the dataset, and what it looked like before the bad input came.
struct Victim {
    mock: Mock,
    before: String,
}

impl Victim {
    async fn new() -> Self {
        let mock = mock().await;
        mock.dataset(ID, &definition()).await;
        let before = stored(&mock).await;
        Self { mock, before }
    }

    /// Sends it as the publisher and expects this refusal.
    async fn refuses(
        &self,
        (method, path): (&str, &str),
        content_type: &str,
        body: impl Into<Body>,
        (status, code): (u16, &str),
    ) -> Answer {
        let headers = [("authorization", PUBLISHER), ("content-type", content_type)];
        let answer = self.mock.call(method, path, &headers, body).await;
        expect_refusal(&answer, status, code);
        answer
    }

    /// Posts JSON and expects this refusal.
    async fn refuses_json(&self, body: impl Into<Body>, refusal: (u16, &str)) -> Answer {
        self.refuses(("POST", PATH), "application/json", body, refusal).await
    }

    /// Posts CSV and expects this refusal.
    async fn refuses_csv(&self, body: impl Into<Body>, refusal: (u16, &str)) -> Answer {
        self.refuses(("POST", PATH), "text/csv", body, refusal).await
    }

    /// Nothing was stored, no version passed, and the next row gets the very id that it would have
    /// got had nothing been sent.
    async fn stays_unharmed(self) {
        assert_eq!(stored(&self.mock).await, self.before, "something was stored");
        let row = json!({ "k": "next" });
        let headers = [("authorization", PUBLISHER), ("x-mock-report", "rows")];
        let next = self.mock.call("POST", PATH, &headers, json!([row]).to_string()).await;
        let untouched = mock().await;
        untouched.dataset(ID, &definition()).await;
        let expected = untouched.call("POST", PATH, &headers, json!([row]).to_string()).await;
        assert_eq!(next.status, 200, "{}", next.text());
        assert_eq!(next.text(), expected.text(), "an id was used up");
        assert_eq!(next.header("x-soda2-truth-version"), expected.header("x-soda2-truth-version"));
        assert_eq!(stored(&self.mock).await, stored(&untouched).await);
    }
}

async fn stored(mock: &Mock) -> String {
    mock.get("/__mock/v1/datasets/aaaa-2222/rows").await.text()
}

/// The code stands in the envelope that belongs to it, with a message, and a hint for people.
fn expect_refusal(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    if code == "soda.row.not-found" {
        // Recorded with these three members.
        let members: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["message", "errorCode", "data"], "{body}");
    } else if code.starts_with("soda.") || code.starts_with("req.") {
        let members: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["code", "error", "message", "errorCode", "data"], "{body}");
        assert_eq!((&body["errorCode"], &body["code"]), (&json!(code), &json!(code)), "{body}");
        assert!(body["data"].is_object() && body["error"] == true, "{body}");
        assert!(!answer.text().contains('\n'), "compact");
    } else {
        assert_eq!((&body["code"], &body["error"]), (&json!(code), &json!(true)), "{body}");
        assert!(answer.text().contains("\"code\" : \"") && answer.text().ends_with("}\n"), "pretty");
    }
    assert!(body["message"].as_str().is_some_and(|m| !m.is_empty()), "{body}");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert!(!answer.header("x-socrata-requestid").is_empty());
}
