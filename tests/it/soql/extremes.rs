//! Numbers with huge exponents, and every function with arguments at the ends of what there is: an answer
//! of bounded length or a refusal in words.

use super::sample::{ID, sample};
use super::{ask, path};
use crate::support::{Answer, Mock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// Digits and marks of the longest number: 131,072 before the point, 16,383 behind it.
const LONGEST_NUMBER: usize = 131_072 + 16_383 + 3;
/// Bytes of the longest value, as the JSON of an answer may write it.
const LONGEST_ANSWER: usize = 6 * (32 << 20);

fn is_told(answer: &Answer) -> bool {
    let hint = answer.header("x-mock-hint");
    match answer.status {
        200 | 501 => true,
        400 => answer.json()["message"].is_string(),
        // What PostgreSQL would fail with and production hides.
        500 => hint.contains("not one that can run"),
        _ => false,
    }
}

fn number() -> impl Strategy<Value = String> {
    let exponent = prop_oneof![
        Just(0i64),
        -40i64..40,
        Just(16_383),
        Just(-16_383),
        Just(99_999),
        Just(-99_999),
        Just(131_071),
        Just(99_999_999),
        Just(-99_999_999),
        Just(9_999_999_999),
    ];
    (any::<i32>(), exponent).prop_map(|(digits, exponent)| match exponent {
        0 => format!("({digits})"),
        _ => format!("({digits}e{exponent})"),
    })
}

fn expression() -> impl Strategy<Value = String> {
    number().prop_recursive(4, 16, 2, |inner| {
        let operator = proptest::sample::select(vec!["+", "-", "*", "/", "%", "^"]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            1 => inner.clone().prop_map(|a| format!("abs({a})")),
            1 => inner.clone().prop_map(|a| format!("ln(abs({a}) + 1)")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("round({a}, {b})")),
            1 => inner.clone().prop_map(|a| format!("ceil({a})")),
            1 => inner.clone().prop_map(|a| format!("signed_magnitude_10({a})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("signed_magnitude_linear({a}, {b})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("width_bucket({a}, {b}, 1e20, 7)")),
        ]
    })
}

async fn number_is_bounded(mock: &Mock, expression: &str) {
    for select in [
        format!("{expression} as v"),
        format!("sum(n * {expression}) as v"),
        format!("({expression})::text as v"),
    ] {
        let answer = ask(mock, ID, &[("$select", &select), ("$limit", "1")]).await;
        assert!(is_told(&answer), "{select}: {} {}", answer.status, answer.text());
        if answer.status == 200 {
            let value = answer.json()[0]["v"].as_str().map_or(0, str::len);
            assert!(value <= LONGEST_NUMBER, "{select}: {value} characters");
        }
    }
}

#[test]
fn numbers_of_any_exponent_end_in_a_number_or_a_refusal() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mock = runtime.block_on(sample());
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&expression(), |expression| {
        runtime.block_on(number_is_bounded(&mock, &expression));
        Ok(())
    });
    checked.unwrap();
}

#[tokio::test]
async fn a_number_that_is_too_long_is_refused_with_the_bound() {
    let mock = sample().await;
    for select in [
        "1e99999999 + 1",
        "abs(1e99999999)",
        "1e-99999999 * 1",
        "10 ^ 200000",
        "2 ^ 1000000",
        "1e99999 * 1e99999",
        "sum(n * 1e99999 * 1e99999)",
        "1e-20000 + 1",
    ] {
        let answer = ask(&mock, ID, &[("$select", select)]).await;
        assert_eq!(answer.status, 400, "{select}: {}", answer.text());
        assert_eq!(
            answer.json()["message"],
            "Query coordinator error: 400; ERROR: value overflows numeric format",
            "{select}"
        );
        assert!(answer.header("x-mock-hint").contains("131072 digits"), "{select}");
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_the_bound() {
    let mock = sample().await;
    let long = "left_pad('', 16000000, 'a')";
    for (select, bound) in [
        ("left_pad('', 16777217, 'a')".to_owned(), "16777216 bytes"),
        ("right_pad('', 9000000, 'é')".to_owned(), "16777216 bytes"),
        (format!("replace({long}, 'aaaaaaaa', 'aaaaaaaaa')"), "16777216 bytes"),
        (format!("{long} || {long}"), "16777216 bytes"),
    ] {
        let answer =
            ask(&mock, ID, &[("$select", &format!("length({select})")), ("$where", "k = '1'")]).await;
        assert_eq!(answer.status, 400, "{select}: {}", answer.text());
        assert!(answer.header("x-mock-hint").contains(bound), "{select}: {}", answer.header("x-mock-hint"));
    }
}

/// PostgreSQL has no infinity for what overflows: state 22003, which is passed on as 400.
#[tokio::test]
async fn doubles_that_overflow_are_refused() {
    let mock = sample().await;
    let range = "is out of range for type double precision";
    let (over, under) = ("value out of range: overflow", "value out of range: underflow");
    for (select, told) in [
        ("1e400::double", range),
        ("(-1e400)::double", range),
        ("1e-400::double", range),
        ("(n * 1e400)::double", range),
        ("n::double + 1e400", range),
        ("1e308::double + 1e308", over),
        ("-1e308::double - 1e308", over),
        ("1e308::double * 10", over),
        ("1e308::double / 1e-10", over),
        ("1e308::double ^ 2", over),
        ("1e-308::double * 1e-308", under),
        ("1e-308::double / 1e308", under),
        ("1e-308::double ^ 2", under),
        ("sum(n::double * 0 + 1e308)", over),
        ("avg(n::double * 0 + 1e308)", over),
        ("stddev_pop(n::double * 1e200)", over),
        ("stddev_samp(n::double * 1e200)", over),
        ("regr_slope(n * 1e200, n * 1e200)", over),
    ] {
        let answer = ask(&mock, ID, &[("$select", &format!("{select} as x"))]).await;
        assert_eq!(answer.status, 400, "{select}: {}", answer.text());
        assert!(answer.text().contains(told), "{select}: {}", answer.text());
    }
    for (select, x) in [
        ("1e308::double * 0", 0.0),
        ("0::double / 1e308", 0.0),
        ("-1e308::double + 1e308", 0.0),
        ("1e-308::double - 1e-308", 0.0),
        ("sum(0.1::double)", 0.1),
        ("avg(0.1::double)", 0.1),
        ("stddev_pop(1e160::double)", 0.0),
    ] {
        let answer =
            ask(&mock, ID, &[("$select", &format!("{select} as x")), ("$limit", "1"), ("$where", "k = '1'")])
                .await;
        assert_eq!(answer.json()[0]["x"].as_f64().unwrap(), x, "{select}: {}", answer.text());
    }
}

/// Expressions at the ends of a type, by the words of a signature.
fn extremes(word: &str) -> &'static [&'static str] {
    match word {
        "number" => &["1e99999", "-1e-16000", "0", "9223372036854775807", "null::number"],
        "double" => &["(1e308::double)", "(-1e308::double)", "(0::double)", "(1e-308::double)"],
        "boolean" => &["true", "(null::boolean)"],
        "fixed_timestamp" | "fixed_timestamp|floating_timestamp" => {
            &["('9999-12-31T23:59:59.999Z'::fixed_timestamp)", "('0001-01-01'::fixed_timestamp)"]
        }
        "floating_timestamp" => {
            &["('9999-12-31T23:59:59.999'::floating_timestamp)", "('0001-01-01'::floating_timestamp)"]
        }
        "datestamp" => &["('9999-12-31'::datestamp)", "('0001-01-01'::datestamp)"],
        "time" => &["('23:59:59.999'::time)", "('00:00'::time)"],
        "interval" => &["('P2147483647Y2147483647M'::interval)", "('PT-2147483648S'::interval)"],
        "point" | "geometry" | "point|multipoint" | "geometry|location" => {
            &["('POINT (1e308 -1e308)'::point)", "('POINT (0 90)'::point)", "(null::point)"]
        }
        "line" | "line|multiline" => {
            &["('LINESTRING (-1e308 0, 1e308 1e-308)'::line)", "('LINESTRING (-180 -90, 180 90, 0 0)'::line)"]
        }
        "polygon" | "polygon|multipolygon" => &[
            "('POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))'::polygon)",
            "('POLYGON ((0 0, 1e300 0, 1e300 1e300, 0 0))'::polygon)",
            "('POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))'::polygon)",
        ],
        "location" => &["loc"],
        "url" => &["site"],
        "json" => &["('[]'::json)"],
        _ => &["left_pad('', 1000000, 'ß')", "''", "chr(1114111)", "'%_\\\\'", "(null::text)"],
    }
}

/// Calls of a function with each argument at each end of its type, the others at another.
fn calls(function: &Value) -> Vec<String> {
    let mut calls = Vec::new();
    let over = if function["kind"] == "window" { " over (order by k)" } else { "" };
    for signature in function["signatures"].as_array().unwrap() {
        let left = signature.as_str().unwrap().split("->").next().unwrap();
        let left = left.split(" [").next().unwrap().trim();
        let words: Vec<&str> = left.split(", ").filter(|word| !word.is_empty()).collect();
        for round in 0..5 {
            let argument = |(place, word): (usize, &&str)| {
                let ends = extremes(word);
                ends[(round + place * (round / 2)) % ends.len()].to_owned()
            };
            let arguments: Vec<String> = words.iter().enumerate().map(argument).collect();
            let call = format!("{}({}){over}", function["name"].as_str().unwrap(), arguments.join(", "));
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
    }
    calls
}

#[tokio::test]
async fn every_function_takes_the_ends_of_its_types() {
    let mock = sample().await;
    let table = mock.get("/__mock/v1/soql.json").await.json();
    let mut count = 0;
    for function in table["functions"].as_array().unwrap().iter().filter(|f| f["completes"] == true) {
        for call in calls(function) {
            let parameters = [("$select", format!("{call} as v")), ("$where", "k = '1'".to_owned())];
            let parameters: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = mock.get(&path(&format!("/resource/{ID}.json"), &parameters)).await;
            assert!(is_told(&answer), "{call}: {} {}", answer.status, answer.text());
            assert!(answer.text().len() <= LONGEST_ANSWER, "{call}");
            count += usize::from(answer.status == 200);
        }
    }
    assert!(count > 150, "only {count} calls were answered with a value");
}
