//! Rows as they were before writes that the history holds.

use super::{RowChange, StoredRow, Write};
use crate::soda::Value;
use crate::store::{Entry, ReadTx, StoreError};
use std::collections::HashMap;
use std::sync::Arc;

/// Why the history cannot tell what rows were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// A write is not there: an older one that was dropped, or a change of another kind.
    #[error("The history does not hold the write that made version {0}")]
    Missing(i64),
    /// A write was recorded in part.
    #[error("Version {0} changed more rows than the history keeps of one write")]
    Partial(i64),
    /// A write removed all rows at once, without a look at each.
    #[error("Version {0} replaced all rows at once, and the history does not keep those of before")]
    Emptied(i64),
    /// A write was to other columns than the dataset has.
    #[error("The columns of the dataset have changed since version {0}")]
    Columns(i64),
}

impl StoredRow {
    /// What identifies the row: the value of the row identifier, or its number.
    pub fn key(&self, entry: &Entry) -> Value<'static> {
        match entry.dataset.row_identifier {
            Some(index) => self.cells.get(index).cloned().unwrap_or(Value::Null),
            None => Value::Int(self.id),
        }
    }
}

impl Write {
    /// Whether the recording says for each row that was changed what it was before, in the columns that the
    /// dataset has.
    pub fn tells_all(&self, entry: &Entry) -> Result<(), Gap> {
        let columns = |entry: &Entry| {
            let columns = entry.dataset.columns.iter();
            columns.map(|column| (column.field_name.clone(), column.soql_type)).collect::<Vec<_>>()
        };
        if columns(&self.entry) != columns(entry) {
            return Err(Gap::Columns(self.version));
        }
        if self.emptied.is_some_and(|rows| rows > 0) {
            return Err(Gap::Emptied(self.version));
        }
        if self.changes() > self.recording.len() as u64 {
            return Err(Gap::Partial(self.version));
        }
        Ok(())
    }

    /// The changes of single rows, in their order.
    pub fn row_changes(&self) -> impl Iterator<Item = RowChange> {
        self.recording.changes(self.entry.dataset.columns.len(), self.at, self.merge)
    }
}

/// What the rows were at `version` that have changed from then to `now`, by `:id`; none of a row that was not there.
pub fn rows_at(
    writes: &[Arc<Write>],
    entry: &Entry,
    version: i64,
    now: i64,
) -> Result<HashMap<i64, Option<StoredRow>>, Gap> {
    let mut rows = HashMap::new();
    let by_version: HashMap<i64, &Arc<Write>> = writes.iter().map(|write| (write.version, write)).collect();
    for version in (version + 1..=now).rev() {
        let write = by_version.get(&version).ok_or(Gap::Missing(version))?;
        write.tells_all(entry)?;
        let mut changes: Vec<RowChange> = write.row_changes().collect();
        while let Some(change) = changes.pop() {
            if let Some(row) = change.before.as_ref().or(change.after.as_ref()) {
                rows.insert(row.id, change.before);
            }
        }
    }
    Ok(rows)
}

/// The row with the same row identifier, or `:id`, as it is now.
pub fn present(tx: &ReadTx<'_>, entry: &Entry, row: &StoredRow) -> Result<Option<StoredRow>, StoreError> {
    let mut lookup = tx.prepare_cached(entry.whole_row())?;
    lookup.raw_bind_parameter(1, row.key(entry))?;
    let mut found = lookup.raw_query();
    let columns = entry.dataset.columns.len();
    found.next()?.map(|row| StoredRow::read(row, columns)).transpose()
}
