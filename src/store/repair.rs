//! Mends what an older version could leave in a data file.
//!
//! Versions before 0.2 wrote a change of metadata without looking whether its dataset was still there. A
//! change that met a removal left views on a table that was gone; they took the dataset's id, so that it
//! could not be made again.

use super::StoreError;
use super::import::is_row_table;
use crate::soda::Dataset;
use rusqlite::{Connection, TransactionBehavior};

/// Removes what belongs to no dataset: datasets without a table, columns, tables, and views on tables that are
/// not there. Each is told in the log. A file in order is only read.
pub fn repair(connection: &mut Connection) -> Result<(), StoreError> {
    let left = leftovers(connection)?;
    if left.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for Leftover { what, removal } in &left {
        tracing::warn!("the data file held {what}, which an older version left behind; it was removed");
        transaction.execute_batch(removal)?;
    }
    Ok(transaction.commit()?)
}

/// Something without its dataset.
struct Leftover {
    what: String,
    /// The SQL that removes it.
    removal: String,
}

fn leftovers(connection: &Connection) -> Result<Vec<Leftover>, StoreError> {
    let mut found = Vec::new();
    let numbers = integers(connection, "SELECT number FROM datasets")?;
    let tables =
        texts(connection, "SELECT name FROM sqlite_schema WHERE type='table' AND name GLOB 'd[0-9]*'")?;
    let has_table = |number: &i64| tables.contains(&Dataset::table_of(*number));
    for number in numbers.iter().filter(|number| !has_table(number)) {
        found.push(Leftover {
            what: format!("dataset number {number} without a table"),
            removal: format!(
                "DELETE FROM columns WHERE dataset={number}; DELETE FROM datasets WHERE number={number}"
            ),
        });
    }
    for number in integers(
        connection,
        "SELECT DISTINCT dataset FROM columns WHERE dataset NOT IN (SELECT number FROM datasets)",
    )? {
        found.push(Leftover {
            what: format!("columns of dataset number {number}, which is not there"),
            removal: format!("DELETE FROM columns WHERE dataset={number}"),
        });
    }
    let of_dataset = |table: &String| numbers.iter().any(|number| Dataset::table_of(*number) == *table);
    for (view, table) in views(connection)? {
        if !tables.contains(&table) || !of_dataset(&table) {
            found.push(Leftover {
                what: format!("the view {view:?} on a table that is not there or belongs to no dataset"),
                removal: format!("DROP VIEW {}", super::catalogue::quoted(&view)),
            });
        }
    }
    for table in tables.iter().filter(|table| !of_dataset(table)) {
        found.push(Leftover {
            what: format!("the table {table}, which belongs to no dataset"),
            removal: format!("DROP TABLE {table}"),
        });
    }
    // A view has to go before its table.
    found.sort_by_key(|left| left.removal.starts_with("DROP TABLE"));
    Ok(found)
}

/// The views that this program made, each with the table that it shows: their text ends in the table's name, as
/// the source of the view by id and as the alias in the view by name.
fn views(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type='view'")?;
    let all = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut found = Vec::new();
    for view in all {
        let (name, sql) = view?;
        let by_id = || sql.strip_suffix(" NOT INDEXED")?.rsplit(' ').next();
        let by_name =
            || sql.rsplit_once("\" AS ").map(|(_, table)| table).filter(|table| is_row_table(table));
        if let Some(table) = by_id().or_else(by_name) {
            found.push((name, table.to_owned()));
        }
    }
    Ok(found)
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    Ok(connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn integers(connection: &Connection, sql: &str) -> Result<Vec<i64>, StoreError> {
    Ok(connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
