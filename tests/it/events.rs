//! Server-sent events and metrics.

use crate::support::{Mock, PUBLISHER, mock, mock_of};
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use soda_mock::journal::Settings;

const UPSERT: &str = "/resource/4tka-6guv.json";

/// A listener; reads events one by one.
struct Listener {
    body: Body,
    text: String,
}

/// One event: id, kind, data.
type Told = (Option<u64>, String, Value);

impl Listener {
    async fn new(mock: &Mock, query: &str, last: &str) -> Self {
        let mut request = Request::get(format!("/__mock/v1/events{query}"));
        if !last.is_empty() {
            request = request.header("last-event-id", last);
        }
        let response = mock.raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        let mut listener = Self { body: response.into_body(), text: String::new() };
        // The first words show that everything from here on is heard.
        assert_eq!(listener.block().await, "retry: 1000");
        let (id, kind, data) = listener.next().await;
        let instance = mock.get("/__mock/v1/info").await.json()["instance"].clone();
        assert_eq!((id, kind.as_str(), &data["instance"]), (None, "instance", &instance));
        listener
    }

    async fn block(&mut self) -> String {
        loop {
            if let Some((block, rest)) = self.text.clone().split_once("\n\n") {
                rest.clone_into(&mut self.text);
                return block.to_owned();
            }
            let frame = self.body.frame().await.unwrap().unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&frame).unwrap());
        }
    }

    async fn next(&mut self) -> Told {
        let block = self.block().await;
        let field =
            |name: &str| block.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        let data = serde_json::from_str(&field("data").unwrap()).unwrap();
        (field("id").map(|id| id.parse().unwrap()), field("event").unwrap(), data)
    }
}

#[tokio::test]
async fn requests_rows_faults_and_resets_are_told_as_they_happen() {
    let mock = mock().await;
    let mut listener = Listener::new(&mock, "", "").await;
    mock.write("POST", UPSERT, &json!([{ "earthquake_id": "a" }])).await;
    let (id, kind, data) = listener.next().await;
    assert_eq!((id, kind.as_str()), (None, "rows"));
    assert_eq!(
        (&data["request"], &data["rows"]["created"], &data["data_version"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let (id, kind, data) = listener.next().await;
    assert_eq!((id, kind.as_str(), &data["status"]), (Some(1), "request", &json!(200)));
    let rule = json!({ "match": { "operation": "query" }, "do": { "status": 503 } });
    let made = mock.call("POST", "/__mock/v1/faults", &[], rule.to_string()).await;
    assert!(made.status < 300, "{}", made.text());
    mock.get(UPSERT).await;
    let (_, kind, data) = listener.next().await;
    assert_eq!((kind.as_str(), data["what"].as_str().is_some()), ("fault", true));
    assert_eq!(listener.next().await.2["fault"]["id"], data["id"]);
    mock.call("POST", "/__mock/v1/reset", &[], "").await;
    assert_eq!(listener.next().await.1, "reset");
}

#[tokio::test]
async fn whoever_comes_back_misses_nothing_or_is_told_so() {
    let journal = Settings { entries: 4, ..Settings::default() };
    let mock =
        mock_of(Setup { options: Options { journal, ..Options::default() }, ..Setup::default() }).await;
    for _ in 0..3 {
        mock.get(UPSERT).await;
    }
    let mut listener = Listener::new(&mock, "", "1").await;
    assert_eq!(listener.next().await.0, Some(2));
    assert_eq!(listener.next().await.0, Some(3));
    for _ in 0..4 {
        mock.get(UPSERT).await;
    }
    let mut late = Listener::new(&mock, "?after=1", "").await;
    let (_, kind, data) = late.next().await;
    assert_eq!((kind.as_str(), &data["missed"]), ("gap", &json!(2)));
    assert_eq!(late.next().await.0, Some(4));
}

#[tokio::test]
async fn listeners_choose_what_they_hear() {
    let mock = mock().await;
    let mut listener = Listener::new(&mock, "?events=rows&dataset=earthquakes", "").await;
    mock.get("/nowhere").await;
    mock.get(UPSERT).await;
    mock.write("POST", UPSERT, &json!([])).await;
    let (id, kind, data) = listener.next().await;
    assert_eq!((id, kind.as_str(), &data["request"]), (Some(3), "rows", &json!(3)));
    for query in ["?events=nope", "?after=x", "?nope=1"] {
        assert_eq!(mock.get(&format!("/__mock/v1/events{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn what_is_counted_can_be_scraped() {
    let mock = mock().await;
    let rows = json!([{ "earthquake_id": "a" }, { "earthquake_id": "none", ":deleted": true }]);
    mock.write("POST", UPSERT, &rows).await;
    mock.get(UPSERT).await;
    mock.get("/nowhere").await;
    let headers = [("authorization", PUBLISHER)];
    mock.call("POST", UPSERT, &headers, "[{]").await;
    let scraped = mock.get("/__mock/v1/metrics").await;
    assert!(scraped.header("content-type").starts_with("application/openmetrics-text"));
    let text = scraped.text();
    for line in [
        r#"soda_mock_requests_total{operation="upsert",status="200"} 1"#,
        r#"soda_mock_requests_total{operation="upsert",status="400"} 1"#,
        r#"soda_mock_requests_total{operation="query",status="200"} 1"#,
        r#"soda_mock_rows_total{fate="created"} 1"#,
        r#"soda_mock_rows_total{fate="error"} 1"#,
        r#"soda_mock_request_duration_seconds_count{operation="upsert"} 2"#,
        r#"soda_mock_journal_entries{space="default"} 4"#,
        r#"soda_mock_journal_dropped{space="default"} 0"#,
        r#"soda_mock_spaces 1"#,
        "# EOF",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
}
