//! Every refusal of the wire as a snapshot: status, headers and body.
//!
//! The first test asks every endpoint in ways that the first checks refuse; the others ask what a single
//! route refuses. `INSTA_UPDATE=always cargo test --test it refusals` writes the snapshots anew.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock_of};
use serde_json::json;
use soda_mock::Setup;
use soda_mock::http::Options;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Credentials of nobody.
const NOBODY: &str = "Basic bm86Ym9keQ==";
const JSON: &str = "application/json";
/// Headers that every answer has, or that follow from the body.
const LEFT_OUT: [&str; 5] =
    ["x-socrata-requestid", "x-mock-request", "access-control-allow-origin", "content-length", "link"];

/// A mock with a dataset of each kind: keyed, without a key, private, a working copy, a file.
pub async fn prepared(options: Options) -> Mock {
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    let columns = json!([
        { "fieldName": "k", "name": "K", "dataTypeName": "text" },
        { "fieldName": "n", "name": "N", "dataTypeName": "number" },
        { "fieldName": "at", "name": "At", "dataTypeName": "calendar_date" },
        { "fieldName": "p", "name": "P", "dataTypeName": "point" },
        { "fieldName": "f", "name": "F", "dataTypeName": "checkbox" },
    ]);
    let rows = json!([{ "k": "a", "n": 1 }, { "k": "b", "n": 2 }]);
    for (id, more) in [
        ("aaaa-2222", json!({ "metadata": { "rowIdentifier": "k" }, "rows": rows })),
        ("aaaa-3333", json!({ "rows": rows })),
        ("aaaa-4444", json!({ "public": false, "rows": rows })),
        ("aaaa-5555", json!({ "publicationStage": "unpublished" })),
        ("aaaa-6666", json!({ "viewType": "blobby", "displayType": "blob" })),
    ] {
        let mut definition = json!({ "name": format!("Readings {id}"), "columns": columns });
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        mock.dataset(id, &definition).await;
    }
    mock
}

/// A refusal whose body names a code that the guide explains leads to the page of that code.
fn check_help_link(answer: &Answer) {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return };
    let explained = include_str!("../../src/guide/errors.md");
    for code in ["errorCode", "code"].iter().filter_map(|name| body[name].as_str()) {
        if explained.contains(&format!("\n### `{code}`\n")) {
            assert_eq!(
                answer.header("link"),
                format!("</__mock/help/errors/{code}>; rel=\"help\""),
                "{body}"
            );
        }
    }
}

/// An answer as the snapshots show it.
fn shown(answer: &Answer) -> String {
    check_help_link(answer);
    let mut text = format!("{}\n", answer.status);
    let mut headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .filter(|(name, _)| !LEFT_OUT.contains(name))
        .collect();
    headers.sort_unstable();
    for (name, value) in headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    text.push_str(answer.text().trim_end());
    text.push('\n');
    text
}

/// The same; of what is no refusal the status alone.
fn told(answer: &Answer) -> String {
    if answer.status < 400 { format!("{}\n", answer.status) } else { shown(answer) }
}

/// A request: method, path, content type, body.
type Asked<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The answers to requests of the publisher.
async fn answers(mock: &Mock, asked: &[Asked<'_>]) -> String {
    let mut text = String::new();
    for (method, path, kind, body) in asked {
        let answer = as_publisher(mock, (method, path, kind, body)).await;
        assert!(answer.status >= 400, "{method} {path} {body} is no refusal: {}", answer.status);
        let kind = if kind.is_empty() { "no content type" } else { kind };
        writeln!(text, "=== {method} {path} ({kind}) {}\n{}", body.escape_debug(), shown(&answer)).unwrap();
    }
    text
}

async fn as_publisher(mock: &Mock, (method, path, kind, body): Asked<'_>) -> Answer {
    let mut headers = vec![("authorization", PUBLISHER)];
    if !kind.is_empty() {
        headers.push(("content-type", kind));
    }
    mock.call(method, path, &headers, body.to_owned()).await
}

/// A path of the list with the names of the prepared datasets in it.
fn filled(path: &str, id: &str) -> String {
    [
        ("{4x4}", id),
        ("{row}", "a"),
        ("{column}", "n"),
        ("{user}", "nobody"),
        ("{id}", "nope"),
        ("{domain}", "localhost"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (place, name)| path.replace(place, name))
}

/// Each endpoint is asked as nobody may ask it; requests with the same answer stand together.
#[tokio::test]
async fn every_endpoint_refuses_in_the_same_way() {
    let mock = prepared(Options::default()).await;
    let mut requests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for endpoint in soda_mock::http::endpoints() {
        let (method, path) = endpoint.split_once(' ').unwrap();
        if path.starts_with("/__mock") || path.starts_with("/oauth") {
            continue;
        }
        for (what, method, id, headers) in [
            (
                "unknown app token",
                method,
                "aaaa-2222",
                vec![("x-app-token", "x"), ("authorization", PUBLISHER)],
            ),
            ("wrong password", method, "aaaa-2222", vec![("authorization", NOBODY)]),
            ("no credentials", method, "aaaa-4444", vec![]),
            ("a viewer", method, "aaaa-4444", vec![("authorization", VIEWER)]),
            ("no such dataset", method, "zzzz-zzzz", vec![("authorization", PUBLISHER)]),
            ("a file's dataset", method, "aaaa-6666", vec![("authorization", VIEWER)]),
            ("another method", "PATCH", "aaaa-2222", vec![("authorization", PUBLISHER)]),
            ("another method", "OPTIONS", "aaaa-2222", vec![("authorization", PUBLISHER)]),
        ] {
            let target = filled(path, id);
            let answer = mock.call(method, &target, &headers, "").await;
            if answer.status >= 400 {
                requests.entry(shown(&answer)).or_default().push(format!("{what}: {method} {target}"));
            }
        }
    }
    let blocks = requests.into_iter().map(|(answer, mut requests)| {
        requests.dedup();
        format!("{}\n{answer}", requests.join("\n"))
    });
    insta::assert_snapshot!(blocks.collect::<Vec<_>>().join("\n"));
}

/// Bodies of rows, in each format, with a mistake of each kind.
#[tokio::test]
async fn rows_that_cannot_be_read() {
    let mock = prepared(Options { max_row: 200, max_body: 1000, ..Options::default() }).await;
    let long = format!("[{{\"k\":\"{}\"}}]", "x".repeat(300));
    let too_long = format!("[{}]", "{\"k\":\"a\"},".repeat(200));
    let mut asked: Vec<Asked> = Vec::new();
    for path in ["/resource/aaaa-2222.json", "/id/aaaa-3333", "/resource/aaaa-2222/a.json"] {
        for method in ["POST", "PUT"] {
            for body in
                ["", "[", "5", "null", "[1]", "[{\"nope\":1}]", "[{\"n\":\"many\"}]", &long, &too_long]
            {
                asked.push((method, path, JSON, body));
            }
            asked.push((method, path, "image/png", "[]"));
        }
    }
    for (kind, body) in [
        ("text/csv", "k,nope\na,1\n"),
        ("text/csv", "k,n\na\n"),
        ("text/csv", "k,n\na,many\n"),
        ("text/csv", "k,n\n\"a"),
        ("text/csv", "k,k\na,b\n"),
        ("text/tab-separated-values", "k\tn\na\tmany\n"),
        ("application/vnd.geo+json", "[]"),
        (
            "application/vnd.geo+json",
            "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"k\":\"a\",\"n\":\"many\"},\"geometry\":null}]}",
        ),
        (
            "application/vnd.geo+json",
            "{\"type\":\"Feature\",\"properties\":{\"k\":\"a\"},\"geometry\":{\"type\":\"Moon\"}}",
        ),
        ("application/x-www-form-urlencoded", "k=a&n=many"),
        ("application/x-www-form-urlencoded", "nope=a"),
    ] {
        asked.push(("POST", "/resource/aaaa-2222", kind, body));
    }
    insta::assert_snapshot!(answers(&mock, &asked).await);
}

/// Parameters of writes and rows that the store refuses.
#[tokio::test]
async fn writes_that_are_refused() {
    let mock = prepared(Options::default()).await;
    let asked: &[Asked] = &[
        ("POST", "/resource/aaaa-2222?errorsAreFatal=perhaps", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?truncate=perhaps", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?mergeInsteadOfReplace=1", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?nonFatalRowErrors[]=nope", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?%ff=1", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?expectedDataVersion=99", JSON, "[]"),
        ("PUT", "/resource/aaaa-2222?expectedDataVersion=99", JSON, "[]"),
        ("DELETE", "/resource/aaaa-2222?expectedDataVersion=99", "", ""),
        ("DELETE", "/resource/aaaa-2222/a?expectedDataVersion=99", "", ""),
        ("PUT", "/resource/aaaa-2222?errorsAreFatal=maybe", JSON, "[]"),
        ("POST", "/resource/aaaa-2222?errorsAreFatal=true", JSON, "[{\"n\":1}]"),
        ("POST", "/resource/aaaa-2222?errorsAreFatal=true", JSON, "[{\"k\":\"zzz\",\":deleted\":true}]"),
        ("POST", "/resource/aaaa-2222", JSON, "[{\":deleted\":true}]"),
        (
            "POST",
            "/resource/aaaa-2222?errorsAreFatal=true",
            JSON,
            "[{\"k\":\"a\",\":version\":\"rv-2222.2222.2222\"}]",
        ),
        (
            "POST",
            "/resource/aaaa-3333?errorsAreFatal=true",
            JSON,
            "[{\"n\":1,\":version\":\"rv-2222.2222.2222\"}]",
        ),
        ("POST", "/resource/aaaa-2222/a", JSON, "[{\"k\":\"a\"},{\"k\":\"b\"}]"),
        ("POST", "/resource/aaaa-2222/a", JSON, "[]"),
        ("POST", "/resource/aaaa-3333/nope", JSON, "{}"),
        ("PUT", "/resource/aaaa-3333/row-2222.2222.2222", JSON, "{}"),
        ("DELETE", "/resource/aaaa-2222/zzz", "", ""),
        ("DELETE", "/resource/aaaa-3333/nope", "", ""),
        ("DELETE", "/resource/aaaa-3333/row-2222.2222.2222", "", ""),
        ("POST", "/resource/aaaa-5555/a", JSON, "{\"nope\":1}"),
    ];
    insta::assert_snapshot!(answers(&mock, asked).await);
}

/// Queries, in each format and at each address that takes one.
#[tokio::test]
async fn queries_that_are_refused() {
    let mock = prepared(Options::default()).await;
    let queries = [
        "$where=nope%3D1",
        "$where=n+%3D+%27a%27",
        "$select=",
        "$select=count(",
        "$order=nope",
        "$limit=-1",
        "$limit=many",
        "$offset=-1",
        "$group=k",
        "$select=sqrt(n-5)",
        "$query=SELECT+nope",
        "$query=SELECT+n&$where=n%3D1",
        "nope=1",
        "$nope=1",
        "$where=%ff",
        "$$exclude_system_fields=perhaps",
    ];
    let mut paths: Vec<String> = Vec::new();
    for extension in ["json", "csv", "tsv", "geojson", "cjson", "xml", "rdf"] {
        paths.push(format!("/resource/aaaa-2222.{extension}?$where=nope%3D1"));
        paths.push(format!("/resource/aaaa-2222/zzz.{extension}"));
        paths.push(format!("/api/v3/views/aaaa-2222/query.{extension}?query=SELECT+nope"));
        paths.push(format!("/api/views/zzzz-zzzz/rows.{extension}"));
    }
    paths.push("/api/views/aaaa-2222/rows.xml".to_owned());
    for query in queries {
        paths.push(format!("/resource/aaaa-2222?{query}"));
        if !query.contains("%ff") && query != "$limit=many" {
            paths.push(format!("/resource/aaaa-2222/a?{query}"));
        }
    }
    let mut text = String::new();
    for path in &paths {
        let answer = as_publisher(&mock, ("GET", path, "", "")).await;
        let told = told(&answer);
        writeln!(text, "=== GET {path}\n{told}").unwrap();
    }
    for (header, value) in [("accept", "image/png"), ("if-match", "\"other\"")] {
        let answer = mock.call("GET", "/resource/aaaa-2222", &[(header, value)], "").await;
        writeln!(text, "=== GET /resource/aaaa-2222 ({header}: {value})\n{}", shown(&answer)).unwrap();
    }
    let script =
        mock.call("GET", "/resource/aaaa-4444.json?$jsonp=f", &[("authorization", PUBLISHER)], "").await;
    writeln!(text, "=== GET /resource/aaaa-4444.json?$jsonp=f\n{}", shown(&script)).unwrap();
    insta::assert_snapshot!(text);
}

/// SODA 3: its options and its body.
#[tokio::test]
async fn soda_3_queries_that_are_refused() {
    let mock = prepared(Options::default()).await;
    let query = "/api/v3/views/aaaa-2222/query.json";
    let asked: Vec<Asked> = [
        "{",
        "[]",
        "{\"nope\":1}",
        "{\"query\":1}",
        "{\"query\":\"SELECT nope\"}",
        "{\"page\":{\"pageSize\":0}}",
        "{\"parameters\":{\"a\":1}}",
        "{\"timeout\":0}",
        "{\"orderingSpecifier\":\"random\"}",
        "{\"serializationOptions\":{\"bom\":true}}",
    ]
    .into_iter()
    .map(|body| ("POST", query, JSON, body))
    .chain([
        ("POST", "/api/v3/views/aaaa-2222/export.csv", JSON, "{\"page\":{\"pageSize\":1}}"),
        ("POST", "/api/v3/views/aaaa-2222/export.json", JSON, "{\"serializationOptions\":{\"bom\":true}}"),
        ("GET", "/api/v3/views/aaaa-2222/query.json?nope=1", "", ""),
        ("GET", "/api/v3/views/aaaa-2222/nope.json", "", ""),
        ("PUT", query, JSON, "{}"),
    ])
    .collect();
    insta::assert_snapshot!(answers(&mock, &asked).await);
}

/// Mistakes in what sets a dataset up, and paths that are nowhere.
const SET_UP: &[Asked] = &[
    ("POST", "/api/views", JSON, "{"),
    ("POST", "/api/views", JSON, "[]"),
    ("POST", "/api/views", JSON, "{}"),
    (
        "POST",
        "/api/views",
        JSON,
        "{\"name\":\"x\",\"columns\":[{\"fieldName\":\"a\",\"dataTypeName\":\"nope\"}]}",
    ),
    ("GET", "/api/views?method=nope", "", ""),
    ("PUT", "/api/views/aaaa-2222", JSON, "{\"name\":\"\"}"),
    ("PUT", "/api/views/aaaa-2222", JSON, "{\"metadata\":{\"rowIdentifier\":\"nope\"}}"),
    ("GET", "/api/views/aaaa-2222?method=nope", "", ""),
    ("PUT", "/api/views/aaaa-2222?method=setPermission&value=nope", "", ""),
    ("GET", "/api/views/aaaa-2222?method=setPermission", "", ""),
    ("GET", "/api/views/aaaa-2222/nope", "", ""),
    ("GET", "/api/views/aaaa-2222/columns/nope", "", ""),
    (
        "POST",
        "/api/views/aaaa-2222/columns",
        JSON,
        "{\"name\":\"K\",\"fieldName\":\"k\",\"dataTypeName\":\"text\"}",
    ),
    ("POST", "/api/views/aaaa-2222/columns", JSON, "{}"),
    ("PUT", "/api/views/aaaa-2222/columns/n", JSON, "[]"),
    ("DELETE", "/api/views/aaaa-2222/columns/k", "", ""),
    ("POST", "/api/views/aaaa-2222/publication", "", ""),
    ("POST", "/api/views/aaaa-2222/publication?method=nope", "", ""),
    ("POST", "/api/views/aaaa-5555/publication?method=copy", "", ""),
    ("PUT", "/api/views/aaaa-2222/permissions", JSON, "{\"scope\":\"nope\"}"),
    ("PUT", "/api/views/aaaa-2222/permissions", JSON, "[]"),
    ("PATCH", "/api/views/metadata/v1/aaaa-2222", JSON, "{\"category\":1}"),
    ("PATCH", "/api/views/metadata/v1/aaaa-2222?strict=maybe", JSON, "{}"),
    ("PATCH", "/api/views/metadata/v1/aaaa-2222", JSON, "[]"),
    ("GET", "/api/views/metadata/v1?limit=0", "", ""),
    ("GET", "/api/catalog/v1?limit=many", "", ""),
    ("GET", "/api/catalog/v1?order=nope", "", ""),
    ("GET", "/api/catalog/v1?only=nope", "", ""),
    ("GET", "/api/catalog/v1/domains/nope/facets", "", ""),
    ("GET", "/api/catalog/v1/autocomplete", "", ""),
    ("GET", "/api/geocoding/aaaa-2222?method=nope", "", ""),
    ("GET", "/api/users/nope", "", ""),
    ("POST", "/api/users/current", "", ""),
    ("GET", "/api/api_keys/nope", "", ""),
    ("DELETE", "/api/api_keys/nope", "", ""),
    ("GET", "/api/api_keys?limit=101", "", ""),
    ("GET", "/api/api_keys?sortBy=id", "", ""),
    ("GET", "/api/api_keys?sortOrder=up", "", ""),
    ("POST", "/api/api_keys", JSON, "{}"),
    ("POST", "/api/api_keys", JSON, "{\"keyName\":\"demo\"}"),
    ("PUT", "/api/api_keys", JSON, "{}"),
    ("GET", "/api/archival/v1", "", ""),
    ("GET", "/nowhere", "", ""),
    ("GET", "/api/unheard-of/", "", ""),
    ("GET", "/resource", "", ""),
    ("GET", "/", "", ""),
    ("GET", "/__mock/nowhere", "", ""),
    ("GET", "/resource/%ff", "", ""),
    ("GET", "/oauth/authorize?client_id=nope", "", ""),
    ("POST", "/oauth/access_token", "application/x-www-form-urlencoded", "client_id=nope"),
    ("POST", "/oauth/authorize", JSON, "{}"),
    ("PUT", "/oauth/authorize", "", ""),
];

/// Metadata, columns, publication, permissions and what else sets a dataset up.
#[tokio::test]
async fn set_up_that_is_refused() {
    let mock = prepared(Options::default()).await;
    let mut text = String::new();
    for one in SET_UP {
        let answer = as_publisher(&mock, *one).await;
        let (method, path, kind, body) = one;
        let told = told(&answer);
        writeln!(text, "=== {method} {path} ({kind}) {body}\n{told}").unwrap();
    }
    insta::assert_snapshot!(text);
}

/// What only `--strict` refuses, and the spaces that are not there.
#[tokio::test]
async fn what_strict_and_spaces_refuse() {
    let strict = prepared(Options { strict: true, ..Options::default() }).await;
    let mut text = answers(&strict, &[("DELETE", "/resource/aaaa-2222", "", "")]).await;
    for (header, value) in
        [("x-mock-space", "nope"), ("host", "nope.localhost"), ("x-mock-space", "No Name!")]
    {
        for path in ["/resource/aaaa-2222", "/__mock/v1/info"] {
            let answer = strict.call("GET", path, &[(header, value)], "").await;
            writeln!(text, "=== GET {path} ({header}: {value})\n{}", shown(&answer)).unwrap();
        }
    }
    let page = [("authorization", NOBODY), ("origin", "https://other.example"), ("host", "localhost")];
    let foreign = strict.call("GET", "/resource/aaaa-4444", &page, "").await;
    writeln!(text, "=== GET /resource/aaaa-4444 from a page elsewhere\n{}", shown(&foreign)).unwrap();
    insta::assert_snapshot!(text);
}
