//! Datasets by the admin API: create or replace from the short form, list, show, remove.

use super::problem::Problem;
use crate::http::state::AppState;
use crate::seed::{NewDataset, define_all};
use crate::soda::{FourByFour, SodaError};
use crate::store::{Entry, StoreError, catalogue};
use axum::Json;
use axum::extract::Path;
use bytes::Bytes;
use serde_json::{Value, json};

/// `PUT /datasets/{4x4}`: the short form, rows included.
pub async fn put(state: AppState, Path(id): Path<String>, body: Bytes) -> Result<Json<Value>, Problem> {
    let id = FourByFour::parse(&id).ok_or_else(|| Problem::bad_request(format!("{id} is not a 4x4 id")))?;
    let definition: Value = serde_json::from_slice(&body)
        .map_err(|e| Problem::bad_request(format!("The body is not JSON: {e}")))?;
    let made = define_all(&state.space, vec![NewDataset { id, definition, rows: None }]).await;
    let made = made.map_err(|(_, error)| Problem::from(error))?;
    let made = made.first().ok_or_else(|| Problem::bad_request("nothing was made"))?;
    Ok(Json(json!({ "id": made.id.as_str(), "rows": made.rows, "data_version": made.data_version })))
}

/// `GET /datasets`.
pub async fn list(state: AppState) -> Result<Json<Value>, Problem> {
    let catalogue = state.space.store().catalogue();
    let list = catalogue
        .all()
        .into_iter()
        .map(|entry| describe(&state, entry))
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Json(Value::Array(list)))
}

/// `GET /datasets/{4x4}`.
pub async fn show(state: AppState, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let catalogue = state.space.store().catalogue();
    let entry = catalogue.find(&id).ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    let mut shown = describe(&state, entry)?;
    let columns: Vec<Value> = entry
        .dataset
        .columns
        .iter()
        .map(|c| json!({ "fieldName": c.field_name, "name": c.name, "dataTypeName": c.data_type_name }))
        .collect();
    if let Some(map) = shown.as_object_mut() {
        map.insert("columns".into(), columns.into());
    }
    Ok(Json(shown))
}

fn describe(state: &AppState, entry: &Entry) -> Result<Value, StoreError> {
    let dataset = &entry.dataset;
    let (rows, version): (i64, i64) = state.space.store().read(|connection| {
        let sql = format!(
            "SELECT (SELECT count(*) FROM {}), data_version FROM datasets WHERE number=?1",
            dataset.table()
        );
        Ok(connection.query_row(&sql, [dataset.number], |row| Ok((row.get(0)?, row.get(1)?)))?)
    })?;
    Ok(json!({
        "id": dataset.id.as_str(),
        "name": dataset.name,
        "resourceName": dataset.resource_name,
        "rows": rows,
        "data_version": version,
        "row_identifier": dataset.key_column().map(|c| c.field_name.clone()),
        "public": dataset.public,
        "stage": dataset.stage.name(),
    }))
}

/// `DELETE /datasets/{4x4}`.
pub async fn remove(state: AppState, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let entry = state.space.store().catalogue().find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    let removed =
        state.space.store().define(move |connection| catalogue::remove(connection, &entry.dataset)).await?;
    if !removed {
        return Err(SodaError::dataset_missing(&id).into());
    }
    Ok(Json(json!({ "deleted": id })))
}
