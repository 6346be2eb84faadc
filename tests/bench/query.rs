//! Queries over a million rows, each beside hand-written SQL for the same question on the same file.
//!
//! `cargo bench --bench query [-- ROWS]`. Times are the best of several runs; the whole way through
//! the router is measured, encoding included. The SQL's table has REAL columns in place of exact
//! decimals.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use rusqlite::Connection;
use serde_json::json;
use soda_mock::Setup;
use soda_mock::http::App;
use soda_mock::soda::SoqlType;
use soda_mock::soda::value::{RowIdCipher, Rules};
use soda_mock::soql::{Environment, Relation, SourceColumn, compile};
use std::path::Path;
use std::time::{Duration, Instant};
use tower::ServiceExt as _;

const ID: &str = "bnch-0001";

/// Question, parameters of the mock, SQL on the plain table, and what is promised.
const PAIRS: [(&str, &str, &str, &str); 9] = [
    ("filter on the row identifier", "k=k500000", "SELECT * FROM plain WHERE k='k500000'", "<= 2x"),
    ("page of 1,000 rows", "$limit=1000", "SELECT * FROM plain LIMIT 1000", "<= 10 ms"),
    ("count(*)", "$select=count(*)", "SELECT count(*) FROM plain", "<= 3x"),
    ("sum", "$select=sum(n)", "SELECT sum(n) FROM plain", "<= 3x"),
    ("avg", "$select=avg(n)", "SELECT avg(n) FROM plain", "<= 3x"),
    (
        "group by text",
        "$select=kind,count(*),sum(n)&$group=kind",
        "SELECT kind,count(*),sum(n) FROM plain GROUP BY kind",
        "<= 3x",
    ),
    (
        "filter on a number",
        "$select=count(*)&$where=n%3E500",
        "SELECT count(*) FROM plain WHERE n>500",
        "<= 3x",
    ),
    (
        "order by a number, first 100",
        "$order=n%20desc&$limit=100",
        "SELECT * FROM plain ORDER BY n DESC LIMIT 100",
        "",
    ),
    (
        "group by month",
        "$select=date_trunc_ym(t)%20as%20m,count(*)&$group=m",
        "SELECT strftime('%Y-%m',t/1000,'unixepoch') AS m,count(*) FROM plain GROUP BY m",
        "",
    ),
];

fn main() {
    let rows: usize = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(define(&file));
    fill(&file, rows);
    let setup = Setup { demo: false, data: Some(file.clone()), ..Setup::default() };
    let router = runtime.block_on(setup.router()).unwrap();
    let plain = Connection::open(&file).unwrap();
    plain.execute_batch("PRAGMA cache_size=-32768").unwrap();
    println!("{rows} rows\n{:<32} {:>10} {:>10} {:>7}  promised", "", "mock", "SQL", "ratio");
    for (question, parameters, sql, promised) in PAIRS {
        let mock = best(|| runtime.block_on(get(&router, &format!("/resource/{ID}.json?{parameters}"))).0);
        let hand = best(|| run(&plain, sql));
        let ratio = mock.as_secs_f64() / hand.as_secs_f64();
        println!("{question:<32} {:>10} {:>10} {ratio:>6.1}x  {promised}", shown(mock), shown(hand));
    }
    for format in ["json", "csv"] {
        let (time, bytes) = runtime.block_on(get(&router, &format!("/resource/{ID}.{format}?$limit={rows}")));
        let speed = bytes as f64 / 1e6 / time.as_secs_f64();
        println!(
            "{:<32} {:>10} {speed:>6.0} MB/s of {} MB; resident {} MB",
            format!("export {format}"),
            shown(time),
            bytes / 1_000_000,
            resident()
        );
    }
    analysis();
}

async fn define(file: &Path) {
    let router =
        Setup { demo: false, data: Some(file.to_owned()), ..Setup::default() }.router().await.unwrap();
    let columns: Vec<_> = [
        ("k", "text"),
        ("kind", "text"),
        ("n", "number"),
        ("m", "number"),
        ("flag", "checkbox"),
        ("t", "calendar_date"),
        ("note", "text"),
    ]
    .iter()
    .map(|(name, t)| json!({ "fieldName": name, "name": name, "dataTypeName": t }))
    .collect();
    let body = json!({ "name": "Bench", "metadata": { "rowIdentifier": "k" }, "columns": columns });
    let request =
        Request::put(format!("/__mock/v1/datasets/{ID}")).header("content-type", "application/json");
    let answer = router.oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// The mock's table and a plain one, with the same rows.
fn fill(file: &Path, rows: usize) {
    let mut connection = Connection::open(file).unwrap();
    connection.create_collation("SOQLNUM", soda_mock::soda::value::compare_numbers).unwrap();
    let transaction = connection.transaction().unwrap();
    transaction
        .execute_batch("CREATE TABLE plain(sid INTEGER PRIMARY KEY, k TEXT, kind TEXT, n REAL, m REAL, flag INTEGER, t INTEGER, note TEXT)")
        .unwrap();
    {
        let values = "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)";
        let mut exact = transaction
            .prepare(&format!("INSERT INTO d1(sid,c0,c1,c2,c3,c4,c5,c6,version,created_at,updated_at) {},?1,1700000000000,1700000000000)", values.trim_end_matches(')')))
            .unwrap();
        let mut plain = transaction.prepare(&format!("INSERT INTO plain {values}")).unwrap();
        for i in 0..rows {
            let (k, kind) = (format!("k{i}"), format!("kind {}", i * 7919 % 50));
            let n = (i * 7919 % 100_000) as f64 / 100.0;
            let m = (i % 1000) as f64 / 8.0;
            let t = 1_500_000_000_000i64 + (i as i64 * 61_000);
            let note = format!("a note of some length about row number {i}");
            exact
                .execute((i as i64, &k, &kind, format!("{n:.2}"), format!("{m}"), (i % 2) as i64, t, &note))
                .unwrap();
            plain.execute((i as i64, &k, &kind, n, m, (i % 2) as i64, t, &note)).unwrap();
        }
    }
    transaction.execute_batch("CREATE UNIQUE INDEX plain_k ON plain(k)").unwrap();
    transaction.commit().unwrap();
}

async fn get(router: &App, url: &str) -> (Duration, usize) {
    let begin = Instant::now();
    let answer = router.clone().oneshot(Request::get(url).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    let mut body = answer.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame.unwrap().data_ref().map_or(0, bytes::Bytes::len);
    }
    (begin.elapsed(), bytes)
}

fn run(connection: &Connection, sql: &str) -> Duration {
    let begin = Instant::now();
    let mut statement = connection.prepare_cached(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        for column in 0..row.as_ref().column_count() {
            seen += usize::from(row.get_ref(column).unwrap() != rusqlite::types::ValueRef::Null);
        }
    }
    std::hint::black_box(seen);
    begin.elapsed()
}

/// The best of some runs, more of them when they are short.
fn best(mut run: impl FnMut() -> Duration) -> Duration {
    let first = run();
    let times = if first < Duration::from_millis(20) { 200 } else { 3 };
    (0..times).map(|_| run()).fold(first, Duration::min)
}

/// Parsing and analysis of a typical query, without running it.
fn analysis() {
    let column = |(name, soql_type): (&str, SoqlType)| SourceColumn {
        name: name.to_owned(),
        soql_type,
        sql: name.to_owned(),
        system: false,
        nullable: true,
    };
    let columns = [
        ("k", SoqlType::Text),
        ("kind", SoqlType::Text),
        ("n", SoqlType::Number),
        ("t", SoqlType::FloatingTimestamp),
    ];
    let relation = Relation { sql: "d1".to_owned(), columns: columns.into_iter().map(column).collect() };
    let cipher = RowIdCipher::new(&[0; 72]);
    let query = "select date_trunc_ym(t) as month, kind, count(*), sum(n) as total where kind in ('a', 'b') and n > 2.5 and t between '2024-01-01' and '2024-12-31' group by month, kind having count(*) > 3 order by total desc limit 100";
    let time = best(|| {
        let begin = Instant::now();
        let rules = Rules { strict_types: false, id_cipher: &cipher };
        let environment =
            Environment { relation: &relation, other: &|_| None, rules, now_ms: 0, params: Vec::new() };
        std::hint::black_box(compile(query, &environment).unwrap());
        begin.elapsed()
    });
    println!("{:<32} {:>10}  promised < 50 us", "parse and analysis", shown(time));
}

fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1000.0) }
}

/// Megabytes that the process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
