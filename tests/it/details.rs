//! What a publisher meets beside the tables of the wire contract.

use crate::support::{Answer, Mock, PUBLISHER, mock};
use axum::body::Body;
use serde_json::{Value, json};

const ID: &str = "deta-2222";
const PATH: &str = "/resource/deta-2222.json";

async fn dataset(key_type: &str) -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Details",
        "metadata": { "rowIdentifier": "k" },
        "columns": [
            { "fieldName": "k", "name": "Key", "dataTypeName": key_type },
            { "fieldName": "note", "name": "The note", "dataTypeName": "text" },
            { "fieldName": "seen", "name": "Seen", "dataTypeName": "calendar_date" },
            { "fieldName": "open", "name": "Open", "dataTypeName": "checkbox" },
            { "fieldName": "spots", "name": "Spots", "dataTypeName": "multipoint" },
            { "fieldName": "link", "name": "Link", "dataTypeName": "url" },
            { "fieldName": "call", "name": "Call", "dataTypeName": "phone" },
        ],
    });
    mock.dataset(ID, &definition).await;
    mock
}

async fn send(mock: &Mock, path: &str, content_type: &str, body: &str) -> Answer {
    let headers = [("authorization", PUBLISHER), ("content-type", content_type)];
    mock.call("POST", path, &headers, body.to_owned()).await
}

async fn csv(mock: &Mock, body: &str) -> Answer {
    send(mock, PATH, "text/csv", body).await
}

async fn as_publisher(mock: &Mock, method: &str, path: &str) -> Answer {
    mock.call(method, path, &[("authorization", PUBLISHER)], Body::empty()).await
}

/// Wire contract, sections 1.1 and 1.6: a key in a path is the text that a body would hold.
#[tokio::test]
async fn a_key_of_a_path_is_normalised_as_that_of_a_body() {
    let mock = dataset("text").await;
    let row =
        mock.write("POST", "/resource/deta-2222/a%00b%65%CC%81.json", &json!({ "note": "x" })).await.json();
    assert_eq!(row["k"], "ab\u{e9}");
    assert_eq!(mock.get("/resource/deta-2222/abe%CC%81").await.json()["note"], "x");
}

/// A number key is a JSON number (wire contract, section 1.6), whatever its scale.
#[tokio::test]
async fn a_number_key_is_told_as_a_number() {
    let mock = dataset("number").await;
    for key in ["2.50", "1.0", "0.1", "9007199254740993", "1e30"] {
        mock.write("POST", PATH, &json!([{ "k": key }])).await;
        let id = as_publisher(&mock, "DELETE", &format!("/resource/{ID}/{key}.json")).await.json()[0]["id"]
            .clone();
        assert!(id.is_number(), "{key}: {id}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_in_the_envelope() {
    let mock = dataset("text").await;
    for path in
        ["/resource/deta-2222/%ff", "/resource/%E2%82", "/api/views/%ff", "/api/views/deta-2222/columns/%ff"]
    {
        let refused = as_publisher(&mock, "GET", path).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("invalid_request")), "{path}");
        assert!(refused.header("x-mock-hint").contains("UTF-8"), "{path}");
    }
    let admin = mock.get("/__mock/v1/datasets/%ff").await;
    assert_eq!((admin.status, admin.header("content-type")), (400, "application/problem+json"));
}

/// RFC 4180 lets a quote stand only in quoted cells; spreadsheets and Python write `5" pipe` as it is.
#[tokio::test]
async fn a_quote_inside_a_plain_cell_is_a_quote() {
    let mock = dataset("text").await;
    for (cell, stored) in [
        ("5\" pipe", "5\" pipe"),
        ("\"\"", ""),
        ("\"a\"\"b\"", "a\"b"),
        ("\"\"\"\"", "\""),
        ("x\"\"y", "x\"\"y"),
    ] {
        let answer = csv(&mock, &format!("k,note\na,{cell}\n")).await;
        assert_eq!(answer.status, 200, "{cell}: {}", answer.text());
        let row = mock.get("/resource/deta-2222/a.json").await.json();
        assert_eq!(row.get("note").and_then(Value::as_str).unwrap_or(""), stored, "{cell}");
    }
    for open in ["k,note\na,\"x\n", "k,note\na,\"x\"\"\n", "k,note\n\"a,x\n", "k,note\na,5\" pipe\nb,\"x\n"] {
        let refused = csv(&mock, open).await;
        assert!(refused.status == 400 && refused.text().contains("never closed"), "{open}");
    }
}

/// The methods are those of the path, not a list for all paths.
#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let mock = dataset("text").await;
    for (method, path, allowed) in [
        ("GET", "/oauth/access_token", "POST"),
        ("PUT", "/oauth/authorize", "GET,HEAD,POST"),
        ("POST", "/api/views/deta-2222/columns/1", "DELETE,GET,HEAD,PATCH,PUT"),
    ] {
        let refused = as_publisher(&mock, method, path).await;
        assert_eq!((refused.status, refused.header("allow")), (405, allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn an_unknown_path_says_what_may_have_been_meant() {
    let mock = dataset("text").await;
    for (path, part) in [
        ("/resource/deta-2222/", "slash"),
        ("/resource", "4x4.json"),
        ("/", "/__mock/"),
        ("/api/x", "coverage"),
    ] {
        let missing = mock.get(path).await;
        assert_eq!(missing.status, 404, "{path}");
        assert!(missing.header("x-mock-hint").contains(part), "{path}: {}", missing.header("x-mock-hint"));
    }
    assert_eq!(mock.get("/api/views/metadata/v1/deta-2222").await.status, 501);
}

/// Clients read a view, change one of the two members that name the row identifier, and send it all back.
#[tokio::test]
async fn the_row_identifier_is_the_one_that_was_changed() {
    let mock = dataset("text").await;
    let view = "/api/views/deta-2222.json";
    let mut sent = as_publisher(&mock, "GET", view).await.json();
    sent["rowIdentifierColumnId"] = sent["columns"][1]["id"].clone();
    let changed = mock.write("PUT", view, &sent).await.json();
    assert_eq!(changed["metadata"]["rowIdentifier"], "note");
    let mut sent = changed.clone();
    sent["metadata"]["rowIdentifier"] = json!("k");
    assert_eq!(mock.write("PUT", view, &sent).await.json()["metadata"]["rowIdentifier"], "k");
    // SODA.NET sends null for what it does not know.
    let nulls = json!({ "name": null, "rowIdentifierColumnId": null, "metadata": { "rowIdentifier": "k" } });
    let kept = mock.write("PUT", view, &nulls).await.json();
    assert_eq!((&kept["name"], &kept["metadata"]["rowIdentifier"]), (&json!("Details"), &json!("k")));
}

#[tokio::test]
async fn metadata_of_the_wrong_shape_is_refused() {
    let mock = dataset("text").await;
    for (method, path, body) in [
        ("PUT", "/api/views/deta-2222", json!([])),
        ("PATCH", "/api/views/deta-2222", json!("x")),
        ("PUT", "/api/views/deta-2222", json!({ "name": " " })),
        ("PUT", "/api/views/deta-2222", json!({ "metadata": 5 })),
        ("PUT", "/api/views/deta-2222", json!({ "resourceName": "a b" })),
        ("POST", "/api/views", json!({ "name": "x", "metadata": "k" })),
        ("POST", "/api/views", json!({ "name": "x", "resourceName": "a/b" })),
        ("POST", "/api/api_keys", json!({ "keyName": 5 })),
        ("POST", "/api/api_keys", json!([1])),
    ] {
        let refused = mock.write(method, path, &body).await;
        assert_eq!(refused.status, 400, "{method} {path} {body}: {}", refused.text());
    }
    let empty = send(&mock, "/api/views/deta-2222/columns", "application/json", "").await;
    assert_eq!(empty.json()["data"], json!({ "row": 1, "column": 1 }));
}
