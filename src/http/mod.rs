//! HTTP: the only place that knows axum.

pub mod admin;
mod api_keys;
mod arrival;
mod call;
mod catalog;
mod choice;
mod delivery;
mod error;
mod evidence;
mod faults;
pub mod footprint;
mod geocoding;
mod hosts;
mod ignored;
mod journal;
mod layers;
mod metadata;
mod negotiate;
mod not_emulated;
mod oauth;
mod page;
mod pipe;
mod precondition;
mod read;
mod rejection;
mod resource;
mod row;
mod soda3;
mod state;
mod upload;
mod users;
mod views;
mod visit;
mod wire;

use crate::path;
pub use admin::waiting_on;
pub use arrival::{Arrival, DRAIN_BYTES, DRAIN_TIME};
pub use choice::SpaceOfTunnel;
pub use error::ApiError;
pub use faults::{Ending, Line};
pub use layers::{App, RequestId};
pub use not_emulated::{FAMILIES, Family};
pub use state::{AdminToken, AppState, Instance, Options, Peer, Process};

use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use wire::{WireRoute, route};

/// Every route outside the admin API.
fn routes() -> Vec<WireRoute> {
    let mut routes = Vec::new();
    for prefix in ["/resource", "/id", "/api/id"] {
        routes.push(route(format!("{prefix}/{{dataset}}"), any(resource::handle), resource::SERVES));
        routes.push(route(format!("{prefix}/{{dataset}}/{{row}}"), any(row::handle), row::SERVES));
    }
    let consent = get(oauth::consent).post(oauth::decide);
    routes.push(route("/oauth/authorize", consent, &["GET /oauth/authorize", "POST /oauth/authorize"]));
    routes.push(route("/oauth/access_token", post(oauth::access_token), &["POST /oauth/access_token"]));
    routes.extend(api_keys::routes());
    routes.extend(catalog::routes());
    routes.extend(geocoding::routes());
    routes.extend(metadata::routes());
    routes.extend(users::routes());
    routes.extend(views::routes());
    routes.extend(soda3::routes());
    routes
}

/// The admin API and the page alone, for a port of their own.
pub fn admin_router(state: AppState) -> App {
    let router = admin::router().merge(page::router());
    layers::wrap(router.method_not_allowed_fallback(wrong_method).fallback(unknown_path), state)
}

/// Every route.
pub fn router(state: AppState) -> App {
    let router = routes().into_iter().fold(Router::new(), |router, route| route.join(router));
    let router =
        if state.options.no_admin { router } else { router.merge(admin::router()).merge(page::router()) };
    // After all routes: those that come later would refuse a method without a word.
    layers::wrap(router.method_not_allowed_fallback(wrong_method).fallback(unknown_path), state)
}

/// Every endpoint, as `METHOD path`: what the coverage matrix must have a row for.
pub fn endpoints() -> Vec<String> {
    let wire = routes()
        .into_iter()
        .chain(page::routes())
        .flat_map(|route| route.serves)
        .map(|served| (*served).to_owned());
    let admin = admin::routes();
    let admin = admin.iter().map(|route| format!("{} /__mock/v1{}", route.method, route.path));
    let document = "GET /__mock/openapi.json".to_owned();
    let mut all: Vec<String> = wire.chain(admin).chain([document]).collect();
    all.sort();
    all.dedup();
    all
}

async fn unknown_path(state: AppState, request: http::Request<Body>) -> Response {
    let (parts, _) = request.into_parts();
    if let Some(refusal) = not_emulated::refuse(&state, &parts) {
        return refusal.into_response();
    }
    let path = parts.uri.path();
    let error = SodaError::new(ErrorCode::NotFound, format!("Path not found: {path}"));
    ApiError::from(error.hint(nearby(path))).into_response()
}

/// What may have been meant by a path that is not served.
fn nearby(path: &str) -> String {
    match path.trim_end_matches('/') {
        bare if bare.starts_with("/__mock") => {
            "The admin API and the page are not here: GET /__mock/v1/coverage lists their paths, unless the server runs with --no-admin or --admin-listen."
                .to_owned()
        }
        bare if bare.len() > 1 && bare.len() < path.len() => format!("Leave out the slash at the end: {bare}"),
        "" | "/resource" | "/id" | "/api/id" => {
            "Rows are at /resource/4x4.json; the web page is at /__mock/, the datasets at /api/views.json.".to_owned()
        }
        _ => "Rows are at /resource/4x4.json, set-up at /api/views/4x4.json; GET /__mock/v1/coverage lists every path."
            .to_owned(),
    }
}

/// 405; the router adds the methods that the path knows.
async fn wrong_method(method: http::Method) -> Response {
    ApiError::wrong_method(&method).into_response()
}
