//! `/api/api_keys`: an account's own API keys. The members' names are a guess (ours).

use super::{Answered, Visit, answer, empty, finish, not_found};
use crate::access::ApiKey;
use crate::http::state::AppState;
use crate::soda::SodaError;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::{Method, Request};
use serde_json::{Value, json};

/// `GET` lists the caller's keys, `POST {"name"}` makes one; its secret is told only then.
pub async fn keys(state: AppState, request: Request<Body>) -> Response {
    match Visit::new(state, request).await {
        Ok(visit) => finish(match visit.method {
            Method::GET | Method::HEAD => list(&visit),
            Method::POST => create(&visit),
            _ => Err(visit.wrong_method("GET,HEAD,POST")),
        }),
        Err(error) => error.into_response(),
    }
}

/// `GET` and `DELETE` of one key.
pub async fn key(state: AppState, Path(id): Path<String>, request: Request<Body>) -> Response {
    let id = super::name_of(&id).to_owned();
    match Visit::new(state, request).await {
        Ok(visit) => finish(match visit.method {
            Method::GET | Method::HEAD => show(&visit, &id),
            Method::DELETE => remove(&visit, &id),
            _ => Err(visit.wrong_method("DELETE,GET,HEAD")),
        }),
        Err(error) => error.into_response(),
    }
}

fn owner(visit: &Visit) -> Result<String, super::ApiError> {
    let (name, _) = visit.caller.user().map_err(|e| crate::http::call::login_error(&visit.state, e))?;
    Ok(name.to_owned())
}

fn shown(id: &str, key: &ApiKey) -> Value {
    json!({ "keyId": id, "keyName": key.name })
}

fn list(visit: &Visit) -> Answered {
    let owner = owner(visit)?;
    let directory = visit.state.space.accounts.directory();
    Ok(answer(
        &directory
            .keys
            .iter()
            .filter(|(_, k)| k.owner == owner)
            .map(|(id, k)| shown(id, k))
            .collect::<Value>(),
    ))
}

fn create(visit: &Visit) -> Answered {
    let owner = owner(visit)?;
    let map = visit.object()?;
    let name = match map.get("keyName").or_else(|| map.get("name")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(name)) => name.clone(),
        Some(_) => {
            return Err(SodaError::invalid("keyName is not a text")
                .hint("Send {\"keyName\":\"laptop\"}.")
                .into());
        }
    };
    let ids = &visit.state.space.ids;
    let (id, secret) = (ids.hex32()[..25].to_owned(), format!("{}{}", ids.hex32(), &ids.hex32()[..18]));
    let key = ApiKey { secret: secret.clone(), owner, name };
    let mut told = shown(&id, &key);
    told["keySecret"] = secret.into();
    visit.state.space.accounts.directory_mut().keys.insert(id, key);
    Ok(answer(&told))
}

fn show(visit: &Visit, id: &str) -> Answered {
    let owner = owner(visit)?;
    let directory = visit.state.space.accounts.directory();
    let key = directory.keys.get(id).filter(|k| k.owner == owner).ok_or_else(|| not_found(id))?;
    Ok(answer(&shown(id, key)))
}

fn remove(visit: &Visit, id: &str) -> Answered {
    let owner = owner(visit)?;
    let mut directory = visit.state.space.accounts.directory_mut();
    if directory.keys.get(id).is_none_or(|k| k.owner != owner) {
        return Err(not_found(id));
    }
    directory.keys.remove(id);
    Ok(empty())
}
