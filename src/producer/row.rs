//! One row: stored and read back in the same transaction, or deleted.

use super::report::UpsertReport;
use super::upsert::{UpsertOptions, upsert};
use crate::codec::{RowLayout, RowRef, Rows};
use crate::consumer::{Facts, ReadFormat, run};
use crate::soda::Value;
use crate::store::rows::RowOutcome;
use crate::store::{Entry, Spool, StoreError, WriteTx};
use std::sync::Arc;

/// Applies the one row of a spool, and gives it as it is stored as JSON text; empty for a row that was deleted. Refuses
/// what [`upsert`] refuses.
pub fn upsert_row(
    tx: &WriteTx<'_>,
    entry: &Entry,
    spool: &mut Spool,
    options: &UpsertOptions,
) -> Result<(UpsertReport, Vec<u8>), StoreError> {
    let sent = spool.first()?.and_then(|batch| key_of(&entry.layout, batch.iter().next()?));
    let report = upsert(tx, entry, spool.batches(), options)?;
    let key = match report.outcomes.first().map(|row| row.outcome) {
        Some(RowOutcome::Deleted) | None => return Ok((report, Vec::new())),
        Some(RowOutcome::Created { id, .. }) if entry.layout.key.is_none() => Value::Int(id),
        Some(_) => sent.unwrap_or(Value::Null),
    };
    let facts = Facts::of_row(entry.row_query(true), key, ReadFormat::Json);
    let mut stored = Vec::new();
    let take = |piece| {
        stored = piece;
        true
    };
    run(tx, entry, &facts, |_, _| true, take)?;
    Ok((report, stored))
}

/// Deletes the row with this key, which is a value of the row identifier, or of `:id` in a dataset without one. A row
/// that is not there is an error of the row, which `options` may make one of the whole.
pub fn delete_row(
    tx: &WriteTx<'_>,
    entry: &Entry,
    key: Value<'static>,
    options: &UpsertOptions,
) -> Result<UpsertReport, StoreError> {
    let mut rows = Rows::new(Arc::clone(&entry.layout));
    rows.delete_stored(key)?;
    upsert(tx, entry, std::iter::once(Ok(Arc::new(rows.take()))), options)
}

/// The key that a typed row carries.
fn key_of(layout: &RowLayout, row: RowRef<'_>) -> Option<Value<'static>> {
    let Some(key) = layout.key else { return row.id().map(Value::Int) };
    row.cell(key).map(Value::into_owned)
}
