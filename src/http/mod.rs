//! HTTP: the only place that knows axum.

pub mod admin;
mod error;
mod evidence;
mod exchange;
mod help;
mod page;
mod publishing;
mod socrata;
mod state;
mod wire;

pub use admin::waiting_on;
pub use error::ApiError;
pub use exchange::{
    App, Arrival, Connection, DRAIN_BYTES, DRAIN_TIME, HangUp, HungUp, Outcome, Peer, TunnelSpace,
};
pub use socrata::not_emulated::{FAMILIES, Family};
pub use state::{AdminToken, AppState, Instance, Options, Process};

use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use exchange::RequestContext;
use socrata::{
    api_keys, archival, catalog, geocoding, metadata, not_emulated, oauth, resource, row, soda3, users, views,
};
use wire::{WireRoute, route};

/// Core serves its paths with and without `/api` (client evidence).
const CORE: &[&str] = &["/api", ""];

/// Rows have three addresses, as have the metadata API and the catalogue two.
const ROWS: &[&str] = &["/resource", "/id", "/api/id"];
const METADATA: &[&str] = &["/api/views/metadata/v1", "/views/metadata/v1"];
const CATALOG: &[&str] = &["/api/catalog/v1", "/catalog/v1"];

/// Every route outside the admin API.
fn routes() -> Vec<WireRoute> {
    dataset_routes().into_iter().chain(site_routes()).chain(publishing::routes()).collect()
}

/// Routes of datasets: prefixes, paths, handler, and the endpoints of the coverage matrix.
fn dataset_routes() -> Vec<WireRoute> {
    vec![
        route(ROWS, &["/{dataset}"], any(resource::handle), &[("GET POST PUT DELETE", "/resource/{4x4}")]),
        route(
            ROWS,
            &["/{dataset}/{row}"],
            any(row::handle),
            &[("GET POST PUT DELETE", "/resource/{4x4}/{row}")],
        ),
        route(
            &["/api/v3/views"],
            &["/{dataset}/{verb}"],
            any(soda3::handle),
            &[("GET POST", "/api/v3/views/{4x4}/query"), ("GET POST", "/api/v3/views/{4x4}/export")],
        ),
        route(CORE, &["/views", "/views.json"], any(views::list), &[("GET POST", "/api/views")]),
        route(CORE, &["/views/{id}"], any(views::one), &[("GET PUT PATCH DELETE", "/api/views/{4x4}")]),
        route(
            CORE,
            &["/views/{id}/{part}"],
            any(views::part),
            &[
                ("GET POST", "/api/views/{4x4}/columns"),
                ("POST", "/api/views/{4x4}/publication"),
                ("GET PUT", "/api/views/{4x4}/permissions"),
                ("GET", "/api/views/{4x4}/replication"),
                ("GET", "/api/views/{4x4}/rows"),
            ],
        ),
        route(
            CORE,
            &["/views/{id}/columns/{column}"],
            any(views::column),
            &[("GET PUT PATCH DELETE", "/api/views/{4x4}/columns/{column}")],
        ),
        route(METADATA, &["", "/", ".json"], any(metadata::list), &[("GET", "/api/views/metadata/v1")]),
        route(METADATA, &["/{id}"], any(metadata::one), &[("GET PATCH", "/api/views/metadata/v1/{4x4}")]),
    ]
}

/// Routes of the site as a whole.
fn site_routes() -> Vec<WireRoute> {
    let consent = get(oauth::consent).post(oauth::decide);
    vec![
        route(CATALOG, &["", ".json"], any(catalog::search), &[("GET", "/api/catalog/v1")]),
        route(CATALOG, &["/domains"], any(catalog::domains), &[("GET", "/api/catalog/v1/domains")]),
        route(CATALOG, &["/domain_tags"], any(catalog::tags), &[("GET", "/api/catalog/v1/domain_tags")]),
        route(
            CATALOG,
            &["/domain_categories"],
            any(catalog::categories),
            &[("GET", "/api/catalog/v1/domain_categories")],
        ),
        route(
            CATALOG,
            &["/domains/{domain}/facets"],
            any(catalog::facets),
            &[("GET", "/api/catalog/v1/domains/{domain}/facets")],
        ),
        route(CATALOG, &["/autocomplete"], any(catalog::titles), &[("GET", "/api/catalog/v1/autocomplete")]),
        route(
            CATALOG,
            &["/tags/autocomplete"],
            any(catalog::tag_texts),
            &[("GET", "/api/catalog/v1/tags/autocomplete")],
        ),
        route(
            CORE,
            &["/users/current", "/users/current.json"],
            any(users::current),
            &[("GET", "/api/users/current")],
        ),
        route(CORE, &["/users/current.xml"], any(users::current_xml), &[("GET", "/users/current.xml")]),
        route(CORE, &["/users/{user}"], any(users::by_id), &[("GET", "/api/users/{user}")]),
        route(CORE, &["/api_keys", "/api_keys.json"], any(api_keys::keys), &[("GET POST", "/api/api_keys")]),
        route(CORE, &["/api_keys/{id}"], any(api_keys::key), &[("GET DELETE", "/api/api_keys/{id}")]),
        route(CORE, &["/archival"], any(archival::archival), &[("GET POST PUT", "/api/archival")]),
        route(
            &["/api/geocoding"],
            &["", "/{id}"],
            any(geocoding::pending),
            &[("GET", "/api/geocoding/{4x4}")],
        ),
        route(&["/oauth"], &["/authorize"], consent, &[("GET POST", "/oauth/authorize")]),
        route(&["/oauth"], &["/access_token"], post(oauth::access_token), &[("POST", "/oauth/access_token")]),
    ]
}

/// What is the mock's own: the admin API, the page and the guide.
fn own_router() -> Router {
    admin::router().merge(page::router()).merge(help::router())
}

/// The admin API and the page alone, for a port of their own; `emulated` is the emulated API on another one.
pub fn admin_router(state: AppState, emulated: App) -> App {
    let router = own_router().method_not_allowed_fallback(wrong_method).fallback(unknown_path);
    exchange::wrap(router, state, Some(emulated))
}

/// Every route.
pub fn router(state: AppState) -> App {
    let router = routes().into_iter().fold(Router::new(), |router, route| route.join(router));
    let router = if state.options.no_admin { router } else { router.merge(own_router()) };
    // After all routes: those that come later would refuse a method without a word.
    exchange::wrap(router.method_not_allowed_fallback(wrong_method).fallback(unknown_path), state, None)
}

/// Every endpoint, as `METHOD path`: what the coverage matrix must have a row for.
pub fn endpoints() -> Vec<String> {
    let wire = routes().into_iter().chain(page::routes()).chain(help::routes());
    let wire = wire.flat_map(|route| route.endpoints().collect::<Vec<_>>());
    let admin = admin::routes();
    let admin = admin.iter().map(|route| format!("{} /__mock/v1{}", route.method, route.path));
    let document = "GET /__mock/openapi.json".to_owned();
    let mut all: Vec<String> = wire.chain(admin).chain([document]).collect();
    all.sort();
    all.dedup();
    all
}

async fn unknown_path(context: RequestContext) -> Response {
    let path = context.head.uri.path();
    if !is_slashed(path)
        && let Some(refusal) = not_emulated::refuse(&context)
    {
        return refusal.into_response();
    }
    let error = SodaError::new(ErrorCode::NotFound, format!("Path not found: {path}"));
    ApiError::from(error.hint(nearby(path))).into_response()
}

/// Whether a path is one that is served, but for a slash at its end.
fn is_slashed(path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    let below_api = format!("/api{bare}");
    let is_served = |(_, served): &(&str, &str)| wire::fits(served, bare) || wire::fits(served, &below_api);
    bare.len() < path.len() && routes().iter().flat_map(|route| route.serves).any(is_served)
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
