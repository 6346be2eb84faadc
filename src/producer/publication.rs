//! Publication: a dataset is published for the first time, a published one gets a working copy, a working copy
//! takes the place of its original.

use super::view::new_id;
use crate::ids::Ids;
use crate::soda::{Dataset, ErrorCode, PublicationStage, SodaError};
use crate::store::{StoreError, WriteTx, alter, catalogue};
use serde_json::json;

/// Publishes a working copy and gives the dataset that is published now. A copy whose original is there takes its
/// place: its id, resource name, owner and permissions are those of the original then. 409 when `seen` is published
/// already; 404 or 409 when it was removed or replaced since the caller looked at it.
pub fn publish(tx: &WriteTx<'_>, seen: &Dataset, now_ms: i64) -> Result<Dataset, StoreError> {
    let copy = catalogue::to_change(tx, seen, now_ms)?;
    if copy.is_published() {
        return Err(is_published(&copy).into());
    }
    match catalogue::original(tx, &copy)? {
        Some(original) => alter::replace_by_copy(tx, &original, &copy)?,
        None => alter::update(tx, &Dataset { stage: PublicationStage::Published, ..copy.clone() })?,
    }
    catalogue::current(tx, &copy)
}

/// Makes a working copy of a published dataset, with or without its rows, under an id and column ids of its own
/// (source), and gives it. 409 when the dataset is not published, or has a working copy already.
pub fn create_working_copy(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    owner: Option<String>,
    with_rows: bool,
    ids: &Ids,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    let original = catalogue::current(tx, seen)?;
    if !original.is_published() {
        return Err(is_not_published(&original).into());
    }
    let id = new_id(tx, ids)?;
    if let Some(other) = alter::working_copy(tx, &original)? {
        return Err(has_working_copy(&original, &other).into());
    }
    let mut copy = Dataset {
        id,
        resource_name: None,
        stage: PublicationStage::Unpublished,
        copy_of: Some(original.id.clone()),
        owner,
        created_at: now_ms / 1000,
        ..original.clone()
    };
    for column in &mut copy.columns {
        column.id = ids.column_id();
    }
    catalogue::create(tx, &mut copy, now_ms)?;
    if with_rows {
        alter::copy_rows(tx, &original, &copy)?;
    }
    catalogue::current(tx, &copy)
}

fn is_published(dataset: &Dataset) -> SodaError {
    SodaError::new(ErrorCode::IncorrectLifecycleStage, "Dataset is in incorrect lifecycle stage")
        .data(json!({ "dataset": dataset.id.as_str(), "actual": "published", "expected": ["unpublished"] }))
        .hint("It is already published; make a working copy first: POST …/publication.json?method=copy.")
}

/// Only what is published has working copies (source).
fn is_not_published(dataset: &Dataset) -> SodaError {
    let id = &dataset.id;
    SodaError::new(ErrorCode::IncorrectLifecycleStage, "Dataset is in incorrect lifecycle stage")
        .data(json!({ "dataset": id.as_str(), "actual": "unpublished", "expected": ["published"] }))
        .hint(format!(
            "It is not published, so it can be changed as it is; publish it with POST /api/views/{id}/publication.json."
        ))
}

/// A dataset has one working copy at most (source).
fn has_working_copy(dataset: &Dataset, copy: &str) -> SodaError {
    SodaError::new(ErrorCode::IncorrectLifecycleStage, "Dataset is in incorrect lifecycle stage")
        .data(json!({
            "dataset": dataset.id.as_str(),
            "actual": "unpublished",
            "expected": ["published"],
            "workingCopy": copy,
        }))
        .hint(format!(
            "It has the working copy {copy} already: write to that and publish it with POST /api/views/{copy}/publication.json, or drop it with DELETE /api/views/{copy}.json."
        ))
}
