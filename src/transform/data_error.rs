//! What is wrong with one cell.

use serde_json::{Value, json};
use std::fmt;

/// The error that stands in a cell in place of a value. Its JSON is `{"type", "english", "data"}` (documented).
#[derive(Clone, Debug, PartialEq)]
pub struct DataError {
    /// The `type`: `type_conversion_failed`, `division_by_zero`, …
    pub kind: &'static str,
    /// The sentence for people.
    pub english: String,
    /// The parts of the sentence for programs.
    pub data: Value,
}

impl DataError {
    /// The JSON of the error.
    pub fn json(&self) -> Value {
        json!({ "type": self.kind, "english": self.english, "data": self.data })
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl std::error::Error for DataError {}
