//! One write of the journal, taken back.

use super::input::body_or_default;
use super::requests::found;
use super::route::{Route, post};
use super::{Answer, Problem};
use crate::api::{self, RowCounts, UndoConflict};
use crate::clock::Clock as _;
use crate::consumer::shown::row_key;
use crate::http::exchange::RequestContext;
use crate::journal;
use crate::producer::{ChangedSince, UndoOptions, Undone, UpsertReport, undo};
use crate::store::history::{Author, Gap, Write};
use crate::store::{Entry, Store, WriteMode, WriteTx};
use axum::Json;
use axum::extract::Path;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post("/requests/{request}/undo", "Takes one write back by another write: its rows become as they were.", take_back)
            .may_take::<UndoRequest>()
            .answers::<api::Undone>(r#"{"undone": 1, "dataset": "4tka-6guv", "rows": {"created": 0, "updated": 1, "deleted": 0, "errors": 0}, "overwritten": 0, "data_version": 3}"#)
            .refuses(&[404, 409])
            .shown_by(&[
                "undo::a_write_is_taken_back_by_a_write_of_its_own",
                "undo::rows_that_changed_since_are_told_first",
            ]),
    ]
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct UndoRequest {
    /// Rows that others have changed since become as they were before, too.
    force: bool,
}

/// `POST /requests/{id}/undo`. The request is in the journal itself, as operation `undo`.
async fn take_back(context: RequestContext, Path(id): Path<String>, bytes: Bytes) -> Answer<api::Undone> {
    let UndoRequest { force } = body_or_default(&bytes)?;
    let state = &context.state;
    let request = found(state, &id)?;
    let Some(((_, version), dataset)) = request.versions.zip(request.dataset.as_deref()) else {
        let detail = format!("Request {} wrote no rows", request.id);
        return Err(Problem::conflict("nothing_to_undo", detail));
    };
    let generation = state.space.generation();
    let store = state.space.store();
    let entry = store.catalogue().find(dataset).cloned();
    let entry = entry.ok_or_else(|| Problem::no_dataset(state, dataset))?;
    context.trace().found(&entry);
    let write = write_of(&store, &entry, &request, version)?;
    let options = UndoOptions {
        force,
        keep: state.options.journal.outcomes(),
        author: Author { request_id: Arc::clone(&context.id), operation: context.head.operation.name() },
        now: state.space.clock.now_ms(),
    };
    let own = Arc::clone(&entry);
    let job = move |tx: &WriteTx<'_>| {
        generation.check()?;
        undo(tx, &own, &write, &options)
    };
    match store.write_with_history(WriteMode::Savepoint, job).await? {
        Undone::Conflict(changed) => Err(conflict(&request, &entry, &changed)),
        Undone::Done(mut report, changed) => {
            context.trace().rows(&entry, &mut report);
            Ok(Json(done(&request, &entry, &report, &changed)))
        }
    }
}

/// What the history has of the write of a request.
fn write_of(
    store: &Store,
    entry: &Entry,
    request: &journal::Entry,
    version: i64,
) -> Result<Arc<Write>, Problem> {
    let (writes, _) = store.history().of(entry.dataset.number);
    let own = |write: &Arc<Write>| write.version == version && write.author.request_id == request.request_id;
    let write = writes.into_iter().find(own).ok_or(Gap::Missing(version));
    write.and_then(|write| write.tells_all(entry).map(|()| write)).map_err(|gap| {
        Problem::conflict("undo_incomplete", format!("{gap}; a snapshot from before it brings the rows back"))
    })
}

fn conflict(request: &journal::Entry, entry: &Entry, changed: &ChangedSince) -> Problem {
    let keys = changed.rows.iter().map(|row| row_key(entry, row)).collect();
    let rows = if changed.count == 1 { "row has" } else { "rows have" };
    let detail = format!(
        "{} {rows} changed since request {}; {{\"force\": true}} takes the write back all the same, and those changes are lost",
        changed.count, request.id
    );
    Problem::conflict("undo_conflict", detail).with(UndoConflict { count: changed.count, rows: keys })
}

fn done(
    request: &journal::Entry,
    entry: &Entry,
    report: &UpsertReport,
    changed: &ChangedSince,
) -> api::Undone {
    api::Undone {
        undone: request.id,
        dataset: entry.dataset.id.as_str().to_owned(),
        rows: RowCounts::of(report),
        overwritten: changed.count,
        data_version: report.data_version,
    }
}
