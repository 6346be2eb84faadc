//! `/api/api_keys`: an account's own API keys (documented).

use super::call::login_error;
use super::error::ApiError;
use super::state::AppState;
use super::visit::{Answered, Visit, answer, finish, name_of};
use super::wire::{WireRoute, route};
use crate::access::{ApiKey, ApiKeyError, KeyQuery, LoginError, SortColumn, display_name, user_id};
use crate::clock::iso_millis;
use crate::soda::{ErrorCode, SodaError};
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::{Method, Request};
use serde::{Deserialize, Serialize};

const KEYS: &[&str] = &["GET /api/api_keys", "POST /api/api_keys"];
const KEY: &[&str] = &["GET /api/api_keys/{id}", "DELETE /api/api_keys/{id}"];

/// The routes.
pub fn routes() -> Vec<WireRoute> {
    let mut routes = Vec::new();
    for prefix in ["/api", ""] {
        routes.push(route(format!("{prefix}/api_keys"), any(keys), KEYS));
        routes.push(route(format!("{prefix}/api_keys.json"), any(keys), KEYS));
        routes.push(route(format!("{prefix}/api_keys/{{id}}"), any(key), KEY));
    }
    routes
}

async fn keys(state: AppState, request: Request<Body>) -> Response {
    match visit(state, request).await {
        Ok(visit) => finish(match visit.method {
            Method::GET | Method::HEAD => list(&visit),
            Method::POST => create(&visit),
            _ => Err(visit.wrong_method("GET,HEAD,POST")),
        }),
        Err(error) => error.into_response(),
    }
}

async fn key(state: AppState, Path(id): Path<String>, request: Request<Body>) -> Response {
    let id = name_of(&id);
    match visit(state, request).await {
        Ok(visit) => finish(match visit.method {
            Method::GET | Method::HEAD => show(&visit, id),
            Method::DELETE => delete(&visit, id),
            _ => Err(visit.wrong_method("DELETE,GET,HEAD")),
        }),
        Err(error) => error.into_response(),
    }
}

/// The first checks. Who signs in with a key and is refused learns it by the codes of this API.
async fn visit(state: AppState, request: Request<Body>) -> Result<Visit, ApiError> {
    let headers = request.headers().clone();
    let error = match Visit::new(state.clone(), request).await {
        Ok(visit) => return Ok(visit),
        Err(error) => error,
    };
    if error.code() != ErrorCode::AuthenticationRequired {
        return Err(error);
    }
    let now_ms = crate::clock::Clock::now_ms(&state.space.clock);
    let refusal = match state.space.accounts.authenticate(&headers, now_ms) {
        Err(LoginError::WrongSecret) => ApiKeyError::InvalidSecret,
        Err(LoginError::KeyDeleted(id)) => ApiKeyError::Deleted(id),
        _ => return Err(error),
    };
    let status = state.options.auth_status;
    Err(login_error(&state, SodaError::from(refusal)).status(status))
}

/// The body of a `POST`; whatever else the documented schema has is made by the server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewKey {
    key_name: Option<String>,
}

/// A key as it is answered. The members without `Timestamp`, in seconds, are what old versions of the
/// API had and still come along (documented).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    key_name: String,
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_secret: Option<String>,
    created_at: i64,
    created_at_timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at_timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at_timestamp: Option<String>,
    owner: Owner,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    id: String,
    display_name: String,
    email: String,
}

fn shown(id: &str, key: &ApiKey) -> Shown {
    let seconds = |ms: i64| ms.div_euclid(1000);
    Shown {
        key_name: key.name.clone(),
        key_id: id.to_owned(),
        key_secret: None,
        created_at: seconds(key.created_ms),
        created_at_timestamp: iso_millis(key.created_ms),
        last_used_at: key.last_used_ms.map(seconds),
        last_used_at_timestamp: key.last_used_ms.map(iso_millis),
        deleted_at: key.deleted_ms.map(seconds),
        deleted_at_timestamp: key.deleted_ms.map(iso_millis),
        owner: Owner {
            id: user_id(&key.owner),
            display_name: display_name(&key.owner).to_owned(),
            email: key.owner.clone(),
        },
    }
}

fn list(visit: &Visit) -> Answered {
    let (owner, _) = visit.user()?;
    let query = asked(visit)?;
    let directory = visit.state.space.accounts.directory();
    let keys = directory.api_keys(owner, &query).map_err(SodaError::from)?;
    Ok(answer(&keys.into_iter().map(|(id, key)| shown(id, key)).collect::<Vec<_>>()))
}

/// What the query asks for. The order without `sortBy` is ours: the oldest first, so that pages do
/// not shift while keys are made.
fn asked(visit: &Visit) -> Result<KeyQuery, SodaError> {
    let parameter = |name: &str| visit.parameter(name).filter(|value| !value.is_empty());
    let wrong = |name: &str, value: &str, known: &str| {
        SodaError::invalid(format!("Invalid {name}: {value}")).hint(format!("{name} is {known}."))
    };
    let descending = match parameter("sortOrder") {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => return Err(wrong("sortOrder", other, "asc or desc")),
    };
    let include_deleted = match parameter("includeDeleted") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(wrong("includeDeleted", other, "true or false")),
    };
    Ok(KeyQuery {
        limit: parameter("limit").map_or(Ok(10), KeyQuery::parse_limit)?,
        sort_by: parameter("sortBy").map_or(Ok(SortColumn::CreatedAt), SortColumn::parse)?,
        descending,
        seek: parameter("seek").map(str::to_owned),
        search: parameter("nameSearch").map(str::to_owned),
        include_deleted,
    })
}

/// The only answer that has the secret.
fn create(visit: &Visit) -> Answered {
    let user = visit.user()?;
    let sent: NewKey = visit.typed("{\"keyName\": \"laptop\"}")?;
    let space = &visit.state.space;
    let made = space.accounts.create_api_key(user, sent.key_name.as_deref(), &space.ids, visit.now_ms());
    let (id, key) = made.map_err(SodaError::from)?;
    Ok(answer(&Shown { key_secret: Some(key.secret.clone()), ..shown(&id, &key) }))
}

fn show(visit: &Visit, id: &str) -> Answered {
    let (owner, _) = visit.user()?;
    let directory = visit.state.space.accounts.directory();
    Ok(answer(&shown(id, directory.api_key(owner, id).map_err(SodaError::from)?)))
}

fn delete(visit: &Visit, id: &str) -> Answered {
    let (owner, _) = visit.user()?;
    let deleted = visit.state.space.accounts.delete_api_key(owner, id, visit.now_ms());
    Ok(answer(&shown(id, &deleted.map_err(SodaError::from)?)))
}
