//! Upsert and replace: typed rows into a dataset, all or nothing.

use super::report::{Detail, Key, ReportedRow, UpsertReport, key_of};
use crate::codec::{Batch, RowRef};
use crate::memory::{Held, Room};
use crate::soda::{ErrorCode, SodaError, Value};
use crate::store::history::{Author, Watch, Write};
use crate::store::rows::{RowErrorKind, RowOutcome, RowWriter};
use crate::store::{Entry, StoreError, WithHistory, WriteTx, versions::Versions};
use serde_json::json;
use std::sync::Arc;

/// So many rows of a report need no room: most uploads have fewer.
const FREE: usize = 100;

/// Which kinds of row errors fail the whole request.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Fatal {
    /// None: they are counted (documented for deletes of missing rows).
    #[default]
    None,
    /// All.
    All,
    /// All but these.
    AllBut(Vec<RowErrorKind>),
}

impl Fatal {
    fn holds(&self, kind: RowErrorKind) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::AllBut(kinds) => !kinds.contains(&kind),
        }
    }
}

/// How an upload is to be applied.
#[derive(Clone, Debug)]
pub struct UpsertOptions {
    /// Empty the dataset first.
    pub truncate: bool,
    /// Fields that are not sent keep their value.
    pub merge: bool,
    /// Row errors that fail the request.
    pub fatal: Fatal,
    /// The data version that the dataset must have.
    pub expected_version: Option<i64>,
    /// What to keep of each row.
    pub detail: Detail,
    /// Where the report on rows takes its memory from.
    pub reports: Room,
    /// So many row errors, and so many other rows, are kept for the journal.
    pub keep: usize,
    /// Who asks; rows before and after go into the history when it is known.
    pub author: Option<Author>,
    /// Unix milliseconds: one timestamp for all rows of the request.
    pub now: i64,
}

impl UpsertOptions {
    /// Rows that are all stored or none: fields that are not sent keep their value, each row error fails the whole,
    /// and neither journal nor history hear of them. `now` in Unix milliseconds.
    pub fn all_or_nothing(now: i64) -> Self {
        Self {
            truncate: false,
            merge: true,
            fatal: Fatal::All,
            expected_version: None,
            detail: Detail::Counts,
            // Counts need no room.
            reports: Room::new(0),
            keep: 0,
            author: None,
            now,
        }
    }
}

/// Applies typed rows to a dataset inside the caller's transaction; with `truncate` they replace those that are there.
/// 404 and 409 when the dataset was removed, replaced or has other columns than `entry`; 409 for another data
/// version than the expected one; what `fatal` says of rows that cannot be stored.
pub fn upsert(
    tx: &WriteTx<'_>,
    entry: &Entry,
    batches: impl Iterator<Item = Result<Arc<Batch>, StoreError>>,
    options: &UpsertOptions,
) -> Result<UpsertReport, StoreError> {
    let dataset = &entry.dataset;
    let current = Versions::of(tx, dataset)?;
    if let Some(expected) = options.expected_version.filter(|v| *v != current.data_version) {
        return Err(version_mismatch(dataset.id.as_str(), expected, current.data_version).into());
    }
    let mut writer = RowWriter::new(tx, &entry.table, current.next_number, options.now, options.merge);
    let (mut report, mut held) = (UpsertReport::default(), options.reports.holder());
    if options.truncate {
        report.deleted_by_truncate = writer.truncate()?;
    }
    // Rows that are emptied away are counted, so the watch begins after them.
    let mut watch = match &options.author {
        Some(_) => Watch::new(tx, entry)?,
        None => Watch::off(),
    };
    for batch in batches {
        for row in batch?.iter() {
            let seen = watch.before(row)?;
            let outcome = writer.apply(row)?;
            watch.after(seen, row, outcome);
            if let RowOutcome::Error { kind, .. } = outcome
                && options.fatal.holds(kind)
            {
                return Err(fatal_error(entry, row, kind, report.rows).into());
            }
            let (told, kept) = (keeps(options.detail, outcome), report.kept.wants(outcome, options.keep));
            if told || kept {
                let row = ReportedRow { index: report.rows, outcome, key: row_key(entry, row, outcome) };
                if told && report.outcomes.len() >= FREE {
                    hold(&mut held, &row)?;
                }
                if told && kept {
                    report.outcomes.push(row.clone());
                    report.kept.push(row);
                } else if told {
                    report.outcomes.push(row);
                } else {
                    report.kept.push(row);
                }
            }
            report.count(outcome, dataset.row_identifier.is_some());
        }
    }
    report.data_version = current.data_version + 1;
    report.schema_version = current.schema_version;
    report.recording = watch.end();
    report.held = (held.bytes() > 0).then(|| Arc::new(held));
    current.store(tx, dataset, writer.next_number(), options.now)?;
    Ok(report)
}

/// Has room for a row of a report, and for what the answer says of it.
fn hold(held: &mut Held, row: &ReportedRow) -> Result<(), StoreError> {
    // A list has room for twice as many as it has; of the answer's text all but the key.
    const ROW: usize = 2 * size_of::<ReportedRow>() + 128;
    if held.grow(ROW + 2 * row.key.json().len()) {
        return Ok(());
    }
    Err(SodaError::out_of_memory("The report on each row takes more memory than is left for reports").into())
}

/// A report, and what the history is to know of the write.
pub fn with_history(
    entry: &Arc<Entry>,
    options: &UpsertOptions,
    mut report: UpsertReport,
) -> WithHistory<UpsertReport> {
    let recording = std::mem::take(&mut report.recording);
    let write = options.author.clone().map(|author| Write {
        entry: Arc::clone(entry),
        version: report.data_version,
        author,
        at: options.now,
        merge: options.merge,
        counts: [report.created, report.updated, report.deleted],
        emptied: options.truncate.then_some(report.deleted_by_truncate),
        recording,
    });
    (report, write)
}

fn keeps(detail: Detail, outcome: RowOutcome) -> bool {
    match detail {
        Detail::Counts => false,
        Detail::Errors => matches!(outcome, RowOutcome::Error { .. }),
        Detail::Rows => true,
    }
}

/// The key of a row as reports show it.
fn row_key(entry: &Entry, row: RowRef<'_>, outcome: RowOutcome) -> Key {
    let (_, soql_type) = entry.layout.key_field();
    let cell = match (entry.layout.key, outcome) {
        (Some(key), _) => row.cell(key),
        (None, RowOutcome::Created { id, .. }) => Some(Value::Int(id)),
        (None, _) => row.id().map(Value::Int),
    };
    key_of(soql_type, &cell.unwrap_or(Value::Null), &entry.cipher)
}

fn fatal_error(entry: &Entry, row: RowRef<'_>, kind: RowErrorKind, index: u64) -> SodaError {
    let shown = row_key(entry, row, RowOutcome::Error { kind, expected: None, actual: None }).text();
    let error = match kind.code() {
        ErrorCode::RowNotFound => SodaError::row_not_found(&shown),
        ErrorCode::PrimaryKeyMissing => SodaError::new(
            ErrorCode::PrimaryKeyMissing,
            "Row in dataset lacks a primary key or has the primary key column set to null",
        )
        .data(json!({ "value": "" })),
        code => {
            SodaError::new(code, format!("Row with identifier {shown}: {}", kind.name().replace('_', " ")))
                .data(json!({ "value": shown }))
        }
    };
    error.hint(format!(
        "The row at position {index} (zero-based) failed with {} and row errors are fatal here. Nothing was stored.",
        kind.name()
    ))
}

fn version_mismatch(id: &str, expected: i64, found: i64) -> SodaError {
    SodaError::new(ErrorCode::DatasetVersionMismatch, "The dataset does not have the required version")
        .data(json!({ "dataset": id, "version": found }))
        .hint(format!("The request expects version {expected}; the dataset has version {found}. Read it again, then retry."))
}
