//! The objects as they are stored. Times are Unix milliseconds; accounts are told by name.

use crate::soda::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What applying a revision does with rows (documented).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// Upserts: by the row identifier, else appends.
    #[default]
    Update,
    /// Empties, then inserts.
    Replace,
    /// Deletes the rows whose row identifiers are sent.
    Delete,
}

impl ActionKind {
    /// All kinds with their names.
    pub const NAMES: [(Self, &str); 3] =
        [(Self::Update, "update"), (Self::Replace, "replace"), (Self::Delete, "delete")];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(kind, _)| *kind)
    }
}

/// What applying a revision does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// With rows.
    #[serde(rename = "type")]
    pub kind: ActionKind,
    /// Who sees the dataset from then on; none keeps what it has.
    pub permission: Option<Scope>,
}

/// Whether a revision can still be changed, and else what closed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It can be changed, applied and discarded.
    #[default]
    Open,
    /// It was applied, or is being applied by a job that takes its time.
    Applied,
    /// It was discarded.
    Discarded,
}

/// A change to a dataset that is prepared and then applied as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Unique among all objects.
    pub id: i64,
    /// The number of its dataset.
    pub dataset: i64,
    /// Its number in the dataset, from 0.
    pub seq: i64,
    /// Its place in the life cycle.
    pub stage: Stage,
    /// What the dataset's metadata is to be.
    pub metadata: Map<String, Value>,
    /// The members of it that were sent; the others are the dataset's own of when the revision was made.
    pub sent: Vec<String>,
    /// What applying it does.
    pub action: Action,
    /// The schema whose rows are applied.
    pub output_schema_id: Option<i64>,
    /// The source whose bytes make the dataset a file.
    pub blob_id: Option<i64>,
    /// Links that make the dataset an external one.
    pub href: Vec<Value>,
    /// Files that belong to the dataset.
    pub attachments: Vec<Value>,
    /// A text for the changelog.
    pub notes: Option<String>,
    /// Whether the dataset is none that others are derived from.
    pub is_parent: bool,
    /// The program that made it, as it calls itself.
    pub creation_source: Option<String>,
    /// The name of the import config that its sources follow.
    pub config: Option<String>,
    /// When its dataset is to be dropped.
    pub deleted_at: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
    /// When it was applied or discarded.
    pub closed_at: Option<i64>,
    /// Who made it.
    pub created_by: String,
    /// The dataset as it was after it was applied, for an archived dataset.
    pub archive: Option<Archive>,
}

/// The rows of a dataset at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    /// The rows, as they are taken over.
    pub content: i64,
    /// How many.
    pub rows: u64,
    /// The columns: field name, display name and type.
    pub columns: Vec<(String, String, String)>,
}

/// How far the application of a revision is (documented).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Begun.
    #[default]
    Initializing,
    /// Changes columns.
    CreatingColumns,
    /// Writes rows.
    Upserting,
    /// Publishes.
    Finishing,
    /// All of it was done.
    Successful,
    /// Nothing was done.
    Failure,
}

/// The application of a revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskSet {
    /// Unique among all objects.
    pub id: i64,
    /// The id of its revision.
    pub revision: i64,
    /// How far it is.
    pub status: TaskStatus,
    /// What was done, the newest first: `{stage, time, details}`.
    pub log: Vec<Value>,
    /// When it began.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// Who applied the revision.
    pub created_by: String,
    /// A UUID-like name of the job.
    pub job_uuid: String,
    /// The schema whose rows are applied.
    pub output_schema_id: Option<i64>,
    /// The `X-Socrata-RequestId` of the request that applied the revision.
    pub request_id: String,
    /// When it is done, as long as it is not.
    pub due: Option<Due>,
}

/// The end of a job that takes its time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Not before this moment of the clock.
    pub at: Option<i64>,
    /// Looks at it that are still to come.
    pub polls: u32,
    /// Why it fails then, if it does.
    pub fail: Option<String>,
}

impl Due {
    /// Somebody looks whether it is done.
    pub fn look(&mut self, now: i64) -> bool {
        if self.polls > 0 {
            self.polls -= 1;
            return false;
        }
        self.at.is_none_or(|at| at <= now)
    }
}

/// Where a source has its rows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SourceType {
    /// Bytes that a client sends.
    Upload {
        /// The name of the file.
        filename: Option<String>,
    },
    /// A file behind an address.
    Url {
        /// The address.
        url: String,
        /// The name of the file.
        filename: Option<String>,
    },
    /// The rows of a dataset.
    View {
        /// The dataset's id.
        fourfour: String,
        /// Whether the rows were taken over.
        loaded: bool,
    },
    /// A file behind an agent in a publisher's network; kept, never run.
    ConnectionAgent(Map<String, Value>),
}

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub key: String,
    /// For people.
    pub message: String,
    /// The `X-Socrata-RequestId` of the request that found it.
    pub request_id: String,
}

/// Bytes or rows that came from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Unique among all objects.
    pub id: i64,
    /// The revision that it belongs to.
    pub revision: Option<i64>,
    /// Where its rows are from.
    pub source_type: SourceType,
    /// The options that were sent; what is missing has its default.
    pub parse_options: Map<String, Value>,
    /// The media type of the bytes.
    pub content_type: Option<String>,
    /// Its bytes.
    pub content: Option<i64>,
    /// How many bytes.
    pub filesize: u64,
    /// When it was made.
    pub created_at: i64,
    /// When its bytes were complete and read.
    pub finished_at: Option<i64>,
    /// When it turned out to be unreadable.
    pub failed_at: Option<i64>,
    /// Why it is.
    pub failure: Option<Failure>,
    /// Who made it.
    pub created_by: String,
    /// Whether its bytes are a file that is not to be read.
    pub is_blob: bool,
    /// The name of the import config that it follows.
    pub config: Option<String>,
    /// When its file is read, as long as it is not.
    pub due: Option<Due>,
}

/// A column as the source has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputColumn {
    /// Unique among all objects.
    pub id: i64,
    /// The name in transforms.
    pub field_name: String,
    /// The name as the source has it.
    pub display_name: String,
    /// The name of its type.
    pub soql_type: String,
}

/// The columns of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputSchema {
    /// Unique among all objects.
    pub id: i64,
    /// The source.
    pub source: i64,
    /// In the order of the source.
    pub columns: Vec<InputColumn>,
    /// Rows, malformed ones included; none of a view that is not loaded.
    pub total_rows: Option<u64>,
    /// Rows with another number of cells than columns.
    pub num_row_errors: u64,
    /// When it was found.
    pub created_at: i64,
    /// Who made the source.
    pub created_by: String,
}

/// How the values of an output column are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    /// Unique among all objects.
    pub id: i64,
    /// The expression as it was sent.
    pub expr: String,
    /// The expression as it is understood.
    pub parsed: Value,
    /// The name of the type of its values.
    pub output_type: String,
    /// The ids of the input columns that it reads.
    pub inputs: Vec<i64>,
    /// Cells that are errors.
    pub error_count: u64,
}

/// A column as it is to be in the dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputColumn {
    /// Unique among all objects; the same in each schema in which nothing of it has changed.
    pub id: i64,
    /// The API field name.
    pub field_name: String,
    /// The display name.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// How values are shown.
    pub format: Value,
    /// Marks such as `hidden`.
    pub flags: Vec<Value>,
    /// Whether it identifies rows.
    pub is_primary_key: bool,
    /// The column that it descends from.
    pub initial_output_column_id: Option<i64>,
    /// How its values are made.
    pub transform: Transform,
}

/// An order of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortBy {
    /// The output column.
    pub field_name: String,
    /// Smallest first.
    #[serde(default = "ascending")]
    pub ascending: bool,
}

fn ascending() -> bool {
    true
}

/// Columns made of a source's columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputSchema {
    /// Unique among all objects.
    pub id: i64,
    /// The columns that they are made of.
    pub input_schema: i64,
    /// In their order.
    pub columns: Vec<OutputColumn>,
    /// The order of rows in which the dataset is shown.
    pub sort_bys: Vec<SortBy>,
    /// Rows; none before they were read.
    pub total_rows: Option<u64>,
    /// Rows that would be left out.
    pub error_count: u64,
    /// When it was made.
    pub created_at: i64,
    /// Who made it.
    pub created_by: String,
    /// When all rows were transformed.
    pub completed_at: Option<i64>,
    /// When they are, as long as they are not.
    pub due: Option<Due>,
    /// Why they were not.
    pub failed: Option<String>,
}

/// A file that belongs to a dataset beside its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// A UUID.
    pub id: String,
    /// The number of its dataset.
    pub dataset: i64,
    /// Its bytes.
    pub content: i64,
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// How many bytes.
    pub length: u64,
    /// When it was sent.
    pub created_at: i64,
}

/// When the file of a dataset is to be fetched again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Unique among all objects.
    pub id: i64,
    /// The number of its dataset.
    pub dataset: i64,
    /// Whether it rests.
    pub paused: bool,
    /// `cron` and `timezone`.
    pub cadence: Map<String, Value>,
    /// What is done: `type` and `parameters`.
    pub action: Map<String, Value>,
}

/// A named recipe for sources of one form (documented as automation).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportConfig {
    /// Unique among all objects.
    pub id: i64,
    /// Unique in the domain.
    pub name: String,
    /// `update` or `replace`.
    pub data_action: ActionKind,
    /// The options that were sent.
    pub parse_options: Map<String, Value>,
    /// Columns with their transforms; empty to guess them.
    pub columns: Vec<Value>,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
}
