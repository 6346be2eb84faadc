//! What each write did to the rows of a dataset.

use super::Problem;
use super::input::parameters;
use super::route::{Route, get};
use crate::api::{self, ChangeKind, Changes, WriteSummary};
use crate::clock::iso_millis;
use crate::consumer::shown::{has_key, key_named, row_id, row_key, row_object};
use crate::http::socrata::written::{Writing, written_json};
use crate::http::state::AppState;
use crate::journal::Journal;
use crate::soda;
use crate::store::history::{RowChange, Write};
use crate::store::rows::RowOutcome;
use crate::store::versions::Versions;
use crate::store::{Entry, StoreError};
use axum::extract::Path;
use axum::response::Response;
use http::Uri;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of changes that one answer tells; what follows is for the next one.
const PAGE_BYTES: usize = 4 << 20;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    let call = get(
        "/datasets/{dataset}/changes",
        "What each write did: rows before and after, the oldest first.",
        show,
    )
    .query("since", "A data version, whose changes and those before it are left out; or `next` of the last answer.")
    .query("key", "One row's history: the row identifier's value, or :id.")
    .query("request", "One write's changes: the number of a request in the journal, or its X-Socrata-RequestId.")
    .query("limit", "At most so many changes, 1 to 10000; 1000 without it. Of large rows fewer are told at once.")
    .answers::<Changes>(r#"{"dataset": "4tka-6guv", "data_version": 2, "changes": [], "writes": [], "truncated": [], "dropped": 0, "dropped_through": null, "next": null}"#)
    .refuses(&[404])
    .shown_by(&["history::an_upload_is_told_row_by_row_with_before_and_after"]);
    vec![call]
}

/// The parameters as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    since: Option<String>,
    key: Option<String>,
    request: Option<String>,
    #[serde(default = "usual_limit")]
    limit: usize,
}

fn usual_limit() -> usize {
    1000
}

/// Which changes are shown.
struct ChangesQuery {
    /// The version, and the number of changes of the next one that were seen.
    since: (i64, usize),
    key: Option<soda::Value<'static>>,
    request: Option<String>,
    limit: usize,
}

impl ChangesQuery {
    fn read(uri: &Uri, entry: &Entry) -> Result<Self, Problem> {
        let Parameters { since, key, request, limit } = parameters(uri)?;
        if !(1..=10_000).contains(&limit) {
            return Err(Problem::bad_request(format!("limit={limit}: 1 to 10000")));
        }
        let stored = |key: String| {
            key_named(entry, &key).ok_or_else(|| {
                let (field, soql_type) = entry.dataset.key();
                let detail = format!("key={key} is no {field}, which is a {}", soql_type.name());
                Problem::bad_request(detail)
            })
        };
        let since = since.as_deref().map(position).transpose()?.unwrap_or_default();
        Ok(Self { since, key: key.map(stored).transpose()?, request, limit })
    }
}

fn position(text: &str) -> Result<(i64, usize), Problem> {
    let (version, seen) = text.split_once('.').unwrap_or((text, "0"));
    version.parse().ok().zip(seen.parse().ok()).ok_or_else(|| {
        Problem::bad_request(format!("since={text} is no data version and no `next` of an answer"))
    })
}

/// `GET /datasets/{4x4}/changes?since=&key=&request=&limit=`.
async fn show(state: AppState, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    let store = state.space.store();
    let entry = store.catalogue().find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::no_dataset(&state, &id))?;
    let query = ChangesQuery::read(&uri, &entry)?;
    let place = store.inspection().await?;
    let (writes, dropped) = store.history().of(entry.dataset.number);
    let version = store.read(|tx| Ok::<_, StoreError>(Versions::of(tx, &entry.dataset)?.data_version))?;
    let numbers = request_numbers(&state.space.journal, entry.dataset.id.as_str());
    let told = move |out: &mut Writing| {
        let mut page = Page::new(&query, &numbers);
        for write in &writes {
            if !page.take(write) {
                break;
            }
        }
        let changes = Changes {
            dataset: entry.dataset.id.as_str().to_owned(),
            data_version: version,
            changes: page.changes,
            writes: page.writes,
            truncated: page.truncated,
            dropped: dropped.changes,
            dropped_through: (dropped.writes > 0).then_some(dropped.through),
            next: page.next,
        };
        Ok(out.json(&changes)?)
    };
    written_json(&store, place, told).await
}

/// The journal's numbers of the writes to a dataset, by the version that they made.
fn request_numbers(journal: &Journal, dataset: &str) -> HashMap<i64, u64> {
    let entries = journal.snapshot().entries;
    let own = entries.iter().filter(|entry| entry.dataset.as_deref() == Some(dataset));
    own.filter_map(|entry| Some((entry.versions?.1, entry.id))).collect()
}

/// The part of the history that one answer shows.
struct Page<'a> {
    query: &'a ChangesQuery,
    numbers: &'a HashMap<i64, u64>,
    /// As text, which takes far less memory than values do.
    changes: Vec<Box<RawValue>>,
    writes: Vec<WriteSummary>,
    truncated: Vec<WriteSummary>,
    /// Bytes of the changes. Of writes a history has no more than an answer can tell.
    bytes: usize,
    next: Option<String>,
}

impl<'a> Page<'a> {
    fn new(query: &'a ChangesQuery, numbers: &'a HashMap<i64, u64>) -> Self {
        let (changes, writes, truncated) = (Vec::new(), Vec::new(), Vec::new());
        Self { query, numbers, changes, writes, truncated, bytes: 0, next: None }
    }

    /// Adds the part of a write that the query selects; false when the page is full.
    fn take(&mut self, write: &Arc<Write>) -> bool {
        let (version, seen) = self.query.since;
        let seen = if seen > 0 && write.version == version { seen } else { 0 };
        if write.version < version || (write.version == version && seen == 0) {
            return true;
        }
        let number = self.numbers.get(&write.version).copied();
        if let Some(wanted) = &self.query.request
            && **wanted != *write.author.request_id
            && number.map(|n| n.to_string()).as_ref() != Some(wanted)
        {
            return true;
        }
        let columns = write.entry.dataset.columns.len();
        let mut matching = 0;
        for (index, change) in write.recording.changes(columns, write.at, write.merge).enumerate() {
            if !self.matches(write, &change) {
                continue;
            }
            matching += 1;
            if index < seen {
                continue;
            }
            if self.is_full() {
                self.next = Some(if index == 0 {
                    (write.version - 1).to_string()
                } else {
                    format!("{}.{index}", write.version)
                });
                break;
            }
            let told = to_raw_value(&shown_change(write, number, &change)).ok();
            self.bytes += told.as_ref().map_or(0, |text| text.get().len());
            self.changes.extend(told);
        }
        self.summarise(write, number, matching);
        self.next.is_none()
    }

    /// Whether no more changes are told; the first one is, whatever its size.
    fn is_full(&self) -> bool {
        self.changes.len() == self.query.limit || self.bytes > PAGE_BYTES
    }

    fn matches(&self, write: &Write, change: &RowChange) -> bool {
        let Some(key) = &self.query.key else { return true };
        [&change.before, &change.after].into_iter().flatten().any(|row| has_key(&write.entry, row, key))
    }

    /// A write that was recorded in part, or emptied the dataset, may be about any row.
    fn summarise(&mut self, write: &Write, number: Option<u64>, matching: usize) {
        let left_out = write.changes() - write.recording.len() as u64;
        let concerns = self.query.key.is_none() || matching > 0 || left_out > 0 || write.emptied.is_some();
        if !concerns {
            return;
        }
        let [created, updated, deleted] = write.counts;
        let shown = WriteSummary {
            version: write.version,
            request: number,
            request_id: write.author.request_id.to_string(),
            operation: write.author.operation.to_owned(),
            at: iso_millis(write.at),
            created,
            updated,
            deleted,
            emptied: write.emptied,
            recorded: write.recording.len(),
            left_out,
        };
        if left_out > 0 {
            self.truncated.push(shown.clone());
        }
        self.writes.push(shown);
    }
}

fn shown_change(write: &Write, number: Option<u64>, change: &RowChange) -> api::RowChange {
    let entry = &write.entry;
    let row = change.after.as_ref().or(change.before.as_ref());
    let shown = |row: &Option<_>| row.as_ref().map(|row| row_object(&entry.dataset, row, &entry.cipher));
    api::RowChange {
        version: write.version,
        request: number,
        request_id: write.author.request_id.to_string(),
        at: iso_millis(write.at),
        kind: match change.outcome {
            RowOutcome::Created { .. } => ChangeKind::Created,
            RowOutcome::Updated { .. } => ChangeKind::Updated,
            RowOutcome::Deleted | RowOutcome::Error { .. } => ChangeKind::Deleted,
        },
        key: row.map_or(Value::Null, |row| row_key(entry, row)),
        id: row.map_or(Value::Null, |row| row_id(entry, row)),
        fields: changed_fields(entry, change),
        before: shown(&change.before),
        after: shown(&change.after),
    }
}

/// The fields whose values differ; all that have a value when the row is new or gone.
fn changed_fields(entry: &Entry, change: &RowChange) -> Vec<String> {
    let value = |row: &'_ Option<crate::store::history::StoredRow>, index: usize| {
        row.as_ref().and_then(|row| row.cells.get(index).cloned()).unwrap_or(soda::Value::Null)
    };
    let columns = entry.dataset.columns.iter().enumerate();
    columns
        .filter(|(index, _)| value(&change.before, *index) != value(&change.after, *index))
        .map(|(_, column)| column.field_name.clone())
        .collect()
}
