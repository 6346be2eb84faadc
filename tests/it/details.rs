//! What a publisher meets beside the tables of the wire contract.

use crate::support::{Answer, Mock, PUBLISHER, mock};
use axum::body::Body;
use bytes::Bytes;
use serde_json::json;

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

/// A number key is a JSON number (wire contract, section 1.6) with all its digits, of any size.
#[tokio::test]
async fn a_number_key_is_told_as_a_number() {
    let mock = dataset("number").await;
    for (key, shown) in [
        ("2.50", "2.50"),
        ("1.0", "1.0"),
        ("0.1", "0.1"),
        ("9007199254740993", "9007199254740993"),
        ("1e30", "1000000000000000000000000000000"),
        ("12345678901234567890123456789.5", "12345678901234567890123456789.5"),
        ("-123456789012345678901234567890", "-123456789012345678901234567890"),
        ("5.302E-30", "5.302E-30"),
    ] {
        let headers = [("authorization", PUBLISHER), ("x-mock-report", "rows")];
        let body = json!([{ "k": key }]).to_string();
        let made = mock.call("POST", PATH, &headers, body).await.text();
        assert!(made.starts_with(&format!("[{{\"typ\":\"insert\",\"id\":{shown},\"ver\":\"rv-")), "{made}");
        let deleted = as_publisher(&mock, "DELETE", &format!("/resource/{ID}/{key}.json")).await.text();
        assert_eq!(deleted, format!("[\n  {{\n    \"typ\" : \"delete\",\n    \"id\" : {shown}\n  }}\n]\n"));
        let again = json!([[key]]).to_string();
        let missing = mock.call("POST", PATH, &headers, again.clone()).await.text();
        assert_eq!(
            missing,
            format!("[{{\"typ\":\"error\",\"err\":\"no_such_row_to_delete\",\"id\":{shown}}}]\n")
        );
        let second = mock.call("POST", &format!("{PATH}?$$version=2.0"), &headers[..1], again).await.text();
        assert!(second.contains(&format!("\"primary_key\":{shown}}}]")), "{second}");
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

/// A body whose client leaves in the middle.
fn torn() -> Body {
    let end = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "gone");
    Body::from_stream(futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(end)]))
}

/// Extractors and routers refuse in plain text, or without a word; their clients read JSON.
#[tokio::test]
async fn what_the_framework_refuses_is_refused_in_the_envelope() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let mock = mock().await;
    for (method, path, kind, body, status, code) in [
        ("POST", "/oauth/authorize", "application/json", Body::from("{}"), 415, "unsupported_media_type"),
        ("POST", "/oauth/authorize", FORM, torn(), 400, "invalid_request"),
        ("POST", "/__mock/v1/expect", "application/json", torn(), 400, "invalid_request"),
        ("PATCH", "/__mock/", "application/json", Body::empty(), 405, "method_not_allowed"),
        ("PUT", "/__mock/openapi.json", "application/json", Body::empty(), 405, "method_not_allowed"),
        ("PATCH", "/__mock/v1/expect", "application/json", Body::empty(), 405, "method_not_allowed"),
    ] {
        let refused = mock.call(method, path, &[("content-type", kind)], body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (status, &json!(code)), "{method} {path}");
        let admin = path.starts_with("/__mock/v1/");
        let form = if admin { "application/problem+json" } else { "application/json; charset=utf-8" };
        assert_eq!(refused.header("content-type"), form, "{method} {path}");
    }
    let rule = json!({ "match": { "path": "/oauth/*" }, "do": { "status": 418, "body": "plain" } });
    mock.call("POST", "/__mock/v1/faults", &[], rule.to_string()).await;
    assert_eq!(mock.get("/oauth/authorize").await.text(), "plain", "a fault's own words stay");
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
        ("/api/views/", "slash"),
        ("/api/views/deta-2222/", "slash"),
        ("/api/views/deta-2222/columns/", "slash"),
        ("/api/users/current/", "slash"),
        ("/api/catalog/v1/", "slash"),
        ("/resource", "4x4.json"),
        ("/", "/__mock/"),
        ("/api/x", "coverage"),
    ] {
        let missing = mock.get(path).await;
        assert_eq!(missing.status, 404, "{path}");
        assert!(missing.header("x-mock-hint").contains(part), "{path}: {}", missing.header("x-mock-hint"));
    }
    assert_eq!(mock.get("/api/odata/v4/deta-2222").await.status, 501);
    assert_eq!(mock.get("/api/views/deta-2222/files/").await.status, 501, "a slash more does not hide it");
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
        ("PUT", "/__mock/v1/datasets/deta-3333", json!({ "public": "yes", "columns": [] })),
        ("POST", "/__mock/v1/sql", json!({ "sql": " " })),
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

/// A structure can be read from a list by position, so `[]` once emptied the server.
#[tokio::test]
async fn a_list_is_no_request_to_the_admin_api() {
    let mock = dataset("text").await;
    for (method, path) in
        [("POST", "reset"), ("PUT", "throttle"), ("POST", "clock/advance"), ("POST", "spaces")]
    {
        let refused = mock.write(method, &format!("/__mock/v1/{path}"), &json!([])).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.text());
    }
}

async fn hint_of(mock: &Mock, content_type: &str, body: &str) -> String {
    let refused = send(mock, PATH, content_type, body).await;
    assert_eq!(refused.status, 400, "{body}: {}", refused.text());
    refused.header("x-mock-hint").to_owned()
}

#[tokio::test]
async fn a_body_that_is_read_as_something_else_is_told_so() {
    let mock = dataset("text").await;
    for (content_type, body, part) in [
        ("application/x-www-form-urlencoded", r#"[{"k":"a"}]"#, "Content-Type: application/json"),
        ("text/csv", r#"[{"k":"a"}]"#, "Content-Type: application/json"),
        ("text/csv", "k;note\na;x\n", "commas"),
        ("text/csv", "k\tnote\na\tx\n", "tab-separated-values"),
        ("text/csv", "k,note,\na,x,\n", "the name is empty"),
        ("text/csv", " k ,note\na,x\n", "did you mean k?"),
        ("application/json", r#"[{"The note":"a"}]"#, "display name of note"),
        ("application/json", r#"[{"a;b":"a"}]"#, "the dataset's fields"),
        ("text/csv", "k,seen\na,02/30/2014\n", "there is no such time as 02/30/2014"),
        ("text/csv", "k,seen\nb,\na,02/30/2014\n", "Line 3, seen"),
        ("text/csv", "k,open\na,Yes\n", "Yes means true: write true"),
        ("text/csv", "k,spots\na,x\n", "WKT of a MultiPoint"),
    ] {
        let hint = hint_of(&mock, content_type, body).await;
        assert!(hint.contains(part), "{body}: {hint}");
    }
    let latin = [("authorization", PUBLISHER), ("content-type", "text/csv")];
    let refused = mock.call("POST", PATH, &latin, Body::from(b"k,note\na,\xe9\n".to_vec())).await;
    assert!(refused.header("x-mock-hint").contains("UTF-8"), "{}", refused.header("x-mock-hint"));
}

/// What production ignores is ignored, but not without a word.
#[tokio::test]
async fn what_has_no_effect_is_told_in_a_warning() {
    let mock = dataset("text").await;
    let rows = json!([{ "k": "a" }]);
    for (method, query, part) in [
        ("POST", "?errorsarefatal=true", "did you mean errorsAreFatal?"),
        ("POST", "?nonFatalRowErrors=no_primary_key", "did you mean nonFatalRowErrors[]?"),
        ("PUT", "?truncate=true", "no effect"),
        ("POST", "?$limit=1", "$limit is not known"),
        ("POST", "?expectedDataVersion=x", "no whole number"),
    ] {
        let answer = mock.write(method, &format!("{PATH}{query}"), &rows).await;
        let warning = answer.header("x-mock-warning");
        assert!(answer.status == 200 && warning.contains(part), "{query}: {warning}");
    }
    for known in [
        "",
        "?nonFatalRowErrors[]=insert_in_update_only",
        "?$$version=2.0&nbe=true",
        "?truncate=true&mergeInsteadOfReplace=true&errorsAreFatal=true",
    ] {
        let answer = mock.write("POST", &format!("{PATH}{known}"), &rows).await;
        assert_eq!((answer.status, answer.header("x-mock-warning")), (200, ""), "{known}");
    }
    let on_row = mock.write("POST", "/resource/deta-2222/a.json?errorsAreFatal=false", &json!({})).await;
    assert!(on_row.header("x-mock-warning").contains("no effect"));
    let headers = [("authorization", PUBLISHER), ("x-mock-report", "all")];
    let report = mock.call("POST", PATH, &headers, "[]").await;
    assert!(report.header("x-mock-warning").contains("rows"));
}

/// Source: only the literal deletes. Whoever writes a text meant to delete.
#[tokio::test]
async fn a_flag_that_does_not_delete_is_told_in_a_warning() {
    let mock = dataset("text").await;
    for flag in [json!("true"), json!(1), json!({})] {
        let answer = mock.write("POST", PATH, &json!([{ "k": "a", ":deleted": flag }])).await;
        assert!(answer.header("x-mock-warning").contains(":deleted"), "{flag}");
    }
    for flag in [json!(null), json!(false)] {
        let answer = mock.write("POST", PATH, &json!([{ "k": "a", ":deleted": flag }])).await;
        assert_eq!(answer.header("x-mock-warning"), "", "{flag}");
    }
    assert!(csv(&mock, "k,:deleted\na,yes\n").await.header("x-mock-warning").contains(":deleted"));
    assert_eq!(csv(&mock, "k,:deleted\na,\nb,FALSE\n").await.header("x-mock-warning"), "");
}

#[tokio::test]
async fn a_missing_row_is_told_what_rows_are_found_by() {
    let mock = dataset("number").await;
    for (method, path) in [("GET", "/resource/deta-2222/5.json"), ("DELETE", "/resource/deta-2222/5")] {
        let missing = as_publisher(&mock, method, path).await;
        assert_eq!(missing.status, 404);
        assert!(missing.header("x-mock-hint").contains("found by k (number)"), "{method}");
    }
    mock.write("POST", PATH, &json!([{ "k": 5 }])).await;
    let deleted = as_publisher(&mock, "DELETE", "/resource/deta-2222/5").await;
    assert_eq!((deleted.status, deleted.header("x-soda2-truth-version")), (200, "3"));
}

/// A download can be sent back as it is.
#[tokio::test]
async fn what_csv_shows_is_read_again() {
    let mock = dataset("text").await;
    let row = json!([{ "k": "a", "spots": { "type": "MultiPoint", "coordinates": [] },
                       "call": { "phone_number": "555 1234", "phone_type": "Home" } }]);
    mock.write("POST", PATH, &row).await;
    let download = mock.get("/resource/deta-2222.csv").await.text();
    assert!(download.contains("MULTIPOINT EMPTY") && download.contains("Home: 555 1234"), "{download}");
    let before = mock.get(PATH).await.json();
    assert_eq!(csv(&mock, &download).await.json()["Rows Updated"], 1);
    assert_eq!(mock.get(PATH).await.json(), before);
    let bare = mock.write("POST", PATH, &json!([{ "k": "b", "call": "555" }])).await;
    assert!(bare.header("x-mock-warning").contains("phone_number"), "{}", bare.text());
}

#[tokio::test]
async fn an_unknown_type_is_told_the_nearest_one() {
    let mock = dataset("text").await;
    for (kind, part) in [("calender_date", "did you mean calendar_date?"), ("geo", "known are text, number")]
    {
        let view = json!({ "name": "x", "columns": [{ "name": "A", "dataTypeName": kind }] });
        let refused = mock.write("POST", "/api/views.json", &view).await;
        assert!(refused.status == 400 && refused.text().contains(part), "{}", refused.text());
    }
}

/// Texts of the back end's source.
#[tokio::test]
async fn refusals_of_set_up_have_the_texts_of_the_source() {
    let mock = dataset("text").await;
    let rows = json!([{ "k": "a", "note": "x" }, { "k": "b", "note": "x" }]);
    mock.write("POST", PATH, &rows).await;
    let twice =
        mock.write("PUT", "/api/views/deta-2222", &json!({ "metadata": { "rowIdentifier": "note" } })).await;
    assert_eq!(
        twice.json()["message"],
        "Row-Identifier column 'note', which should contain unique values, instead contains duplicate values"
    );
    let id = as_publisher(&mock, "GET", "/api/views/deta-2222").await.json()["rowIdentifierColumnId"].clone();
    mock.write("POST", PATH, &json!([{ "k": "b", "note": null }])).await;
    let empty =
        mock.write("PUT", "/api/views/deta-2222", &json!({ "metadata": { "rowIdentifier": "note" } })).await;
    assert_eq!(
        empty.json()["message"],
        "Row-Identifier column 'note' must have a value in each row, but 1 row has none"
    );
    let key = as_publisher(&mock, "DELETE", &format!("/api/views/deta-2222/columns/{id}")).await;
    assert_eq!(
        key.json()["message"],
        "Cannot delete the column which is currently defined as the row-identifier"
    );
    let stage = as_publisher(&mock, "POST", "/api/views/deta-2222/publication.json").await;
    assert_eq!(
        (stage.status, &stage.json()["message"]),
        (409, &json!("Dataset is in incorrect lifecycle stage"))
    );
}

/// Documented: credentials of a page elsewhere are not used. Its author has sent some, though.
#[tokio::test]
async fn a_page_of_another_origin_is_told_why_it_may_not_write() {
    let mock = dataset("text").await;
    let page = [("authorization", PUBLISHER), ("origin", "http://elsewhere.example"), ("host", "localhost")];
    let refused = mock.call("POST", PATH, &page, "[]").await;
    assert_eq!(refused.status, 403);
    assert!(refused.header("x-mock-hint").contains("another origin"), "{}", refused.header("x-mock-hint"));
}

#[tokio::test]
async fn an_encoding_that_is_not_read_is_named() {
    let mock = dataset("text").await;
    for (encoding, status) in [("br", 415), ("gzip, gzip", 415), ("identity", 200), ("gzip", 200)] {
        let headers = [("authorization", PUBLISHER), ("content-encoding", encoding)];
        let answer = mock.call("POST", PATH, &headers, "[]").await;
        assert_eq!(answer.status, status, "{encoding}: {}", answer.text());
    }
}
