//! Bodies that are not what they are sent as, and cells that are no CSV: each is told what it is.

use crate::support::{Answer, Mock, PUBLISHER, mock};
use serde_json::{Value, json};

const PATH: &str = "/resource/misr-2222";

async fn dataset() -> Mock {
    let mock = mock().await;
    let columns = json!([
        { "fieldName": "k", "name": "Key", "dataTypeName": "text" },
        { "fieldName": "note", "name": "The note", "dataTypeName": "text" },
        { "fieldName": "n", "name": "N", "dataTypeName": "number" },
    ]);
    mock.dataset(
        "misr-2222",
        &json!({ "name": "M", "metadata": { "rowIdentifier": "k" }, "columns": columns }),
    )
    .await;
    mock
}

async fn send(mock: &Mock, method: &str, content_type: &str, body: impl Into<axum::body::Body>) -> Answer {
    mock.call(method, PATH, &[("authorization", PUBLISHER), ("content-type", content_type)], body).await
}

async fn rows(mock: &Mock) -> Value {
    mock.get(&format!("{PATH}.json?$order=k")).await.json()
}

/// RFC 4180: a quote stands around a cell, or doubled inside one. What does not follow it was once stored
/// changed; the place that is told is that of the quote.
#[tokio::test]
async fn cells_that_are_no_rfc_4180_are_refused_with_line_and_cell() {
    let inside = "put the whole cell into quotes";
    let behind = "double a quote inside a quoted cell";
    for (body, line, cell, advice) in [
        ("k,note\na,5\" pipe\n", 2, 2, inside),
        ("k,note\na,x\nb,12\"\n", 3, 2, inside),
        ("k,note\nx\"\"y,1\n", 2, 1, inside),
        ("k,note\na, \"x\"\n", 2, 2, "take out the blank before the quote"),
        ("k,note\na,5 \"x\"\n", 2, 2, inside),
        ("k,note\na,\"5\" pipe\"\n", 2, 2, behind),
        ("k,note\na,\"x\" \n", 2, 2, behind),
        ("k,note\n\"a\"b,x\n", 2, 1, behind),
        ("k,note\na,\"say \\\"yes\\\"\"\n", 2, 2, "a backslash escapes nothing in CSV"),
        ("k,note\n\"two\nlines\",x\na,\"one\ntwo\" three\n", 5, 2, behind),
        ("k\",note\na,x\n", 1, 1, inside),
        ("\"k\" ,note\na,x\n", 1, 1, behind),
        ("\"k\";\"note\"\na;x\n", 1, 1, "the cells of CSV are parted by"),
    ] {
        for (content_type, separator, name) in
            [("text/csv", ",", "CSV"), ("text/tab-separated-values", "\t", "TSV")]
        {
            let body = body.replace(',', separator);
            let mock = dataset().await;
            let answer = send(&mock, "POST", content_type, body.clone()).await;
            let told = answer.json();
            assert_eq!((answer.status, &told["code"]), (400, &json!("invalid_request")), "{body:?}: {told}");
            assert_eq!(told["data"], json!({ "line": line, "cell": cell }), "{body:?}");
            let message = told["message"].as_str().unwrap();
            assert!(message.starts_with(&format!("{name}: line {line}, cell {cell}: ")), "{message}");
            let hint = answer.header("x-mock-hint");
            let advice = advice.replace("CSV", name);
            assert!(hint.starts_with(&format!("Line {line}, cell {cell}: {advice}")), "{body:?}: {hint}");
            assert_eq!(rows(&mock).await, json!([]), "{body:?}");
        }
    }
    let mock = dataset().await;
    for open in ["k,note\na,\"x\n", "k,note\na,\"x\"\"\n", "k,note\n\"a,x\n", "k,note\nb,\"x\ny\",\"\n"] {
        let refused = send(&mock, "POST", "text/csv", open).await;
        assert!(
            refused.status == 400 && refused.text().contains("never closed"),
            "{open}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn cells_that_are_rfc_4180_are_stored_as_they_are() {
    let mock = dataset().await;
    for (cell, stored) in [
        ("\"\"", ""),
        ("\"a\"\"b\"", "a\"b"),
        ("\"\"\"\"", "\""),
        ("\"5\"\" pipe\"", "5\" pipe"),
        ("\"a,b\"", "a,b"),
        ("\"a\nb\"", "a\nb"),
        ("it's", "it's"),
        ("back\\slash", "back\\slash"),
        ("\"ends in \\\"", "ends in \\"),
        (" blanks ", " blanks "),
    ] {
        for end in ["\n", "\r\n", ""] {
            let answer = send(&mock, "POST", "text/csv", format!("k,note\na,{cell}{end}")).await;
            assert_eq!(answer.status, 200, "{cell}: {}", answer.text());
            let row = mock.get(&format!("{PATH}/a.json")).await.json();
            assert_eq!(row.get("note").and_then(Value::as_str).unwrap_or(""), stored, "{cell}");
        }
    }
}

/// The mistake that comes first in the body is the one that is told.
#[tokio::test]
async fn an_earlier_mistake_is_told_before_a_later_one() {
    let mock = dataset().await;
    let answer = send(&mock, "POST", "text/csv", "k,n\na,many\nb,5\" pipe\n").await;
    assert_eq!(
        (&answer.json()["code"], &answer.json()["data"]["line"]),
        (&json!("soda.column.maltyped"), &json!(2))
    );
}

#[tokio::test]
async fn records_of_another_length_are_told_what_may_be_missing() {
    let mock = dataset().await;
    for (content_type, body, message, advice) in [
        (
            "text/csv",
            "k,note\na,b,c\n",
            "CSV: line 2 has 3 cells, but the header has 2",
            "Line 2: a record has one cell for each name of the header: put a cell that holds a separator",
        ),
        (
            "text/csv",
            "k,note\na\n",
            "CSV: line 2 has 1 cells, but the header has 2",
            "Line 2: a record has one cell for each name of the header, also where",
        ),
        (
            "text/tab-separated-values",
            "k\tnote\na\n",
            "TSV: line 2 has 1 cells, but the header has 2",
            "Line 2: ",
        ),
        (
            "text/csv",
            "k,k\na,b\n",
            "CSV: the header names the column k twice",
            "Cell 2 of the header line: name each column once",
        ),
        ("text/csv", "", "CSV: the body is empty; its first line must be the header", "Write a header line"),
    ] {
        let answer = send(&mock, "POST", content_type, body).await;
        assert_eq!((answer.status, &answer.json()["message"]), (400, &json!(message)));
        let hint = answer.header("x-mock-hint");
        assert!(hint.starts_with(advice) && hint.ends_with("Nothing was stored."), "{hint}");
    }
}

#[tokio::test]
async fn a_body_of_another_format_is_told_its_media_type() {
    let feature = r#"{"type":"Feature","properties":{"k":"a"},"geometry":null}"#;
    let collection = format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#);
    let features_first = format!(r#"{{"features":[{feature}],"type":"FeatureCollection"}}"#);
    let geojson = "send Content-Type: application/vnd.geo+json";
    for method in ["POST", "PUT"] {
        for (content_type, body, part) in [
            ("application/json", collection.clone(), geojson),
            ("application/json", features_first.clone(), geojson),
            ("application/json", feature.to_owned(), geojson),
            ("application/json", format!("[{feature}]"), geojson),
            ("", collection.clone(), geojson),
            ("application/json", "k,note\na,x\n".to_owned(), "text/csv"),
            ("application/json", "note,k\na,x\n".to_owned(), "text/csv"),
            ("application/json", "\"k\",\"note\"\n".to_owned(), "text/csv"),
            ("application/json", "<html></html>".to_owned(), "HTML"),
            ("application/vnd.geo+json", r#"[{"k":"a"}]"#.to_owned(), "Content-Type: application/json"),
            ("text/csv", r#"[{"k":"a"}]"#.to_owned(), "send Content-Type: application/json"),
            (
                "text/csv",
                "[\n  {\n    \"k\": \"a\"\n  }\n]\n".to_owned(),
                "send Content-Type: application/json",
            ),
            ("text/csv", "k\tnote\na\tx\n".to_owned(), "send Content-Type: text/tab-separated-values"),
            ("text/tab-separated-values", "k,note\na,x\n".to_owned(), "send Content-Type: text/csv"),
            ("text/csv", "k;note\na;x\n".to_owned(), "commas, not semicolons"),
            ("text/csv", ",k,note\n1,a,x\n".to_owned(), "pandas: index=False"),
            ("text/csv", "k,note,\na,x,\n".to_owned(), "a comma at the end of a header line"),
            ("text/csv", "k,notea,x".to_owned(), "--data-binary"),
            ("application/x-www-form-urlencoded", "k,note\na,x\n".to_owned(), "send Content-Type: text/csv"),
            ("text/csv", "k|note\na|x\n".to_owned(), "commas, not vertical bars"),
            ("text/csv", "sep=;\nk;note\na;x\n".to_owned(), "only Excel reads"),
            ("text/csv", "sep=,\nk,note\na,x\n".to_owned(), "only Excel reads"),
            ("text/csv", "<!DOCTYPE html>\n<html></html>\n".to_owned(), "HTML or XML"),
            ("text/csv", "k,note\na,=\"007\"\n".to_owned(), "write the value alone, without ="),
            ("application/json", r#""[{\"k\":\"a\"}]""#.to_owned(), "encode the rows once"),
            (
                "application/x-www-form-urlencoded",
                r#"[{"k":"a"}]"#.to_owned(),
                "send Content-Type: application/json",
            ),
        ] {
            let mock = dataset().await;
            let answer = send(&mock, method, content_type, body.clone()).await;
            let hint = answer.header("x-mock-hint");
            assert!(answer.status == 400 && hint.contains(part), "{method} {content_type} {body}: {hint}");
            assert_eq!(rows(&mock).await, json!([]));
        }
    }
    // A column of that name is a column.
    let mock = mock().await;
    let columns = json!([{ "fieldName": "type", "dataTypeName": "text" }]);
    mock.dataset("misr-2222", &json!({ "name": "T", "columns": columns })).await;
    let answer = send(&mock, "POST", "application/json", r#"[{"type":"Feature"}]"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn json_of_other_languages_is_named() {
    let mock = dataset().await;
    for (body, part) in [
        (r#"[{"n":NaN}]"#, "NaN, None and NULL are no JSON: send null"),
        (r#"[{"n":None}]"#, "NaN, None and NULL are no JSON: send null"),
        (r#"[{"n":NULL}]"#, "NaN, None and NULL are no JSON: send null"),
        (r#"[{"n": nan}]"#, "nan, nil and none are no JSON: send null"),
        (r#"[{"n":nil}]"#, "nan, nil and none are no JSON: send null"),
        (r#"[{"n":table}]"#, "true and false only"),
        (r#"[{"n":-inf}]"#, "Infinity and inf are no JSON"),
        (r#"[{"n":inf}]"#, "Infinity and inf are no JSON"),
        (r#"[{"n":-Infinity}]"#, "Infinity and inf are no JSON"),
        (r#"[{"n":True}]"#, "small letters"),
        (r#"[{"n":undefined}]"#, "undefined is no JSON"),
        (r#"[{"n":+1}]"#, "no plus sign"),
        (r#"[{"n":.5}]"#, "0.5, not .5"),
        ("[object Object]", "JSON.stringify makes it"),
        (r#"[{'n':1}]"#, "double quotes only"),
        (r#"[{"note":'x'}]"#, "double quotes only"),
        ("[{\u{201C}n\u{201D}:1}]", "Typographic quotes"),
        (r#"[{"n":1,}]"#, "A comma stands before a closing bracket"),
        ("[{\"k\":\"a\"},\u{FEFF}{\"k\":\"b\"}]", "A byte-order mark belongs to the beginning"),
        ("[{\"k\":\"a\"}]\u{FEFF}[{\"k\":\"b\"}]", "There is text after the end of the JSON"),
        ("[{\"k\":\u{A0}\"a\"}]", "no no-break spaces"),
        (r#"[{"k":"\ud83d"}]"#, "half of a surrogate pair"),
        (r#"[{"n":}]"#, "a value is missing"),
        (r#"[{"k":"a"}, // b"#, "no comments"),
        ("{\"k\":\"a\"}\n{\"k\":\"b\"}\n", "put the rows into an array"),
    ] {
        let answer = send(&mock, "POST", "application/json", body).await;
        let hint = answer.header("x-mock-hint");
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("req.body.malformed-json")),
            "{body}"
        );
        assert!(hint.contains(part) && hint.ends_with("Nothing was stored."), "{body}: {hint}");
    }
}

/// Rows that stand within an object, as services answer, and tables that are no list of rows, as pandas writes.
#[tokio::test]
async fn rows_within_something_are_told_to_stand_alone() {
    let mock = dataset().await;
    let (around, table) = ("send the array of rows alone", "to_json(orient=\"records\")");
    for (body, part) in [
        (r#"{"rows":[{"k":"a"}]}"#, around),
        (r#"{"data": [ {"k":"a"} ]}"#, around),
        (r#"{"value":[{"k":"a"}]}"#, around),
        (r#"{"value":[]}"#, around),
        (r#"{"stations":[{"k":"a"}]}"#, around),
        (r#"{"d":{"results":[{"k":"a"}]}}"#, around),
        (r#"{"meta":{"view":{}},"data":[["a"]]}"#, around),
        (r#"{"@odata.context":"x","value":[{"k":"a"}]}"#, around),
        (r#"{"columns":["k"],"index":[0],"data":[["a"]]}"#, table),
        (r#"{"data":[["a"]],"columns":["k"]}"#, table),
        (r#"{"schema":{"fields":[]},"data":[{"k":"a"}]}"#, table),
        (r#"{"0":{"k":"a"},"1":{"k":"b"}}"#, table),
        (r#"{"k":{"0":"a","1":"b"},"n":{"0":1,"1":2}}"#, table),
        (r#"{"other":{"0":"a"}}"#, table),
        (r#"{"other":"a"}"#, "the dataset's fields are"),
        (r#"{"tags":["a"]}"#, "the dataset's fields are"),
        (r#"{"place":{"latitude":1}}"#, "the dataset's fields are"),
        (r#"[{"rows":[{"k":"a"}]}]"#, "the dataset's fields are"),
        (r#"{"k":"a","rows":[{"k":"a"}]}"#, "the dataset's fields are"),
    ] {
        let answer = send(&mock, "POST", "application/json", body).await;
        let hint = answer.header("x-mock-hint");
        assert!(answer.status == 400 && hint.contains(part), "{body}: {hint}");
        assert_eq!(rows(&mock).await, json!([]), "{body}");
    }
}

/// The warning about a flag that deletes nothing speaks of quotes only where there are some.
#[tokio::test]
async fn words_for_the_flag_of_a_delete_are_told_in_the_words_of_the_format() {
    let mock = dataset().await;
    for (content_type, body, quotes) in [
        ("application/json", r#"[{"k":"a",":deleted":"yes"}]"#, true),
        ("text/csv", "k,:deleted\na,yes\n", false),
        ("application/x-www-form-urlencoded", "k=a&:deleted=yes", false),
    ] {
        let answer = send(&mock, "POST", content_type, body).await;
        let warning = answer.header("x-mock-warning");
        assert!(answer.status == 200 && warning.contains("only true"), "{content_type}: {warning}");
        assert_eq!(warning.contains("without quotes"), quotes, "{content_type}: {warning}");
    }
}

fn utf_16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[tokio::test]
async fn bodies_in_another_encoding_are_named() {
    let mock = dataset().await;
    for (content_type, text, code) in [
        ("application/json", r#"[{"k":"a"}]"#, "req.body.malformed-json"),
        ("text/csv", "k,note\na,x\n", "invalid_request"),
        ("text/tab-separated-values", "k\tnote\na\tx\n", "invalid_request"),
        (
            "application/vnd.geo+json",
            r#"{"type":"FeatureCollection","features":[]}"#,
            "req.body.malformed-json",
        ),
    ] {
        for (big, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            let answer = send(&mock, "POST", content_type, utf_16(text, big, mark)).await;
            assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(code)), "{text}");
            let hint = answer.header("x-mock-hint");
            assert!(hint.contains("UTF-16") && hint.contains("UTF-8"), "{text}: {hint}");
        }
    }
    for (content_type, body) in [
        ("text/csv", &b"k,note\na,caf\xe9\n"[..]),
        ("text/csv", b"k,note,caf\xe9\na,x,y\n"),
        ("application/json", b"[{\"k\":\"caf\xe9\"}]"),
        ("application/json", b"[{\"k\":{\"a\":\"caf\xe9\"}}]"),
    ] {
        let answer = send(&mock, "POST", content_type, body.to_vec()).await;
        let hint = answer.header("x-mock-hint");
        assert_eq!(answer.status, 400);
        assert!(
            hint.to_lowercase()
                .contains("the byte e9 is no utf-8 (in latin-1 it is e with an accent, u+00e9)"),
            "{hint}"
        );
    }
    for (content_type, body, part) in [
        ("text/csv", &b"k,note\na,\xed\xa0\xbd\n"[..], "half of a surrogate pair"),
        ("application/json", b"[{\"k\":\"\xed\xa0\xbd\"}]", "half of a surrogate pair"),
        ("text/csv", b"k,note\na,\xe2\x82\n", "cut in two"),
        ("application/json", b"[{\"k\":\"\xf0\x9f\x98\"}]", "cut in two"),
        ("text/csv", b"PK\x03\x04\x14\x00\x06\x00", "Excel workbook"),
        ("application/json", b"PK\x03\x04\x14\x00\x06\x00", "Excel workbook"),
        ("text/csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook"),
    ] {
        let answer = send(&mock, "POST", content_type, body.to_vec()).await;
        let hint = answer.header("x-mock-hint");
        assert!(
            answer.status == 400 && hint.to_lowercase().contains(&part.to_lowercase()),
            "{content_type}: {hint}"
        );
    }
    // A byte-order mark of UTF-8 is skipped, in every format.
    for (content_type, body) in [
        ("text/csv", "\u{FEFF}k,note\nm,x\n"),
        ("text/tab-separated-values", "\u{FEFF}k\tnote\nm\tx\n"),
        ("application/json", "\u{FEFF}[{\"k\":\"m\"}]"),
        ("application/x-www-form-urlencoded", "\u{FEFF}k=m"),
    ] {
        assert_eq!(send(&mock, "POST", content_type, body).await.status, 200, "{content_type}");
    }
}

/// A delete without its key says in the words of the format where the key belongs.
#[tokio::test]
async fn a_delete_without_its_key_is_told_where_the_key_belongs() {
    let mock = dataset().await;
    for (content_type, body, hint) in [
        (
            "application/json",
            r#"[{":deleted":true}]"#,
            "Row 0 (counted from 0), k: send it beside \":deleted\": true. Nothing was stored.",
        ),
        (
            "text/csv",
            "note,:deleted\nx,true\n",
            "Line 2, k: a column with it is needed beside :deleted. Nothing was stored.",
        ),
        (
            "application/x-www-form-urlencoded",
            ":deleted=true",
            "k: write it beside :deleted=true. Nothing was stored.",
        ),
    ] {
        let answer = send(&mock, "POST", content_type, body).await;
        assert_eq!(answer.json()["code"], "soda.row.delete-without-primary-key", "{}", answer.text());
        assert_eq!(answer.header("x-mock-hint"), hint);
    }
}

/// `:delete` was an alias once; the flag has one name.
#[tokio::test]
async fn delete_without_its_d_is_an_unknown_field() {
    let mock = dataset().await;
    for (content_type, body) in
        [("application/json", r#"[{"k":"a",":delete":true}]"#), ("text/csv", "k,:delete\na,true\n")]
    {
        let answer = send(&mock, "POST", content_type, body).await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (400, &json!("Illegal field name sent: :delete"))
        );
        assert!(
            answer.header("x-mock-hint").contains("did you mean :deleted?"),
            "{}",
            answer.header("x-mock-hint")
        );
    }
}

/// What a person reads on the terminal is the refusal with its hint.
#[test]
fn a_seed_that_is_refused_says_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    let definition = r#"{"name":"S","columns":[{"fieldName":"n","dataTypeName":"number"}]}"#;
    write("seed-2222.json", definition.as_bytes());
    for (rows, part) in [
        (&b"n\n1\nN/A\n"[..], "Line 3, n: N/A stands for a missing value: leave the cell empty"),
        (b"\xEF\xBB\xBFn\n5\" pipe\n", "Line 2, cell 1: put the whole cell into quotes"),
    ] {
        write("seed-2222.csv", rows);
        let arguments = ["serve", "--port", "0", "--ca-dir", "memory", "seed-2222.json"];
        let out = crate::support::program::output(folder.path(), &arguments);
        let told = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && told.contains(part), "{told}");
    }
}
