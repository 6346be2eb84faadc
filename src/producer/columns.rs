//! Columns of a dataset: added, changed, removed. Each function works inside the caller's transaction, on the
//! dataset as that sees it, and gives the dataset as it is stored afterwards. `seen` is the dataset as it was when
//! the caller looked at it: 404 when it has gone since, 409 when another one has its id.

use crate::ids::Ids;
use crate::soda::definition::{self, DefinitionError, FieldNames};
use crate::soda::{Column, Dataset, ErrorCode, SodaError, SoqlType, folded};
use crate::store::{StoreError, WriteTx, alter, catalogue};
use serde_json::{Map, Value, json};

/// Adds columns behind those that are there, by their definitions (`name`, `dataTypeName`, …). A row identifier
/// that was named before its column was there is set. 400 for a definition that is wrong, and for too many columns.
pub fn add_columns(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    definitions: &[Value],
    ids: &Ids,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    let mut dataset = catalogue::to_change(tx, seen, now_ms)?;
    definition::check_count(dataset.columns.len() + definitions.len()).map_err(invalid)?;
    let mut names = FieldNames::of(&dataset.columns);
    for definition in definitions {
        // A number is not used again while a higher one is there.
        let number = dataset.columns.iter().map(|c| c.number).max().unwrap_or(0) + 1;
        let mut column = definition::column(definition, number, &names).map_err(invalid)?;
        names.add(&column.field_name);
        column.id = ids.column_id();
        dataset.columns.push(column);
        alter::add_column(tx, &dataset)?;
    }
    if let Some(index) = definition::awaited_identifier(&dataset).map_err(invalid)? {
        dataset.row_identifier = Some(index);
        alter::set_row_identifier(tx, &dataset)?;
    }
    catalogue::current(tx, &dataset)
}

/// Changes a column's names and presentation; what is not sent stays. Gives the column's place among the columns
/// too. `wanted` is its public id or its field name: 404 when there is none such. 400 for names that are wrong or
/// taken, 501 for another type.
pub fn change_column(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    wanted: &str,
    sent: Map<String, Value>,
    now_ms: i64,
) -> Result<(Dataset, usize), StoreError> {
    let mut dataset = catalogue::to_change(tx, seen, now_ms)?;
    let index = column_index(&dataset, wanted)?;
    let changed = changed_column(&dataset, index, sent)?;
    dataset.columns[index] = changed.clone();
    alter::update_column(tx, &dataset, &changed)?;
    Ok((catalogue::current(tx, &dataset)?, index))
}

/// Removes a column with its values. `wanted` is its public id or its field name: 404 when there is none such,
/// 400 when it is the row identifier.
pub fn remove_column(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    wanted: &str,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    let mut dataset = catalogue::to_change(tx, seen, now_ms)?;
    let index = column_index(&dataset, wanted)?;
    if dataset.row_identifier == Some(index) {
        return Err(is_row_identifier(&dataset.columns[index].field_name).into());
    }
    let column = dataset.columns.remove(index);
    dataset.row_identifier = dataset.row_identifier.map(|key| if key > index { key - 1 } else { key });
    alter::drop_column(tx, &dataset, &column)?;
    catalogue::current(tx, &dataset)
}

/// The place of a column by its public id or its field name; 404 when there is none such.
pub fn column_index(dataset: &Dataset, wanted: &str) -> Result<usize, SodaError> {
    let (by_id, by_name) = (wanted.parse::<i64>().ok(), folded(wanted));
    let mut columns = dataset.columns.iter();
    let found = columns.position(|c| by_id == Some(c.id) || folded(&c.field_name) == by_name);
    found.ok_or_else(|| SodaError::new(ErrorCode::NotFound, "Not found").data(json!({ "id": wanted })))
}

/// A column with other names and presentation; its type stays.
fn changed_column(dataset: &Dataset, index: usize, sent: Map<String, Value>) -> Result<Column, SodaError> {
    let column = &dataset.columns[index];
    let others = dataset.columns.iter().enumerate().filter(|(i, _)| *i != index);
    let others = FieldNames::of(others.map(|(_, column)| column));
    let kind = sent.get("dataTypeName").and_then(Value::as_str).map(str::to_lowercase);
    let kind = kind.filter(|kind| *kind != column.data_type_name);
    if let Some(kind) = kind.filter(|kind| SoqlType::of_data_type_name(kind).is_some()) {
        return Err(SodaError::not_emulated(&format!("changing a column's type to {kind}")));
    }
    let mut merged =
        json!({ "name": column.name, "fieldName": column.field_name, "dataTypeName": column.data_type_name });
    if let Some(target) = merged.as_object_mut() {
        target.extend(column.extra.clone());
        target.extend(sent);
    }
    let parsed = definition::column(&merged, column.number, &others).map_err(invalid)?;
    Ok(Column { id: column.id, ..parsed })
}

fn is_row_identifier(field: &str) -> SodaError {
    let text = "Cannot delete the column which is currently defined as the row-identifier";
    SodaError::new(ErrorCode::ColumnIsRowIdentifier, text)
        .data(json!({ "column": field }))
        .hint("Take the row identifier away first: PUT /api/views/4x4 with metadata.rowIdentifier null.")
}

/// 400 for a definition that is wrong.
pub(super) fn invalid(error: DefinitionError) -> SodaError {
    SodaError::invalid(error.to_string())
}
