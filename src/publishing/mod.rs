//! Publishing by revision (documented as the Data Management API): a change to a dataset is prepared with its
//! metadata, its files and how their columns become those of the dataset, and then applied as a whole.
//!
//! ```text
//! revision -> source(s) -> input schema(s) -> output schema(s) -> apply -> task set
//! ```
//!
//! Here are the rules and the JSON of the objects. `store::publishing` keeps them, `http` has the routes.

pub mod apply;
pub mod columns;
pub mod config;
pub mod digest;
pub mod guess;
pub mod jobs;
pub mod limits;
pub mod metadata;
pub mod pages;
pub mod revision;
pub mod rows;
pub mod schema;
pub mod shape;
pub mod source;
pub mod steps;
pub mod world;

use crate::soda::{ErrorCode, SodaError};
use serde_json::{Value, json};

/// Who asks, in which request, and when.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The account.
    pub name: String,
    /// `X-Socrata-RequestId`.
    pub request_id: String,
    /// Unix milliseconds.
    pub now: i64,
}

/// 404 for an object that is not there.
pub fn missing(kind: &str, id: &str) -> SodaError {
    let id: String = id.chars().take(100).collect();
    SodaError::new(ErrorCode::PublishingNotFound, format!("There is no {kind} {id}"))
        .data(json!({ "kind": kind, "id": id }))
}

/// 422 for a member that cannot be what it is.
pub fn invalid(member: &str, why: &str) -> SodaError {
    SodaError::new(ErrorCode::ValidationFailed, format!("{member} {why}"))
        .data(json!({ member: [why] }))
        .hint("Nothing was changed.")
}

/// 422 when there are too many of something.
pub fn too_many(what: &str, most: usize) -> SodaError {
    SodaError::new(ErrorCode::PublishingLimit, format!("There are at most {most} {what} here"))
        .data(json!({ "limit": most }))
        .hint("Remove some, or reset the space.")
}

/// A member that is a text if it is there.
fn text<'v>(value: Option<&'v Value>, member: &str) -> Result<Option<&'v str>, SodaError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(member, "must be a text")),
    }
}
