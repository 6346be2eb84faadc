//! Datasets, what each write changed, queries.

use super::Row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A dataset as lists show it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DatasetSummary {
    /// The 4x4.
    pub id: String,
    pub name: String,
    #[serde(rename = "resourceName")]
    pub resource_name: Option<String>,
    /// How many rows.
    pub rows: i64,
    pub data_version: i64,
    pub rows_updated_at: String,
    pub columns_count: usize,
    pub schema_version: i64,
    /// The field that identifies rows; null for `:id`.
    pub row_identifier: Option<String>,
    pub public: bool,
    /// `private`, `site` or `public`.
    pub scope: String,
    /// `published`, `unpublished` or `copying`, …
    pub stage: String,
}

/// A dataset with its schema.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DatasetDetail {
    #[serde(flatten)]
    pub summary: DatasetSummary,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub field_name: String,
    pub name: String,
    /// As it was made.
    pub data_type_name: String,
    /// The type of SoQL that it is.
    pub soql_type: String,
    pub description: Option<Value>,
}

/// A dataset that was made or replaced.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DatasetMade {
    /// The 4x4.
    pub id: String,
    /// How many rows.
    pub rows: u64,
    pub data_version: i64,
}

/// What writes did to the rows of a dataset. The server has the changes as text, which takes less memory.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Changes<C = RowChange> {
    /// The 4x4.
    pub dataset: String,
    /// As of now.
    pub data_version: i64,
    /// The oldest first.
    pub changes: Vec<C>,
    /// The writes that they belong to.
    pub writes: Vec<WriteSummary>,
    /// Writes of which not all changes were recorded.
    pub truncated: Vec<WriteSummary>,
    /// Changes that the history no longer has.
    pub dropped: u64,
    /// The newest version that it no longer has.
    pub dropped_through: Option<i64>,
    /// What to send as `since` for the rest.
    pub next: Option<String>,
}

/// What a write did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

/// One row before and after a write.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RowChange {
    /// The data version that the write made.
    pub version: i64,
    /// The number of the request in the journal, as long as it is there.
    pub request: Option<u64>,
    pub request_id: String,
    pub at: String,
    pub kind: ChangeKind,
    /// The value of the row identifier.
    pub key: Value,
    /// The `:id`.
    pub id: Value,
    /// Fields whose values differ.
    pub fields: Vec<String>,
    pub before: Option<Row>,
    pub after: Option<Row>,
}

/// One write.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WriteSummary {
    /// The data version that it made.
    pub version: i64,
    /// The number of the request in the journal, as long as it is there.
    pub request: Option<u64>,
    pub request_id: String,
    pub operation: String,
    pub at: String,
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    /// How many rows there were, when the write emptied the dataset first.
    pub emptied: Option<u64>,
    /// Changes that the history has.
    pub recorded: usize,
    /// Changes that it has not.
    pub left_out: u64,
}

/// The answer to a SELECT on the stored tables.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SqlTable {
    pub columns: Vec<String>,
    /// Null, number, text; a blob is written as in SQL, `x'00ff'`.
    pub rows: Vec<Vec<Value>>,
    /// Whether there would have been more rows.
    pub truncated: bool,
}

/// What a query means and how it runs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explained {
    /// The query as its parameters compose it.
    pub composed: String,
    /// The query as it was understood.
    pub soql: String,
    pub columns: Vec<QueryColumn>,
    /// The SQL that runs.
    pub sql: String,
    pub parameters: Vec<Value>,
    /// SQLite's plan.
    pub plan: Vec<String>,
}

/// A column of an answer to a query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct QueryColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub soql_type: String,
}
