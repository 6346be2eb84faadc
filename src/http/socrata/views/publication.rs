//! The stage of a dataset, and its rows as a download.

use super::view::is_published;
use crate::clock::Clock as _;
use crate::consumer::{Facts, Form, ReadFormat, view_rows};
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, not_found};
use crate::http::socrata::dataset_request::DatasetRequest;
use crate::http::socrata::read;
use crate::soda::{Dataset, ErrorCode, FourByFour, PublicationStage, SodaError, SystemField};
use crate::store::{Select, StoreError, WriteTx, alter, catalogue};
use serde_json::json;
use std::sync::Arc;

/// `POST …/publication[?method=copy|copySchema]`.
pub async fn publish(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    match context.head.parameter("method") {
        Some("copy") => return copy(context, &entry.dataset, true).await,
        Some("copySchema") => return copy(context, &entry.dataset, false).await,
        Some(other) => return Err(SodaError::not_emulated(&format!("publication?method={other}")).into()),
        None => {}
    }
    if is_published(&entry.dataset) {
        return Err(wrong_stage(&entry.dataset).into());
    }
    let (seen, now) = (entry.dataset.clone(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<FourByFour, StoreError> {
        let copy = catalogue::to_change(tx, &seen, now)?;
        if is_published(&copy) {
            return Err(wrong_stage(&copy).into());
        }
        match catalogue::original(tx, &copy)? {
            Some(original) => {
                alter::replace_by_copy(tx, &original, &copy)?;
                Ok(original.id)
            }
            None => {
                let id = copy.id.clone();
                alter::update(tx, &Dataset { stage: PublicationStage::Published, ..copy })?;
                Ok(id)
            }
        }
    };
    let shown = context.state.space.store().define(job).await?;
    context.view(shown.as_str())
}

fn wrong_stage(dataset: &Dataset) -> SodaError {
    SodaError::new(ErrorCode::IncorrectLifecycleStage, "Dataset is in incorrect lifecycle stage")
        .data(json!({ "dataset": dataset.id.as_str(), "actual": "published", "expected": ["unpublished"] }))
        .hint("It is already published; make a working copy first: POST …/publication.json?method=copy.")
}

/// Only what is published has working copies (source).
fn not_published(dataset: &Dataset) -> SodaError {
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

/// A working copy under an id of its own (production's answer is that of the copy: client evidence).
async fn copy(context: &RequestContext, original: &Dataset, with_rows: bool) -> Answered {
    if !is_published(original) {
        return Err(not_published(original).into());
    }
    let space = &context.state.space;
    let (id, now) = (space.ids.four_by_four(), space.clock.now_ms());
    let (seen, ids) = (original.clone(), Arc::clone(&space.ids));
    let (copy_id, owner) = (id.clone(), context.caller().name().map(str::to_owned));
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        let original = catalogue::current(tx, &seen)?;
        if let Some(other) = alter::working_copy(tx, &original)? {
            return Err(has_working_copy(&original, &other).into());
        }
        let mut copy = Dataset {
            id: copy_id,
            resource_name: None,
            stage: PublicationStage::Unpublished,
            copy_of: Some(original.id.clone()),
            owner,
            created_at: now / 1000,
            ..original.clone()
        };
        for column in &mut copy.columns {
            column.id = ids.column_id();
        }
        catalogue::create(tx, &mut copy, now)?;
        if with_rows { alter::copy_rows(tx, &original, &copy) } else { Ok(()) }
    };
    space.store().define(job).await?;
    context.view(id.as_str())
}

/// `GET …/replication.json`: nothing ever lags here. `read_replication_up_to_date` is what
/// exsoda waits for (client evidence), the versions are those of the source.
pub fn replication(context: &RequestContext, id: &str) -> Answered {
    let entry = context.entry(id)?;
    let versions = context.versions(&entry)?;
    let version = versions.data_version;
    Ok(answer(&json!({
        "read_replication_up_to_date": true,
        "truthVersion": version,
        "truthDate": versions.rows_updated_at,
        "secondaryVersions": { "store_1": version },
    })))
}

/// `GET …/rows.csv` and `.tsv`: all rows under display names; `.json`: arrays behind the view.
pub async fn rows(context: &RequestContext, id: &str, extension: Option<&'static str>) -> Answered {
    let request = DatasetRequest::unrestricted(context.clone(), id).ok_or_else(|| not_found(id))?;
    let entry = Arc::clone(&request.entry);
    let dataset = &entry.dataset;
    context.allowed(context.caller().may_read(dataset))?;
    if !dataset.is_tabular() {
        return Err(SodaError::not_tabular().into());
    }
    let (format, system, form): (_, &[SystemField], _) = match extension {
        Some("csv") => (ReadFormat::Csv, &[], Form::default()),
        Some("tsv") => (ReadFormat::Tsv, &[], Form::default()),
        Some("json") | None => {
            let head = Some(view_rows::head(context.shown(&entry)?));
            (ReadFormat::ViewRows, &view_rows::SYSTEM_FIELDS, Form { head, ..Form::default() })
        }
        Some(other) => return Err(SodaError::not_emulated(&format!("rows.{other}")).into()),
    };
    let facts = Facts { form, ..Facts::new(Select::all(dataset, system, |column| &column.name), format) };
    read::respond(&request, facts).await?.ok_or_else(|| not_found(id))
}
