//! The web page as it is served; what it does is tested in a browser, in tests/clients/page.

use crate::support::{mock, mock_of};
use axum::body::Body;
use serde_json::json;
use soda_mock::Setup;
use soda_mock::http::Options;
use std::io::Read as _;

/// The addresses in the page that lie below its own folder of files.
fn assets(html: &str) -> Vec<String> {
    let parts = html.split('"').filter(|part| part.starts_with("/__mock/assets/"));
    parts.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_view_is_the_page_and_all_its_files_are_there() {
    let mock = mock().await;
    let page = mock.get("/__mock/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    for view in [
        "/__mock/datasets/4tka-6guv/row/a%2Fb",
        "/__mock/requests",
        "/__mock/controls/clock",
        "/__mock/query",
    ] {
        assert_eq!(mock.get(view).await.body, page.body, "{view}");
    }
    let names = assets(&page.text());
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let file = mock.get(&name).await;
        assert_eq!(file.status, 200, "{name}");
        assert!(file.header("cache-control").contains("immutable"), "{name}");
        let wanted = if name.ends_with(".js") {
            "text/javascript"
        } else if name.ends_with(".css") {
            "text/css"
        } else {
            "image/svg+xml"
        };
        assert!(file.header("content-type").starts_with(wanted), "{name}");
    }
    assert_eq!(mock.get("/__mock/assets/x/no.js").await.status, 404);
}

#[tokio::test]
async fn imports_name_files_that_are_served() {
    let mock = mock().await;
    let names = assets(&mock.get("/__mock/").await.text());
    for name in names.iter().filter(|name| name.ends_with(".js") && !name.contains("/vendor/")) {
        let text = mock.get(name).await.text();
        let folder = name.rsplit_once('/').unwrap().0;
        for import in text.split("from \"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let mut path = folder.to_owned();
            for step in import.split('/') {
                match step {
                    "." => {}
                    ".." => path.truncate(path.rfind('/').unwrap()),
                    step => path.push_str(&format!("/{step}")),
                }
            }
            assert!(names.contains(&path), "{name} imports {import}");
        }
    }
}

#[tokio::test]
async fn the_policy_allows_nothing_inline_and_nothing_from_elsewhere() {
    let mock = mock().await;
    let page = mock.get("/__mock/").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let html = page.text();
    assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("://"), "{html}");
}

#[tokio::test]
async fn files_are_compressed_where_that_is_accepted_and_not_sent_twice() {
    let mock = mock().await;
    let page = mock.get("/__mock/").await;
    let packed = mock.call("GET", "/__mock/", &[("accept-encoding", "gzip, br")], Body::empty()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, page.body);
    let again = mock.call("GET", "/__mock/", &[("if-none-match", page.header("etag"))], Body::empty()).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn the_page_is_guarded_and_removed_with_the_admin_api() {
    let mock = mock().await;
    let foreign = [("host", "evil.example"), ("origin", "http://evil.example")];
    assert_eq!(mock.call("GET", "/__mock/", &foreign, Body::empty()).await.status, 403);
    let html = [("accept", "text/html,*/*")];
    let root = mock.call("GET", "/", &html, Body::empty()).await;
    assert_eq!((root.status, root.header("location")), (303, "/__mock/"));
    assert_eq!(mock.get("/").await.status, 404);
    let bare =
        mock_of(Setup { options: Options { no_admin: true, ..Options::default() }, ..Setup::default() })
            .await;
    assert_eq!(bare.get("/__mock/").await.status, 404);
    assert_eq!(bare.call("GET", "/", &html, Body::empty()).await.status, 404);
}

#[tokio::test]
async fn queries_of_the_admin_api_read_private_datasets_in_every_form() {
    let mock = mock().await;
    let columns = json!([{ "fieldName": "k", "name": "K", "dataTypeName": "text" }]);
    mock.dataset(
        "priv-ate1",
        &json!({ "name": "P", "public": false, "columns": columns, "rows": [{ "k": "one" }] }),
    )
    .await;
    assert_eq!(mock.get("/resource/priv-ate1.json").await.status, 403);
    let base = "/__mock/v1/datasets/priv-ate1/query";
    assert_eq!(mock.get(&format!("{base}?$where=k='one'")).await.json(), json!([{ "k": "one" }]));
    assert_eq!(mock.get(&format!("{base}.csv")).await.text(), "\"k\"\n\"one\"\n");
    assert_eq!(mock.get(&format!("{base}.geojson")).await.json()["features"][0]["properties"]["k"], "one");
    let wrong = mock.get(&format!("{base}.json?$query=SELECT%20nope")).await;
    assert_eq!((wrong.status, &wrong.json()["data"]["position"]["column"]), (400, &json!(8)));
    assert_eq!(mock.get("/__mock/v1/datasets/none-none/query").await.status, 404);
}

#[tokio::test]
async fn pages_of_a_view_are_cut_from_its_order() {
    let mock = mock().await;
    let columns = json!([
        { "fieldName": "k", "name": "K", "dataTypeName": "number" },
        { "fieldName": "t", "name": "T", "dataTypeName": "text" },
    ]);
    let rows: Vec<_> =
        (0..250).map(|n| json!({ "k": (n * 7) % 250, "t": format!("word{}", n % 2) })).collect();
    let definition =
        json!({ "name": "W", "columns": columns, "metadata": { "rowIdentifier": "k" }, "rows": rows });
    mock.dataset("wind-ows1", &definition).await;
    let keys = |answer: &crate::support::Answer| -> Vec<i64> {
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| row["k"].as_str().unwrap().parse().unwrap()).collect()
    };
    let base = "/__mock/v1/datasets/wind-ows1/window";
    let last = mock.get(&format!("{base}?$order=k&offset=200")).await;
    assert_eq!(keys(&last), (200..250).collect::<Vec<_>>());
    assert_eq!(last.header("x-mock-rows"), "250");
    assert!(last.json()[0][":id"].as_str().unwrap().starts_with("row-"));
    let odd = mock.get(&format!("{base}?$where=t='word1'&$order=k%20DESC&limit=3&offset=1")).await;
    assert_eq!((odd.header("x-mock-rows"), keys(&odd).len()), ("125", 3));
    assert_eq!(mock.get(&format!("{base}?$q=word0&limit=1")).await.header("x-mock-rows"), "125");
    // A write changes what the same question answers.
    mock.write(
        "POST",
        "/resource/wind-ows1.json",
        &json!([{ "k": -1, "t": "word1" }, { "k": 249, ":deleted": true }]),
    )
    .await;
    let first = mock.get(&format!("{base}?$order=k&limit=2")).await;
    assert_eq!((first.header("x-mock-rows"), keys(&first)), ("250", vec![-1, 0]));
    assert_eq!(keys(&mock.get(&format!("{base}?offset=999")).await), Vec::<i64>::new());
    for (query, status) in [("limit=0", 400), ("offset=x", 400), ("$select=k", 400), ("$where=nope", 400)] {
        assert_eq!(mock.get(&format!("{base}?{query}")).await.status, status, "{query}");
    }
}
