//! What every answer has: a request id, an open door for reading scripts, a 500 in place of a panic.

use super::error::ApiError;
use super::journal::Exchange;
use super::state::AppState;
use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Request};
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, Any as AnyHeader, CorsLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-socrata-requestid");

/// The id of a request; a client's own is kept.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps the routes.
pub fn wrap(router: Router, state: AppState) -> Router {
    router.layer(CatchPanicLayer::custom(panicked)).layer(cors()).layer(from_fn_with_state(state, identify))
}

/// Reads from any page; nothing else (documented).
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AnyHeader)
}

async fn identify(State(global): State<AppState>, mut request: Request<Body>, next: Next) -> Response {
    let state = global.for_request(&request);
    let own = request.headers().get(&REQUEST_ID).filter(|v| !v.is_empty() && v.len() <= 128);
    let value = own.and_then(|v| v.to_str().ok()).map_or_else(|| state.space.ids.hex32(), str::to_owned);
    let exchange = Exchange::begin(&state, &mut request, &value);
    // Credentials of a page elsewhere are not used (documented).
    if is_foreign(request.headers()) {
        request.headers_mut().remove(AUTHORIZATION);
    }
    request.extensions_mut().insert(RequestId(value.clone()));
    request.extensions_mut().insert(state);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if response.status().is_server_error() && response.status() != http::StatusCode::NOT_IMPLEMENTED {
        tracing::error!(%method, path, request_id = value, "answered with a server error");
    }
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    exchange.answer(response)
}

/// Whether a page of another origin sends the request.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN).and_then(|v| v.to_str().ok()) else { return false };
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
    origin.split_once("://").is_none_or(|(_, authority)| !authority.eq_ignore_ascii_case(host))
}

/// The cause goes to the log only; the id is added on the way out.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a request panicked");
    ApiError::from(SodaError::new(ErrorCode::Internal, "Internal error")).into_response()
}
