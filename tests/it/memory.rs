//! What clients do costs others neither memory nor time.

use crate::support::{Mock, mock_of};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use soda_mock::memory::LEAST;
use std::time::Duration;

const ID: &str = "held-0001";
/// Answers of all rows have some megabytes, far more than waits in memory for a client.
const ROWS: usize = 2000;
const ALL: &str = "/resource/held-0001.json?$limit=2000&$order=n%20desc";

async fn mock(patience: Duration) -> Mock {
    let options = Options { patience, ..Options::default() };
    let mock = mock_of(Setup { options, max_memory: LEAST, ..Setup::default() }).await;
    let text = "a text that makes the row longer ".repeat(30);
    let rows: Vec<Value> = (0..ROWS).map(|n| json!({ "n": n, "t": text })).collect();
    let columns: Vec<Value> = [("n", "number"), ("t", "text")]
        .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
        .to_vec();
    mock.dataset(ID, &json!({ "name": "Held", "columns": columns, "rows": rows })).await;
    mock
}

/// More clients than there are places, of which none takes anything, and then one that does.
#[tokio::test]
async fn clients_that_take_nothing_keep_nobody_from_reading() {
    for patience in [Duration::ZERO, Duration::from_secs(3600)] {
        let mock = mock(patience).await;
        let whole = mock.get(ALL).await.body;
        assert!(whole.len() > 1_800_000);
        let mut asleep = Vec::new();
        for _ in 0..40 {
            let get = http::Request::get(ALL).body(axum::body::Body::empty()).unwrap();
            let answer = mock.raw(get).await;
            assert_eq!(answer.status(), 200);
            asleep.push(answer);
        }
        let counted = mock.get("/resource/held-0001.json?$select=count(*)").await;
        assert_eq!(counted.json(), json!([{ "count": "2000" }]));
        // Others write meanwhile; whoever wakes still gets what he asked for.
        let written = mock.write("POST", "/resource/held-0001.json", &json!([{ "n": -1 }])).await;
        assert_eq!(written.status, 200, "{}", written.text());
        for answer in asleep {
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(body == whole, "it lacks something, or has what was written since");
        }
    }
}

/// `GET /info` and `/metrics` tell the bound and its shares.
#[tokio::test]
async fn the_bound_and_its_shares_are_told() {
    let mock = mock_of(Setup { max_memory: 128 << 20, ..Setup::default() }).await;
    let memory = mock.get("/__mock/v1/info").await.json()["memory"].clone();
    assert_eq!(memory["bound"], 128 << 20);
    let metrics = mock.get("/__mock/v1/metrics").await.text();
    assert!(metrics.contains("soda_mock_memory_bound_bytes 134217728\n"), "{metrics}");
    let shares = memory["shares"].as_object().unwrap();
    assert!(shares.len() >= 5);
    for (name, share) in shares {
        assert!(share["used"].is_u64() && share["bound"].as_u64() > Some(1 << 20), "{name}: {share}");
        let line = format!("soda_mock_share_bound_bytes{{share=\"{name}\"}} {}\n", share["bound"]);
        assert!(metrics.contains(&line), "{line} {metrics}");
    }
}
