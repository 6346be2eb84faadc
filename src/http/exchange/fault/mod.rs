//! The stage in which faults strike: outside the routes, inside the journal. Which fault strikes is decided by
//! [`crate::faults`]; what it does to request, answer and connection is done here.

mod answer;
mod body;

use super::arrival::DRAIN_BYTES;
use super::connection::{Connection, HangUp};
use super::context::RequestContext;
use super::fault_plan::{FaultPlan, RowLimit};
use super::routes::Routes;
use crate::clock::Clock as _;
use crate::faults::{ChosenFault, Drop, FaultDecision, FaultRequest, Then};
use crate::http::error::ApiError;
use crate::journal::FaultApplied;
use crate::operation::Operation;
use crate::store::{HeldRead, StoreError};
use answer::{alter, own, told};
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use body::Slow;
use http::{HeaderName, HeaderValue, Request};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::Service;

/// The answer's header that names the fault that struck.
pub const FAULT_HEADER: HeaderName = HeaderName::from_static("x-mock-fault");

/// The routes with the faults around them.
#[derive(Clone)]
pub(super) struct FaultStage(Routes);

impl FaultStage {
    pub(super) fn new(routes: Routes) -> Self {
        Self(routes)
    }

    /// The answer of a route, unless a fault strikes. Without a rule a request costs the look whether there is one;
    /// no fault touches the mock's own API and page.
    pub(super) async fn answer(
        &self,
        context: &RequestContext,
        request: Request<Body>,
    ) -> Result<Response, HangUp> {
        if context.state.space.faults.none() || context.head.is_mock() {
            return Ok(self.0.answer(context, request).await);
        }
        Box::pin(answer_with_faults(context, request, &self.0)).await
    }
}

/// For the layer that adds the headers of CORS.
impl Service<Request<Body>> for FaultStage {
    type Response = Response;
    type Error = HangUp;
    type Future = Pin<Box<dyn Future<Output = Result<Response, HangUp>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HangUp>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let stage = self.clone();
        let context = RequestContext::of(request.extensions()).cloned();
        Box::pin(async move {
            match context {
                Some(context) => stage.answer(&context, request).await,
                None => Err(HangUp::Reset),
            }
        })
    }
}

async fn answer_with_faults(
    context: &RequestContext,
    request: Request<Body>,
    routes: &Routes,
) -> Result<Response, HangUp> {
    let faults = &context.state.space.faults;
    let facts = RuleFacts::of(context);
    let decision = faults.decide(&facts.request(context));
    let before = match before(context, &facts, &decision).await {
        Ok(before) => before,
        Err(error) => return Ok(ApiError::from(error).into_response()),
    };
    let row_limit = decision.fault.as_ref().and_then(|fault| fault.after_rows).map(RowLimit::new);
    context.set_fault_plan(FaultPlan { row_limit, stale: facts.stale(context) });
    let (outcome, stored) = match &decision.fault {
        None => no_fault(routes.answer(context, request).await),
        Some(fault) => apply_fault(context, &facts, fault, request, routes).await,
    };
    if let (Some(before), true) = (before, stored) {
        for (id, still) in decision.hide {
            let now = context.state.space.clock.now_ms();
            faults.hide(&id, &facts.id4x4, Arc::clone(&before), still, now);
        }
    }
    outcome
}

/// An answer or its loss, and whether the request was executed and accepted.
type Applied = (Result<Response, HangUp>, bool);

fn no_fault(response: Response) -> Applied {
    let stored = response.status().is_success();
    (Ok(response), stored)
}

/// The data before a write that is to be hidden.
async fn before(
    context: &RequestContext,
    facts: &RuleFacts,
    decision: &FaultDecision,
) -> Result<Option<Arc<HeldRead>>, StoreError> {
    if decision.hide.is_empty() || facts.id4x4.is_empty() {
        return Ok(None);
    }
    let store = context.state.space.store();
    let frozen =
        tokio::task::spawn_blocking(move || store.hold_read()).await.map_err(|_| StoreError::Closed)??;
    Ok(Some(Arc::new(frozen)))
}

async fn apply_fault(
    context: &RequestContext,
    facts: &RuleFacts,
    fault: &ChosenFault,
    mut request: Request<Body>,
    routes: &Routes,
) -> Applied {
    let action = &fault.action;
    let row_limit = context.row_limit();
    if let Some(rate) = action.bandwidth_bytes_per_s {
        request = request.map(|body| Body::new(Slow::new(body, rate)));
    }
    let real = match (row_limit, action.then()) {
        (None, Then::Skip) => {
            take_in(request.into_body()).await;
            None
        }
        _ => Some(routes.answer(context, request).await),
    };
    let real = match (row_limit, real) {
        (Some(limit), Some(real)) if !limit.was_reached() => return no_fault(real),
        (Some(_), _) => {
            context.state.space.faults.hit_after_rows(&fault.id, &facts.request(context));
            None
        }
        (None, real) => real,
    };
    let stored = real.as_ref().is_some_and(|r| r.status().is_success());
    // Written down before the wait: the client may leave during it.
    let what = told(action, fault.delay_ms, real.as_ref().map(|r| r.status()));
    context.trace().fault = Some(FaultApplied { id: fault.id.clone(), what });
    // What is applied is applied by now: a client that gives up while it waits has written all the same.
    let client_left = hold_back(fault.delay_ms, &context.head.connection).await.is_err();
    if client_left || action.drop() == Some(Drop::BeforeHeaders) {
        return (Err(HangUp::Reset), stored);
    }
    let response = match real {
        Some(real) if !action.answers() => real,
        _ => own(action),
    };
    let mut response = alter(response, action, &context.head.connection);
    if let Ok(id) = HeaderValue::from_str(&fault.id) {
        response.headers_mut().insert(FAULT_HEADER, id);
    }
    (Ok(response), stored)
}

/// The client has closed its end.
struct ClientLeft;

/// Waits, as long as the client does.
async fn hold_back(ms: u64, connection: &Connection) -> Result<(), ClientLeft> {
    if ms == 0 {
        return Ok(());
    }
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(ms)) => {
            connection.unwatch();
            Ok(())
        }
        () = connection.client_left() => Err(ClientLeft),
    }
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

/// What rules look at beside the head of a request.
struct RuleFacts {
    /// The 4x4 of its dataset, if there is one.
    id4x4: String,
    /// The names of its dataset.
    dataset: Vec<String>,
    /// Who asks: address, program, user name, app token.
    client: Vec<String>,
    now_ms: i64,
}

impl RuleFacts {
    fn of(context: &RequestContext) -> Self {
        let head = &context.head;
        let mut id4x4 = String::new();
        let mut dataset: Vec<String> = head.dataset_name().map(str::to_owned).into_iter().collect();
        if let Some(entry) = context.dataset() {
            entry.dataset.id.as_str().clone_into(&mut id4x4);
            dataset.push(id4x4.clone());
            dataset.extend(entry.dataset.resource_name.clone());
        }
        let client = [
            head.connection.peer.map(|peer| peer.address.ip().to_string()),
            head.header("user-agent").map(str::to_owned),
            head.credentials().name().map(str::to_owned),
            head.app_token().map(|token| token.into_owned()),
        ];
        let client = client.into_iter().flatten().collect();
        Self { id4x4, dataset, client, now_ms: context.state.space.clock.now_ms() }
    }

    fn request<'a>(&'a self, context: &'a RequestContext) -> FaultRequest<'a> {
        FaultRequest {
            id: &context.id,
            method: context.head.method.as_str(),
            path: context.head.uri.path(),
            operation: context.head.operation,
            dataset: &self.dataset,
            headers: &context.head.headers,
            client: &self.client,
            now_ms: self.now_ms,
        }
    }

    /// What a read sees in place of what is stored.
    fn stale(&self, context: &RequestContext) -> Option<Arc<HeldRead>> {
        let operation = context.head.operation;
        let reads = matches!(operation, Operation::Query | Operation::QueryV3 | Operation::RowGet);
        if reads { context.state.space.faults.read(&self.id4x4, self.now_ms) } else { None }
    }
}
