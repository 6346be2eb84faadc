//! `CONNECT`: every tunnel ends here.

use super::{head, plain, secured, whole};
use soda_mock::MockServer;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

async fn tunnel(server: &MockServer, target: &str) -> TcpStream {
    let mut stream = plain(server).await;
    stream
        .write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stream
}

const READ: &str =
    "GET /resource/4tka-6guv.json?$limit=1 HTTP/1.1\r\nHost: data.city.gov\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_tunnel_to_any_site_ends_here_with_a_certificate_for_it() {
    let server = MockServer::start().await.unwrap();
    let mut stream = secured(&server, "data.city.gov", tunnel(&server, "data.city.gov:443").await).await;
    let answer = whole(&mut stream, READ).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("earthquake_id"), "{answer}");
    let mut stream = tunnel(&server, "data.city.gov:80").await;
    assert!(whole(&mut stream, READ).await.starts_with("HTTP/1.1 200"), "plain HTTP may be tunnelled too");
    server.stop().await;
}

/// The target exists and would answer, but nobody connects to it.
#[tokio::test]
async fn no_tunnel_leads_elsewhere() {
    let server = MockServer::start().await.unwrap();
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = other.local_addr().unwrap().to_string();
    let mut stream = tunnel(&server, &target).await;
    assert!(whole(&mut stream, READ).await.contains("earthquake_id"));
    let other = other.into_std().unwrap();
    assert_eq!(other.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    server.stop().await;
}

/// `http_proxy` sends the whole address; it is answered here as well.
#[tokio::test]
async fn a_request_for_another_site_is_answered_here() {
    let server = MockServer::start().await.unwrap();
    let request = READ.replacen("/resource", "http://data.city.gov/resource", 1);
    assert!(whole(&mut plain(&server).await, &request).await.contains("earthquake_id"));
    server.stop().await;
}

#[tokio::test]
async fn a_tunnel_to_nowhere_is_refused() {
    let server = MockServer::start().await.unwrap();
    let answer =
        whole(&mut plain(&server).await, "CONNECT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    server.stop().await;
}
