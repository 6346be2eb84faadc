//! Requests and answers on their way into the journal, the metrics and the log.

mod bodies;

use super::footprint::{Footprint, Trace};
use super::state::{AppState, Peer};
use crate::clock::{Clock as _, ClockMode, monotonic};
use crate::journal::{Capture, Captured, Client, End, Ending, Entry, Headers, mask};
use crate::operation::{Operation, classify};
use crate::space::Space;
use axum::body::Body;
use axum::response::Response;
use bodies::{Peeked, WatchedAnswer, peek, watch_body};
use bytes::Bytes;
use http::header::HeaderValue;
use http::{HeaderMap, HeaderName, Method, Request};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// The number of the entry that tells of an answer.
const MOCK_REQUEST: HeaderName = HeaderName::from_static("x-mock-request");

/// One request until its answer is made. Dropped without one, it tells that the client left.
pub struct Exchange {
    state: AppState,
    footprint: Footprint,
    started: Instant,
    facts: Option<Facts>,
}

/// What is known before the answer.
struct Facts {
    operation: Operation,
    /// Empty in all that only the journal needs when the request is not recorded.
    entry: Entry,
    recorded: bool,
}

impl Exchange {
    /// Begins to watch a request.
    pub fn begin(state: &AppState, request: &mut Request<Body>, request_id: &Arc<str>) -> Self {
        state.active.fetch_add(1, Ordering::Relaxed);
        let footprint = Footprint::default();
        request.extensions_mut().insert(footprint.clone());
        let operation = Operation::of(request.method(), request.uri().path());
        let settings = &state.options.journal;
        let recorded = settings.is_on() && operation != Operation::Mock;
        let mut entry = Entry::new(request.method().clone(), request.uri().path());
        entry.operation = operation.name();
        entry.request_id = Arc::clone(request_id);
        if recorded {
            fill(&mut entry, request, state);
            watch_body(request, &footprint, settings.body);
        }
        let facts = Some(Facts { operation, entry, recorded });
        Self { state: state.clone(), footprint, started: monotonic(), facts }
    }

    /// More of the request's body, which no route has read.
    pub fn take(&self, data: &[u8]) {
        if self.facts.as_ref().is_some_and(|facts| facts.recorded) {
            self.footprint.trace().body.take(data, self.state.options.journal.body);
        }
    }

    /// That was the end of the body.
    pub fn took_all(&self) {
        self.footprint.trace().body.ended();
    }

    /// Records the answer: the entry is there before the head leaves.
    pub fn answer(mut self, response: Response) -> Response {
        let Some(facts) = self.facts.take() else { return response };
        let status = response.status().as_u16();
        if !facts.recorded {
            Told { trace: &self.footprint.trace(), entry: &facts.entry, status }
                .tell(&self.state, self.started.elapsed());
            return response;
        }
        let sent = (!self.footprint.trace().hung_up).then_some(status);
        let (parts, body) = response.into_parts();
        let body =
            if facts.entry.method == Method::HEAD { Peeked::Whole(Bytes::new(), body) } else { peek(body) };
        let mut response = Response::from_parts(parts, ());
        let (end, body) = match body {
            Peeked::Whole(text, body) => (Some(text), body),
            Peeked::Open(first, body) => {
                let end = self.record(facts, sent, Some(response.headers_mut()), None).watch(self.started);
                return response.map(|()| Body::new(WatchedAnswer::new(first, body, end)));
            }
        };
        self.record(facts, sent, Some(response.headers_mut()), end).tell(self.started);
        response.map(|()| body)
    }

    /// Records a request with its answer's headers, and with its answer's body when that is all there.
    fn record(
        &self,
        facts: Facts,
        status: Option<u16>,
        headers: Option<&mut HeaderMap>,
        body: Option<Bytes>,
    ) -> Recorded {
        let Facts { operation, mut entry, .. } = facts;
        let trace = std::mem::take(&mut *self.footprint.trace());
        entry.status = status;
        let throttled = trace.throttled;
        take_over(&mut entry, trace);
        if entry.dataset.is_none() {
            entry.dataset = self.dataset(operation, &entry);
        }
        let secret = deals_in_credentials(operation);
        if secret {
            entry.body = without_secrets(std::mem::take(&mut entry.body));
        }
        if let Some(headers) = &headers {
            entry.answer_headers = Headers::of(headers);
        }
        if let Some(body) = body {
            let body = Capture::whole(&body, self.state.options.journal.body);
            let body = if secret { without_secrets(body) } else { body };
            entry.end(End {
                duration_us: duration_us(&self.state, self.started.elapsed()),
                body,
                how: Ending::Whole,
            });
        }
        let entry = self.state.space.journal.record(entry, &self.state.options.journal);
        if let Some(fault) = &entry.fault {
            self.state.space.faults.recorded(&fault.id, &entry.request_id, entry.id);
        }
        if let Some(headers) = headers {
            headers.insert(MOCK_REQUEST, HeaderValue::from(entry.id));
        }
        Recorded { state: self.state.clone(), entry, secret, throttled }
    }

    /// The dataset that the path names, for requests that nobody looked it up for: routes of metadata
    /// do so in their own ways, refused requests do not at all.
    fn dataset(&self, operation: Operation, entry: &Entry) -> Option<Box<str>> {
        let (_, name) = classify(&entry.method, &entry.path);
        let name = name?.into_boxed_str();
        if operation.writes_rows() {
            return Some(name);
        }
        let found = self.state.space.store().catalogue().find(&name).map(|e| e.dataset.id.as_str().into());
        found.or(Some(name))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.state.active.fetch_sub(1, Ordering::Relaxed);
        let Some(facts) = self.facts.take() else { return };
        if facts.recorded {
            self.record(facts, None, None, None).watch(self.started).finish(Ending::Cut);
        } else {
            Told { trace: &self.footprint.trace(), entry: &facts.entry, status: 0 }
                .tell(&self.state, self.started.elapsed());
        }
    }
}

/// What only the journal needs of a request.
fn fill(entry: &mut Entry, request: &Request<Body>, state: &AppState) {
    let oauth = entry.operation == Operation::OAuth.name();
    entry.at_ms = state.space.clock.now_ms();
    entry.query = mask::query(request.uri().query().unwrap_or(""), oauth).into();
    entry.headers = Headers::of(request.headers());
    if let Some(peer) = request.extensions().get::<Peer>() {
        entry.client = Client { address: Some(peer.address.ip()), ..Client::default() };
        entry.tls = peer.tls;
    }
}

fn take_over(entry: &mut Entry, trace: Trace) {
    entry.client.user = trace.user;
    entry.client.app_token = trace.app_token;
    entry.dataset = trace.dataset;
    entry.rows = trace.rows;
    entry.fates = trace.fates;
    entry.versions = trace.versions;
    entry.fault = trace.fault;
    entry.body = trace.body.finish();
}

/// Routes whose bodies hold passwords, secrets and tokens. Rows are data, whatever they are called.
fn deals_in_credentials(operation: Operation) -> bool {
    matches!(operation, Operation::OAuth | Operation::Site | Operation::Other)
}

fn without_secrets(captured: Captured) -> Captured {
    if captured.kept.is_empty() {
        return captured;
    }
    let plain = crate::journal::unzipped(&captured.kept);
    // A secret may have been cut in two: such a body is left out.
    let masked = if captured.is_cut() { mask::MASK.into() } else { mask::body(&plain) };
    let changed = *masked != *captured.kept;
    Captured { kept: masked.into(), masked: changed, ..captured }
}

struct Recorded {
    state: AppState,
    entry: Arc<Entry>,
    secret: bool,
    throttled: bool,
}

impl Recorded {
    fn watch(self, started: Instant) -> Watch {
        Watch { recorded: Some(self), started, capture: Capture::default() }
    }

    /// Tells of a request whose answer is all there.
    fn tell(self, started: Instant) {
        let Self { state, entry, throttled, .. } = self;
        let trace = Trace { rows: entry.rows, fault: entry.fault.clone(), throttled, ..Trace::default() };
        Told { trace: &trace, entry: &entry, status: entry.status.unwrap_or(0) }
            .tell(&state, started.elapsed());
    }
}

/// An answer under way. Dropped before its end, it tells that the client left.
struct Watch {
    recorded: Option<Recorded>,
    started: Instant,
    capture: Capture,
}

impl Watch {
    fn finish(&mut self, how: Ending) {
        let Some(recorded) = self.recorded.take() else { return };
        let duration_us = duration_us(&recorded.state, self.started.elapsed());
        if how == Ending::Whole {
            self.capture.ended();
        }
        let body = std::mem::take(&mut self.capture).finish();
        let body = if recorded.secret { without_secrets(body) } else { body };
        let space = &recorded.state.space;
        space.journal.complete(
            &recorded.entry,
            End { duration_us, body, how },
            &recorded.state.options.journal,
        );
        recorded.tell(self.started);
    }
}

/// 0 by a clock that stands still.
fn duration_us(state: &AppState, elapsed: Duration) -> u64 {
    let frozen = matches!(state.space.clock.mode(), ClockMode::Frozen(_));
    if frozen { 0 } else { u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX) }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.finish(Ending::Cut);
    }
}

/// What metrics and log say of a request.
struct Told<'a> {
    trace: &'a Trace,
    entry: &'a Entry,
    status: u16,
}

impl Told<'_> {
    fn tell(&self, state: &AppState, duration: Duration) {
        let metrics = &state.process.metrics;
        metrics.request(self.entry.operation, self.status, duration);
        if let Some(rows) = self.trace.rows {
            metrics.rows(rows);
        }
        if let Some(fault) = &self.trace.fault {
            metrics.fault(&fault.id);
        }
        if self.trace.throttled {
            metrics.throttled();
        }
        if tracing::enabled!(target: "soda_mock::request", tracing::Level::INFO) {
            self.log(&state.space, duration);
        }
    }

    /// One line a request.
    fn log(&self, space: &Space, duration: Duration) {
        let rows = self.trace.rows;
        tracing::info!(
            target: "soda_mock::request",
            method = %self.entry.method,
            path = %mask::path(&self.entry.path),
            status = self.status,
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            operation = self.entry.operation,
            dataset = self.entry.dataset.as_deref().or(self.trace.dataset.as_deref()),
            created = rows.map(|r| r.created),
            updated = rows.map(|r| r.updated),
            deleted = rows.map(|r| r.deleted),
            errors = rows.map(|r| r.errors),
            user = self.entry.client.user.as_deref().or(self.trace.user.as_deref()),
            fault = self.trace.fault.as_ref().map(|f| f.id.as_str()),
            space = space.name,
            entry = (self.entry.id > 0).then_some(self.entry.id),
            request_id = &*self.entry.request_id,
            "request"
        );
    }
}
