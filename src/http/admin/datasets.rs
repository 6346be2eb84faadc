//! Datasets by the admin API: create or replace from the short form, list, show, remove.

use super::problem::Problem;
use crate::clock::Clock as _;
use crate::codec::{BodyFormat, Decoder, MAX_ROW, RowLayout, Rows, TopLevel};
use crate::http::state::{AppState, Space};
use crate::producer::{Detail, Fatal, UpsertOptions, upsert};
use crate::soda::value::RowIdCipher;
use crate::soda::{Dataset, FourByFour, SodaError, definition};
use crate::store::{Connection, Entry, StoreError, catalogue};
use axum::Json;
use axum::extract::{Path, State};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

/// `PUT /datasets/{4x4}`: the short form, rows included.
pub async fn put(
    State(state): State<AppState>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let id = FourByFour::parse(&id).ok_or_else(|| Problem::bad_request(format!("{id} is not a 4x4 id")))?;
    let definition: Value = serde_json::from_slice(&body)
        .map_err(|e| Problem::bad_request(format!("The body is not JSON: {e}")))?;
    define(&state.space, id, definition).await
}

/// Makes or replaces a dataset from its definition.
pub async fn define(space: &Arc<Space>, id: FourByFour, definition: Value) -> Result<Json<Value>, Problem> {
    let mut dataset = definition::parse(&definition, id).map_err(|e| Problem::bad_request(e.to_string()))?;
    let now = space.clock.now_ms();
    dataset.id_key = space.ids.bytes::<72>().to_vec();
    dataset.created_at = now / 1000;
    dataset.rows_updated_at = now;
    for column in &mut dataset.columns {
        if column.id == 0 {
            column.id = space.ids.column_id();
        }
    }
    let rows = definition.get("rows").map_or_else(|| "[]".to_owned(), Value::to_string);
    let old = space.store.catalogue().find(dataset.id.as_str()).map(|e| e.dataset.clone());
    let summary = space
        .store
        .define(move |connection| {
            if let Some(old) = &old {
                catalogue::remove(connection, old)?;
            }
            create_with_rows(connection, dataset, &rows, now)
        })
        .await?;
    Ok(Json(summary))
}

fn create_with_rows(
    connection: &Connection,
    mut dataset: Dataset,
    rows: &str,
    now: i64,
) -> Result<Value, StoreError> {
    catalogue::create(connection, &mut dataset)?;
    let cipher = Arc::new(RowIdCipher::new(&dataset.id_key));
    let layout = Arc::new(RowLayout::new(&dataset, Arc::clone(&cipher), false));
    let mut typed = Rows::new(Arc::clone(&layout));
    let mut decoder = Decoder::new(BodyFormat::Json, TopLevel::Array, MAX_ROW);
    decoder.feed(rows.as_bytes(), &mut typed)?;
    decoder.finish(&mut typed)?;
    let id = dataset.id.clone();
    let entry = Entry { dataset, layout, cipher };
    let options = UpsertOptions {
        truncate: false,
        merge: true,
        fatal: Fatal::All,
        expected_version: None,
        detail: Detail::Counts,
        now,
    };
    let report = upsert(connection, &entry, std::iter::once(Ok(typed.take())), &options)?;
    Ok(json!({ "id": id.as_str(), "rows": report.created, "data_version": report.data_version }))
}

/// `GET /datasets`.
pub async fn list(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let catalogue = state.space.store.catalogue();
    let list = catalogue
        .all()
        .into_iter()
        .map(|entry| describe(&state, entry))
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Json(Value::Array(list)))
}

/// `GET /datasets/{4x4}`.
pub async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let catalogue = state.space.store.catalogue();
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
    let (rows, version): (i64, i64) = state.space.store.read(|connection| {
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
pub async fn remove(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let entry = state.space.store.catalogue().find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    let removed =
        state.space.store.define(move |connection| catalogue::remove(connection, &entry.dataset)).await?;
    if !removed {
        return Err(SodaError::dataset_missing(&id).into());
    }
    Ok(Json(json!({ "deleted": id })))
}
