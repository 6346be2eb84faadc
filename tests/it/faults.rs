//! Faults, through the router and over real sockets.

use crate::support::sockets::{READ, exchange, on_a_socket, write};
use crate::support::{Answer, Mock, PUBLISHER, mock, mock_of};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::HungUp;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The paused clock of a test.
#[expect(clippy::disallowed_methods, reason = "paused in the tests that ask it")]
fn paused_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

const DATASET: &str = "/resource/aaaa-2222.json";

async fn with_dataset() -> Mock {
    let mock = mock().await;
    let definition = json!({
        "name": "Readings", "resourceName": "readings", "metadata": { "rowIdentifier": "k" },
        "columns": [{ "fieldName": "k", "name": "K", "dataTypeName": "text" },
                    { "fieldName": "n", "name": "N", "dataTypeName": "number" }],
        "rows": [{ "k": "a", "n": 1 }],
    });
    mock.dataset("aaaa-2222", &definition).await;
    mock
}

impl Mock {
    async fn arm(&self, rule: Value) -> Value {
        let answer = self.call("POST", "/__mock/v1/faults", &[], rule.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn upsert(&self, key: &str) -> Answer {
        self.write("POST", DATASET, &json!([{ "k": key }])).await
    }

    async fn keys(&self) -> Vec<String> {
        let rows = self.get("/__mock/v1/datasets/aaaa-2222/rows").await.json();
        rows.as_array().unwrap().iter().map(|r| r["k"].as_str().unwrap().to_owned()).collect()
    }

    async fn fault(&self, id: &str) -> Value {
        self.get(&format!("/__mock/v1/faults/{id}")).await.json()
    }
}

#[tokio::test]
async fn a_skipped_request_is_not_executed_and_an_applied_one_is() {
    let mock = with_dataset().await;
    let fault = mock.arm(json!({ "times": 1, "do": { "status": 503 } })).await;
    assert_eq!((&fault["id"], &fault["hits"]), (&json!("f-1"), &json!(0)));
    let refused = mock.upsert("skipped").await;
    assert_eq!((refused.status, refused.header("x-mock-fault")), (503, "f-1"));
    assert_eq!(mock.upsert("b").await.status, 200);
    mock.arm(json!({ "times": 1, "do": { "status": 502, "then": "apply", "html_error": true } })).await;
    let applied = mock.upsert("applied").await;
    assert_eq!((applied.status, applied.header("content-type")), (502, "text/html"));
    assert_eq!(mock.keys().await, ["a", "b", "applied"]);
    assert_eq!(mock.fault("f-2").await["last_request"]["path"], DATASET);
}

#[tokio::test]
async fn a_fault_is_told_in_a_stable_form_and_can_be_sent_back() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "operation": "upsert", "nth": 1 }, "do": { "status": 500 } })).await;
    mock.upsert("x").await;
    let shown = mock.fault("f-1").await;
    assert_eq!(
        shown,
        json!({
            "id": "f-1", "match": { "operation": "upsert", "nth": 1 }, "do": { "status": 500 },
            "hits": 1, "seen": 1, "used_up": false,
            "last_request": { "request": 1, "request_id": shown["last_request"]["request_id"], "method": "POST", "path": DATASET, "at": "2023-11-14T22:13:20Z" },
        })
    );
    let again = mock.call("PUT", "/__mock/v1/faults/f-1", &[], shown.to_string()).await.json();
    assert_eq!((&again["hits"], &again["match"]), (&json!(0), &shown["match"]));
}

#[tokio::test]
async fn faults_are_listed_replaced_and_removed() {
    let mock = with_dataset().await;
    mock.arm(json!({ "id": "one", "do": { "status": 500 } })).await;
    let two = json!({ "faults": [{ "id": "two", "do": { "status": 501 } }, { "do": { "status": 502 } }] });
    let list = mock.call("PUT", "/__mock/v1/faults", &[], two.to_string()).await.json();
    let ids: Vec<&str> =
        list["faults"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["two", "f-1"]);
    assert_eq!(mock.call("DELETE", "/__mock/v1/faults/two", &[], "").await.status, 200);
    let gone = mock.get("/__mock/v1/faults/two").await;
    assert_eq!(gone.status, 404);
    assert!(gone.text().contains("armed: f-1"), "{}", gone.text());
    assert_eq!(mock.call("DELETE", "/__mock/v1/faults", &[], "").await.json(), json!({ "deleted": 1 }));
    assert_eq!(mock.upsert("x").await.status, 200);
}

#[tokio::test]
async fn unknown_keys_and_presets_are_refused_with_the_known_ones() {
    let mock = with_dataset().await;
    for (path, body, told) in [
        ("/__mock/v1/faults", json!({ "do": { "statsu": 500 } }), "expected one of `status`"),
        ("/__mock/v1/faults", json!({ "match": { "data_set": "x" }, "do": { "status": 500 } }), "`dataset`"),
        ("/__mock/v1/faults/presets/mantenance", json!({}), "maintenance, rate-limited, flaky-publish"),
        ("/__mock/v1/faults/presets/maintenance", json!({ "do": {} }), "expected one of `id`, `match`"),
    ] {
        let answer = mock.call("POST", path, &[], body.to_string()).await;
        assert!(answer.status == 400 || answer.status == 404, "{}", answer.status);
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    assert_eq!(mock.get("/__mock/v1/faults").await.json(), json!({ "faults": [] }));
}

#[tokio::test]
async fn every_preset_can_be_armed_by_its_name() {
    let mock = with_dataset().await;
    let presets = mock.get("/__mock/v1/faults/presets").await.json();
    let names: Vec<&str> =
        presets["presets"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "maintenance",
            "rate-limited",
            "flaky-publish",
            "upsert-applied-but-502",
            "slow-upload",
            "stale-read"
        ]
    );
    for name in names {
        let armed = mock.call("POST", &format!("/__mock/v1/faults/presets/{name}"), &[], "").await;
        assert_eq!((armed.status, &armed.json()["id"]), (200, &json!(name)), "{}", armed.text());
    }
}

#[tokio::test]
async fn the_presets_do_what_they_say() {
    let mock = with_dataset().await;
    let arm = |name: &str, body: Value| {
        let (mock, path) = (&mock, format!("/__mock/v1/faults/presets/{name}"));
        async move {
            mock.call("DELETE", "/__mock/v1/faults", &[], "").await;
            assert_eq!(mock.call("POST", &path, &[], body.to_string()).await.status, 200);
        }
    };
    arm("maintenance", json!({})).await;
    let page = mock.get(DATASET).await;
    assert!(
        page.status == 503 && page.header("content-type") == "text/html" && page.text().starts_with("<html>")
    );
    arm("rate-limited", json!({ "times": 1 })).await;
    let limited = mock.get(DATASET).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "1"));
    assert_eq!(limited.json()["code"], "too_many_requests");
    assert_eq!(mock.get(DATASET).await.status, 200);
    arm("upsert-applied-but-502", json!({})).await;
    assert_eq!((mock.upsert("x").await.status, mock.upsert("x").await.status), (502, 200));
    assert_eq!(mock.keys().await, ["a", "x"]);
}

/// The seed decides, so a failing run can be run again.
#[tokio::test(start_paused = true)]
async fn flaky_publishing_repeats_with_its_seed() {
    let run = || async {
        let mock = with_dataset().await;
        mock.call("POST", "/__mock/v1/faults/presets/flaky-publish", &[], "{\"seed\":7}").await;
        let mut statuses = Vec::new();
        for number in 0..40 {
            statuses.push(mock.upsert(&number.to_string()).await.status);
        }
        statuses
    };
    let statuses = run().await;
    assert_eq!(statuses, run().await);
    for status in [200, 500, 502, 504] {
        assert!(statuses.contains(&status), "{status} in {statuses:?}");
    }
}

#[tokio::test]
async fn what_is_applied_is_applied_before_the_wait() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "operation": "upsert" }, "do": { "delay_ms": 3_600_000 } })).await;
    let written = async {
        while mock.keys().await != ["a", "late"] {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = mock.upsert("late") => panic!("answered {} at once", answer.status),
        () = written => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_answer_comes_late() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "operation": "upsert" }, "do": { "delay_ms": 5000 } })).await;
    let started = paused_now();
    assert_eq!(mock.upsert("later").await.status, 200);
    assert!(started.elapsed() >= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_upload_at_a_bandwidth_takes_its_time() {
    let mock = with_dataset().await;
    mock.arm(json!({ "do": { "bandwidth_bytes_per_s": 100 } })).await;
    let rows: Vec<Value> = (0..100).map(|n| json!({ "k": format!("key-{n:03}") })).collect();
    let sent = json!(rows).to_string().len() as u64;
    let started = paused_now();
    assert_eq!(mock.write("POST", DATASET, &json!(rows)).await.json()["Rows Created"], 100);
    assert!(started.elapsed().as_secs() >= sent / 100, "{:?}", started.elapsed());
}

#[tokio::test]
async fn rules_match_dataset_by_both_names_and_leave_others_alone() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "dataset": "aaaa-2222" }, "do": { "status": 500 } })).await;
    assert_eq!(mock.get("/resource/readings.json").await.status, 500);
    assert_eq!(mock.get("/api/views/aaaa-2222.json").await.status, 500);
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.status, 200);
}

#[tokio::test]
async fn clients_are_told_apart_by_user_program_and_token() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "client": "publisher@example.com" }, "do": { "status": 500 } })).await;
    mock.arm(json!({ "match": { "client": "robot/*" }, "do": { "status": 501 } })).await;
    mock.arm(json!({ "match": { "client": "demo-app-token" }, "do": { "status": 502 } })).await;
    assert_eq!(mock.upsert("x").await.status, 500);
    assert_eq!(mock.call("GET", DATASET, &[("user-agent", "robot/1.0")], "").await.status, 501);
    assert_eq!(mock.get("/resource/aaaa-2222.json?$$app_token=demo-app-token").await.status, 502);
    assert_eq!(mock.get(DATASET).await.status, 200);
}

#[tokio::test]
async fn the_admin_api_is_never_touched() {
    let mock = with_dataset().await;
    mock.arm(json!({ "do": { "status": 500 } })).await;
    mock.arm(json!({ "match": { "path": "*" }, "do": { "drop": "before_headers" } })).await;
    assert_eq!(mock.get("/__mock/v1/live").await.status, 200);
    assert_eq!(mock.fault("f-1").await["seen"], 0);
}

#[tokio::test]
async fn a_reset_removes_faults() {
    let mock = mock().await;
    mock.arm(json!({ "do": { "status": 500 } })).await;
    let reset = mock.call("POST", "/__mock/v1/reset", &[], "").await;
    assert_eq!(reset.status, 200, "{}", reset.text());
    assert_eq!(mock.get("/resource/4tka-6guv.json").await.status, 200);
}

#[tokio::test]
async fn an_upload_fails_after_so_many_rows_and_nothing_is_stored() {
    let mock = with_dataset().await;
    mock.arm(
        json!({ "times": 1, "match": { "after_rows": 5 }, "do": { "status": 502, "html_error": true } }),
    )
    .await;
    let rows: Vec<Value> = (0..10).map(|n| json!({ "k": n.to_string() })).collect();
    let short = mock.write("POST", DATASET, &json!(&rows[..4])).await;
    assert_eq!(short.json()["Rows Created"], 4, "shorter than the rule's rows");
    assert_eq!(mock.fault("f-1").await["hits"], 0);
    assert_eq!(mock.write("POST", DATASET, &json!(rows)).await.status, 502);
    assert_eq!(mock.keys().await.len(), 5);
    assert_eq!(mock.fault("f-1").await["hits"], 1);
    assert_eq!(mock.write("POST", DATASET, &json!(rows)).await.status, 200);
}

#[tokio::test]
async fn reads_are_stale_for_so_many_reads() {
    let mock = with_dataset().await;
    mock.arm(json!({ "match": { "dataset": "aaaa-2222" }, "do": { "stale_reads": { "reads": 2 } } })).await;
    assert_eq!(mock.upsert("b").await.status, 200);
    let row = "/resource/aaaa-2222/b.json";
    assert_eq!(mock.get(row).await.status, 404);
    let stale = mock.get(DATASET).await;
    assert_eq!(stale.json(), json!([{ "k": "a", "n": "1" }]));
    assert_eq!(stale.header("x-soda2-data-out-of-date"), "true");
    assert_eq!(mock.get(DATASET).await.json(), json!([{ "k": "a", "n": "1" }, { "k": "b" }]));
    assert_eq!(mock.get(row).await.header("x-soda2-data-out-of-date"), "false");
    assert_eq!(mock.keys().await, ["a", "b"], "the admin API sees what is stored");
}

#[tokio::test]
async fn reads_are_stale_for_so_many_seconds_of_the_clock() {
    let mock = with_dataset().await;
    mock.call("POST", "/__mock/v1/faults/presets/stale-read", &[], "").await;
    let advance = |seconds: u32| {
        let (mock, body) = (&mock, json!({ "seconds": seconds }).to_string());
        async move { mock.call("POST", "/__mock/v1/clock/advance", &[], body).await }
    };
    let rows = || async { mock.get(DATASET).await.json().as_array().unwrap().len() };
    mock.upsert("b").await;
    advance(3).await;
    mock.upsert("c").await;
    assert_eq!(rows().await, 1);
    advance(2).await;
    assert_eq!(rows().await, 2, "the first write shows, the second does not");
    advance(3).await;
    assert_eq!(rows().await, 3);
}

#[tokio::test]
async fn a_refused_write_makes_no_read_stale() {
    let mock = with_dataset().await;
    mock.arm(json!({ "do": { "stale_reads": { "reads": 5 } } })).await;
    assert_eq!(mock.write("POST", DATASET, &json!([{ "nope": 1 }])).await.status, 400);
    assert_eq!(mock.get(DATASET).await.header("x-soda2-data-out-of-date"), "false");
}

#[tokio::test]
async fn real_answers_are_broken_in_the_ways_that_are_asked_for() {
    let mock = with_dataset().await;
    let mut bodies = Vec::new();
    for how in ["json", "utf8", "gzip", "empty"] {
        mock.call("DELETE", "/__mock/v1/faults", &[], "").await;
        mock.arm(json!({ "do": { "corrupt": how, "headers": { "X-Extra": "1" } } })).await;
        let answer = mock.get(DATASET).await;
        assert_eq!((answer.status, answer.header("x-extra")), (200, "1"));
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err(), "{how}: {}", answer.text());
        bodies.push((answer.header("content-encoding").to_owned(), answer.body));
    }
    assert_eq!(bodies[0].1, b"[{\"k\":\"a\",\"n\":\"1\"}");
    assert!(bodies[2].0 == "gzip" && bodies[2].1.starts_with(&[0x1f, 0x8b]) && bodies[3].1.is_empty());
}

#[tokio::test]
async fn a_connection_is_reset_before_the_headers() {
    on_a_socket(|server| {
        let (answer, end) =
            exchange(&server, Some(json!({ "do": { "drop": "before_headers" } })), &write("reset"));
        assert_eq!((answer.as_str(), end), ("", Some(ErrorKind::ConnectionReset)));
        let dropped = json!({ "match": { "method": "POST" }, "do": { "then": "apply_then_drop" } });
        let (answer, end) = exchange(&server, Some(dropped), &write("written"));
        assert_eq!((answer.as_str(), end), ("", Some(ErrorKind::ConnectionReset)));
        let close =
            |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert!(
            exchange(&server, None, &close("/resource/4tka-6guv/reset.json")).0.starts_with("HTTP/1.1 404")
        );
        assert!(
            exchange(&server, None, &close("/resource/4tka-6guv/written.json")).0.starts_with("HTTP/1.1 200")
        );
    })
    .await;
}

#[tokio::test]
async fn a_body_of_known_length_is_cut_where_it_is_asked_for() {
    on_a_socket(|server| {
        let rule = json!({ "do": { "status": 200, "body": "0123456789", "truncate_at": 4 } });
        let (answer, end) = exchange(&server, Some(rule), READ);
        assert!(answer.contains("Content-Length: 10\r\n") && answer.ends_with("\r\n\r\n0123"), "{answer}");
        assert_eq!(end, None, "closed, not reset: what was sent arrives");
        let long = "x".repeat(3_000_000);
        let rule = json!({ "do": { "status": 200, "body": long, "truncate_at": 2_000_000 } });
        let (answer, _) = exchange(&server, Some(rule), READ);
        assert_eq!(answer.split("\r\n\r\n").nth(1).unwrap().len(), 2_000_000);
    })
    .await;
}

#[tokio::test]
async fn a_chunked_body_is_cut_without_its_last_chunk() {
    on_a_socket(|server| {
        let (whole, _) = exchange(&server, None, &READ.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        assert!(whole.contains("Transfer-Encoding: chunked") && whole.ends_with("\r\n0\r\n\r\n"), "{whole}");
        let (cut, _) = exchange(&server, Some(json!({ "do": { "drop": "mid_body" } })), READ);
        assert!(cut.contains("Transfer-Encoding: chunked") && !cut.ends_with("0\r\n\r\n"), "{cut}");
        let body = |text: &str| text.split("\r\n\r\n").nth(1).unwrap_or("").len();
        assert!(body(&cut) > 10 && body(&cut) < body(&whole), "{cut}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_drips() {
    on_a_socket(|server| {
        let rule = json!({ "do": { "status": 200, "body": "0123456789", "drip_bytes_per_s": 1000 } });
        let (answer, _) =
            exchange(&server, Some(rule), &READ.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        assert!(answer.contains("Content-Length: 10\r\n") && answer.ends_with("0123456789"), "{answer}");
    })
    .await;
}

/// A client that has given up is in the journal at once, not when the delay is over.
#[tokio::test]
async fn a_delay_ends_when_the_client_leaves() {
    on_a_socket(|server| {
        let rule = json!({ "match": { "method": "POST" }, "do": { "delay_ms": 3_600_000 } }).to_string();
        let admin = |path: &str, body: &str| {
            let head = format!("POST /__mock/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
            exchange(&server, None, &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).0
        };
        assert!(admin("/faults", &rule).starts_with("HTTP/1.1 200"));
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket.write_all(write("given-up").as_bytes()).unwrap();
        drop(socket);
        let question =
            json!({ "match": { "operation": "upsert", "status": "none" }, "times": 1, "wait_ms": 20_000 });
        let found = admin("/verify", &question.to_string());
        assert!(found.starts_with("HTTP/1.1 200"), "{found}");
    })
    .await;
}

#[tokio::test]
async fn connections_end_inside_a_tunnel_too() {
    on_a_socket(|server| {
        exchange(&server, Some(json!({ "do": { "drop": "before_headers" } })), READ);
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket
            .write_all(b"CONNECT data.example.gov:80 HTTP/1.1\r\nHost: data.example.gov:80\r\n\r\n")
            .unwrap();
        let mut head = [0; 1024];
        let length = socket.read(&mut head).unwrap();
        assert!(head[..length].starts_with(b"HTTP/1.1 200"));
        socket.write_all(READ.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let end = socket.read_to_end(&mut answer).err().map(|e| e.kind());
        assert_eq!((answer.len(), end), (0, Some(ErrorKind::ConnectionReset)));
    })
    .await;
}

#[tokio::test]
async fn without_a_connection_a_dropped_answer_is_an_error() {
    use tower::ServiceExt as _;
    let router = Setup::default().router().await.unwrap();
    let rule = json!({ "do": { "drop": "before_headers" } }).to_string();
    let request = |method: &str, path: &str, body: String| {
        http::Request::builder().method(method).uri(path).body(axum::body::Body::from(body)).unwrap()
    };
    router.clone().oneshot(request("POST", "/__mock/v1/faults", rule)).await.unwrap();
    let answer = router.oneshot(request("GET", "/resource/4tka-6guv", String::new())).await;
    assert_eq!(answer.err(), Some(HungUp));
}

#[tokio::test]
async fn faults_strike_in_strict_mode_before_credentials_are_looked_at() {
    let options = soda_mock::http::Options { strict: true, ..Default::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    mock.arm(json!({ "do": { "status": 503 } })).await;
    let wrong = [("authorization", "Basic d3Jvbmc6d3Jvbmc=")];
    assert_eq!(mock.call("POST", "/resource/4tka-6guv", &wrong, "[]").await.status, 503);
}

#[tokio::test]
async fn the_journal_tells_what_a_fault_did() {
    let mock = with_dataset().await;
    mock.arm(json!({ "id": "lost", "times": 1, "do": { "then": "apply_then_drop" } })).await;
    mock.arm(json!({ "id": "busy", "times": 1, "do": { "status": 429 } })).await;
    let headers = [("authorization", PUBLISHER), ("content-type", "application/json")];
    for key in ["x", "y"] {
        mock.call_unread("POST", DATASET, &headers, json!([{ "k": key }]).to_string()).await;
    }
    let list = mock.get("/__mock/v1/requests").await.json();
    let told: Vec<(Value, Value, Value)> = list["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["operation"] == "upsert")
        .map(|r| (r["status"].clone(), r["fault"]["id"].clone(), r["fault"]["what"].clone()))
        .collect();
    let lost = (json!(null), json!("lost"), json!("applied, connection reset without an answer"));
    let busy = (json!(429), json!("busy"), json!("not executed, answered 429"));
    assert!(told.contains(&lost) && told.contains(&busy), "{list}");
}
