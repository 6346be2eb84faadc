//! `/api/api_keys`: an account's own API keys (documented).

use super::answer::{Answered, answer, json_name};
use crate::access::{ApiKey, ApiKeyError, KeyQuery, LoginError, SortColumn, display_name, user_id};
use crate::clock::iso_millis;
use crate::http::error::ApiError;
use crate::http::exchange::{RequestContext, login_error};
use crate::soda::{ErrorCode, SodaError};
use axum::body::Body;
use axum::extract::Path;
use http::Method;
use serde::{Deserialize, Serialize};

/// `/api/api_keys`.
pub async fn keys(context: RequestContext, body: Body) -> Answered {
    enter(&context, body).await?;
    match context.head.method {
        Method::GET | Method::HEAD => list(&context),
        Method::POST => create(&context),
        _ => Err(context.wrong_method("GET,HEAD,POST")),
    }
}

/// `/api/api_keys/ID`.
pub async fn key(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    enter(&context, body).await?;
    let id = json_name(&id)?;
    match context.head.method {
        Method::GET | Method::HEAD => show(&context, id),
        Method::DELETE => delete(&context, id),
        _ => Err(context.wrong_method("DELETE,GET,HEAD")),
    }
}

/// The first checks. Who signs in with a key and is refused learns it by the codes of this API.
async fn enter(context: &RequestContext, body: Body) -> Result<(), ApiError> {
    let error = match context.enter(body).await {
        Err(error) if error.code() == ErrorCode::AuthenticationRequired => error,
        entered => return entered,
    };
    let refusal = match context.login() {
        Err(LoginError::WrongSecret) => ApiKeyError::InvalidSecret,
        Err(LoginError::KeyDeleted(id)) => ApiKeyError::Deleted(id.clone()),
        _ => return Err(error),
    };
    let status = context.state.options.auth_status;
    Err(login_error(&context.state, SodaError::from(refusal)).status(status))
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

fn list(context: &RequestContext) -> Answered {
    let (owner, _) = context.user()?;
    let query = asked(context)?;
    let directory = context.state.space.accounts.directory();
    let keys = directory.api_keys(owner, &query).map_err(SodaError::from)?;
    Ok(answer(&keys.into_iter().map(|(id, key)| shown(id, key)).collect::<Vec<_>>()))
}

/// What the query asks for. The order without `sortBy` is ours: the oldest first, so that pages do
/// not shift while keys are made.
fn asked(context: &RequestContext) -> Result<KeyQuery, SodaError> {
    let parameter = |name: &str| context.head.parameter(name).filter(|value| !value.is_empty());
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
fn create(context: &RequestContext) -> Answered {
    let user = context.user()?;
    let sent: NewKey = context.typed("{\"keyName\": \"laptop\"}")?;
    let space = &context.state.space;
    let made = space.accounts.create_api_key(user, sent.key_name.as_deref(), &space.ids, context.now_ms());
    let (id, key) = made.map_err(SodaError::from)?;
    Ok(answer(&Shown { key_secret: Some(key.secret.clone()), ..shown(&id, &key) }))
}

fn show(context: &RequestContext, id: &str) -> Answered {
    let (owner, _) = context.user()?;
    let directory = context.state.space.accounts.directory();
    Ok(answer(&shown(id, directory.api_key(owner, id).map_err(SodaError::from)?)))
}

fn delete(context: &RequestContext, id: &str) -> Answered {
    let (owner, _) = context.user()?;
    let deleted = context.state.space.accounts.delete_api_key(owner, id, context.now_ms());
    Ok(answer(&shown(id, &deleted.map_err(SodaError::from)?)))
}
