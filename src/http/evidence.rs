//! How far something is emulated and how it is known what production does: the marks of the coverage
//! matrix.

use schemars::JsonSchema;
use serde::Serialize;

/// How far something is emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As the evidence says.
    Emulated,
    /// With the limits that the note tells.
    Partly,
    /// Answered with an error that says so.
    Refused,
}

/// How it is known what production does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Socrata's own documentation says so.
    Documented,
    /// Production was seen to answer so.
    Recorded,
    /// The published source of the back end or of Socrata's own clients does so.
    Source,
    /// Nobody outside knows; our choice. Also what only the mock has.
    Ours,
}
