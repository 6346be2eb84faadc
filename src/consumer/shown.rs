//! Stored values as the read API shows them, for what is told about rows.

use crate::api::Row;
use crate::codec::normal;
use crate::soda::value::{self, RowIdCipher, StoredRef};
use crate::soda::{Dataset, SoqlType, Stored};
use crate::store::Entry;
use crate::store::history::StoredRow;
use serde_json::Value;

/// One value; null for null.
pub fn shown(soql_type: SoqlType, stored: &Stored<'_>, cipher: &RowIdCipher) -> Value {
    let stored = match stored {
        Stored::Null => return Value::Null,
        Stored::Int(v) => StoredRef::Int(*v),
        Stored::Real(v) => StoredRef::Real(*v),
        Stored::Text(t) => StoredRef::Text(t),
    };
    let mut out = Vec::new();
    value::write_json(soql_type, &stored, cipher, &mut out);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}

/// The `:id` of a row.
pub fn row_id(entry: &Entry, row: &StoredRow) -> Value {
    shown(SoqlType::RowIdentifier, &Stored::Int(row.id), &entry.cipher)
}

/// What identifies a row: the publisher's identifier, else its `:id`.
pub fn row_key(entry: &Entry, row: &StoredRow) -> Value {
    match (entry.dataset.row_identifier, entry.dataset.key_column()) {
        (Some(index), Some(column)) => {
            row.cells.get(index).map_or(Value::Null, |cell| shown(column.soql_type, cell, &entry.cipher))
        }
        _ => row_id(entry, row),
    }
}

/// The stored form of a text that names a row; none when it can be no key of the dataset.
pub fn key_named(entry: &Entry, text: &str) -> Option<Stored<'static>> {
    let rules = value::Rules { strict_types: false, id_cipher: &entry.cipher };
    let (_, soql_type) = entry.layout.key_field();
    // As the texts of rows: one normal form, no U+0000.
    let text = normal(text.into());
    match value::from_path(soql_type, &text, &rules).ok()? {
        Stored::Text(t) => Some(Stored::Text(t.into_owned().into())),
        Stored::Int(v) => Some(Stored::Int(v)),
        Stored::Real(v) => Some(Stored::Real(v)),
        Stored::Null => None,
    }
}

/// Whether a row is the one with this key.
pub fn has_key(entry: &Entry, row: &StoredRow, key: &Stored<'_>) -> bool {
    match (entry.dataset.row_identifier, key) {
        (None, Stored::Int(id)) => row.id == *id,
        (None, _) => false,
        (Some(index), key) => row.cells.get(index).is_some_and(|cell| same(entry.dataset.key().1, cell, key)),
    }
}

/// Whether two values are the same; numbers by value.
fn same(soql_type: SoqlType, a: &Stored<'_>, b: &Stored<'_>) -> bool {
    match (a, b) {
        (Stored::Text(a), Stored::Text(b)) if soql_type == SoqlType::Number => {
            value::compare_numbers(a, b).is_eq()
        }
        _ => a == b,
    }
}

/// A row without system fields and without nulls.
pub fn row_object(dataset: &Dataset, row: &StoredRow, cipher: &RowIdCipher) -> Row {
    let mut object = Row::new();
    for (column, cell) in dataset.columns.iter().zip(&row.cells) {
        if *cell != Stored::Null {
            object.insert(column.field_name.clone(), shown(column.soql_type, cell, cipher));
        }
    }
    object
}
