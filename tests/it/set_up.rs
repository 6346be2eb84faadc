//! Datasets as set-up programs make them: without columns at first, with type names in any case, with
//! displays that are no tables, and working copies of them.

use crate::support::{Answer, Mock, PUBLISHER, mock};
use serde_json::{Value, json};

async fn as_publisher(mock: &Mock, method: &str, path: &str) -> Answer {
    mock.call(method, path, &[("authorization", PUBLISHER)], "").await
}

async fn made(mock: &Mock, view: &Value) -> (String, Value) {
    let answer = mock.write("POST", "/api/views.json", view).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let view = answer.json();
    (view["id"].as_str().unwrap().to_owned(), view)
}

/// A vendor's client sends `"Text"` (client evidence).
#[tokio::test]
async fn type_names_count_without_case() {
    let mock = mock().await;
    for name in ["text", "number", "checkbox", "calendar_date", "point", "location", "multiline"] {
        for spelled in [name.to_owned(), name.to_uppercase(), name[..1].to_uppercase() + &name[1..]] {
            let columns = json!([{ "name": "A", "dataTypeName": spelled }]);
            let (id, view) = made(&mock, &json!({ "name": "x", "columns": columns })).await;
            assert_eq!(view["columns"][0]["dataTypeName"], name, "{spelled}");
            let same = json!({ "name": "B", "dataTypeName": spelled });
            let column = format!("/api/views/{id}/columns/{}", view["columns"][0]["id"]);
            let changed = mock.write("PUT", &column, &same).await;
            assert_eq!((changed.status, &changed.json()["dataTypeName"]), (200, &json!(name)), "{spelled}");
        }
    }
}

#[tokio::test]
async fn the_parameters_of_the_api_count_without_case() {
    let mock = mock().await;
    let read = async |query: &str| mock.get(&format!("/resource/4tka-6guv.json?{query}")).await.text();
    let plain = read("$select=earthquake_id&$order=magnitude%20desc&$limit=3&$offset=1").await;
    assert_eq!(read("$SELECT=earthquake_id&$Order=magnitude%20desc&$LIMIT=3&$OffSet=1").await, plain);
    let whole =
        read("$Query=select%20earthquake_id%20order%20by%20magnitude%20desc%20limit%203%20offset%201");
    assert_eq!(whole.await, plain);
    let system = read("$$Exclude_System_Fields=false&$limit=1").await;
    assert!(system.contains(":created_at"), "{system}");
    assert_eq!(mock.get("/resource/4tka-6guv.json?$$APP_TOKEN=nobodys").await.status, 403);
}

/// DataSync makes its datasets so (client evidence).
#[tokio::test]
async fn a_row_identifier_waits_for_its_column() {
    for columns in [json!([]), Value::Null] {
        let mock = mock().await;
        let metadata = json!({ "rowIdentifier": "Key_ID" });
        let (id, view) = made(&mock, &json!({ "name": "x", "columns": columns, "metadata": metadata })).await;
        assert_eq!(view["metadata"]["rowIdentifier"], "Key_ID");
        assert!(view.get("rowIdentifierColumnId").is_none(), "{view}");
        let columns = format!("/api/views/{id}/columns.json");
        for name in ["Other", "Key ID"] {
            let column = json!({ "name": name, "dataTypeName": "text" });
            assert_eq!(mock.write("POST", &columns, &column).await.status, 200);
        }
        let view = as_publisher(&mock, "GET", &format!("/api/views/{id}.json")).await.json();
        assert_eq!(view["metadata"]["rowIdentifier"], "key_id");
        assert_eq!(view["rowIdentifierColumnId"], view["columns"][1]["id"]);
        let rows =
            json!([{ "key_id": "a", "other": "1" }, { "key_id": "a", "other": "2" }, { "other": "3" }]);
        let told = mock.write("POST", &format!("/resource/{id}.json"), &rows).await.json();
        assert_eq!(
            (&told["Rows Created"], &told["Rows Updated"], &told["Errors"]),
            (&json!(1), &json!(1), &json!(1))
        );
    }
}

/// Rows that are there before their identifier are no duplicates: they have no value.
#[tokio::test]
async fn a_row_identifier_that_comes_after_rows_is_told_that_they_lack_it() {
    for (rows, told) in [(json!([{}]), "but 1 row has none"), (json!([{}, {}]), "but 2 rows have none")] {
        let mock = mock().await;
        let metadata = json!({ "rowIdentifier": "id" });
        let (id, _) = made(&mock, &json!({ "name": "x", "columns": [], "metadata": metadata })).await;
        assert_eq!(mock.write("POST", &format!("/resource/{id}.json"), &rows).await.status, 200);
        let column = json!({ "name": "id", "dataTypeName": "number" });
        let refused = mock.write("POST", &format!("/api/views/{id}/columns.json"), &column).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("soda.column.not-unique")));
        assert!(refused.json()["message"].as_str().unwrap().ends_with(told), "{}", refused.text());
        let hint = refused.header("x-mock-hint");
        assert!(hint.contains("empty the dataset before"), "{hint}");
        // Done so, it works.
        assert_eq!(mock.write("PUT", &format!("/resource/{id}.json"), &json!([])).await.status, 200);
        let column = mock.write("POST", &format!("/api/views/{id}/columns.json"), &column).await;
        assert_eq!(column.status, 200, "{}", column.text());
    }
}

#[tokio::test]
async fn a_row_identifier_that_waits_can_be_changed_or_taken_back() {
    let mock = mock().await;
    let metadata = json!({ "rowIdentifier": "a" });
    let (id, _) = made(&mock, &json!({ "name": "x", "columns": [], "metadata": metadata })).await;
    let path = format!("/api/views/{id}.json");
    for (sent, shown) in [(json!("b"), json!("b")), (json!("0"), Value::Null), (json!("c"), json!("c"))] {
        let view = mock.write("PUT", &path, &json!({ "metadata": { "rowIdentifier": sent } })).await.json();
        assert_eq!(view["metadata"].get("rowIdentifier").unwrap_or(&Value::Null), &shown);
    }
    let many = json!([{ "name": "A", "dataTypeName": "text" }, { "name": "C", "dataTypeName": "point" }]);
    let refused =
        mock.write("POST", &format!("/api/views/{id}/columns.json?method=multiCreate"), &many).await;
    assert!(refused.status == 400 && refused.text().contains("cannot identify rows"), "{}", refused.text());
    assert_eq!(as_publisher(&mock, "GET", &path).await.json()["columns"], json!([]), "nothing was added");
    // With columns there is nothing to wait for.
    let columns = json!([{ "name": "A", "dataTypeName": "text" }]);
    let view = json!({ "name": "x", "columns": columns, "metadata": { "rowIdentifier": "nope" } });
    assert_eq!(mock.write("POST", "/api/views.json", &view).await.status, 400);
}

/// Rows that were there before the column have no key.
#[tokio::test]
async fn a_row_identifier_that_comes_too_late_is_refused() {
    let mock = mock().await;
    let metadata = json!({ "rowIdentifier": "k" });
    let (id, _) = made(&mock, &json!({ "name": "x", "columns": [], "metadata": metadata })).await;
    mock.write("POST", &format!("/resource/{id}.json"), &json!([{}])).await;
    let column = json!({ "name": "K", "dataTypeName": "text" });
    let refused = mock.write("POST", &format!("/api/views/{id}/columns.json"), &column).await;
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("soda.column.not-unique")));
    let view = as_publisher(&mock, "GET", &format!("/api/views/{id}.json")).await.json();
    assert_eq!(view["columns"], json!([]));
}

#[tokio::test]
async fn a_dataset_without_columns_reads_empty_rows_in_every_format() {
    let mock = mock().await;
    mock.dataset("none-2222", &json!({ "name": "None", "columns": [] })).await;
    let read = async |target: &str| {
        let answer = mock.get(target).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.text()
    };
    let formats = ["json", "csv", "tsv", "geojson", "cjson", "xml"];
    for extension in formats {
        read(&format!("/resource/none-2222.{extension}")).await;
    }
    assert_eq!(read("/resource/none-2222.json").await, "[]\n");
    let written = mock.write("POST", "/resource/none-2222.json", &json!([{}, {}])).await.json();
    assert_eq!(written["Rows Created"], 2);
    assert_eq!(read("/resource/none-2222.json").await, "[{}\n,{}]\n");
    assert_eq!(read("/resource/none-2222.csv").await, "\n\n\n");
    let features = read("/resource/none-2222.geojson").await;
    assert_eq!(features.matches("{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}").count(), 2);
    for query in ["$where=1=1", "$order=:id", "$limit=1", "$query=select%20distinct%20*", "$q=a"] {
        for extension in formats {
            read(&format!("/resource/none-2222.{extension}?{query}")).await;
        }
    }
    assert_eq!(
        read("/resource/none-2222.json?$query=select%20*%20%7C%3E%20select%20count(*)").await,
        "[{\"count\":\"2\"}]\n"
    );
    assert_eq!(read("/api/v3/views/none-2222/query.json").await, "[\n{},\n{}\n]\n");
    for extension in ["json", "csv", "tsv"] {
        read(&format!("/api/views/none-2222/rows.{extension}")).await;
    }
    let row = mock.write("POST", "/resource/none-2222.json", &json!({})).await.json();
    let id = row[":id"].as_str().unwrap();
    assert_eq!(read(&format!("/resource/none-2222/{id}.json")).await, "{}\n");
    // A list that its exceptions leave nothing of is the same.
    let columns = json!([{ "fieldName": "a", "dataTypeName": "text" }]);
    mock.dataset("none-3333", &json!({ "name": "One", "columns": columns, "rows": [{ "a": "x" }] })).await;
    assert_eq!(read("/resource/none-3333.json?$select=*(except%20a)").await, "[{}]\n");
}

/// Recorded: the refusal; which displays are tables: those that production lists for one.
#[tokio::test]
async fn what_is_shown_as_no_table_has_no_rows() {
    for (member, value, tabular) in [
        ("displayType", "table", true),
        ("displayType", "fatrow", true),
        ("displayType", "page", true),
        ("displayType", "Table", true),
        ("viewType", "tabular", true),
        ("displayType", "map", false),
        ("displayType", "blob", false),
        ("displayType", "href", false),
        ("viewType", "blobby", false),
        ("viewType", "href", false),
    ] {
        let mock = mock().await;
        let mut view = json!({ "name": "x", "columns": [{ "fieldName": "a", "dataTypeName": "text" }] });
        view[member] = value.into();
        let (id, shown) = made(&mock, &view).await;
        assert_eq!(shown[member], value);
        for (method, path) in [
            ("GET", format!("/resource/{id}.json")),
            ("GET", format!("/resource/{id}/row-2222-2222-2222.json")),
            ("POST", format!("/resource/{id}.json")),
            ("PUT", format!("/resource/{id}.json")),
            ("DELETE", format!("/resource/{id}/row-2222-2222-2222")),
            ("GET", format!("/api/views/{id}/rows.json")),
            ("GET", format!("/api/v3/views/{id}/query.json")),
        ] {
            let answer = mock.call(method, &path, &[("authorization", PUBLISHER)], "[]").await;
            if tabular {
                assert_ne!(answer.status, 400, "{member} {value} {method} {path}: {}", answer.text());
                continue;
            }
            let told = answer.json();
            assert_eq!(
                (answer.status, &told["code"]),
                (400, &json!("invalid_request")),
                "{value} {method} {path}"
            );
            assert_eq!(told["message"], "Can only get rows for tabular datasets.");
            assert!(answer.header("x-mock-hint").contains("displayType"), "{value}");
        }
        // It is metadata like any other: it can be changed and taken away.
        let path = format!("/api/views/{id}.json");
        let view = mock.write("PUT", &path, &json!({ "displayType": null, "viewType": null })).await.json();
        assert_eq!((&view["displayType"], &view["viewType"]), (&json!("table"), &json!("tabular")));
        assert_eq!(as_publisher(&mock, "GET", &format!("/resource/{id}.json")).await.status, 200);
    }
}

/// Source: a dataset has one working copy.
#[tokio::test]
async fn a_second_working_copy_is_refused_with_the_name_of_the_first() {
    for method in ["copy", "copySchema"] {
        let mock = mock().await;
        let copy = format!("/api/views/4tka-6guv/publication.json?method={method}");
        let first = as_publisher(&mock, "POST", &copy).await.json()["id"].as_str().unwrap().to_owned();
        let second = as_publisher(&mock, "POST", &copy).await;
        let told = second.json();
        assert_eq!(
            (second.status, &told["errorCode"]),
            (409, &json!("soda.dataset.incorrect-lifecycle-stage"))
        );
        assert_eq!(told["data"]["workingCopy"], first.as_str());
        assert!(second.header("x-mock-hint").contains(&first), "{}", second.header("x-mock-hint"));
        // Nor has a working copy one of its own.
        let of_copy = format!("/api/views/{first}/publication.json?method={method}");
        assert_eq!(as_publisher(&mock, "POST", &of_copy).await.status, 409);
        // Once it is published or dropped there can be another.
        as_publisher(&mock, "POST", &format!("/api/views/{first}/publication.json")).await;
        let third = as_publisher(&mock, "POST", &copy).await;
        assert_eq!(third.status, 200, "{}", third.text());
        let id = third.json()["id"].as_str().unwrap().to_owned();
        as_publisher(&mock, "DELETE", &format!("/api/views/{id}.json")).await;
        let fourth = as_publisher(&mock, "POST", &copy).await;
        assert_eq!(fourth.status, 200, "{}", fourth.text());
        // A dataset that takes the id has no working copy yet.
        mock.dataset("4tka-6guv", &json!({ "name": "Another", "columns": [] })).await;
        assert_eq!(as_publisher(&mock, "POST", &copy).await.status, 200);
    }
}

#[tokio::test]
async fn a_null_geometry_clears_the_column_and_a_missing_one_does_not() {
    let mock = mock().await;
    let point = json!({ "type": "Point", "coordinates": [1.0, 2.0] });
    let columns =
        json!([{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "p", "dataTypeName": "point" }]);
    let rows = json!([{ "k": "a", "p": point }, { "k": "b", "p": point }, { "k": "c", "p": point }]);
    let definition =
        json!({ "name": "P", "metadata": { "rowIdentifier": "k" }, "columns": columns, "rows": rows });
    mock.dataset("null-2222", &definition).await;
    let feature = |k: &str| json!({ "type": "Feature", "properties": { "k": k } });
    let mut features = [feature("a"), feature("b")];
    features[0]["geometry"] = Value::Null;
    let body = json!({ "type": "FeatureCollection", "features": features });
    let headers = [("authorization", PUBLISHER), ("content-type", "application/geo+json")];
    let answer = mock.call("POST", "/resource/null-2222", &headers, body.to_string()).await;
    assert_eq!(answer.json()["Rows Updated"], 2, "{}", answer.text());
    let expected = json!([{ "k": "a" }, { "k": "b", "p": point }, { "k": "c", "p": point }]);
    assert_eq!(mock.get("/resource/null-2222.json?$order=k").await.json(), expected);
    // Where there is no geometry column, null says nothing.
    let plain = json!({ "name": "N", "columns": [{ "fieldName": "k", "dataTypeName": "text" }] });
    mock.dataset("null-3333", &plain).await;
    let one = json!({ "type": "Feature", "properties": { "k": "x" }, "geometry": null });
    assert_eq!(mock.call("POST", "/resource/null-3333", &headers, one.to_string()).await.status, 200);
}
