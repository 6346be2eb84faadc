//! What every answer has: a request id, an open door for reading scripts, a 500 in place of a panic.

use super::admin::Problem;
use super::choice::{SPACE_HEADER, UnknownSpace, without_space};
use super::error::ApiError;
use super::faults::{FAULT_HEADER, FaultsLayer};
use super::journal::Exchange;
use super::state::AppState;
use crate::soda::{ErrorCode, SodaError};
use crate::space::DEFAULT;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use std::any::Any;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, Any as AnyHeader, CorsLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-socrata-requestid");

/// The id of a request; a client's own is kept.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps the routes.
pub fn wrap(router: Router, state: AppState) -> Router {
    let inner = router.layer(FaultsLayer).layer(CatchPanicLayer::custom(panicked)).layer(cors());
    let outermost = Outermost { state, inner: inner.clone() };
    inner.layer(from_fn_with_state(outermost, identify))
}

/// Reads from any page; nothing else (documented).
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AnyHeader)
}

/// What the outermost layer has: the state, and all routes with the other layers around them.
#[derive(Clone)]
struct Outermost {
    state: AppState,
    inner: Router,
}

/// The way in for a request of the mock's own, through all layers.
#[derive(Clone)]
pub struct Again(Router);

impl Again {
    /// Sends it, in the space of this state.
    pub async fn send(self, state: AppState, request: Request<Body>) -> Response {
        let inner = self.0;
        exchange(state, None, request, |request| async { inner.oneshot(request).await.into_response() }).await
    }
}

async fn identify(State(outermost): State<Outermost>, mut request: Request<Body>, next: Next) -> Response {
    let (state, unknown) = match outermost.state.for_request(&request) {
        Ok(state) => (state, None),
        Err(unknown) => (outermost.state, Some(unknown)),
    };
    if is_ours(&request) {
        if let Some(uri) = without_space(request.uri()) {
            *request.uri_mut() = uri;
        }
        if request.uri().path().ends_with("/replay") {
            request.extensions_mut().insert(Again(outermost.inner));
        }
    }
    exchange(state, unknown, request, |request| next.run(request)).await
}

fn is_ours(request: &Request<Body>) -> bool {
    request.uri().path().starts_with("/__mock/")
}

/// One request with its answer, in a space that is known by now.
async fn exchange<F: Future<Output = Response>>(
    state: AppState,
    unknown: Option<UnknownSpace>,
    mut request: Request<Body>,
    next: impl FnOnce(Request<Body>) -> F,
) -> Response {
    let is_ours = is_ours(&request);
    let own = request.headers().get(&REQUEST_ID).filter(|v| !v.is_empty() && v.len() <= 128);
    let own = own.and_then(|v| v.to_str().ok()).map(str::to_owned);
    // Whoever looks on, such as the web page, must not change the ids and the time of a script.
    let value =
        own.unwrap_or_else(|| if is_ours { state.spaces.watcher_id() } else { state.space.ids.hex32() });
    if !is_ours && unknown.is_none() {
        state.space.clock.step();
    }
    let space = state.space.name.clone();
    let exchange = Exchange::begin(&state, &mut request, &value);
    // Credentials of a page elsewhere are not used (documented).
    if is_foreign(request.headers()) {
        request.headers_mut().remove(AUTHORIZATION);
    }
    request.extensions_mut().insert(RequestId(value.clone()));
    request.extensions_mut().insert(state);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match unknown {
        // Spaces are made by whoever names one that is not there yet.
        Some(unknown) if !path.starts_with("/__mock/v1/spaces") => unknown_space(unknown, is_ours),
        _ => next(request).await,
    };
    if space != DEFAULT
        && let Ok(value) = HeaderValue::from_str(&space)
    {
        response.headers_mut().insert(SPACE_HEADER, value);
    }
    let meant =
        response.status() == StatusCode::NOT_IMPLEMENTED || response.headers().contains_key(FAULT_HEADER);
    if response.status().is_server_error() && !meant {
        tracing::error!(%method, path, request_id = value, "answered with a server error");
    }
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    exchange.answer(response)
}

fn unknown_space(unknown: UnknownSpace, is_ours: bool) -> Response {
    if is_ours {
        let detail = format!("{}. {}", unknown.message(), unknown.hint());
        return Problem::new(http::StatusCode::NOT_FOUND, "space_not_found", detail).into_response();
    }
    ApiError::from(SodaError::from(unknown)).into_response()
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
