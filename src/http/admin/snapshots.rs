//! Named states of a space's data.

use super::Problem;
use super::route::{Route, delete, get, post, put};
use crate::http::state::AppState;
use crate::space::{ResetError, Snapshot, check_name};
use crate::store::Image;
use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};
use std::sync::Arc;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const SHOWN: &str =
        r#"{"name": "before", "taken_at": "2023-11-14T22:13:20Z", "datasets": 1, "rows": 2, "bytes": 1}"#;
    vec![
        get("/snapshots", "The snapshots of the space.", list)
            .answers(r#"{"snapshots": []}"#)
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        get("/snapshots/{name}", "One snapshot.", show)
            .answers(SHOWN)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        put("/snapshots/{name}", "Keeps the data of now under a name.", take)
            .answers(SHOWN)
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        delete("/snapshots/{name}", "Forgets a snapshot.", remove)
            .answers(r#"{"deleted": "before"}"#)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        post("/snapshots/{name}/restore", "Gives the data of a snapshot back.", restore)
            .answers(r#"{"restored": {"name": "before"}}"#)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
    ]
}

type Answer = Result<Json<Value>, Problem>;

impl From<ResetError> for Problem {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Store(error) => error.into(),
            ResetError::Seed(error) => Self::bad_request(error.to_string()),
        }
    }
}

/// 404 for a name that stands for no state.
pub fn no_snapshot(name: &str) -> Problem {
    Problem::not_found(&format!(
        "snapshot {name}; PUT /__mock/v1/snapshots/{{name}} takes one, and \"seed\" and \"empty\" are always there"
    ))
}

/// The data that a name stands for: a snapshot, `seed`, `empty`, or `current`, the data of now.
pub async fn image_named(state: &AppState, name: &str) -> Result<Arc<Image>, Problem> {
    if name == "current" {
        return Ok(state.space.current_image().await?);
    }
    let target = state.space.target(name).ok_or_else(|| no_snapshot(name))?;
    Ok(state.space.image_of(&target).await?)
}

fn shown(name: &str, snapshot: &Snapshot) -> Value {
    let at = jiff::Timestamp::from_millisecond(snapshot.taken_at).map(|t| t.to_string()).unwrap_or_default();
    json!({
        "name": name,
        "taken_at": at,
        "datasets": snapshot.datasets,
        "rows": snapshot.rows,
        "bytes": snapshot.bytes,
    })
}

/// `GET /snapshots`.
pub async fn list(state: AppState) -> Json<Value> {
    let all = state.space.snapshots.all();
    Json(json!({ "snapshots": all.iter().map(|(name, one)| shown(name, one)).collect::<Vec<_>>() }))
}

/// `GET /snapshots/{name}`.
pub async fn show(state: AppState, Path(name): Path<String>) -> Answer {
    let snapshot = state.space.snapshots.find(&name).ok_or_else(|| no_snapshot(&name))?;
    Ok(Json(shown(&name, &snapshot)))
}

/// `PUT /snapshots/{name}`: the data of now; an older snapshot of that name is replaced.
pub async fn take(state: AppState, Path(name): Path<String>) -> Answer {
    check_name(&name).map_err(|e| Problem::bad_request(e.to_string()))?;
    let snapshot = state.space.take_snapshot(&name).await?;
    Ok(Json(shown(&name, &snapshot)))
}

/// `POST /snapshots/{name}/restore`: the data only, and at once for everyone.
pub async fn restore(state: AppState, Path(name): Path<String>) -> Answer {
    let snapshot = state.space.snapshots.find(&name).ok_or_else(|| no_snapshot(&name))?;
    state.space.restore(&snapshot).await?;
    Ok(Json(json!({ "restored": shown(&name, &snapshot) })))
}

/// `DELETE /snapshots/{name}`.
pub async fn remove(state: AppState, Path(name): Path<String>) -> Answer {
    if state.space.snapshots.remove(&name) {
        Ok(Json(json!({ "deleted": name })))
    } else {
        Err(no_snapshot(&name))
    }
}
