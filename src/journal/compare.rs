//! JSON values compared as an upsert compares them: numbers by value, whether quoted or not.

use crate::soda::value::{canonical_number, compare_numbers};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Whether two values mean the same.
pub fn same_value(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(_), Value::Number(_) | Value::String(_)) | (Value::String(_), Value::Number(_)) => {
            same_number(&text_of(expected), &text_of(actual))
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text.eq_ignore_ascii_case(&flag.to_string())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, v)| b.get(name).is_some_and(|w| same_value(v, w)))
        }
        _ => expected == actual,
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn same_number(a: &str, b: &str) -> bool {
    match (canonical_number(a), canonical_number(b)) {
        (Some(a), Some(b)) => compare_numbers(&a, &b) == Ordering::Equal,
        _ => false,
    }
}

/// Whether a value has what is expected of it: objects may have more members, arrays more items, in
/// the same order.
pub fn has_part(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) => row_has_part(a, b),
        (Value::Array(a), Value::Array(b)) => {
            let mut items = b.iter();
            a.iter().all(|wanted| items.any(|item| has_part(wanted, item)))
        }
        _ => same_value(expected, actual),
    }
}

/// The same for objects; an expected null may be missing.
pub fn row_has_part(expected: &Map<String, Value>, actual: &Map<String, Value>) -> bool {
    expected.iter().all(|(name, wanted)| has_field(name, wanted, actual))
}

/// Whether a row has this value in a field; an expected null may be missing.
pub fn has_field(name: &str, wanted: &Value, row: &Map<String, Value>) -> bool {
    row.get(name).map_or(wanted.is_null(), |found| has_part(wanted, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_the_same_by_value_and_texts_by_letter() {
        for (a, b, same) in [
            (json!(1), json!("1.0"), true),
            (json!("1.10"), json!(1.1), true),
            (json!("1"), json!("1.0"), false),
            (json!(1), json!("one"), false),
            (json!(true), json!("true"), true),
            (json!([1, 2]), json!([1.0, "2"]), true),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), false),
            (json!(null), json!(null), true),
        ] {
            assert_eq!(same_value(&a, &b), same, "{a} {b}");
        }
    }

    #[test]
    fn a_part_may_leave_members_and_items_out() {
        for (part, whole, fits) in [
            (json!({ "a": { "b": 1 } }), json!({ "a": { "b": 1, "c": 2 }, "d": 3 }), true),
            (json!([{ "k": 2 }]), json!([{ "k": 1 }, { "k": 2 }]), true),
            (json!([2, 1]), json!([1, 2]), false),
            (json!({ "gone": null }), json!({}), true),
            (json!({ "gone": 1 }), json!({}), false),
        ] {
            assert_eq!(has_part(&part, &whole), fits, "{part} {whole}");
        }
    }
}
