//! A route outside the admin API together with the endpoints that it serves.
//!
//! The router and the check of the coverage matrix are built from the same list: an endpoint that is
//! served and has no row in `admin/coverage.rs` fails a test, and so does a method that a route knows
//! without saying so.

use axum::Router;
use axum::routing::MethodRouter;

/// A route of the wire.
pub struct WireRoute {
    /// axum's path.
    pub path: String,
    /// What it serves: `METHOD path` as in the coverage matrix; aliases name the original.
    pub serves: &'static [&'static str],
    service: MethodRouter,
}

/// A route.
pub fn route(path: impl Into<String>, service: MethodRouter, serves: &'static [&'static str]) -> WireRoute {
    WireRoute { path: path.into(), serves, service }
}

impl WireRoute {
    /// Adds it to a router.
    pub fn join(self, router: Router) -> Router {
        router.route(&self.path, self.service)
    }
}
