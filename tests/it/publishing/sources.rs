//! Sources: bytes in one piece and in chunks, options, blobs, views, joining, failures.

use super::{
    BASE, SIMPLE, asked, new_dataset, new_revision, new_source, publish, refused, rows, schemas, seen, send,
    upload,
};
use crate::support::{Mock, mock};
use axum::body::Body;
use serde_json::{Value, json};

/// Paths of a source.
async fn chunked(mock: &Mock) -> (String, String) {
    let (_, revision) = new_dataset(mock, "replace").await;
    let source = new_source(mock, &revision).await;
    let path = source["links"]["show"].as_str().unwrap().to_owned();
    let sent = json!({ "content_type": "text/csv" });
    let told = asked(mock, "POST", &format!("{path}/initiate"), &sent, 200).await;
    assert_eq!(told, json!({ "preferred_upload_parallelism": 4, "preferred_chunk_size": 4_194_304 }));
    (revision, path)
}

async fn send_chunk(mock: &Mock, source: &str, seq: usize, bytes: impl Into<Body>) -> (u16, Value) {
    let answer =
        send(mock, &format!("{source}/chunk/{seq}/{}", seq * 10), "application/octet-stream", bytes).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_new_source_waits_for_bytes() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let source = new_source(&mock, &revision).await;
    let (shown, links) = (&source["resource"], &source["links"]);
    assert_eq!(shown["source_type"], json!({ "type": "upload", "filename": "a.csv" }));
    assert_eq!(
        shown["parse_options"],
        json!({ "encoding": null, "header_count": 1, "column_header": 1, "column_separator": ",", "quote_char": "\"",
            "trim_whitespace": true, "remove_empty_rows": true, "parse_source": true })
    );
    for member in ["content_type", "finished_at", "failed_at", "failure_details", "blob", "locale"] {
        assert_eq!(shown.get(member), Some(&Value::Null), "{member}");
    }
    assert_eq!((&shown["schemas"], &shown["filesize"]), (&json!([]), &json!(0)));
    let own = format!("{BASE}/source/{}", shown["id"]);
    for (name, end) in [
        ("show", ""),
        ("bytes", ""),
        ("add_to_revision", ""),
        ("load", "/load"),
        ("initiate", "/initiate"),
        ("update", "/options"),
        ("cancel", "/cancel"),
        ("chunk", "/chunk/{seq_num}/{byte_offset}"),
        ("commit", "/chunk/{seq_num}/{byte_offset}/commit"),
    ] {
        assert_eq!(links[name], format!("{own}{end}"), "{name}");
    }
    let input = &links["input_schema_links"];
    assert_eq!(input["latest_output"], format!("{own}/schema/{{input_schema_id}}/output/latest"));
    let output = &input["output_schema_links"];
    assert_eq!(output["rows"], format!("{own}/schema/{{input_schema_id}}/rows/{{output_schema_id}}"));
    assert_eq!(output["build_config"], format!("{BASE}/config/build_from/{{output_schema_id}}"));
    assert_eq!(seen(&mock, &own).await, source);
    assert_eq!(seen(&mock, &format!("{revision}/source")).await, json!([source]));
}

#[tokio::test]
async fn bytes_in_one_piece_are_read_before_the_answer() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let source = upload(&mock, &revision, SIMPLE).await["resource"].clone();
    assert!(source["finished_at"].is_string() && source["failed_at"].is_null(), "{source}");
    assert_eq!((&source["filesize"], &source["content_type"]), (&json!(SIMPLE.len()), &json!("text/csv")));
    let input = &source["schemas"][0];
    assert_eq!((&input["total_rows"], &input["num_row_errors"]), (&json!(4), &json!(0)));
    let names: Vec<&Value> =
        input["input_columns"].as_array().unwrap().iter().map(|column| &column["field_name"]).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let output = &input["output_schemas"][0];
    assert_eq!((&output["total_rows"], &output["error_count"]), (&json!(4), &json!(0)));
    assert!(output["completed_at"].is_string() && output["finished_at"].is_string(), "{output}");
    let columns: Vec<Value> = output["output_columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| json!([c["transform"]["transform_expr"], c["transform"]["output_soql_type"], c["position"]]))
        .collect();
    let expected =
        json!([["to_number(`a`)", "number", 1], ["`b`", "text", 2], ["to_boolean(`c`)", "checkbox", 3],]);
    assert_eq!(json!(columns), expected);
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], output["id"]);
}

#[tokio::test]
async fn chunks_come_in_any_order_and_again() {
    let mock = mock().await;
    let (revision, source) = chunked(&mock).await;
    // A chunk that comes again takes the place of the first; offsets say nothing.
    for (seq, part) in
        [(2, "4,w,false\n"), (0, "x,y\n"), (1, "1,x,true\n2,"), (0, "a,b,c\n"), (1, "1,x,true\n2,y,false\n")]
    {
        let (status, told) = send_chunk(&mock, &source, seq, part).await;
        assert_eq!(status, 200, "{told}");
        let expected =
            json!({ "seq_num": seq, "byte_offset": seq * 10, "end_byte_offset": seq * 10 + part.len() });
        assert_eq!(told["resource"], expected);
    }
    asked(&mock, "POST", &format!("{source}/chunk/2/37/commit"), &Value::Null, 200).await;
    let shown = seen(&mock, &source).await["resource"].clone();
    assert_eq!(shown["filesize"], "a,b,c\n1,x,true\n2,y,false\n4,w,false\n".len());
    assert_eq!(shown["schemas"][0]["total_rows"], 3);
    assert!(seen(&mock, &revision).await["resource"]["output_schema_id"].is_number());
}

#[tokio::test]
async fn uploads_that_are_not_whole_or_too_much_are_refused() {
    let mock = mock().await;
    let (_, source) = chunked(&mock).await;
    let commit = |seq: usize| format!("{source}/chunk/{seq}/10/commit");
    let end = |seq: usize| {
        let path = commit(seq);
        let mock = &mock;
        async move { refused(mock, "POST", &path, &Value::Null).await }
    };
    let incomplete = (422, "upload_incomplete".to_owned());
    assert_eq!(end(0).await, incomplete);
    send_chunk(&mock, &source, 0, "a,b\n1,2\n").await;
    send_chunk(&mock, &source, 2, "5,6\n").await;
    // One is missing; others than the named last one are there.
    assert_eq!(end(2).await, incomplete);
    assert_eq!(end(0).await, incomplete);
    for at in ["x/0", "-1/0", "1000001/0", "0/x", "0/-1"] {
        let answer = send(&mock, &format!("{source}/chunk/{at}"), "text/csv", "a").await;
        assert_eq!((answer.status, answer.json()["key"].clone()), (422, json!("validation_failed")), "{at}");
    }
    send_chunk(&mock, &source, 1, "3,4\n").await;
    asked(&mock, "POST", &commit(2), &Value::Null, 200).await;
    let before = seen(&mock, &source).await;
    // Late, and twice.
    let complete = (409, json!("upload_complete"));
    let (status, told) = send_chunk(&mock, &source, 3, "7,8\n").await;
    assert_eq!((status, told["key"].clone()), complete);
    let (status, told) = send_chunk(&mock, &source, 1, "").await;
    assert_eq!((status, told["key"].clone()), complete);
    assert_eq!(end(2).await, (409, "upload_complete".to_owned()));
    let again = send(&mock, &source, "text/csv", "a\n1\n").await;
    assert_eq!((again.status, again.json()["key"].clone()), complete);
    assert_eq!(seen(&mock, &source).await, before);
    // A chunk of a source that is not there, or that takes no bytes.
    assert_eq!(send_chunk(&mock, &format!("{BASE}/source/999"), 0, "a").await.0, 404);
}

/// A body that breaks off leaves nothing behind that counts.
#[tokio::test]
async fn a_chunk_that_breaks_off_does_not_count() {
    let mock = mock().await;
    let (_, source) = chunked(&mock).await;
    send_chunk(&mock, &source, 0, "a,b\n1,2\n").await;
    let broken = futures_util::stream::iter([
        Ok(bytes::Bytes::from(vec![b'9'; 600_000])),
        Err(std::io::Error::other("gone")),
    ]);
    let (status, _) = send_chunk(&mock, &source, 1, Body::from_stream(broken)).await;
    assert_eq!(status, 400);
    assert_eq!(refused(&mock, "POST", &format!("{source}/chunk/1/0/commit"), &Value::Null).await.0, 422);
    send_chunk(&mock, &source, 1, "3,4\n").await;
    asked(&mock, "POST", &format!("{source}/chunk/1/0/commit"), &Value::Null, 200).await;
    assert_eq!(seen(&mock, &source).await["resource"]["schemas"][0]["total_rows"], 2);
}

#[tokio::test]
async fn a_long_file_comes_back_as_it_was() {
    let mock = mock().await;
    let (_, source) = chunked(&mock).await;
    let line = |number: usize| format!("{number},{}\n", "x".repeat(number % 50));
    let mut whole = "a,b\n".to_owned();
    (0..40_000).for_each(|number| whole.push_str(&line(number)));
    // Chunks that end within a row and within a piece.
    for (seq, part) in whole.as_bytes().chunks(333_333).enumerate() {
        assert_eq!(send_chunk(&mock, &source, seq, part.to_vec()).await.0, 200);
    }
    let last = whole.len() / 333_333;
    asked(&mock, "POST", &format!("{source}/chunk/{last}/{}/commit", whole.len()), &Value::Null, 200).await;
    let shown = seen(&mock, &source).await;
    assert_eq!(shown["resource"]["filesize"], whole.len());
    let (schema, output) = schemas(&shown);
    let page = seen(&mock, &format!("{schema}/rows/{output}?offset=39999&limit=5")).await;
    let expected = json!({ "offset": 39_999, "row": [{ "ok": "39999" }, { "ok": "x".repeat(39_999 % 50) }] });
    assert_eq!(page.as_array().unwrap()[1..], [expected]);
}

#[tokio::test]
async fn other_options_make_another_source_of_the_same_bytes() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let first = upload(&mock, &revision, "A title\na,b\n1,2\n").await;
    let options = first["links"]["update"].as_str().unwrap();
    let sent = json!({ "parse_options": { "header_count": 2, "column_header": 2 } });
    let second = asked(&mock, "POST", options, &sent, 201).await;
    assert_ne!(second["resource"]["id"], first["resource"]["id"]);
    let input = &second["resource"]["schemas"][0];
    assert_eq!((&input["total_rows"], &input["input_columns"][1]["field_name"]), (&json!(1), &json!("b")));
    assert_eq!(second["resource"]["parse_options"]["header_count"], 2);
    let latest = seen(&mock, &revision).await["resource"]["output_schema_id"].clone();
    assert_eq!(latest, input["output_schemas"][0]["id"]);
    assert_eq!(seen(&mock, &format!("{revision}/source")).await.as_array().unwrap().len(), 2);
    for sent in [
        json!({ "parse_options": { "header_count": -1 } }),
        json!({ "parse_options": { "column_separator": "ab" } }),
        json!({ "parse_options": { "encoding": "klingon" } }),
        json!({ "parse_options": 5 }),
    ] {
        assert_eq!(
            refused(&mock, "POST", options, &sent).await,
            (422, "validation_failed".to_owned()),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_not_read_makes_the_dataset_a_file() {
    let mock = mock().await;
    let (dataset, revision) = new_dataset(&mock, "replace").await;
    let first = new_source(&mock, &revision).await;
    let sent = json!({ "parse_options": { "parse_source": "false" } });
    let source = asked(&mock, "POST", first["links"]["update"].as_str().unwrap(), &sent, 201).await;
    let path = source["links"]["bytes"].as_str().unwrap();
    let png = b"\x89PNG\r\n\x1a\n0000".to_vec();
    let answer = send(&mock, path, "image/png", png.clone()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let shown = seen(&mock, &revision).await["resource"].clone();
    assert_eq!((&shown["blob_id"], &shown["output_schema_id"]), (&source["resource"]["id"], &Value::Null));
    asked(&mock, "PUT", &format!("{revision}/apply"), &json!({}), 200).await;
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!((&view["displayType"], &view["blobMimeType"]), (&json!("blob"), &json!("image/png")));
    assert_eq!((&view["blobFilename"], &view["blobFileSize"]), (&json!("a.csv"), &json!(png.len())));
}

/// The file is not what its type says: the source tells so, and can still be kept as it is.
#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_can_be_kept() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let source = new_source(&mock, &revision).await;
    let path = source["links"]["bytes"].as_str().unwrap();
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let answer = send(&mock, path, sheet, b"\x89PNG\r\n\x1a\n0000".to_vec()).await;
    assert_eq!((answer.status, &answer.json()["key"]), (422, &json!("unparsable_file")), "{}", answer.text());
    let shown = seen(&mock, path).await["resource"].clone();
    assert!(shown["failed_at"].is_string() && shown["finished_at"].is_null(), "{shown}");
    let details = &shown["failure_details"];
    assert_eq!(details["key"], "unparsable_file");
    assert!(details["message"].is_string() && details["request_id"].is_string(), "{details}");
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], Value::Null);
    let sent = json!({ "parse_options": { "parse_source": false } });
    let kept = asked(&mock, "POST", source["links"]["update"].as_str().unwrap(), &sent, 201).await;
    assert_eq!(seen(&mock, &revision).await["resource"]["blob_id"], kept["resource"]["id"]);
}

#[tokio::test]
async fn a_source_outside_a_revision_is_joined_to_one() {
    let mock = mock().await;
    let sent = json!({ "source_type": { "type": "upload", "filename": "a.csv" } });
    let source = asked(&mock, "POST", &format!("{BASE}/source"), &sent, 201).await;
    let path = source["links"]["add_to_revision"].as_str().unwrap();
    assert_eq!(send(&mock, path, "text/csv", SIMPLE).await.status, 201);
    let output = schemas(&seen(&mock, path).await).1;
    let (dataset, revision) = new_dataset(&mock, "replace").await;
    let joined = json!({ "revision": { "fourfour": dataset, "revision_seq": 0 } });
    asked(&mock, "PATCH", path, &joined, 202).await;
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], output);
    // Nobody takes it away from there.
    let (other, _) = new_dataset(&mock, "replace").await;
    let elsewhere = json!({ "fourfour": other, "revision_seq": 0 });
    assert_eq!(refused(&mock, "PATCH", path, &elsewhere).await.0, 422);
    assert_eq!(refused(&mock, "PATCH", path, &json!({})).await.0, 422);
}

#[tokio::test]
async fn a_view_source_has_the_columns_at_once_and_the_rows_when_they_are_wanted() {
    let mock = mock().await;
    let (dataset, first) = new_dataset(&mock, "replace").await;
    publish(&mock, &first, SIMPLE).await;
    let revision = new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    let sent = json!({ "source_type": { "type": "view", "fourfour": "none" } });
    let source = asked(&mock, "POST", &format!("{revision}/source"), &sent, 201).await;
    let shown = &source["resource"];
    assert_eq!(shown["source_type"], json!({ "type": "view", "fourfour": dataset, "loaded": false }));
    let columns = shown["schemas"][0]["input_columns"].as_array().unwrap();
    let types: Vec<&Value> = columns.iter().map(|column| &column["soql_type"]).collect();
    assert_eq!(types, ["number", "text", "checkbox"]);
    let path = source["links"]["show"].as_str().unwrap();
    let loaded = asked(&mock, "PUT", &format!("{path}/load"), &Value::Null, 202).await;
    assert_eq!(loaded["resource"]["source_type"]["loaded"], true);
    assert_eq!(loaded["resource"]["schemas"][0]["total_rows"], 4);
    // Rows that come later are not among them.
    mock.write("POST", &format!("/resource/{dataset}.json"), &json!([{ "a": 9 }])).await;
    let (schema, _) = schemas(&source);
    let sent = json!({ "output_columns": [
        { "field_name": "a", "transform": { "transform_expr": "`a` + 5" } },
        { "field_name": "d", "transform": { "transform_expr": "a * 2" } },
    ] });
    let output = asked(&mock, "POST", &schema, &sent, 201).await;
    assert_eq!(output["resource"]["total_rows"], 4);
    asked(&mock, "PUT", &format!("{revision}/apply"), &json!({}), 200).await;
    let expected = json!([{ "a": "6", "d": "2" }, { "a": "7", "d": "4" }, { "a": "8", "d": "6" }, { "a": "9", "d": "8" }]);
    assert_eq!(rows(&mock, &dataset).await, expected);
}

#[tokio::test]
async fn sources_of_unknown_types_and_from_elsewhere_are_refused_by_name() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let path = format!("{revision}/source");
    for (source_type, refusal) in [
        (json!({ "type": "teapot" }), (400, "unknown_source_type")),
        (json!({}), (400, "unknown_source_type")),
        (json!({ "type": 5 }), (422, "validation_failed")),
        (json!("upload"), (422, "validation_failed")),
        (json!({ "type": "upload", "filename": 5 }), (422, "validation_failed")),
        (json!({ "type": "url" }), (422, "validation_failed")),
        (json!({ "type": "url", "url": "https://example.com/a.csv" }), (501, "not_emulated")),
        (json!({ "type": "view", "fourfour": "zzzz-zzzz" }), (404, "not_found")),
    ] {
        let (status, key) = refused(&mock, "POST", &path, &json!({ "source_type": source_type })).await;
        assert_eq!((status, key.as_str()), refusal, "{source_type}");
    }
    assert_eq!(seen(&mock, &path).await, json!([]));
}

/// Agents are never asked: the source stays without rows.
#[tokio::test]
async fn a_source_behind_an_agent_is_kept_as_it_was_sent() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let agent = json!({ "type": "connection_agent", "agent_uid": "u", "namespace": { "type": "x", "name": "y" },
        "path": ["a", "b"], "parameters": { "p": 1 } });
    let made =
        asked(&mock, "POST", &format!("{revision}/source"), &json!({ "source_type": agent }), 201).await;
    assert_eq!(made["resource"]["source_type"], agent);
    assert_eq!(made["resource"]["schemas"], json!([]));
}
