//! What is there, what is pending.

use super::{ApiError, answer, shape};
use crate::http::state::AppState;
use crate::http::visit::reading;
use crate::soda::SodaError;
use crate::store::versions::Versions;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http::header::HOST;
use serde_json::{Value, json};

/// `GET /api/geocoding/4x4?method=pending`: nothing is ever geocoded here.
pub async fn geocoding(state: AppState, request: Request<Body>) -> Response {
    reading(state, request, |visit| match visit.parameter("method") {
        Some("pending") => Ok(answer(&json!({ "view": 0 }))),
        other => Err(SodaError::not_emulated(&format!("geocoding?method={}", other.unwrap_or(""))).into()),
    })
    .await
}

/// `GET /api/catalog/v1`; `ids`, `names`, `q`, `limit`, `offset` narrow it down.
pub async fn catalog(state: AppState, request: Request<Body>) -> Response {
    reading(state, request, |visit| {
        let host =
            visit.parts.headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost").to_owned();
        let catalogue = visit.state.space.store().catalogue();
        let wanted = |name: &str| -> Option<Vec<String>> {
            visit.parameter(name).map(|v| v.split(',').map(str::to_lowercase).collect())
        };
        let (ids, names, text) =
            (wanted("ids"), wanted("names"), visit.parameter("q").map(str::to_lowercase));
        let fits = |d: &crate::soda::Dataset| {
            ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == d.id.as_str()))
                && names.as_ref().is_none_or(|names| names.contains(&d.name.to_lowercase()))
                && text.as_ref().is_none_or(|t| d.name.to_lowercase().contains(t.as_str()))
        };
        let found: Vec<_> = catalogue
            .all()
            .into_iter()
            .filter(|e| visit.caller.may_read(&e.dataset).is_ok() && fits(&e.dataset))
            .collect();
        let number = |name: &str, default: usize| {
            visit.parameter(name).and_then(|v| v.parse().ok()).unwrap_or(default)
        };
        let page = found.iter().skip(number("offset", 0)).take(number("limit", 100));
        let results: Vec<Value> = page
            .map(|e| Ok(result(&e.dataset, visit.versions(e)?, &host)))
            .collect::<Result<_, ApiError>>()?;
        Ok(answer(&json!({
            "results": results,
            "resultSetSize": found.len(),
            "timings": { "serviceMillis": 0, "searchMillis": [0, 0] },
            "warnings": [],
        })))
    })
    .await
}

fn result(dataset: &crate::soda::Dataset, versions: Versions, host: &str) -> Value {
    let time = |ms: i64| {
        jiff::Timestamp::from_millisecond(ms)
            .map(|t| t.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
            .unwrap_or_default()
    };
    let created = time(dataset.created_at.saturating_mul(1000));
    let updated = time(versions.rows_updated_at);
    json!({
        "resource": {
            "name": dataset.name,
            "id": dataset.id.as_str(),
            "resource_name": dataset.resource_name,
            "parent_fxf": [],
            "description": dataset.extra.get("description").and_then(Value::as_str).unwrap_or(""),
            "attribution": dataset.extra.get("attribution"),
            "type": "dataset",
            "updatedAt": updated,
            "createdAt": created,
            "metadata_updated_at": updated,
            "data_updated_at": updated,
            "page_views": { "page_views_last_week": 0, "page_views_last_month": 0, "page_views_total": 0 },
            "columns_name": dataset.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
            "columns_field_name": dataset.columns.iter().map(|c| c.field_name.as_str()).collect::<Vec<_>>(),
            "columns_datatype": dataset.columns.iter().map(|c| c.data_type_name.as_str()).collect::<Vec<_>>(),
        },
        "classification": { "categories": [], "tags": [], "domain_tags": [], "domain_metadata": [] },
        "metadata": { "domain": host },
        "permalink": format!("https://{host}/d/{}", dataset.id),
        "link": format!("https://{host}/d/{}", dataset.id),
        "owner": shape::user(shape::owner(dataset)),
    })
}
