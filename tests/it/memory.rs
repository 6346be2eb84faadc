//! What clients do costs others neither memory nor time.

use crate::support::{Mock, PUBLISHER, mock_of};
use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::Options;
use soda_mock::memory::LEAST;
use std::time::Duration;
use tokio::sync::mpsc;

const ID: &str = "held-0001";
/// Answers of all rows have some megabytes, far more than waits in memory for a client.
const ROWS: usize = 2000;
const ALL: &str = "/resource/held-0001.json?$limit=2000&$order=n%20desc";

async fn mock(patience: Duration) -> Mock {
    let options = Options { patience, ..Options::default() };
    let mock = mock_of(Setup { options, max_memory: LEAST, ..Setup::default() }).await;
    let text = "a text that makes the row longer ".repeat(30);
    let rows: Vec<Value> = (0..ROWS).map(|n| json!({ "n": n, "t": text })).collect();
    let columns: Vec<Value> = [("n", "number"), ("t", "text")]
        .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
        .to_vec();
    mock.dataset(ID, &json!({ "name": "Held", "columns": columns, "rows": rows })).await;
    mock
}

/// More clients than there are places, of which none takes anything, and then one that does.
#[tokio::test]
async fn clients_that_take_nothing_keep_nobody_from_reading() {
    for patience in [Duration::ZERO, Duration::from_secs(3600)] {
        let mock = mock(patience).await;
        let whole = mock.get(ALL).await.body;
        assert!(whole.len() > 1_800_000);
        let mut asleep = Vec::new();
        for _ in 0..40 {
            let get = http::Request::get(ALL).body(Body::empty()).unwrap();
            let answer = mock.raw(get).await;
            assert_eq!(answer.status(), 200);
            asleep.push(answer);
        }
        let counted = mock.get("/resource/held-0001.json?$select=count(*)").await;
        assert_eq!(counted.json(), json!([{ "count": "2000" }]));
        // Others write meanwhile; whoever wakes still gets what he asked for.
        let written = mock.write("POST", "/resource/held-0001.json", &json!([{ "n": -1 }])).await;
        assert_eq!(written.status, 200, "{}", written.text());
        for answer in asleep {
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(body == whole, "it lacks something, or has what was written since");
        }
    }
}

/// `GET /info` and `/metrics` tell the bound and its shares.
#[tokio::test]
async fn the_bound_and_its_shares_are_told() {
    let mock = mock_of(Setup { max_memory: 128 << 20, ..Setup::default() }).await;
    let memory = mock.get("/__mock/v1/info").await.json()["memory"].clone();
    assert_eq!(memory["bound"], 128 << 20);
    let metrics = mock.get("/__mock/v1/metrics").await.text();
    assert!(metrics.contains("soda_mock_memory_bound_bytes 134217728\n"), "{metrics}");
    let shares = memory["shares"].as_object().unwrap();
    assert!(shares.len() >= 5);
    for (name, share) in shares {
        assert!(share["used"].is_u64() && share["bound"].as_u64() > Some(1 << 20), "{name}: {share}");
        let line = format!("soda_mock_share_bound_bytes{{share=\"{name}\"}} {}\n", share["bound"]);
        assert!(metrics.contains(&line), "{line} {metrics}");
    }
}

/// Rows of some megabytes that come in pieces, of a definition whose columns come after them.
fn pieces(rows: usize) -> Vec<Bytes> {
    let text = "a text that makes the row longer ".repeat(30);
    let row = |n: usize| format!("{}{{\"n\":{n},\"t\":\"{text}\"}}", if n == 0 { "" } else { "," });
    let rows = (0..rows).collect::<Vec<_>>();
    let rows = rows.chunks(100).map(|some| some.iter().map(|n| row(*n)).collect::<String>());
    let columns = r#"],"columns":[{"fieldName":"n","dataTypeName":"number"},{"fieldName":"t","dataTypeName":"text"}],"name":"Put"}"#;
    let all = std::iter::once("{\"rows\":[".to_owned()).chain(rows).chain([columns.to_owned()]);
    all.map(Bytes::from).collect()
}

/// A body that is sent piece by piece.
fn channel() -> (mpsc::Sender<Result<Frame<Bytes>, std::io::Error>>, Body) {
    let (sender, mut receiver) = mpsc::channel(1);
    let body = StreamBody::new(futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx)));
    (sender, Body::new(body))
}

async fn spilled(mock: &Mock) -> u64 {
    mock.get("/__mock/v1/info").await.json()["memory"]["shares"]["spilled"]["used"].as_u64().unwrap()
}

/// The rows of a definition wait in a file, and replace the old ones all at once or not at all.
#[tokio::test]
async fn a_definition_is_put_with_rows_that_are_never_all_in_memory() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    let path = "/__mock/v1/datasets/putt-0001";
    let count = async || mock.get("/resource/putt-0001.json?$select=count(*)").await.json();
    for (broken, rows) in [(false, 3000), (true, 5000), (false, 4000)] {
        let (sender, body) = channel();
        let request = http::Request::put(path).header("content-type", "application/json").body(body).unwrap();
        let sending = async {
            let mut all = pieces(rows);
            let last = all.pop().unwrap();
            for piece in all {
                sender.send(Ok(Frame::data(piece))).await.unwrap();
            }
            // All but the piece on its way has been read.
            assert!(spilled(&mock).await > 2_000_000);
            let last = if broken { "],\"name\":}".into() } else { last };
            sender.send(Ok(Frame::data(last))).await.unwrap();
            drop(sender);
        };
        let (answer, ()) = tokio::join!(mock.send(request), sending);
        assert_eq!(answer.status, if broken { 400 } else { 200 }, "{}", answer.text());
        assert_eq!(spilled(&mock).await, 0);
        let there = if broken { 3000 } else { rows };
        assert_eq!(count().await, json!([{ "count": there.to_string() }]));
    }
}

/// A row that has not come whole is held in memory, so there is a bound for all such rows together.
#[tokio::test]
async fn rows_that_never_come_whole_are_refused_when_they_take_too_much() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    mock.dataset(ID, &json!({ "name": "Held", "columns": [{ "fieldName": "t", "dataTypeName": "text" }] }))
        .await;
    let mut waiting = Vec::new();
    let mut refused = 0;
    for kind in ["application/json", "text/csv", "application/vnd.geo+json"].repeat(4) {
        let (sender, body) = channel();
        let request = http::Request::post(format!("/resource/{ID}"))
            .header("content-type", kind)
            .header("authorization", PUBLISHER)
            .body(body)
            .unwrap();
        let mut answer = Box::pin(mock.send(request));
        let begin = match kind {
            "text/csv" => "t\n\"",
            "application/json" => "[{\"t\":\"",
            _ => {
                "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"t\":\""
            }
        };
        let sending = async {
            let pieces = std::iter::once(Bytes::from(begin))
                .chain(std::iter::repeat_n("x".repeat(100_000).into(), 30));
            for piece in pieces {
                if sender.send(Ok(Frame::data(piece))).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            answer = &mut answer => {
                assert_eq!(answer.status, 503, "{kind}: {}", answer.text());
                assert!(answer.header("x-mock-hint").contains("--max-memory"));
                refused += 1;
            }
            () = sending => waiting.push((answer, sender)),
        }
    }
    assert!(refused > 0 && !waiting.is_empty(), "{refused} refused, {} wait", waiting.len());
    drop(waiting);
    let info = mock.get("/__mock/v1/info").await.json();
    assert_eq!(info["memory"]["shares"]["partial_rows"]["used"], 0);
    assert_eq!(mock.write("POST", &format!("/resource/{ID}.json"), &json!([{ "t": "x" }])).await.status, 200);
}

/// Lines that share nothing, so that their union is as large as all of them.
#[tokio::test]
async fn a_union_for_which_there_is_no_memory_is_refused_with_words() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    let line = |n: usize| {
        let positions: Vec<[f64; 2]> = (0..300).map(|p| [p as f64 / 100.0, n as f64 / 10.0]).collect();
        json!({ "g": n % 100, "l": { "type": "LineString", "coordinates": positions } })
    };
    let columns: Vec<Value> = [("g", "number"), ("l", "line")]
        .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
        .to_vec();
    let rows: Vec<Value> = (0..200).map(line).collect();
    mock.dataset(ID, &json!({ "name": "Held", "columns": columns, "rows": rows })).await;
    let refused = mock.get("/resource/held-0001.json?$select=spatial_union(l)").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("x-mock-hint").contains("--max-memory"));
    let groups = mock.get("/resource/held-0001.json?$select=g,spatial_union(l)&$group=g").await;
    assert_eq!(groups.json().as_array().map(Vec::len), Some(100), "{}", groups.text());
}

async fn shares(mock: &Mock) -> Value {
    mock.get("/__mock/v1/info").await.json()["memory"]["shares"].clone()
}

/// A dataset with rows of one text and a number.
async fn texts(mock: &Mock, rows: &[Value]) {
    let columns: Vec<Value> = [("n", "number"), ("t", "text")]
        .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
        .to_vec();
    let definition =
        json!({ "name": "Held", "columns": columns, "metadata": { "rowIdentifier": "n" }, "rows": rows });
    mock.dataset(ID, &definition).await;
}

fn large(n: usize) -> Value {
    json!({ "n": n, "t": "x".repeat(900_000) })
}

#[tokio::test]
async fn changes_of_large_rows_are_told_in_parts() {
    let mock = mock_of(Setup::default()).await;
    texts(&mock, &[]).await;
    for n in 0..8 {
        assert_eq!(mock.write("POST", &format!("/resource/{ID}.json"), &json!([large(n)])).await.status, 200);
    }
    let (mut since, mut keys, mut parts) = ("0".to_owned(), Vec::new(), 0);
    loop {
        let part =
            mock.get(&format!("/__mock/v1/datasets/{ID}/changes?limit=10000&since={since}")).await.json();
        keys.extend(part["changes"].as_array().unwrap().iter().map(|change| change["key"].clone()));
        parts += 1;
        match part["next"].as_str() {
            Some(next) => since = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(keys, (0..8).map(|n| json!(n.to_string())).collect::<Vec<_>>());
    assert!(parts > 1);
}

#[tokio::test]
async fn differences_of_large_rows_are_listed_in_parts() {
    let mock = mock_of(Setup::default()).await;
    texts(&mock, &[]).await;
    mock.call("PUT", "/__mock/v1/snapshots/before", &[], "").await;
    for n in 0..12 {
        assert_eq!(mock.write("POST", &format!("/resource/{ID}.json"), &json!([large(n)])).await.status, 200);
    }
    let (mut offset, mut found, mut parts) = (0, 0, 0);
    loop {
        let path =
            format!("/__mock/v1/snapshots/before/diff/current?dataset={ID}&limit=10000&offset={offset}");
        let answer = mock.get(&path).await.json();
        let told = &answer["datasets"][0];
        assert_eq!((&answer["same"], &told["rows"]["added"]), (&json!(false), &json!(12)));
        found += told["changes"].as_array().unwrap().len();
        parts += 1;
        match told["next_offset"].as_u64() {
            Some(next) => offset = next,
            None => break,
        }
    }
    assert_eq!(found, 12);
    assert!(parts > 1);
}

/// What is small as text may be large once it is understood.
#[tokio::test]
async fn bodies_that_become_large_are_refused_with_words() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    texts(&mock, &[]).await;
    let many = format!("{{\"match\":[{}1]}}", "1,".repeat(200_000));
    for (method, path) in [
        ("POST", "/__mock/v1/verify".to_owned()),
        ("POST", "/__mock/v1/expect".to_owned()),
        ("POST", "/__mock/v1/sql".to_owned()),
        ("PUT", format!("/api/views/{ID}.json")),
        ("POST", format!("/api/v3/views/{ID}/query.json")),
    ] {
        let answer = mock.call(method, &path, &[("authorization", PUBLISHER)], many.clone()).await;
        assert_eq!(answer.status, 413, "{path}: {}", answer.text());
        assert!(answer.text().contains("more memory"), "{path}: {}", answer.text());
    }
    assert_eq!(shares(&mock).await["partial_rows"]["used"], 0);
    // Rows of datasets stay text.
    let rows: Vec<Value> = (0..20_000).map(|n| json!({ "n": n, "t": "x" })).collect();
    let definition = json!({ "name": "Put", "rows": rows, "columns": [
        { "fieldName": "n", "dataTypeName": "number" }, { "fieldName": "t", "dataTypeName": "text" }
    ] });
    let body = json!({ "datasets": [{ "id": "putt-0002", "definition": definition }] }).to_string();
    let made = mock.call("POST", "/__mock/v1/datasets", &[], body).await;
    assert_eq!(made.json()[0]["rows"], 20_000, "{}", made.text());
}

#[tokio::test]
async fn a_report_on_more_rows_than_there_is_memory_for_stores_nothing() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    texts(&mock, &[]).await;
    let csv = |rows: usize| (0..rows).fold("n\n".to_owned(), |text, n| format!("{text}{n}\n"));
    let upload = async |rows: usize, report: &str| {
        let headers = [("authorization", PUBLISHER), ("content-type", "text/csv"), ("x-mock-report", report)];
        mock.call("POST", &format!("/resource/{ID}"), &headers, csv(rows)).await
    };
    let refused = upload(40_000, "rows").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("x-mock-hint").contains("--max-memory"));
    let count = mock.get(&format!("/resource/{ID}.json?$select=count(*)")).await.json();
    assert_eq!(count, json!([{ "count": "0" }]));
    let told = upload(3000, "rows").await;
    assert_eq!(told.json().as_array().map(Vec::len), Some(3000));
    assert_eq!(upload(40_000, "no").await.status, 200);
    assert_eq!(shares(&mock).await["partial_rows"]["used"], 0);
}

/// All journals and histories together have their share, and the oldest entries give way.
#[tokio::test]
async fn journals_of_many_spaces_share_their_memory() {
    let mock = mock_of(Setup { max_memory: LEAST, ..Setup::default() }).await;
    let columns =
        json!([{ "fieldName": "k", "dataTypeName": "text" }, { "fieldName": "t", "dataTypeName": "text" }]);
    let definition =
        json!({ "name": "Kept", "columns": columns, "metadata": { "rowIdentifier": "k" } }).to_string();
    for space in ["one", "two"] {
        mock.call("POST", "/__mock/v1/spaces", &[], json!({ "name": space }).to_string()).await;
        let headers = [("authorization", PUBLISHER), ("x-mock-space", space)];
        let made = mock.call("PUT", &format!("/__mock/v1/datasets/{ID}"), &headers, definition.clone()).await;
        assert_eq!(made.status, 200, "{}", made.text());
        for _ in 0..120 {
            let body = json!([{ "k": "a", "t": "x".repeat(60_000) }]).to_string();
            let headers = [headers.as_slice(), &[("content-type", "application/json")]].concat();
            let answer = mock.call("POST", &format!("/resource/{ID}.json"), &headers, body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
    let records = shares(&mock).await["records"].clone();
    let (used, bound) = (records["used"].as_u64().unwrap(), records["bound"].as_u64().unwrap());
    assert!(used <= bound && used > bound / 2, "{records}");
}

/// A refusal repeats some of what was sent, and no more than that.
#[tokio::test]
async fn refusals_repeat_a_long_text_in_part() {
    let mock = mock_of(Setup::default()).await;
    texts(&mock, &[json!({ "n": 1, "t": "x" })]).await;
    let long = "x".repeat(1_500_000);
    let query = |query: String| json!({ "query": query }).to_string();
    let v3 = format!("/api/v3/views/{ID}/query.json");
    let rows = format!("/resource/{ID}.json");
    for (path, body) in [
        (&v3, query(format!("SELECT '{long}' FROM"))),
        (&v3, query(format!("SELECT n WHERE {long} = 1"))),
        (&v3, query(format!("SELECT n{} ~", " ".repeat(1_500_000)))),
        (&v3, query(format!("SELECT n WHERE ('{long}'::number) = 1"))),
        (&rows, json!([{ "n": long }]).to_string()),
        (&rows, format!("[{{\"{long}\": 1}}]")),
        (&"/__mock/v1/sql".to_owned(), json!({ "sql": format!("SELECT {long}") }).to_string()),
        (
            &"/__mock/v1/expect".to_owned(),
            json!({ "dataset": ID, "where": format!("{long} = 1") }).to_string(),
        ),
    ] {
        let headers = [("authorization", PUBLISHER), ("content-type", "application/json")];
        let answer = mock.call("POST", path, &headers, body).await;
        let told = answer.text();
        assert_eq!(answer.status, 400, "{path}: {}", &told[..told.len().min(300)]);
        assert!(told.len() > 30 && told.len() < 300_000, "{path}: {} bytes", told.len());
    }
}

/// What cannot be stopped is bounded before it begins.
#[tokio::test]
async fn geometries_that_would_take_too_long_are_refused_and_long_ones_are_not() {
    let mock = mock_of(Setup::default()).await;
    let positions = |count: usize| {
        (0..count).map(|i| json!([i as f64 * 1e-4, 20.0 + (i % 2) as f64])).collect::<Vec<_>>()
    };
    let mut ring = positions(20_000);
    ring.extend([json!([2.0, 10.0]), json!([-1.0, 10.0]), json!([-1.0, 20.0]), json!([0.0, 20.0])]);
    let columns: Vec<Value> = [("k", "text"), ("p", "multipoint"), ("l", "line"), ("a", "polygon")]
        .map(|(name, kind)| json!({ "fieldName": name, "dataTypeName": kind }))
        .to_vec();
    let row = json!({
        "k": "large",
        "p": { "type": "MultiPoint", "coordinates": positions(20_000) },
        "l": { "type": "LineString", "coordinates": positions(20_000) },
        "a": { "type": "Polygon", "coordinates": [ring] },
    });
    mock.dataset(ID, &json!({ "name": "Shapes", "columns": columns, "rows": [row] })).await;
    let ask = async |select: &str| {
        let path = format!("/resource/{ID}.json?$select={}", select.replace(' ', "%20"));
        mock.get(&path).await
    };
    let refused = ask("intersects(p, l) as a").await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.header("x-mock-hint").contains("simplify()"), "{}", refused.header("x-mock-hint"));
    for (select, told) in [
        ("curated_region_test(a, 100000) as a", json!([{}])),
        ("num_points(geo_make_valid(a)) as a", json!([{ "a": "20004" }])),
        ("intersects(l, a) as a", json!([{ "a": true }])),
    ] {
        let answer = ask(select).await;
        assert_eq!((answer.status, answer.json()), (200, told), "{select}");
    }
}
