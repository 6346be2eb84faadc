//! What exists at Socrata and not here is refused by name, and the matrix says so.

use crate::support::{PUBLISHER, mock};
use serde_json::json;
use soda_mock::http::FAMILIES;

/// A path of the family with a name in each place.
fn filled(path: &str) -> String {
    let names = [("{4x4}", "4tka-6guv"), ("{domain}", "data.city.gov"), ("{part}", "notes")];
    names.iter().fold(path.to_owned(), |path, (place, name)| path.replace(place, name))
}

#[tokio::test]
async fn every_family_is_refused_by_name() {
    let mock = mock().await;
    for family in FAMILIES {
        let path = filled(family.path);
        for (method, path) in [
            ("GET", path.clone()),
            ("POST", format!("{path}/v1/x")),
            ("PUT", format!("{path}/")),
            ("PATCH", path.clone()),
            ("DELETE", format!("{path}?method=x")),
        ] {
            let answer = mock.call(method, &path, &[("authorization", PUBLISHER)], "{").await;
            let told = answer.json();
            assert_eq!(
                (answer.status, &told["code"], &told["error"]),
                (501, &json!("not_emulated"), &json!(true)),
                "{method} {path}"
            );
            let message = told["message"].as_str().unwrap();
            assert!(message.contains("soda-mock does not emulate "), "{message}");
            assert!(answer.header("x-mock-hint").contains("/__mock/v1/coverage"), "{method} {path}");
        }
        let message = mock.get(&path).await.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(family.feature) && message.contains(&path), "{message}");
    }
}

/// The order of checks: application token and credentials come before the path's own refusal.
#[tokio::test]
async fn credentials_are_checked_before_a_family_is_refused() {
    let mock = mock().await;
    for family in FAMILIES {
        let path = filled(family.path);
        for header in [("authorization", "Basic bm86Ym9keQ=="), ("x-app-token", "unknown")] {
            assert_eq!(mock.call("POST", &path, &[header], "").await.status, 403, "{path} {header:?}");
        }
    }
}

#[tokio::test]
async fn the_matrix_has_a_row_for_each_family() {
    let rows = mock().await.get("/__mock/v1/coverage").await.json()["coverage"].clone();
    for family in FAMILIES {
        let row = rows.as_array().unwrap().iter().find(|row| row["endpoint"] == family.path);
        let row = row.unwrap_or_else(|| panic!("{} has no row", family.path));
        assert_eq!(row["status"], "refused", "{row}");
        assert!(row["note"].as_str().unwrap().contains(family.feature), "{row}");
    }
}

/// A family that is built has to leave the table.
#[test]
fn no_family_is_served() {
    for endpoint in soda_mock::http::endpoints() {
        let path = endpoint.split_once(' ').unwrap().1;
        let family = FAMILIES.iter().find(|family| family.path == path);
        assert!(family.is_none(), "{path} is served: take it out of src/http/socrata/not_emulated.rs");
    }
}

#[tokio::test]
async fn a_path_that_is_nowhere_is_404() {
    let mock = mock().await;
    for path in ["/api/unheard-of", "/api/odatas", "/api/versions", "/api", "/assetsx"] {
        let answer = mock.call("GET", path, &[("authorization", PUBLISHER)], "").await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "{path}");
    }
}

/// Each served path refuses what its `?method=` would do at Socrata.
#[tokio::test]
async fn methods_in_the_query_that_are_not_emulated_are_named() {
    let mock = mock().await;
    for (method, path) in [
        ("GET", "/api/views?method=getByIds"),
        ("PATCH", "/api/views/4tka-6guv?method=prepareDraftForImport"),
        ("POST", "/views/4tka-6guv.txt?method=replaceBlob"),
        ("POST", "/api/views/4tka-6guv/publication?method=undo"),
        ("GET", "/api/geocoding/4tka-6guv?method=geocode"),
        ("GET", "/api/geocoding/4tka-6guv"),
    ] {
        let answer = mock.call(method, path, &[("authorization", PUBLISHER)], "{}").await;
        assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("not_emulated")), "{method} {path}");
    }
}

/// An address of the site in another form than JSON is not answered in JSON as if nothing had been asked.
#[tokio::test]
async fn the_objects_of_a_site_are_shown_as_json_only() {
    let mock = mock().await;
    let view = "/api/views/4tka-6guv";
    let paths = ["", "/columns", "/permissions", "/replication", "/columns/magnitude"]
        .map(|part| format!("{view}{part}"));
    let others = ["/api/views/metadata/v1/4tka-6guv", "/api/api_keys/xyz"].map(str::to_owned);
    for path in paths.iter().chain(&others) {
        let plain = mock.call("GET", path, &[("authorization", PUBLISHER)], "").await;
        let json = mock.call("GET", &format!("{path}.json"), &[("authorization", PUBLISHER)], "").await;
        assert_eq!((json.status, json.body), (plain.status, plain.body), "{path}");
        for form in ["xml", "csv", "tsv", "rdf"] {
            let answer =
                mock.call("GET", &format!("{path}.{form}"), &[("authorization", PUBLISHER)], "").await;
            assert_eq!(
                (answer.status, &answer.json()["code"]),
                (501, &json!("not_emulated")),
                "{path}.{form}"
            );
        }
    }
}
