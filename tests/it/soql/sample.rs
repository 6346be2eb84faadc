//! A dataset with every type and some nulls, and the query of one expression over one of its rows.

use super::ask;
use crate::support::{Mock, mock};
use serde_json::{Value, json};

pub const ID: &str = "smpl-0001";

pub async fn sample() -> Mock {
    let mock = mock().await;
    let columns = [
        ("k", "text"),
        ("name", "text"),
        ("kind", "text"),
        ("n", "number"),
        ("m", "number"),
        ("flag", "checkbox"),
        ("t", "calendar_date"),
        ("x", "date"),
        ("p", "point"),
        ("area", "polygon"),
        ("site", "url"),
        ("loc", "location"),
    ];
    let columns: Vec<Value> = columns
        .iter()
        .map(|(name, t)| json!({ "fieldName": name, "name": name, "dataTypeName": t }))
        .collect();
    let square = |o: f64| json!({"type": "Polygon", "coordinates": [[[o, o], [o + 2.0, o], [o + 2.0, o + 2.0], [o, o + 2.0], [o, o]]]});
    let rows = json!([
        {"k": "1", "name": "Alder Creek", "kind": "bridge", "n": "5.50", "m": "-7", "flag": true,
         "t": "2024-01-15T08:30:00.250", "x": "2024-01-15T16:30:00.000Z",
         "p": {"type": "Point", "coordinates": [-122.33, 47.61]}, "area": square(0.0),
         "site": {"url": "https://example.com/a", "description": "Alder"},
         "loc": {"latitude": "47.61", "longitude": "-122.33",
                 "human_address": {"address": "1 Main St", "city": "Seattle", "state": "WA", "zip": "98104"}}},
        {"k": "2", "name": "birch hollow", "kind": "park", "n": "4", "m": "2.25", "flag": false,
         "t": "2024-02-29T23:59:59.999", "p": {"type": "Point", "coordinates": [-122.35, 47.62]}, "area": square(1.0)},
        {"k": "3", "name": "Côte Thérèse", "kind": "park", "n": "12", "m": "3", "flag": true, "t": "2021-01-03"},
        {"k": "4", "name": "100% Pure_Spring"},
    ]);
    let definition =
        json!({ "name": "Sample", "metadata": { "rowIdentifier": "k" }, "columns": columns, "rows": rows });
    mock.dataset(ID, &definition).await;
    mock
}

/// The value of an expression over the row `1`; `Null` when it is left out.
pub async fn value(mock: &Mock, expression: &str) -> Value {
    let answer = ask(mock, ID, &[("$select", &format!("{expression} as v")), ("$where", "k='1'")]).await;
    assert_eq!(answer.status, 200, "{expression}: {}", answer.text());
    answer.json()[0].get("v").cloned().unwrap_or(Value::Null)
}

/// The keys of the rows that a condition finds, in order.
pub async fn found(mock: &Mock, condition: &str) -> String {
    let answer = ask(mock, ID, &[("$select", "k"), ("$where", condition), ("$order", "k")]).await;
    assert_eq!(answer.status, 200, "{condition}: {}", answer.text());
    answer.json().as_array().unwrap().iter().map(|row| row["k"].as_str().unwrap().to_owned()).collect()
}

/// Checks expressions against their values, and tells all differences at once.
pub async fn check(table: &[(&str, Value)]) {
    let mock = sample().await;
    let mut wrong = Vec::new();
    for (expression, expected) in table {
        let got = value(&mock, expression).await;
        if got != *expected {
            wrong.push(format!("{expression}: expected {expected}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
