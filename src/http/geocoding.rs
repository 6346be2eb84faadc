//! `/api/geocoding`: what clients ask for before they publish.

use super::state::AppState;
use super::visit::{answer, reading};
use super::wire::{WireRoute, route};
use crate::soda::SodaError;
use axum::body::Body;
use axum::response::Response;
use axum::routing::any;
use http::Request;
use serde::Serialize;

/// The routes.
pub fn routes() -> Vec<WireRoute> {
    ["/api/geocoding", "/api/geocoding/{id}"]
        .map(|path| route(path, any(pending), &["GET /api/geocoding/{4x4}"]))
        .into()
}

/// How many rows of a view wait for their coordinates.
#[derive(Serialize)]
struct Pending {
    view: u64,
}

/// `GET /api/geocoding/4x4?method=pending`: nothing is ever geocoded here.
async fn pending(state: AppState, request: Request<Body>) -> Response {
    reading(state, request, |visit| match visit.parameter("method") {
        Some("pending") => Ok(answer(&Pending { view: 0 })),
        other => Err(SodaError::not_emulated(&format!("geocoding?method={}", other.unwrap_or(""))).into()),
    })
    .await
}
