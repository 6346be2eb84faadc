//! GeoJSON features as rows: the geometry goes to the first geometry column, the properties to
//! the rest (ours). The collection is held while it arrives, as a foreign member may follow the
//! features; `--max-row` bounds one feature, the body limit bounds the whole.

use super::rows::Rows;
use super::scan::{Scan, Stop};
use crate::soda::value::JsonToken;
use crate::soda::{ErrorCode, Field, SodaError};
use serde_json::json;

/// A decoder of a FeatureCollection or of one Feature.
#[derive(Debug)]
pub struct GeoJsonDecoder {
    text: Vec<u8>,
    max: usize,
}

/// How much GeoJSON is held at most.
const MAX_BODY: usize = 64 * 1024 * 1024;

impl GeoJsonDecoder {
    pub(super) fn new(max_row: usize) -> Self {
        Self { text: Vec::new(), max: MAX_BODY.max(max_row) }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), SodaError> {
        if self.text.len() + bytes.len() > self.max {
            return Err(SodaError::too_large(self.max as u64, "a GeoJSON body"));
        }
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        let scan = Scan { buf: &self.text, last: true };
        let end = scan.skip_value(0).map_err(|s| self.malformed(&s))?;
        let after = scan.skip_space(end);
        if after < self.text.len() {
            return Err(self.malformed(&Stop::Malformed(after, "There is text after the end of the JSON")));
        }
        let top: serde_json::Value = serde_json::from_slice(&self.text).map_err(|e| {
            SodaError::malformed_json(e.line() as u64, e.column() as u64, "The body is not JSON")
        })?;
        let single = std::slice::from_ref(&top);
        let features = match top.get("type").and_then(serde_json::Value::as_str) {
            Some("FeatureCollection") => {
                top.get("features").and_then(serde_json::Value::as_array).map(Vec::as_slice)
            }
            Some("Feature") => Some(single),
            _ => None,
        };
        let Some(features) = features else { return Err(not_features()) };
        features.iter().try_for_each(|feature| put_feature(feature, rows))
    }

    fn malformed(&self, stop: &Stop) -> SodaError {
        let (at, why) = match stop {
            Stop::Malformed(at, why) => (*at, *why),
            Stop::Incomplete => (self.text.len(), "The body ends too early"),
        };
        let before = String::from_utf8_lossy(&self.text[..at.min(self.text.len())]);
        let row = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1;
        SodaError::malformed_json(row, column, why)
    }
}

fn put_feature(feature: &serde_json::Value, rows: &mut Rows) -> Result<(), SodaError> {
    if feature.get("type").and_then(serde_json::Value::as_str) != Some("Feature") {
        return Err(rows.not_an_object(&feature.to_string()));
    }
    rows.begin();
    if let Some(properties) = feature.get("properties").and_then(serde_json::Value::as_object) {
        for (name, value) in properties {
            let Some(field) = rows.layout().names.field(name) else {
                return Err(rows.unknown_field(name));
            };
            put_value(field, value, rows)?;
        }
    }
    if let Some(geometry) = feature.get("geometry").filter(|g| !g.is_null()) {
        let first = rows.layout().fields.iter().position(|(_, t)| t.is_geometry());
        let Some(index) = first.and_then(|i| u16::try_from(i).ok()) else {
            return Err(SodaError::invalid(
                "The features have a geometry, but the dataset has no geometry column",
            ));
        };
        put_value(Field::Column(index), geometry, rows)?;
    }
    rows.end()
}

fn put_value(field: Field, value: &serde_json::Value, rows: &mut Rows) -> Result<(), SodaError> {
    match value {
        serde_json::Value::Null => rows.put(field, JsonToken::Null),
        serde_json::Value::Bool(b) => rows.put(field, JsonToken::Bool(*b)),
        serde_json::Value::Number(n) => rows.put(field, JsonToken::Number(&n.to_string())),
        serde_json::Value::String(s) => rows.put(field, JsonToken::Text(&super::scan::normal(s.into()))),
        other => rows.put(field, JsonToken::Composite(&other.to_string())),
    }
}

fn not_features() -> SodaError {
    SodaError::new(ErrorCode::ContentJsonInvalid, "The json content of the request is not an array or object")
        .data(json!({ "expected": "FeatureCollection" }))
        .hint("A GeoJSON body is a FeatureCollection or a Feature.")
}
