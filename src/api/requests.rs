//! The journal: requests with their answers, and the events of a space.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The requests of a journal. The server makes the list while it writes it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestList<L = Vec<RequestLine>> {
    /// The newest last.
    pub requests: L,
    /// So many requests of the journal fit, whatever `before` and `limit` leave out.
    pub matched: u64,
    /// So many requests the journal holds.
    pub kept: u64,
    /// With `before` this number the next older ones are listed; null when there are none.
    pub next: Option<u64>,
    /// Requests that the journal no longer has.
    pub dropped: u64,
    /// The number of the newest request.
    pub last: u64,
}

/// One request of a list, or several alike.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestLine {
    #[serde(flatten)]
    pub summary: RequestSummary,
    /// With `fold`, where the line stands for several requests, of which this is the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Folded>,
}

/// Failures of one kind, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Folded {
    /// How many they are.
    pub times: u64,
    /// The number of the oldest.
    pub first: u64,
}

/// One request as lists and events show it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestSummary {
    /// Its number in the space.
    pub id: u64,
    /// `X-Socrata-RequestId`.
    pub request_id: String,
    pub at: String,
    /// To the last byte of the answer; null while it is under way.
    pub duration_us: Option<u64>,
    pub space: String,
    pub client: Client,
    pub tls: bool,
    pub method: String,
    pub path: String,
    /// The query string as sent, secrets masked.
    pub query: String,
    pub operation: String,
    /// The 4x4 of its dataset; the name as sent when there is no such dataset.
    pub dataset: Option<String>,
    /// Null when the client left before there was an answer.
    pub status: Option<u16>,
    /// What became of its rows.
    pub rows: Option<RowCounts>,
    pub error: Option<RequestError>,
    pub fault: Option<FaultApplied>,
    /// What the mock advised.
    pub hint: Option<String>,
    /// `whole`, `cut` or `broken`; null while the answer is under way.
    pub ended: Option<String>,
}

/// Who sent a request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Client {
    pub address: Option<String>,
    pub user: Option<String>,
    /// Masked.
    pub app_token: Option<String>,
    /// The `User-Agent`.
    pub agent: Option<String>,
}

/// How many rows fared how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowCounts {
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    /// Rows that were not stored.
    pub errors: u64,
}

impl RowCounts {
    /// All rows.
    pub fn all(self) -> u64 {
        self.created + self.updated + self.deleted + self.errors
    }
}

/// A refusal as its body tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestError {
    pub code: Option<String>,
    pub message: Option<String>,
}

/// A fault that was applied to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultApplied {
    /// The id of its rule.
    pub id: String,
    /// What it did, in words.
    pub what: String,
}

/// One request with everything that is known of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestDetail {
    #[serde(flatten)]
    pub summary: RequestSummary,
    pub request: Message,
    pub answer: Message,
    /// The fate of each row, in the order of the payload, as far as kept.
    pub fates: Vec<RowFate>,
    pub fates_dropped: u64,
    /// The dataset's data version before and after a write.
    pub data_version: Option<VersionsBeforeAfter>,
    /// Where the rows that the request changed are told.
    pub changes_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VersionsBeforeAfter {
    pub before: i64,
    pub after: i64,
}

/// Headers and body of a request or an answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Names and values in their order, secrets masked.
    pub headers: Vec<(String, String)>,
    pub body: BodyText,
}

/// A body as far as the journal keeps it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BodyText {
    /// Bytes in all.
    pub bytes: u64,
    /// Without gzip; not there when it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Whether bytes are missing.
    pub truncated: bool,
    /// `gzip`, or null.
    pub encoding: Option<String>,
    /// Whether secrets in it were replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
}

/// What became of one row of a write.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RowFate {
    /// The place in the payload, from 0.
    pub index: u64,
    /// `created`, `updated`, `deleted` or `error`.
    pub fate: String,
    pub code: Option<String>,
    pub reason: Option<String>,
    /// The value of the row identifier.
    pub key: Value,
    /// The `:id`.
    pub id: Value,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Replayed {
    /// The number of the request that was sent again.
    pub replayed: u64,
    /// The account that sent it.
    #[serde(rename = "as")]
    pub user: Option<String>,
    /// Headers and parameters that were masked and could not be sent.
    pub left_out: Vec<String>,
    pub request: Option<RequestDetail>,
}

/// A request that the mock sent itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// The account that sent it.
    #[serde(rename = "as")]
    pub user: Option<String>,
    /// Its number in the journal; null when that is off.
    pub request: Option<u64>,
    /// Null when a fault left it without an answer.
    pub status: Option<u16>,
    /// What the mock advised.
    pub hint: Option<String>,
    /// The answer; null when it is no text, or larger than 16 MiB.
    pub body: Option<String>,
}

/// A write that was taken back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Undone {
    /// The number of the request whose write it was.
    pub undone: u64,
    pub dataset: String,
    /// What became of the rows.
    pub rows: RowCounts,
    /// So many of them had been changed since by others, and those changes are lost.
    pub overwritten: u64,
    /// The data version after it.
    pub data_version: i64,
}

/// Rows that others have changed since the write that was to be taken back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UndoConflict {
    pub count: u64,
    /// The row identifiers of the first hundred.
    pub rows: Vec<Value>,
}

/// Event `instance`: the process that the numbers of events belong to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InstanceEvent {
    pub instance: String,
}

/// Event `gap`: events that are no longer kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    pub missed: u64,
}

/// Event `rows`: what a write did.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RowsEvent {
    pub request: u64,
    pub dataset: Option<String>,
    pub operation: String,
    /// After the write.
    pub data_version: Option<i64>,
    pub rows: RowCounts,
}

/// Event `fault`: a fault that was applied.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultEvent {
    pub request: u64,
    #[serde(flatten)]
    pub fault: FaultApplied,
}
