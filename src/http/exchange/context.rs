//! What is known of a request. Each fact is computed in one place and once, most of them when first asked for.

use super::fault_plan::{FaultPlan, RowLimit};
use super::head::RequestHead;
use super::held_body::HeldBody;
use super::trace::RequestTrace;
use crate::access::{Caller, LoginError};
use crate::clock::Clock as _;
use crate::http::state::AppState;
use crate::soda::{ErrorCode, SodaError};
use crate::store::{Entry, HeldRead};
use axum::body::Body;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, Request, StatusCode};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A request between its head and its answer; clones are the same request.
#[derive(Clone)]
pub struct RequestContext(Arc<RequestFacts>);

/// The facts of a [`RequestContext`].
pub struct RequestFacts {
    /// The head as it was sent, without credentials that are not to be used.
    pub head: RequestHead,
    /// `X-Socrata-RequestId`; a client's own is kept.
    pub id: Arc<str>,
    /// The space that the request belongs to, with the data that it has for this request.
    pub state: AppState,
    login: OnceLock<Result<Caller, LoginError>>,
    dataset: OnceLock<Option<Arc<Entry>>>,
    body: OnceLock<HeldBody>,
    plan: OnceLock<FaultPlan>,
    trace: Mutex<RequestTrace>,
    resend: Arc<dyn Resend>,
}

/// The way of a request of the mock's own through all stages.
pub trait Resend: Send + Sync {
    /// Sends it in the space of `state` and reads its answer to the end.
    fn resend(self: Arc<Self>, state: AppState, head: RequestHead, request: Request<Body>) -> Resending;
}

/// An answer that is still to come.
pub type Resending = Pin<Box<dyn Future<Output = Resent> + Send>>;

/// The answer to a request of the mock's own.
#[derive(Debug, Default)]
pub struct Resent {
    /// The number of its journal entry; none when it was not recorded.
    pub entry: Option<u64>,
    /// None when a fault left it without an answer.
    pub status: Option<StatusCode>,
    /// What the mock advises.
    pub hint: Option<String>,
    /// The body, or the first bytes of a long one.
    pub body: Vec<u8>,
    /// Whether the body is longer.
    pub is_cut: bool,
}

impl Deref for RequestContext {
    type Target = RequestFacts;

    fn deref(&self) -> &RequestFacts {
        &self.0
    }
}

impl RequestContext {
    /// A request of which nothing was computed yet.
    pub(super) fn new(head: RequestHead, id: Arc<str>, state: AppState, resend: Arc<dyn Resend>) -> Self {
        Self(Arc::new(RequestFacts {
            head,
            id,
            state,
            login: OnceLock::new(),
            dataset: OnceLock::new(),
            body: OnceLock::new(),
            plan: OnceLock::new(),
            trace: Mutex::default(),
            resend,
        }))
    }

    /// The context that a request carries on its way through the router.
    pub(super) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get::<Self>()
    }
}

impl RequestFacts {
    /// Who the credentials of the request are those of.
    pub fn login(&self) -> &Result<Caller, LoginError> {
        self.login.get_or_init(|| {
            let now_ms = self.state.space.clock.now_ms();
            self.state.space.accounts.authenticate(self.head.credentials(), now_ms)
        })
    }

    /// Who calls; nobody in particular when the credentials are refused.
    pub fn caller(&self) -> &Caller {
        self.login().as_ref().unwrap_or(&Caller::Anonymous)
    }

    /// The dataset that the path names, as it was when it was first asked for. Routes look it up themselves, since
    /// they read again when the catalogue was exchanged meanwhile.
    pub fn dataset(&self) -> Option<&Arc<Entry>> {
        let find = || self.state.space.store().catalogue().find(self.head.dataset_name()?).cloned();
        self.dataset.get_or_init(find).as_ref()
    }

    /// What faults change inside the request; set before a route is asked.
    pub(super) fn set_fault_plan(&self, plan: FaultPlan) {
        let _ = self.plan.set(plan);
    }

    /// The number of rows after which a fault ends the upload.
    pub fn row_limit(&self) -> Option<&RowLimit> {
        self.plan.get()?.row_limit.as_ref()
    }

    /// What a fault lets a read see in place of what is stored.
    pub fn stale(&self) -> Option<&Arc<HeldRead>> {
        self.plan.get()?.stale.as_ref()
    }

    /// Keeps the body of a request that is read whole.
    pub fn set_body(&self, body: HeldBody) {
        let _ = self.body.set(body);
    }

    /// The body of a request that was read whole; empty before that.
    pub fn body(&self) -> &[u8] {
        self.body.get().map_or(&[], |body| &body.bytes[..])
    }

    /// What is told of the request afterwards, for reading and writing.
    pub fn trace(&self) -> MutexGuard<'_, RequestTrace> {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request of the mock's own through all stages, in the same space; see [`Resend::resend`].
    pub async fn resend(&self, head: RequestHead, request: Request<Body>) -> Resent {
        Arc::clone(&self.resend).resend(self.state.clone(), head, request).await
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = crate::http::error::ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = Self::of(&parts.extensions).cloned();
        found.ok_or_else(|| SodaError::new(ErrorCode::Internal, "Internal error").into())
    }
}

/// Handlers take the state of their request, so that none can reach another space by accident.
impl<S: Sync> FromRequestParts<S> for AppState {
    type Rejection = crate::http::error::ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        RequestContext::from_request_parts(parts, state).await.map(|context| context.state.clone())
    }
}
