//! The admin API, `/__mock/v1`.
//!
//! # Adding a call
//!
//! Each file has a `routes()` beside its handlers, listed in [`routes`] below. One entry is the route,
//! its place in the OpenAPI document and its row in the coverage matrix:
//!
//! ```text
//! put("/clock", "Freezes, shifts or frees the clock.", set_clock)     // handlers as axum knows them
//!     .takes::<ClockRequest>()                                        // derives schemars::JsonSchema
//!     .query("limit", "At most so many.")                             // as many as there are
//!     .answers::<api::Clock>(r#"{"mode": "frozen", "now_ms": 0}"#)    // its type, and an example
//!     .refuses(&[409])                                                // beside 400, 403, 404, 413
//!     .shown_by(&["accounts::tokens_are_minted_and_expire"])          // tests in tests/it or src
//! ```
//!
//! Tests hold the entry to it: the example must be JSON with the members of the real answer, the named
//! tests must exist, and the router must know each call and no other.

mod accounts;
mod changes;
mod control;
mod coverage;
mod datasets;
mod domains;
mod events;
mod expect;
mod faults;
mod guard;
mod input;
mod metrics;
mod openapi;
mod problem;
mod publishing;
mod query;
mod replay;
mod requests;
mod route;
mod rows;
mod selection;
mod send;
mod snapshot_file;
mod snapshots;
mod soql;
mod spaces;
mod sql;
mod undo;
mod verify;

pub use control::waiting_on;
pub use coverage::{Coverage, as_text as coverage_as_text, matrix as coverage_matrix};
pub use guard::visitors as guard;
pub use openapi::document;
pub use problem::Problem;
pub use route::{Answers, Route, Takes};

use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};

/// What a handler answers with.
type Answer<T> = Result<Json<T>, Problem>;

/// Every call of the admin API.
pub fn routes() -> Vec<Route> {
    let files = [
        control::routes(),
        coverage::routes(),
        accounts::routes(),
        changes::routes(),
        datasets::routes(),
        domains::routes(),
        events::routes(),
        expect::routes(),
        faults::routes(),
        metrics::routes(),
        publishing::routes(),
        query::routes(),
        requests::routes(),
        snapshot_file::routes(),
        snapshots::routes(),
        replay::routes(),
        send::routes(),
        soql::routes(),
        spaces::routes(),
        sql::routes(),
        undo::routes(),
        verify::routes(),
    ];
    files.into_iter().flatten().collect()
}

/// The router of the admin API.
pub fn router() -> Router {
    let calls = routes().into_iter().fold(Router::new(), |router, route| route.join(router));
    let calls = calls.fallback(unknown).method_not_allowed_fallback(wrong_method);
    Router::new()
        .nest("/__mock/v1", calls)
        .route("/__mock/openapi.json", get(openapi::show))
        // The guard knows the limits.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(from_fn(guard::callers))
        .route("/__mock/soql", get(soql::page))
}

async fn unknown(uri: http::Uri) -> axum::response::Response {
    Problem::not_found(&format!("admin call {}; GET /__mock/v1/coverage lists them", uri.path()))
        .into_response()
}

async fn wrong_method(method: http::Method, uri: http::Uri) -> axum::response::Response {
    let detail = format!("{} does not know {method}", uri.path());
    Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}
