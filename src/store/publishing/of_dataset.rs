//! What becomes of revisions and all that belongs to them when their dataset goes or is replaced.

use super::contents::forget_unused;
use crate::store::{StoreError, WriteTx};
use rusqlite::OptionalExtension as _;

/// The revisions of a dataset go with it.
pub(in crate::store) fn forget_dataset(tx: &WriteTx<'_>, dataset: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM schedules WHERE dataset=?1")?.execute([dataset])?;
    let found: Option<i64> = tx
        .prepare_cached("SELECT id FROM revisions WHERE dataset=?1 LIMIT 1")?
        .query_row([dataset], |row| row.get(0))
        .optional()?;
    if found.is_none() {
        return Ok(());
    }
    tx.execute("DELETE FROM revisions WHERE dataset=?1", [dataset])?;
    tx.execute("DELETE FROM attachments WHERE dataset=?1", [dataset])?;
    tx.execute("DELETE FROM archived_datasets WHERE dataset=?1", [dataset])?;
    forget_unused(tx)
}

/// A dataset's revisions belong to the one that takes its place.
pub(in crate::store) fn move_to(tx: &WriteTx<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    let sql = "UPDATE revisions SET dataset=?2, body=json_set(body, '$.dataset', ?2) WHERE dataset=?1";
    tx.execute(sql, [from, to])?;
    tx.execute("UPDATE schedules SET dataset=?2 WHERE dataset=?1", [from, to])?;
    tx.execute("UPDATE attachments SET dataset=?2 WHERE dataset=?1", [from, to])?;
    tx.execute("UPDATE archived_datasets SET dataset=?2 WHERE dataset=?1", [from, to])?;
    Ok(())
}
