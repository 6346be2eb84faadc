//! What publishing costs, as ratios to limits of the same machine at the same moment:
//! `cargo bench --bench publish`. Bulk is held against limit A (a serde_json visitor and a typed
//! insert, one thread, in memory), CSV against the csv crate and the
//! same insert, small requests against a bare axum server. What needs a process of its own is in
//! `cargo bench --bench process`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod limit;

use limit::{body, csv, key, row};
use serde_json::json;
use soda_mock::MockServer;
use soda_mock::clock::monotonic;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PUBLISHER: &str = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==";
const ROWS: usize = 100_000;
const ROUNDS: usize = 5;
const SPELL: Duration = Duration::from_secs(1);
const PATH: &str = "/resource/aaaa-2222.json";

/// One kept connection.
struct Client(TcpStream, Vec<u8>);

impl Client {
    async fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream, vec![0; 64 * 1024])
    }

    /// Sends a request whose answer has a length and fits the buffer.
    async fn call(&mut self, request: &[u8]) {
        self.0.write_all(request).await.unwrap();
        let mut length = 0;
        loop {
            length += self.0.read(&mut self.1[length..]).await.unwrap();
            let seen = &self.1[..length];
            let Some(head) = seen.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&seen[..head]).unwrap().to_ascii_lowercase();
            assert!(text.starts_with("http/1.1 200"), "{text}");
            let size = text.split("content-length: ").nth(1).unwrap();
            let size: usize = size.split("\r\n").next().unwrap().parse().unwrap();
            if length >= head + 4 + size {
                return;
            }
        }
    }
}

fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    request_of("application/json", method, path, body)
}

fn request_of(kind: &str, method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// Requests a second and the 99th percentile of their times.
async fn load(address: SocketAddr, connections: usize, make: fn(usize) -> Vec<u8>) -> (f64, Duration) {
    let tasks: Vec<_> = (0..connections)
        .map(|c| {
            tokio::spawn(async move {
                let mut client = Client::new(address).await;
                let (end, mut times) = (monotonic() + SPELL, Vec::new());
                let mut n = c * 997;
                while monotonic() < end {
                    let request = make(n % 10_000);
                    let started = monotonic();
                    client.call(&request).await;
                    times.push(started.elapsed());
                    n += 1;
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times.sort();
    (times.len() as f64 / SPELL.as_secs_f64(), times[times.len() * 99 / 100])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn tell(what: &str, value: f64, gate: &str) {
    println!("{what:<62} {value:>8.2}   {gate}");
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let server = MockServer::start().await.unwrap();
    let mut client = Client::new(server.address()).await;
    let columns: Vec<_> = [
        ("k", "text"),
        ("region", "text"),
        ("source", "text"),
        ("magnitude", "number"),
        ("depth", "number"),
        ("stations", "number"),
        ("version", "text"),
        ("at", "calendar_date"),
    ]
    .iter()
    .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
    .collect();
    let definition = json!({ "name": "Bench", "metadata": { "rowIdentifier": "k" }, "columns": columns });
    client.call(&request("PUT", "/__mock/v1/datasets/aaaa-2222", &definition.to_string())).await;
    bulk(&mut client).await;
    client.call(&request("POST", PATH, &body(10_000))).await;
    small(server.address()).await;
    server.stop().await;
}

/// Each round has the limits and the server, one after the other.
async fn bulk(client: &mut Client) {
    let (text, lines) = (body(ROWS), csv(ROWS));
    let empty = request("PUT", PATH, "[]");
    let whole = request("POST", PATH, &text);
    let whole_csv = request_of("text/csv", "POST", PATH, &lines);
    let mut figures: [Vec<f64>; 5] = Default::default();
    for _ in 0..ROUNDS {
        let (json, csv) = (limit::json(&text, ROWS, None), limit::of_csv(&lines, ROWS));
        let mut timed = Vec::new();
        for sent in [&whole, &whole, &empty, &whole_csv, &whole_csv, &empty] {
            let started = monotonic();
            client.call(sent).await;
            timed.push(started.elapsed().as_secs_f64());
        }
        figures[0].push(json.0.as_secs_f64() / timed[0]);
        figures[1].push(json.1.as_secs_f64() / timed[1]);
        figures[2].push(csv.0.as_secs_f64() / timed[3]);
        figures[3].push(csv.1.as_secs_f64() / timed[4]);
        figures[4].push(timed[2] * 1e3);
    }
    let [insert, update, csv_insert, csv_update, reset] = figures.map(median);
    tell("bulk JSON insert, 100,000 rows / limit A", insert, "gate 0.70, goal 1.0");
    tell("bulk JSON update, 100,000 rows / limit A", update, "gate 0.70, goal 1.0");
    tell("bulk CSV insert, 100,000 rows / its limit", csv_insert, "gate 0.65, goal 0.85");
    tell("bulk CSV update, 100,000 rows / its limit", csv_update, "gate 0.65, goal 0.85");
    tell("reset of 100,000 rows, ms", reset, "gate 25, goal 6");
}

async fn small(address: SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hello = listener.local_addr().unwrap();
    let router =
        axum::Router::new().route("/hello", axum::routing::get(|| async { "{\"hello\":\"world\"}" }));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    for connections in [16, 64] {
        let (mut get, mut upsert, mut late) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..3 {
            let (bare, _) = load(hello, connections, |_| request("GET", "/hello", "")).await;
            let one = |n: usize| request("GET", &format!("/resource/aaaa-2222/nc{:08}.json", key(n)), "");
            get.push(load(address, connections, one).await.0 / bare);
            let (rate, p99) =
                load(address, connections, |n| request("POST", PATH, &format!("[{}]", row(n)))).await;
            upsert.push(rate / bare);
            late.push(p99.as_secs_f64() * 1e3);
        }
        tell(
            &format!("single GET / axum hello, {connections} connections"),
            median(get),
            "gate 0.35, goal 0.60",
        );
        tell(
            &format!("single upsert / axum hello, {connections} connections"),
            median(upsert),
            "gate 0.25, goal 0.55",
        );
        tell(
            &format!("single upsert, p99 in ms, {connections} connections"),
            median(late),
            "at 16: gate 3, goal 0.8",
        );
    }
    serving.abort();
}
