//! Objects of publishing in their tables: an id, what an object belongs to, and the rest as JSON.

use super::records::{
    Attachment, ImportConfig, InputSchema, OutputSchema, Revision, Schedule, Source, TaskSet,
};
use crate::store::{ReadTx, StoreError, WriteTx};
use rusqlite::{Row, ToSql, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An object with a table of its own.
pub trait Record: Serialize + DeserializeOwned {
    /// The table.
    const TABLE: &'static str;
    /// The column that says what it belongs to, or how it is called.
    const PLACE: &'static str;

    /// Its id.
    fn id(&self) -> i64;

    /// What that column holds.
    fn place(&self) -> &dyn ToSql;
}

macro_rules! records {
    ($($record:ident in $table:literal by $place:literal = $member:ident),+ $(,)?) => {$(
        impl Record for $record {
            const TABLE: &'static str = $table;
            const PLACE: &'static str = $place;

            fn id(&self) -> i64 {
                self.id
            }

            fn place(&self) -> &dyn ToSql {
                &self.$member
            }
        }
    )+};
}

records! {
    Revision in "revisions" by "dataset" = dataset,
    TaskSet in "task_sets" by "revision" = revision,
    Source in "sources" by "revision" = revision,
    InputSchema in "input_schemas" by "source" = source,
    OutputSchema in "output_schemas" by "input_schema" = input_schema,
    ImportConfig in "import_configs" by "name" = name,
    Schedule in "schedules" by "dataset" = dataset,
}

/// An id that no object had before.
pub fn new_id(tx: &WriteTx<'_>) -> Result<i64, StoreError> {
    let sql = "INSERT INTO settings(name, value) VALUES ('last_publishing_id', 1)
         ON CONFLICT(name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
         RETURNING CAST(value AS INTEGER)";
    Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn read<R: Record>(row: &Row<'_>) -> Result<R, StoreError> {
    let text: String = row.get(0)?;
    serde_json::from_str(&text).map_err(|e| broken(R::TABLE, &e))
}

fn broken(table: &str, error: &serde_json::Error) -> StoreError {
    StoreError::NotOurs(format!("{table} holds an object that cannot be read: {error}"))
}

fn text<R: Record>(record: &R) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|e| broken(R::TABLE, &e))
}

fn all<R: Record>(tx: &ReadTx<'_>, rest: &str, params: impl rusqlite::Params) -> Result<Vec<R>, StoreError> {
    let mut statement = tx.prepare_cached(&format!("SELECT body FROM {} {rest}", R::TABLE))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn one<R: Record>(
    tx: &ReadTx<'_>,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Option<R>, StoreError> {
    Ok(all(tx, rest, params)?.pop())
}

/// The object with this id.
pub fn find<R: Record>(tx: &ReadTx<'_>, id: i64) -> Result<Option<R>, StoreError> {
    one(tx, "WHERE id=?1", [id])
}

/// The objects that belong to another one, the oldest first.
pub fn children<R: Record>(tx: &ReadTx<'_>, of: i64) -> Result<Vec<R>, StoreError> {
    all(tx, &format!("WHERE {}=?1 ORDER BY id", R::PLACE), [of])
}

/// How many objects of this kind there are; of those that belong to another one, if it is named.
pub fn count<R: Record>(tx: &ReadTx<'_>, of: Option<i64>) -> Result<usize, StoreError> {
    let sql = format!("SELECT count(*) FROM {} WHERE ?1 IS NULL OR {}=?1", R::TABLE, R::PLACE);
    let count: i64 = tx.prepare_cached(&sql)?.query_row([of], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Adds a new object.
pub fn insert<R: Record>(tx: &WriteTx<'_>, record: &R) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO {}(id, {}, body) VALUES (?1, ?2, ?3)", R::TABLE, R::PLACE);
    tx.prepare_cached(&sql)?.execute(params![record.id(), record.place(), text(record)?])?;
    Ok(())
}

/// Puts an object in the place of what it was before.
pub fn save<R: Record>(tx: &WriteTx<'_>, record: &R) -> Result<(), StoreError> {
    let sql = format!("UPDATE {} SET {}=?2, body=?3 WHERE id=?1", R::TABLE, R::PLACE);
    tx.prepare_cached(&sql)?.execute(params![record.id(), record.place(), text(record)?])?;
    Ok(())
}

/// Removes an object and what belongs to it; whether it was there.
pub fn forget<R: Record>(tx: &WriteTx<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = format!("DELETE FROM {} WHERE id=?1", R::TABLE);
    Ok(tx.prepare_cached(&sql)?.execute([id])? > 0)
}

/// Adds a revision under the next number of its dataset, which it is given.
pub fn insert_revision(tx: &WriteTx<'_>, revision: &mut Revision) -> Result<(), StoreError> {
    let next = "SELECT coalesce(max(seq) + 1, 0) FROM revisions WHERE dataset=?1";
    revision.seq = tx.prepare_cached(next)?.query_row([revision.dataset], |row| row.get(0))?;
    let sql = "INSERT INTO revisions(id, dataset, seq, body) VALUES (?1, ?2, ?3, ?4)";
    let values = params![revision.id, revision.dataset, revision.seq, text(revision)?];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// The revision of a dataset with this number.
pub fn revision_with_seq(tx: &ReadTx<'_>, dataset: i64, seq: i64) -> Result<Option<Revision>, StoreError> {
    one(tx, "WHERE dataset=?1 AND seq=?2", [dataset, seq])
}

/// The sources that belong to no revision, of one account.
pub fn sources_outside(tx: &ReadTx<'_>) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM sources WHERE revision IS NULL";
    let count: i64 = tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The import config with this name.
pub fn config_named(tx: &ReadTx<'_>, name: &str) -> Result<Option<ImportConfig>, StoreError> {
    one(tx, "WHERE name=?1", [name])
}

/// All schedules, the oldest first.
pub fn schedules(tx: &ReadTx<'_>) -> Result<Vec<Schedule>, StoreError> {
    all(tx, "ORDER BY id", [])
}

/// All import configs, by name.
pub fn configs(tx: &ReadTx<'_>) -> Result<Vec<ImportConfig>, StoreError> {
    all(tx, "ORDER BY name", [])
}

/// Adds a file to a dataset.
pub fn insert_attachment(tx: &WriteTx<'_>, attachment: &Attachment) -> Result<(), StoreError> {
    let body = serde_json::to_string(attachment).map_err(|e| broken("attachments", &e))?;
    let sql = "INSERT INTO attachments(id, dataset, content, body) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![attachment.id, attachment.dataset, attachment.content, body])?;
    Ok(())
}

/// How many files a dataset has.
pub fn attachments(tx: &ReadTx<'_>, dataset: i64) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM attachments WHERE dataset=?1";
    let count: i64 = tx.prepare_cached(sql)?.query_row([dataset], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Whether the state of a dataset after each revision is kept.
pub fn is_archived(tx: &ReadTx<'_>, dataset: i64) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS(SELECT 1 FROM archived_datasets WHERE dataset=?1)";
    Ok(tx.prepare_cached(sql)?.query_row([dataset], |row| row.get(0))?)
}

/// Keeps the state of a dataset after each revision from now on.
pub fn enroll(tx: &WriteTx<'_>, dataset: i64) -> Result<(), StoreError> {
    tx.execute("INSERT OR IGNORE INTO archived_datasets(dataset) VALUES (?1)", [dataset])?;
    Ok(())
}
