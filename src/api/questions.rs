//! Answers to `POST /verify` and `POST /expect`. The second of each pair stands in a 409.

use super::{Named, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VerifyHolds {
    pub ok: bool,
    /// How many requests match; in order: how many steps were found.
    pub count: usize,
    /// Their numbers.
    pub requests: Vec<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VerifyFailed {
    pub ok: bool,
    /// How many requests match; in order: how many steps were found.
    pub count: usize,
    /// Their numbers.
    pub requests: Vec<u64>,
    /// Those that came nearest.
    pub nearest: Vec<NearMiss>,
}

/// A request that does not match, and why.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NearMiss {
    /// Its number.
    pub id: u64,
    pub method: String,
    pub path: String,
    pub status: Option<u16>,
    pub differences: Vec<RequestDifference>,
}

/// One thing in which a request is not as expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestDifference {
    /// What was looked at, such as `path` or `query.$limit`.
    pub field: String,
    /// What it has to be, in words.
    pub expected: String,
    /// What it is; null when it is not there.
    pub actual: Value,
    /// Both as a sentence.
    pub says: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExpectHolds {
    pub ok: bool,
    /// The 4x4.
    pub dataset: String,
    pub data_version: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExpectFailed {
    pub ok: bool,
    /// The 4x4.
    pub dataset: String,
    pub data_version: i64,
    pub difference: Differences,
}

/// What is not as expected; only that.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Differences {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<Plain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_identifier: Option<Plain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaDifference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<CountDifference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowsDifference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_since: Option<RowsDifference>,
}

impl Differences {
    /// All of it in sentences.
    pub fn says(&self) -> Vec<&str> {
        [
            self.data_version.as_ref().map(|d| &d.says),
            self.row_identifier.as_ref().map(|d| &d.says),
            self.schema.as_ref().map(|d| &d.says),
            self.count.as_ref().map(|d| &d.says),
            self.rows.as_ref().map(|d| &d.says),
            self.unchanged_since.as_ref().map(|d| &d.says),
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect()
    }
}

/// A value that is another one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Plain {
    pub expected: Value,
    pub actual: Value,
    pub says: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CountDifference {
    /// In words.
    pub expected: String,
    pub actual: usize,
    pub says: String,
}

/// Columns that are missing, unexpected, or of another type.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SchemaDifference {
    pub missing: Vec<String>,
    pub unexpected: Vec<String>,
    pub differing: Named<TypeDifference>,
    pub says: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TypeDifference {
    pub expected: String,
    pub actual: String,
}

/// Rows that are missing, unexpected, or have other values: the first 100 of each kind. Without any of
/// them, the dataset itself is another one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowsDifference {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<Row>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexpected: Option<Vec<Row>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differing: Option<Vec<RowDifference>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<RowsDifferenceCounts>,
    #[serde(default)]
    pub says: String,
}

/// How many rows of each kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowsDifferenceCounts {
    pub missing: u64,
    pub unexpected: u64,
    pub differing: u64,
}

/// A row with other values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowDifference {
    /// Where it stands, when the order counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// The value of the row identifier.
    pub key: Option<Value>,
    pub fields: Named<FieldDifference>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDifference {
    pub expected: Value,
    pub actual: Value,
}
