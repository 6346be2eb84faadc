//! The stage of a dataset, and its rows as a download.

use super::view::is_published;
use super::{Answered, Visit, answer};
use crate::access::Reader;
use crate::clock::Clock as _;
use crate::consumer::{Facts, Form, ReadFormat, view_rows};
use crate::http::call::Call;
use crate::http::faults::Tampering;
use crate::http::footprint::Footprint;
use crate::http::read;
use crate::soda::{Dataset, ErrorCode, FourByFour, PublicationStage, SodaError, SoqlType, Stored};
use crate::store::{SeenCatalogue, StoreError, alter, catalogue};
use serde_json::json;
use std::sync::Arc;

/// `POST …/publication[?method=copy|copySchema]`.
pub async fn publish(visit: &Visit, id: &str) -> Answered {
    let entry = visit.writable(id)?;
    match visit.parameter("method") {
        Some("copy") => return copy(visit, &entry.dataset, true).await,
        Some("copySchema") => return copy(visit, &entry.dataset, false).await,
        Some(other) => return Err(SodaError::not_emulated(&format!("publication?method={other}")).into()),
        None => {}
    }
    if is_published(&entry.dataset) {
        return Err(wrong_stage(&entry.dataset).into());
    }
    let (seen, now) = (entry.dataset.clone(), visit.now_ms());
    let job = move |connection: &_| -> Result<FourByFour, StoreError> {
        let copy = catalogue::to_change(connection, &seen, now)?;
        if is_published(&copy) {
            return Err(wrong_stage(&copy).into());
        }
        match catalogue::original(connection, &copy)? {
            Some(original) => {
                alter::replace_by_copy(connection, &original, &copy)?;
                Ok(original.id)
            }
            None => {
                let id = copy.id.clone();
                alter::update(connection, &Dataset { stage: PublicationStage::Published, ..copy })?;
                Ok(id)
            }
        }
    };
    let shown = visit.state.space.store().define(job).await?;
    visit.view(shown.as_str())
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
async fn copy(visit: &Visit, original: &Dataset, with_rows: bool) -> Answered {
    if !is_published(original) {
        return Err(not_published(original).into());
    }
    let space = &visit.state.space;
    let (id, now) = (space.ids.four_by_four(), space.clock.now_ms());
    let (seen, ids) = (original.clone(), Arc::clone(&space.ids));
    let (copy_id, owner) = (id.clone(), visit.caller.name().map(str::to_owned));
    let job = move |connection: &_| -> Result<(), StoreError> {
        let original = catalogue::current(connection, &seen)?;
        if let Some(other) = alter::working_copy(connection, &original)? {
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
        catalogue::create(connection, &mut copy, now)?;
        if with_rows { alter::copy_rows(connection, &original, &copy) } else { Ok(()) }
    };
    space.store().define(job).await?;
    visit.view(id.as_str())
}

/// `GET …/replication.json`: nothing ever lags here. `read_replication_up_to_date` is what
/// exsoda waits for (client evidence), the versions are those of the source.
pub fn replication(visit: &Visit, id: &str) -> Answered {
    let entry = visit.entry(id)?;
    let versions = visit.versions(&entry)?;
    let version = versions.data_version;
    Ok(answer(&json!({
        "read_replication_up_to_date": true,
        "truthVersion": version,
        "truthDate": versions.rows_updated_at,
        "secondaryVersions": { "store_1": version },
    })))
}

/// `GET …/rows.csv` and `.tsv`: all rows under display names; `.json`: arrays behind the view.
pub async fn rows(visit: &Visit, id: &str, extension: Option<&'static str>) -> Answered {
    let entry = visit.entry(id)?;
    let dataset = &entry.dataset;
    if !dataset.is_tabular() {
        return Err(SodaError::not_tabular().into());
    }
    let mut columns: Vec<(String, SoqlType)> = Vec::new();
    let mut list: Vec<String> = Vec::new();
    let (format, form) = match extension {
        Some("csv") => (ReadFormat::Csv, Form::default()),
        Some("tsv") => (ReadFormat::Tsv, Form::default()),
        Some("json") | None => {
            list.extend(["sid", "created_at", "updated_at"].map(str::to_owned));
            columns.push((":id".to_owned(), SoqlType::RowIdentifier));
            columns.extend([":created_at", ":updated_at"].map(|n| (n.to_owned(), SoqlType::FixedTimestamp)));
            (
                ReadFormat::ViewRows,
                Form { head: Some(view_rows::head(visit.shown(&entry)?)), ..Form::default() },
            )
        }
        Some(other) => return Err(SodaError::not_emulated(&format!("rows.{other}")).into()),
    };
    list.extend(dataset.columns.iter().map(crate::soda::Column::sql));
    columns.extend(dataset.columns.iter().map(|c| (c.name.clone(), c.soql_type)));
    let facts = Facts {
        sql: format!(
            "SELECT {} FROM {} ORDER BY sid",
            if list.is_empty() { "1".to_owned() } else { list.join(",") },
            dataset.table()
        )
        .into(),
        params: Vec::<Stored<'static>>::new(),
        columns: Arc::new(columns.into()),
        format,
        form,
        single: false,
    };
    let call = Call {
        author: None,
        catalogue: SeenCatalogue::of(&visit.state.space.store()),
        patience: None,
        state: visit.state.clone(),
        entry: entry.clone(),
        extension,
        query: visit.query.clone(),
        reader: Reader::Unrestricted,
        method: visit.method.clone(),
        headers: visit.parts.headers.clone(),
        footprint: Footprint::default(),
        tampering: Tampering::of(&visit.parts.extensions),
    };
    read::respond(&call, facts).await?.ok_or_else(|| super::not_found(id))
}
