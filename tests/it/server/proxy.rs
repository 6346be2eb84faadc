//! `CONNECT` without named domains: every tunnel ends here.

use super::{head, plain, rest, secured, whole};
use soda_mock::http::Options;
use soda_mock::{MockServer, Setup};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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

/// Each level would be a connection inside a connection.
#[tokio::test]
async fn a_tunnel_in_a_tunnel_is_refused_in_words() {
    let server = MockServer::start().await.unwrap();
    let nested = "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n";
    let answer = whole(&mut tunnel(&server, "data.city.gov:80").await, nested).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("inside another tunnel"), "{answer}");
    let mut secure = secured(&server, "data.city.gov", tunnel(&server, "data.city.gov:443").await).await;
    let answer = whole(&mut secure, nested).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("X-Mock-Hint"), "{answer}");
    // As many as ended the process before, one after the other on one connection.
    let mut stream = plain(&server).await;
    let many = nested.repeat(14_000);
    let (mut reader, mut writer) = stream.split();
    let mut told = Vec::new();
    let (_, _) = tokio::join!(writer.write_all(many.as_bytes()), reader.read_to_end(&mut told));
    let told = String::from_utf8_lossy(&told);
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("HTTP/1.1 400"), "{told}");
    assert_eq!(told.matches("HTTP/1.1").count(), 2, "{told}");
    server.stop().await;
}

async fn with_stall_timeout(stall_timeout: Duration) -> MockServer {
    let options = Options { stall_timeout, ..Options::default() };
    Setup { options, ..Setup::default() }.start().await.unwrap()
}

#[tokio::test]
async fn a_tunnel_through_which_nothing_comes_is_ended() {
    let server = with_stall_timeout(Duration::from_millis(30)).await;
    let mut stream = tunnel(&server, "data.city.gov:443").await;
    assert_eq!(rest(&mut stream).await, "");
    server.stop().await;
}

/// The server waits for the request in the tunnel as for any other, and its answer is whole.
#[tokio::test]
async fn a_request_in_a_tunnel_is_finished_when_the_server_stops() {
    let server = MockServer::start().await.unwrap();
    let mut stream = secured(&server, "data.city.gov", tunnel(&server, "data.city.gov:443").await).await;
    let body = "[{\"earthquake_id\":\"late\"}]";
    let request = format!(
        "POST /resource/4tka-6guv.json HTTP/1.1\r\nHost: data.city.gov\r\nAuthorization: {}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        crate::support::PUBLISHER,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.contains(" 100 "));
    let ((), told) = tokio::join!(server.stop(), async {
        stream.write_all(body.as_bytes()).await.unwrap();
        rest(&mut stream).await
    });
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("\"Rows Created\" : 1"), "{told}");
}

/// Nor does a tunnel in which nothing is asked hold the end up.
#[tokio::test]
async fn an_idle_tunnel_ends_with_the_server() {
    let server = with_stall_timeout(Duration::from_secs(3600)).await;
    let mut empty = tunnel(&server, "data.city.gov:443").await;
    let mut idle = tunnel(&server, "data.city.gov:80").await;
    idle.write_all(READ.replace("Connection: close\r\n", "").as_bytes()).await.unwrap();
    assert!(head(&mut idle).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
    assert_eq!(rest(&mut empty).await, "");
    assert!(rest(&mut idle).await.ends_with("0\r\n\r\n"));
}
