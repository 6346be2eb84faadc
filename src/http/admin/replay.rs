//! A request of the journal, sent again through all layers.

use super::input::body_or_default;
use super::requests::found;
use super::route::{Route, post};
use super::{Answer, Problem};
use crate::access::Role;
use crate::api::Replayed;
use crate::http::exchange::{Connection, Peer, RequestContext, RequestHead};
use crate::http::state::AppState;
use crate::journal::{Entry, mask};
use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use schemars::JsonSchema;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post("/requests/{request}/replay", "Sends a request again and says what became of it.", replay)
            .may_take::<ReplayRequest>()
            .answers::<Replayed>(r#"{"replayed": 1, "as": "publisher@example.com", "left_out": ["x-app-token"], "request": {"id": 2}}"#)
            .refuses(&[404, 409])
            .shown_by(&["journal::a_request_is_replayed_as_its_user_or_another"]),
    ]
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
struct ReplayRequest {
    /// The account that sends it; without it the one that sent it before.
    user: Option<String>,
    /// A whole Authorization header in place of an account.
    authorization: Option<String>,
    /// The application token; without it none is sent.
    app_token: Option<String>,
}

/// `POST /requests/{id}/replay`. Credentials are not kept, so an account's own are used.
async fn replay(context: RequestContext, Path(id): Path<String>, bytes: Bytes) -> Answer<Replayed> {
    let asked: ReplayRequest = body_or_default(&bytes)?;
    let state = &context.state;
    let entry = found(state, &id)?;
    if entry.body.is_cut() || entry.body.masked {
        let why = if entry.body.masked { "held secrets" } else { "was kept only in part" };
        let detail = format!("The body of request {id} {why}; --journal-body keeps more of bodies");
        return Err(Problem::conflict("body_not_kept", detail));
    }
    let (user, authorization) = credentials(state, &entry, &asked)?;
    let (mut request, left_out) = rebuild(&entry, asked.app_token.as_deref())?;
    if let Some(value) = authorization {
        let value = value.parse().map_err(|_| Problem::bad_request("authorization is no header's value"))?;
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    // What ends the connection of the replayed request does not end that of the replay.
    let peer = context.head.connection.peer.map(|peer| Peer { tls: entry.tls, ..peer });
    let head = RequestHead::of(&request, peer.map_or_else(Connection::default, Connection::from));
    let made = context.resend(head, request).await;
    let told = made.entry.and_then(|id| state.space.journal.find(id));
    Ok(Json(Replayed {
        replayed: entry.id,
        user,
        left_out,
        request: told.map(|entry| entry.detail(&state.space.name)),
    }))
}

/// Given ones; or the account's that sent it; or an administrator's where somebody sent some.
fn credentials(
    state: &AppState,
    entry: &Entry,
    asked: &ReplayRequest,
) -> Result<(Option<String>, Option<String>), Problem> {
    if let Some(value) = &asked.authorization {
        return Ok((None, Some(value.clone())));
    }
    let directory = state.space.accounts.directory();
    let own = entry.client.user.as_deref().filter(|name| directory.users.contains_key(*name));
    let name = match (asked.user.as_deref(), own) {
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) if entry.headers.find("authorization").is_none() => return Ok((None, None)),
        (None, None) => {
            let mut users = directory.users.iter();
            match users.find(|(_, account)| account.role == Role::Administrator) {
                Some((name, _)) => name,
                None => return Ok((None, None)),
            }
        }
    };
    Ok((Some(name.to_owned()), Some(authorization_of(state, name)?)))
}

/// The Authorization header of an account.
pub(super) fn authorization_of(state: &AppState, name: &str) -> Result<String, Problem> {
    let directory = state.space.accounts.directory();
    let account = directory.users.get(name).ok_or_else(|| {
        Problem::not_found(&format!("user {name}; PUT /__mock/v1/users/{{name}} makes one"))
    })?;
    Ok(format!("Basic {}", STANDARD.encode(format!("{name}:{}", account.password))))
}

/// The request without what was masked; the names of what is left out.
fn rebuild(entry: &Entry, app_token: Option<&str>) -> Result<(Request<Body>, Vec<String>), Problem> {
    let mut left_out = Vec::new();
    let pairs: Vec<&str> = entry
        .query
        .split('&')
        .filter(|pair| {
            let masked = pair.ends_with(mask::MASK);
            if masked {
                left_out.push(pair.split('=').next().unwrap_or(pair).to_owned());
            }
            !masked && !pair.is_empty()
        })
        .collect();
    let separator = if pairs.is_empty() { "" } else { "?" };
    let target = format!("{}{separator}{}", entry.path, pairs.join("&"));
    let mut request = Request::builder().method(entry.method.clone()).uri(target);
    for (name, value) in entry.headers.iter() {
        let of_the_connection =
            ["content-length", "transfer-encoding", "connection", "expect"].contains(&name);
        if value.ends_with(mask::MASK) {
            left_out.push(name.to_owned());
        } else if !of_the_connection && name != "x-socrata-requestid" {
            request = request.header(name, value);
        }
    }
    if let Some(token) = app_token {
        request = request.header("x-app-token", token);
    }
    // Given credentials stand in the place of those that were left out.
    left_out.retain(|name| name != "authorization");
    let request = request.body(Body::from(entry.body.kept.to_vec()));
    let request =
        request.map_err(|e| Problem::bad_request(format!("The request cannot be made again: {e}")))?;
    Ok((request, left_out))
}
