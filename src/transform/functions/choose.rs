//! Choices, and errors as values.

use super::Work::{Lazy, Open, Strict};
use super::call::{Call, failed, string};
use super::compare::compare;
use super::{Function, entry};
use crate::soda::Value;
use crate::transform::Cell;
use serde_json::json;
use std::cmp::Ordering;

pub const TABLE: &[Function] = &[
    entry(
        "case",
        "The value behind the first test that is true, of any number of pairs; null when none is.",
        "case(1 == 2, 'never', true, 'always')",
        &[("checkbox a | checkbox a -> a", Lazy(super::Lazy::Case))],
    ),
    entry(
        "coalesce",
        "The first value that is not null; those behind it are not computed.",
        "coalesce(null, null, 'some_value')",
        &[("a | a -> a", Lazy(super::Lazy::Coalesce))],
    ),
    entry(
        "greatest",
        "The largest value; nulls do not count.",
        "greatest(4, 1, null, 3, 6)",
        &[("o | o -> o", Open(|c, a| outermost(c, a, Ordering::Greater)))],
    ),
    entry(
        "least",
        "The smallest value; nulls do not count.",
        "least(4, 1, null, 3, 6)",
        &[("o | o -> o", Open(|c, a| outermost(c, a, Ordering::Less)))],
    ),
    entry(
        "error",
        "An error with this text in place of a value.",
        "case(1 == 1, 'fine', true, error('The value was incorrect!'))",
        &[("text -> a", Strict(error))],
    ),
    entry(
        "forgive",
        "The value, or in place of an error null or a default.",
        "forgive(error('hello'), 'no errors here')",
        &[("a -> a", Lazy(super::Lazy::Forgive)), ("a a -> a", Lazy(super::Lazy::Forgive))],
    ),
];

fn outermost<'v>(call: &Call<'_>, arguments: &mut [Value<'v>], wanted: Ordering) -> Cell<'v> {
    let mut best: Option<usize> = None;
    for (at, value) in arguments.iter().enumerate().filter(|(_, value)| !value.is_null()) {
        if best.is_none_or(|best| compare(call.type_of(0), value, &arguments[best]) == wanted) {
            best = Some(at);
        }
    }
    Ok(best.map_or(Value::Null, |at| std::mem::replace(&mut arguments[at], Value::Null)))
}

/// The kind and the data are ours.
fn error<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = string(&arguments[0]);
    Err(failed("error", text, json!({ "message": text })))
}
