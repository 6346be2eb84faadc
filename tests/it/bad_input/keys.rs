//! Row identifiers that are awkward: empty, long, with every character that a path treats
//! specially. Good ones work through the row routes too; bad ones are refused.

use super::{ID, PATH, Victim};
use crate::support::{Mock, PUBLISHER, mock};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

fn row_path(key: &str) -> String {
    format!("/resource/{ID}/{}.json", utf8_percent_encode(key, NON_ALPHANUMERIC))
}

async fn write(mock: &Mock, method: &str, path: &str, body: &Value) -> Value {
    let answer = mock.write(method, path, body).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn awkward_keys_work_through_every_route() {
    let mock = mock().await;
    mock.dataset(ID, &super::definition()).await;
    let long = "k".repeat(10_240);
    for key in [
        "a/b",
        "a.b",
        "a.json",
        ".csv",
        "..",
        "%",
        "%41",
        "100%",
        "it's",
        "say \"x\"",
        "a;b",
        "a?b#c",
        "a&b=c",
        "a+b",
        "a b",
        " ",
        "🌋 Kīlauea",
        "日本",
        "\\",
        "\t",
        "\n",
        "row-aaaa.bbbb.cccc",
        "null",
        "true",
        "0",
        "-1",
        "'; DROP TABLE datasets; --",
        "<script>",
        long.as_str(),
    ] {
        let counts = write(&mock, "POST", PATH, &json!([{ "k": key, "number": 1 }])).await;
        assert_eq!(counts["Rows Created"], 1, "{key:?}");
        let path = row_path(key);
        let read = mock.get(&path).await;
        assert_eq!((read.status, &read.json()["k"]), (200, &json!(key)), "{key:?}");
        assert_eq!(write(&mock, "POST", &path, &json!({ "number": 2 })).await["k"], *key);
        assert_eq!(write(&mock, "PUT", &path, &json!({ "number": 3 })).await["number"], "3");
        let filtered = format!("{PATH}?k={}", utf8_percent_encode(key, NON_ALPHANUMERIC));
        assert_eq!(mock.get(&filtered).await.json(), json!([{ "k": key, "number": "3" }]), "{key:?}");
        let deleted = mock.call("DELETE", &path, &[("authorization", PUBLISHER)], "").await;
        assert_eq!(deleted.json(), json!([{ "typ": "delete", "id": key }]));
        assert_eq!(mock.get(&path).await.status, 404, "{key:?}");
        let again = write(&mock, "POST", PATH, &json!([{ "k": key, ":deleted": true }])).await;
        assert_eq!((&again["Errors"], &again["Rows Deleted"]), (&json!(1), &json!(0)), "{key:?}");
    }
}

/// U+0000 is removed from every text, keys included, in a path as in a body.
#[tokio::test]
async fn a_nul_in_a_key_is_removed() {
    let mock = mock().await;
    mock.dataset(ID, &super::definition()).await;
    write(&mock, "POST", PATH, &json!([{ "k": "a\0b" }])).await;
    assert_eq!(mock.get(&row_path("ab")).await.json()["k"], "ab");
    assert_eq!(mock.get(&row_path("a\0b")).await.json()["k"], "ab");
}

/// An empty text is a key like any other; null is none.
#[tokio::test]
async fn null_is_no_key_and_an_empty_text_is_one() {
    let mock = mock().await;
    mock.dataset(ID, &super::definition()).await;
    let body = json!([{ "k": "" }, { "k": null }, { "number": 1 }, { "k": "" }, { "k": null, ":deleted": true }, [null]]);
    let counts = write(&mock, "POST", PATH, &body).await;
    assert_eq!(
        (&counts["Rows Created"], &counts["Rows Updated"], &counts["Errors"]),
        (&json!(1), &json!(1), &json!(4))
    );
    let csv = [("authorization", PUBLISHER), ("content-type", "text/csv")];
    let counts = mock.call("POST", PATH, &csv, "k,number\n,1\n\"\",2\n").await.json();
    assert_eq!(counts["Errors"], 2, "an empty CSV cell is null");
}

#[tokio::test]
async fn keys_of_the_wrong_kind_are_refused() {
    let victim = Victim::new().await;
    let maltyped = (400, "soda.column.maltyped");
    for body in ["[[true]]", "[[{}]]", "[[[1]]]", r#"[{"k":true,":deleted":true}]"#] {
        victim.refuses_json(body, maltyped).await;
    }
    let without = (400, "soda.row.delete-without-primary-key");
    for body in [r#"[{":deleted":true}]"#, r#"[{"number":1,":deleted":true}]"#] {
        victim.refuses_json(body, without).await;
    }
    victim.refuses_csv(":deleted,number\ntrue,1\n", without).await;
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn row_routes_refuse_what_cannot_be_a_key() {
    let mock = mock().await;
    let numbered = json!({
        "name": "Numbered",
        "metadata": { "rowIdentifier": "n" },
        "columns": [{ "fieldName": "n", "dataTypeName": "number" }, { "fieldName": "t", "dataTypeName": "text" }],
        "rows": [{ "n": 1, "t": "one" }],
    });
    mock.dataset("aaaa-3333", &numbered).await;
    mock.dataset(
        "aaaa-4444",
        &json!({ "name": "Unkeyed", "columns": [{ "fieldName": "t", "dataTypeName": "text" }] }),
    )
    .await;
    for path in [
        "/resource/aaaa-3333/one.json",
        "/resource/aaaa-3333/1%2C0",
        "/resource/aaaa-4444/row-x",
        "/resource/aaaa-4444/1",
    ] {
        for (method, body) in [("POST", "{\"t\":\"x\"}"), ("PUT", "{\"t\":\"x\"}"), ("DELETE", "")] {
            let answer = mock.call(method, path, &[("authorization", PUBLISHER)], body).await;
            super::expect_refusal(&answer, 400, "soda.column.maltyped");
        }
        assert_eq!(mock.get(path).await.status, 404, "{path}");
    }
    // A well-formed :id that names no row.
    let made = mock.write("POST", "/resource/aaaa-4444.json", &json!({ "t": "x" })).await.json();
    let id = made[":id"].as_str().unwrap().to_owned();
    let gone = format!("/resource/aaaa-4444/{id}.json");
    assert_eq!(mock.call("DELETE", &gone, &[("authorization", PUBLISHER)], "").await.status, 200);
    for (method, body) in [("POST", "{\"t\":\"y\"}"), ("PUT", "{\"t\":\"y\"}"), ("DELETE", "")] {
        let answer = mock.call(method, &gone, &[("authorization", PUBLISHER)], body).await;
        super::expect_refusal(&answer, 404, "soda.row.not-found");
    }
    // Bodies of a row route.
    let one = "/resource/aaaa-3333/1.json";
    for (body, code) in [
        ("[]", "req.content.json.invalid"),
        ("[{\"t\":\"a\"},{\"t\":\"b\"}]", "req.content.json.invalid"),
        ("5", "req.content.json.invalid"),
        ("", "req.body.malformed-json"),
        ("{\"t\":", "req.body.malformed-json"),
    ] {
        for method in ["POST", "PUT"] {
            let answer = mock.call(method, one, &[("authorization", PUBLISHER)], body).await;
            super::expect_refusal(&answer, 400, code);
        }
    }
    assert_eq!(mock.get("/resource/aaaa-3333.json").await.json(), json!([{ "n": "1", "t": "one" }]));
    // Numbers compare by value, in the path as well.
    for path in ["/resource/aaaa-3333/1.0.json", "/resource/aaaa-3333/1e0", "/resource/aaaa-3333/+1"] {
        assert_eq!(mock.get(path).await.status, 200, "{path}");
    }
}
