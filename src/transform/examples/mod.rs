//! The documented examples, and the words of the documented errors.

mod places;
mod texts;
mod values;
mod world;

use super::{Column, Row, Surroundings, compile};
use crate::soda::value::{RowIdCipher, to_json};
use crate::soda::{SoqlType, Value};
use serde_json::Value as Json;

/// The JSON of an expression's cell: a value, or `{"type", "english", "data"}`.
fn cell(expr: &str, surroundings: &Surroundings) -> Json {
    let columns = [
        ("text_column", SoqlType::Text, Value::from("text column datum")),
        ("text_number_column", SoqlType::Text, Value::from("42")),
        ("number_column", SoqlType::Number, Value::from("5")),
        ("nothing", SoqlType::Text, Value::Null),
    ];
    let named: Vec<Column<'_>> =
        columns.iter().map(|(name, soql_type, _)| Column { name, soql_type: *soql_type }).collect();
    let values: Vec<Value<'_>> = columns.iter().map(|(_, _, value)| value.clone()).collect();
    let transform = compile(expr, &named, surroundings).unwrap_or_else(|error| panic!("{expr}: {error}"));
    let soql_type = transform.output_type();
    match transform.evaluate(Row { offset: 0, cells: &values }, surroundings) {
        Ok(value) => to_json(soql_type, &value, &RowIdCipher::new(&[0; 72])),
        Err(error) => error.json(),
    }
}

/// Numbers of GeoJSON by value, dates without a fraction of zero.
fn alike(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        (Json::String(a), Json::String(b)) => a.replace(".000", "") == *b,
        _ => a == b,
    }
}

fn check(examples: &[(&str, Json)]) {
    let world = Surroundings::default();
    let wrong: Vec<String> = examples
        .iter()
        .map(|(expr, expected)| (expr, cell(expr, &world), expected))
        .filter(|(_, found, expected)| !alike(found, expected))
        .map(|(expr, found, expected)| format!("{expr}\n  is    {found}\n  wants {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
