//! A mock without a socket, and a small client for it.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::panic)]

pub mod program;
pub mod sockets;

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use serde_json::Value;
use soda_mock::Setup;
use soda_mock::clock::ClockMode;
use soda_mock::http::App;
use tower::ServiceExt as _;

pub const PUBLISHER: &str = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==";
pub const VIEWER: &str = "Basic dmlld2VyQGV4YW1wbGUuY29tOnZpZXdlcg==";

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// The mock's routes.
pub struct Mock(App);

/// A mock with frozen time and seeded ids.
pub async fn mock() -> Mock {
    mock_of(Setup::default()).await
}

pub async fn mock_of(setup: Setup) -> Mock {
    let clock = ClockMode::Frozen(1_700_000_000_000);
    Mock(Setup { clock, ids: Some(1), ..setup }.router().await.unwrap())
}

impl Mock {
    /// An answer whose body is still to come.
    pub async fn raw(&self, request: Request<Body>) -> Response<Body> {
        self.0.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.raw(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A request whose answer breaks off or does not come.
    pub async fn call_unread(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        drop(self.0.clone().oneshot(request.body(Body::from(body)).unwrap()).await);
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], Body::empty()).await
    }

    /// A JSON body from the publisher.
    pub async fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", PUBLISHER), ("content-type", "application/json")];
        self.call(method, path, &headers, body.to_string()).await
    }

    /// A dataset through the admin API.
    pub async fn dataset(&self, id: &str, definition: &Value) {
        let answer =
            self.call("PUT", &format!("/__mock/v1/datasets/{id}"), &[], definition.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
