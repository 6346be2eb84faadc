//! What transforms cost: a schema of ten over rows of text, in one thread, beside what is promised.
//!
//! `cargo bench --bench transform [-- ROWS]`. Times are the best of several runs. Below the schema stands each of
//! its transforms by itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use soda_mock::clock::monotonic;
use soda_mock::soda::{SoqlType, Value};
use soda_mock::transform::{Column, Row, Surroundings, Transform, compile};
use std::time::Duration;

const ROUNDS: usize = 5;
const PROMISED: f64 = 150_000.0;

const COLUMNS: [&str; 8] = ["k", "region", "source", "magnitude", "depth", "stations", "version", "at"];

const TRANSFORMS: [&str; 10] = [
    "`k`",
    "title_case(`region`)",
    "regex_replace(`region`, '^\\d+km ', '')",
    "upper(`source`) || '-' || `version`",
    "to_number(`magnitude`)",
    "to_number(`depth`) * 1.5 + to_number(`stations`)",
    "to_floating_timestamp(`at`)",
    "to_floating_timestamp(`at`, '%Y-%m-%dT%H:%M:%S')",
    "case(to_number(`magnitude`) >= 5, 'strong', to_number(`magnitude`) >= 3, 'light', true, 'weak')",
    "make_point(to_number(`depth`) / 10, forgive(to_number(`stations`), 0) / 10)",
];

fn cells(n: usize) -> Vec<Value<'static>> {
    [
        format!("nc{n:08}"),
        "12km NW of The Geysers, California".to_owned(),
        "nc".to_owned(),
        format!("{}.{}", n % 8, n % 10),
        format!("{}.25", n % 700),
        (n % 400).to_string(),
        (n % 10).to_string(),
        format!("2012-09-14T22:38:{:02}", n % 60),
    ]
    .into_iter()
    .map(Value::from)
    .collect()
}

/// The time of the best round; every cell must have a value.
fn best(rows: &[Vec<Value<'_>>], transforms: &[Transform], world: &Surroundings) -> Duration {
    let round = || {
        let started = monotonic();
        for (offset, cells) in rows.iter().enumerate() {
            for transform in transforms {
                let cell = transform.evaluate(Row { offset: offset as u64, cells }, world);
                assert!(cell.is_ok_and(|value| !std::hint::black_box(value).is_null()));
            }
        }
        started.elapsed()
    };
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

fn main() {
    let rows = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let columns = COLUMNS.map(|name| Column { name, soql_type: SoqlType::Text });
    let world = Surroundings::default();
    let compiled = |text: &&str| compile(text, &columns, &world).unwrap();
    let rows: Vec<Vec<Value<'_>>> = (0..rows).map(cells).collect();
    let all: Vec<Transform> = TRANSFORMS.iter().map(compiled).collect();
    let rate = rows.len() as f64 / best(&rows, &all, &world).as_secs_f64();
    let verdict = if rate >= PROMISED { "" } else { "  MISSED" };
    println!("{:70} {rate:>12.0} rows/s  promised >= {PROMISED:.0}{verdict}", "a schema of ten transforms");
    for (text, transform) in TRANSFORMS.iter().zip(all) {
        let time = best(&rows, &[transform], &world).as_secs_f64() / rows.len() as f64;
        println!("  {:68} {:>9.0} ns", &text[..text.len().min(68)], time * 1e9);
    }
}
