//! The rows of an uploaded file: each cell is checked, then put into a table of our own.

use super::ImportError;
use super::catalogue::{COUNTERS, Found};
use super::field::{MILLISECONDS, stored};
use super::source::{Source, damaged};
use crate::codec::MAX_ROW;
use crate::soda::value::{is_stored_form, stored_form};
use crate::soda::{Column, Dataset, SoqlType, SystemField, Value};
use crate::store::catalogue;
use crate::store::tx::WriteTx;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, ffi};
use std::ops::Range;

/// What SQLite says of a `sid` that is there already.
const SAME_ROW: [i32; 2] = [ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_ROWID];

/// Makes a dataset of the file anew, with its rows and counters.
pub(super) fn rebuild(source: &Source, to: &WriteTx<'_>, found: Found) -> Result<(), ImportError> {
    let numbers = 0..found.next_number();
    let Found { mut dataset, counters } = found;
    let from = dataset.table();
    check_table(source, &from, &dataset)?;
    catalogue::create(to, &mut dataset, 0)?;
    copy(source, to, &from, &dataset, &numbers)?;
    let sets: Vec<String> =
        COUNTERS.iter().zip(1..).map(|(name, index)| format!("{name}=?{index}")).collect();
    let sql = format!("UPDATE datasets SET {} WHERE number=?{}", sets.join(","), COUNTERS.len() + 1);
    let values = counters.into_iter().chain([dataset.number]);
    to.execute(&sql, rusqlite::params_from_iter(values)).map_err(stored)?;
    Ok(())
}

fn names(dataset: &Dataset) -> Vec<String> {
    SystemField::ALL
        .map(|field| field.column().to_owned())
        .into_iter()
        .chain(dataset.columns.iter().map(Column::sql))
        .collect()
}

/// Refuses a table that has others than the dataset's columns.
fn check_table(source: &Source, table: &str, dataset: &Dataset) -> Result<(), ImportError> {
    let mut there = source.columns(table)?;
    let missing = names(dataset).into_iter().find(|name| !there.remove(name));
    let what = match (missing, there.into_iter().next()) {
        (Some(name), _) => format!("its table {table} has no column {name}"),
        (None, Some(name)) => format!("its table {table} has a column {name} that is not the dataset's"),
        (None, None) => return Ok(()),
    };
    Err(ImportError::wrong(format!("dataset {}", dataset.id), what))
}

fn copy(
    source: &Source,
    to: &WriteTx<'_>,
    from: &str,
    dataset: &Dataset,
    numbers: &Range<i64>,
) -> Result<(), ImportError> {
    let names = names(dataset);
    let list = names.join(",");
    let marks = vec!["?"; names.len()].join(",");
    // An index of the file could tell other values than its table.
    let query = format!("SELECT {list} FROM {from} NOT INDEXED");
    let mut query = source.connection.prepare(&query).map_err(damaged)?;
    let insert = format!("INSERT INTO {}({list}) VALUES({marks})", dataset.table());
    let mut insert = to.prepare_cached(&insert).map_err(stored)?;
    let mut rows = query.query([]).map_err(damaged)?;
    while let Some(row) = rows.next().map_err(damaged)? {
        let cell = |index| row.get_ref(index).map_err(damaged);
        for index in 0..names.len() {
            let value = cell(index)?;
            if let Some(expected) = refusal(dataset, numbers, index, value) {
                let place = place(dataset, cell(0)?, index);
                return Err(ImportError::unexpected(place, &expected, value));
            }
            insert.raw_bind_parameter(index + 1, ToSqlOutput::Borrowed(value)).map_err(stored)?;
        }
        if let Err(error) = insert.raw_execute() {
            return Err(conflict(dataset, cell(0)?, error));
        }
    }
    Ok(())
}

fn place(dataset: &Dataset, sid: ValueRef<'_>, index: usize) -> String {
    let column = match index.checked_sub(SystemField::ALL.len()) {
        Some(index) => dataset.columns[index].field_name.as_str(),
        None => SystemField::ALL[index].column(),
    };
    format!("dataset {}, row with sid {}, column {column}", dataset.id, sid_of(sid))
}

fn sid_of(sid: ValueRef<'_>) -> String {
    sid.as_i64().map_or_else(|_| super::shown(sid), |sid| sid.to_string())
}

/// What belongs into a cell, if it holds something else.
fn refusal(dataset: &Dataset, numbers: &Range<i64>, index: usize, value: ValueRef<'_>) -> Option<String> {
    let Some(own) = index.checked_sub(SystemField::ALL.len()) else {
        return system_refusal(numbers, index, value);
    };
    let soql_type = dataset.columns[own].soql_type;
    let is_key = dataset.row_identifier == Some(own);
    if is_key && value == ValueRef::Null {
        return Some(format!("{}, as it identifies rows", stored_form(soql_type)));
    }
    if let ValueRef::Text(text) = value
        && text.len() > MAX_ROW
        && soql_type == SoqlType::Text
    {
        return Some(format!("a TEXT of at most {MAX_ROW} bytes"));
    }
    let accepted = match value {
        ValueRef::Blob(_) => false,
        ValueRef::Text(_) if value.as_str().is_err() => false,
        _ => is_stored_form(soql_type, &Value::from(value)),
    };
    (!accepted).then(|| stored_form(soql_type).to_owned())
}

fn system_refusal(numbers: &Range<i64>, index: usize, value: ValueRef<'_>) -> Option<String> {
    let number = value.as_i64();
    if index < 2 {
        let fine = number.is_ok_and(|number| numbers.contains(&number));
        return (!fine)
            .then(|| format!("an INTEGER from 0 on, below the dataset's next_number {}", numbers.end));
    }
    let fine = number.is_ok_and(|number| MILLISECONDS.contains(&number));
    (!fine).then(|| "an INTEGER, milliseconds since 1970".to_owned())
}

/// Why a row cannot stand beside those before it.
fn conflict(dataset: &Dataset, sid: ValueRef<'_>, error: rusqlite::Error) -> ImportError {
    let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
    if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
        return stored(error);
    }
    let is_sid = SAME_ROW.contains(&extended);
    let index = dataset.row_identifier.filter(|_| !is_sid).map_or(0, |key| key + SystemField::ALL.len());
    ImportError::wrong(place(dataset, sid, index), "another row has the same value, but it identifies rows")
}
