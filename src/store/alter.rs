//! Changes of a dataset that is there: metadata, columns, row identifier, working copies.

use super::StoreError;
use super::catalogue::{check_free, create_views, declaration, drop_views, insert_column};
use super::tx::{ReadTx, WriteTx};
use super::versions::{Versions, gone};
use crate::soda::{Column, Dataset, ErrorCode, FourByFour, PublicationStage, SodaError};
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Value, json};

/// Writes a dataset's own metadata; not its columns.
pub fn update(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    check_free(tx, dataset)?;
    let changed = tx.execute(
        "UPDATE datasets SET resource_name=?2, name=?3, stage=?4, copy_of=?5, extra=?6, metadata_updated_at=?7 WHERE number=?1",
        params![
            dataset.number,
            dataset.resource_name,
            dataset.name,
            dataset.stage.name(),
            dataset.copy_of.as_ref().map(FourByFour::as_str),
            Value::Object(dataset.extra.clone()).to_string(),
            dataset.metadata_updated_at,
        ],
    )?;
    there(tx, dataset, changed)?;
    rebuild_views(tx, dataset)
}

/// Refuses a change that has met no dataset.
fn there(tx: &WriteTx<'_>, dataset: &Dataset, changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(gone(tx, dataset)) }
}

fn rebuild_views(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    drop_views(tx, &dataset.table())?;
    create_views(tx, dataset)
}

fn new_schema(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    let sql = "UPDATE datasets SET schema_version=schema_version+1, metadata_updated_at=?2 WHERE number=?1";
    let changed = tx.execute(sql, [dataset.number, dataset.metadata_updated_at])?;
    there(tx, dataset, changed)
}

/// Adds the last of the dataset's columns to its table.
pub fn add_column(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    let Some((column, others)) = dataset.columns.split_last() else { return Ok(()) };
    drop_views(tx, &dataset.table())?;
    let (table, sql, kind) = (dataset.table(), column.sql(), declaration(column.soql_type));
    tx.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {sql} {kind}"))?;
    insert_column(tx, dataset.number, others.len(), column)?;
    new_schema(tx, dataset)?;
    create_views(tx, dataset)
}

/// Writes the metadata of one column: names and the rest, not its type.
pub fn update_column(tx: &WriteTx<'_>, dataset: &Dataset, column: &Column) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE columns SET field_name=?3, name=?4, extra=?5 WHERE dataset=?1 AND number=?2",
        params![
            dataset.number,
            column.number,
            column.field_name,
            column.name,
            Value::Object(column.extra.clone()).to_string(),
        ],
    )?;
    new_schema(tx, dataset)?;
    rebuild_views(tx, dataset)
}

/// Removes a column and its values. `dataset` is the dataset without it.
pub fn drop_column(tx: &WriteTx<'_>, dataset: &Dataset, column: &Column) -> Result<(), StoreError> {
    drop_views(tx, &dataset.table())?;
    tx.execute_batch(&format!("ALTER TABLE {} DROP COLUMN {}", dataset.table(), column.sql()))?;
    tx.execute("DELETE FROM columns WHERE dataset=?1 AND number=?2", params![dataset.number, column.number])?;
    for (position, column) in dataset.columns.iter().enumerate() {
        tx.execute(
            "UPDATE columns SET position=?3 WHERE dataset=?1 AND number=?2",
            params![dataset.number, column.number, position as i64],
        )?;
    }
    new_schema(tx, dataset)?;
    create_views(tx, dataset)
}

/// Gives a dataset the columns and the row identifier of `new`, all in one step. Columns are the same when their
/// numbers are; what they hold stays, and those that `new` has not are dropped. The values of the row identifier
/// have to be unique and not null.
pub fn set_columns(tx: &WriteTx<'_>, old: &Dataset, new: &Dataset) -> Result<(), StoreError> {
    let table = old.table();
    drop_views(tx, &table)?;
    tx.execute_batch(&format!("DROP INDEX IF EXISTS {table}_key"))?;
    let has = |columns: &[Column], number: u32| columns.iter().any(|column| column.number == number);
    for column in old.columns.iter().filter(|column| !has(&new.columns, column.number)) {
        tx.execute_batch(&format!("ALTER TABLE {table} DROP COLUMN {}", column.sql()))?;
    }
    for column in new.columns.iter().filter(|column| !has(&old.columns, column.number)) {
        let (sql, kind) = (column.sql(), declaration(column.soql_type));
        tx.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {sql} {kind}"))?;
    }
    tx.execute("DELETE FROM columns WHERE dataset=?1", [new.number])?;
    for (position, column) in new.columns.iter().enumerate() {
        insert_column(tx, new.number, position, column)?;
    }
    set_row_identifier(tx, new)?;
    create_views(tx, new)
}

/// Makes `dataset.row_identifier` what identifies rows; its values have to be unique and not null.
pub fn set_row_identifier(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    let table = dataset.table();
    tx.execute_batch(&format!("DROP INDEX IF EXISTS {table}_key"))?;
    if let Some(column) = dataset.key_column() {
        let sql = column.sql();
        let (empty, duplicates): (i64, i64) = tx.query_row(
            &format!("SELECT count(*)-count({sql}), count({sql})-count(DISTINCT {sql}) FROM {table}"),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if duplicates > 0 {
            return Err(not_unique_error(&column.field_name).into());
        }
        if empty > 0 {
            return Err(empty_identifier(&column.field_name, empty).into());
        }
        tx.execute_batch(&format!("CREATE UNIQUE INDEX {table}_key ON {table}({sql})"))?;
    }
    tx.execute(
        "UPDATE datasets SET row_identifier=?2 WHERE number=?1",
        params![dataset.number, dataset.key_column().map(|c| c.number)],
    )?;
    new_schema(tx, dataset)
}

fn not_unique_error(field: &str) -> SodaError {
    SodaError::new(ErrorCode::ColumnNotUnique, format!(
            "Row-Identifier column '{field}', which should contain unique values, instead contains duplicate values"
        ))
        .data(json!({ "column": field }))
        .hint(format!(
            "A row identifier is unique and never null; remove duplicate and empty values of {field}."
        ))
}

/// Rows without a value, such as all those that were there before their column.
fn empty_identifier(field: &str, rows: i64) -> SodaError {
    let (rows_have, them) =
        if rows == 1 { ("1 row has".to_owned(), "it") } else { (format!("{rows} rows have"), "them") };
    let message =
        format!("Row-Identifier column '{field}' must have a value in each row, but {rows_have} none");
    SodaError::new(ErrorCode::ColumnNotUnique, message).data(json!({ "column": field, "rows": rows })).hint(format!(
        "Give {field} a value in {them}, or delete {them}. A new column has no value in any row: empty the dataset before (replace its rows by []), or let the row identifier wait until the column is filled."
    ))
}

/// The id of a dataset's working copy.
pub fn working_copy(tx: &ReadTx<'_>, dataset: &Dataset) -> Result<Option<String>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT id FROM datasets WHERE copy_of=?1")?;
    Ok(statement.query_row([dataset.id.as_str()], |row| row.get(0)).optional()?)
}

/// Copies the rows of a dataset into a copy that has the same columns.
pub fn copy_rows(tx: &WriteTx<'_>, from: &Dataset, to: &Dataset) -> Result<(), StoreError> {
    let list = from.row_columns();
    tx.execute_batch(&format!("INSERT INTO {} ({list}) SELECT {list} FROM {}", to.table(), from.table()))?;
    tx.execute(
        "UPDATE datasets SET next_number=(SELECT next_number FROM datasets WHERE number=?1) WHERE number=?2",
        [from.number, to.number],
    )?;
    Ok(())
}

/// Puts a working copy in the place of the dataset that it was made from.
pub fn replace_by_copy(tx: &WriteTx<'_>, original: &Dataset, copy: &Dataset) -> Result<(), StoreError> {
    let before = Versions::of(tx, original)?;
    // What belongs to the dataset and not to one of its copies.
    tx.execute(
        "UPDATE datasets SET (owner, scope, shares, created_at)
           = (SELECT owner, scope, shares, created_at FROM datasets WHERE number=?1) WHERE number=?2",
        [original.number, copy.number],
    )?;
    super::publishing::move_to(tx, original.number, copy.number)?;
    super::catalogue::remove(tx, original)?;
    drop_views(tx, &copy.table())?;
    let published = Dataset {
        id: original.id.clone(),
        resource_name: original.resource_name.clone(),
        stage: PublicationStage::Published,
        copy_of: None,
        ..copy.clone()
    };
    tx.execute(
        "UPDATE datasets SET id=?2, data_version=max(data_version,?3)+1, schema_version=max(schema_version,?4)+1 WHERE number=?1",
        params![copy.number, original.id.as_str(), before.data_version, before.schema_version],
    )?;
    update(tx, &published)
}
