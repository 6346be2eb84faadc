//! The coverage matrix, the OpenAPI document and the router say the same.

use crate::support::{Mock, PUBLISHER, mock};
use serde_json::{Value, json};
use soda_mock::http::admin::{Answers, routes};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Methods that routes tell apart; HEAD goes with GET, OPTIONS belongs to CORS.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

async fn matrix() -> Vec<Value> {
    let answer = mock().await.get("/__mock/v1/coverage").await.json();
    answer["coverage"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_endpoint_has_a_row_and_every_row_an_endpoint() {
    let served: BTreeSet<String> = soda_mock::http::endpoints().into_iter().collect();
    let rows = matrix().await;
    let endpoint = |row: &Value| row["endpoint"].as_str().unwrap().to_owned();
    let with_row: BTreeSet<String> =
        rows.iter().filter(|row| row.get("parameter").is_none()).map(endpoint).collect();
    let missing: Vec<&String> = served.difference(&with_row).collect();
    assert!(missing.is_empty(), "without a row in src/http/admin/coverage.rs: {missing:?}");
    for row in &rows {
        let what = endpoint(row);
        let names_a_method = METHODS.iter().any(|m| what.starts_with(&format!("{m} /")));
        assert!(!names_a_method || served.contains(&what), "{what} has a row but no route");
    }
}

#[tokio::test]
async fn every_row_names_tests_that_exist() {
    for row in matrix().await {
        let tests = row["tests"].as_array().unwrap();
        assert!(!tests.is_empty(), "no test shows {} {}", row["endpoint"], row["parameter"]);
        for test in tests {
            let name = test.as_str().unwrap();
            assert!(exists(name), "{} names {name}, which is not there", row["endpoint"]);
        }
    }
}

/// `module::name` of a test function, or a file.
fn exists(test: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some((module, name)) = test.rsplit_once("::") else { return root.join("tests").join(test).is_file() };
    let module = module.replace("::", "/");
    let places = ["tests/it/{}.rs", "tests/it/{}/mod.rs", "src/{}.rs", "src/{}/mod.rs", "src/{}/tests.rs"];
    places.iter().any(|place| {
        let text = std::fs::read_to_string(root.join(place.replace("{}", &module))).unwrap_or_default();
        let mut marked = false;
        text.lines().any(|line| {
            let line = line.trim();
            let found = marked && line.contains(&format!("fn {name}("));
            marked = match line {
                "#[test]" => true,
                _ if line.starts_with("#[tokio::test") => true,
                _ => marked && line.starts_with("#["),
            };
            found
        })
    })
}

/// A path of the document with names that are there in a new mock.
fn filled(path: &str) -> String {
    let names = [
        ("{dataset}", "4tka-6guv"),
        ("{4x4}", "4tka-6guv"),
        ("{token}", "demo-app-token"),
        ("{name}", "publisher@example.com"),
        ("{row}", "00388609"),
        ("{column}", "region"),
        ("{request}", "1"),
    ];
    let path = names.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    path.replace(['{', '}'], "")
}

async fn knows(mock: &Mock, method: &str, path: &str) -> bool {
    let headers = [("authorization", PUBLISHER), ("content-type", "application/json")];
    if path.ends_with("/events") && method == "GET" {
        // Its body has no end.
        let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        return mock.raw(request).await.status() == 200;
    }
    let answer = mock.call(method, path, &headers, "null").await;
    let unknown = answer.status == 404 && answer.text().contains("admin call");
    answer.status != 405 && !unknown
}

#[tokio::test]
async fn the_router_knows_each_endpoint_and_no_other() {
    let served = soda_mock::http::endpoints();
    let paths: BTreeSet<&str> = served.iter().map(|e| e.split_once(' ').unwrap().1).collect();
    for path in paths {
        for method in METHODS {
            let mock = mock().await;
            let declared = served.iter().any(|e| *e == format!("{method} {path}"));
            assert_eq!(knows(&mock, method, &filled(path)).await, declared, "{method} {path}");
        }
    }
}

/// Both are made from the same list; a route written by hand would be in neither.
#[test]
fn routes_are_added_to_routers_in_the_lists_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut files = vec![root.clone()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let allowed = ["wire.rs", "admin/route.rs", "admin/mod.rs"].map(|name| root.join(name));
        let text = std::fs::read_to_string(&path).unwrap();
        let by_hand = text.contains(".route(") || text.contains(".nest(") || text.contains("route_service(");
        assert!(
            !by_hand || allowed.contains(&PathBuf::from(&path)),
            "{} adds a route by hand",
            path.display()
        );
    }
}

#[tokio::test]
async fn the_document_has_each_call_and_resolves_its_references() {
    let answer = mock().await.get("/__mock/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{id} twice");
            assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{method} {path}: one sentence");
        }
    }
    let listed: BTreeSet<String> =
        routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(described, listed);
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

/// Members and types of the example, also inside the first item of a list.
fn fits(example: &Value, real: &Value, place: &str) {
    match (example, real) {
        (Value::Object(example), Value::Object(real)) => {
            for (name, value) in example {
                let place = format!("{place}.{name}");
                fits(value, real.get(name).unwrap_or_else(|| panic!("{place} is not in the answer")), &place);
            }
        }
        (Value::Array(example), Value::Array(real)) => {
            if let (Some(example), Some(real)) = (example.first(), real.first()) {
                fits(example, real, &format!("{place}[0]"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ => assert_eq!(
            std::mem::discriminant(example),
            std::mem::discriminant(real),
            "{place}: the example says {example}, the answer {real}"
        ),
    }
}

#[tokio::test]
async fn every_example_of_an_answer_has_the_members_of_the_real_one() {
    let mock = mock().await;
    mock.write("POST", "/resource/4tka-6guv", &json!([{ "earthquake_id": "x" }])).await;
    for route in routes() {
        let place = format!("{} {}", route.method, route.path);
        let Answers::Json(example, _) = route.answers else { continue };
        let example: Value = serde_json::from_str(example).unwrap_or_else(|e| panic!("{place}: {e}"));
        if route.method != "GET" {
            continue;
        }
        let answer = mock.get(&format!("/__mock/v1{}", filled(route.path))).await;
        // What has to be made first is 404 in a new mock.
        if answer.status == 200 {
            fits(&example, &answer.json(), &place);
        } else {
            assert!(answer.status == 404 && route.path.contains('{'), "{place}: {}", answer.text());
        }
    }
}
