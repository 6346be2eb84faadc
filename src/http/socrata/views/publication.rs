//! The stage of a dataset, and its rows as a download.

use crate::consumer::{Facts, Form, ReadFormat, view_rows};
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, not_found};
use crate::http::socrata::dataset_request::DatasetRequest;
use crate::http::socrata::read;
use crate::producer::{self, create_working_copy};
use crate::soda::{SodaError, SystemField};
use crate::store::publishing as objects;
use crate::store::{Entry, Select, WriteTx};
use serde_json::json;
use std::sync::Arc;

/// `POST …/publication[?method=copy|copySchema]`.
pub async fn publish(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    match context.head.parameter("method") {
        Some("copy") => return copy(context, entry, true).await,
        Some("copySchema") => return copy(context, entry, false).await,
        Some(other) => return Err(SodaError::not_emulated(&format!("publication?method={other}")).into()),
        None => {}
    }
    let now = context.now_ms();
    let job = move |tx: &WriteTx<'_>| producer::publish(tx, &entry.dataset, now);
    let published = context.state.space.store().define(job).await?;
    context.view(published.id.as_str())
}

/// A working copy under an id of its own (production's answer is that of the copy: client evidence).
async fn copy(context: &RequestContext, entry: Arc<Entry>, with_rows: bool) -> Answered {
    let (ids, now) = (Arc::clone(&context.state.space.ids), context.now_ms());
    let owner = context.caller().name().map(str::to_owned);
    let job = move |tx: &WriteTx<'_>| create_working_copy(tx, &entry.dataset, owner, with_rows, &ids, now);
    let copy = context.state.space.store().define(job).await?;
    context.view(copy.id.as_str())
}

/// `GET …/replication.json`: nothing ever lags here. `read_replication_up_to_date` is what
/// exsoda waits for (client evidence), the versions are those of the source
/// and, in the words of another client, of socrata-py.
pub fn replication(context: &RequestContext, id: &str) -> Answered {
    let entry = context.entry(id)?;
    let versions = context.versions(&entry)?;
    let version = versions.data_version;
    let number = entry.dataset.number;
    let is_archived = context.state.space.store().read(|tx| objects::is_archived(tx, number))?;
    let mut secondaries = vec![json!({ "name": "store_1", "version": version })];
    secondaries.extend(is_archived.then(|| json!({ "name": "archival", "version": version })));
    Ok(answer(&json!({
        "read_replication_up_to_date": true,
        "truth_data_version": version,
        "secondary_versions": secondaries,
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
