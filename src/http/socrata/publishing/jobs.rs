//! Applications that take their time: looked at, ended when they are due.

use super::application::run;
use super::find::{Found, current};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::publishing::{Asker, apply as domain, missing, revision as rules};
use crate::store::publishing::{self as objects, Due, Stage, TaskSet};
use crate::store::{StoreError, WriteTx};

/// Begins an application that ends later, or that fails at once.
pub async fn begin(context: &RequestContext, found: &Found, task_set: TaskSet) -> Result<TaskSet, ApiError> {
    let (revision, now) = (found.revision.clone(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<TaskSet, StoreError> {
        let mut revision = current(tx, &revision)?;
        rules::check_open(&revision)?;
        objects::insert(tx, &task_set)?;
        (revision.stage, revision.updated_at) = (Stage::Applied, now);
        revision.output_schema_id = task_set.output_schema_id.or(revision.output_schema_id);
        objects::save(tx, &revision)?;
        match task_set.due.clone() {
            Some(Due { at: None, polls: 0, fail: Some(reason) }) => domain::fail(tx, task_set, &reason, now),
            _ => Ok(task_set),
        }
    };
    Ok(context.state.space.store().write(job).await?)
}

/// A revision after somebody has looked at it: an application that is due by now has ended.
pub async fn settled(context: &RequestContext, found: Found) -> Result<Found, ApiError> {
    if found.revision.stage != Stage::Applied || found.revision.closed_at.is_some() {
        return Ok(found);
    }
    let (id, now) = (found.revision.id, context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<Option<TaskSet>, StoreError> {
        let task_sets: Vec<TaskSet> = objects::children(tx, id)?;
        let Some(mut task_set) = task_sets.into_iter().rev().find(|task_set| task_set.due.is_some()) else {
            return Ok(None);
        };
        let is_due = task_set.due.as_mut().is_some_and(|due| due.look(now));
        objects::save(tx, &task_set)?;
        Ok(is_due.then_some(task_set))
    };
    let store = context.state.space.store();
    if let Some(task_set) = store.write(job).await? {
        end(context, &found, task_set).await?;
    }
    let revision = store.read(|tx| objects::find(tx, id))?;
    let revision = revision.ok_or_else(|| missing("revision", &found.revision.seq.to_string()))?;
    Ok(Found { revision, ..found })
}

/// Ends an application. What it is refused for is the reason of its failure.
async fn end(context: &RequestContext, found: &Found, task_set: TaskSet) -> Result<(), ApiError> {
    let now = context.now_ms();
    let reason = match task_set.due.as_ref().and_then(|due| due.fail.clone()) {
        Some(reason) => reason,
        None => {
            let asker =
                Asker { name: task_set.created_by.clone(), request_id: task_set.request_id.clone(), now };
            match run(context, found, task_set.clone(), asker).await {
                Ok(_) => return Ok(()),
                Err(error) => error.into_error().message,
            }
        }
    };
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        match objects::find::<TaskSet>(tx, task_set.id)? {
            // Another request has ended it meanwhile.
            Some(ended) if ended.finished_at.is_some() => Ok(()),
            _ => domain::fail(tx, task_set, &reason, now).map(drop),
        }
    };
    Ok(context.state.space.store().write(job).await?)
}
