//! The metadata API, as its OpenAPI document describes it.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock};
use serde_json::{Value, json};

const PATH: &str = "/api/views/metadata/v1";
const ID: &str = "meta-2222";

async fn prepared() -> Mock {
    let mock = mock().await;
    let definition = json!({ "name": "Housing", "category": "Business", "tags": ["homes"], "description": "d",
        "attribution": "City of X", "columns": [],
        "metadata": { "custom_fields": { "Publication": { "Cycle": "Daily", "Date": "2016" }, "Agency": { "Dept": "Fish" } } },
        "privateMetadata": { "custom_fields": { "Agency": { "Budget": "5" } } } });
    mock.dataset(ID, &definition).await;
    mock
}

async fn read(mock: &Mock, login: &str) -> Value {
    let headers: &[(&str, &str)] = if login.is_empty() { &[] } else { &[("authorization", login)] };
    mock.call("GET", &format!("{PATH}/{ID}"), headers, "").await.json()
}

async fn patch(mock: &Mock, query: &str, body: Value) -> Answer {
    mock.write("PATCH", &format!("{PATH}/{ID}{query}"), &body).await
}

#[tokio::test]
async fn metadata_is_the_same_truth_as_the_view() {
    let mock = prepared().await;
    let at = "2023-11-14T22:13:20+0000";
    let mut expected = json!({
        "id": ID, "name": "Housing", "attribution": "City of X", "attributionLink": null, "category": "Business",
        "createdAt": at, "dataUpdatedAt": at, "dataUri": "https://localhost/resource/meta-2222", "description": "d",
        "domain": "localhost", "externalId": null, "hideFromCatalog": false, "hideFromDataJson": false,
        "license": null, "metadataUpdatedAt": at, "provenance": "OFFICIAL", "updatedAt": at,
        "webUri": "https://localhost/d/meta-2222",
        "customFields": { "Publication": { "Cycle": "Daily", "Date": "2016" }, "Agency": { "Dept": "Fish" } },
        "tags": ["homes"],
    });
    assert_eq!(read(&mock, "").await, expected);
    assert_eq!(read(&mock, VIEWER).await, expected);
    expected["customFields"]["Agency"]["Budget"] = json!("5");
    assert_eq!(read(&mock, PUBLISHER).await, expected, "who may change it sees private fields");
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":60}").await;
    let sent = json!({ "name": "Housing - 2014", "license": "Public Domain", "tags": null, "id": ID,
        "customFields": { "Publication": { "Cycle": "Monthly", "Date": null }, "Agency": { "Budget": "6" } } });
    let changed = patch(&mock, "", sent).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    expected["name"] = json!("Housing - 2014");
    expected["license"] = json!("Public Domain");
    expected["tags"] = Value::Null;
    expected["customFields"] =
        json!({ "Publication": { "Cycle": "Monthly" }, "Agency": { "Dept": "Fish", "Budget": "6" } });
    for member in ["metadataUpdatedAt", "updatedAt"] {
        expected[member] = json!("2023-11-14T22:14:20+0000");
    }
    assert_eq!((changed.json(), read(&mock, PUBLISHER).await), (expected.clone(), expected));
    let view = mock.get(&format!("/api/views/{ID}")).await.json();
    assert_eq!((&view["name"], &view["licenseId"]), (&json!("Housing - 2014"), &json!("PUBLIC_DOMAIN")));
    assert_eq!(view["metadata"]["custom_fields"]["Publication"], json!({ "Cycle": "Monthly" }));
    for (fields, left) in [
        (json!({ "Agency": null }), json!({ "Publication": { "Cycle": "Monthly" } })),
        (Value::Null, Value::Null),
    ] {
        assert_eq!(patch(&mock, "", json!({ "customFields": fields })).await.json()["customFields"], left);
    }
    // What the view changes is told here.
    mock.write("PUT", &format!("/api/views/{ID}"), &json!({ "description": "other" })).await;
    assert_eq!(read(&mock, "").await["description"], "other");
}

#[tokio::test]
async fn what_a_patch_may_not_hold_is_named() {
    let mock = prepared().await;
    let before = read(&mock, PUBLISHER).await;
    for (body, told) in [
        (json!({ "id": "test-test" }), "id is read-only"),
        (json!({ "hideFromCatalog": true }), "hideFromCatalog is read-only"),
        (json!({ "name": null }), "name must be a text"),
        (json!({ "name": " " }), "name must be a text"),
        (json!({ "nmae": "x" }), "did you mean name?"),
        (json!({ "columns": [] }), "columns is no field of metadata"),
        (json!({ "description": 5 }), "description must be a text or null"),
        (json!({ "tags": "a" }), "tags must be a list of texts or null"),
        (json!({ "tags": [1] }), "tags must be a list"),
        (json!({ "license": "None" }), "license must be the name of a license"),
        (json!({ "attributionLink": "x" }), "attributionLink must be an http or https URL"),
        (json!({ "customFields": [] }), "customFields must be"),
        (json!({ "customFields": { "A": 5 } }), "customFields A: must be"),
        (json!({ "customFields": { "A": { "B": {} } } }), "A.B must be a single value"),
        (json!({ "description": "new", "license": "None" }), "license must be"),
    ] {
        let answer = patch(&mock, "", body.clone()).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid_request")), "{body}");
        assert!(answer.json()["message"].as_str().unwrap().contains(told), "{told}: {}", answer.text());
    }
    assert_eq!(read(&mock, PUBLISHER).await, before, "nothing of a refused patch is stored");
    let path = format!("{PATH}/{ID}");
    assert_eq!(mock.call("PATCH", &path, &[], "{}").await.status, 403);
    assert_eq!(mock.call("PATCH", &path, &[("authorization", VIEWER)], "{}").await.status, 403);
    assert_eq!(mock.write("PATCH", &format!("{PATH}/zzzz-zzzz"), &json!({})).await.status, 404);
    assert_eq!(mock.write("PUT", &path, &json!({})).await.header("allow"), "GET,HEAD,PATCH");
}

#[tokio::test]
async fn a_change_can_be_tried_without_being_made() {
    let mock = prepared().await;
    let before = read(&mock, PUBLISHER).await;
    let example = json!({ "name": "null", "license": "None", "category": "Nonexistent Category" });
    let tried = patch(&mock, "?strict=true&validateOnly=true", example).await;
    let told = tried.json();
    assert_eq!((tried.status, &told["name"], &told["license"]), (200, &json!("null"), &Value::Null));
    assert_eq!(told["errors"][0]["field"], "license");
    let fields: Vec<&Value> =
        told["warnings"].as_array().unwrap().iter().map(|warning| &warning["field"]).collect();
    assert_eq!(fields, [&json!("name"), &json!("category")]);
    let strange = json!({ "category": "Nonexistent Category" });
    assert_eq!(patch(&mock, "?strict=true", strange.clone()).await.status, 400);
    assert_eq!(read(&mock, PUBLISHER).await, before);
    assert_eq!(patch(&mock, "?strict=maybe", strange.clone()).await.status, 400);
    assert_eq!(patch(&mock, "", strange).await.json()["category"], "Nonexistent Category");
}

#[tokio::test]
async fn published_datasets_are_listed_by_pages() {
    let mock = prepared().await;
    mock.dataset("priv-2222", &json!({ "name": "P", "public": false, "columns": [] })).await;
    mock.dataset("work-2222", &json!({ "name": "W", "published": false, "columns": [] })).await;
    let ids = async |login: &str, query: &str| {
        let headers: &[(&str, &str)] = if login.is_empty() { &[] } else { &[("authorization", login)] };
        let list = mock.call("GET", &format!("{PATH}{query}"), headers, "").await.json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap()[..4].to_owned())
            .collect::<Vec<_>>()
            .join(",")
    };
    for (login, query, expected) in [
        ("", "", "4tka,meta"),
        (VIEWER, "", "4tka,meta,priv"),
        ("", "?limit=1", "4tka"),
        ("", "?limit=1&page=2", "meta"),
        ("", "?limit=1&page=3", ""),
        ("", "?page=2", ""),
        // As published clients write it.
        ("", "/?limit=1", "4tka"),
    ] {
        assert_eq!(ids(login, query).await, expected, "{login} {query}");
    }
    for query in ["?limit=0", "?page=0", "?limit=many"] {
        assert_eq!(mock.get(&format!("{PATH}{query}")).await.status, 400, "{query}");
    }
    for query in ["?method=help", "?help"] {
        let help = mock.get(&format!("{PATH}{query}")).await.text();
        assert!(help.contains("id: read-only") && help.contains("name: can be changed"), "{help}");
    }
    assert_eq!(mock.get(&format!("{PATH}?method=other")).await.status, 501);
}
