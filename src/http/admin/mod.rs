//! The admin API, `/__mock/v1`.

mod datasets;
mod problem;

pub use datasets::{list, put, remove, show};

use super::state::AppState;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET /live`.
pub async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

/// `GET /ready`: the router runs only once every seed is loaded.
pub async fn ready(State(_state): State<AppState>) -> Json<Value> {
    Json(json!({ "ready": true, "waiting_on": [] }))
}
