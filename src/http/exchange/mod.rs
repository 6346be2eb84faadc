//! One request from its head to its outcome:
//!
//! ```text
//! head → locate → record → fault → route → finish
//! ```
//!
//! [`locate`] finds the space, [`record`] holds the journal's guard, which tells of the request whatever becomes of it,
//! [`fault`] strikes, [`admit`] has the first checks, which routes ask for, [`finish`] adds the headers of every
//! answer. What one stage knows the next one finds in the [`RequestContext`].

mod admit;
mod arrival;
mod connection;
mod context;
mod fault;
mod fault_plan;
mod finish;
mod head;
mod held_body;
mod hosts;
mod locate;
mod record;
mod rejection;
mod routes;
mod trace;

pub use admit::login_error;
pub use arrival::{Arrival, DRAIN_BYTES, DRAIN_TIME};
pub use connection::{Connection, HangUp, Peer, TunnelSpace};
pub use context::RequestContext;
pub use fault_plan::RowLimit;
pub use head::RequestHead;
pub use held_body::{Becomes, HeldBody, Unread};
pub use hosts::{is_from_foreign_page, is_ours};

use super::admin::Problem;
use super::error::ApiError;
use super::state::AppState;
use crate::soda::{ErrorCode, SodaError};
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use context::{Resend, Resending, Resent};
use fault::{FAULT_HEADER, FaultStage};
use finish::{add_common_headers, finish, own_id};
use futures_util::FutureExt as _;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, ORIGIN};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use locate::{UnknownSpace, locate, without_space};
use percent_encoding::percent_decode_str;
use record::Recording;
use routes::Routes;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::cors::{AllowOrigin, Any as AnyHeader, Cors, CorsLayer};

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is answered.
    Answer(Response),
    /// Its connection ends without an answer.
    HangUp(HangUp),
}

/// The error of a request whose connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hung up")]
pub struct HungUp;

/// The routes with everything around them: what a server serves, what a test calls.
///
/// One service instead of layers of the router: each of those would box and copy every route anew
/// for every request.
#[derive(Clone)]
pub struct App(Arc<Stages>);

struct Stages {
    state: AppState,
    routes: FaultStage,
    /// The same for pages of other origins; any other client has no use for the headers.
    shared: Cors<FaultStage>,
    /// Where requests of the mock's own to the emulated API go, when its routes are not among these.
    emulated: Option<App>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// Puts everything around the routes; `emulated` is the emulated API where its routes are not among them.
pub fn wrap(router: Router, state: AppState, emulated: Option<App>) -> App {
    let routes = FaultStage::new(Routes::new(router));
    App(Arc::new(Stages { state, shared: cors().layer(routes.clone()), routes, emulated }))
}

/// Reads from any page; nothing else (documented).
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(AnyHeader)
}

/// Requests without a socket; one may carry a [`Connection`] in its extensions.
impl Service<Request<Body>> for App {
    type Response = Response;
    type Error = HungUp;
    type Future = Pin<Box<dyn Future<Output = Result<Response, HungUp>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HungUp>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let app = self.clone();
        let connection = request.extensions_mut().remove::<Connection>().unwrap_or_default();
        Box::pin(async move {
            match app.answer(request, connection, None).await {
                Outcome::Answer(response) => Ok(response),
                Outcome::HangUp(_) => Err(HungUp),
            }
        })
    }
}

impl App {
    /// A client that neither sends nor takes anything for so long is let go.
    pub fn stall_timeout(&self) -> Duration {
        self.0.state.options.stall_timeout
    }

    /// What becomes of a request that came through this connection; `arrival` watches its body, if it has one.
    pub async fn answer(
        &self,
        mut request: Request<Body>,
        connection: Connection,
        arrival: Option<Arc<Arrival>>,
    ) -> Outcome {
        let stages = &self.0;
        let head = RequestHead::of(&request, connection);
        if head.is_mock()
            && let Some(uri) = without_space(request.uri())
        {
            *request.uri_mut() = uri;
        }
        let (state, refusal) = match locate(&stages.state.spaces, &head, &stages.state.process.names) {
            Ok(space) => (stages.state.in_space(space), None),
            Err(unknown) => {
                // `POST /spaces` and its like may name a space that does not exist.
                let makes_spaces = head.uri.path().starts_with("/__mock/v1/spaces");
                let refusal = (!makes_spaces).then(|| unknown_space(unknown, head.is_mock()));
                (stages.state.clone(), refusal)
            }
        };
        if !head.is_mock() && refusal.is_none() {
            state.space.clock.step();
        }
        self.exchange(head, state, request, arrival, refusal).await.1
    }

    /// The answer to a request that is refused before any route is asked.
    pub async fn refuse(
        &self,
        request: Request<Body>,
        connection: Connection,
        refusal: impl Into<ApiError>,
    ) -> Outcome {
        let (head, state) = (RequestHead::of(&request, connection), self.0.state.clone());
        if !head.is_mock() {
            state.space.clock.step();
        }
        self.exchange(head, state, request, None, Some(refusal.into().into_response())).await.1
    }

    /// The same for one that could not even be read; the journal has nothing to tell of it.
    pub fn refuse_unread(&self, headers: &HeaderMap, refusal: impl Into<ApiError>) -> Response {
        let mut response = refusal.into().into_response();
        let id = own_id(headers).unwrap_or_else(|| self.0.state.spaces.observer_id().into());
        add_common_headers(response.headers_mut(), &id);
        response
    }

    /// One request in a space that is known by now; `refusal` is its answer, if it has one already.
    async fn exchange(
        &self,
        mut head: RequestHead,
        state: AppState,
        mut request: Request<Body>,
        arrival: Option<Arc<Arrival>>,
        refusal: Option<Response>,
    ) -> (RequestContext, Outcome) {
        // Whoever looks on, such as the web page, must not change the ids of a script.
        let new_id = || if head.is_mock() { state.spaces.observer_id() } else { state.space.ids.hex32() };
        let id = own_id(&head.headers).unwrap_or_else(|| new_id().into());
        // Credentials of a page elsewhere are not used (documented); the journal shows that they were sent.
        let foreign = is_from_foreign_page(&head.headers, &state.process.names);
        let unused = foreign && head.forget_credentials();
        let resend: Arc<dyn Resend> = Arc::clone(&self.0) as Arc<dyn Resend>;
        let context = RequestContext::new(head, id, state, resend);
        let recording = Recording::begin(&context, &mut request);
        if unused {
            request.headers_mut().remove(AUTHORIZATION);
        }
        let answered = match refusal {
            Some(refusal) => Ok(refusal),
            None => self.0.routed(&context, request).await,
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(how) => return (context, Outcome::HangUp(how)),
        };
        if let Some(arrival) = arrival {
            response = arrived(&arrival, &recording, response, context.head.is_mock()).await;
        }
        let response = recording.answer(finish(&context, response, unused));
        (context, Outcome::Answer(response))
    }
}

impl Stages {
    /// The answer of the routes; that of a panic is a 500.
    async fn routed(&self, context: &RequestContext, mut request: Request<Body>) -> Result<Response, HangUp> {
        let head = &context.head;
        if let Some(refusal) = self.too_large(head) {
            return Ok(refusal);
        }
        if percent_decode_str(head.uri.path()).decode_utf8().is_err() {
            return Ok(undecodable_path(head.is_mock()));
        }
        request.extensions_mut().insert(context.clone());
        let answer = async {
            let response = if head.headers.contains_key(ORIGIN) || head.method == Method::OPTIONS {
                self.shared.clone().oneshot(request).await
            } else {
                self.routes.answer(context, request).await
            };
            Ok(rejection::enveloped(response?, head.is_mock()).await)
        };
        AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|cause| Ok(panicked(cause)))
    }

    /// A body that says itself that it is too large is not asked for. The admin API has limits of its own.
    fn too_large(&self, head: &RequestHead) -> Option<Response> {
        let limit = self.state.options.max_body;
        let length = head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok()?;
        let error = || SodaError::too_large(limit, "the whole body (--max-body)");
        (length > limit && !head.is_mock()).then(|| ApiError::from(error()).into_response())
    }
}

impl Resend for Stages {
    fn resend(self: Arc<Self>, state: AppState, head: RequestHead, request: Request<Body>) -> Resending {
        Box::pin(async move {
            state.space.clock.step();
            let app = self.emulated.clone().filter(|_| !head.is_mock()).unwrap_or(App(self));
            let (context, outcome) = app.exchange(head, state, request, None, None).await;
            let mut resent = match outcome {
                Outcome::Answer(response) => read_whole(response).await,
                _ => Resent::default(),
            };
            resent.entry = context.trace().entry;
            resent
        })
    }
}

/// So many bytes of the answer to a request of the mock's own are kept.
const KEPT: usize = 16 << 20;

/// Reads an answer to its last byte, with which its journal entry ends.
async fn read_whole(response: Response) -> Resent {
    let (parts, mut rest) = response.into_parts();
    let hint = parts.headers.get("x-mock-hint").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (mut body, mut is_cut) = (Vec::new(), false);
    while let Some(Ok(frame)) = rest.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        let room = (KEPT - body.len()).min(data.len());
        body.extend_from_slice(&data[..room]);
        is_cut |= room < data.len();
    }
    Resent { entry: None, status: Some(parts.status), hint, body, is_cut }
}

/// Takes the rest of a body in that was read in part, for the journal. When a body did not arrive, that is the
/// refusal, whatever the route made of it.
async fn arrived(arrival: &Arrival, recording: &Recording, response: Response, is_mock: bool) -> Response {
    if arrival.finish(|data| recording.take(data)).await {
        recording.took_all();
    }
    let meant = response.status().is_success() || response.headers().contains_key(FAULT_HEADER);
    match arrival.refusal().filter(|_| !meant) {
        Some(refusal) if is_mock => Problem::from(refusal).into_response(),
        Some(refusal) => ApiError::from(refusal).into_response(),
        None => response,
    }
}

/// Routes take their parts of a path as text; the refusal of their extractors is no JSON.
fn undecodable_path(is_mock: bool) -> Response {
    let error = SodaError::invalid("The path is not valid UTF-8")
        .hint("Percent-encode the bytes of the UTF-8 form: \u{e9} is %C3%A9.");
    if is_mock { Problem::from(error).into_response() } else { ApiError::from(error).into_response() }
}

fn unknown_space(unknown: UnknownSpace, is_mock: bool) -> Response {
    if is_mock {
        let detail = format!("{}. {}", unknown.message(), unknown.hint());
        return Problem::new(StatusCode::NOT_FOUND, "space_not_found", detail).into_response();
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
