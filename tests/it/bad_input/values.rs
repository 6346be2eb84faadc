//! Every value that its type refuses, in JSON and in CSV.

use super::{PATH, Victim};
use crate::support::PUBLISHER;
use serde_json::{Value, json};

/// Refused as JSON: the field and the value's text.
const JSON: &[(&str, &[&str])] = &[
    ("k", &["true", "{}", "[]", "{\"a\":1}"]),
    (
        "number",
        &[
            "true",
            "{}",
            "[1]",
            "\"\"",
            "\" 1\"",
            "\"1 \"",
            "\"1,000\"",
            "\"$5\"",
            "\"5%\"",
            "\"1e\"",
            "\"--1\"",
            "\"0x1f\"",
            "\"NaN\"",
            "\"Infinity\"",
            "\"one\"",
        ],
    ),
    ("money", &["false", "\"$1.00\"", "\"1.00 EUR\"", "{}"]),
    ("double", &["true", "{}", "\"x\"", "[]"]),
    ("checkbox", &["1", "0", "\"yes\"", "\"1\"", "\"TRUE \"", "{}", "[true]"]),
    (
        "calendar_date",
        &[
            "5",
            "true",
            "\"\"",
            "\"2024-02-30\"",
            "\"2024-13-01\"",
            "\"2024-01-01T25:00:00\"",
            "\"2024-01-01T00:00:00Z\"",
            "\"2024-01-01T00:00:00+01:00\"",
            "\"yesterday\"",
            "{}",
        ],
    ),
    ("date", &["5", "false", "\"2024-02-30\"", "\"noon\"", "\"2024-01-01T00:00:00+25:00\"", "{}"]),
    (
        "point",
        &[
            "1",
            "true",
            "[1,2]",
            "{}",
            "\"POINT\"",
            "\"POINT (1)\"",
            "\"POINT (a b)\"",
            "\"LINESTRING (1 2, 3 4)\"",
            "{\"type\":\"Point\"}",
            "{\"type\":\"Point\",\"coordinates\":[]}",
            "{\"type\":\"Point\",\"coordinates\":[1]}",
            "{\"type\":\"Point\",\"coordinates\":[\"1\",2]}",
            "{\"type\":\"Point\",\"coordinates\":[null,2]}",
            "{\"type\":\"LineString\",\"coordinates\":[[1,2],[3,4]]}",
        ],
    ),
    (
        "line",
        &[
            "1",
            "{\"type\":\"Point\",\"coordinates\":[1,2]}",
            "{\"type\":\"LineString\",\"coordinates\":[1,2]}",
            "\"LINESTRING\"",
        ],
    ),
    (
        "polygon",
        &[
            "1",
            "{\"type\":\"Polygon\",\"coordinates\":[1,2]}",
            "{\"type\":\"Polygon\",\"coordinates\":[[1,2]]}",
            "\"POLYGON (1 2)\"",
        ],
    ),
    ("multipoint", &["1", "{\"type\":\"MultiPoint\",\"coordinates\":[1,2]}", "\"POINT (1 2)\""]),
    ("multiline", &["1", "{\"type\":\"MultiLineString\",\"coordinates\":[[1,2]]}"]),
    (
        "multipolygon",
        &["1", "{\"type\":\"MultiPolygon\",\"coordinates\":[[[1,2]]]}", "\"MULTIPOLYGON ((1 2))\""],
    ),
    ("location", &["1", "true", "[1,2]"]),
    ("url", &["1", "true", "[1]"]),
    ("phone", &["1", "true", "[1]"]),
    (":id", &["1", "true", "\"row-\"", "\"row-aaaa.bbbb\"", "\"nonsense\"", "{}"]),
    (":version", &["1", "true", "\"rv-\"", "\"nonsense\"", "[]"]),
];

/// Refused as a CSV cell.
const CSV: &[(&str, &[&str])] = &[
    ("number", &["x", " 1", "1 000", "1_000", "$5", "1e", "TRUE"]),
    ("double", &["x", "1,5"]),
    ("checkbox", &["yes", "1", "0", "t", " true"]),
    ("calendar_date", &["x", "13/45/2024", "02/30/2024", "2024-02-30", "2024-01-01T00:00:00Z"]),
    ("date", &["x", "13/45/2024"]),
    ("point", &["x", "(1)", "(a, b)", "(91, 0, 0)", "POINT (1)"]),
    (":id", &["x", "5"]),
    (":version", &["x"]),
];

#[tokio::test]
async fn every_value_that_its_type_refuses_as_json() {
    let victim = Victim::new().await;
    for (field, values) in JSON {
        for value in *values {
            let body = if *field == "k" {
                format!("[{{\"k\":\"x\"}},{{\"k\":{value}}}]")
            } else {
                format!("[{{\"k\":\"x\"}},{{\"k\":\"y\",\"{field}\":{value}}}]")
            };
            println!("{body}");
            let answer = victim.refuses_json(body, (400, "soda.column.maltyped")).await;
            let data = &answer.json()["data"];
            assert_eq!((&data["field"], &data["row_index"]), (&json!(field), &json!(1)), "{field} {value}");
            assert_eq!(data["got"], *value, "{field}");
            let message = answer.json()["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with(&format!("Column is maltyped; for field '{field}' we expected '")));
        }
    }
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn every_cell_that_its_type_refuses_as_csv() {
    let victim = Victim::new().await;
    for (field, cells) in CSV {
        for cell in *cells {
            let body = format!("k,{field}\nx,\ny,\"{cell}\"\n");
            println!("{body}");
            let answer = victim.refuses_csv(body, (400, "soda.column.maltyped")).await;
            let data = answer.json()["data"].clone();
            assert_eq!((&data["field"], &data["line"]), (&json!(field), &json!(3)), "{field} {cell}");
            assert_eq!(data["got"], Value::from(json!(cell).to_string()), "{field}");
        }
    }
    victim.stays_unharmed().await;
}

/// Numbers are decimals of any size; a large exponent must not become a large text.
#[tokio::test]
async fn a_huge_exponent_takes_little_room() {
    let victim = Victim::new().await;
    let headers = [("authorization", PUBLISHER)];
    for number in ["1e999999999", "\"1e-999999999\"", "1e99999999999999999999", "-1E+400"] {
        let body = format!("[{{\"k\":\"e\",\"number\":{number}}}]");
        let answer = victim.mock.call("POST", PATH, &headers, body).await;
        if answer.status == 200 {
            let row = victim.mock.get("/resource/aaaa-2222/e.json").await;
            assert!(row.body.len() < 1000, "{number}: {} bytes", row.body.len());
        } else {
            super::expect_refusal(&answer, 400, "soda.column.maltyped");
        }
    }
}
