//! What spaces, resets, snapshots and the change history cost. Run by hand:
//! `cargo bench --bench spaces [ways-back] [others] [spaces] [history]`. Times are of whole calls through the router,
//! without a socket.
#![allow(clippy::unwrap_used, clippy::panic)]

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::clock::monotonic;
use soda_mock::codec::{BodyFormat, Decoder, MAX_ROW, Rows, TopLevel};
use soda_mock::http::App;
use soda_mock::memory::Room;
use soda_mock::producer::{Detail, Fatal, UpsertOptions, upsert, with_history};
use soda_mock::seed::{Seeds, image};
use soda_mock::store::history::Author;
use soda_mock::store::{Entry, Folder, Profile, Store};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

const PUBLISHER: &str = "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOnB1Ymxpc2hlcg==";
const ROWS: usize = 100_000;
/// Fewer than a process may have.
const SPACES: usize = 900;

async fn call(router: &App, method: &str, path: &str, body: impl Into<Body>) -> Value {
    let request = Request::builder().method(method).uri(path).header("authorization", PUBLISHER);
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    assert!(parts.status.is_success(), "{method} {path}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

fn definition() -> Value {
    let text = |name: String| json!({ "fieldName": name, "name": name, "dataTypeName": "text" });
    let mut columns = vec![text("k".to_owned())];
    columns.extend((0..4).map(|n| text(format!("t{n}"))));
    columns.extend(
        (0..4).map(
            |n| json!({ "fieldName": format!("n{n}"), "name": format!("n{n}"), "dataTypeName": "number" }),
        ),
    );
    json!({ "name": "Bench", "metadata": { "rowIdentifier": "k" }, "columns": columns })
}

fn rows(count: usize, round: usize) -> String {
    let row = |n: usize| {
        format!(
            r#"{{"k":"key-{n}","t0":"some text {round}","t1":"more of it","t2":"and more","t3":"x{n}","n0":{n},"n1":"1.5","n2":{round},"n3":-{n}.25}}"#
        )
    };
    format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(","))
}

/// Median, 99th percentile and worst.
fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!("{what:<58} p50 {:>8.3} ms   p99 {:>8.3} ms   n={}", at(0.5), at(0.99), times.len());
}

async fn timed(times: &mut Vec<Duration>, work: impl Future<Output = Value>) -> Value {
    let start = monotonic();
    let answer = work.await;
    times.push(start.elapsed());
    answer
}

fn resident_kib() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4.0
}

const UPSERT: &str = "/resource/aaaa-2222.json";
const ONE: &str = "[{\"k\":\"one\"}]";

async fn ways_back(router: &App, what: &str, count: usize, rounds: usize) {
    call(router, "PUT", "/__mock/v1/datasets/aaaa-2222", definition().to_string()).await;
    call(router, "POST", UPSERT, rows(count, 0)).await;
    call(router, "PUT", "/__mock/v1/snapshots/full", "").await;
    let [mut take, mut restore, mut first, mut reset] = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        timed(&mut restore, call(router, "POST", "/__mock/v1/snapshots/full/restore", "")).await;
        timed(&mut first, call(router, "POST", UPSERT, ONE)).await;
        timed(&mut take, call(router, "PUT", "/__mock/v1/snapshots/again", "")).await;
        timed(&mut reset, call(router, "POST", "/__mock/v1/reset", "")).await;
    }
    tell(&format!("{what}, {count} rows: snapshot"), take);
    tell(&format!("{what}, {count} rows: restore"), restore);
    tell(&format!("{what}, {count} rows: first write after restore"), first);
    tell(&format!("{what}, {count} rows: reset to the seed"), reset);
}

async fn differences(router: &App) {
    call(router, "POST", "/__mock/v1/snapshots/full/restore", "").await;
    call(router, "POST", UPSERT, rows(1000, 1)).await;
    let mut times = Vec::new();
    for _ in 0..5 {
        timed(&mut times, call(router, "GET", "/__mock/v1/snapshots/full/diff/current", "")).await;
    }
    tell(&format!("diff of two states of {ROWS} rows, 1000 changed"), times);
}

/// Making, changing and removing a dataset, alone and beside a thousand others; the two are to cost the same.
async fn beside_others(router: &App, kind: &str) {
    for others in [0, 1000] {
        for _ in 0..others {
            call(router, "POST", "/api/views", definition().to_string()).await;
        }
        let [mut make, mut rename, mut remove] = [const { Vec::new() }; 3];
        for round in 0..50 {
            let made = timed(&mut make, call(router, "POST", "/api/views", definition().to_string())).await;
            let path = format!("/api/views/{}", made["id"].as_str().unwrap());
            let name = json!({ "name": format!("Renamed {others} {round}") }).to_string();
            timed(&mut rename, call(router, "PUT", &path, name)).await;
            timed(&mut remove, call(router, "DELETE", &path, "")).await;
        }
        for (what, times) in [("make", make), ("rename", rename), ("remove", remove)] {
            tell(&format!("{kind}: {what} a dataset beside {others}"), times);
        }
    }
}

async fn spaces(router: &App) {
    let (mut create, mut first) = (Vec::new(), Vec::new());
    let before = resident_kib();
    for _ in 0..SPACES {
        timed(&mut create, call(router, "POST", "/__mock/v1/spaces", "")).await;
    }
    let idle = resident_kib();
    println!("{:<58} {:>8.1} KiB each", "space that is not used: memory", (idle - before) / SPACES as f64);
    tell("space: create", create);
    for number in 1..=200 {
        let request = Request::builder().method("POST").uri("/resource/4tka-6guv.json");
        let request =
            request.header("x-mock-space", format!("space-{number}")).header("authorization", PUBLISHER);
        let request = request.body(Body::from("[{\"earthquake_id\":\"x\"}]")).unwrap();
        let start = monotonic();
        let answer = router.clone().oneshot(request).await.unwrap();
        first.push(start.elapsed());
        assert!(answer.status().is_success());
    }
    tell("space: first write", first);
    println!("{:<58} {:>8.1} KiB each", "space at work: memory", (resident_kib() - idle) / 200.0);
    let rest = Profile::ONE_OF_MANY.linger.unwrap() + Duration::from_secs(1);
    tokio::time::sleep(rest).await;
    println!("{:<58} {:>8.1} KiB each", "space at rest: memory", (resident_kib() - idle) / 200.0);
}

fn batch(entry: &Entry, text: &str) -> soda_mock::codec::Batch {
    let mut typed = Rows::new(entry.layout.clone());
    let mut decoder = Decoder::new(BodyFormat::Json, TopLevel::Array, MAX_ROW, &Room::new(u64::MAX));
    decoder.feed(text.as_bytes(), &mut typed).unwrap();
    decoder.finish(&mut typed).unwrap();
    typed.take()
}

/// The same uploads on the writer thread, watched and not, in turn.
async fn history(count: usize, rounds: usize) {
    let folder = Folder::new(std::sync::Arc::default()).unwrap();
    let ids = soda_mock::ids::Ids::seeded(1);
    let path = folder.file().path().with_file_name("seed.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut seed = definition();
    seed["id"] = json!("aaaa-2222");
    std::fs::write(&path, seed.to_string()).unwrap();
    let seeds = Seeds { paths: vec![path], demo: false };
    let image = image(&seeds, &folder, false, &ids, 0).unwrap();
    for (kind, fresh) in [("insert", true), ("update", false)] {
        let mut times = [const { Vec::new() }; 2];
        let mut stores = [0, 1].map(|_| Store::on_image(&image, Profile::MAIN));
        for round in 0..rounds {
            for watched in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                if fresh {
                    stores[watched] = Store::on_image(&image, Profile::MAIN);
                    stores[watched].write(|_| Ok(())).await.unwrap();
                }
                let store = Arc::clone(&stores[watched]);
                let entry = Arc::clone(store.catalogue().find("aaaa-2222").unwrap());
                let rows = Arc::new(batch(&entry, &rows(count, round)));
                let author = Author { request_id: "bench".into(), operation: "upsert" };
                let options = UpsertOptions {
                    truncate: false,
                    merge: true,
                    fatal: Fatal::None,
                    expected_version: None,
                    detail: Detail::Counts,
                    reports: store.memory().partial.clone(),
                    keep: 0,
                    author: (watched == 1).then_some(author),
                    now: 0,
                };
                let start = monotonic();
                let job = move |tx: &soda_mock::store::WriteTx<'_>| {
                    let report = upsert(tx, &entry, std::iter::once(Ok(rows)), &options)?;
                    Ok(with_history(&entry, &options, report))
                };
                store.write_with_history(soda_mock::store::WriteMode::Alone, job).await.unwrap();
                times[watched].push(start.elapsed());
            }
        }
        let median = |times: &mut Vec<Duration>| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e3
        };
        let [without, with] = &mut times;
        let (without, with) = (median(without), median(with));
        println!(
            "history, {kind} of {count:>6} rows: {:<28} {without:>8.3} ms without, {with:>8.3} ms with, {:+.1} %",
            "",
            (with / without - 1.0) * 100.0
        );
    }
}

#[tokio::main]
async fn main() {
    if std::env::args().any(|a| a == "--list") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let in_file = |name: &str| Setup { data: Some(folder.path().join(name)), ..Setup::default() };
    if chosen("ways-back") {
        let router = Setup::default().router().await.unwrap();
        ways_back(&router, "ephemeral", 1000, 100).await;
        ways_back(&router, "ephemeral", ROWS, 100).await;
        differences(&router).await;
        ways_back(&in_file("data.db").router().await.unwrap(), "data file", ROWS, 20).await;
    }
    if chosen("others") {
        beside_others(&Setup::default().router().await.unwrap(), "ephemeral").await;
        beside_others(&in_file("others.db").router().await.unwrap(), "data file").await;
    }
    if chosen("spaces") {
        spaces(&Setup::default().router().await.unwrap()).await;
    }
    if chosen("history") {
        history(1, 2000).await;
        history(100, 400).await;
        history(1000, 100).await;
        history(ROWS, 9).await;
    }
}

/// Whether a part runs: all do, unless the command line names some (`cargo bench --bench spaces others`).
fn chosen(part: &str) -> bool {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    named.is_empty() || named.iter().any(|name| name == part)
}
