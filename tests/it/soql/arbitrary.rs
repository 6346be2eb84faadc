//! Arbitrary text in every parameter: an answer, never a panic, never SQL of the sender's.

use super::sample::{ID, sample};
use super::{ask, path};
use crate::support::Mock;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;

const PARAMETERS: [&str; 14] = [
    "$select", "$where", "$group", "$having", "$order", "$limit", "$offset", "$q", "$query", "$jsonp",
    "name", "n", "p", "t",
];

/// Words of the language, of the dataset and of functions.
const WORDS: &str = "select|distinct|on|where|group by|having|order by|limit|offset|search|as|and|or|not|is null|between|like|in|case when|then|else|end|over|partition by|filter (where|join @smpl-0001 as b|union all|minus|\u{1}|from @this as t|rows 1 preceding|null|true|(|)|(|)|,|*|:*|+|-|/|%|^|=|<|>=|::|.|[|]|k|name|n|m|flag|t|x|p|area|site|loc|:id|@b.n|1|0|2.5e3|'a'|'1'|'POINT (1 2)'|'P1M'|'2024-01-15'|text|number|point|upper(name)|sum(n)|count(*)|max(|round(|date_trunc_y(t)|row_number() over (order by n)|coalesce(|distance_in_meters(p,";

/// Words and junk, strung together.
fn soup() -> impl Strategy<Value = String> {
    let words: Vec<String> = WORDS.split('|').map(|w| w.replace('\u{1}', "|>")).collect();
    let word = prop_oneof![
        6 => proptest::sample::select(words),
        1 => "\\PC{0,6}",
        1 => Just("'; drop table d1; --".to_owned()),
    ];
    proptest::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

async fn answered(mock: &Mock, parameter: &str, text: &str) {
    let answer = ask(mock, ID, &[(parameter, text)]).await;
    // 500 is only for what PostgreSQL would fail with and production hides; it tells so.
    let told = answer.status != 500 || answer.header("x-mock-hint").contains("not one that can run");
    assert!(told, "{parameter}={text}: {} {}", answer.status, answer.text());
}

#[test]
fn every_parameter_takes_any_text() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mock = RefCell::new(runtime.block_on(sample()));
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let strategy = (proptest::sample::select(PARAMETERS.to_vec()), soup());
    runner
        .run(&strategy, |(parameter, text)| {
            runtime.block_on(answered(&mock.borrow(), parameter, &text));
            Ok(())
        })
        .unwrap();
    let rows = runtime
        .block_on(mock.borrow().get(&path(&format!("/resource/{ID}.json"), &[("$select", "count(*)")])));
    assert_eq!(rows.json()[0]["count"], "4");
}
