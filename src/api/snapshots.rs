//! Snapshots, what differs between two states, spaces.

use super::{Named, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A named state of a space's data.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    pub name: String,
    pub taken_at: String,
    /// How many datasets.
    pub datasets: usize,
    /// How many rows in all of them.
    pub rows: u64,
    /// The size of its file.
    pub bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotList {
    pub snapshots: Vec<Snapshot>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    pub restored: Snapshot,
}

/// What differs between two states of the data. The server has the rows as text, which takes less memory.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Diff<R = DiffRow> {
    pub before: String,
    pub after: String,
    pub same: bool,
    /// Every dataset of either, by id.
    pub datasets: Vec<DatasetDiff<R>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiffKind {
    /// Only after.
    Added,
    /// Only before.
    Removed,
    Changed,
    Same,
}

/// The differences of one dataset.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DatasetDiff<R = DiffRow> {
    /// The 4x4.
    pub id: String,
    pub name: String,
    pub kind: DiffKind,
    /// The field that rows were told apart by.
    pub by: String,
    pub versions: DiffVersions,
    /// Differences of columns and metadata.
    pub schema: Vec<SchemaChange>,
    pub rows: DiffCounts,
    /// Differing rows in the order of what identifies them, within the bounds of the call.
    pub changes: Vec<R>,
    /// Differing rows that are not listed.
    pub left_out: u64,
    /// What to send as `offset` for the rest.
    pub next_offset: Option<u64>,
}

/// The data version before and after; null where the dataset is not there.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DiffVersions {
    pub before: Option<i64>,
    pub after: Option<i64>,
}

/// Something about a dataset that is no row.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SchemaChange {
    /// `name`, `stage`, `column region`, …
    pub what: String,
    pub before: Value,
    pub after: Value,
}

/// How many rows differ, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffCounts {
    /// Only after.
    pub added: u64,
    /// Only before.
    pub removed: u64,
    /// With other values.
    pub changed: u64,
    /// Written again with the same values: `:version` differs, nothing else.
    pub rewritten: u64,
    /// Not touched.
    pub same: u64,
}

impl DiffCounts {
    /// Rows that differ in a value.
    pub fn differing(&self) -> u64 {
        self.added + self.removed + self.changed
    }
}

/// One row that differs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DiffRow {
    pub kind: DiffKind,
    /// The value of the row identifier.
    pub key: Value,
    /// The `:id`.
    pub id: Value,
    /// Fields whose values differ, in a row that both states have.
    pub fields: Named<FieldChange>,
    pub before: Option<Row>,
    pub after: Option<Row>,
}

/// A value before and after; null where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// An isolated space, and where it is reached.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Space {
    pub name: String,
    /// The header that leads to it.
    pub header: String,
    pub http: String,
    pub https: String,
    /// Whether its data ends with the process.
    pub ephemeral: bool,
    /// How many datasets.
    pub datasets: usize,
    pub bind: SpaceBinding,
}

/// What leads to a space without a header.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SpaceBinding {
    pub users: Vec<String>,
    /// How many; the tokens are not told.
    pub app_tokens: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SpaceList {
    pub spaces: Vec<Space>,
}
