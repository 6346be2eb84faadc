//! A request to the emulated API, sent by the mock itself as one of its accounts: for pages and programs that reach only
//! the admin API.

use super::input::body;
use super::replay::authorization_of;
use super::route::{Route, post};
use super::{Answer, Problem};
use crate::api::Sent;
use crate::http::exchange::{Connection, RequestContext, RequestHead};
use crate::operation::Operation;
use axum::Json;
use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{Method, Request};
use schemars::JsonSchema;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post(
            "/requests",
            "Sends a request to the emulated API as an account and says what became of it.",
            send,
        )
        .takes::<SendRequest>()
        .answers::<Sent>(
            r#"{"as": "publisher@example.com", "request": 2, "status": 200, "hint": null, "body": "[]"}"#,
        )
        .refuses(&[404])
        .shown_by(&["journal::a_request_is_sent_as_an_account"]),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendRequest {
    /// GET, POST and so on.
    method: String,
    /// Path and query, such as `/resource/4tka-6guv.json`.
    path: String,
    /// The account that sends it; without it nobody does.
    user: Option<String>,
    /// The media type of the body; JSON without it.
    content_type: Option<String>,
    /// The body as text.
    body: Option<String>,
}

/// `POST /requests`. It goes through all layers, faults among them, and is in the journal.
async fn send(context: RequestContext, bytes: Bytes) -> Answer<Sent> {
    let asked: SendRequest = body(&bytes)?;
    let state = &context.state;
    let user = asked.user.clone();
    let authorization = user.as_deref().map(|name| authorization_of(state, name)).transpose()?;
    let request = made(&context, asked, authorization)?;
    let head = RequestHead::of(
        &request,
        context.head.connection.peer.map_or_else(Connection::default, Connection::from),
    );
    if matches!(head.operation, Operation::Mock | Operation::Undo) {
        return Err(Problem::bad_request("path: that is no address of the emulated API"));
    }
    let answer = context.resend(head, request).await;
    let body = if answer.is_cut { None } else { String::from_utf8(answer.body).ok() };
    let status = answer.status.map(|status| status.as_u16());
    Ok(Json(Sent { user, request: answer.entry, status, hint: answer.hint, body }))
}

fn made(
    context: &RequestContext,
    asked: SendRequest,
    authorization: Option<String>,
) -> Result<Request<Body>, Problem> {
    let wrong = |what: &str, error: &dyn std::fmt::Display| Problem::bad_request(format!("{what}: {error}"));
    let method =
        Method::from_bytes(asked.method.to_ascii_uppercase().as_bytes()).map_err(|e| wrong("method", &e))?;
    if !asked.path.starts_with('/') {
        return Err(Problem::bad_request("path: it begins with a slash"));
    }
    let mut request = Request::builder().method(method).uri(&asked.path);
    if let Some(host) = context.head.headers.get(HOST) {
        request = request.header(HOST, host);
    }
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let body = asked.body.unwrap_or_default();
    if !body.is_empty() {
        let kind = asked.content_type.as_deref().unwrap_or("application/json");
        request = request.header(CONTENT_TYPE, kind).header(CONTENT_LENGTH, body.len());
    }
    request.body(Body::from(body)).map_err(|e| wrong("The request cannot be made", &e))
}
