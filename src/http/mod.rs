//! HTTP: the only place that knows axum.

mod admin;
mod call;
mod error;
mod layers;
mod path;
mod read;
mod resource;
mod row;
mod state;
mod upload;

pub use error::ApiError;
pub use layers::RequestId;
pub use state::{AppState, Options, Peer, Process};

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::any;

/// Every route.
pub fn router(state: AppState) -> Router {
    let mut router = Router::new();
    for prefix in ["/resource", "/id", "/api/id"] {
        router = router
            .route(&format!("{prefix}/{{dataset}}"), any(resource::handle))
            .route(&format!("{prefix}/{{dataset}}/{{row}}"), any(row::handle));
    }
    let router = router.fallback(unknown_path).with_state(state.clone());
    let router = if state.options.no_admin { router } else { router.merge(admin::router(state.clone())) };
    layers::wrap(router, state)
}

async fn unknown_path(uri: http::Uri) -> axum::response::Response {
    let error = crate::soda::SodaError::new(
        crate::soda::ErrorCode::NotFound,
        format!("Path not found: {}", uri.path()),
    );
    ApiError::from(error).into_response()
}
