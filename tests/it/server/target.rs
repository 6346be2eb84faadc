//! Request targets that were not percent-encoded, as curl sends them.

use super::{NEVER, head, plain, rest, secured};
use soda_mock::MockServer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, target: &str, more: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    head(stream).await
}

const COMPARED: &str = "/resource/4tka-6guv/00388609.json?$where=magnitude>0";

/// Each request of a connection, over both schemes.
#[tokio::test]
async fn comparisons_need_no_encoding() {
    let server = MockServer::start().await.unwrap();
    let mut plain_stream = plain(&server).await;
    for target in ["/nothing?a>b", "/nothing?a<b"] {
        let told = ask(&mut plain_stream, target, "").await;
        assert!(told.starts_with("HTTP/1.1 404") && told.contains("X-Socrata-RequestId"), "{target}: {told}");
        let length = told.lines().find_map(|l| l.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
        plain_stream.read_exact(&mut vec![0; length]).await.unwrap();
    }
    let quoted =
        ask(&mut plain_stream, "/resource/4tka-6guv.json?$where=region=\"x\"", "Connection: close\r\n").await;
    assert!(quoted.starts_with("HTTP/1.1 200"), "{quoted}");
    let mut tls = secured(&server, "localhost", plain(&server).await).await;
    assert!(ask(&mut tls, COMPARED, "Connection: close\r\n").await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

/// A line may come in pieces; what is in a body stays as it is.
#[tokio::test]
async fn only_the_line_is_touched() {
    let server = MockServer::start().await.unwrap();
    let mut stream = plain(&server).await;
    let body = "earthquake_id,region\nq1,\"a<b>\"\n";
    for piece in [
        "POST /resource/4tka-6guv.json?note=<",
        "x> HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==\r\n",
        &format!(
            "Content-Type: text/csv\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    ] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let told = tokio::time::timeout(NEVER, rest(&mut stream)).await.unwrap();
    assert!(told.contains("\"Rows Created\" : 1"), "{told}");
    let mut stream = plain(&server).await;
    ask(&mut stream, "/resource/4tka-6guv/q1.json", "Connection: close\r\n").await;
    assert!(rest(&mut stream).await.contains("a<b>"));
    server.stop().await;
}
