//! HTTP: the only place that knows axum.

mod admin;
mod call;
mod error;
mod layers;
mod oauth;
mod read;
mod resource;
mod row;
mod state;
mod upload;
mod views;

pub use crate::operation;
use crate::path;
pub use error::ApiError;
pub use layers::RequestId;
pub use state::{AppState, Options, Peer, Process};

use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};

/// Parts of Socrata that exist and are not emulated.
const NOT_EMULATED: [&str; 16] = [
    "/api/imports2",
    "/imports2",
    "/api/publishing",
    "/api/v3",
    "/api/archival",
    "/api/search",
    "/api/assets",
    "/api/file_data",
    "/api/migrations",
    "/api/authenticate",
    "/api/activity_log",
    "/api/version",
    "/api/users",
    "/metadata/v1",
    "/datasync",
    "/data.json",
];

/// Every route.
pub fn router(state: AppState) -> Router {
    let mut router = Router::new();
    for prefix in ["/resource", "/id", "/api/id"] {
        router = router
            .route(&format!("{prefix}/{{dataset}}"), any(resource::handle))
            .route(&format!("{prefix}/{{dataset}}/{{row}}"), any(row::handle));
    }
    let router = router
        .route("/oauth/authorize", get(oauth::consent).post(oauth::decide))
        .route("/oauth/access_token", post(oauth::access_token))
        .merge(views::router())
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown_path);
    let router = if state.options.no_admin { router } else { router.merge(admin::router(&state.options)) };
    layers::wrap(router, state)
}

async fn unknown_path(uri: http::Uri) -> Response {
    let path = uri.path();
    if let Some(known) = NOT_EMULATED.iter().find(|prefix| path.starts_with(**prefix)) {
        return ApiError::from(SodaError::not_emulated(known)).into_response();
    }
    ApiError::from(SodaError::new(ErrorCode::NotFound, format!("Path not found: {path}"))).into_response()
}

async fn wrong_method(method: http::Method) -> Response {
    ApiError::method_not_allowed(&method, "GET,POST").into_response()
}
