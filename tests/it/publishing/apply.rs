//! Revisions applied: columns, rows, metadata, permission, all or nothing.

use super::{
    BASE, SIMPLE, asked, new_dataset, new_revision, new_source, publish, refused, rows, schemas, seen, send,
    upload,
};
use crate::support::mock;
use serde_json::{Value, json};

fn column(field_name: &str, expr: &str, is_key: bool) -> Value {
    json!({ "field_name": field_name, "display_name": format!("The {field_name}"), "is_primary_key": is_key,
        "transform": { "transform_expr": expr } })
}

#[tokio::test]
async fn a_first_apply_makes_columns_rows_and_a_public_dataset() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    let task = publish(&mock, &own, SIMPLE).await;
    let told = &task["resource"];
    assert_eq!(told["status"], "successful");
    for member in ["created_at", "finished_at", "job_uuid", "request_id"] {
        assert!(told[member].is_string(), "{member}: {told}");
    }
    let stages: Vec<&str> =
        told["log"].as_array().unwrap().iter().map(|e| e["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["upsert_complete", "rows_upserted", "columns_created", "started"]);
    assert_eq!(told["log"][0]["details"]["Rows Created"], 4);
    assert_eq!(told["log"][1]["details"], json!({ "count": 4 }));
    assert_eq!(told["log"][2]["details"], json!({ "created": 3 }));
    assert_eq!(seen(&mock, task["links"]["show"].as_str().unwrap()).await, task);
    let revision = seen(&mock, &own).await["resource"].clone();
    assert!(revision["closed_at"].is_string());
    assert_eq!(revision["task_sets"], json!([told]));
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!((&view["displayType"], &view["publicationStage"]), (&json!("table"), &json!("published")));
    assert_eq!(view["permissions"]["scope"], "public");
    let columns: Vec<[&str; 3]> = view["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| ["fieldName", "name", "dataTypeName"].map(|member| c[member].as_str().unwrap()))
        .collect();
    assert_eq!(columns, [["a", "a", "number"], ["b", "b", "text"], ["c", "c", "checkbox"]]);
    let expected = json!([
        { "a": "1", "b": "x", "c": true }, { "a": "2", "b": "y", "c": false },
        { "a": "3", "b": "z", "c": true }, { "a": "4", "c": false },
    ]);
    assert_eq!(rows(&mock, &dataset).await, expected);
    // Without credentials too.
    assert_eq!(mock.get(&format!("/resource/{dataset}.json")).await.status, 200);
}

#[tokio::test]
async fn replace_sets_columns_and_rows_and_update_adds_to_them() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, SIMPLE).await;
    let before = seen(&mock, &format!("/api/views/{dataset}")).await;
    let own = new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    let (schema, _) = schemas(&upload(&mock, &own, "a,b,d\n1,9,p\n2,8,q\n").await);
    let columns = [
        column("d", "`d`", false),
        column("a", "to_number(`a`)", true),
        column("b", "to_number(`b`)", false),
    ];
    asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({ "resource": { "id": 1 } }), 200).await;
    let after = seen(&mock, &format!("/api/views/{dataset}")).await;
    let names: Vec<&Value> = after["columns"].as_array().unwrap().iter().map(|c| &c["fieldName"]).collect();
    assert_eq!(names, ["d", "a", "b"]);
    // The column of the same name and type is the same; one of another type is not.
    assert_eq!(after["columns"][1]["id"], before["columns"][0]["id"]);
    assert_ne!(after["columns"][2]["id"], before["columns"][1]["id"]);
    assert_eq!(after["columns"][1]["name"], "The a");
    assert_eq!(after["rowIdentifierColumnId"], after["columns"][1]["id"]);
    assert_eq!(
        rows(&mock, &dataset).await,
        json!([{ "d": "p", "a": "1", "b": "9" }, { "d": "q", "a": "2", "b": "8" }])
    );

    let own = new_revision(&mock, &dataset, &json!({ "type": "update" })).await;
    let task = publish(&mock, &own, "a,e\n2,new\n3,more\n").await;
    let counts = &task["resource"]["log"][0]["details"];
    let told = ["Rows Created", "Rows Updated", "By RowIdentifier"].map(|name| counts[name].clone());
    assert_eq!(told, [json!(1), json!(1), json!(1)]);
    let expected = json!([
        { "d": "p", "a": "1", "b": "9" }, { "d": "q", "a": "2", "b": "8", "e": "new" }, { "a": "3", "e": "more" },
    ]);
    assert_eq!(rows(&mock, &dataset).await, expected);
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!(view["rowIdentifierColumnId"], after["rowIdentifierColumnId"]);

    let own = new_revision(&mock, &dataset, &json!({ "type": "delete" })).await;
    let task = publish(&mock, &own, "a\n1\n3\n7\n").await;
    let counts = &task["resource"]["log"][0]["details"];
    assert_eq!((&counts["Rows Deleted"], &counts["Errors"]), (&json!(2), &json!(1)));
    assert_eq!(rows(&mock, &dataset).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_revision_without_rows_changes_metadata_alone() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, SIMPLE).await;
    let before = rows(&mock, &dataset).await;
    let sent = json!({ "action": { "type": "replace" }, "metadata": {
        "name": "Oaks", "description": "Only oaks", "tags": ["tree"], "category": "Nature",
        "metadata": { "custom_fields": { "Set": { "Key": "value" } } } } });
    let made = asked(&mock, "POST", &format!("{BASE}/revision/{dataset}"), &sent, 201).await;
    let task =
        asked(&mock, "PUT", &format!("{}/apply", made["links"]["show"].as_str().unwrap()), &json!({}), 200)
            .await;
    let stages: Vec<&Value> =
        task["resource"]["log"].as_array().unwrap().iter().map(|e| &e["stage"]).collect();
    assert_eq!(stages, ["started"]);
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    for (member, value) in [
        ("name", json!("Oaks")),
        ("description", json!("Only oaks")),
        ("tags", json!(["tree"])),
        ("category", json!("Nature")),
    ] {
        assert_eq!(view[member], value, "{member}");
    }
    assert_eq!(view["metadata"]["custom_fields"]["Set"]["Key"], "value");
    assert_eq!(rows(&mock, &dataset).await, before);
}

/// Two are open at once: each changes what was sent to it.
#[tokio::test]
async fn applying_one_revision_leaves_the_others_alone() {
    let mock = mock().await;
    let (dataset, first) = new_dataset(&mock, "replace").await;
    let second = new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    publish(&mock, &second, SIMPLE).await;
    assert_eq!(seen(&mock, &first).await["resource"]["closed_at"], Value::Null);
    let third = new_revision(&mock, &dataset, &json!({})).await;
    asked(&mock, "PUT", &third, &json!({ "metadata": { "name": "Elms" } }), 202).await;
    let fourth = new_revision(&mock, &dataset, &json!({})).await;
    asked(&mock, "PUT", &fourth, &json!({ "metadata": { "description": "d" } }), 202).await;
    for own in [&third, &fourth] {
        asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    }
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!((&view["name"], &view["description"]), (&json!("Elms"), &json!("d")));
    asked(&mock, "DELETE", &first, &Value::Null, 201).await;
    assert_eq!(rows(&mock, &dataset).await.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_permission_is_set_and_kept_by_those_who_say_nothing() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, SIMPLE).await;
    for (permission, scope) in [
        (Value::Null, "public"),
        (json!("private"), "private"),
        (Value::Null, "private"),
        (json!("site"), "site"),
        (json!("public"), "public"),
    ] {
        let own =
            new_revision(&mock, &dataset, &json!({ "type": "replace", "permission": permission })).await;
        publish(&mock, &own, SIMPLE).await;
        let view = seen(&mock, &format!("/api/views/{dataset}")).await;
        assert_eq!(view["permissions"]["scope"], scope, "{permission}");
    }
}

/// A row with an error is left out and counted.
#[tokio::test]
async fn rows_with_errors_are_left_out() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    let (schema, _) = schemas(&upload(&mock, &own, "a,b\n1,2\n2,x\n3\n4,5\n").await);
    let columns = [column("a", "to_number(`a`)", true), column("b", "to_number(`b`)", false)];
    let made = asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    assert_eq!((&made["resource"]["total_rows"], &made["resource"]["error_count"]), (&json!(3), &json!(1)));
    let task = asked(
        &mock,
        "PUT",
        &format!("{own}/apply"),
        &json!({ "output_schema_id": made["resource"]["id"] }),
        200,
    )
    .await;
    assert_eq!(task["resource"]["status"], "successful");
    let counts = &task["resource"]["log"][0]["details"];
    assert_eq!((&counts["Rows Created"], &counts["Errors"]), (&json!(2), &json!(1)));
    assert_eq!(rows(&mock, &dataset).await, json!([{ "a": "1", "b": "2" }, { "a": "4", "b": "5" }]));
}

#[tokio::test]
async fn the_order_of_rows_is_that_of_the_view() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    let (schema, _) = schemas(&upload(&mock, &own, SIMPLE).await);
    let sent = json!({ "output_columns": [column("a", "`a`", false)], "sort_bys": [{ "field_name": "a", "ascending": false }] });
    let made = asked(&mock, "POST", &schema, &sent, 201).await;
    assert_eq!(made["resource"]["sort_bys"], sent["sort_bys"]);
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    let orders = json!([{ "ascending": false, "expression": { "columnId": view["columns"][0]["id"], "type": "column" } }]);
    assert_eq!(view["query"]["orderBys"], orders);
}

/// What cannot be applied changes nothing: neither the dataset nor the revision.
#[tokio::test]
async fn an_apply_that_is_refused_changes_nothing() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, SIMPLE).await;
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    let before = rows(&mock, &dataset).await;
    let deletes = new_revision(&mock, &dataset, &json!({ "type": "delete" })).await;
    upload(&mock, &deletes, "a\n1\n").await;
    let doubles = new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    let (schema, _) = schemas(&upload(&mock, &doubles, "a,b\n1,x\n1,y\n").await);
    let columns = [column("a", "to_number(`a`)", true), column("b", "`b`", false)];
    asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    let clash = new_revision(&mock, &dataset, &json!({ "type": "update", "permission": "private" })).await;
    asked(&mock, "PUT", &clash, &json!({ "metadata": { "name": "Never" } }), 202).await;
    let (schema, _) = schemas(&upload(&mock, &clash, "a,new\nx,y\n").await);
    let columns = [column("a", "`a`", false), column("new", "`new`", false)];
    asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    for (own, sent, refusal) in [
        (&deletes, json!({}), (422, "delete_without_user_pk")),
        (&clash, json!({}), (422, "validation_failed")),
        (&clash, json!({ "output_schema_id": "x" }), (422, "validation_failed")),
        (&clash, json!({ "output_schema_id": 99_999 }), (404, "publishing_not_found")),
    ] {
        let open = seen(&mock, own).await;
        let (status, key) = refused(&mock, "PUT", &format!("{own}/apply"), &sent).await;
        assert_eq!((status, key.as_str()), refusal, "{own}");
        assert_eq!(seen(&mock, own).await, open, "{own}");
        assert_eq!(seen(&mock, &format!("/api/views/{dataset}")).await, view, "{own}");
        assert_eq!(rows(&mock, &dataset).await, before, "{own}");
    }
    // Rows of one identifier are one row, the last.
    asked(&mock, "PUT", &format!("{doubles}/apply"), &json!({}), 200).await;
    assert_eq!(rows(&mock, &dataset).await, json!([{ "a": "1", "b": "y" }]));
    // An update that gives the rows of before an identifier which they have twice.
    let own = new_revision(&mock, &dataset, &json!({ "type": "replace" })).await;
    let (schema, _) = schemas(&upload(&mock, &own, "a,b\n1,x\n2,x\n").await);
    let columns = [column("a", "`a`", false), column("b", "`b`", false)];
    asked(&mock, "POST", &schema, &json!({ "output_columns": columns }), 201).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let own = new_revision(&mock, &dataset, &json!({ "type": "update" })).await;
    let (schema, _) = schemas(&upload(&mock, &own, "b\nz\n").await);
    asked(&mock, "POST", &schema, &json!({ "output_columns": [column("b", "`b`", true)] }), 201).await;
    let (status, key) = refused(&mock, "PUT", &format!("{own}/apply"), &json!({})).await;
    assert_eq!((status, key.as_str()), (400, "soda.column.not-unique"));
    assert_eq!(rows(&mock, &dataset).await.as_array().unwrap().len(), 2);
    assert_eq!(seen(&mock, &own).await["resource"]["closed_at"], Value::Null);
}

#[tokio::test]
async fn the_journal_has_the_fate_of_each_row_and_the_history_what_changed() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    publish(&mock, &own, "a,b\n1,x\n2,y\n").await;
    let found = mock.get("/__mock/v1/requests?operation=revision.apply").await.json();
    let request = &found["requests"][0];
    assert_eq!((&request["dataset"], &request["rows"]["created"]), (&json!(dataset), &json!(2)));
    let entry = mock.get(&format!("/__mock/v1/requests/{}", request["id"])).await.json();
    let fates: Vec<&Value> = entry["rows"]["fates"]
        .as_array()
        .or(entry["fates"].as_array())
        .unwrap()
        .iter()
        .map(|f| &f["fate"])
        .collect();
    assert_eq!(fates, ["created", "created"]);
    let changes = mock.get(&format!("/__mock/v1/datasets/{dataset}/changes")).await.json();
    assert_eq!(changes["changes"].as_array().unwrap().len(), 2);
    assert_eq!(changes["writes"][0]["operation"], "revision.apply");
}

#[tokio::test]
async fn a_links_only_revision_makes_an_external_dataset() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "update").await;
    let href = json!([{ "title": "Elsewhere", "urls": { "text/html": "https://example.com" } }]);
    asked(&mock, "PUT", &own, &json!({ "href": href }), 202).await;
    asked(&mock, "PUT", &format!("{own}/apply"), &json!({}), 200).await;
    let view = seen(&mock, &format!("/api/views/{dataset}")).await;
    assert_eq!((&view["displayType"], &view["viewType"]), (&json!("href"), &json!("href")));
    assert_eq!(view["metadata"]["additionalAccessPoints"], href);
}

/// A file with more rows than one batch, read while it is written.
#[tokio::test]
async fn many_rows_are_applied() {
    let mock = mock().await;
    let (dataset, own) = new_dataset(&mock, "replace").await;
    let mut csv = "a,b\n".to_owned();
    (0..30_000).for_each(|n| csv.push_str(&format!("{n},text {n}\n")));
    let task = publish(&mock, &own, &csv).await;
    assert_eq!(task["resource"]["log"][0]["details"]["Rows Created"], 30_000);
    let count =
        seen(&mock, &format!("/resource/{dataset}.json?$select=count(*)%20as%20n,max(a)%20as%20m")).await;
    assert_eq!(count, json!([{ "n": "30000", "m": "29999" }]));
}

/// Told as done, it would have published nothing.
#[tokio::test]
async fn a_revision_whose_file_is_not_read_cannot_be_applied() {
    let mock = mock().await;
    for bytes in [None, Some("\u{0}\u{1}no workbook")] {
        let (_, revision) = new_dataset(&mock, "replace").await;
        let source = new_source(&mock, &revision).await;
        if let Some(bytes) = bytes {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            let answer = send(&mock, source["links"]["bytes"].as_str().unwrap(), kind, bytes).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
        }
        let (status, key) = refused(&mock, "PUT", &format!("{revision}/apply"), &json!({})).await;
        assert_eq!((status, key.as_str()), (422, "validation_failed"), "{bytes:?}");
        assert_eq!(seen(&mock, &revision).await["resource"]["closed_at"], Value::Null);
        // Another file, and it goes on.
        publish(&mock, &revision, "a\n1\n").await;
    }
}

/// They would be in no dataset.
#[tokio::test]
async fn a_closed_revision_takes_no_bytes() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let source = new_source(&mock, &revision).await;
    let path = source["links"]["bytes"].as_str().unwrap();
    let chunk = send(&mock, &format!("{path}/chunk/0/0"), "text/csv", "a\n1\n").await;
    assert_eq!(chunk.status, 200, "{}", chunk.text());
    asked(&mock, "DELETE", &revision, &json!({}), 201).await;
    for path in [path.to_owned(), format!("{path}/chunk/1/4"), format!("{path}/chunk/0/4/commit")] {
        let answer = send(&mock, &path, "text/csv", "a\n1\n").await;
        assert_eq!((answer.status, &answer.json()["key"]), (422, &json!("revision_closed")), "{path}");
    }
}
