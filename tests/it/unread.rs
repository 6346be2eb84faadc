//! What is refused for who sends it, or how often, is refused before its body is read.

use crate::support::{Mock, PUBLISHER, VIEWER, mock_of};
use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use serde_json::json;
use soda_mock::Setup;
use soda_mock::access::Limits;
use soda_mock::http::{Connection, Options, Peer};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

const UPSERT: &str = "/resource/4tka-6guv.json";

/// A body that never comes, and tells whether somebody waited for it.
#[derive(Clone, Default)]
struct Silent(Arc<AtomicBool>);

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.store(true, Ordering::Release);
        Poll::Pending
    }
}

const PEER: Peer = Peer { address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9), tls: false };

/// The status of a request whose body nobody may have looked at.
async fn status(mock: &Mock, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let body = Silent::default();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let sent = mock.send(request.extension(Connection::from(PEER)).body(Body::new(body.clone())).unwrap());
    let answer = tokio::time::timeout(std::time::Duration::from_secs(60), sent).await.unwrap();
    assert!(!body.0.load(Ordering::Acquire), "{method} {path}: its body was read");
    answer.status
}

#[tokio::test]
async fn wrong_credentials() {
    let mock = mock_of(Setup::default()).await;
    for method in ["POST", "PUT"] {
        for login in ["OAuth nonsense", "Bearer a.b.c", "Basic bm86Ym9keQ==", "Digest x", VIEWER] {
            assert_eq!(
                status(&mock, method, UPSERT, &[("authorization", login)]).await,
                403,
                "{method} {login}"
            );
        }
        assert_eq!(status(&mock, method, UPSERT, &[]).await, 403);
        let token = [("authorization", PUBLISHER), ("x-app-token", "unknown")];
        assert_eq!(status(&mock, method, UPSERT, &token).await, 403);
        let missing =
            status(&mock, method, "/resource/zzzz-zzzz.json", &[("authorization", PUBLISHER)]).await;
        assert_eq!(missing, 404);
    }
}

#[tokio::test]
async fn an_expired_token() {
    let mock = mock_of(Setup::default()).await;
    let body = json!({ "user": "publisher@example.com", "expires_in": 60 }).to_string();
    let token = mock.call("POST", "/__mock/v1/tokens", &[], body).await.json();
    let login = format!("OAuth {}", token["token"].as_str().unwrap());
    let sent = mock.call("POST", UPSERT, &[("authorization", &login)], "[]").await;
    assert_eq!(sent.status, 200);
    mock.call("POST", "/__mock/v1/clock/advance", &[], "{\"seconds\":61}").await;
    assert_eq!(status(&mock, "POST", UPSERT, &[("authorization", &login)]).await, 403);
}

#[tokio::test]
async fn credentials_over_plain_http_where_that_is_forbidden() {
    let options = Options { strict: true, ..Options::default() };
    let mock = mock_of(Setup { options, ..Setup::default() }).await;
    assert_eq!(status(&mock, "POST", UPSERT, &[("authorization", PUBLISHER)]).await, 403);
}

#[tokio::test]
async fn a_pool_that_is_empty() {
    let limits = Limits::default().parse("anonymous=1/1h,token=1/1h").unwrap();
    let mock = mock_of(Setup { limits, ..Setup::default() }).await;
    for token in [&[][..], &[("x-app-token", "demo-app-token")][..]] {
        let headers = [&[("authorization", PUBLISHER)][..], token].concat();
        let mut first = Request::get(UPSERT).extension(Connection::from(PEER));
        for (name, value) in &headers {
            first = first.header(*name, *value);
        }
        assert_eq!(mock.send(first.body(Body::empty()).unwrap()).await.status, 200);
        assert_eq!(status(&mock, "POST", UPSERT, &headers).await, 429);
    }
}

/// So that the tests above can fail: a request that is let in waits for its body.
#[tokio::test]
async fn a_request_that_is_let_in_is_read() {
    let mock = mock_of(Setup::default()).await;
    let body = Silent::default();
    let request = Request::post(UPSERT).header("authorization", PUBLISHER);
    let sent = mock.send(request.body(Body::new(body.clone())).unwrap());
    let mut sent = std::pin::pin!(sent);
    let pending = std::future::poll_fn(|cx| Poll::Ready(sent.as_mut().poll(cx).is_pending())).await;
    assert!(pending);
    assert!(body.0.load(Ordering::Acquire));
}
