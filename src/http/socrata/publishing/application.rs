//! What is done when a revision is applied: its rows are made and written.

use super::find::Found;
use super::schemas::compiled;
use super::views::load;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::publishing::apply::{Application, Applied, Import};
use crate::publishing::columns::{self, Target};
use crate::publishing::pages::Shown;
use crate::publishing::rows::{self, Batches, Sent};
use crate::publishing::{Asker, apply as domain, missing, revision as rules, shape};
use crate::soda::{ErrorCode, SodaError};
use crate::store::WriteTx;
use crate::store::publishing::{self as objects, ActionKind, Source, SourceType, TaskSet};
use serde_json::{Value, json};
use std::sync::Arc;

/// Applies a revision as its task set wants it.
pub async fn run(
    context: &RequestContext,
    found: &Found,
    task_set: TaskSet,
    asker: Asker,
) -> Result<Applied, ApiError> {
    let import = match task_set.output_schema_id {
        Some(id) => Some(feed(context, prepare(context, found, id).await?).await?),
        None => None,
    };
    let blob = blob(context, found, import.is_some())?;
    let application = Application {
        entry: found.entry.clone(),
        revision: found.revision.id,
        task_set,
        import,
        blob,
        asker,
        keep: context.state.options.journal.outcomes(),
    };
    let generation = context.state.space.generation();
    let job = move |tx: &WriteTx<'_>| {
        generation.check()?;
        domain::apply(tx, application)
    };
    let mut applied: Applied = context.state.space.store().define_noted(job).await?;
    if let Some(report) = &mut applied.report {
        context.trace().rows(&applied.entry, report);
    }
    Ok(applied)
}

/// Rows that could be applied, and what the dataset becomes by them.
pub struct Prepared {
    shown: Shown,
    target: Target,
    kind: ActionKind,
}

pub async fn prepare(context: &RequestContext, found: &Found, id: i64) -> Result<Prepared, ApiError> {
    let store = context.state.space.store();
    let (output, input, mut source) = store.read(|tx| rules::owned_schema(tx, &found.revision, id))?;
    if let SourceType::View { loaded: false, .. } = source.source_type {
        source = load(context, source).await?;
    }
    let (kind, ids) = (found.revision.action.kind, &context.state.space.ids);
    let target = columns::target(&found.entry.dataset, &output, kind, || ids.column_id())?;
    Ok(Prepared { shown: compiled(context, source, input, output)?, target, kind })
}

/// Begins to make rows beside the thread that writes, so that reading and writing go on together.
async fn feed(context: &RequestContext, prepared: Prepared) -> Result<Import, ApiError> {
    let Prepared { shown, target, kind } = prepared;
    let (schema, places) = (shown.output.clone(), target.places.clone());
    let (sender, batches) = Batches::channel();
    let store = context.state.space.store();
    let (limit, place) = (context.row_limit().cloned(), store.long_read().await?);
    tokio::task::spawn_blocking(move || {
        let mut count = 0;
        let made = rows::make(
            &store,
            &shown.source,
            (&shown.checked, &shown.surroundings),
            (&places, kind == ActionKind::Delete),
            |batch| {
                count += batch.rows() as u64;
                if limit.as_ref().is_some_and(|limit| limit.is_reached_by(count)) {
                    return Err(SodaError::new(ErrorCode::Internal, "The upload was ended by a fault").into());
                }
                Ok(sender.send(Sent::Rows(Arc::new(batch))).is_ok())
            },
        );
        // A writer that has left needs no end.
        let _ = sender.send(match made {
            Ok(left_out) => Sent::End(left_out),
            Err(error) => Sent::Failed(SodaError::from(error).into()),
        });
        drop(place);
    });
    Ok(Import { schema, target, batches })
}

/// What makes the dataset a file.
fn blob(context: &RequestContext, found: &Found, has_rows: bool) -> Result<Option<Value>, ApiError> {
    let Some(id) = found.revision.blob_id.filter(|_| !has_rows) else { return Ok(None) };
    let store = context.state.space.store();
    let source = store.read(|tx| objects::find::<Source>(tx, id))?;
    let source = source.ok_or_else(|| missing("source", &id.to_string()))?;
    Ok(Some(json!({
        "blobId": source.content.map(|content| content.to_string()),
        "blobFilename": shape::filename(&source.source_type),
        "blobMimeType": source.content_type,
        "blobFileSize": source.filesize,
    })))
}
