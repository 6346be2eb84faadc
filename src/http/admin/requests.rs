//! The journal: requests with their answers.

use super::Problem;
use super::route::{Route, delete, get};
use crate::http::path::query_pairs;
use crate::http::state::AppState;
use crate::journal::Entry;
use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};
use std::sync::Arc;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/requests", "The journal: requests with their answers, the newest last.", list)
            .query("limit", "At most so many, the newest; 1000 without it.")
            .answers(r#"{"requests": [{"id": 1, "request_id": "0123…", "at": "2023-11-14T22:13:20.000Z", "duration_us": 0, "space": "default", "client": {"address": null, "user": null, "app_token": null, "agent": null}, "tls": false, "method": "GET", "path": "/resource/4tka-6guv.json", "query": "", "operation": "query", "dataset": "4tka-6guv", "status": 200, "rows": null, "error": null, "fault": null, "hint": null, "ended": "whole"}], "dropped": 0, "last": 1}"#)
            .shown_by(&["journal::an_upsert_is_told_with_the_fate_of_each_row"]),
        delete("/requests", "Forgets all requests; numbers go on.", clear)
            .answers(r#"{"deleted": 3}"#)
            .shown_by(&["journal::reset_begins_again_and_delete_goes_on"]),
        get("/requests/{request}", "One request: headers, bodies, the fate of each row.", show)
            .answers(r#"{"id": 1, "request_id": "0123…", "at": "2023-11-14T22:13:20.000Z", "duration_us": 0, "space": "default", "client": {"address": null, "user": null, "app_token": null, "agent": null}, "tls": false, "method": "GET", "path": "/resource/4tka-6guv.json", "query": "", "operation": "query", "dataset": "4tka-6guv", "status": 200, "rows": null, "error": null, "fault": null, "hint": null, "ended": "whole", "request": {"headers": [["host", "localhost"]], "body": {"bytes": 0, "text": "", "truncated": false, "encoding": null}}, "answer": {"headers": [], "body": {"bytes": 0, "text": "", "truncated": false, "encoding": null}}, "fates": [], "fates_dropped": 0, "data_version": null, "changes_url": null}"#)
            .refuses(&[404])
            .shown_by(&["journal::an_upsert_is_told_with_the_fate_of_each_row"]),
        delete("/requests/{request}", "Forgets one request.", remove)
            .answers(r#"{"deleted": 1}"#)
            .refuses(&[404])
            .shown_by(&["journal::reset_begins_again_and_delete_goes_on"]),
    ]
}

/// Entries of a list, unless `limit` says otherwise.
const LIMIT: usize = 1000;

/// `GET /requests`: the newest last.
pub async fn list(state: AppState, uri: http::Uri) -> Result<Json<Value>, Problem> {
    let pairs = query_pairs(uri.query())?;
    let snapshot = state.space.journal.snapshot();
    let mut limit = LIMIT;
    for (name, value) in &pairs {
        match name.as_str() {
            "limit" => limit = number(name, value)?,
            _ => return Err(Problem::bad_request(format!("{name}: not known"))),
        }
    }
    let found: Vec<&Arc<Entry>> = snapshot.entries.iter().collect();
    let shown = found[found.len().saturating_sub(limit)..].iter();
    Ok(Json(json!({
        "requests": shown.map(|entry| entry.summary(&state.space.name)).collect::<Vec<_>>(),
        "dropped": snapshot.dropped,
        "last": snapshot.last,
    })))
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Problem> {
    value.parse().map_err(|_| Problem::bad_request(format!("{name}={value} is not a number")))
}

fn found(state: &AppState, id: &str) -> Result<Arc<Entry>, Problem> {
    let entry = state.space.journal.find(number("id", id)?);
    entry.ok_or_else(|| Problem::not_found(&format!("request {id} in the journal of this space")))
}

/// `GET /requests/{id}`: headers, bodies, the fate of each row.
pub async fn show(state: AppState, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(found(&state, &id)?.detail(&state.space.name)))
}

/// `DELETE /requests`: numbers go on.
pub async fn clear(state: AppState) -> Json<Value> {
    Json(json!({ "deleted": state.space.journal.forget() }))
}

/// `DELETE /requests/{id}`.
pub async fn remove(state: AppState, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let entry = found(&state, &id)?;
    state.space.journal.remove(entry.id);
    Ok(Json(json!({ "deleted": entry.id })))
}
