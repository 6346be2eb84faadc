//! Comparison and logic.

use super::Work::{self, Lazy, Open, Strict};
use super::call::{Call, is_true, string, truth};
use super::{Function, operator};
use crate::soda::value::compare_numbers;
use crate::soda::{SoqlType, Value};
use crate::transform::Cell;
use serde_json::Value as Json;
use std::cmp::Ordering;

pub const TABLE: &[Function] = &[
    operator("=", "a = b", "True when both are the same.", "1 = 1", EQUAL),
    operator("==", "a == b", "True when both are the same.", "'a' == 'b'", EQUAL),
    operator("!=", "a != b", "True when both are different.", "1 != 2", DIFFERENT),
    operator("<>", "a <> b", "True when both are different.", "1 <> 1", DIFFERENT),
    operator(
        "<",
        "a < b",
        "True when the first is smaller.",
        "'a' < 'b'",
        &[("o o -> checkbox", Strict(less))],
    ),
    operator(
        "<=",
        "a <= b",
        "True when the first is not larger.",
        "1 <= 1",
        &[("o o -> checkbox", Strict(|c, a| truth(order(c, a).is_le())))],
    ),
    operator(
        ">",
        "a > b",
        "True when the first is larger.",
        "3 > 2",
        &[("o o -> checkbox", Strict(|c, a| truth(order(c, a).is_gt())))],
    ),
    operator(
        ">=",
        "a >= b",
        "True when the first is not smaller.",
        "'a' >= 'b'",
        &[("o o -> checkbox", Strict(|c, a| truth(order(c, a).is_ge())))],
    ),
    operator(
        "and",
        "a AND b",
        "True when both are; false as soon as one is, whatever the other.",
        "true AND false",
        &[("checkbox checkbox -> checkbox", Lazy(super::Lazy::And))],
    ),
    operator(
        "or",
        "a OR b",
        "False when both are; true as soon as one is, whatever the other.",
        "true OR false",
        &[("checkbox checkbox -> checkbox", Lazy(super::Lazy::Or))],
    ),
    operator(
        "not",
        "NOT a",
        "The other truth.",
        "NOT true",
        &[("checkbox -> checkbox", Strict(|_, a| truth(!is_true(&a[0]))))],
    ),
    operator(
        "#BETWEEN",
        "a BETWEEN b AND c",
        "True within the range, its ends included.",
        "2 BETWEEN 0 AND 2",
        &[("o o o -> checkbox", Strict(|c, a| truth(between(c, a))))],
    ),
    operator(
        "#NOT_BETWEEN",
        "a NOT BETWEEN b AND c",
        "True outside of the range.",
        "2 NOT BETWEEN 0 AND 1",
        &[("o o o -> checkbox", Strict(|c, a| truth(!between(c, a))))],
    ),
    operator(
        "#IN",
        "a IN (b, …)",
        "True when the first is one of the others.",
        "1 IN (1, 2, 3)",
        &[("a a | a -> checkbox", Open(|c, a| among(c, a, true)))],
    ),
    operator(
        "#NOT_IN",
        "a NOT IN (b, …)",
        "True when the first is none of the others.",
        "4 NOT IN (1, 2, 3)",
        &[("a a | a -> checkbox", Open(|c, a| among(c, a, false)))],
    ),
    operator(
        "#LIKE",
        "a LIKE b",
        "True when the whole text fits a pattern, in which % stands for any run at the beginning or the end. The pattern may stand on either side.",
        "'%foo%' LIKE 'bazfoobar'",
        &[("text text -> checkbox", Strict(|_, a| truth(like(string(&a[0]), string(&a[1])))))],
    ),
    operator(
        "#NOT_LIKE",
        "a NOT LIKE b",
        "True when the text does not fit the pattern.",
        "'foo%' NOT LIKE 'bazfoo'",
        &[("text text -> checkbox", Strict(|_, a| truth(!like(string(&a[0]), string(&a[1])))))],
    ),
    operator(
        "#IS_NULL",
        "a IS NULL",
        "True for null.",
        "null IS NULL",
        &[("a -> checkbox", Open(|_, a| truth(a[0].is_null())))],
    ),
    operator(
        "#IS_NOT_NULL",
        "a IS NOT NULL",
        "True for anything but null.",
        "'foo' IS NOT NULL",
        &[("a -> checkbox", Open(|_, a| truth(!a[0].is_null())))],
    ),
];

const EQUAL: &[(&str, Work)] = &[("a a -> checkbox", Strict(|c, a| truth(same(c.type_of(0), &a[0], &a[1]))))];
const DIFFERENT: &[(&str, Work)] =
    &[("a a -> checkbox", Strict(|c, a| truth(!same(c.type_of(0), &a[0], &a[1]))))];

fn less<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    truth(order(call, arguments).is_lt())
}

fn order(call: &Call<'_>, arguments: &[Value<'_>]) -> Ordering {
    compare(call.type_of(0), &arguments[0], &arguments[1])
}

/// The order of two values of one type.
pub fn compare(soql_type: SoqlType, a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) if soql_type == SoqlType::Number => compare_numbers(a, b),
        _ => string(a).cmp(string(b)),
    }
}

/// Whether two values of one type are the same.
pub fn same(soql_type: SoqlType, a: &Value<'_>, b: &Value<'_>) -> bool {
    if a == b {
        return true;
    }
    match soql_type {
        SoqlType::Number => compare(soql_type, a, b).is_eq(),
        // The order of members does not count.
        SoqlType::Json | SoqlType::Location | SoqlType::Url => {
            let read = |value| serde_json::from_str::<Json>(string(value)).ok();
            read(a).zip(read(b)).is_some_and(|(a, b)| a == b)
        }
        _ => false,
    }
}

fn between(call: &Call<'_>, arguments: &[Value<'_>]) -> bool {
    let order = |other| compare(call.type_of(0), &arguments[0], other);
    order(&arguments[1]).is_ge() && order(&arguments[2]).is_le()
}

/// Null when it is not among the others and one of them is null, as in SQL.
fn among<'v>(call: &Call<'_>, arguments: &mut [Value<'v>], wanted: bool) -> Cell<'v> {
    let [value, others @ ..] = arguments else { return Ok(Value::Null) };
    if value.is_null() {
        return Ok(Value::Null);
    }
    if others.iter().any(|other| !other.is_null() && same(call.type_of(0), value, other)) {
        return truth(wanted);
    }
    if others.iter().any(Value::is_null) { Ok(Value::Null) } else { truth(!wanted) }
}

/// The side with a `%` is the pattern: the right one, which SQL has, before the left one of the documented
/// examples.
fn like(left: &str, right: &str) -> bool {
    let (text, pattern) =
        if !right.contains('%') && left.contains('%') { (right, left) } else { (left, right) };
    let (open_start, open_end) = (pattern.starts_with('%'), pattern.len() > 1 && pattern.ends_with('%'));
    let core = pattern.strip_prefix('%').unwrap_or(pattern);
    let core = if open_end { core.strip_suffix('%').unwrap_or(core) } else { core };
    match (open_start, open_end) {
        (true, true) => text.contains(core),
        (true, false) => text.ends_with(core),
        (false, true) => text.starts_with(core),
        (false, false) => text == core,
    }
}
