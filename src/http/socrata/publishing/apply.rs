//! Revisions applied, and the task sets that tell of it.

use super::application::{prepare, run};
use super::find::{Found, uuid};
use super::jobs::{self, settled};
use super::with_status;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::jobs::JobKind;
use crate::publishing::{Asker, invalid, missing, revision as rules, shape};
use crate::soda::SodaError;
use crate::store::StoreError;
use crate::store::publishing::{self as objects, Source, TaskSet};
use http::StatusCode;
use serde_json::{Map, Value};

/// `PUT /revision/4x4/SEQ/apply`.
pub async fn apply(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let found = context.own_revision(id, seq)?;
    rules::check_open(&found.revision)?;
    let chosen = chosen(&found, &context.object()?)?;
    if chosen.is_none() {
        check_sources(context, &found)?;
    }
    let asker = context.asker()?;
    let mut task_set = begun(context, &found, chosen, &asker).await?;
    let due = context.state.space.jobs.begin(JobKind::Apply, asker.now);
    let ended = match due {
        None => run(context, &found, task_set, asker).await?.task_set,
        Some(due) => {
            // What can be refused now is refused now.
            if let Some(id) = chosen {
                prepare(context, &found, id).await?;
            }
            task_set.due = Some(due);
            jobs::begin(context, &found, task_set).await?
        }
    };
    Ok(with_status(StatusCode::OK, &shape::task_set(&ended, found.fourfour(), found.revision.seq)))
}

/// The schema that a request or else the revision names.
fn chosen(found: &Found, sent: &Map<String, Value>) -> Result<Option<i64>, SodaError> {
    match sent.get("output_schema_id") {
        None | Some(Value::Null) => Ok(found.revision.output_schema_id),
        Some(id) => {
            id.as_i64().map(Some).ok_or_else(|| invalid("output_schema_id", "must be a whole number"))
        }
    }
}

/// A revision without a schema may be applied when it brings no rows. One whose newest file is not there yet, or
/// could not be read, would be told as done without its rows.
///
/// # Errors
/// 422 that names the source.
fn check_sources(context: &RequestContext, found: &Found) -> Result<(), ApiError> {
    let store = context.state.space.store();
    let sources: Vec<Source> = store.read(|tx| objects::children(tx, found.revision.id))?;
    let Some(source) = sources.iter().max_by_key(|source| source.id) else { return Ok(()) };
    let why = match (source.failed_at, source.finished_at) {
        (Some(_), _) => "could not be read: send another file, or discard the revision",
        (None, None) => "is not read yet: send all of its bytes, and commit its chunks",
        (None, Some(_)) => return Ok(()),
    };
    Err(invalid("output_schema_id", &format!("is not there, as source {} {why}", source.id)).into())
}

/// The task set of an application that begins.
async fn begun(
    context: &RequestContext,
    found: &Found,
    chosen: Option<i64>,
    asker: &Asker,
) -> Result<TaskSet, StoreError> {
    let id = context.state.space.store().write(objects::new_id).await?;
    Ok(TaskSet {
        id,
        revision: found.revision.id,
        created_at: asker.now,
        updated_at: asker.now,
        created_by: asker.name.clone(),
        job_uuid: uuid(&context.state.space.ids.hex32()),
        output_schema_id: chosen,
        request_id: asker.request_id.clone(),
        ..TaskSet::default()
    })
}

/// `GET /revision/4x4/SEQ/apply/ID`.
pub async fn show(context: &RequestContext, id: &str, seq: &str, task_set: &str) -> Answered {
    let found = settled(context, context.revision(id, seq)?).await?;
    let number = task_set.parse().map_err(|_| missing("task set", task_set))?;
    let revision = found.revision.id;
    let store = context.state.space.store();
    let shown = store.read(|tx| objects::find::<TaskSet>(tx, number))?;
    let shown = shown.filter(|found| found.revision == revision);
    let shown = shown.ok_or_else(|| missing("task set", task_set))?;
    let answer = shape::task_set(&shown, found.fourfour(), found.revision.seq);
    Ok(with_status(StatusCode::ACCEPTED, &answer))
}
