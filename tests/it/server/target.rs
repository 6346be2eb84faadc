//! Heads of requests: targets that were not percent-encoded, as curl sends them, and heads that are
//! refused in words.

use super::{NEVER, head, plain, rest, secured, whole};
use crate::support::PUBLISHER;
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
    for target in ["/nothing?a>b", "/nothing?a<b", "/nothing`?"] {
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

/// A line may come in pieces and behind another request; what is in a body stays as it is.
#[tokio::test]
async fn only_the_target_is_touched() {
    let server = MockServer::start().await.unwrap();
    let mut stream = plain(&server).await;
    let body = "earthquake_id,region\nq1,\"a<b>\"\n";
    for piece in [
        "GET /nothing?<1 HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /resource/4tka-6guv.json?note=<",
        "x> HTTP/1.1\r\nHost: localhost\r\nAuthorization: ",
        PUBLISHER,
        "\r\nExpect: 100-continue\r\nContent-Type: text/csv\r\n",
        &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()),
    ] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    let told = head(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 404"), "{told}");
    let length = told.lines().find_map(|l| l.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    assert!(head(&mut stream).await.contains(" 100 "));
    stream.write_all(body.as_bytes()).await.unwrap();
    let told = tokio::time::timeout(NEVER, rest(&mut stream)).await.unwrap();
    assert!(told.contains("\"Rows Created\" : 1"), "{told}");
    let mut stream = plain(&server).await;
    ask(&mut stream, "/resource/4tka-6guv/q1.json", "Connection: close\r\n").await;
    assert!(rest(&mut stream).await.contains("a<b>"));
    server.stop().await;
}

/// A body that looks like requests is none, asked for or not, and changes no length.
#[tokio::test]
async fn a_body_that_looks_like_a_request_is_a_body() {
    let server = MockServer::start().await.unwrap();
    for expects in ["", "Expect: 100-continue\r\n"] {
        for scheme in ["plain", "tls"] {
            let id = format!("{scheme}-{}", expects.len());
            let body = "GET /<<\"\">>,region\n<,\"DELETE /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\n\r\n\"\n";
            let request = format!(
                "POST /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Type: text/csv\r\n{expects}Content-Length: {}\r\n\r\n",
                body.len()
            );
            let told = if scheme == "tls" {
                let mut stream = secured(&server, "localhost", plain(&server).await).await;
                exchange(&mut stream, &request, body, !expects.is_empty()).await
            } else {
                exchange(&mut plain(&server).await, &request, body, !expects.is_empty()).await
            };
            let statuses: Vec<&str> =
                told.match_indices("HTTP/1.1 ").map(|(at, _)| &told[at + 9..at + 12]).collect();
            // Its columns are not the dataset's; the next request is the one behind the body.
            assert_eq!(statuses, ["400", "200"], "{id}: {told}");
        }
    }
    let live = whole(
        &mut plain(&server).await,
        "GET /resource/4tka-6guv/00388609.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(live.starts_with("HTTP/1.1 200"), "nothing was deleted: {live}");
    server.stop().await;
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &str,
    body: &str,
    asks: bool,
) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    if asks {
        assert!(head(stream).await.contains(" 100 "));
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    whole(stream, super::LIVE).await
}

/// Each is one answer in words, in the envelope of the API, and the end of the connection.
#[tokio::test]
async fn heads_that_are_not_taken_are_refused_in_words() {
    let server = MockServer::start().await.unwrap();
    let many: String = (0..101).map(|n| format!("X-H{n}: v\r\n")).collect();
    let target = "GET /resource/4tka-6guv.json";
    for (request, status, told) in [
        (format!("{target} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400, "more than one Host header"),
        (format!("{target} HTTP/1.1\r\n\r\n"), 400, "no Host header"),
        (format!("{target} HTTP/1.1\r\nHost: a\r\n{many}\r\n"), 431, "more than 100 headers"),
        (
            format!("{target} HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "v".repeat(200_000)),
            431,
            "larger than 131072 bytes",
        ),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70_000)), 414, "longer than 65534 bytes"),
        (format!("{target}?$where=a > 5 HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "%20"),
        (
            format!(
                "{target} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            ),
            400,
            "both Content-Length and",
        ),
        (format!("{target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 501, "chunked"),
        ("NONSENSE\r\n\r\n".to_owned(), 400, "request line is malformed"),
    ] {
        let shown: String = request.chars().take(60).collect();
        let mut tls = secured(&server, "localhost", plain(&server).await).await;
        for answer in [whole(&mut plain(&server).await, &request).await, whole(&mut tls, &request).await] {
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{shown}: {answer}");
            assert!(answer.contains(told) && answer.contains("X-Mock-Hint"), "{shown}: {answer}");
            assert!(
                answer.contains("\"error\" : true") && answer.contains("X-Socrata-RequestId"),
                "{answer}"
            );
            assert!(answer.contains("Connection: close"), "{answer}");
        }
    }
    server.stop().await;
}

/// What comes before it on the connection is answered first.
#[tokio::test]
async fn a_refused_head_ends_a_pipeline() {
    let server = MockServer::start().await.unwrap();
    let pipeline = "GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(3)
        + "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let told = whole(&mut plain(&server).await, &pipeline).await;
    let statuses: Vec<&str> = told.match_indices("HTTP/1.1 ").map(|(at, _)| &told[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "200", "200", "400"], "{told}");
    server.stop().await;
}
