//! Queries for the stored rows of one dataset, beside those that are compiled from SoQL.

use super::history::StoredRow;
use crate::soda::{Column, Dataset, OutputColumns, SystemField, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// A query that can run, with the names and types of what it gives.
#[derive(Clone, Debug)]
pub struct Select {
    /// The query.
    pub sql: Arc<str>,
    /// Its parameters.
    pub params: Vec<Value<'static>>,
    /// The columns of its result.
    pub columns: Arc<OutputColumns>,
}

impl Select {
    /// Rows with all system fields in the order in which they were created: those after a row's number, all
    /// for -1; at most `limit`, all for -1.
    pub fn stored(dataset: &Dataset, after: i64, limit: i64) -> Self {
        let (list, columns) = list(dataset, &SystemField::ALL, |column| &column.field_name);
        let sql = format!("SELECT {list} FROM {} WHERE sid>?1 ORDER BY sid LIMIT ?2", dataset.table());
        Self { sql: sql.into(), params: vec![Value::Int(after), Value::Int(limit)], columns }
    }

    /// The same with the rows that changed since as they were then: `then` has them by their numbers, none of a
    /// row that was not there.
    pub fn stored_at(
        dataset: &Dataset,
        then: &HashMap<i64, Option<StoredRow>>,
        after: i64,
        limit: i64,
    ) -> Self {
        let (list, columns) = list(dataset, &SystemField::ALL, |column| &column.field_name);
        let cells: Vec<String> =
            (0..columns.len()).map(|n| format!("json_extract(value,'$[{n}]')")).collect();
        // SQLite merges the two, each in its order, without sorting them.
        let sql = format!(
            "SELECT {list} FROM {table} WHERE sid>?1 AND sid NOT IN (SELECT value FROM json_each(?3)) \
             UNION ALL SELECT {cells} FROM json_each(?4) WHERE {first}>?1 ORDER BY 1 LIMIT ?2",
            table = dataset.table(),
            cells = cells.join(","),
            first = cells[0]
        );
        let mut rows: Vec<&StoredRow> = then.values().flatten().collect();
        rows.sort_by_key(|row| row.id);
        let rows: Vec<serde_json::Value> = rows.into_iter().map(cells_of).collect();
        let ids = serde_json::Value::from_iter(then.keys().copied());
        let params = vec![
            Value::Int(after),
            Value::Int(limit),
            ids.to_string().into(),
            serde_json::Value::from(rows).to_string().into(),
        ];
        Self { sql: sql.into(), params, columns }
    }

    /// The rows with these numbers, in this order, with all system fields.
    pub fn numbered(dataset: &Dataset, numbers: &[i64]) -> Self {
        let (list, columns) = list(dataset, &SystemField::ALL, |column| &column.field_name);
        let table = dataset.table();
        // `CROSS JOIN` keeps SQLite from going through the table for each number.
        let sql = format!(
            "SELECT {list} FROM json_each(?1) AS wanted CROSS JOIN {table} ON {table}.sid=wanted.value ORDER BY wanted.key"
        );
        Self { sql: sql.into(), params: vec![serde_json::Value::from(numbers).to_string().into()], columns }
    }

    /// All rows in the order in which they were created, with some system fields; `name` names the others.
    pub fn all(dataset: &Dataset, system: &[SystemField], name: impl Fn(&Column) -> &String) -> Self {
        let (list, columns) = list(dataset, system, name);
        let list = if list.is_empty() { "1" } else { &list };
        let sql = format!("SELECT {list} FROM {} ORDER BY sid", dataset.table());
        Self { sql: sql.into(), params: Vec::new(), columns }
    }
}

/// A row's cells as JSON, from which SQLite reads the same values: what lies in it are nulls, numbers and texts.
fn cells_of(row: &StoredRow) -> serde_json::Value {
    let system = [row.id, row.version, row.created_at, row.updated_at].map(serde_json::Value::from);
    let own = row.cells.iter().map(|cell| match cell {
        Value::Null => serde_json::Value::Null,
        Value::Int(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) => text.as_ref().into(),
    });
    system.into_iter().chain(own).collect()
}

/// Columns of a dataset behind some system fields: in SQL, and with names and types.
fn list(
    dataset: &Dataset,
    system: &[SystemField],
    name: impl Fn(&Column) -> &String,
) -> (String, Arc<OutputColumns>) {
    let system = system.iter().map(|f| (f.column().to_owned(), (f.name().to_owned(), f.soql_type())));
    let own = dataset.columns.iter().map(|c| (c.sql(), (name(c).clone(), c.soql_type)));
    let (list, columns): (Vec<_>, Vec<_>) = system.chain(own).unzip();
    (list.join(","), Arc::new(columns.into()))
}
