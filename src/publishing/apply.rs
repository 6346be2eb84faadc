//! A revision is applied: columns, rows, metadata, permission, stage, all in the caller's transaction.

use super::columns::{Target, order};
use super::rows::Batches;
use super::{Asker, metadata, revision as rules, shape};
use crate::producer::{Fatal, UpsertOptions, UpsertReport, upsert, with_history};
use crate::soda::{Column, Dataset, PublicationStage, Scope, SodaError};
use crate::store::history::Author;
use crate::store::publishing::{
    self as objects, ActionKind, Archive, OutputSchema, Revision, Stage, TaskSet, TaskStatus,
};
use crate::store::rows::RowWriter;
use crate::store::{Entry, StoreError, WithHistory, WriteTx, alter, catalogue, permissions};
use serde_json::{Value, json};
use std::sync::Arc;

/// The rows that a revision brings, and what the dataset becomes by their schema.
pub struct Import {
    /// The schema.
    pub schema: OutputSchema,
    /// What the dataset becomes.
    pub target: Target,
    /// The rows, as cells of the dataset's columns.
    pub batches: Batches,
}

/// A revision to be applied.
pub struct Application {
    /// The dataset as the request saw it.
    pub entry: Arc<Entry>,
    /// The revision's id.
    pub revision: i64,
    /// The task set, which is stored with its end.
    pub task_set: TaskSet,
    /// Rows, if it brings any.
    pub import: Option<Import>,
    /// What makes the dataset a file.
    pub blob: Option<Value>,
    /// Who asks.
    pub asker: Asker,
    /// So many fates of rows are kept for the journal.
    pub keep: usize,
}

/// What became of it.
pub struct Applied {
    /// The task set, ended.
    pub task_set: TaskSet,
    /// The dataset as it is now.
    pub entry: Arc<Entry>,
    /// What became of the rows.
    pub report: Option<UpsertReport>,
}

/// Applies a revision.
///
/// # Errors
/// 422 when it is not open, 404 and 409 when the dataset is gone or has other columns than the request saw, and what
/// the row identifier refuses. Nothing is changed then.
pub fn apply(tx: &WriteTx<'_>, application: Application) -> Result<WithHistory<Applied>, StoreError> {
    let Application { entry: seen, revision, mut task_set, import, blob, asker, keep } = application;
    let found = objects::find::<Revision>(tx, revision)?;
    let mut revision = found.ok_or_else(|| super::missing("revision", &revision.to_string()))?;
    match objects::find::<TaskSet>(tx, task_set.id)? {
        None => rules::check_open(&revision)?,
        Some(begun) if begun.finished_at.is_some() => return Err(rules::closed(&revision).into()),
        Some(_) => {}
    }
    let old = catalogue::to_change(tx, &seen.dataset, asker.now)?;
    let mut log = Log::new(asker.now);
    log.add("started", Value::Null);
    let mut dataset = old.clone();
    let emptied = match &import {
        Some(import) => {
            let emptied = set_schema(tx, &seen, &old, import, revision.action.kind)?;
            dataset = Dataset {
                columns: import.target.dataset.columns.clone(),
                row_identifier: import.target.dataset.row_identifier,
                ..dataset
            };
            log.add("columns_created", json!({ "created": import.target.created }));
            emptied
        }
        None => 0,
    };
    if let Some(import) = &import {
        revision.output_schema_id = Some(import.schema.id);
    }
    let query = import.as_ref().map(|import| order(&dataset, &import.schema));
    set_metadata(&mut dataset, &revision, blob, query);
    alter::update(tx, &dataset)?;
    set_permission(tx, &old, &revision, asker.now)?;
    let now = catalogue::current(tx, &dataset)?;
    let entry = Arc::new(Entry::new(now, seen.layout.strict_types));
    let (report, write) = match import {
        None => (None, None),
        Some(import) => {
            let (report, write) = write_rows(tx, &entry, &revision, import, emptied, &asker, keep)?;
            log.rows(&report);
            (Some(report), write)
        }
    };
    (task_set.log, task_set.status) = (log.newest_first(), TaskStatus::Successful);
    (task_set.updated_at, task_set.finished_at) = (asker.now, Some(asker.now));
    task_set.due = None;
    task_set.output_schema_id = revision.output_schema_id;
    store_task_set(tx, &task_set)?;
    if objects::is_archived(tx, old.number)? {
        revision.archive = Some(archive(tx, &entry.dataset)?);
    }
    (revision.stage, revision.closed_at, revision.updated_at) = (Stage::Applied, Some(asker.now), asker.now);
    objects::save(tx, &revision)?;
    Ok((Applied { task_set, entry, report }, write))
}

/// The dataset as it is, to be restored.
pub fn archive(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<Archive, StoreError> {
    let (content, rows) = objects::take_rows(tx, dataset)?;
    let column = |column: &Column| {
        let kind = column.soql_type.data_type_name().to_owned();
        (column.field_name.clone(), column.name.clone(), kind)
    };
    Ok(Archive { content, rows, columns: dataset.columns.iter().map(column).collect() })
}

fn store_task_set(tx: &WriteTx<'_>, task_set: &TaskSet) -> Result<(), StoreError> {
    match objects::find::<TaskSet>(tx, task_set.id)? {
        Some(_) => objects::save(tx, task_set),
        None => objects::insert(tx, task_set),
    }
}

/// Gives the dataset its columns; a replacement empties it first. How many rows there were.
fn set_schema(
    tx: &WriteTx<'_>,
    seen: &Entry,
    old: &Dataset,
    import: &Import,
    kind: ActionKind,
) -> Result<u64, StoreError> {
    let target = &import.target.dataset;
    if old.schema_version != target.schema_version {
        return Err(out_of_sync().into());
    }
    let emptied = if kind == ActionKind::Replace {
        RowWriter::new(tx, &seen.table, 0, 0, true).truncate()?
    } else {
        0
    };
    if (&old.columns, old.row_identifier) != (&target.columns, target.row_identifier) {
        let new =
            Dataset { columns: target.columns.clone(), row_identifier: target.row_identifier, ..old.clone() };
        alter::set_columns(tx, old, &new)?;
    }
    Ok(emptied)
}

fn out_of_sync() -> SodaError {
    SodaError::new(crate::soda::ErrorCode::SchemaOutOfSync, "Schema is not in sync with upstream service")
        .hint("The dataset's columns changed while the revision was applied. Nothing was changed; apply it again.")
}

/// The display type of a dataset after a revision was applied; none when it stays.
pub fn display(revision: &Revision) -> Option<&'static str> {
    match revision {
        Revision { href, .. } if !href.is_empty() => Some("href"),
        Revision { blob_id: Some(_), .. } => Some("blob"),
        Revision { output_schema_id: Some(_), .. } => Some("table"),
        _ => None,
    }
}

/// The display type of a dataset that was made with its revision, until that is applied (client evidence).
pub const DRAFT: &str = "draft";

fn set_metadata(dataset: &mut Dataset, revision: &Revision, blob: Option<Value>, query: Option<Value>) {
    let mut sent = revision.metadata.clone();
    sent.retain(|member, _| revision.sent.contains(member));
    metadata::put_over(dataset, &sent);
    let extra = &mut dataset.extra;
    let is_draft = extra.get("displayType").and_then(Value::as_str) == Some(DRAFT);
    if let Some(display) = display(revision).or_else(|| is_draft.then_some("table")) {
        let view = match display {
            "href" => "href",
            "blob" => "blobby",
            _ => "tabular",
        };
        extra.insert("displayType".to_owned(), display.into());
        extra.insert("viewType".to_owned(), view.into());
        for member in ["blobId", "blobFilename", "blobMimeType", "blobFileSize"] {
            extra.remove(member);
        }
    }
    if let Some(Value::Object(blob)) = blob {
        extra.extend(blob);
    }
    match query {
        Some(query) if query["orderBys"].as_array().is_some_and(|orders| !orders.is_empty()) => {
            extra.insert("query".to_owned(), query);
        }
        Some(_) => drop(extra.remove("query")),
        None => {}
    }
    let inner = extra.entry("metadata").or_insert_with(|| json!({}));
    if let Some(inner) = inner.as_object_mut() {
        if !revision.attachments.is_empty() {
            inner.insert("attachments".to_owned(), Value::Array(revision.attachments.clone()));
        }
        if !revision.href.is_empty() {
            inner.insert("additionalAccessPoints".to_owned(), Value::Array(revision.href.clone()));
        }
    }
    dataset.stage = PublicationStage::Published;
}

/// The revision's permission; without one a first publication is public (client evidence), and later ones keep it.
fn set_permission(tx: &WriteTx<'_>, old: &Dataset, revision: &Revision, now: i64) -> Result<(), StoreError> {
    let first = old.stage == PublicationStage::Unpublished;
    let scope = revision.action.permission.or_else(|| first.then_some(Scope::Public));
    let Some(scope) = scope.filter(|scope| *scope != old.permissions.scope) else { return Ok(()) };
    permissions::change(tx, old, now, |ownership| {
        ownership.permissions.scope = scope;
        Ok(())
    })
}

fn write_rows(
    tx: &WriteTx<'_>,
    entry: &Arc<Entry>,
    revision: &Revision,
    import: Import,
    emptied: u64,
    asker: &Asker,
    keep: usize,
) -> Result<WithHistory<UpsertReport>, StoreError> {
    let options = UpsertOptions {
        fatal: Fatal::None,
        keep,
        author: Some(Author { request_id: asker.request_id.as_str().into(), operation: "revision.apply" }),
        ..UpsertOptions::all_or_nothing(asker.now)
    };
    let mut batches = import.batches;
    let mut report = upsert(tx, entry, &mut batches, &options)?;
    report.errors += batches.left_out;
    report.deleted_by_truncate = emptied;
    let replaces = revision.action.kind == ActionKind::Replace;
    Ok(with_history(entry, &UpsertOptions { truncate: replaces, ..options }, report))
}

/// What was done, as a task set tells it.
struct Log {
    now: i64,
    entries: Vec<Value>,
}

impl Log {
    fn new(now: i64) -> Self {
        Self { now, entries: Vec::new() }
    }

    fn add(&mut self, stage: &str, details: Value) {
        let time = shape::time(Some(self.now));
        self.entries.push(json!({ "stage": stage, "time": time, "details": details }));
    }

    fn rows(&mut self, report: &UpsertReport) {
        self.add("rows_upserted", json!({ "count": report.created + report.updated + report.deleted }));
        let counts = serde_json::from_slice(&report.summary(true)).unwrap_or_default();
        self.add("upsert_complete", counts);
    }

    fn newest_first(mut self) -> Vec<Value> {
        self.entries.reverse();
        self.entries
    }
}

/// The end of a task set that is to fail: nothing was changed, and the revision is open again.
pub fn fail(tx: &WriteTx<'_>, mut task_set: TaskSet, reason: &str, now: i64) -> Result<TaskSet, StoreError> {
    let mut log = Log::new(now);
    log.add("started", Value::Null);
    log.add("failed", json!({ "reason": reason }));
    (task_set.log, task_set.status) = (log.newest_first(), TaskStatus::Failure);
    (task_set.updated_at, task_set.finished_at) = (now, Some(now));
    task_set.due = None;
    store_task_set(tx, &task_set)?;
    if let Some(mut revision) = objects::find::<Revision>(tx, task_set.revision)? {
        (revision.stage, revision.updated_at) = (Stage::Open, now);
        objects::save(tx, &revision)?;
    }
    Ok(task_set)
}
