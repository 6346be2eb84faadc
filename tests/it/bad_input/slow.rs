//! Clients that stall, hang up, send byte by byte or talk nonsense, over real sockets.

use super::PATH;
use crate::support::PUBLISHER;
use serde_json::{Value, json};
use soda_mock::MockServer;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing here takes long; a test that hangs is to fail.
const NEVER: Duration = Duration::from_secs(60);

/// A connection that speaks HTTP as it likes.
struct Client(TcpStream);

impl Client {
    async fn new(server: &MockServer) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    async fn head(&mut self, length: usize) {
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PUBLISHER}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send(head).await;
    }

    /// The status and body of the next answer.
    async fn answer(&mut self) -> (u16, String) {
        let mut text = Vec::new();
        let read = async {
            loop {
                let seen = String::from_utf8_lossy(&text).into_owned();
                if let Some((head, body)) = seen.split_once("\r\n\r\n") {
                    let length = head.lines().find_map(|l| {
                        let (name, value) = l.split_once(": ")?;
                        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
                    });
                    // Without a length the answer ends with the connection.
                    if length.is_some_and(|length| body.len() >= length) {
                        return (head[9..12].parse().unwrap(), body.to_owned());
                    }
                }
                if self.0.read_buf(&mut text).await.unwrap() == 0 {
                    return (seen.get(9..12).map_or(0, |s| s.parse().unwrap()), seen);
                }
            }
        };
        tokio::time::timeout(NEVER, read).await.unwrap()
    }
}

async fn server() -> MockServer {
    let server = MockServer::start().await.unwrap();
    let definition = json!({
        "name": "Slow",
        "metadata": { "rowIdentifier": "k" },
        "columns": [{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "t", "dataTypeName": "text" }],
    })
    .to_string();
    let mut client = Client::new(&server).await;
    client
        .send(format!(
            "PUT /__mock/v1/datasets/aaaa-2222 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{definition}",
            definition.len()
        ))
        .await;
    assert_eq!(client.answer().await.0, 200);
    server
}

fn rows(prefix: &str, count: usize) -> String {
    let rows: Vec<String> =
        (0..count).map(|n| format!("{{\"k\":\"{prefix}{n}\",\"t\":\"{}\"}}", "x".repeat(200))).collect();
    rows.join(",")
}

async fn upsert(client: &mut Client, body: &str) -> Value {
    client.head(body.len()).await;
    client.send(body).await;
    let (status, body) = client.answer().await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn count(server: &MockServer) -> Value {
    let mut client = Client::new(server).await;
    client.send("GET /resource/aaaa-2222.json?$select=count(*) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let (status, body) = client.answer().await;
    assert_eq!(status, 200, "{body}");
    let (_, body) = body.split_once("\r\n\r\n").unwrap();
    let array = &body[body.find('[').unwrap()..=body.rfind(']').unwrap()];
    serde_json::from_str::<Value>(array).unwrap()[0]["count"].clone()
}

/// Each of the stalled uploads has sent enough, and fast enough, for the writer to have begun.
#[tokio::test(flavor = "multi_thread")]
async fn stalled_uploads_delay_nobody() {
    let server = server().await;
    let mut stalled = Vec::new();
    for number in 0..64 {
        let body = format!("[{}", rows(&format!("s{number}-"), 3000));
        let tail = ",{\"k\":\"end\"}]";
        let mut client = Client::new(&server).await;
        client.head(body.len() + tail.len()).await;
        client.send(body).await;
        stalled.push((client, tail));
    }
    let mut writer = Client::new(&server).await;
    for number in 0..50 {
        let counts = upsert(&mut writer, &json!([{ "k": format!("w{number}") }]).to_string()).await;
        assert_eq!(counts["Rows Created"], 1);
    }
    let large = format!("[{}]", rows("large", 10_000));
    assert_eq!(upsert(&mut writer, &large).await["Rows Created"], 10_000);
    assert_eq!(count(&server).await, "10050", "nothing of a stalled upload is seen");
    // Half of them hang up, the others go on and end well.
    let others = stalled.split_off(32);
    drop(stalled);
    for (mut client, tail) in others {
        client.send(tail).await;
        let (status, body) = client.answer().await;
        assert_eq!(status, 200, "{body}");
    }
    assert_eq!(count(&server).await, (10_050 + 32 * 3000 + 1).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_byte_by_byte_is_served_while_others_write() {
    let server = server().await;
    let (mut slow, mut other) = (Client::new(&server).await, Client::new(&server).await);
    let body = "[{\"k\":\"slow\",\"t\":\"é\"}]";
    slow.head(body.len()).await;
    for (number, byte) in body.as_bytes().iter().enumerate() {
        slow.send([*byte]).await;
        upsert(&mut other, &json!([{ "k": format!("o{number}") }]).to_string()).await;
    }
    assert_eq!(slow.answer().await.0, 200);
    assert_eq!(count(&server).await, (body.len() + 1).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_nothing() {
    let server = server().await;
    let body = format!("[{}]", rows("h", 20_000));
    for cut in [1, 1000, 100_000, body.len() - 1] {
        let mut client = Client::new(&server).await;
        client.head(body.len()).await;
        client.send(&body[..cut]).await;
    }
    let mut writer = Client::new(&server).await;
    assert_eq!(upsert(&mut writer, "[{\"k\":\"w\"}]").await["Rows Created"], 1);
    assert_eq!(count(&server).await, "1");
    assert_eq!(upsert(&mut writer, &body).await["Rows Created"], 20_000);
}

/// A large upload that goes wrong in its last row, long after the writer has begun with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_at_the_end_of_a_large_body_stores_nothing() {
    let server = server().await;
    let mut client = Client::new(&server).await;
    for last in ["{\"nope\":1}", "{\"k\":{}}", "5", "{\":deleted\":true}", "{"] {
        let body = format!("[{},{last}]", rows("m", 20_000));
        client.head(body.len()).await;
        client.send(&body).await;
        assert_eq!(client.answer().await.0, 400, "{last}");
        assert_eq!(count(&server).await, "0");
    }
    assert_eq!(upsert(&mut client, "[{\"k\":\"w\"}]").await["Rows Created"], 1, "the connection goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_on_the_wire_is_a_4xx_and_the_server_goes_on() {
    let server = server().await;
    let many: String = (0..300).map(|n| format!("X-H{n}: v\r\n")).collect();
    let login = format!("Host: localhost\r\nAuthorization: {PUBLISHER}\r\n");
    for nonsense in [
        "NONSENSE\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)),
        format!("GET {PATH} HTTP/1.1\r\n{many}\r\n"),
        format!("GET {PATH} HTTP/1.1\r\nX-Long: {}\r\n\r\n", "v".repeat(600_000)),
        format!("POST {PATH} HTTP/1.1\r\n{login}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]"),
        format!("POST {PATH} HTTP/1.1\r\n{login}Content-Length: two\r\n\r\n[]"),
        format!("POST {PATH} HTTP/1.1\r\n{login}Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n"),
        format!("GET {PATH} HTTP/1.1\r\nBad Header: v\r\n\r\n"),
    ] {
        let mut client = Client::new(&server).await;
        // The server may close before it has read all of it.
        let _ = client.0.write_all(nonsense.as_bytes()).await;
        let (status, text) = client.answer().await;
        let shown: String = nonsense.chars().take(60).collect();
        assert!((400..500).contains(&status), "{shown:?}: {status} {text}");
    }
    let mut client = Client::new(&server).await;
    assert_eq!(upsert(&mut client, "[{\"k\":\"w\"}]").await["Rows Created"], 1);
}
