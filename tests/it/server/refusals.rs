//! Every refusal reaches its client, also one that sends all before it reads, whatever the scheme.

use super::{NEVER, head, plain, secured};
use crate::support::PUBLISHER;
use serde_json::json;
use soda_mock::access::Limits;
use soda_mock::http::Options;
use soda_mock::{MockServer, Setup};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How a client reaches the server.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    Plain,
    Tls,
    /// TLS in a tunnel.
    Tunnel,
}

impl Scheme {
    const ALL: [Self; 3] = [Self::Plain, Self::Tls, Self::Tunnel];

    async fn connect(self, server: &MockServer) -> Box<dyn Stream> {
        let mut stream: TcpStream = plain(server).await;
        match self {
            Self::Plain => Box::new(stream),
            Self::Tls => Box::new(secured(server, "localhost", stream).await),
            Self::Tunnel => {
                stream
                    .write_all(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n")
                    .await
                    .unwrap();
                assert!(head(&mut stream).await.starts_with("HTTP/1.1 200"));
                Box::new(secured(server, "localhost", stream).await)
            }
        }
    }
}

/// A request that is refused before its body is read.
#[derive(Clone, Copy, Debug)]
struct Refused {
    status: u16,
    method: &'static str,
    path: &'static str,
    headers: &'static str,
}

const WRONG: &str = "Authorization: Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOndyb25n\r\n";

const REFUSED: [Refused; 7] = [
    Refused { status: 403, method: "POST", path: "/resource/4tka-6guv.json", headers: WRONG },
    Refused { status: 404, method: "POST", path: "/resource/none-none.json", headers: "" },
    Refused { status: 405, method: "PUT", path: "/oauth/access_token", headers: "" },
    Refused { status: 413, method: "POST", path: "/__mock/v1/faults", headers: "" },
    Refused {
        status: 415,
        method: "POST",
        path: "/resource/4tka-6guv.json",
        headers: "Content-Type: image/png\r\n",
    },
    Refused { status: 501, method: "POST", path: "/api/imports2.json", headers: "" },
    Refused {
        status: 403,
        method: "POST",
        path: "/__mock/v1/sql",
        headers: "Origin: https://evil.example\r\n",
    },
];

impl Refused {
    fn head(&self, framing: &str) -> String {
        let login = if self.headers.contains("Authorization") {
            String::new()
        } else {
            format!("Authorization: {PUBLISHER}\r\n")
        };
        format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\n{login}{}{framing}\r\n",
            self.method, self.path, self.headers
        )
    }

    /// The whole message.
    fn message(&self, length: usize, chunked: bool) -> Vec<u8> {
        let row = b"{\"earthquake_id\":\"GET / HTTP/1.1 \\\"<>\\\"\"},\r\n";
        let mut body = row.repeat(length / row.len() + 1);
        body.truncate(length);
        if !chunked {
            return [self.head(&format!("Content-Length: {length}\r\n")).as_bytes(), &body].concat();
        }
        let mut message = self.head("Transfer-Encoding: chunked\r\n").into_bytes();
        for chunk in body.chunks(16_000) {
            message.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            message.extend_from_slice(chunk);
            message.extend_from_slice(b"\r\n");
        }
        message.extend_from_slice(b"0\r\n\r\n");
        message
    }
}

/// The head and the body of the next answer.
async fn answer(stream: &mut (dyn Stream + 'static)) -> (String, String) {
    let mut stream = stream;
    let head = head(&mut stream).await;
    let length =
        head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    tokio::time::timeout(NEVER, stream.read_exact(&mut body)).await.unwrap().unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Writes all, reads the answer, and asks again on the same connection if the answer allows it.
async fn refused(stream: &mut (dyn Stream + 'static), message: &[u8], status: u16, what: &str) {
    tokio::time::timeout(NEVER, stream.write_all(message))
        .await
        .unwrap()
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    stream.flush().await.unwrap();
    let (head, body) = answer(stream).await;
    assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{what}: {head}");
    assert!(body.contains("\"message\"") || body.contains("\"detail\""), "{what}: {body}");
    if !head.contains("Connection: close") {
        stream.write_all(b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        stream.flush().await.unwrap();
        let (next, _) = answer(stream).await;
        assert!(next.starts_with("HTTP/1.1 200"), "{what}: {next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_all_before_it_reads_gets_its_answer_and_keeps_its_connection() {
    let server = MockServer::start().await.unwrap();
    for scheme in Scheme::ALL {
        for refusal in REFUSED {
            for chunked in [false, true] {
                // The limit of that call is 16 MiB, and chunks are counted while they are read.
                let lengths = match refusal.status {
                    413 => vec![20_000_000],
                    _ => vec![20_000, 2_000_000],
                };
                for length in lengths {
                    let what = format!("{scheme:?} {refusal:?} {length} {chunked}");
                    let mut stream = scheme.connect(&server).await;
                    refused(&mut *stream, &refusal.message(length, chunked), refusal.status, &what).await;
                }
            }
        }
        let mut stream = scheme.connect(&server).await;
        refused(&mut *stream, &REFUSED[0].message(20_000_000, true), 403, "20 MB").await;
        refused(&mut *stream, &REFUSED[1].message(20_000_000, false), 404, "20 MB more").await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_client_gets_its_answer() {
    let limits = Limits::default().parse("anonymous=1/1h").unwrap();
    let server = Setup { limits, ..Setup::default() }.start().await.unwrap();
    let throttled = Refused { status: 429, ..REFUSED[1] };
    for scheme in Scheme::ALL {
        let mut stream = scheme.connect(&server).await;
        let spends = "GET /resource/4tka-6guv/00388609.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(spends.as_bytes()).await.unwrap();
        answer(&mut *stream).await;
        refused(&mut *stream, &throttled.message(2_000_000, true), 429, &format!("{scheme:?}")).await;
    }
    server.stop().await;
}

/// What is pipelined behind a body that nobody wanted is the next request, and nothing else is.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_goes_on_behind_a_refused_body() {
    let server = MockServer::start().await.unwrap();
    for scheme in Scheme::ALL {
        for chunked in [false, true] {
            let mut stream = scheme.connect(&server).await;
            let mut pipeline = Vec::new();
            for refusal in [REFUSED[0], REFUSED[1], REFUSED[5]] {
                pipeline.extend(refusal.message(300_000, chunked));
            }
            pipeline.extend_from_slice(
                b"GET /nothing?a<\"b\">c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            );
            let (mut reader, mut writer) = tokio::io::split(&mut stream);
            let mut told = Vec::new();
            let (written, _) = tokio::join!(
                async {
                    writer.write_all(&pipeline).await?;
                    writer.flush().await
                },
                reader.read_to_end(&mut told)
            );
            written.unwrap();
            let told = String::from_utf8(told).unwrap();
            let statuses: Vec<&str> =
                told.match_indices("HTTP/1.1 ").map(|(at, _)| &told[at + 9..at + 12]).collect();
            assert_eq!(statuses, ["403", "404", "501", "404"], "{scheme:?} {chunked}: {told}");
        }
    }
    server.stop().await;
}

/// A body that is larger than what is thrown away: the answer says that the connection ends, and is
/// there for a client that reads it after all it could send.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_bounds_the_answer_says_that_the_connection_ends() {
    let server = MockServer::start().await.unwrap();
    for scheme in Scheme::ALL {
        let mut stream = scheme.connect(&server).await;
        let length = (64 << 20) + 1;
        stream.write_all(REFUSED[0].head(&format!("Content-Length: {length}\r\n")).as_bytes()).await.unwrap();
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..60 {
            stream.write_all(&piece).await.unwrap_or_else(|e| panic!("{scheme:?}: {e}"));
        }
        stream.flush().await.unwrap();
        let (head, _) = answer(&mut *stream).await;
        assert!(head.starts_with("HTTP/1.1 403") && head.contains("Connection: close"), "{scheme:?}: {head}");
    }
    server.stop().await;
}

/// Who asks before it sends is answered and not asked for its body.
#[tokio::test]
async fn a_body_that_is_not_wanted_is_not_asked_for() {
    let options = Options { max_body: 1_000_000, ..Options::default() };
    let server = Setup { options, ..Setup::default() }.start().await.unwrap();
    let large = Refused { status: 413, ..REFUSED[1] };
    for scheme in Scheme::ALL {
        for refusal in [REFUSED[0], REFUSED[1], REFUSED[2], REFUSED[4], REFUSED[5], large] {
            let length = if refusal.status == 413 { 1_000_001 } else { 1000 };
            let mut stream = scheme.connect(&server).await;
            let head = refusal.head(&format!("Expect: 100-continue\r\nContent-Length: {length}\r\n"));
            stream.write_all(head.as_bytes()).await.unwrap();
            let (head, _) = answer(&mut *stream).await;
            assert!(
                head.starts_with(&format!("HTTP/1.1 {}", refusal.status)),
                "{scheme:?} {refusal:?} {head}"
            );
            assert!(head.contains("Connection: close"), "{head}");
            // Who sends it all the same finds nobody who takes it for a request.
            let _ = stream.write_all(b"GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            let _ = stream.shutdown().await;
            let mut rest = Vec::new();
            let _ = tokio::time::timeout(NEVER, stream.read_to_end(&mut rest)).await.unwrap();
            assert_eq!(rest, b"", "{scheme:?} {refusal:?}");
        }
    }
    server.stop().await;
}

/// The journal has the whole body of an upload that was refused at its first row.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_begun_is_read_to_its_end_for_the_journal() {
    let server = MockServer::start().await.unwrap();
    let mut stream = Scheme::Plain.connect(&server).await;
    let bad = Refused { status: 400, headers: "Content-Type: application/json\r\n", ..REFUSED[0] };
    let rows: Vec<_> = (0..30_000).map(|n| json!({ "nope": n })).collect();
    let body = json!(rows).to_string();
    let message = [bad.head(&format!("Content-Length: {}\r\n", body.len())), body.clone()].concat();
    refused(&mut *stream, message.as_bytes(), 400, "first row").await;
    stream.write_all(b"GET /__mock/v1/requests/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let (_, entry) = answer(&mut *stream).await;
    let entry: serde_json::Value = serde_json::from_str(&entry).unwrap();
    assert_eq!(entry["request"]["body"]["bytes"], body.len(), "{}", entry["request"]["body"]["bytes"]);
    server.stop().await;
}

/// A body that stops coming is answered in words, on every route, and nothing of it is stored.
#[tokio::test]
async fn a_body_that_stalls_is_ended_in_words() {
    let options = Options { stall_timeout: Duration::from_millis(40), ..Options::default() };
    let server = Setup { options, ..Setup::default() }.start().await.unwrap();
    for scheme in Scheme::ALL {
        for (path, body) in [
            ("/resource/4tka-6guv.json", "[{\"earthquake_id\":\"stalled\"},"),
            ("/api/views.json", "{\"name\":"),
            ("/__mock/v1/faults", "{\"do\":"),
            ("/oauth/access_token", "code="),
        ] {
            let mut stream = scheme.connect(&server).await;
            let request = Refused { status: 408, method: "POST", path, headers: "" };
            let head = request.head("Content-Type: application/json\r\nContent-Length: 100000\r\n");
            stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.unwrap();
            let (head, body) = answer(&mut *stream).await;
            assert!(
                head.starts_with("HTTP/1.1 408") && head.contains("Connection: close"),
                "{path}: {head} {body}"
            );
            assert!(body.contains("request_timeout") && body.contains("40ms"), "{path}: {body}");
        }
    }
    let mut stream = Scheme::Plain.connect(&server).await;
    stream
        .write_all(b"GET /resource/4tka-6guv/stalled.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(answer(&mut *stream).await.0.starts_with("HTTP/1.1 404"));
    server.stop().await;
}

/// Chunks that are none are told as such, and the connection ends behind the answer.
#[tokio::test]
async fn malformed_chunks_are_told_in_words() {
    let server = MockServer::start().await.unwrap();
    for scheme in Scheme::ALL {
        let mut stream = scheme.connect(&server).await;
        let head = REFUSED[4].head("Transfer-Encoding: chunked\r\n").replace("image/png", "application/json");
        stream.write_all(&[head.as_bytes(), b"2\r\n[]\r\nzz\r\n[]\r\n0\r\n\r\n"].concat()).await.unwrap();
        let (head, body) = answer(&mut *stream).await;
        assert!(head.starts_with("HTTP/1.1 400") && head.contains("Connection: close"), "{head}");
        assert!(body.contains("chunks of the request body"), "{body}");
    }
    server.stop().await;
}

/// A client that takes nothing of its answer is let go.
#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let options = Options { stall_timeout: Duration::from_millis(40), ..Options::default() };
    let server = Setup { options, ..Setup::default() }.start().await.unwrap();
    let mut stream = plain(&server).await;
    let ask = "GET /__mock/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(400);
    stream.write_all(ask.as_bytes()).await.unwrap();
    // The server's end is gone as soon as writing fails.
    let gone = async {
        while stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.is_ok() {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(NEVER, gone).await.unwrap();
    server.stop().await;
}
