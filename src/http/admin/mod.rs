//! The admin API, `/__mock/v1`.

mod accounts;
mod control;
mod coverage;
mod datasets;
mod guard;
mod problem;
mod rows;

pub use problem::Problem;

use super::state::Options;
use axum::Router;
use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::routing::{get, post, put};

/// Every route of the admin API.
pub fn router(options: &Options) -> Router {
    let routes = Router::new()
        .route("/live", get(control::live))
        .route("/ready", get(control::ready))
        .route("/info", get(control::info))
        .route("/coverage", get(coverage::show))
        .route("/ca.pem", get(control::ca_pem))
        .route("/reset", post(control::reset))
        .route("/clock", get(control::clock).put(control::set_clock))
        .route("/clock/advance", post(control::advance_clock))
        .route("/ids", put(control::set_ids))
        .route("/throttle", get(control::throttle).put(control::set_throttle))
        .route("/tokens", post(accounts::mint))
        .route("/users", get(accounts::users))
        .route("/users/{name}", get(accounts::user).put(accounts::put_user).delete(accounts::remove_user))
        .route("/app-tokens", get(accounts::app_tokens))
        .route(
            "/app-tokens/{token}",
            get(accounts::app_token).put(accounts::put_app_token).delete(accounts::remove_app_token),
        )
        .route("/datasets", get(datasets::list))
        .route("/datasets/{dataset}", get(datasets::show).put(datasets::put).delete(datasets::remove))
        .route("/datasets/{dataset}/rows", get(rows::rows))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        // A dataset's rows come with its definition; the limit of the body is the server's own.
        .layer(axum::extract::DefaultBodyLimit::max(usize::try_from(options.max_body).unwrap_or(usize::MAX)))
        .layer(from_fn(guard::check));
    Router::new().nest("/__mock/v1", routes)
}

async fn unknown(uri: http::Uri) -> axum::response::Response {
    Problem::not_found(&format!("admin call {}; GET /__mock/v1/coverage lists them", uri.path()))
        .into_response()
}

async fn wrong_method(method: http::Method, uri: http::Uri) -> axum::response::Response {
    let detail = format!("{} does not know {method}", uri.path());
    Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}
