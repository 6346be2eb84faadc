//! Queries over a million rows, each beside hand-written SQL for the same question on the same file.
//!
//! `cargo bench --bench query [-- ROWS]`. Times are the best of several runs. A request is measured
//! through the router, encoding included; beside it stands the SQL that it became, and the best SQL
//! that a person would write, each run by itself. The latter's table has REAL columns in place of
//! exact decimals. Promises about SQL are about SQL: a request costs what any request costs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use rusqlite::Connection;
use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};
use soda_mock::Setup;
use soda_mock::http::App;
use soda_mock::memory::Memory;
use soda_mock::soda::SoqlType;
use soda_mock::soda::value::{RowIdCipher, Rules};
use soda_mock::soql::{Environment, Relation, SourceColumn, compile};
use std::path::Path;
use std::time::{Duration, Instant};
use tower::ServiceExt as _;

const LARGE: &str = "bnch-0001";
/// The same rows, but few, for what must not depend on their number.
const SMALL: &str = "bnch-0002";
const FEW: usize = 1000;

/// What is asked, and what is promised of it.
struct Pair {
    question: &'static str,
    dataset: &'static str,
    parameters: &'static str,
    /// On `plain`, or on `few` for the small dataset.
    sql: &'static str,
    promised: &'static str,
}

const fn pair(
    question: &'static str,
    parameters: &'static str,
    sql: &'static str,
    promised: &'static str,
) -> Pair {
    Pair { question, dataset: LARGE, parameters, sql, promised }
}

const PAIRS: [Pair; 14] = [
    Pair {
        question: "row identifier, 1,000 rows",
        dataset: SMALL,
        parameters: "k=k500",
        sql: "SELECT k,kind,n,m,flag,t,note FROM few WHERE k='k500'",
        promised: "<= 2x",
    },
    pair(
        "row identifier",
        "k=k500000",
        "SELECT k,kind,n,m,flag,t,note FROM plain WHERE k='k500000'",
        "<= 2x",
    ),
    pair(
        "row identifier in a list",
        "$where=k%20in('k1','k70000','k500000')",
        "SELECT k,kind,n,m,flag,t,note FROM plain WHERE k IN ('k1','k70000','k500000')",
        "<= 2x",
    ),
    pair(
        "page of 1,000 rows",
        "$limit=1000",
        "SELECT k,kind,n,m,flag,t,note FROM plain LIMIT 1000",
        "<= 10 ms",
    ),
    pair("count(*)", "$select=count(*)", "SELECT count(*) FROM plain", "<= 3x"),
    pair("sum", "$select=sum(n)", "SELECT sum(n) FROM plain", "<= 3x"),
    pair("avg", "$select=avg(n)", "SELECT avg(n) FROM plain", "<= 3x"),
    pair("min and max", "$select=min(n),max(n)", "SELECT min(n),max(n) FROM plain", ""),
    pair(
        "group by text",
        "$select=kind,count(*),sum(n)&$group=kind",
        "SELECT kind,count(*),sum(n) FROM plain GROUP BY kind",
        "<= 3x",
    ),
    pair(
        "group by number",
        "$select=m,count(*)&$group=m",
        "SELECT m,count(*) FROM plain GROUP BY m",
        "<= 3x",
    ),
    pair(
        "filter on a number",
        "$select=count(*)&$where=n%3E500",
        "SELECT count(*) FROM plain WHERE n>500",
        "",
    ),
    pair(
        "filter on text",
        "$select=count(*)&$where=kind='kind%207'",
        "SELECT count(*) FROM plain WHERE kind='kind 7'",
        "",
    ),
    pair(
        "first 100 by a number",
        "$order=n%20desc&$limit=100",
        "SELECT k,kind,n,m,flag,t,note FROM plain ORDER BY n DESC LIMIT 100",
        "",
    ),
    pair(
        "group by month",
        "$select=date_trunc_ym(t)%20as%20month,count(*)&$group=month",
        "SELECT strftime('%Y-%m',t/1000,'unixepoch') AS month,count(*) FROM plain GROUP BY month",
        "",
    ),
];

fn main() {
    let rows: usize = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(define(&file));
    fill(&file, "d1", "plain", rows);
    fill(&file, "d2", "few", FEW);
    let setup = Setup { demo: false, data: Some(file.clone()), ..Setup::default() };
    let router = runtime.block_on(setup.router()).unwrap();
    let direct = Connection::open(&file).unwrap();
    direct.create_collation("SOQLNUM", soda_mock::soda::value::compare_numbers).unwrap();
    soda_mock::store::functions::register(&direct, &Memory::default().aggregates).unwrap();
    direct.execute_batch("PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY").unwrap();
    let only = std::env::var("QUESTION").unwrap_or_default();
    println!("{rows} rows");
    println!("{:<28} {:>10} {:>10} {:>10} {:>7}  promised", "", "request", "its SQL", "best SQL", "ratio");
    for pair in PAIRS.iter().filter(|pair| pair.question.contains(&only)) {
        compared(&runtime, &router, &direct, pair);
    }
    for format in ["json", "csv"].iter().filter(|_| only.is_empty()) {
        export(&runtime, &router, format, rows);
    }
    analysis();
}

/// One line of the table.
fn compared(runtime: &tokio::runtime::Runtime, router: &App, direct: &Connection, pair: &Pair) {
    let Pair { question, dataset, parameters, sql, promised } = pair;
    let whole = best(|| runtime.block_on(get(router, &format!("/resource/{dataset}.json?{parameters}"))).0);
    let (own, values) = runtime.block_on(explained(router, dataset, parameters));
    let own = best(|| run(direct, &own, &values));
    let hand = best(|| run(direct, sql, &[]));
    let ratio = own.as_secs_f64() / hand.as_secs_f64();
    println!(
        "{question:<28} {:>10} {:>10} {:>10} {ratio:>6.1}x  {promised}",
        shown(whole),
        shown(own),
        shown(hand)
    );
}

/// The whole dataset, with the memory that it takes at most.
fn export(runtime: &tokio::runtime::Runtime, router: &App, format: &str, rows: usize) {
    let before = memory("VmRSS:");
    // Forgets the largest size until now.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let url = format!("/resource/{LARGE}.{format}?$limit={rows}");
    let (time, bytes) = runtime.block_on(get(router, &url));
    let speed = bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{:<28} {:>10} {speed:>6.0} MB/s of {} MB; holds {before} MB before, {} MB at most  promised >= 150 MB/s",
        format!("export as {format}"),
        shown(time),
        bytes / 1_000_000,
        memory("VmHWM:")
    );
}

/// The SQL that a request becomes, with its parameters.
async fn explained(router: &App, dataset: &str, parameters: &str) -> (String, Vec<SqlValue>) {
    let url = format!("/__mock/v1/datasets/{dataset}/explain?{parameters}");
    let answer = router.clone().oneshot(Request::get(url).body(Body::empty()).unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let told: Value = serde_json::from_slice(&body).unwrap();
    let value = |v: &Value| match v {
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Number(n) if n.is_i64() => SqlValue::Integer(n.as_i64().unwrap()),
        other => panic!("{other}"),
    };
    let values = told["parameters"].as_array().unwrap().iter().map(value).collect();
    (told["sql"].as_str().unwrap().to_owned(), values)
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
    for id in [LARGE, SMALL] {
        let body = json!({ "name": id, "metadata": { "rowIdentifier": "k" }, "columns": columns });
        let request =
            Request::put(format!("/__mock/v1/datasets/{id}")).header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

/// The mock's table and a plain one, with the same rows.
fn fill(file: &Path, table: &str, plain: &str, rows: usize) {
    let mut connection = Connection::open(file).unwrap();
    connection.create_collation("SOQLNUM", soda_mock::soda::value::compare_numbers).unwrap();
    let transaction = connection.transaction().unwrap();
    transaction
        .execute_batch(&format!("CREATE TABLE {plain}(sid INTEGER PRIMARY KEY, k TEXT, kind TEXT, n REAL, m REAL, flag INTEGER, t INTEGER, note TEXT)"))
        .unwrap();
    {
        let own = format!(
            "INSERT INTO {table}(sid,c1,c2,c3,c4,c5,c6,c7,version,created_at,updated_at) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?1,1700000000000,1700000000000)"
        );
        let mut exact = transaction.prepare(&own).unwrap();
        let hand = format!("INSERT INTO {plain} VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
        let mut plain = transaction.prepare(&hand).unwrap();
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
    transaction.execute_batch(&format!("CREATE UNIQUE INDEX {plain}_k ON {plain}(k)")).unwrap();
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

fn run(connection: &Connection, sql: &str, values: &[SqlValue]) -> Duration {
    let begin = Instant::now();
    let mut statement = connection.prepare_cached(sql).unwrap();
    let mut rows = statement.query(rusqlite::params_from_iter(values)).unwrap();
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
        size: 1,
    };
    let columns = [
        ("k", SoqlType::Text),
        ("kind", SoqlType::Text),
        ("n", SoqlType::Number),
        ("t", SoqlType::FloatingTimestamp),
    ];
    let relation = Relation::of_table("d1".to_owned(), columns.into_iter().map(column).collect());
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
    println!("{:<28} {:>10}  promised < 50 us", "parse and analysis", shown(time));
}

fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1000.0) }
}

/// Megabytes in a line of the process's status.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|l| l.strip_prefix(line));
    value.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
