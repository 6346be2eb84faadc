//! Import configs.

use super::{BASE, asked, new_dataset, new_source, refused, schemas, seen, send, upload};
use crate::support::mock;
use serde_json::{Value, json};

#[tokio::test]
async fn a_config_is_made_listed_shown_changed_and_removed() {
    let mock = mock().await;
    let sent =
        json!({ "name": "my config", "data_action": "replace", "parse_options": null, "columns": null });
    let made = asked(&mock, "POST", &format!("{BASE}/config"), &sent, 201).await;
    let (shown, own) = (&made["resource"], format!("{BASE}/config/my%20config"));
    assert_eq!(
        (&shown["name"], &shown["data_action"], &shown["columns"]),
        (&json!("my config"), &json!("replace"), &json!([]))
    );
    assert_eq!(shown["parse_options"].as_object().unwrap().len(), 8);
    let links = json!({ "show": own, "update": own, "delete": own, "list": format!("{BASE}/config"),
        "create_revision": format!("{own}/revision/{{fourfour}}") });
    assert_eq!(made["links"], links);
    assert_eq!(seen(&mock, &own).await, made);
    assert_eq!(seen(&mock, &format!("{BASE}/config")).await, json!([made]));
    assert_eq!(
        refused(&mock, "POST", &format!("{BASE}/config"), &sent).await,
        (409, "config_name_taken".to_owned())
    );
    let column = json!({ "field_name": "foo", "display_name": "Foo", "transform_expr": "to_number(`foo`)" });
    let sent = json!({ "data_action": "update", "columns": [column], "parse_options": { "header_count": 2, "column_header": 2, "encoding": "utf16" } });
    let changed = asked(&mock, "PATCH", &own, &sent, 202).await["resource"].clone();
    let whole = json!({ "field_name": "foo", "display_name": "Foo", "transform_expr": "to_number(`foo`)", "format": {},
        "description": "", "is_primary_key": null, "flags": [] });
    assert_eq!((&changed["data_action"], &changed["columns"]), (&json!("update"), &json!([whole])));
    let options = &changed["parse_options"];
    let told = ["header_count", "encoding", "quote_char"].map(|name| options[name].clone());
    assert_eq!(told, [json!(2), json!("utf16"), json!("\"")]);
    asked(&mock, "DELETE", &own, &Value::Null, 201).await;
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(
            refused(&mock, method, &own, &json!({})).await,
            (404, "publishing_not_found".to_owned()),
            "{method}"
        );
    }
}

#[tokio::test]
async fn configs_that_cannot_be_are_refused() {
    let mock = mock().await;
    for sent in [
        json!({ "data_action": "replace" }),
        json!({ "name": "", "data_action": "replace" }),
        json!({ "name": "a/b", "data_action": "replace" }),
        json!({ "name": "x".repeat(256), "data_action": "replace" }),
        json!({ "name": "a" }),
        json!({ "name": "a", "data_action": "delete" }),
        json!({ "name": "a", "data_action": "replace", "columns": 5 }),
        json!({ "name": "a", "data_action": "replace", "columns": [{}] }),
        json!({ "name": "a", "data_action": "replace", "parse_options": { "quote_char": "ab" } }),
    ] {
        let refusal = refused(&mock, "POST", &format!("{BASE}/config"), &sent).await;
        assert_eq!(refusal, (422, "validation_failed".to_owned()), "{sent:.100}");
    }
    assert_eq!(seen(&mock, &format!("{BASE}/config")).await, json!([]));
}

#[tokio::test]
async fn a_revision_follows_its_config() {
    let mock = mock().await;
    let columns = json!([{ "field_name": "n", "display_name": "N", "transform_expr": "to_number(`a`) + 1", "is_primary_key": true }]);
    let sent = json!({ "name": "c", "data_action": "replace", "columns": columns, "parse_options": { "column_separator": ";" } });
    asked(&mock, "POST", &format!("{BASE}/config"), &sent, 201).await;
    let (dataset, _) = new_dataset(&mock, "update").await;
    for (path, sent) in [
        (format!("{BASE}/revision/{dataset}"), json!({ "config": "c" })),
        (format!("{BASE}/config/c/revision/{dataset}"), json!({})),
        (format!("{BASE}/revision/{dataset}?config=c"), json!({})),
    ] {
        let revision = asked(&mock, "POST", &path, &sent, 201).await;
        assert_eq!(revision["resource"]["action"]["type"], "replace", "{path}");
        let source = upload(&mock, revision["links"]["show"].as_str().unwrap(), "a;b\n1;x\n2;y\n").await;
        assert_eq!(source["resource"]["parse_options"]["column_separator"], ";");
        let output = &source["resource"]["schemas"][0]["output_schemas"][0];
        assert_eq!(output["output_columns"].as_array().unwrap().len(), 1);
        assert_eq!(output["output_columns"][0]["transform"]["transform_expr"], "to_number(`a`) + 1");
        assert_eq!((&output["total_rows"], &output["error_count"]), (&json!(2), &json!(0)));
    }
    assert_eq!(
        refused(&mock, "POST", &format!("{BASE}/revision/{dataset}"), &json!({ "config": "no" })).await.0,
        404
    );
    // A file without the column that the recipe names.
    let revision =
        asked(&mock, "POST", &format!("{BASE}/revision/{dataset}"), &json!({ "config": "c" }), 201).await;
    let source = new_source(&mock, revision["links"]["show"].as_str().unwrap()).await;
    let path = source["links"]["bytes"].as_str().unwrap();
    let answer = send(&mock, path, "text/csv", "z\n1\n").await;
    assert_eq!((answer.status, &answer.json()["key"]), (422, &json!("field_not_in_dataset")));
    assert_eq!(seen(&mock, path).await["resource"]["failure_details"]["key"], "field_not_in_dataset");
}

#[tokio::test]
async fn a_config_is_built_from_a_schema() {
    let mock = mock().await;
    let (_, revision) = new_dataset(&mock, "replace").await;
    let (_, output) = schemas(&upload(&mock, &revision, "a,b\n1,x\n").await);
    let path = format!("{BASE}/config/build_from/{output}");
    let made = asked(&mock, "POST", &path, &json!({ "name": "built", "data_action": "update" }), 201).await;
    let exprs: Vec<&Value> = made["resource"]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| &column["transform_expr"])
        .collect();
    assert_eq!(exprs, ["to_number(`a`)", "`b`"]);
    let unknown = format!("{BASE}/config/build_from/999999");
    assert_eq!(
        refused(&mock, "POST", &unknown, &json!({ "name": "x", "data_action": "update" })).await.0,
        404
    );
}

/// The number of configs has a bound.
#[tokio::test]
async fn a_space_has_a_bounded_number_of_configs() {
    let mock = mock().await;
    for number in 0..1000 {
        let sent = json!({ "name": format!("c{number}"), "data_action": "replace" });
        asked(&mock, "POST", &format!("{BASE}/config"), &sent, 201).await;
    }
    let sent = json!({ "name": "one more", "data_action": "replace" });
    assert_eq!(
        refused(&mock, "POST", &format!("{BASE}/config"), &sent).await,
        (422, "publishing_limit".to_owned())
    );
}
