//! `/api/views` and what publishing scripts call around it; `/views` is the same.

mod columns;
mod permissions;
mod publication;
mod shape;
mod view;

use super::error::ApiError;
use super::not_emulated;
use super::state::AppState;
use super::visit::{Answered, Visit, answer, empty, finish, name_of, not_found};
use super::wire::{WireRoute, route};
use crate::path::split_extension;
use crate::soda::{Dataset, ErrorCode, SodaError};
use crate::store::{Entry, SeenCatalogue};
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::{Method, Request};
use serde_json::{Value, json};

const LIST: &[&str] = &["GET /api/views", "POST /api/views"];
const ONE: &[&str] =
    &["GET /api/views/{4x4}", "PUT /api/views/{4x4}", "PATCH /api/views/{4x4}", "DELETE /api/views/{4x4}"];
const PART: &[&str] = &[
    "GET /api/views/{4x4}/columns",
    "POST /api/views/{4x4}/columns",
    "POST /api/views/{4x4}/publication",
    "GET /api/views/{4x4}/permissions",
    "PUT /api/views/{4x4}/permissions",
    "GET /api/views/{4x4}/replication",
    "GET /api/views/{4x4}/rows",
];
const COLUMN: &[&str] = &[
    "GET /api/views/{4x4}/columns/{column}",
    "PUT /api/views/{4x4}/columns/{column}",
    "PATCH /api/views/{4x4}/columns/{column}",
    "DELETE /api/views/{4x4}/columns/{column}",
];

/// Every route.
pub fn routes() -> Vec<WireRoute> {
    let mut routes = Vec::new();
    for prefix in ["/api", ""] {
        routes.extend([
            route(format!("{prefix}/views"), any(list), LIST),
            route(format!("{prefix}/views.json"), any(list), LIST),
            route(format!("{prefix}/views/{{id}}"), any(one), ONE),
            route(format!("{prefix}/views/{{id}}/{{part}}"), any(part), PART),
            route(format!("{prefix}/views/{{id}}/columns/{{column}}"), any(column), COLUMN),
        ]);
    }
    routes
}

impl Visit {
    /// The view of a dataset as it is now.
    fn view(&self, id: &str) -> Answered {
        let store = self.state.space.store();
        let mut catalogue = SeenCatalogue::of(&store);
        loop {
            let entry = catalogue.find(id).ok_or_else(|| not_found(id))?;
            match self.shown(entry) {
                Err(_) if catalogue.renew(&store) => {}
                shown => return Ok(answer(&shown?)),
            }
        }
    }

    fn shown(&self, entry: &Entry) -> Result<Value, ApiError> {
        let provenance = self.state.space.accounts.directory().provenance(&entry.dataset);
        Ok(shape::view(&entry.dataset, self.versions(entry)?, &self.caller, provenance))
    }
}

async fn list(state: AppState, request: Request<Body>) -> Response {
    let visit = match Visit::new(state, request).await {
        Ok(visit) => visit,
        Err(error) => return error.into_response(),
    };
    finish(match (&visit.method, visit.parameter("method")) {
        (_, Some(method)) => Err(SodaError::not_emulated(&format!("/api/views?method={method}")).into()),
        (&Method::GET | &Method::HEAD, None) => view::list(&visit),
        (&Method::POST, None) => view::create(&visit).await,
        _ => Err(visit.wrong_method("GET,HEAD,POST")),
    })
}

async fn one(state: AppState, Path(id): Path<String>, request: Request<Body>) -> Response {
    let visit = match Visit::new(state, request).await {
        Ok(visit) => visit,
        Err(error) => return error.into_response(),
    };
    let id = name_of(&id);
    finish(match (&visit.method, visit.parameter("method")) {
        (&Method::PUT, Some("setPermission")) => permissions::set_permission(&visit, id).await,
        (_, Some("setPermission")) => Err(visit.wrong_method_on(id, "PUT")),
        (_, Some(method)) => Err(SodaError::not_emulated(&format!("/api/views/4x4?method={method}")).into()),
        (&Method::GET | &Method::HEAD, None) => visit.entry(id).and_then(|_| visit.view(id)),
        (&Method::PUT | &Method::PATCH, None) => view::update(&visit, id).await,
        (&Method::DELETE, None) => view::remove(&visit, id).await,
        _ => Err(visit.wrong_method_on(id, "DELETE,GET,HEAD,PATCH,PUT")),
    })
}

async fn part(state: AppState, Path((id, part)): Path<(String, String)>, request: Request<Body>) -> Response {
    let visit = match Visit::new(state, request).await {
        Ok(visit) => visit,
        Err(error) => return error.into_response(),
    };
    let id = name_of(&id);
    let (name, extension) = split_extension(&part);
    finish(match (name, &visit.method) {
        ("columns", &Method::GET | &Method::HEAD) => columns::list(&visit, id),
        ("columns", &Method::POST) => columns::create(&visit, id).await,
        ("columns", _) => Err(visit.wrong_method_on(id, "GET,HEAD,POST")),
        ("publication", &Method::POST) => publication::publish(&visit, id).await,
        ("publication", _) => Err(visit.wrong_method_on(id, "POST")),
        ("permissions", &Method::GET | &Method::HEAD) => permissions::show(&visit, id),
        ("permissions", &Method::PUT) => permissions::put(&visit, id).await,
        ("permissions", _) => Err(visit.wrong_method_on(id, "GET,HEAD,PUT")),
        ("replication", &Method::GET | &Method::HEAD) => publication::replication(&visit, id),
        ("rows", &Method::GET | &Method::HEAD) => publication::rows(&visit, id, extension).await,
        ("replication" | "rows", _) => Err(visit.wrong_method_on(id, "GET,HEAD")),
        _ => Err(unknown_part(&visit)),
    })
}

/// 501: nothing tells a part that Socrata has from one that nobody has.
fn unknown_part(visit: &Visit) -> ApiError {
    let path = visit.parts.uri.path();
    not_emulated::find(path).map_or_else(|| not_found(path), |family| not_emulated::refusal(family, path))
}

async fn column(
    state: AppState,
    Path((id, column)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let visit = match Visit::new(state, request).await {
        Ok(visit) => visit,
        Err(error) => return error.into_response(),
    };
    let (id, column) = (name_of(&id), name_of(&column));
    finish(match visit.method {
        Method::GET | Method::HEAD => columns::show(&visit, id, column),
        Method::PUT | Method::PATCH => columns::update(&visit, id, column).await,
        Method::DELETE => columns::remove(&visit, id, column).await,
        _ => Err(visit.wrong_method_on(id, "DELETE,GET,HEAD,PATCH,PUT")),
    })
}

/// The place of a column that a path names by its public id or its field name.
fn column_index(dataset: &Dataset, wanted: &str) -> Result<usize, ApiError> {
    Ok(find_column(dataset, wanted)?)
}

fn find_column(dataset: &Dataset, wanted: &str) -> Result<usize, SodaError> {
    let by_id = wanted.parse::<i64>().ok();
    let folded = crate::soda::folded(wanted);
    let found = dataset
        .columns
        .iter()
        .position(|c| by_id == Some(c.id) || crate::soda::folded(&c.field_name) == folded);
    found.ok_or_else(|| SodaError::new(ErrorCode::NotFound, "Not found").data(json!({ "id": wanted })))
}
