//! What the journal costs: the same requests through a real socket, with and without it.
//!
//! `cargo bench --bench journal`. Rounds take turns, so that other work on the machine hits both.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use soda_mock::http::Options;
use soda_mock::journal::Settings;
use soda_mock::{MockServer, Setup};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

const ROUNDS: usize = 9;
const CONNECTIONS: usize = 4;
const REQUESTS: usize = 2500;
const ROWS: usize = 100_000;
const LOGIN: &str =
    "Authorization: Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==\r\nContent-Type: application/json\r\n";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let start = |journal| {
        let options = Options { journal, ..Options::default() };
        runtime.block_on(Setup { options, ..Setup::default() }.start()).unwrap()
    };
    let with = start(Settings::default());
    let without = start(Settings { entries: 0, ..Settings::default() });
    let read = "GET /resource/4tka-6guv/00388609.json HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let row = r#"[{"earthquake_id":"bench","region":"Washington","magnitude":"1.2","depth":7.4}]"#;
    let write = post(row);
    compare("small reads", "requests/s", &with, &without, |at| small(at, &read));
    compare("small upserts", "requests/s", &with, &without, |at| small(at, &write));
    let mut rows = String::from("[");
    for n in 0..ROWS {
        let separator = if n == 0 { "" } else { "," };
        let _ = write!(
            rows,
            "{separator}{{\"earthquake_id\":\"bulk-{n}\",\"region\":\"Washington\",\"magnitude\":\"1.2\",\"depth\":7.4}}"
        );
    }
    rows.push(']');
    let bulk = post(&rows);
    compare("bulk upsert", "rows/s", &with, &without, |at| {
        let begin = Instant::now();
        exchange(&mut TcpStream::connect(at).unwrap(), bulk.as_bytes());
        ROWS as f64 / begin.elapsed().as_secs_f64()
    });
}

fn post(body: &str) -> String {
    format!(
        "POST /resource/4tka-6guv.json HTTP/1.1\r\nHost: localhost\r\n{LOGIN}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Medians of both, and how much slower the first one is.
fn compare(what: &str, unit: &str, with: &MockServer, without: &MockServer, run: impl Fn(SocketAddr) -> f64) {
    run(with.address());
    run(without.address());
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            on.push(run(with.address()));
            off.push(run(without.address()));
        } else {
            off.push(run(without.address()));
            on.push(run(with.address()));
        }
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let mut costs: Vec<f64> = on.iter().zip(&off).map(|(on, off)| (off / on - 1.0) * 100.0).collect();
    costs.sort_by(f64::total_cmp);
    let cost = costs[costs.len() / 2];
    println!("{what:<14} {:>10.0} {unit} with, {:>10.0} without: {cost:+.1} %", median(on), median(off));
}

/// Requests a second of several connections.
fn small(at: SocketAddr, request: &str) -> f64 {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(at).unwrap();
                stream.set_nodelay(true).unwrap();
                for _ in 0..REQUESTS {
                    exchange(&mut stream, request.as_bytes());
                }
            });
        }
    });
    (CONNECTIONS * REQUESTS) as f64 / begin.elapsed().as_secs_f64()
}

/// Sends a request and reads its answer to the end.
fn exchange(stream: &mut TcpStream, request: &[u8]) {
    stream.write_all(request).unwrap();
    let (mut answer, mut piece) = (Vec::new(), [0; 16384]);
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server closed the connection");
        answer.extend_from_slice(&piece[..read]);
        if is_whole(&answer) {
            assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
            return;
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    match text.lines().find_map(|l| l.strip_prefix("content-length: ")) {
        Some(length) => answer.len() >= head + 4 + length.trim().parse::<usize>().unwrap(),
        None => answer.ends_with(b"0\r\n\r\n"),
    }
}
