//! What publishing costs, as ratios to limits of the same machine at the same moment:
//! `cargo bench --bench publish`. Bulk is held against limit A (a serde_json visitor and a typed
//! insert, one thread, in memory), small requests against a bare axum server.
#![allow(clippy::unwrap_used, clippy::panic)]

use rusqlite::Connection;
use serde::Deserialize;
use serde::de::{SeqAccess, Visitor};
use serde_json::json;
use soda_mock::MockServer;
use soda_mock::clock::monotonic;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PUBLISHER: &str = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==";
const ROWS: usize = 100_000;
const ROUNDS: usize = 5;
const SPELL: Duration = Duration::from_secs(1);
const PATH: &str = "/resource/aaaa-2222.json";

/// Keys in no order, as ids from several sources are.
fn key(n: usize) -> usize {
    n * 7_368_787 % 100_000_000
}

fn row(n: usize) -> String {
    format!(
        r#"{{"k":"nc{:08}","region":"12km NW of The Geysers, California","source":"nc","magnitude":{}.{},"depth":{}.25,"stations":{},"version":"{}","at":"2012-09-14T22:38:{:02}"}}"#,
        key(n),
        n % 8,
        n % 10,
        n % 700,
        n % 400,
        n % 10,
        n % 60
    )
}

fn body(count: usize) -> String {
    let mut body = String::from("[");
    for n in 0..count {
        let _ = write!(body, "{}{}", if n > 0 { ",\n" } else { "" }, row(n));
    }
    body.push(']');
    body
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    k: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    magnitude: f64,
    depth: f64,
    stations: f64,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    at: Cow<'a, str>,
}

/// Stores rows while they are read.
struct Insert<'c>(&'c Connection);

impl<'de> Visitor<'de> for Insert<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<usize, A::Error> {
        let sql = "INSERT INTO d VALUES(NULL,?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT(k) DO UPDATE SET region=excluded.region,source=excluded.source,magnitude=excluded.magnitude,depth=excluded.depth,stations=excluded.stations,version=excluded.version,at=excluded.at";
        let mut statement = self.0.prepare(sql).unwrap();
        let mut count = 0;
        while let Some(row) = rows.next_element::<Row<'de>>()? {
            let (k, region, source) = (row.k.as_ref(), row.region.as_ref(), row.source.as_ref());
            let texts = (row.version.as_ref(), row.at.as_ref());
            statement
                .execute((k, region, source, row.magnitude, row.depth, row.stations, texts.0, texts.1))
                .unwrap();
            count += 1;
        }
        Ok(count)
    }
}

/// Limit A: insert, then update.
fn limit(body: &str) -> (Duration, Duration) {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("CREATE TABLE d(sid INTEGER PRIMARY KEY, k TEXT NOT NULL UNIQUE, region TEXT, source TEXT, magnitude REAL, depth REAL, stations REAL, version TEXT, at TEXT)")
        .unwrap();
    let once = || {
        let started = monotonic();
        connection.execute_batch("BEGIN").unwrap();
        let mut reader = serde_json::Deserializer::from_str(body);
        let count = serde::Deserializer::deserialize_seq(&mut reader, Insert(&connection)).unwrap();
        connection.execute_batch("COMMIT").unwrap();
        assert_eq!(count, ROWS);
        started.elapsed()
    };
    (once(), once())
}

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
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
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
    let body = body(ROWS);
    let (empty, whole) = (request("PUT", PATH, "[]"), request("POST", PATH, &body));
    let (mut insert, mut update, mut reset) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let limits = limit(&body);
        let mut timed = Vec::new();
        for sent in [&whole, &whole, &empty] {
            let started = monotonic();
            client.call(sent).await;
            timed.push(started.elapsed());
        }
        insert.push(limits.0.as_secs_f64() / timed[0].as_secs_f64());
        update.push(limits.1.as_secs_f64() / timed[1].as_secs_f64());
        reset.push(timed[2].as_secs_f64() * 1e3);
    }
    tell("bulk JSON insert, 100,000 rows / limit A", median(insert), "gate 0.70, goal 1.0");
    tell("bulk JSON update, 100,000 rows / limit A", median(update), "gate 0.70, goal 1.0");
    tell("reset of 100,000 rows, ms", median(reset), "gate 25, goal 6");
    client.call(&request("POST", PATH, &self::body(10_000))).await;
    small(server.address()).await;
    server.stop().await;
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
