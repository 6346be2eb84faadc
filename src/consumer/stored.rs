//! Stored rows as they are, with their system fields.

use super::{Facts, Form, ReadFormat};
use crate::soda::{Dataset, SoqlType, SystemField, Value};
use std::sync::Arc;

/// Rows of a dataset in the order in which they were created: those after a row's number, all for -1;
/// at most `limit`, all for -1.
pub fn stored_rows(dataset: &Dataset, after: i64, limit: i64, format: ReadFormat) -> Facts {
    let (list, columns) = columns(dataset);
    let sql = format!("SELECT {list} FROM {} WHERE sid>?1 ORDER BY sid LIMIT ?2", dataset.table());
    let params = vec![Value::Int(after), Value::Int(limit)];
    Facts {
        sql: sql.into(),
        params,
        columns: Arc::new(columns.into()),
        format,
        form: Form::default(),
        single: false,
    }
}

/// The rows with these numbers, in this order.
pub fn numbered_rows(dataset: &Dataset, numbers: &[i64]) -> Facts {
    let (list, columns) = columns(dataset);
    let table = dataset.table();
    // `CROSS JOIN` keeps SQLite from going through the table for each number.
    let sql = format!(
        "SELECT {list} FROM json_each(?1) AS wanted CROSS JOIN {table} ON {table}.sid=wanted.value ORDER BY wanted.key"
    );
    let params = vec![serde_json::Value::from(numbers).to_string().into()];
    Facts {
        sql: sql.into(),
        params,
        columns: Arc::new(columns.into()),
        format: ReadFormat::Json,
        form: Form::default(),
        single: false,
    }
}

/// All columns of a dataset, the system fields first: as SQL, and with names and types.
fn columns(dataset: &Dataset) -> (String, Vec<(String, SoqlType)>) {
    let system = SystemField::ALL.map(|field| (field.name().to_owned(), field.soql_type()));
    let own = dataset.columns.iter().map(|column| (column.field_name.clone(), column.soql_type));
    (dataset.row_columns(), system.into_iter().chain(own).collect())
}
