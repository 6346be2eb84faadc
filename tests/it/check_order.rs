//! The order in which a request is checked, for every kind of route.
//!
//! A request that breaks several checks is refused by the first of them. Each kind of route is asked with all
//! of its checks broken, then with all but the first, and so on to the last.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use Check::{
    AppToken, Body, Credentials, Dataset, MediaType, Method, Options as Parameters, Rights, Strict, Throttle,
};
use base64::Engine as _;
use serde_json::json;
use soda_mock::Setup;
use soda_mock::access::Limits;
use soda_mock::http::{Connection, Options, Peer};

/// A check, and what breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// An application token that nobody has.
    AppToken,
    /// No application token, and the pool of the address is empty.
    Throttle,
    /// Credentials over plain http; the server is strict.
    Strict,
    /// A name that nobody has.
    Credentials,
    /// A dataset that is not there.
    Dataset,
    /// An account without a role on the site; the dataset is private.
    Rights,
    /// A method that the path does not know.
    Method,
    /// A parameter without a meaning.
    Options,
    /// A media type that no row has: `Content-Type` of a body, `Accept` of an answer.
    MediaType,
    /// A body that is not JSON.
    Body,
}

impl Check {
    /// What the answer says when this check refuses.
    fn told(self) -> &'static str {
        match self {
            AppToken => "Invalid app_token specified",
            Throttle => "exceeded the number of requests",
            Strict => "Credentials are accepted over https only",
            Credentials => "No such user name or API key",
            Dataset => "zzzz-zzzz",
            Rights => "permission_denied",
            Method => "is not allowed for this request",
            Body => "body is malformed",
            Parameters | MediaType => "",
        }
    }

    /// The status when this check refuses; that of a parameter is the route's own.
    fn status(self, route: &Route) -> u16 {
        match self {
            AppToken | Strict | Credentials | Rights => 403,
            Throttle => 429,
            Dataset => 404,
            Method => 405,
            Parameters => route.parameter.1,
            MediaType if route.method == "GET" => 406,
            MediaType => 415,
            Body => 400,
        }
    }
}

/// A kind of route with its checks in their order.
struct Route {
    method: &'static str,
    path: &'static str,
    /// A parameter that is refused, and the status of the refusal.
    parameter: (&'static str, u16),
    checks: Vec<Check>,
}

fn route(method: &'static str, path: &'static str, checks: &[Check]) -> Route {
    let first = [AppToken, Throttle, Strict, Credentials];
    Route { method, path, parameter: ("", 400), checks: [&first, checks].concat() }
}

impl Route {
    fn parameter(self, text: &'static str, status: u16) -> Self {
        Self { parameter: (text, status), ..self }
    }
}

fn routes() -> Vec<Route> {
    const ROWS: &str = "/resource/{4x4}";
    const ROW: &str = "/resource/{4x4}/a";
    const QUERY: &str = "/api/v3/views/{4x4}/query";
    const VIEW: &str = "/api/views/{4x4}";
    const METADATA: &str = "/api/views/metadata/v1/{4x4}";
    let of_a_dataset = [Dataset, Rights];
    let wrong_method = [Dataset, Rights, Method];
    vec![
        route("GET", ROWS, &[Dataset, Rights, MediaType, Parameters]).parameter("$limit=many", 400),
        route("POST", ROWS, &[Dataset, Rights, Parameters, MediaType, Body]).parameter("truncate=x", 400),
        route("PUT", ROWS, &[Dataset, Rights, Parameters, MediaType, Body])
            .parameter("errorsAreFatal=x", 400),
        route("DELETE", ROWS, &wrong_method),
        route("PATCH", ROWS, &wrong_method),
        route("GET", "/id/{4x4}", &of_a_dataset),
        route("POST", "/api/id/{4x4}", &[Dataset, Rights, MediaType, Body]),
        route("GET", ROW, &[Dataset, Rights, MediaType, Parameters]).parameter("$where=nope%3D1", 400),
        route("POST", ROW, &[Dataset, Rights, MediaType, Body]),
        route("PUT", ROW, &[Dataset, Rights, MediaType, Body]),
        route("DELETE", ROW, &of_a_dataset),
        route("PATCH", ROW, &wrong_method),
        route("GET", QUERY, &[Dataset, Rights, Parameters]).parameter("nope=1", 400),
        route("POST", QUERY, &[Dataset, Rights, Parameters, Body]).parameter("nope=1", 400),
        route("PUT", QUERY, &wrong_method),
        route("GET", VIEW, &of_a_dataset),
        route("PUT", VIEW, &[Dataset, Rights, Body]),
        route("PATCH", VIEW, &[Dataset, Rights, Body]),
        route("DELETE", VIEW, &of_a_dataset),
        route("POST", VIEW, &wrong_method),
        route("GET", "/api/views", &[Parameters]).parameter("method=nope", 501),
        route("POST", "/api/views", &[Parameters, Body]).parameter("method=nope", 501),
        route("PUT", "/api/views", &[Method]),
        route("GET", "/api/views/{4x4}/columns", &of_a_dataset),
        route("POST", "/api/views/{4x4}/columns", &[Dataset, Rights, Body]),
        route("DELETE", "/api/views/{4x4}/columns", &wrong_method),
        route("PUT", "/api/views/{4x4}/columns/n", &[Dataset, Rights, Body]),
        route("POST", "/api/views/{4x4}/columns/n", &wrong_method),
        route("POST", "/api/views/{4x4}/publication", &[Dataset, Rights, Parameters])
            .parameter("method=nope", 501),
        route("GET", "/api/views/{4x4}/publication", &wrong_method),
        route("PUT", "/api/views/{4x4}/permissions", &[Dataset, Rights, Body]),
        route("GET", "/api/views/{4x4}/replication", &of_a_dataset),
        route("GET", "/api/views/{4x4}/rows", &of_a_dataset),
        route("PUT", "/api/views/{4x4}/rows", &wrong_method),
        route("GET", METADATA, &of_a_dataset),
        route("PATCH", METADATA, &[Dataset, Rights, Parameters, Body]).parameter("strict=maybe", 400),
        route("PUT", METADATA, &wrong_method),
        route("GET", "/api/catalog/v1", &[Parameters]).parameter("limit=many", 400),
        route("POST", "/api/catalog/v1", &[Method]),
        route("POST", "/api/users/current", &[Method]),
        route("GET", "/api/api_keys", &[Parameters]).parameter("limit=101", 400),
        route("POST", "/api/api_keys", &[Body]),
        route("PUT", "/api/api_keys", &[Method]),
        route("GET", "/api/geocoding/{4x4}", &[Parameters]).parameter("method=nope", 501),
        route("POST", "/api/geocoding/{4x4}", &[Method]),
        route("GET", "/api/archival", &[Parameters]).parameter("nope", 501),
    ]
}

fn basic(text: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

/// A strict mock whose pool for the address is empty.
async fn exhausted() -> Mock {
    let options = Options { strict: true, ..Options::default() };
    let limits = Limits::default().parse("anonymous=1/1h").unwrap();
    let mock = mock_of(Setup { options, limits, ..Setup::default() }).await;
    let columns =
        json!([{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "n", "dataTypeName": "number" }]);
    let definition = json!({
        "name": "Private", "public": false, "columns": columns, "metadata": { "rowIdentifier": "k" },
        "rows": [{ "k": "a" }],
    });
    mock.dataset("aaaa-4444", &definition).await;
    let account = json!({ "password": "reader", "role": "community" }).to_string();
    assert_eq!(mock.call("PUT", "/__mock/v1/users/reader", &[], account).await.status, 200);
    let first = http::Request::get("/resource/4tka-6guv").extension(Connection::from(peer(true)));
    let first = first.body("".into()).unwrap();
    assert_eq!(mock.send(first).await.status, 200);
    mock
}

fn peer(tls: bool) -> Peer {
    Peer { address: ([127, 0, 0, 1], 9).into(), tls }
}

/// A request to the route that breaks these checks and no other.
fn request(route: &Route, broken: &[Check]) -> http::Request<axum::body::Body> {
    let has = |check| broken.contains(&check);
    let mut path = route.path.replace("{4x4}", if has(Dataset) { "zzzz-zzzz" } else { "aaaa-4444" });
    if has(Parameters) {
        path = format!("{path}?{}", route.parameter.0);
    }
    let mut request = http::Request::builder()
        .method(route.method)
        .uri(path)
        .extension(Connection::from(peer(!has(Strict))));
    if has(AppToken) {
        request = request.header("x-app-token", "nobodys");
    } else if !has(Throttle) {
        request = request.header("x-app-token", "demo-app-token");
    }
    let credentials = match (has(Credentials), has(Rights)) {
        (true, _) => basic("no:body"),
        (false, true) => basic("reader:reader"),
        (false, false) => PUBLISHER.to_owned(),
    };
    request = request.header("authorization", credentials);
    let kind = if has(MediaType) { "image/png" } else { "application/json" };
    request = request.header(if route.method == "GET" { "accept" } else { "content-type" }, kind);
    request.body(if has(Body) { "{".into() } else { "".into() }).unwrap()
}

#[tokio::test]
async fn the_first_check_that_is_broken_refuses() {
    let mock = exhausted().await;
    for route in routes() {
        for (at, check) in route.checks.iter().enumerate() {
            let what = format!("{} {} breaks {:?}", route.method, route.path, &route.checks[at..]);
            let answer = mock.send(request(&route, &route.checks[at..])).await;
            assert_eq!(answer.status, check.status(&route), "{what}: {}", answer.text());
            assert!(answer.text().contains(check.told()), "{what}: {}", answer.text());
            assert_eq!(answer.text().contains(Body.told()), *check == Body, "{what}: {}", answer.text());
        }
    }
}

/// A client that sends the header without a value has said nothing by it.
#[tokio::test]
async fn an_empty_app_token_header_does_not_hide_the_querys_token() {
    let mock = mock().await;
    let rule = json!({ "match": { "client": "demo-app-token" }, "do": { "status": 503 } }).to_string();
    assert_eq!(mock.call("POST", "/__mock/v1/faults", &[], rule).await.status, 200);
    for (header, query, status) in [
        ("", "", 200),
        ("", "?$$app_token=demo-app-token", 503),
        ("demo-app-token", "", 503),
        ("demo-app-token", "?$$app_token=other", 503),
    ] {
        let path = format!("/resource/4tka-6guv.json{query}");
        let answer = mock.call("GET", &path, &[("x-app-token", header)], "").await;
        assert_eq!(answer.status, status, "{header:?} {query}: {}", answer.text());
    }
    let journal = mock.get("/__mock/v1/requests").await.json();
    let by_token = journal["requests"].as_array().unwrap().iter().filter(|r| r["fault"].is_object());
    assert_eq!(by_token.count(), 3);
}
