//! Schemas: input and output columns, transforms, rows, errors, row identifiers.

use super::{BASE, SIMPLE, asked, new_dataset, new_revision, publish, refused, schemas, seen, upload};
use crate::support::{Mock, PUBLISHER, mock};
use axum::body::Body;
use serde_json::{Value, json};

/// The path of the input schema of a new source, and the revision.
async fn schema_of(mock: &Mock, csv: &str) -> (String, String, i64) {
    let (_, revision) = new_dataset(mock, "replace").await;
    let (schema, output) = schemas(&upload(mock, &revision, csv).await);
    (schema, revision, output)
}

fn column(field_name: &str, expr: &str) -> Value {
    json!({ "field_name": field_name, "display_name": field_name, "transform": { "transform_expr": expr } })
}

async fn transformed(mock: &Mock, schema: &str, columns: &[Value]) -> Value {
    let sent = json!({ "output_columns": columns });
    asked(mock, "POST", schema, &sent, 201).await["resource"].clone()
}

#[tokio::test]
async fn an_output_schema_counts_rows_and_errors_before_the_answer() {
    let mock = mock().await;
    let (schema, revision, _) = schema_of(&mock, SIMPLE).await;
    let made = transformed(&mock, &schema, &[column("n", "to_number(b)"), column("t", "`a`")]).await;
    assert_eq!((&made["total_rows"], &made["error_count"]), (&json!(4), &json!(3)));
    assert!(made["completed_at"].is_string() && made["finished_at"].is_string());
    let transform = &made["output_columns"][0]["transform"];
    assert_eq!(
        (&transform["transform_expr"], &transform["error_count"]),
        (&json!("to_number(b)"), &json!(3))
    );
    assert!(transform["parsed_expr"].is_object() && transform["failed_at"].is_null());
    assert_eq!(made["sort_bys"], json!([]));
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], made["id"]);
    let input = seen(&mock, &schema).await;
    let listed: Vec<&Value> =
        input["resource"]["output_schemas"].as_array().unwrap().iter().map(|o| &o["id"]).collect();
    assert_eq!(listed.last(), Some(&&made["id"]));
    let latest = seen(&mock, &format!("{schema}/output/latest")).await;
    assert_eq!(latest["resource"], made);
    assert_eq!(seen(&mock, &format!("{schema}/output/{}", made["id"])).await, latest);
    assert_eq!(latest["links"]["rows"], format!("{schema}/rows/{}", made["id"]));
    // One that is only tried leaves the revision as it is.
    let tried = json!({ "output_columns": [column("t", "`b`")] });
    asked(&mock, "POST", &format!("{schema}?increment_revision=false"), &tried, 201).await;
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], made["id"]);
}

#[tokio::test]
async fn columns_in_which_nothing_changed_keep_their_ids() {
    let mock = mock().await;
    let (schema, _, _) = schema_of(&mock, SIMPLE).await;
    let guessed = seen(&mock, &format!("{schema}/output/latest")).await["resource"].clone();
    let ids = |schema: &Value| -> Vec<(i64, i64)> {
        let columns = schema["output_columns"].as_array().unwrap();
        columns.iter().map(|c| (c["id"].as_i64().unwrap(), c["transform"]["id"].as_i64().unwrap())).collect()
    };
    // Sent back with all their members, one of them changed.
    let mut sent = guessed["output_columns"].clone();
    sent[1]["description"] = json!("letters");
    sent[1]["initial_output_column_id"] = sent[1]["id"].clone();
    sent[2]["transform"]["transform_expr"] = json!("`c`");
    let changed =
        asked(&mock, "POST", &schema, &json!({ "output_columns": sent }), 201).await["resource"].clone();
    let (before, after) = (ids(&guessed), ids(&changed));
    assert_eq!(after[0], before[0]);
    assert!(after[1].0 != before[1].0 && after[1].1 == before[1].1, "{before:?} {after:?}");
    assert!(after[2].0 != before[2].0 && after[2].1 != before[2].1, "{before:?} {after:?}");
    assert_eq!(changed["output_columns"][1]["initial_output_column_id"], before[1].0);
    // What identifies rows belongs to the schema.
    let mut sent = changed["output_columns"].clone();
    sent[0]["is_primary_key"] = json!(true);
    let keyed =
        asked(&mock, "POST", &schema, &json!({ "output_columns": sent }), 201).await["resource"].clone();
    assert_eq!(ids(&keyed), after);
    assert_eq!(keyed["output_columns"][0]["is_primary_key"], true);
}

#[tokio::test]
async fn columns_are_answered_in_the_order_of_their_positions() {
    let mock = mock().await;
    let (schema, _, _) = schema_of(&mock, SIMPLE).await;
    let at = |name: &str, position: i64| {
        let mut column = column(name, "`b`");
        column["position"] = json!(position);
        column
    };
    let made = transformed(&mock, &schema, &[at("z", 3), at("y", 1), at("x", 2)]).await;
    let told: Vec<(&str, i64)> = made["output_columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["field_name"].as_str().unwrap(), c["position"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, [("y", 1), ("x", 2), ("z", 3)]);
}

#[tokio::test]
async fn rows_come_by_pages_with_what_is_wrong_in_them() {
    let mock = mock().await;
    let (schema, _, _) = schema_of(&mock, "a,b\n1,x\n2\n3,7\n").await;
    let made = transformed(&mock, &schema, &[column("n", "to_number(b)"), column("t", "`a` || '!'")]).await;
    let rows = seen(&mock, &format!("{schema}/rows/{}", made["id"])).await;
    let list = rows.as_array().unwrap();
    assert_eq!(list[0]["output_columns"], made["output_columns"]);
    let error = &list[1]["row"][0]["error"];
    assert_eq!(error["message"]["type"], "type_conversion_failed");
    assert!(error["message"]["english"].as_str().unwrap().starts_with("Unable to convert"), "{error}");
    assert_eq!(error["inputs"], json!({ "b": { "ok": "x" } }));
    assert_eq!((&list[1]["offset"], &list[1]["row"][1]), (&json!(0), &json!({ "ok": "1!" })));
    assert_eq!(list[2]["error"]["type"], "too_short");
    assert_eq!(list[3], json!({ "offset": 2, "row": [{ "ok": "7" }, { "ok": "3!" }] }));
    let page = seen(&mock, &format!("{schema}/rows/{}?offset=2&limit=1", made["id"])).await;
    assert_eq!(page.as_array().unwrap()[1..], [list[3].clone()]);
    // Errors of cells, of one column, of rows.
    let errors = seen(&mock, &format!("{schema}/errors/{}", made["id"])).await;
    assert_eq!(errors.as_array().unwrap()[1..], [list[1].clone()]);
    let other = &made["output_columns"][1]["id"];
    let none = seen(&mock, &format!("{schema}/errors/{}?column_id={other}", made["id"])).await;
    assert_eq!(none.as_array().unwrap().len(), 1);
    let malformed = seen(&mock, &format!("{schema}/errors")).await;
    let expected =
        json!([{ "offset": 1, "error": { "type": "too_short", "wanted": 2, "got": 1, "contents": ["2"] } }]);
    assert_eq!(malformed, expected);
    let headers = [("authorization", PUBLISHER), ("accept", "text/csv")];
    let csv = mock.call("GET", &format!("{schema}/errors/{}", made["id"]), &headers, Body::empty()).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    assert!(text.starts_with("\"a\",\"b\",\"error\"\r\n\"1\",\"x\",\"Unable to convert"), "{text}");
    for query in ["limit=x", "limit=50001", "offset=-1", "column_id=0"] {
        let path = format!("{schema}/errors/{}?{query}", made["id"]);
        assert!([404, 422].contains(&refused(&mock, "GET", &path, &Value::Null).await.0), "{query}");
    }
}

#[tokio::test]
async fn a_row_identifier_is_tried_before_it_is_set() {
    let mock = mock().await;
    let csv = "a,b,c,d\n1,x,,p\n1.0,y,2,r\n3,z,2,q\n";
    let (schema, _, _) = schema_of(&mock, csv).await;
    let made = transformed(
        &mock,
        &schema,
        &[
            column("a", "to_number(a)"),
            column("b", "`b`"),
            column("c", "`c`"),
            column("p", "make_point(1, 2)"),
        ],
    )
    .await;
    let source = schema.split("/schema/").next().unwrap().to_owned();
    for (index, expected) in [
        (0, json!({ "valid": false, "reason": "duplicate", "what": "1.0", "where": 1 })),
        (1, json!({ "valid": true })),
        (2, json!({ "valid": false, "reason": "null", "what": null, "where": 0 })),
        (3, json!({ "valid": false, "reason": "bad type", "what": "point", "where": null })),
    ] {
        let id = &made["output_columns"][index]["transform"]["id"];
        let path = format!("{source}/transform/{id}");
        let mut told = seen(&mock, &format!("{path}/validate_row_identifier")).await;
        if index == 0 {
            // The number's digits are as the transform wrote them.
            told["what"] = json!("1.0");
        }
        assert_eq!(told, expected, "{index}");
        assert_eq!(seen(&mock, &path).await["resource"]["id"], *id);
    }
    let unknown = format!("{source}/transform/1/validate_row_identifier");
    assert_eq!(refused(&mock, "GET", &unknown, &Value::Null).await.0, 404);
}

/// Few rows can be as large as many.
#[tokio::test]
async fn a_page_is_bounded_by_its_bytes_too() {
    let mock = mock().await;
    let (schema, _, _) = schema_of(&mock, SIMPLE).await;
    for (expr, page) in
        [("left_pad('a', 9000000, 'x')", "rows"), ("to_number(left_pad('a', 9000000, 'x'))", "errors")]
    {
        let sent = json!({ "output_columns": [column("c", expr)] });
        let made = asked(&mock, "POST", &schema, &sent, 201).await;
        let path = format!("{schema}/{page}/{}", made["resource"]["id"]);
        let answer = mock.call("GET", &path, &[("authorization", PUBLISHER)], Body::empty()).await;
        assert_eq!((answer.status, &answer.json()["key"]), (422, &json!("validation_failed")), "{page}");
        assert!(answer.text().contains("limit is too high"), "{}", answer.text());
        let one = mock
            .call("GET", &format!("{path}?limit=1"), &[("authorization", PUBLISHER)], Body::empty())
            .await;
        assert_eq!(one.status, 200, "{page}");
    }
}

#[tokio::test]
async fn schemas_that_cannot_be_are_refused_and_nothing_is_made() {
    let mock = mock().await;
    let (schema, revision, guessed) = schema_of(&mock, SIMPLE).await;
    let deep = format!("{}`a`{}", "(".repeat(10_000), ")".repeat(10_000));
    for (columns, key) in [
        (json!("x"), "validation_failed"),
        (json!([]), "validation_failed"),
        (json!([5]), "validation_failed"),
        (json!([{ "field_name": "a" }]), "validation_failed"),
        (json!([column("1a", "`a`")]), "validation_failed"),
        (
            json!([{ "field_name": "a", "transform": { "transform_expr": "`a`" }, "flags": 5 }]),
            "validation_failed",
        ),
        (json!([column("a", "`a`"), column("A", "`b`")]), "duplicated_fields_in_input"),
        (json!([column("a", "`nope`")]), "field_not_in_dataset"),
        (json!([column("a", "to_number(`a`")]), "invalid_expression"),
        (json!([column("a", "no_such_function(`a`)")]), "invalid_expression"),
        (json!([column("a", "`a` + 1")]), "invalid_expression"),
        (json!([column("a", &deep)]), "invalid_expression"),
        (json!([column("a", &format!("1{}", "+1".repeat(61)))]), "validation_failed"),
        (json!([column("a", &format!("`a`{}", "::text::number".repeat(31)))]), "validation_failed"),
        (json!([column("a", &format!("'{}'", "x".repeat(200_000)))]), "invalid_expression"),
        (json!(vec![column("a", "`a`"); 2000]), "publishing_limit"),
    ] {
        let (status, told) = refused(&mock, "POST", &schema, &json!({ "output_columns": columns })).await;
        assert_eq!((status, told.as_str()), (422, key), "{columns:.200}");
    }
    let two_keys: Vec<Value> = ["a", "b"]
        .iter()
        .map(|name| json!({ "field_name": name, "is_primary_key": true, "transform": { "transform_expr": "`a`" } }))
        .collect();
    assert_eq!(refused(&mock, "POST", &schema, &json!({ "output_columns": two_keys })).await.0, 422);
    let sorted = json!({ "output_columns": [column("a", "`a`")], "sort_bys": [{ "field_name": "z" }] });
    assert_eq!(refused(&mock, "POST", &schema, &sorted).await.1, "field_not_in_dataset");
    assert_eq!(seen(&mock, &schema).await["resource"]["output_schemas"].as_array().unwrap().len(), 1);
    assert_eq!(seen(&mock, &revision).await["resource"]["output_schema_id"], guessed);
    let names = mock
        .write("POST", &schema, &json!({ "output_columns": [column("a", "`a`"), column("a", "`b`")] }))
        .await;
    let details = &names.json()["params"]["details"];
    let twice = json!([{ "value": "a", "position": 2 }]);
    assert_eq!(*details, json!({ "field_name": twice, "display_name": twice }));
}

/// Columns that the dataset has keep what people made of them.
#[tokio::test]
async fn what_is_guessed_follows_the_dataset() {
    let mock = mock().await;
    let (dataset, first) = new_dataset(&mock, "replace").await;
    let (schema, _) = schemas(&upload(&mock, &first, SIMPLE).await);
    let columns = json!([
        { "field_name": "a", "display_name": "Number", "description": "key", "is_primary_key": true,
          "transform": { "transform_expr": "`a`" } },
        { "field_name": "b", "display_name": "Letter", "transform": { "transform_expr": "`b`" } },
    ]);
    asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    asked(&mock, "PUT", &format!("{first}/apply"), &json!({}), 200).await;
    for (kind, expr) in [("update", "`a`"), ("replace", "to_number(`a`)")] {
        let revision = new_revision(&mock, &dataset, &json!({ "type": kind })).await;
        let source = upload(&mock, &revision, "a,e\n7,8\n").await;
        let output = &source["resource"]["schemas"][0]["output_schemas"][0]["output_columns"];
        let told = ["display_name", "description", "is_primary_key"].map(|member| output[0][member].clone());
        assert_eq!(told, [json!("Number"), json!("key"), json!(true)], "{kind}");
        assert_eq!(output[0]["transform"]["transform_expr"], expr, "{kind}");
        assert_eq!(output[1]["display_name"], "e", "{kind}");
    }
}

#[tokio::test]
async fn schemas_of_another_source_are_not_found() {
    let mock = mock().await;
    let (dataset, first) = new_dataset(&mock, "replace").await;
    let (one, output) = schemas(&upload(&mock, &first, SIMPLE).await);
    let (two, _) = schemas(&upload(&mock, &first, SIMPLE).await);
    let (source, other) = (one.split("/schema/").next().unwrap(), two.rsplit('/').next().unwrap());
    for path in
        [format!("{source}/schema/{other}"), format!("{two}/output/{output}"), format!("{two}/rows/x")]
    {
        assert_eq!(
            refused(&mock, "GET", &path, &Value::Null).await,
            (404, "publishing_not_found".to_owned()),
            "{path}"
        );
    }
    publish(&mock, &first, SIMPLE).await;
    let second = new_revision(&mock, &dataset, &json!({})).await;
    for (method, path) in [("PUT", second.clone()), ("PUT", format!("{second}/apply"))] {
        let sent = json!({ "output_schema_id": output });
        assert_eq!(
            refused(&mock, method, &path, &sent).await,
            (404, "publishing_not_found".to_owned()),
            "{path}"
        );
    }
    assert_eq!(refused(&mock, "POST", &format!("{BASE}/source/x/schema/1"), &json!({})).await.0, 404);
}
