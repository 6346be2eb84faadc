//! The layer in which faults strike: outside the routes, inside the journal.

use super::answer::{alter, own, told};
use super::body::{Cut, CutAt, Slow};
use super::line::{Ending, Line};
use super::trip::{Tampering, Trip};
use crate::access::{app_token, basic_name};
use crate::clock::Clock as _;
use crate::faults::{Asked, Drop, Strike, Then, Verdict};
use crate::http::arrival::DRAIN_BYTES;
use crate::http::error::ApiError;
use crate::http::footprint::Footprint;
use crate::http::layers::RequestId;
use crate::http::state::{AppState, Peer};
use crate::operation::{Operation, classify};
use crate::path::query_pairs;
use crate::store::{Frozen, StoreError};
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::Either;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt as _};

/// The answer's header that names the fault that struck.
pub const FAULT_HEADER: HeaderName = HeaderName::from_static("x-mock-fault");

/// Puts faults around a service.
#[derive(Clone, Copy, Debug)]
pub struct FaultsLayer;

impl<S> Layer<S> for FaultsLayer {
    type Service = Faulty<S>;

    fn layer(&self, inner: S) -> Faulty<S> {
        Faulty(inner)
    }
}

/// A service that faults may strike.
#[derive(Clone, Debug)]
pub struct Faulty<S>(S);

type Pending = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Faulty<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, Pending>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    /// Without a rule a request costs the look whether there is one.
    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let state = request.extensions().get::<AppState>();
        match state.filter(|s| !s.space.faults.none()).cloned() {
            None => Either::Left(self.0.call(request)),
            Some(state) => {
                let inner = self.0.clone();
                let ready = std::mem::replace(&mut self.0, inner);
                Either::Right(Box::pin(async move { Ok(judged(state, request, ready).await) }))
            }
        }
    }
}

/// The rest of the way.
async fn routes<S>(inner: S, request: Request<Body>) -> Response
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let Ok(response) = inner.oneshot(request).await;
    response
}

async fn judged<S>(state: AppState, mut request: Request<Body>, inner: S) -> Response
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let Some(subject) = Subject::of(&state, &request) else { return routes(inner, request).await };
    let verdict = state.space.faults.judge(&subject.asked());
    let before = match before(&state, &subject, &verdict).await {
        Ok(before) => before,
        Err(error) => return ApiError::from(error).into_response(),
    };
    request.extensions_mut().insert(Tampering {
        trip: verdict.strike.as_ref().and_then(Strike::trip),
        stale: subject.stale(&state),
    });
    let struck = match &verdict.strike {
        None => Struck::by_nothing(routes(inner, request).await),
        Some(strike) => strike_at(&state, &subject, strike, request, inner).await,
    };
    if let (Some(before), true) = (before, struck.stored) {
        for (id, still) in verdict.hide {
            let now = state.space.clock.now_ms();
            state.space.faults.hide(&id, &subject.id4x4, Arc::clone(&before), still, now);
        }
    }
    struck.response
}

/// An answer, and whether the request was executed and accepted.
struct Struck {
    response: Response,
    stored: bool,
}

impl Struck {
    fn by_nothing(response: Response) -> Self {
        Self { stored: response.status().is_success(), response }
    }
}

/// The data before a write that is to be hidden.
async fn before(
    state: &AppState,
    subject: &Subject,
    verdict: &Verdict,
) -> Result<Option<Arc<Frozen>>, StoreError> {
    if verdict.hide.is_empty() || subject.id4x4.is_empty() {
        return Ok(None);
    }
    let store = state.space.store();
    let frozen =
        tokio::task::spawn_blocking(move || store.freeze()).await.map_err(|_| StoreError::Closed)??;
    Ok(Some(Arc::new(frozen)))
}

async fn strike_at<S>(
    state: &AppState,
    subject: &Subject,
    strike: &Strike,
    mut request: Request<Body>,
    inner: S,
) -> Struck
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let action = &strike.action;
    let line = request.extensions().get::<Arc<Line>>().cloned();
    let trip = request.extensions().get::<Tampering>().and_then(|t| t.trip.clone());
    let footprint = request.extensions().get::<Footprint>().cloned().unwrap_or_default();
    if let Some(rate) = action.bandwidth_bytes_per_s {
        request = request.map(|body| Body::new(Slow::new(body, rate)));
    }
    let real = match (&trip, action.then()) {
        (None, Then::Skip) => {
            take_in(request.into_body()).await;
            None
        }
        _ => Some(routes(inner, request).await),
    };
    let real = match (trip, real) {
        (Some(trip), Some(real)) if !trip.tripped() => return Struck::by_nothing(real),
        (Some(_), _) => {
            state.space.faults.tripped(&strike.id, &subject.asked());
            None
        }
        (None, real) => real,
    };
    let stored = real.as_ref().is_some_and(|r| r.status().is_success());
    if action.drop() == Some(Drop::BeforeHeaders) {
        footprint.hung_up();
    }
    // Written down before the wait: the client may leave during it.
    footprint.fault(&strike.id, told(action, strike.delay_ms, real.as_ref().map(|r| r.status())));
    // What is applied is applied by now: a client that gives up while it waits has written all the same.
    if hold_back(strike.delay_ms, line.as_deref()).await == Waited::InVain {
        footprint.hung_up();
        return Struck { response: hung_up(line), stored };
    }
    let mut response = answer(strike, real, line);
    if let Ok(id) = HeaderValue::from_str(&strike.id) {
        response.headers_mut().insert(FAULT_HEADER, id);
    }
    Struck { response, stored }
}

impl Strike {
    /// Where it ends an upload.
    fn trip(&self) -> Option<Trip> {
        self.after_rows.map(Trip::after)
    }
}

fn answer(strike: &Strike, real: Option<Response>, line: Option<Arc<Line>>) -> Response {
    let action = &strike.action;
    if action.drop() == Some(Drop::BeforeHeaders) {
        return hung_up(line);
    }
    let response = match real {
        Some(real) if !action.answers() => real,
        _ => own(action),
    };
    alter(response, action, line)
}

#[derive(PartialEq, Eq)]
enum Waited {
    ToTheEnd,
    InVain,
}

/// Waits, as long as the client does.
async fn hold_back(ms: u64, line: Option<&Line>) -> Waited {
    let sleep = tokio::time::sleep(Duration::from_millis(ms));
    match line {
        Some(line) if ms > 0 => tokio::select! {
            () = sleep => {
                line.unwatch();
                Waited::ToTheEnd
            }
            () = line.left() => Waited::InVain,
        },
        _ => {
            sleep.await;
            Waited::ToTheEnd
        }
    }
}

/// Resets the connection. Without one, as in a test through the router, the answer is a 502 whose
/// body ends in an error.
fn hung_up(line: Option<Arc<Line>>) -> Response {
    let mut response = Response::new(Body::new(Cut::new(Body::from("-"), CutAt::Bytes(0), None)));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    if let Some(line) = line {
        line.end(Ending::Reset);
    }
    response
}

/// Takes a request in before it is failed, as a proxy does: a wait comes after it, and the journal has
/// what was sent.
async fn take_in(mut body: Body) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
        if left == 0 {
            return;
        }
    }
}

/// A request as rules see it, owned.
struct Subject {
    request_id: Arc<str>,
    method: String,
    path: String,
    operation: Operation,
    /// The 4x4 of its dataset, if there is one.
    id4x4: String,
    dataset: Vec<String>,
    headers: HeaderMap,
    client: Vec<String>,
    now_ms: i64,
}

impl Subject {
    /// None for the mock's own API and page, which no fault touches.
    fn of(state: &AppState, request: &Request<Body>) -> Option<Self> {
        let path = request.uri().path().to_owned();
        let (operation, named) = classify(request.method(), &path);
        if operation == Operation::Mock {
            return None;
        }
        let mut id4x4 = String::new();
        let mut dataset: Vec<String> = named.into_iter().collect();
        let catalogue = state.space.store().catalogue();
        if let Some(entry) = dataset.first().and_then(|name| catalogue.find(name)) {
            entry.dataset.id.as_str().clone_into(&mut id4x4);
            dataset.push(id4x4.clone());
            dataset.extend(entry.dataset.resource_name.clone());
        }
        Some(Self {
            request_id: request
                .extensions()
                .get::<RequestId>()
                .map_or_else(|| "".into(), |r| Arc::clone(&r.0)),
            method: request.method().to_string(),
            operation,
            id4x4,
            dataset,
            headers: request.headers().clone(),
            client: clients(request),
            now_ms: state.space.clock.now_ms(),
            path,
        })
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            id: &self.request_id,
            method: &self.method,
            path: &self.path,
            operation: self.operation,
            dataset: &self.dataset,
            headers: &self.headers,
            client: &self.client,
            now_ms: self.now_ms,
        }
    }

    /// What a read sees in place of what is stored.
    fn stale(&self, state: &AppState) -> Option<Arc<Frozen>> {
        let reads = matches!(self.operation, Operation::Query | Operation::QueryV3 | Operation::RowGet);
        if reads { state.space.faults.read(&self.id4x4, self.now_ms) } else { None }
    }
}

/// Who asks: address, program, user name, app token.
fn clients(request: &Request<Body>) -> Vec<String> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let address = request.extensions().get::<Peer>().map(|peer| peer.address.ip().to_string());
    let user = header("authorization").and_then(basic_name);
    let query = query_pairs(request.uri().query()).unwrap_or_default();
    let token = app_token(request.headers(), &query).map(|token| token.into_owned());
    [address, header("user-agent").map(str::to_owned), user, token].into_iter().flatten().collect()
}
