//! The catalogue: datasets and columns, and the DDL of their tables.

use super::StoreError;
use super::connection::NUMBER_COLLATION;
use super::entry::Entry;
use super::permissions;
use super::publishing;
use super::tx::{ReadTx, WriteTx};
use super::versions::gone;
use crate::soda::{Column, Dataset, FourByFour, PublicationStage, SodaError, SoqlType, SystemField};
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// All datasets at one moment.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    by_id: HashMap<String, Arc<Entry>>,
    by_resource_name: HashMap<String, String>,
}

impl Catalogue {
    /// A dataset by id or resource name, without regard to case.
    pub fn find(&self, name: &str) -> Option<&Arc<Entry>> {
        // Nearly all are asked for by their id as it is.
        if let Some(entry) = self.by_id.get(name) {
            return Some(entry);
        }
        let name = name.to_ascii_lowercase();
        self.by_id.get(&name).or_else(|| self.by_id.get(self.by_resource_name.get(&name)?))
    }

    /// The dataset with this number.
    pub fn numbered(&self, number: i64) -> Option<Arc<Entry>> {
        self.by_id.values().find(|entry| entry.dataset.number == number).cloned()
    }

    /// All datasets, in the order of their ids.
    pub fn all(&self) -> Vec<&Arc<Entry>> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort_by(|a, b| a.dataset.id.cmp(&b.dataset.id));
        all
    }

    /// Reads the whole catalogue; `strict_types` goes into the row layouts.
    pub fn load(tx: &ReadTx<'_>, strict_types: bool) -> Result<Self, StoreError> {
        let mut catalogue = Self::default();
        let mut statement = tx.prepare_cached(&format!("SELECT {DATASET} FROM datasets"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            catalogue.extend(read_dataset(tx, row)?, strict_types);
        }
        Ok(catalogue)
    }

    /// This catalogue with what was changed on a connection that [`watch_changes`] has prepared, since
    /// its last transaction that was asked for this; and the numbers of the datasets that changed.
    pub(super) fn with_changes(
        &self,
        tx: &WriteTx<'_>,
        strict_types: bool,
    ) -> Result<(Self, HashSet<i64>), StoreError> {
        let mut statement = tx.prepare_cached("DELETE FROM temp.changed RETURNING number")?;
        let changed: HashSet<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut catalogue = self.clone();
        catalogue.by_id.retain(|_, entry| !changed.contains(&entry.dataset.number));
        let Self { by_id, by_resource_name } = &mut catalogue;
        by_resource_name.retain(|_, id| by_id.contains_key(id));
        for number in &changed {
            catalogue.extend(find_number(tx, *number)?, strict_types);
        }
        Ok((catalogue, changed))
    }

    fn extend(&mut self, dataset: Option<Dataset>, strict_types: bool) {
        dataset.into_iter().for_each(|dataset| self.insert(dataset, strict_types));
    }

    fn insert(&mut self, dataset: Dataset, strict_types: bool) {
        if let Some(name) = &dataset.resource_name {
            self.by_resource_name.insert(name.to_ascii_lowercase(), dataset.id.as_str().to_owned());
        }
        self.by_id.insert(dataset.id.as_str().to_owned(), Arc::new(Entry::new(dataset, strict_types)));
    }
}

/// The columns that [`read_dataset`] takes.
const DATASET: &str = "number, id, resource_name, name, scope, stage, copy_of, owner, created_at,
    schema_version, id_key, row_identifier, extra, shares, metadata_updated_at";

/// A dataset of the catalogue; none when its id is no 4x4.
fn read_dataset(tx: &ReadTx<'_>, row: &Row<'_>) -> Result<Option<Dataset>, StoreError> {
    let number: i64 = row.get(0)?;
    let columns = load_columns(tx, number)?;
    let id: String = row.get(1)?;
    let Some(id) = FourByFour::parse(&id) else { return Ok(None) };
    let row_identifier: Option<u32> = row.get(11)?;
    let stage: String = row.get(5)?;
    let copy_of: Option<String> = row.get(6)?;
    Ok(Some(Dataset {
        number,
        id,
        resource_name: row.get(2)?,
        name: row.get(3)?,
        permissions: permissions::of_columns(&row.get::<_, String>(4)?, &row.get::<_, String>(13)?),
        stage: if stage == "published" { PublicationStage::Published } else { PublicationStage::Unpublished },
        copy_of: copy_of.and_then(|c| FourByFour::parse(&c)),
        owner: row.get(7)?,
        created_at: row.get(8)?,
        metadata_updated_at: row.get(14)?,
        schema_version: row.get(9)?,
        id_key: row.get(10)?,
        row_identifier: row_identifier.and_then(|n| columns.iter().position(|c| c.number == n)),
        columns,
        extra: object(&row.get::<_, String>(12)?),
    }))
}

fn find_number(tx: &ReadTx<'_>, number: i64) -> Result<Option<Dataset>, StoreError> {
    let sql = format!("SELECT {DATASET} FROM datasets WHERE number=?1");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query([number])?;
    rows.next()?.map_or(Ok(None), |row| read_dataset(tx, row))
}

/// A dataset as this transaction sees it. A change is made to this, never to what a request read before:
/// others may have changed, removed or replaced the dataset since. 404 when it is gone.
pub fn current(tx: &ReadTx<'_>, dataset: &Dataset) -> Result<Dataset, StoreError> {
    let found = find_number(tx, dataset.number)?;
    found.ok_or_else(|| gone(tx, dataset))
}

/// The same as a copy to change, dated with the moment of the change (Unix milliseconds).
pub fn to_change(tx: &ReadTx<'_>, dataset: &Dataset, now: i64) -> Result<Dataset, StoreError> {
    Ok(Dataset { metadata_updated_at: now, ..current(tx, dataset)? })
}

/// The dataset that a working copy was made from; none when that is gone.
pub fn original(tx: &ReadTx<'_>, copy: &Dataset) -> Result<Option<Dataset>, StoreError> {
    let Some(id) = &copy.copy_of else { return Ok(None) };
    let mut statement = tx.prepare_cached("SELECT number FROM datasets WHERE id=?1")?;
    let number: Option<i64> = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    number.map_or(Ok(None), |number| find_number(tx, number))
}

/// Makes a connection note which datasets it changes, for [`Catalogue::with_changes`]. What every write of
/// rows changes of a dataset is left out.
pub(super) fn watch_changes(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    const NOTE: &str = "INSERT OR IGNORE INTO changed VALUES";
    let mut sql = "CREATE TEMP TABLE IF NOT EXISTS changed(number INTEGER PRIMARY KEY);".to_owned();
    let on_datasets = "UPDATE OF id, resource_name, name, scope, shares, stage, copy_of, owner, schema_version, id_key, row_identifier, extra, metadata_updated_at";
    for (table, number, events) in [
        ("datasets", "number", ["INSERT", "DELETE", on_datasets]),
        ("columns", "dataset", ["INSERT", "DELETE", "UPDATE"]),
    ] {
        for (index, event) in events.into_iter().enumerate() {
            let row = if event == "DELETE" { "OLD" } else { "NEW" };
            sql.push_str(&format!(
                "CREATE TEMP TRIGGER IF NOT EXISTS {table}_{index} AFTER {event} ON main.{table}
                 BEGIN {NOTE} ({row}.{number}); END;"
            ));
        }
    }
    Ok(tx.execute_batch(&sql)?)
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn load_columns(tx: &ReadTx<'_>, dataset: i64) -> Result<Vec<Column>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT number, id, field_name, name, data_type_name, extra FROM columns WHERE dataset=?1 ORDER BY position",
    )?;
    let rows = statement.query_map([dataset], |row| {
        let data_type_name: String = row.get(4)?;
        Ok(Column {
            number: row.get(0)?,
            id: row.get(1)?,
            field_name: row.get(2)?,
            name: row.get(3)?,
            soql_type: SoqlType::of_data_type_name(&data_type_name).unwrap_or(SoqlType::Text),
            data_type_name,
            extra: object(&row.get::<_, String>(5)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a dataset's table and its rows in the catalogue, as of `now` (Unix milliseconds); the
/// dataset gets its number.
///
/// `Refused` with 400 when the id or the resource name is taken. It is looked for here, on the
/// writer's connection: several requests at once may each have found it free before.
pub fn create(tx: &WriteTx<'_>, dataset: &mut Dataset, now: i64) -> Result<(), StoreError> {
    dataset.number = 0;
    check_free(tx, dataset)?;
    dataset.number = new_number(tx)?;
    tx.execute(
        "INSERT INTO datasets(number, id, resource_name, name, scope, stage, copy_of, owner, created_at, rows_updated_at,
           data_version, schema_version, next_number, id_key, row_identifier, extra, shares, metadata_updated_at)
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,0,?11,0,?12,?13,?14,?15,?10)",
        params![
            dataset.number,
            dataset.id.as_str(),
            dataset.resource_name,
            dataset.name,
            dataset.permissions.scope.name(),
            dataset.stage.name(),
            dataset.copy_of.as_ref().map(FourByFour::as_str),
            dataset.owner,
            dataset.created_at,
            now,
            dataset.schema_version,
            dataset.id_key,
            dataset.key_column().map(|c| c.number),
            Value::Object(dataset.extra.clone()).to_string(),
            permissions::shares(&dataset.permissions),
        ],
    )?;
    let table = dataset.table();
    let mut sql = format!(
        "CREATE TABLE {table}(sid INTEGER PRIMARY KEY, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL"
    );
    for column in &dataset.columns {
        sql.push_str(&format!(", {} {}", column.sql(), declaration(column.soql_type)));
    }
    sql.push(')');
    tx.execute_batch(&sql)?;
    if let Some(key) = dataset.key_column() {
        tx.execute_batch(&format!("CREATE UNIQUE INDEX {table}_key ON {table}({})", key.sql()))?;
    }
    for (position, column) in dataset.columns.iter().enumerate() {
        insert_column(tx, dataset.number, position, column)?;
    }
    create_views(tx, dataset)
}

pub(super) fn insert_column(
    tx: &WriteTx<'_>,
    dataset: i64,
    position: usize,
    column: &Column,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO columns(dataset, number, position, id, field_name, name, data_type_name, extra) VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
        params![
            dataset,
            column.number,
            position as i64,
            column.id,
            column.field_name,
            column.name,
            column.data_type_name,
            Value::Object(column.extra.clone()).to_string(),
        ],
    )?;
    Ok(())
}

/// A number that no dataset had before: a request that is under way may still know the one that is
/// gone, and is not to write into another in its place.
fn new_number(tx: &WriteTx<'_>) -> Result<i64, StoreError> {
    let sql = "INSERT INTO settings(name, value)
         VALUES ('last_dataset', (SELECT coalesce(max(number), 0) + 1 FROM datasets))
         ON CONFLICT(name) DO UPDATE
         SET value = max(CAST(value AS INTEGER) + 1, CAST(excluded.value AS INTEGER))
         RETURNING CAST(value AS INTEGER)";
    Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Whether a dataset has this id, or has it as its resource name.
pub fn is_taken(tx: &ReadTx<'_>, id: &FourByFour) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM datasets WHERE id=?1 OR resource_name=?1 COLLATE NOCASE";
    let mut statement = tx.prepare_cached(sql)?;
    Ok(statement.query_row([id.as_str()], |row| row.get::<_, i64>(0))? > 0)
}

/// Refuses an id or resource name that another dataset has.
pub(super) fn check_free(tx: &ReadTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    let sql = "SELECT id FROM datasets WHERE number<>?1 AND (id=?2 OR resource_name=?3 COLLATE NOCASE)";
    let mut statement = tx.prepare_cached(sql)?;
    let taken: Option<String> = statement
        .query_row(params![dataset.number, dataset.id.as_str(), dataset.resource_name], |row| row.get(0))
        .optional()?;
    match taken {
        None => Ok(()),
        Some(other) if other == dataset.id.as_str() => {
            Err(SodaError::invalid(format!("There is a dataset {other} already")).into())
        }
        Some(other) => {
            let name = dataset.resource_name.as_deref().unwrap_or_default();
            Err(SodaError::invalid(format!("The resource name {name} is taken by {other}")).into())
        }
    }
}

/// Removes a dataset, its table and its views. False when there was none.
pub fn remove(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<bool, StoreError> {
    remove_number(tx, dataset.number)
}

/// Removes the dataset that has this id now, whichever the catalogue knew before.
pub fn remove_named(tx: &WriteTx<'_>, id: &FourByFour) -> Result<bool, StoreError> {
    let mut statement = tx.prepare_cached("SELECT number FROM datasets WHERE id=?1")?;
    let number: Option<i64> = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    number.map_or(Ok(false), |number| remove_number(tx, number))
}

fn remove_number(tx: &WriteTx<'_>, number: i64) -> Result<bool, StoreError> {
    let table = Dataset::table_of(number);
    drop_views(tx, &table)?;
    // Its working copy is that of no dataset which takes its id.
    let orphan = "UPDATE datasets SET copy_of=NULL WHERE copy_of=(SELECT id FROM datasets WHERE number=?1)";
    tx.execute(orphan, [number])?;
    tx.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    tx.execute("DELETE FROM columns WHERE dataset=?1", [number])?;
    publishing::forget_dataset(tx, number)?;
    Ok(tx.execute("DELETE FROM datasets WHERE number=?1", [number])? > 0)
}

/// The SQL type of a column. Numbers are text that compares by value, so that they stay exact.
pub(super) fn declaration(soql_type: SoqlType) -> String {
    match soql_type {
        SoqlType::Number => format!("TEXT COLLATE {NUMBER_COLLATION}"),
        SoqlType::Double => "REAL".to_owned(),
        SoqlType::Boolean | SoqlType::FixedTimestamp | SoqlType::FloatingTimestamp => "INTEGER".to_owned(),
        _ => "TEXT".to_owned(),
    }
}

/// Views by id and by name, for people with the `sqlite3` shell: in data files and in snapshots that are handed out,
/// see [`WriteTx::with_views`]. Elsewhere nobody sees them, and each connection would read the text of all of them
/// whenever a dataset was made.
pub(super) fn create_views(tx: &WriteTx<'_>, dataset: &Dataset) -> Result<(), StoreError> {
    if tx.has_views() {
        for sql in views(tx, dataset, "VIEW")? {
            tx.execute_batch(&sql)?;
        }
    }
    Ok(())
}

/// The statements that make the views of a dataset; `kind` is the kind of view. They use only what the shell has:
/// numbers are cast, so beyond 15 digits the table itself is the truth, and indexes, which may compare by our rule,
/// are left aside.
pub(super) fn views(tx: &ReadTx<'_>, dataset: &Dataset, kind: &str) -> Result<Vec<String>, StoreError> {
    let mut list = String::from("sid AS \":sid\", version AS \":version_number\"");
    for field in [SystemField::CreatedAt, SystemField::UpdatedAt] {
        let (name, column) = (field.name(), field.column());
        list.push_str(&format!(
            ", strftime('%Y-%m-%dT%H:%M:%fZ', {column}/1000.0, 'unixepoch') AS \"{name}\""
        ));
    }
    for column in &dataset.columns {
        let sql = column.sql();
        let shown = match column.soql_type {
            SoqlType::Number => format!("CAST({sql} COLLATE BINARY AS NUMERIC)"),
            SoqlType::FloatingTimestamp => {
                format!("strftime('%Y-%m-%dT%H:%M:%f', {sql}/1000.0, 'unixepoch')")
            }
            SoqlType::FixedTimestamp => format!("strftime('%Y-%m-%dT%H:%M:%fZ', {sql}/1000.0, 'unixepoch')"),
            _ => sql,
        };
        list.push_str(&format!(", {shown} AS {}", quoted(&column.field_name)));
    }
    let (id, table) = (quoted(dataset.id.as_str()), dataset.table());
    let mut all = vec![format!("CREATE {kind} {id} AS SELECT {list} FROM {table} NOT INDEXED")];
    if has_free_name(tx, dataset)? {
        let name = quoted(&dataset.name);
        all.push(format!("CREATE {kind} {name} AS SELECT * FROM {id} AS {table}"));
    }
    Ok(all)
}

/// Drops the views of a table. Their text ends as [`views`] or, in files of old, its predecessor wrote it.
pub(super) fn drop_views(tx: &WriteTx<'_>, table: &str) -> Result<(), StoreError> {
    if !tx.has_views() {
        return Ok(());
    }
    let sql = "SELECT name FROM sqlite_schema WHERE type='view' AND (sql LIKE '% FROM ' || ?1 || ' NOT INDEXED' OR sql LIKE '%\" AS ' || ?1)";
    let mut statement = tx.prepare_cached(sql)?;
    let names: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        tx.execute_batch(&format!("DROP VIEW {}", quoted(&name)))?;
    }
    Ok(())
}

/// Drops the views of all datasets.
pub(super) fn drop_all_views(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached("SELECT name FROM sqlite_schema WHERE type='view'")?;
    let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        tx.execute_batch(&format!("DROP VIEW {}", quoted(&name)))?;
    }
    Ok(())
}

/// Whether the database has views.
pub(super) fn has_any_view(tx: &ReadTx<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE type='view')";
    Ok(tx.query_row(sql, [], |row| row.get(0))?)
}

/// Whether a view can have the dataset's name.
fn has_free_name(tx: &ReadTx<'_>, dataset: &Dataset) -> Result<bool, StoreError> {
    let name = &dataset.name;
    let usable = !name.is_empty()
        && !name.contains('\0')
        && !name.to_ascii_lowercase().starts_with("sqlite_")
        && !is_index_name(name)
        // A view of that name is to be the one of the dataset with that id.
        && FourByFour::parse(name).is_none();
    if !usable {
        return Ok(false);
    }
    // This looks the name up where SQLite keeps the schema in memory; `sqlite_schema` would be read from end to end.
    let sql = "SELECT NOT EXISTS(SELECT 1 FROM pragma_table_info(?1))";
    Ok(tx.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
}

/// Whether this may be the name of the index of a dataset's row identifier, such as `d7_key`.
fn is_index_name(name: &str) -> bool {
    let number = |middle: &str| middle.strip_suffix("_key").map(|digits| digits.parse::<i64>().is_ok());
    name.to_ascii_lowercase().strip_prefix('d').and_then(number).unwrap_or(false)
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
