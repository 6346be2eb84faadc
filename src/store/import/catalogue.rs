//! The catalogue of an uploaded file, copied into tables of our own and checked there.

use super::field::{self, COLUMNS, DATASETS, stored};
use super::source::{Source, damaged};
use super::{ImportError, shown};
use crate::soda::definition::{self, DefinitionError};
use crate::soda::{Column, Dataset, FourByFour, folded};
use crate::store::tx::ReadTx;
use crate::store::{Catalogue, migrate};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};
use serde_json::Value;
use std::collections::HashSet;

/// A dataset that was read, with what changes at every write of it.
pub(super) struct Found {
    /// What it is; its number and those of its columns are those of the file.
    pub dataset: Dataset,
    /// The values of [`COUNTERS`].
    pub counters: [i64; 4],
}

impl Found {
    /// The number that the next row gets.
    pub fn next_number(&self) -> i64 {
        self.counters[0]
    }
}

/// What a dataset that is made anew has of its own, and has to get from the file.
pub(super) const COUNTERS: [&str; 4] =
    ["next_number", "data_version", "rows_updated_at", "metadata_updated_at"];

/// Reads all datasets, in the order of their numbers. `scratch` is an empty database for it.
pub(super) fn read(source: &Source, scratch: &mut Connection) -> Result<Vec<Found>, ImportError> {
    migrate::start_at(scratch, source.format)?;
    // Columns without a dataset are left behind.
    scratch.execute_batch("PRAGMA foreign_keys=OFF").map_err(stored)?;
    for table in ["datasets", "columns"] {
        copy(source, scratch, table)?;
    }
    migrate::migrate(scratch)?;
    check_fields(scratch)?;
    check_unique(scratch)?;
    let catalogue = Catalogue::load(&ReadTx::on(scratch), false)?;
    let ids: HashSet<FourByFour> = catalogue.all().iter().map(|entry| entry.dataset.id.clone()).collect();
    let found = catalogue.all().into_iter().map(|entry| checked(scratch, &entry.dataset, &ids));
    let mut found = found.collect::<Result<Vec<Found>, _>>()?;
    found.sort_by_key(|found| found.dataset.number);
    let numbers: HashSet<String> = found.iter().map(|found| found.dataset.table()).collect();
    match source.row_tables().find(|table| !numbers.contains(*table)) {
        Some(table) => Err(ImportError::Foreign(format!("its table {table} belongs to no dataset"))),
        None => Ok(found),
    }
}

/// Copies a table of the catalogue as it was in the file's format.
fn copy(source: &Source, scratch: &Connection, table: &str) -> Result<(), ImportError> {
    let sql = "SELECT name FROM pragma_table_info(?1)";
    let mut statement = scratch.prepare(sql).map_err(stored)?;
    let names = statement.query_map([table], |row| row.get(0)).and_then(Iterator::collect);
    let names: Vec<String> = names.map_err(stored)?;
    let there = source.columns(table)?;
    if let Some(missing) = names.iter().find(|name| !there.contains(*name)) {
        return Err(ImportError::Foreign(format!("its table {table} has no column {missing}")));
    }
    let list = names.join(",");
    let marks = vec!["?"; names.len()].join(",");
    let mut from =
        source.connection.prepare(&format!("SELECT {list} FROM {table} NOT INDEXED")).map_err(damaged)?;
    let mut to = scratch.prepare(&format!("INSERT INTO {table}({list}) VALUES({marks})")).map_err(stored)?;
    let mut rows = from.query([]).map_err(damaged)?;
    while let Some(row) = rows.next().map_err(damaged)? {
        for index in 0..names.len() {
            let value = row.get_ref(index).map_err(damaged)?;
            to.raw_bind_parameter(index + 1, ToSqlOutput::Borrowed(value)).map_err(stored)?;
        }
        if let Err(error) = to.raw_execute() {
            let first = row.get_ref(0).map_err(damaged)?;
            return Err(match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => ImportError::wrong(
                    format!("{table}, the row whose {} is {}", names[0], shown(first)),
                    error.to_string(),
                ),
                _ => stored(error),
            });
        }
    }
    Ok(())
}

fn check_fields(scratch: &Connection) -> Result<(), ImportError> {
    field::check(scratch, "'dataset ' || id", "datasets", DATASETS)?;
    let place = "'dataset ' || (SELECT id FROM datasets AS d WHERE d.number=columns.dataset) || ', column ' || field_name";
    field::check(scratch, place, "columns WHERE dataset IN (SELECT number FROM datasets)", COLUMNS)
}

fn check_unique(scratch: &Connection) -> Result<(), ImportError> {
    for (sql, what) in [
        (
            "SELECT 'dataset ' || min(id) FROM datasets WHERE resource_name IS NOT NULL
             GROUP BY resource_name COLLATE NOCASE HAVING count(*)>1",
            "another dataset has its resource name",
        ),
        (
            "SELECT 'dataset ' || (SELECT id FROM datasets WHERE number=dataset) || ', column ' || min(field_name)
             FROM columns WHERE dataset IN (SELECT number FROM datasets)
             GROUP BY dataset, position HAVING count(*)>1",
            "another column has its position",
        ),
    ] {
        let twice = scratch.query_row(sql, [], |row| row.get::<_, String>(0)).optional();
        if let Some(place) = twice.map_err(stored)? {
            return Err(ImportError::wrong(place, what));
        }
    }
    Ok(())
}

/// A dataset whose definition would be accepted.
fn checked(scratch: &Connection, dataset: &Dataset, ids: &HashSet<FourByFour>) -> Result<Found, ImportError> {
    let place = format!("dataset {}", dataset.id);
    let sql = format!("SELECT {}, row_identifier FROM datasets WHERE number=?1", COUNTERS.join(","));
    let read = scratch.query_row(&sql, [dataset.number], |row| {
        Ok(([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?], row.get::<_, Option<i64>>(4)?))
    });
    let (counters, row_identifier) = read.map_err(stored)?;
    definition::check_count(dataset.columns.len())
        .map_err(|DefinitionError(what)| ImportError::wrong(place.as_str(), what))?;
    let mut dataset = dataset.clone();
    let columns = dataset.columns.iter().map(|column| checked_column(&place, column));
    dataset.columns = columns.collect::<Result<_, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = dataset.columns.iter().find(|column| !names.insert(folded(&column.field_name))) {
        return Err(ImportError::wrong(place, format!("there are two columns {}", twice.field_name)));
    }
    if let (Some(number), None) = (row_identifier, dataset.row_identifier) {
        return Err(ImportError::wrong(place, format!("row_identifier {number} is the number of no column")));
    }
    let key: Option<Value> = dataset.key_column().map(|column| column.field_name.as_str().into());
    definition::find_row_identifier(key.as_ref(), &dataset.columns)
        .map_err(|DefinitionError(what)| ImportError::wrong(place, what))?;
    let own = dataset.id.clone();
    dataset.copy_of = dataset.copy_of.filter(|original| *original != own && ids.contains(original));
    Ok(Found { dataset, counters })
}

/// The column as a definition of it is read; its name is compared with others elsewhere.
fn checked_column(place: &str, column: &Column) -> Result<Column, ImportError> {
    let mut definition = column.extra.clone();
    for (member, value) in [
        ("id", Value::from(column.id)),
        ("fieldName", column.field_name.as_str().into()),
        ("name", column.name.as_str().into()),
        ("dataTypeName", column.data_type_name.as_str().into()),
    ] {
        definition.insert(member.to_owned(), value);
    }
    definition::column(&Value::Object(definition), column.number, &definition::FieldNames::default()).map_err(
        |DefinitionError(what)| ImportError::wrong(format!("{place}, column {}", column.field_name), what),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::import::field::Fields;

    /// A new column of the catalogue needs a rule for what it holds.
    #[test]
    fn every_field_of_the_catalogue_has_a_form() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::migrate(&mut connection).unwrap();
        for (table, fields) in [("datasets", DATASETS), ("columns", COLUMNS)] as [(&str, Fields); 2] {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
            let there = statement.query_map([table], |row| row.get(0)).unwrap();
            let there: HashSet<String> = there.map(Result::unwrap).collect();
            let known: HashSet<String> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(there, known, "{table}");
        }
    }
}
