//! One write taken back by another: its rows become as they were before it.

use super::report::{Detail, UpsertReport};
use super::upsert::{Fatal, UpsertOptions, upsert, with_history};
use crate::codec::Rows;
use crate::memory::Room;
use crate::store::history::{Author, RowChange, StoredRow, Write, present};
use crate::store::{Entry, StoreError, WithHistory, WriteTx};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// So many rows are named that have changed since.
const NAMED: usize = 100;

/// How a write is to be taken back.
#[derive(Clone, Debug)]
pub struct UndoOptions {
    /// Rows that have changed since become as they were before, too.
    pub force: bool,
    /// So many row errors, and so many other rows, are kept for the journal.
    pub keep: usize,
    /// Who asks.
    pub author: Author,
    /// Unix milliseconds.
    pub now: i64,
}

/// Rows that another write has changed since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangedSince {
    /// How many there are.
    pub count: u64,
    /// The first of them, as they were after the write.
    pub rows: Vec<StoredRow>,
}

/// What came of it.
#[derive(Debug)]
pub enum Undone {
    /// The rows are as before, and the changes of others that were lost with it.
    Done(Box<UpsertReport>, ChangedSince),
    /// Nothing was changed.
    Conflict(ChangedSince),
}

/// A row that a write changed, before its first change and after its last one.
struct Row {
    before: Option<StoredRow>,
    after: Option<StoredRow>,
}

impl Row {
    /// The newest state of the row, by which it is found.
    fn any(&self) -> Option<&StoredRow> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// Takes a write back inside the caller's transaction. The recording of the write has to be whole.
pub fn undo(
    tx: &WriteTx<'_>,
    entry: &Arc<Entry>,
    write: &Write,
    options: &UndoOptions,
) -> Result<WithHistory<Undone>, StoreError> {
    let rows = changed_rows(write);
    let own: HashSet<i64> = write.row_changes().filter_map(|change| Some(change.after?.version)).collect();
    let mut changed = ChangedSince::default();
    let (mut deletes, mut puts) = (Rows::new(entry.layout.clone()), Rows::new(entry.layout.clone()));
    for row in &rows {
        let Some(any) = row.any() else { continue };
        let now = present(tx, entry, any)?;
        let since = match &now {
            Some(now) => !own.contains(&now.version),
            None => row.after.is_some(),
        };
        if since {
            changed.count += 1;
            if changed.rows.len() < NAMED {
                changed.rows.push(any.clone());
            }
        }
        match (&row.before, &now) {
            (None, Some(now)) => deletes.delete_stored(now.key(entry))?,
            (None, None) => {}
            (Some(before), now) => {
                let id = now.as_ref().map(|now| now.id).filter(|_| entry.dataset.row_identifier.is_none());
                puts.put_stored(id, &before.cells)?;
            }
        }
    }
    if changed.count > 0 && !options.force {
        return Ok((Undone::Conflict(changed), None));
    }
    // A row may be there again under a key that another one had in between.
    let batches = [deletes.take(), puts.take()].map(|batch| Ok(Arc::new(batch)));
    let options = as_upsert(options);
    let report = upsert(tx, entry, batches.into_iter(), &options)?;
    let (report, write) = with_history(entry, &options, report);
    Ok((Undone::Done(Box::new(report), changed), write))
}

/// The rows of a write in the order of their first change; one that came and went in it is left out.
fn changed_rows(write: &Write) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    for RowChange { before, after, .. } in write.row_changes() {
        let Some(id) = before.as_ref().or(after.as_ref()).map(|row| row.id) else { continue };
        match places.get(&id) {
            Some(place) => rows[*place].after = after,
            None => {
                places.insert(id, rows.len());
                rows.push(Row { before, after });
            }
        }
    }
    rows.retain(|row| row.before.is_some() || row.after.is_some());
    rows
}

fn as_upsert(options: &UndoOptions) -> UpsertOptions {
    UpsertOptions {
        truncate: false,
        merge: false,
        fatal: Fatal::All,
        expected_version: None,
        detail: Detail::Counts,
        // Counts need no room.
        reports: Room::new(0),
        keep: options.keep,
        author: Some(options.author.clone()),
        now: options.now,
    }
}
