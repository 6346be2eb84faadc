//! The rows that a request sent, read from what is kept of its body.

use super::Entry;
use csv_core::{ReadFieldResult, ReaderBuilder};
use serde_json::{Map, Value};

/// Rows of a body.
#[derive(Debug, Default)]
pub struct Sent {
    /// The rows, as far as the body is kept.
    pub rows: Vec<Map<String, Value>>,
    /// Whether these are all.
    pub whole: bool,
}

/// Reads them: JSON (an array, an object or one object a line), GeoJSON, CSV, TSV, a form.
pub fn sent_rows(entry: &Entry) -> Sent {
    let Some(text) = entry.body.text() else { return Sent { rows: Vec::new(), whole: false } };
    let whole = !entry.body.is_cut();
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let kind = entry.headers.find("content-type").unwrap_or("").to_ascii_lowercase();
    let by_path = |extension: &str| kind.is_empty() && entry.path.ends_with(extension);
    let rows = if kind.starts_with("text/csv") || by_path(".csv") {
        delimited(text, b',', whole)
    } else if kind.starts_with("text/tab") || by_path(".tsv") {
        delimited(text, b'\t', whole)
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = crate::path::query_pairs(Some(text)).unwrap_or_default();
        vec![pairs.into_iter().map(|(n, v)| (n, Value::String(v))).collect()]
    } else {
        json(text)
    };
    Sent { rows, whole }
}

fn json(text: &str) -> Vec<Map<String, Value>> {
    let mut rows = Vec::new();
    let mut rest = text.strip_prefix('[').unwrap_or(text);
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
        let mut items = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match items.next() {
            Some(Ok(Value::Object(map))) => rows.extend(features(map)),
            Some(Ok(_)) => {}
            _ => return rows,
        }
        rest = &rest[items.byte_offset()..];
    }
}

/// The rows of a FeatureCollection, or the object itself.
fn features(map: Map<String, Value>) -> Vec<Map<String, Value>> {
    let features = map.get("features").and_then(Value::as_array);
    match features.filter(|_| map.get("type").is_some_and(|t| t == "FeatureCollection")) {
        Some(features) => features
            .iter()
            .filter_map(|feature| feature.get("properties").and_then(Value::as_object).cloned())
            .collect(),
        None => vec![map],
    }
}

fn delimited(text: &str, delimiter: u8, whole: bool) -> Vec<Map<String, Value>> {
    let mut records = records(text.as_bytes(), delimiter);
    if !whole {
        // The last one may have been cut.
        records.pop();
    }
    let mut records = records.into_iter();
    let Some(header) = records.next() else { return Vec::new() };
    records.map(|cells| header.iter().cloned().zip(cells.into_iter().map(cell)).collect()).collect()
}

/// An empty cell is null, as an upsert reads it.
fn cell(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

fn records(mut bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), Vec::new());
    let mut out = [0; 4096];
    loop {
        let (result, read, written) = reader.read_field(bytes, &mut out);
        bytes = &bytes[read..];
        field.extend_from_slice(&out[..written]);
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                record.push(String::from_utf8_lossy(&std::mem::take(&mut field)).into_owned());
                if record_end {
                    records.push(std::mem::take(&mut record));
                }
            }
            ReadFieldResult::End => return records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Captured, Headers};
    use http::{HeaderMap, Method};
    use proptest::prelude::*;
    use serde_json::json;

    fn entry(path: &str, kind: &str, body: &str, total: usize) -> Entry {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert("content-type", kind.parse().unwrap());
        }
        let body = Captured { kept: body.as_bytes().into(), total: total as u64, whole: true, masked: false };
        Entry { headers: Headers::of(&headers), body, ..Entry::new(Method::POST, path) }
    }

    #[test]
    fn rows_are_read_in_every_form() {
        let expected = json!([{ "k": "a", "n": "1" }, { "k": "b", "n": null }]);
        for (path, kind, body) in [
            ("/resource/x.json", "application/json", r#" [{"k":"a","n":"1"}, {"k":"b","n":null}] "#),
            ("/resource/x.json", "", "{\"k\":\"a\",\"n\":\"1\"}\n{\"k\":\"b\",\"n\":null}\n"),
            ("/resource/x.csv", "", "k,n\na,1\nb,\n"),
            ("/resource/x.json", "text/csv; charset=utf-8", "k,n\r\n\"a\",\"1\"\r\nb,"),
            ("/resource/x", "text/tab-separated-values", "k\tn\na\t1\nb\t\n"),
            (
                "/resource/x",
                "application/vnd.geo+json",
                r#"{"type":"FeatureCollection","features":[{"properties":{"k":"a","n":"1"}},{"properties":{"k":"b","n":null}}]}"#,
            ),
        ] {
            let sent = sent_rows(&entry(path, kind, body, body.len()));
            assert!(sent.whole);
            assert_eq!(json!(sent.rows), expected, "{kind} {body}");
        }
    }

    #[test]
    fn of_a_body_that_was_cut_the_whole_rows_are_read() {
        let sent = sent_rows(&entry("/x.json", "", r#"[{"k":1},{"k":2},{"k"#, 99));
        assert_eq!((json!(sent.rows), sent.whole), (json!([{ "k": 1 }, { "k": 2 }]), false));
        let sent = sent_rows(&entry("/x.csv", "", "k\n1\n2", 99));
        assert_eq!((json!(sent.rows), sent.whole), (json!([{ "k": "1" }]), false));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_fail(body in ".{0,60}", kind in "text/csv|text/tab|application/json|") {
            sent_rows(&entry("/x", &kind, &body, body.len()));
        }
    }
}
