//! What every answer has: a request id, an open door for reading scripts, a 500 in place of a panic.

use super::admin::Problem;
use super::arrival::Arrival;
use super::choice::{SPACE_HEADER, UnknownSpace, without_space};
use super::error::ApiError;
use super::faults::{Ending, FAULT_HEADER, FaultsLayer, Faulty, Line};
use super::hosts::is_from_foreign_page;
use super::journal::Exchange;
use super::rejection;
use super::state::AppState;
use crate::journal::mask;
use crate::soda::{ErrorCode, SodaError};
use crate::space::DEFAULT;
use crate::store::{SeenCatalogue, Store};
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_LENGTH, HeaderValue, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::cors::{AllowOrigin, Any as AnyHeader, Cors, CorsLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-socrata-requestid");

/// The id of a request; a client's own is kept.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// The routes with everything around them: what a server serves, what a test calls.
///
/// One service instead of layers of the router: each of those would box and copy every route anew
/// for every request.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    state: AppState,
    routes: Faulty<Router>,
    /// The same for pages of other origins; any other client has no use for the headers.
    shared: Cors<Faulty<Router>>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// Puts everything around the routes.
pub fn wrap(router: Router, state: AppState) -> App {
    let routes = FaultsLayer.layer(router);
    App(Arc::new(Parts { state, shared: cors().layer(routes.clone()), routes }))
}

/// Reads from any page; nothing else (documented).
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AnyHeader)
}

impl Service<Request<Body>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let app = self.clone();
        Box::pin(async move { Ok(app.identify(request).await) })
    }
}

/// The way in for a request of the mock's own, through all layers.
#[derive(Clone)]
pub struct Again(App);

impl Again {
    /// Sends it, in the space of this state.
    pub async fn send(self, state: AppState, request: Request<Body>) -> Response {
        exchange(state, None, request, Answers::Routes(&self.0)).await
    }
}

impl App {
    /// A client that neither sends nor takes anything for so long is let go.
    pub fn stall_timeout(&self) -> Duration {
        self.0.state.options.stall_timeout
    }

    /// The answer to a request that is refused before any route is asked.
    pub async fn refuse(&self, request: Request<Body>, refusal: impl Into<ApiError>) -> Response {
        let state = self.0.state.clone();
        exchange(state, None, request, Answers::Refusal(refusal.into().into_response())).await
    }

    /// The same for one that could not even be read; the journal has nothing to tell of it.
    pub fn refuse_unread(&self, headers: &HeaderMap, refusal: impl Into<ApiError>) -> Response {
        let mut response = refusal.into().into_response();
        let id = own_id(headers).unwrap_or_else(|| self.0.state.spaces.observer_id().into());
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }

    async fn identify(self, mut request: Request<Body>) -> Response {
        let (state, unknown) = match self.0.state.for_request(&request) {
            Ok(state) => (state, None),
            Err(unknown) => (self.0.state.clone(), Some(unknown)),
        };
        if is_ours(&request) {
            if let Some(uri) = without_space(request.uri()) {
                *request.uri_mut() = uri;
            }
            if request.uri().path().ends_with("/replay") {
                request.extensions_mut().insert(Again(self.clone()));
            }
        }
        exchange(state, unknown, request, Answers::Routes(&self)).await
    }

    /// The answer of the routes; that of a panic is a 500.
    async fn routed(&self, request: Request<Body>) -> Response {
        let of_a_page = request.headers().contains_key(ORIGIN) || request.method() == Method::OPTIONS;
        let is_ours = is_ours(&request);
        if let Some(refusal) = self.too_large(&request) {
            return refusal;
        }
        if percent_decode_str(request.uri().path()).decode_utf8().is_err() {
            return undecodable_path(is_ours);
        }
        let answer = async {
            let Ok(response) = if of_a_page {
                self.0.shared.clone().oneshot(request).await
            } else {
                self.0.routes.clone().oneshot(request).await
            };
            rejection::enveloped(response, is_ours).await
        };
        AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(panicked)
    }
}

impl App {
    /// A body that says itself that it is too large is not asked for. The admin API has limits of its own.
    fn too_large(&self, request: &Request<Body>) -> Option<Response> {
        let limit = self.0.state.options.max_body;
        let length = request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok()?;
        let refused = length > limit && !is_ours(request);
        let error = || SodaError::too_large(limit, "the whole body (--max-body)");
        refused.then(|| ApiError::from(error()).into_response())
    }
}

/// Routes take their parts of a path as text; the refusal of their extractors is no JSON.
fn undecodable_path(is_ours: bool) -> Response {
    let error = SodaError::invalid("The path is not valid UTF-8")
        .hint("Percent-encode the bytes of the UTF-8 form: \u{e9} is %C3%A9.");
    if is_ours { Problem::from(error).into_response() } else { ApiError::from(error).into_response() }
}

/// The id that a client gave its request.
fn own_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let own = headers.get(&REQUEST_ID).filter(|v| !v.is_empty() && v.len() <= 128)?;
    own.to_str().ok().map(Arc::from)
}

fn is_ours(request: &Request<Body>) -> bool {
    request.uri().path().starts_with("/__mock/")
}

/// Where an answer comes from.
enum Answers<'a> {
    /// The routes.
    Routes(&'a App),
    /// It is there already.
    Refusal(Response),
}

/// One request with its answer, in a space that is known by now.
async fn exchange(
    state: AppState,
    unknown: Option<UnknownSpace>,
    mut request: Request<Body>,
    answers: Answers<'_>,
) -> Response {
    let is_ours = is_ours(&request);
    // Whoever looks on, such as the web page, must not change the ids and the time of a script.
    let value: Arc<str> = own_id(request.headers())
        .unwrap_or_else(|| if is_ours { state.spaces.observer_id() } else { state.space.ids.hex32() }.into());
    if !is_ours && unknown.is_none() {
        state.space.clock.step();
    }
    let space = state.space.name.clone();
    let exchange = Exchange::begin(&state, &mut request, &value);
    // Credentials of a page elsewhere are not used (documented).
    let foreign = is_from_foreign_page(request.headers(), &state.process.names);
    let unused = foreign && request.headers_mut().remove(AUTHORIZATION).is_some();
    request.extensions_mut().insert(RequestId(Arc::clone(&value)));
    let store = state.space.store();
    request.extensions_mut().insert(state);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let arriving = Arriving::of(&request);
    let mut response = match unknown {
        // Spaces are made by whoever names one that is not there yet.
        Some(unknown) if !uri.path().starts_with("/__mock/v1/spaces") => unknown_space(unknown, is_ours),
        _ => match answers {
            Answers::Refusal(response) => response,
            Answers::Routes(app) if is_read_again(&request) => read_again(&store, request, app).await,
            Answers::Routes(app) => app.routed(request).await,
        },
    };
    if let Some(arriving) = arriving {
        response = arriving.end(response, &exchange, is_ours).await;
    }
    if unused && matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        response.headers_mut().insert("x-mock-hint", HeaderValue::from_static(FOREIGN));
    }
    if space != DEFAULT
        && let Ok(value) = HeaderValue::from_str(&space)
    {
        response.headers_mut().insert(SPACE_HEADER, value);
    }
    let meant =
        response.status() == StatusCode::NOT_IMPLEMENTED || response.headers().contains_key(FAULT_HEADER);
    if response.status().is_server_error() && !meant {
        tracing::error!(%method, path = %mask::path(uri.path()), request_id = &*value, "answered with a server error");
    }
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    exchange.answer(response)
}

/// The body of a request that is being answered, and the connection that it comes from.
struct Arriving {
    body: Arc<Arrival>,
    line: Arc<Line>,
}

impl Arriving {
    fn of(request: &Request<Body>) -> Option<Self> {
        let body = Arc::clone(request.extensions().get::<Arc<Arrival>>()?);
        Some(Self { body, line: Line::of(request.extensions()) })
    }

    /// Takes the rest of a body in that was read in part, for the journal. When a body did not arrive,
    /// that is the refusal, whatever the route made of it.
    async fn end(self, response: Response, exchange: &Exchange, is_ours: bool) -> Response {
        if self.line.ending() != Ending::Usual {
            return response;
        }
        if self.body.finish(|data| exchange.take(data)).await {
            exchange.took_all();
        }
        let refusal = self
            .body
            .refusal()
            .filter(|_| !response.status().is_success() && !response.headers().contains_key(FAULT_HEADER));
        match refusal {
            Some(refusal) if is_ours => Problem::from(refusal).into_response(),
            Some(refusal) => ApiError::from(refusal).into_response(),
            None => response,
        }
    }
}

/// Whether a read that fails is answered once more when the catalogue was exchanged meanwhile. Reads of rows see to
/// it themselves, without a copy of the request.
fn is_read_again(request: &Request<Body>) -> bool {
    let path = request.uri().path();
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    reads && !path.starts_with("/resource/") && !path.starts_with("/id/")
}

/// Answers a read whose catalogue and data are of one moment: a failure says nothing when the catalogue was
/// exchanged while the request was answered.
async fn read_again(store: &Store, request: Request<Body>, app: &App) -> Response {
    let (parts, body) = request.into_parts();
    let mut body = Some(body);
    let mut seen = SeenCatalogue::of(store);
    loop {
        let response = app.routed(Request::from_parts(parts.clone(), body.take().unwrap_or_default())).await;
        let failed = [StatusCode::NOT_FOUND, StatusCode::CONFLICT, StatusCode::INTERNAL_SERVER_ERROR];
        if !failed.contains(&response.status()) || !seen.renew(store) {
            return response;
        }
    }
}

/// The hint for a page elsewhere, whose credentials were not looked at.
const FOREIGN: &str = "The request comes from a web page of another origin, or of a name that is not this server's (header Origin): credentials of those are not used, as in production. Send it from a program or without Origin, or start the server with --san NAME.";

fn unknown_space(unknown: UnknownSpace, is_ours: bool) -> Response {
    if is_ours {
        let detail = format!("{}. {}", unknown.message(), unknown.hint());
        return Problem::new(http::StatusCode::NOT_FOUND, "space_not_found", detail).into_response();
    }
    ApiError::from(SodaError::from(unknown)).into_response()
}

/// The cause goes to the log only; the id is added on the way out.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a request panicked");
    ApiError::from(SodaError::new(ErrorCode::Internal, "Internal error")).into_response()
}
