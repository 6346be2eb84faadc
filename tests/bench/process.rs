//! What the program as a process costs: start, memory, a file that survives, growth:
//! `cargo bench --bench process`. `SODA_MOCK=PATH` names another binary, such as the static one.
#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code, reason = "the other benchmark reads CSV too")]
mod limit;

use soda_mock::clock::monotonic;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PUBLISHER: &str = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==";
const PATH: &str = "/resource/aaaa-2222.json";
const DEFINITION: &str = r#"{"name":"Bench","metadata":{"rowIdentifier":"k"},"columns":[{"fieldName":"k","dataTypeName":"text"},{"fieldName":"region","dataTypeName":"text"},{"fieldName":"source","dataTypeName":"text"},{"fieldName":"magnitude","dataTypeName":"number"},{"fieldName":"depth","dataTypeName":"number"},{"fieldName":"stations","dataTypeName":"number"},{"fieldName":"version","dataTypeName":"text"},{"fieldName":"at","dataTypeName":"calendar_date"}]}"#;
/// Rows of a bulk upload.
const ROWS: usize = 100_000;
/// Rows whose JSON has about 231 MiB together, as their region is long.
const MANY: usize = 1_000_000;
const PADDING: usize = 86;

/// A server in a process of its own, ended with this value.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts one and waits for its first answer; how long that took.
    fn start(arguments: &[&str]) -> (Self, Duration) {
        let started = monotonic();
        let mut child = Command::new(binary())
            .args(["serve", "--port", "0", "--listen", "127.0.0.1"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        let server = Self { child, port };
        server.client().call("GET", "/__mock/v1/live", "");
        (server, started.elapsed())
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client(stream)
    }

    /// A line of `/proc/PID/status` in MiB; none where there is no such file.
    fn memory(&self, name: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    std::env::var_os("SODA_MOCK").map_or_else(|| env!("CARGO_BIN_EXE_soda-mock").into(), PathBuf::from)
}

/// One kept connection.
struct Client(TcpStream);

impl Client {
    fn call(&mut self, method: &str, path: &str, body: &str) {
        let length = format!("Content-Length: {}", body.len());
        self.head(method, path, &length);
        self.0.write_all(body.as_bytes()).unwrap();
        self.answer();
    }

    fn head(&mut self, method: &str, path: &str, length: &str) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        );
        self.0.write_all(head.as_bytes()).unwrap();
    }

    fn answer(&mut self) {
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let read = self.0.read(&mut buffer).unwrap();
            assert!(read > 0, "the server hung up");
            seen.extend_from_slice(&buffer[..read]);
            let Some(head) = seen.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&seen[..head]).to_ascii_lowercase();
            assert!(text.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(&seen));
            let size = text.split("content-length: ").nth(1).and_then(|t| t.lines().next()).unwrap();
            if seen.len() >= head + 4 + size.parse::<usize>().unwrap() {
                return;
            }
        }
    }

    /// Sends so many rows in chunks that are made while they are sent; how many bytes they were.
    fn stream(&mut self, rows: usize) -> usize {
        self.head("POST", PATH, "Transfer-Encoding: chunked");
        let padding = "x".repeat(PADDING);
        let (mut chunk, mut bytes) = (String::new(), 0);
        for n in 0..rows {
            let row = limit::row(n).replace("California", &padding);
            let _ = write!(chunk, "{}{row}", if n == 0 { "[" } else { ",\n" });
            if chunk.len() > 60_000 || n + 1 == rows {
                chunk.push_str(if n + 1 == rows { "]" } else { "" });
                self.0.write_all(format!("{:x}\r\n{chunk}\r\n", chunk.len()).as_bytes()).unwrap();
                bytes += chunk.len();
                chunk.clear();
            }
        }
        self.0.write_all(b"0\r\n\r\n").unwrap();
        self.answer();
        bytes
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn tell(what: &str, value: f64, gate: &str) {
    println!("{what:<62} {value:>8.2}   {gate}");
}

fn main() {
    let folder = std::env::temp_dir().join(format!("soda-mock-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let size = std::fs::metadata(binary()).unwrap().len();
    tell(
        "binary, MiB (gate and goal are for the static one)",
        size as f64 / f64::from(1 << 20),
        "gate 15, goal 10",
    );
    ready(&folder);
    file(&folder);
    growth();
    memory(&folder);
    let _ = std::fs::remove_dir_all(&folder);
}

fn ready(folder: &Path) {
    let file = folder.join("ready.db").display().to_string();
    let (mut ephemeral, mut kept) = (Vec::new(), Vec::new());
    for _ in 0..11 {
        ephemeral.push(Server::start(&[]).1.as_secs_f64() * 1e3);
        kept.push(Server::start(&["--data", &file]).1.as_secs_f64() * 1e3);
    }
    tell("ready, spawn to first 200, ephemeral, ms", median(ephemeral), "gate 20, goal 6");
    tell("ready, spawn to first 200, a file that is there, ms", median(kept), "gate 20, goal 9");
}

fn file(folder: &Path) {
    let path = folder.join("bulk.db").display().to_string();
    let (server, _) = Server::start(&["--data", &path]);
    let mut client = server.client();
    client.call("PUT", "/__mock/v1/datasets/aaaa-2222", DEFINITION);
    let body = limit::body(ROWS);
    let (mut insert, mut update) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let limits = limit::json(&body, ROWS, Some(&folder.join(format!("limit-{round}.db"))));
        client.call("PUT", PATH, "[]");
        for (limit, ratios) in [(limits.0, &mut insert), (limits.1, &mut update)] {
            let started = monotonic();
            client.call("POST", PATH, &body);
            ratios.push(limit.as_secs_f64() / started.elapsed().as_secs_f64());
        }
    }
    tell("bulk JSON insert into a file / limit A into a file", median(insert), "gate 0.70, goal 1.0");
    tell("bulk JSON update in a file / limit A in a file", median(update), "gate 0.70, goal 1.0");
}

/// Uploads of 100 rows that are there, spread over the table.
fn upload_ms(client: &mut Client, rows: usize) -> f64 {
    let times = (0..50).map(|round| {
        let rows: Vec<String> = (0..100).map(|n| limit::row((round * 100 + n) * 7919 % rows)).collect();
        let body = format!("[{}]", rows.join(","));
        let started = monotonic();
        client.call("POST", PATH, &body);
        started.elapsed().as_secs_f64() * 1e3
    });
    median(times.collect())
}

fn growth() {
    let (server, _) = Server::start(&[]);
    let mut client = server.client();
    client.call("PUT", "/__mock/v1/datasets/aaaa-2222", DEFINITION);
    client.stream(1000);
    let small = upload_ms(&mut client, 1000);
    client.stream(MANY);
    let large = upload_ms(&mut client, MANY);
    tell("upsert of 100 rows, table of 1,000,000 / table of 1,000", large / small, "gate 3.0, goal 2.0");
}

fn memory(folder: &Path) {
    let path = folder.join("memory.db").display().to_string();
    let (server, _) = Server::start(&["--data", &path]);
    let Some(idle) = server.memory("VmRSS:") else { return println!("no /proc here: memory is not told") };
    tell("idle memory, MiB", idle, "gate 15, goal 8");
    let mut client = server.client();
    client.call("PUT", "/__mock/v1/datasets/aaaa-2222", DEFINITION);
    let bytes = client.stream(MANY);
    let peak = server.memory("VmHWM:").unwrap_or(f64::NAN);
    let what = format!("peak memory while {} MiB stream into a file, MiB", bytes >> 20);
    tell(&what, peak, "gate 160, goal 100");
}
