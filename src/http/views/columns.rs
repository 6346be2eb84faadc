//! `/api/views/4x4/columns`.

use super::{Answered, Visit, answer, column_index, shape};
use crate::soda::definition;
use crate::soda::{Dataset, ErrorCode, SodaError, SoqlType};
use crate::store::{StoreError, alter};
use serde_json::{Value, json};

/// `GET …/columns`.
pub fn list(visit: &Visit, id: &str) -> Answered {
    let entry = visit.entry(id)?;
    let columns = entry.dataset.columns.iter().enumerate();
    Ok(answer(&columns.map(|(i, c)| shape::column(c, i)).collect::<Value>()))
}

/// `GET …/columns/ID`.
pub fn show(visit: &Visit, id: &str, wanted: &str) -> Answered {
    let entry = visit.entry(id)?;
    let index = column_index(&entry.dataset, wanted)?;
    Ok(answer(&shape::column(&entry.dataset.columns[index], index)))
}

/// `POST …/columns` with a column, or with an array of them for `method=multiCreate`.
pub async fn create(visit: &Visit, id: &str) -> Answered {
    let entry = visit.writable(id)?;
    let (sent, many) = match visit.json()? {
        Value::Array(list) => (list, true),
        // One client wraps the list (client evidence).
        Value::Object(mut map) if visit.parameter("method") == Some("multiCreate") => {
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
    let mut dataset = visit.to_change(&entry.dataset);
    let mut steps: Vec<Dataset> = Vec::new();
    for definition in &sent {
        // A number is not used again while a higher one is there.
        let number = dataset.columns.iter().map(|c| c.number).max().unwrap_or(0) + 1;
        let mut column = definition::column(definition, number, &dataset.columns)
            .map_err(|e| SodaError::invalid(e.to_string()))?;
        column.id = visit.state.space.ids.column_id();
        dataset.columns.push(column);
        steps.push(dataset.clone());
    }
    let awaited = definition::awaited_identifier(&dataset).map_err(|e| SodaError::invalid(e.to_string()))?;
    let keyed = awaited.map(|index| Dataset { row_identifier: Some(index), ..dataset.clone() });
    let job = move |connection: &_| -> Result<(), StoreError> {
        steps.iter().try_for_each(|step| alter::add_column(connection, step))?;
        keyed.map_or(Ok(()), |keyed| alter::set_row_identifier(connection, &keyed))
    };
    visit.state.space.store().define(job).await?;
    let first = dataset.columns.len() - sent.len();
    let made: Vec<Value> =
        dataset.columns.iter().enumerate().skip(first).map(|(i, c)| shape::column(c, i)).collect();
    Ok(answer(&match made.into_iter().next() {
        Some(one) if !many => one,
        _ => dataset.columns.iter().enumerate().skip(first).map(|(i, c)| shape::column(c, i)).collect(),
    }))
}

/// `PUT …/columns/ID`: names and presentation; a type cannot change here.
pub async fn update(visit: &Visit, id: &str, wanted: &str) -> Answered {
    let entry = visit.writable(id)?;
    let map = visit.object()?;
    let mut dataset = visit.to_change(&entry.dataset);
    let index = column_index(&dataset, wanted)?;
    let others: Vec<_> =
        dataset.columns.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, c)| c.clone()).collect();
    let column = &mut dataset.columns[index];
    let kind = map.get("dataTypeName").and_then(Value::as_str).map(str::to_lowercase);
    let kind = kind.filter(|kind| *kind != column.data_type_name);
    if let Some(kind) = kind.filter(|kind| SoqlType::of_data_type_name(kind).is_some()) {
        return Err(SodaError::not_emulated(&format!("changing a column's type to {kind}")).into());
    }
    let mut merged =
        json!({ "name": column.name, "fieldName": column.field_name, "dataTypeName": column.data_type_name });
    if let Some(target) = merged.as_object_mut() {
        target.extend(column.extra.clone());
        target.extend(map);
    }
    let parsed =
        definition::column(&merged, column.number, &others).map_err(|e| SodaError::invalid(e.to_string()))?;
    *column = crate::soda::Column { id: column.id, ..parsed };
    let shown = shape::column(column, index);
    let changed = column.clone();
    visit
        .state
        .space
        .store()
        .define(move |connection| alter::update_column(connection, &dataset, &changed))
        .await?;
    Ok(answer(&shown))
}

/// `DELETE …/columns/ID`.
pub async fn remove(visit: &Visit, id: &str, wanted: &str) -> Answered {
    let entry = visit.writable(id)?;
    let mut dataset = visit.to_change(&entry.dataset);
    let index = column_index(&dataset, wanted)?;
    if dataset.row_identifier == Some(index) {
        let name = &dataset.columns[index].field_name;
        let text = "Cannot delete the column which is currently defined as the row-identifier";
        return Err(SodaError::new(ErrorCode::ColumnIsRowIdentifier, text)
            .data(json!({ "column": name }))
            .hint("Take the row identifier away first: PUT /api/views/4x4 with metadata.rowIdentifier null.")
            .into());
    }
    let column = dataset.columns.remove(index);
    dataset.row_identifier = dataset.row_identifier.map(|key| if key > index { key - 1 } else { key });
    let job =
        move |connection: &_| -> Result<(), StoreError> { alter::drop_column(connection, &dataset, &column) };
    visit.state.space.store().define(job).await?;
    Ok(super::empty())
}
