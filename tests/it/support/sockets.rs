//! Requests over sockets, sent as they are written.

use super::PUBLISHER;
use serde_json::{Value, json};
use soda_mock::MockServer;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One request over a socket of its own; what came back, and how it ended.
pub fn exchange(server: &MockServer, rule: Option<Value>, request: &str) -> (String, Option<ErrorKind>) {
    if let Some(rule) = rule {
        let body = rule.to_string();
        let arm = format!(
            "PUT /__mock/v1/faults/f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (armed, _) = exchange(server, None, &arm);
        assert!(armed.starts_with("HTTP/1.1 200"), "{armed}");
    }
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let end = socket.read_to_end(&mut answer).err().map(|e| e.kind());
    (String::from_utf8_lossy(&answer).into_owned(), end)
}

/// A request for the rows of the built-in dataset.
pub const READ: &str = "GET /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A request that stores one row of it.
pub fn write(key: &str) -> String {
    let body = json!([{ "earthquake_id": key }]).to_string();
    format!(
        "POST /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Runs a test against a server on a port of its own.
pub async fn on_a_socket<T: Send + 'static>(test: impl FnOnce(MockServer) -> T + Send + 'static) -> T {
    let server = MockServer::start().await.unwrap();
    tokio::task::spawn_blocking(move || test(server)).await.unwrap()
}
