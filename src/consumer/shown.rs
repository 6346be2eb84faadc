//! Stored values as the read API shows them, for what is told about rows.

use crate::api::Row;
use crate::codec::normal;
use crate::soda::value::{self, RowIdCipher};
use crate::soda::{Dataset, SoqlType, Value};
use crate::store::Entry;
use crate::store::history::StoredRow;
use serde_json::Value as Json;

/// The `:id` of a row.
pub fn row_id(entry: &Entry, row: &StoredRow) -> Json {
    value::to_json(SoqlType::RowIdentifier, &Value::Int(row.id), &entry.cipher)
}

/// What identifies a row: the publisher's identifier, else its `:id`.
pub fn row_key(entry: &Entry, row: &StoredRow) -> Json {
    match (entry.dataset.row_identifier, entry.dataset.key_column()) {
        (Some(index), Some(column)) => row
            .cells
            .get(index)
            .map_or(Json::Null, |cell| value::to_json(column.soql_type, cell, &entry.cipher)),
        _ => row_id(entry, row),
    }
}

/// The stored form of a text that names a row; none when it can be no key of the dataset.
pub fn key_named(entry: &Entry, text: &str) -> Option<Value<'static>> {
    let rules = value::Rules { strict_types: false, id_cipher: &entry.cipher };
    let (_, soql_type) = entry.layout.key_field();
    // As the texts of rows: one normal form, no U+0000.
    let text = normal(text.into());
    let key = value::from_path(soql_type, &text, &rules).ok()?.into_owned();
    (!key.is_null()).then_some(key)
}

/// Whether a row is the one with this key.
pub fn has_key(entry: &Entry, row: &StoredRow, key: &Value<'_>) -> bool {
    match (entry.dataset.row_identifier, key) {
        (None, Value::Int(id)) => row.id == *id,
        (None, _) => false,
        (Some(index), key) => row.cells.get(index).is_some_and(|cell| same(entry.dataset.key().1, cell, key)),
    }
}

/// Whether two values are the same; numbers by value.
fn same(soql_type: SoqlType, a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) if soql_type == SoqlType::Number => {
            value::compare_numbers(a, b).is_eq()
        }
        _ => a == b,
    }
}

/// A row without system fields and without nulls.
pub fn row_object(dataset: &Dataset, row: &StoredRow, cipher: &RowIdCipher) -> Row {
    let mut object = Row::new();
    for (column, cell) in dataset.columns.iter().zip(&row.cells) {
        if *cell != Value::Null {
            object.insert(column.field_name.clone(), value::to_json(column.soql_type, cell, cipher));
        }
    }
    object
}
