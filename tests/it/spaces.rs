//! Isolated worlds in one process.

use crate::support::{Answer, Mock, PUBLISHER, VIEWER, mock, mock_of};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::access::Limits;
use soda_mock::space::Bounds;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

const DATASET: &str = "/resource/4tka-6guv.json";

async fn create(mock: &Mock, request: Value) -> Answer {
    mock.call("POST", "/__mock/v1/spaces", &[("host", "localhost:7632")], request.to_string()).await
}

async fn keys(mock: &Mock, headers: &[(&str, &str)]) -> Vec<String> {
    let path = format!("{DATASET}?$select=earthquake_id&$order=earthquake_id");
    let answer = mock.call("GET", &path, headers, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json();
    rows.as_array().unwrap().iter().map(|row| row["earthquake_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tests_in_parallel_do_not_see_each_other() {
    let mock = Arc::new(mock().await);
    let seed = keys(&mock, &[]).await;
    let one = |number: usize| {
        let (mock, seed) = (Arc::clone(&mock), seed.clone());
        async move {
            let (name, token) = (format!("t{number}"), format!("token-{number}"));
            let made = create(&mock, json!({ "name": name, "bind": { "app_tokens": [token] } })).await;
            assert_eq!(made.status, 201, "{}", made.text());
            let host = format!("{name}.localhost:7632");
            // Each way leads to the same space.
            let ways =
                [("x-mock-space", name.as_str()), ("host", host.as_str()), ("x-app-token", token.as_str())];
            for round in 0..6 {
                let way = ways[(number + round) % 3];
                let row = json!([{ "earthquake_id": format!("{name}-{round}") }]).to_string();
                let sent = mock.call("POST", DATASET, &[way, ("authorization", PUBLISHER)], row).await;
                assert_eq!(sent.status, 200, "{}", sent.text());
                assert_eq!(sent.header("x-mock-space"), name);
                assert_eq!(sent.header("x-soda2-truth-version"), (round + 2).to_string());
            }
            let mut expected = seed;
            expected.extend((0..6).map(|round| format!("{name}-{round}")));
            expected.sort();
            for way in ways {
                assert_eq!(keys(&mock, &[way]).await, expected);
            }
        }
    };
    let tests: Vec<_> = (0..64).map(|number| tokio::spawn(one(number))).collect();
    for test in tests {
        test.await.unwrap();
    }
    assert_eq!(keys(&mock, &[]).await, seed);
    let listed = mock.get("/__mock/v1/spaces").await.json();
    assert_eq!(listed["spaces"].as_array().unwrap().len(), 65);
}

#[tokio::test]
async fn a_new_space_tells_how_to_reach_it() {
    let mock = mock().await;
    let made = create(&mock, json!({ "name": "Test-1", "from": "empty" })).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        made.json(),
        json!({
            "name": "test-1",
            "header": "X-Mock-Space: test-1",
            "http": "http://test-1.localhost:7632",
            "https": "https://test-1.localhost:7632",
            "ephemeral": true,
            "datasets": 0,
            "bind": { "users": [], "app_tokens": 0 },
        })
    );
    assert_eq!(mock.get("/__mock/v1/spaces/TEST-1").await.json()["name"], "test-1");
    let unnamed = mock.call("POST", "/__mock/v1/spaces", &[], "").await.json();
    assert_eq!((&unnamed["name"], &unnamed["datasets"]), (&json!("space-1"), &json!(1)));
}

#[tokio::test]
async fn a_space_that_is_not_there_is_refused_and_nothing_is_written_elsewhere() {
    let mock = mock().await;
    let before = keys(&mock, &[]).await;
    for way in [("x-mock-space", "gone"), ("host", "gone.localhost:7632"), ("x-mock-space", "no name")] {
        let row = "[{\"earthquake_id\":\"lost\"}]";
        let refused = mock.call("POST", DATASET, &[way, ("authorization", PUBLISHER)], row).await;
        assert_eq!((refused.status, &refused.json()["code"]), (404, &json!("not_found")), "{way:?}");
        assert!(refused.header("x-mock-hint").contains("POST /__mock/v1/spaces"));
        let admin = mock.call("GET", "/__mock/v1/datasets", &[way], "").await;
        assert_eq!((admin.status, &admin.json()["code"]), (404, &json!("space_not_found")), "{way:?}");
    }
    let admin = mock.get("/__mock/v1/datasets?space=gone").await;
    assert_eq!((admin.status, &admin.json()["code"]), (404, &json!("space_not_found")));
    assert_eq!(keys(&mock, &[]).await, before);
}

#[tokio::test]
async fn names_are_checked_and_taken_once() {
    let mock = mock().await;
    for name in ["", "-a", "a.b", "a b", "../x", "ä"] {
        assert_eq!(create(&mock, json!({ "name": name })).await.status, 400, "{name}");
    }
    assert_eq!(create(&mock, json!({ "name": "a" })).await.status, 201);
    for (request, code) in
        [(json!({ "name": "A" }), "space_exists"), (json!({ "name": "default" }), "space_exists")]
    {
        let refused = create(&mock, request).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!(code)));
    }
    assert_eq!(create(&mock, json!({ "name": "b", "bind": { "app_tokens": ["t"] } })).await.status, 201);
    let refused = create(&mock, json!({ "name": "c", "bind": { "app_tokens": ["t"] } })).await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("already_bound")));
    assert_eq!(create(&mock, json!({ "name": "d", "from": "nowhere" })).await.status, 404);
    assert_eq!(create(&mock, json!({ "name": "d", "bind": { "users": ["nobody"] } })).await.status, 400);
    let default = mock.call("DELETE", "/__mock/v1/spaces/default", &[], "").await;
    assert_eq!((default.status, &default.json()["code"]), (409, &json!("default_space")));
}

#[tokio::test]
async fn a_bound_user_an_api_key_and_an_oauth_token_lead_to_their_space() {
    let mock = mock().await;
    let bind = json!({ "users": ["publisher@example.com", { "name": "u", "password": "p" }] });
    create(&mock, json!({ "name": "mine", "bind": bind })).await;
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let body = json!({ "user": "u" }).to_string();
    let token = mock.call("POST", "/__mock/v1/tokens?space=mine", &[], body).await.json();
    let oauth = format!("OAuth {}", token["token"].as_str().unwrap());
    let ways = [PUBLISHER.to_owned(), basic("u:p"), basic("demo-key-id:demo-key-secret"), oauth];
    for way in &ways {
        let user = mock.call("GET", "/api/users/current.json", &[("authorization", way)], "").await;
        assert_eq!((user.status, user.header("x-mock-space")), (200, "mine"), "{way}");
    }
    // The header is stronger than what is bound; who is not bound stays where everybody is.
    let headers = [("authorization", ways[0].as_str()), ("x-mock-space", "default")];
    assert_eq!(mock.call("GET", DATASET, &headers, "").await.header("x-mock-space"), "");
    assert_eq!(mock.call("GET", DATASET, &[("authorization", VIEWER)], "").await.header("x-mock-space"), "");
    let wrong = mock.call("GET", DATASET, &[("authorization", &basic("u:wrong"))], "").await;
    assert_eq!((wrong.status, wrong.header("x-mock-space")), (403, "mine"));
}

#[tokio::test]
async fn a_token_of_one_space_is_none_in_another() {
    let mock = mock().await;
    create(&mock, json!({ "name": "a" })).await;
    let body = json!({ "user": "publisher@example.com" }).to_string();
    let token = mock.call("POST", "/__mock/v1/tokens?space=a", &[], body).await.json();
    let oauth = format!("OAuth {}", token["token"].as_str().unwrap());
    let here = mock.call("POST", DATASET, &[("authorization", &oauth)], "[]").await;
    assert_eq!((here.status, here.header("x-mock-space")), (200, "a"));
    let headers = [("authorization", oauth.as_str()), ("x-mock-space", "default")];
    assert_eq!(mock.call("POST", DATASET, &headers, "[]").await.status, 403);
}

#[tokio::test]
async fn what_is_bound_survives_a_reset_and_ends_with_the_space() {
    let mock = mock().await;
    create(&mock, json!({ "name": "a", "bind": { "app_tokens": ["t"] } })).await;
    let token = [("x-app-token", "t")];
    mock.call("POST", "/__mock/v1/reset?space=a", &[], "").await;
    assert_eq!(mock.call("GET", DATASET, &token, "").await.header("x-mock-space"), "a");
    assert_eq!(mock.call("DELETE", "/__mock/v1/spaces/a", &[], "").await.json(), json!({ "deleted": "a" }));
    assert_eq!(mock.call("GET", DATASET, &token, "").await.status, 403);
    assert_eq!(mock.call("GET", DATASET, &[("x-mock-space", "a")], "").await.status, 404);
    assert_eq!(mock.call("DELETE", "/__mock/v1/spaces/a", &[], "").await.status, 404);
}

#[tokio::test]
async fn clock_ids_accounts_and_throttle_belong_to_a_space() {
    let limits = Limits::default().parse("anonymous=1/1h").unwrap();
    let mock = mock_of(Setup { limits, ..Setup::default() }).await;
    create(&mock, json!({ "name": "a" })).await;
    let in_a = |path: &str| format!("{path}?space=a");
    mock.call(
        "PUT",
        &in_a("/__mock/v1/clock"),
        &[],
        "{\"mode\":\"frozen\",\"now\":\"2001-02-03T04:05:06Z\"}",
    )
    .await;
    assert_eq!(mock.get(&in_a("/__mock/v1/clock")).await.json()["now"], "2001-02-03T04:05:06Z");
    assert_eq!(mock.get("/__mock/v1/clock").await.json()["now_ms"], 1_700_000_000_000_i64);
    mock.call("PUT", &in_a("/__mock/v1/users/new"), &[], "{\"password\":\"p\"}").await;
    assert_eq!(mock.get(&in_a("/__mock/v1/users/new")).await.status, 200);
    assert_eq!(mock.get("/__mock/v1/users/new").await.status, 404);
    assert_eq!(mock.get(DATASET).await.status, 200);
    assert_eq!(mock.get(DATASET).await.status, 429);
    assert_eq!(mock.call("GET", DATASET, &[("x-mock-space", "a")], "").await.status, 200);
    let id = |space: &'static str| {
        let mock = &mock;
        async move {
            let headers = [("x-mock-space", space), ("x-app-token", "demo-app-token")];
            mock.call("GET", DATASET, &headers, "").await.header("x-socrata-requestid").to_owned()
        }
    };
    mock.call("PUT", &in_a("/__mock/v1/ids"), &[], "{\"seed\":7}").await;
    mock.call("PUT", "/__mock/v1/ids", &[], "{\"seed\":7}").await;
    assert_eq!(id("a").await, id("default").await);
}

#[tokio::test]
async fn a_space_is_reset_alone() {
    let mock = mock().await;
    create(&mock, json!({ "name": "a" })).await;
    let in_a = ("x-mock-space", "a");
    let row = "[{\"earthquake_id\":\"new\"}]";
    mock.call("POST", DATASET, &[in_a, ("authorization", PUBLISHER)], row).await;
    mock.call("POST", DATASET, &[("authorization", PUBLISHER)], row).await;
    let reset = mock.call("POST", "/__mock/v1/reset", &[in_a], "{\"to\":\"empty\"}").await.json();
    assert_eq!((&reset["space"], &reset["reset"]["datasets_removed"]), (&json!("a"), &json!(1)));
    assert_eq!(mock.call("GET", DATASET, &[in_a], "").await.status, 404);
    assert!(keys(&mock, &[]).await.contains(&"new".to_owned()));
}

/// A body whose pieces come when the test says so.
struct Slow(mpsc::UnboundedReceiver<Bytes>, Arc<AtomicUsize>);

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = self.0.poll_recv(cx);
        self.1.fetch_add(usize::from(matches!(piece, Poll::Ready(Some(_)))), Ordering::Relaxed);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn a_request_in_flight_finishes_on_the_data_it_began_with() {
    let mock = Arc::new(mock().await);
    let seed = keys(&mock, &[]).await;
    let (sender, receiver) = mpsc::unbounded_channel();
    let taken = Arc::new(AtomicUsize::new(0));
    let body = Body::new(Slow(receiver, Arc::clone(&taken)));
    let request = Request::post(DATASET).header("authorization", PUBLISHER).body(body);
    let upload = {
        let mock = Arc::clone(&mock);
        tokio::spawn(async move { mock.send(request.unwrap()).await })
    };
    sender.send(Bytes::from_static(b"[{\"earthquake_id\":\"late\"}")).unwrap();
    // Its space is chosen before its body is looked at.
    while taken.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    mock.call("POST", "/__mock/v1/reset", &[], "").await;
    sender.send(Bytes::from_static(b"]")).unwrap();
    drop(sender);
    let answer = upload.await.unwrap();
    assert_eq!((answer.status, &answer.json()["Rows Created"]), (200, &json!(1)));
    assert_eq!(keys(&mock, &[]).await, seed);
}

/// Everything that a script does and sees, byte by byte, but for the answers of the admin API.
async fn script(mock: &Mock, space: &str) -> String {
    let way = ("x-mock-space", space);
    let mut seen = String::new();
    let definition =
        json!({ "name": "Made", "columns": [{ "name": "N", "fieldName": "n", "dataTypeName": "number" }] });
    let auth = ("authorization", PUBLISHER);
    let made = mock.call("POST", "/api/views.json", &[way, auth], definition.to_string()).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/resource/{id}.json");
    for body in ["[{\"n\":1},{\"n\":2}]", "[{\"n\":\"many\"}]", "[]"] {
        mock.call("POST", &path, &[way, auth, ("x-mock-report", "rows")], body).await;
    }
    // Whoever looks on in between changes nothing.
    mock.call("GET", "/__mock/v1/datasets", &[way], "").await;
    mock.call("GET", &format!("{path}?$select=:*,*"), &[way, auth], "").await;
    let token = "{\"user\":\"publisher@example.com\"}";
    let token = mock.call("POST", "/__mock/v1/tokens", &[way], token).await.json();
    let oauth = format!("OAuth {}", token["token"].as_str().unwrap());
    mock.call(
        "POST",
        "/resource/4tka-6guv",
        &[way, ("authorization", &oauth)],
        "[{\"earthquake_id\":\"x\"}]",
    )
    .await;
    let list = mock.call("GET", "/__mock/v1/requests", &[way], "").await.json();
    for entry in list["requests"].as_array().unwrap() {
        let path = format!("/__mock/v1/requests/{}", entry["id"]);
        seen.push_str(&mock.call("GET", &path, &[way], "").await.text());
    }
    seen.push_str(&token.to_string());
    let rows = mock.call("GET", &format!("/__mock/v1/datasets/{id}/rows"), &[way], "").await;
    seen.push_str(&rows.text());
    seen
}

#[tokio::test]
async fn the_same_script_leaves_the_same_journal_byte_by_byte() {
    let mock = mock().await;
    let stepping = "{\"mode\":\"frozen\",\"now\":\"2024-01-01T00:00:00Z\",\"step_ms\":1500}";
    let mut seen = Vec::new();
    for _ in 0..2 {
        mock.call("POST", "/__mock/v1/reset", &[], "").await;
        mock.call("PUT", "/__mock/v1/clock", &[], stepping).await;
        seen.push(script(&mock, "default").await);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].contains("2024-01-01T00:00:01.500Z") && seen[0].contains("2024-01-01T00:00:03.000Z"));
    // In another process it is the same, and in another space it is the same but for its name.
    let other = crate::support::mock().await;
    other.call("PUT", "/__mock/v1/clock", &[], stepping).await;
    assert_eq!(script(&other, "default").await, seen[0]);
}

#[tokio::test]
async fn a_clock_runs_frozen_stepping_or_scaled() {
    let mock = mock().await;
    let put = |body: &'static str| {
        let mock = &mock;
        async move { mock.call("PUT", "/__mock/v1/clock", &[], body).await }
    };
    let stepping =
        put("{\"mode\":\"frozen\",\"now\":\"2024-01-01T00:00:00Z\",\"step_ms\":1000}").await.json();
    assert_eq!((&stepping["step_ms"], &stepping["mode"]), (&json!(1000), &json!("frozen")));
    mock.get(DATASET).await;
    mock.get(DATASET).await;
    assert_eq!(mock.get("/__mock/v1/clock").await.json()["now"], "2024-01-01T00:00:02Z");
    let scaled = put("{\"mode\":\"scaled\",\"rate\":3600,\"now\":\"2024-01-01T00:00:00Z\"}").await.json();
    assert_eq!((&scaled["mode"], &scaled["rate"]), (&json!("scaled"), &json!(3600.0)));
    let now = mock.get("/__mock/v1/clock").await.json()["now_ms"].as_i64().unwrap();
    assert!(now >= 1_704_067_200_000, "{now}");
    for wrong in [
        "{\"mode\":\"real\",\"step_ms\":5}",
        "{\"mode\":\"frozen\",\"step_ms\":-1}",
        "{\"mode\":\"scaled\"}",
        "{\"mode\":\"scaled\",\"rate\":0}",
        "{\"mode\":\"scaled\",\"rate\":-2}",
        "{\"mode\":\"offset\"}",
        "{\"mode\":\"sideways\"}",
    ] {
        assert_eq!(put(wrong).await.status, 400, "{wrong}");
    }
}

/// A client's copy of a state that was taken back is no copy of what came in its place.
#[tokio::test]
async fn a_restored_dataset_has_tags_of_its_own() {
    let mock = mock().await;
    mock.call("PUT", "/__mock/v1/snapshots/s", &[], "").await;
    let write = |key: &'static str| {
        let mock = &mock;
        async move {
            mock.write("POST", "/resource/4tka-6guv", &json!([{ "earthquake_id": key }])).await;
            mock.get(DATASET).await.header("etag").to_owned()
        }
    };
    let first = write("one").await;
    mock.call("POST", "/__mock/v1/snapshots/s/restore", &[], "").await;
    let second = write("two").await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn there_are_as_many_spaces_as_may_be() {
    let bounds = Bounds { spaces: 3, ..Bounds::default() };
    let mock = mock_of(Setup { bounds, ..Setup::default() }).await;
    for name in ["a", "b"] {
        assert_eq!(create(&mock, json!({ "name": name })).await.status, 201);
    }
    for request in [json!({ "name": "c" }), json!({})] {
        let refused = create(&mock, request).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("too_many_spaces")));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("there are 3 spaces") && detail.contains("--max-spaces"), "{detail}");
    }
    assert_eq!(create(&mock, json!({ "name": "a" })).await.json()["code"], "space_exists");
    mock.call("DELETE", "/__mock/v1/spaces/a", &[], "").await;
    assert_eq!(create(&mock, json!({ "name": "c" })).await.status, 201);
}
