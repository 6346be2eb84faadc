//! The reader of requests against hyper: whatever comes in whatever pieces, both see the same requests.

use super::course::{Course, Turn};
use super::head::encoded;
use super::requests::Requests;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};

/// What hyper made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// Method, target, body.
    Whole(String, String, Vec<u8>),
    /// A request whose body broke.
    Broken(String, String),
    /// A head that the reader has refused.
    Refused,
    /// A head that the reader has not seen.
    Astray,
}

async fn seen(request: http::Request<Incoming>, course: Option<&Course>) -> Seen {
    match course.map_or(Turn::Request, Course::turn) {
        Turn::Refused { .. } => return Seen::Refused,
        Turn::Astray => return Seen::Astray,
        Turn::Request => {}
    }
    let (parts, body) = request.into_parts();
    let (method, target) = (parts.method.to_string(), parts.uri.to_string());
    match body.collect().await {
        Ok(body) => Seen::Whole(method, target, body.to_bytes().to_vec()),
        Err(_) => Seen::Broken(method, target),
    }
}

async fn serve<S>(stream: S, course: Option<Arc<Course>>) -> Vec<Seen>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let all = Arc::new(Mutex::new(Vec::new()));
    let service = service_fn(|request| {
        let (course, all) = (course.clone(), Arc::clone(&all));
        async move {
            let seen = seen(request, course.as_deref()).await;
            all.lock().unwrap().push(seen);
            Ok::<_, Infallible>(http::Response::new(Empty::<Bytes>::new()))
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    let connection = builder.half_close(true).serve_connection(TokioIo::new(stream), service);
    // An error is the end; what came before it counts.
    let _ = connection.await;
    Arc::into_inner(all).unwrap().into_inner().unwrap()
}

/// Sends the pieces one by one and lets the answers pass.
async fn send(client: DuplexStream, pieces: Vec<Vec<u8>>) {
    let (mut reader, mut writer) = tokio::io::split(client);
    let writes = async {
        for piece in pieces {
            if writer.write_all(&piece).await.is_err() {
                return;
            }
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
        let _ = writer.shutdown().await;
    };
    let mut answers = Vec::new();
    let _ = tokio::join!(writes, reader.read_to_end(&mut answers));
}

/// The requests that hyper sees, with the reader before it or without.
fn run(pieces: &[Vec<u8>], with_reader: bool) -> Vec<Seen> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (client, server) = tokio::io::duplex(1 << 20);
        let serving = async {
            if with_reader {
                let course = Arc::new(Course::default());
                serve(Requests::new(server, Arc::clone(&course)), Some(course)).await
            } else {
                serve(server, None).await
            }
        };
        tokio::join!(serving, send(client, pieces.to_vec())).0
    })
}

/// One message, and what hyper should see of it.
#[derive(Clone, Debug)]
struct Message {
    bytes: Vec<u8>,
    seen: Seen,
}

/// Bodies that look like something else.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        Just(b"DELETE /a?b=\"<>\" HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n".to_vec()),
        Just(b"0\r\n\r\nPOST /x HTTP/1.1\r\n".to_vec()),
        Just(Vec::new()),
        Just(b"\r\n\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(any::<u8>(), 20_000..20_001),
    ]
}

fn chunked(content: &[u8], size: usize, extra: &str, trailer: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in content.chunks(size) {
        bytes.extend_from_slice(format!("{:x}{extra}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("0{extra}\r\n{trailer}\r\n").as_bytes());
    bytes
}

fn message() -> impl Strategy<Value = Message> {
    let targets = prop_oneof![
        Just("/"),
        Just("/resource/4tka-6guv.json?$where=magnitude>3"),
        Just("/a?b=\"c\"<d>`"),
        Just("http://data.city.gov/x?a>b"),
        Just("*"),
    ];
    let methods = prop_oneof![Just("GET"), Just("POST"), Just("DELETE"), Just("X-ODD")];
    let before = prop_oneof![3 => Just(""), 1 => Just("\r\n"), 1 => Just("\n\r\n")];
    let expects =
        prop_oneof![3 => Just(""), 1 => Just("Expect: 100-continue\r\n"), 1 => Just("Upgrade: h2c\r\n")];
    let extra = prop_oneof![Just(""), Just(";a=b"), Just(" \t"), Just(" ;\"x\"")];
    let trailer = prop_oneof![Just(""), Just("A: GET / HTTP/1.1\r\nB: c\r\n")];
    let chunks = proptest::option::of((1..5000_usize, extra, trailer));
    (methods, targets, before, expects, content(), chunks).prop_map(
        |(method, target, before, expects, content, chunks)| {
            let (header, body) = match chunks {
                None if content.is_empty() => (String::new(), Vec::new()),
                None => (format!("Content-Length: {}\r\n", content.len()), content.clone()),
                // All extensions of a body together have a bound.
                Some((size, _, trailer)) if content.len() / size > 500 => {
                    ("Transfer-Encoding: chunked\r\n".to_owned(), chunked(&content, size, "", trailer))
                }
                Some((size, extra, trailer)) => {
                    ("Transfer-Encoding: chunked\r\n".to_owned(), chunked(&content, size, extra, trailer))
                }
            };
            let head = format!("{before}{method} {target} HTTP/1.1\r\nHost: h\r\n{expects}{header}\r\n");
            let bytes = [head.as_bytes(), &body].concat();
            Message { bytes, seen: Seen::Whole(method.to_owned(), encoded(target), content) }
        },
    )
}

/// The bytes in pieces.
fn cut(bytes: &[u8], places: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut at: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    at.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in at.into_iter().chain([bytes.len()]) {
        pieces.push(bytes[from..to].to_vec());
        from = to;
    }
    pieces
}

/// A change of a byte, as noise or malice makes it.
fn spoilt(bytes: &mut Vec<u8>, place: prop::sample::Index, kind: u8, byte: u8) {
    let at = place.index(bytes.len() + 1);
    match kind {
        0 => bytes.insert(at, byte),
        1 if at < bytes.len() => bytes[at] = byte,
        _ if at < bytes.len() => drop(bytes.remove(at)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn every_request_of_a_pipeline_is_seen_whatever_is_in_it(
        messages in proptest::collection::vec(message(), 1..6),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|m| m.bytes.clone()).collect();
        let expected: Vec<Seen> = messages.iter().map(|m| m.seen.clone()).collect();
        prop_assert_eq!(run(&cut(&bytes, &places), true), expected);
    }

    /// Byte by byte there is no place that is not a cut.
    #[test]
    fn a_request_may_come_byte_by_byte(message in message()) {
        let bytes: Vec<u8> = message.bytes.iter().copied().take(600).collect();
        let pieces: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).chain([message.bytes[bytes.len()..].to_vec()]).collect();
        prop_assert_eq!(run(&pieces, true), vec![message.seen]);
    }

    #[test]
    fn of_spoilt_bytes_nothing_is_seen_that_hyper_alone_sees_otherwise(
        messages in proptest::collection::vec(message(), 1..4),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), 0..3_u8, prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r'), Just(b' '), Just(b'0'), Just(b':')]),
            1..8,
        ),
    ) {
        let mut bytes: Vec<u8> = messages.iter().flat_map(|m| m.bytes.clone()).collect();
        for (place, kind, byte) in changes {
            spoilt(&mut bytes, place, kind, byte);
        }
        let pieces = cut(&bytes, &places);
        let (read, alone) = (run(&pieces, true), run(&pieces, false));
        prop_assert!(!read.contains(&Seen::Astray), "{read:?}");
        for (read, alone) in read.iter().zip(&alone) {
            let (Seen::Whole(method, target, body), Seen::Whole(its_method, its_target, its_body)) = (read, alone) else { break };
            prop_assert_eq!((method, target, body), (its_method, &encoded(its_target), its_body));
        }
    }
}
