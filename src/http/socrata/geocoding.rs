//! `/api/geocoding`: what clients ask for before they publish.

use super::answer::{Answered, answer, reading};
use crate::http::exchange::RequestContext;
use crate::soda::SodaError;
use axum::body::Body;
use serde::Serialize;

/// How many rows of a view wait for their coordinates.
#[derive(Serialize)]
struct Pending {
    view: u64,
}

/// `GET /api/geocoding/4x4?method=pending`: nothing is ever geocoded here.
pub async fn pending(context: RequestContext, body: Body) -> Answered {
    reading(context, body, |context| match context.head.parameter("method") {
        Some("pending") => Ok(answer(&Pending { view: 0 })),
        other => Err(SodaError::not_emulated(&format!("geocoding?method={}", other.unwrap_or(""))).into()),
    })
    .await
}
