//! What the admin API answers with, as structs: the handlers write them, the command line reads them, and
//! the OpenAPI document takes their schemas.
//!
//! Times are ISO 8601 in UTC. Rows are JSON objects by field name, as the SODA API writes them.

#![expect(missing_docs, reason = "a member has a doc where its name does not say it all")]

mod accounts;
mod datasets;
mod named;
mod process;
mod publishing;
mod questions;
mod requests;
mod snapshots;

pub use accounts::{AppToken, Token, User};
pub use datasets::{
    ChangeKind, Changes, Column, DatasetDetail, DatasetMade, DatasetSummary, Explained, QueryColumn,
    RowChange, SqlTable, WriteSummary,
};
pub use named::Named;
pub use process::{
    Clock, Domain, Domains, IdSeed, Info, Live, MemoryUse, OptionValue, PresetList, PresetShown, Ready,
    RefusedHost, ResetDone, ResetRows, Share, Throttle,
};
pub use publishing::{County, JobCourse, JobCourses, Place, Region, RevisionList, RevisionSummary, World};
pub use questions::{
    CountDifference, Differences, ExpectFailed, ExpectHolds, FieldDifference, NearMiss, Plain,
    RequestDifference, RowDifference, RowsDifference, RowsDifferenceCounts, SchemaDifference, TypeDifference,
    VerifyFailed, VerifyHolds,
};
pub use requests::{
    BodyText, Client, FaultApplied, FaultEvent, Folded, Gap, InstanceEvent, Message, Replayed, RequestDetail,
    RequestError, RequestLine, RequestList, RequestSummary, RowCounts, RowFate, RowsEvent, Sent,
    UndoConflict, Undone, VersionsBeforeAfter,
};
pub use snapshots::{
    DatasetDiff, Diff, DiffCounts, DiffKind, DiffRow, DiffVersions, FieldChange, Restored, SchemaChange,
    Snapshot, SnapshotList, Space, SpaceBinding, SpaceList,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A row as JSON.
pub type Row = Map<String, Value>;

/// What a `DELETE` answers: the name of what is gone, or how many there were.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Deleted<T> {
    /// The name, number or count.
    pub deleted: T,
}

/// A refusal, RFC 9457, with a code that scripts may rely on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Problem")]
pub struct ProblemBody {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The reason phrase of the status.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What is wrong, for scripts.
    pub code: String,
    /// What is wrong and what to change, for people.
    pub detail: String,
    /// Members that belong to the code.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
