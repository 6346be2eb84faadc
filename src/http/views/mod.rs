//! `/api/views` and what publishing scripts call around it; `/views` is the same.

mod catalog;
mod columns;
mod keys;
mod publication;
mod shape;
mod view;

use super::call::{admit, login_error};
use super::error::ApiError;
use super::not_emulated;
use super::path::{query_pairs, split_extension};
use super::state::AppState;
use super::wire::{WireRoute, route};
use crate::access::Caller;
use crate::soda::{Dataset, ErrorCode, SodaError};
use crate::store::Entry;
use crate::store::versions::Versions;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};
use std::sync::Arc;

/// Metadata is small; more than this is a mistake.
const MAX_BODY: usize = 16 << 20;

/// A request to one of these routes that passed the first checks.
struct Visit {
    state: AppState,
    caller: Caller,
    query: Vec<(String, String)>,
    method: Method,
    parts: Parts,
    body: Bytes,
}

type Answered = Result<Response, ApiError>;

const KEYS: &[&str] = &["GET /api/api_keys/{id}", "DELETE /api/api_keys/{id}"];
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
    for path in ["/api/users/current", "/api/users/current.json"] {
        routes.push(route(path, any(catalog::current_user), &["GET /api/users/current"]));
    }
    for path in ["/api/api_keys", "/api/api_keys.json"] {
        routes.push(route(path, any(keys::keys), &["GET /api/api_keys", "POST /api/api_keys"]));
    }
    routes.push(route("/api/api_keys/{id}", any(keys::key), KEYS));
    for path in ["/api/catalog/v1", "/api/catalog/v1.json"] {
        routes.push(route(path, any(catalog::catalog), &["GET /api/catalog/v1"]));
    }
    for path in ["/api/geocoding", "/api/geocoding/{id}"] {
        routes.push(route(path, any(catalog::geocoding), &["GET /api/geocoding/{4x4}"]));
    }
    routes
}

impl Visit {
    async fn new(state: AppState, request: Request<Body>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let query = query_pairs(parts.uri.query())?;
        let caller = admit(&state, &parts, &query)?;
        let collected = Limited::new(body, MAX_BODY).collect().await;
        let body = collected.map_err(|_| SodaError::too_large(MAX_BODY as u64, "body"))?.to_bytes();
        Ok(Self { state, caller, query, method: parts.method.clone(), parts, body })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The dataset of an id or resource name.
    fn entry(&self, name: &str) -> Result<Arc<Entry>, ApiError> {
        let found = self.state.space.store().catalogue().find(name).cloned();
        let entry = found.ok_or_else(|| not_found(name))?;
        self.allowed(self.caller.may_read(entry.dataset.public))?;
        Ok(entry)
    }

    /// The dataset, for someone who may change it.
    fn writable(&self, name: &str) -> Result<Arc<Entry>, ApiError> {
        let entry = self.entry(name)?;
        self.allowed(self.caller.may_write(entry.dataset.owner.as_deref()))?;
        Ok(entry)
    }

    fn allowed(&self, result: Result<(), SodaError>) -> Result<(), ApiError> {
        result.map_err(|error| login_error(&self.state, error))
    }

    /// The body as a JSON object; nothing and `null` count as an empty one, since clients send those
    /// where nothing needs to be said. Anything else would be dropped without a word.
    fn object(&self) -> Result<serde_json::Map<String, Value>, ApiError> {
        if self.body.trim_ascii().is_empty() {
            return Ok(serde_json::Map::new());
        }
        match self.json()? {
            Value::Object(map) => Ok(map),
            Value::Null => Ok(serde_json::Map::new()),
            _ => Err(SodaError::new(
                ErrorCode::ContentJsonInvalid,
                "The json content of the request is not an array or object",
            )
            .data(json!({ "expected": "object" }))
            .hint("Send a JSON object with the members to change, such as {\"name\":\"Earthquakes\"}. Nothing was changed.")
            .into()),
        }
    }

    /// The body as JSON.
    fn json(&self) -> Result<Value, ApiError> {
        // Places count from one; the parser's column is zero at the end of a line.
        serde_json::from_slice(&self.body).map_err(|e| {
            let (row, column) = ((e.line() as u64).max(1), (e.column() as u64).max(1));
            SodaError::malformed_json(row, column, &e.to_string()).into()
        })
    }

    fn view(&self, id: &str) -> Answered {
        let catalogue = self.state.space.store().catalogue();
        let entry = catalogue.find(id).ok_or_else(|| not_found(id))?;
        Ok(answer(&self.shown(entry)?))
    }

    fn shown(&self, entry: &Entry) -> Result<Value, ApiError> {
        Ok(shape::view(&entry.dataset, self.versions(entry)?, &self.caller))
    }

    /// Versions change with every write, so they are never kept with the dataset.
    fn versions(&self, entry: &Entry) -> Result<Versions, ApiError> {
        Ok(self.state.space.store().read(|connection| Versions::of(connection, &entry.dataset))?)
    }

    fn wrong_method(&self, allowed: &str) -> ApiError {
        ApiError::method_not_allowed(&self.method, allowed)
    }

    /// The same for a path below a dataset, after the dataset and the rights on it were checked.
    fn wrong_method_on(&self, id: &str, allowed: &str) -> ApiError {
        let reads = [Method::GET, Method::HEAD].contains(&self.method);
        let checked = if reads { self.entry(id) } else { self.writable(id) };
        checked.map_or_else(|error| error, |_| self.wrong_method(allowed))
    }
}

fn not_found(id: &str) -> ApiError {
    SodaError::new(ErrorCode::NotFound, "Not found").data(json!({ "id": id })).into()
}

fn answer(value: &Value) -> Response {
    let mut response = Response::new(Body::from(crate::soda::pretty::to_vec(value)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// 200 without a body.
/// 200 without a body. One client reads the type of every answer (client evidence).
fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

fn name_of(segment: &str) -> &str {
    split_extension(segment).0
}

fn finish(result: Answered) -> Response {
    result.unwrap_or_else(axum::response::IntoResponse::into_response)
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
        (&Method::PUT, Some("setPermission")) => publication::set_permission(&visit, id).await,
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
        ("permissions", &Method::GET | &Method::HEAD) => publication::permissions(&visit, id),
        ("permissions", &Method::PUT) => publication::put_permissions(&visit, id).await,
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

/// The dataset under which a column is found by its public id or its field name.
fn column_index(dataset: &Dataset, wanted: &str) -> Result<usize, ApiError> {
    let by_id = wanted.parse::<i64>().ok();
    let folded = crate::soda::folded(wanted);
    let found = dataset
        .columns
        .iter()
        .position(|c| by_id == Some(c.id) || crate::soda::folded(&c.field_name) == folded);
    found.ok_or_else(|| not_found(wanted))
}
