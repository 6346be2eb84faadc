//! A route outside the admin API together with the endpoints that it serves.
//!
//! The router and the check of the coverage matrix are built from the same list: an endpoint that is
//! served and has no row in `admin/coverage.rs` fails a test, and so does a method that a route knows
//! without saying so.

use axum::Router;
use axum::routing::MethodRouter;

/// A route of the wire.
pub struct WireRoute {
    /// axum's paths.
    pub paths: Vec<String>,
    /// Methods, with blanks between them, and the path that they are named by in the coverage matrix.
    pub serves: &'static [(&'static str, &'static str)],
    service: MethodRouter,
}

/// A route at each of these paths below each of these prefixes.
pub fn route(
    prefixes: &[&str],
    paths: &[&str],
    service: MethodRouter,
    serves: &'static [(&'static str, &'static str)],
) -> WireRoute {
    let below = |prefix| paths.iter().map(move |path| format!("{prefix}{path}"));
    WireRoute { paths: prefixes.iter().flat_map(below).collect(), serves, service }
}

/// Whether a path is an endpoint's: segment by segment, `{…}` is any.
pub fn fits(endpoint: &str, path: &str) -> bool {
    let (endpoint, path) = (endpoint.split('/'), path.split('/'));
    endpoint.clone().count() == path.clone().count()
        && endpoint
            .zip(path)
            .all(|(wanted, sent)| wanted == sent || wanted.starts_with('{') && !sent.is_empty())
}

impl WireRoute {
    /// Adds it to a router.
    pub fn join(self, router: Router) -> Router {
        self.paths.iter().fold(router, |router, path| router.route(path, self.service.clone()))
    }

    /// What it serves: `METHOD path` as in the coverage matrix.
    pub fn endpoints(&self) -> impl Iterator<Item = String> {
        self.serves
            .iter()
            .flat_map(|(methods, path)| methods.split(' ').map(move |method| format!("{method} {path}")))
    }
}
