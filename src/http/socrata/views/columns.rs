//! `/api/views/4x4/columns`.

use super::shape;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, empty};
use crate::soda::definition::{self, FieldNames};
use crate::soda::{Column, Dataset, ErrorCode, SodaError, SoqlType};
use crate::store::{StoreError, WriteTx, alter, catalogue};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET …/columns`.
pub fn list(context: &RequestContext, id: &str) -> Answered {
    let entry = context.entry(id)?;
    let columns = entry.dataset.columns.iter().enumerate();
    Ok(answer(&columns.map(|(i, c)| shape::column(c, i)).collect::<Value>()))
}

/// `GET …/columns/ID`.
pub fn show(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.entry(id)?;
    let index = column_index(&entry.dataset, wanted)?;
    Ok(answer(&shape::column(&entry.dataset.columns[index], index)))
}

/// `POST …/columns` with a column, or with an array of them for `method=multiCreate`.
pub async fn create(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let (sent, many) = match context.json()? {
        Value::Array(list) => (list, true),
        // One client wraps the list (client evidence).
        Value::Object(mut map) if context.head.parameter("method") == Some("multiCreate") => {
            match map.remove("columns") {
                Some(Value::Array(list)) => (list, true),
                _ => {
                    return Err(SodaError::invalid("multiCreate needs a list of columns")
                        .hint("Send {\"columns\": [{\"name\": …, \"dataTypeName\": …}]}.")
                        .into());
                }
            }
        }
        other => (vec![other], false),
    };
    let added = sent.len();
    let (seen, ids, now) = (entry.dataset.clone(), Arc::clone(&context.state.space.ids), context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<Dataset, StoreError> {
        let mut dataset = catalogue::to_change(tx, &seen, now)?;
        definition::check_count(dataset.columns.len() + sent.len()).map_err(invalid)?;
        let mut names = FieldNames::of(&dataset.columns);
        for definition in &sent {
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
        Ok(dataset)
    };
    let dataset = context.state.space.store().define(job).await?;
    let made = dataset.columns.iter().enumerate().skip(dataset.columns.len() - added);
    let mut made = made.map(|(index, column)| shape::column(column, index));
    Ok(answer(&if many { made.collect() } else { made.next().unwrap_or_default() }))
}

fn invalid(error: definition::DefinitionError) -> SodaError {
    SodaError::invalid(error.to_string())
}

/// `PUT …/columns/ID`: names and presentation; a type cannot change here.
pub async fn update(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.writable(id)?;
    let map = context.object()?;
    column_index(&entry.dataset, wanted)?;
    let (seen, wanted, now) = (entry.dataset.clone(), wanted.to_owned(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<Value, StoreError> {
        let mut dataset = catalogue::to_change(tx, &seen, now)?;
        let index = find_column(&dataset, &wanted)?;
        let changed = changed_column(&dataset, index, map)?;
        dataset.columns[index] = changed.clone();
        alter::update_column(tx, &dataset, &changed)?;
        Ok(shape::column(&changed, index))
    };
    Ok(answer(&context.state.space.store().define(job).await?))
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

/// `DELETE …/columns/ID`.
pub async fn remove(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.writable(id)?;
    column_index(&entry.dataset, wanted)?;
    let (seen, wanted, now) = (entry.dataset.clone(), wanted.to_owned(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        let mut dataset = catalogue::to_change(tx, &seen, now)?;
        let index = find_column(&dataset, &wanted)?;
        if dataset.row_identifier == Some(index) {
            return Err(is_row_identifier(&dataset.columns[index].field_name).into());
        }
        let column = dataset.columns.remove(index);
        dataset.row_identifier = dataset.row_identifier.map(|key| if key > index { key - 1 } else { key });
        alter::drop_column(tx, &dataset, &column)
    };
    context.state.space.store().define(job).await?;
    Ok(empty())
}

fn is_row_identifier(field: &str) -> SodaError {
    let text = "Cannot delete the column which is currently defined as the row-identifier";
    SodaError::new(ErrorCode::ColumnIsRowIdentifier, text)
        .data(json!({ "column": field }))
        .hint("Take the row identifier away first: PUT /api/views/4x4 with metadata.rowIdentifier null.")
}

/// The place of a column that a path names by its public id or its field name.
fn column_index(dataset: &Dataset, wanted: &str) -> Result<usize, ApiError> {
    Ok(find_column(dataset, wanted)?)
}

fn find_column(dataset: &Dataset, wanted: &str) -> Result<usize, SodaError> {
    let by_id = wanted.parse::<i64>().ok();
    let folded = crate::soda::folded(wanted);
    let found = dataset
        .columns
        .iter()
        .position(|c| by_id == Some(c.id) || crate::soda::folded(&c.field_name) == folded);
    found.ok_or_else(|| SodaError::new(ErrorCode::NotFound, "Not found").data(json!({ "id": wanted })))
}
