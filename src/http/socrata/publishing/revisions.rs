//! Revisions: made, listed, shown, changed, discarded, and what applying one will do.

use super::find::{Found, current};
use super::jobs::settled;
use super::with_status;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::producer::create_view;
use crate::publishing::apply::DRAFT;
use crate::publishing::{invalid, limits, metadata, revision as rules, shape, steps, too_many};
use crate::soda::{Dataset, SodaError};
use crate::store::publishing::{self as objects, Revision, Stage, TaskSet};
use crate::store::{Entry, ReadTx, StoreError, WriteTx, catalogue};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A revision as it is answered.
pub fn shown(tx: &ReadTx<'_>, revision: &Revision, fourfour: &str) -> Result<Value, StoreError> {
    let task_sets: Vec<TaskSet> = objects::children(tx, revision.id)?;
    Ok(shape::revision(revision, fourfour, &task_sets))
}

/// `POST /revision`: a dataset without rows and columns, and its first revision.
pub async fn create_with_dataset(context: &RequestContext) -> Answered {
    context.allowed(context.caller().may_create())?;
    let (asker, sent) = (context.asker()?, context.object()?);
    let mut revision = new(context, &sent)?;
    revision.deleted_at = deleted_at(context)?;
    let (definition, ids) = (draft(&revision)?, Arc::clone(&context.state.space.ids));
    let job = move |tx: &WriteTx<'_>| -> Result<(Dataset, Value), StoreError> {
        let dataset = create_view(tx, definition, Some(asker.name), &ids, asker.now)?;
        let made = insert(tx, revision, &dataset)?;
        Ok((dataset, made))
    };
    let (dataset, made) = context.state.space.store().define(job).await?;
    context.trace().dataset = Some(dataset.id.as_str().into());
    Ok(with_status(StatusCode::CREATED, &made))
}

/// A revision as a request wants it; one that follows a config does with rows what that says.
fn new(context: &RequestContext, sent: &Map<String, Value>) -> Result<Revision, ApiError> {
    let mut revision = rules::new(sent, &context.asker()?)?;
    if let Some(name) = sent.get("config").and_then(Value::as_str) {
        revision.action.kind = context.config(name)?.data_action;
    }
    Ok(revision)
}

/// The moment at which the dataset is to be dropped; it is kept with the revision.
fn deleted_at(context: &RequestContext) -> Result<Option<String>, SodaError> {
    let Some(text) = context.head.parameter("deleted_at") else { return Ok(None) };
    let is_moment = text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok();
    if is_moment {
        Ok(Some(text.to_owned()))
    } else {
        Err(invalid("deleted_at", "must be an ISO 8601 moment"))
    }
}

/// What a dataset is before anything is applied: it shows its name.
fn draft(revision: &Revision) -> Result<Map<String, Value>, SodaError> {
    let name = revision.metadata.get("name").and_then(Value::as_str).map(str::trim);
    let name =
        name.filter(|name| !name.is_empty()).ok_or_else(|| invalid("metadata.name", "must be given"))?;
    Ok(Map::from_iter([("name".to_owned(), name.into()), ("displayType".to_owned(), DRAFT.into())]))
}

/// Adds a revision to a dataset, and shows it.
pub fn insert(tx: &WriteTx<'_>, mut revision: Revision, dataset: &Dataset) -> Result<Value, StoreError> {
    if objects::count::<Revision>(tx, Some(dataset.number))? >= limits::REVISIONS {
        return Err(too_many("revisions of a dataset", limits::REVISIONS).into());
    }
    revision.dataset = dataset.number;
    if revision.id == 0 {
        revision.id = objects::new_id(tx)?;
    }
    objects::insert_revision(tx, &mut revision)?;
    shown(tx, &revision, dataset.id.as_str())
}

/// `POST /revision/4x4`.
pub async fn create(context: &RequestContext, id: &str) -> Answered {
    let entry = context.revisable(id)?;
    let mut sent = context.object()?;
    // An older client names the config in the query (client evidence).
    if let Some(name) = context.head.parameter("config").filter(|_| !sent.contains_key("config")) {
        sent.insert("config".to_owned(), name.into());
    }
    add(context, entry, &sent).await
}

/// The same for what a config is to be followed for.
pub async fn create_of(context: &RequestContext, id: &str, sent: &Map<String, Value>) -> Answered {
    let entry = context.revisable(id)?;
    add(context, entry, sent).await
}

async fn add(context: &RequestContext, entry: Arc<Entry>, sent: &Map<String, Value>) -> Answered {
    let mut revision = new(context, sent)?;
    if entry.dataset.copy_of.is_some() {
        let why = "is a working copy; revisions belong to the dataset that it was made from";
        return Err(invalid("fourfour", why).into());
    }
    let job = move |tx: &WriteTx<'_>| -> Result<Value, StoreError> {
        let dataset = catalogue::current(tx, &entry.dataset)?;
        let mut metadata = metadata::of_dataset(&dataset);
        metadata.extend(std::mem::take(&mut revision.metadata));
        revision.metadata = metadata;
        insert(tx, revision, &dataset)
    };
    let made = context.state.space.store().write(job).await?;
    Ok(with_status(StatusCode::CREATED, &made))
}

/// `GET /revision/4x4[?open=true|false]`, the newest first.
pub async fn list(context: &RequestContext, id: &str) -> Answered {
    let entry = context.seen(id)?;
    let open = match context.head.parameter("open") {
        None => None,
        Some(_) => Some(context.head.flag("open", false)?),
    };
    let store = context.state.space.store();
    let listed = store.read(|tx| {
        let revisions: Vec<Revision> = objects::children(tx, entry.dataset.number)?;
        let wanted = revisions.iter().rev().filter(|r| open.is_none_or(|open| r.closed_at.is_none() == open));
        let fourfour = entry.dataset.id.as_str();
        wanted.map(|revision| shown(tx, revision, fourfour)).collect::<Result<Value, StoreError>>()
    })?;
    Ok(with_status(StatusCode::OK, &listed))
}

/// `GET /revision/4x4/SEQ`.
pub async fn show(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let found = settled(context, context.revision(id, seq)?).await?;
    let store = context.state.space.store();
    let shown = store.read(|tx| shown(tx, &found.revision, found.fourfour()))?;
    Ok(with_status(StatusCode::OK, &shown))
}

/// `GET /revision/4x4/SEQ/plan`.
pub async fn plan(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let found = context.revision(id, seq)?;
    Ok(with_status(StatusCode::OK, &json!({ "resource": steps::plan(&found.revision) })))
}

/// `PUT` and `PATCH /revision/4x4/SEQ`: what is sent is put over what is there.
pub async fn update(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let Found { entry, revision } = context.own_revision(id, seq)?;
    let (now, sent) = (context.now_ms(), context.object()?);
    let fourfour = entry.dataset.id.as_str().to_owned();
    let job = move |tx: &WriteTx<'_>| -> Result<Value, StoreError> {
        let mut revision = current(tx, &revision)?;
        rules::check_open(&revision)?;
        rules::change(&mut revision, &sent)?;
        rules::choose(tx, &mut revision, &sent)?;
        revision.updated_at = now;
        objects::save(tx, &revision)?;
        shown(tx, &revision, &fourfour)
    };
    let changed = context.state.space.store().write(job).await?;
    Ok(with_status(StatusCode::ACCEPTED, &changed))
}

/// `DELETE /revision/4x4/SEQ`: closes it. One that was applied or discarded stays as it is, which is a success too
/// (client evidence).
pub async fn discard(context: &RequestContext, id: &str, seq: &str) -> Answered {
    let Found { entry, revision } = context.own_revision(id, seq)?;
    let (now, fourfour) = (context.now_ms(), entry.dataset.id.as_str().to_owned());
    let job = move |tx: &WriteTx<'_>| -> Result<Value, StoreError> {
        let mut revision = current(tx, &revision)?;
        if revision.stage == Stage::Open {
            (revision.stage, revision.closed_at, revision.updated_at) = (Stage::Discarded, Some(now), now);
            objects::save(tx, &revision)?;
        }
        shown(tx, &revision, &fourfour)
    };
    let discarded = context.state.space.store().write(job).await?;
    Ok(with_status(StatusCode::CREATED, &discarded))
}
