//! Requests and answers on their way into the journal, the metrics and the log.

mod bodies;
mod end;
mod log;

use super::context::RequestContext;
use super::trace::RequestTrace;
use crate::clock::{Clock as _, monotonic};
use crate::journal::{Capture, Client, End, Ending, Entry, Headers, mask};
use crate::operation::Operation;
use axum::body::Body;
use axum::response::Response;
use bodies::{Peeked, WatchedAnswer, peek, watch_body};
use bytes::Bytes;
use end::{Recorded, deals_in_credentials, duration_us, without_secrets};
use http::header::HeaderValue;
use http::{HeaderMap, HeaderName, Method, Request};
use log::RequestLog;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The number of the entry that tells of an answer.
const MOCK_REQUEST: HeaderName = HeaderName::from_static("x-mock-request");

/// The record of one request until its answer is made. Dropped without one, it tells that the client saw none: it
/// left, or its connection was ended.
pub struct Recording {
    context: RequestContext,
    started: Instant,
    /// Empty in all that only the journal needs when the request is not recorded; taken by the answer.
    entry: Option<Entry>,
    recorded: bool,
}

impl Recording {
    /// Begins to watch a request.
    pub fn begin(context: &RequestContext, request: &mut Request<Body>) -> Self {
        let (head, state) = (&context.head, &context.state);
        state.active.fetch_add(1, Ordering::Relaxed);
        let settings = &state.options.journal;
        let recorded = settings.is_on() && head.operation != Operation::Mock;
        let mut entry = Entry::new(head.method.clone(), head.uri.path());
        entry.operation = head.operation.name();
        entry.request_id = Arc::clone(&context.id);
        if recorded {
            fill(&mut entry, request, context);
            watch_body(request, context, settings.body);
        }
        Self { context: context.clone(), started: monotonic(), entry: Some(entry), recorded }
    }

    /// More of the request's body, which no route has read.
    pub fn take(&self, data: &[u8]) {
        if self.recorded {
            self.context.trace().body.take(data, self.context.state.options.journal.body);
        }
    }

    /// That was the end of the body.
    pub fn took_all(&self) {
        self.context.trace().body.ended();
    }

    /// Records the answer: the entry is there before the head leaves.
    pub fn answer(mut self, response: Response) -> Response {
        let Some(entry) = self.entry.take() else { return response };
        let status = response.status().as_u16();
        if !self.recorded {
            self.log_unrecorded(&entry, status);
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = if entry.method == Method::HEAD { Peeked::Whole(Bytes::new(), body) } else { peek(body) };
        let mut response = Response::from_parts(parts, ());
        let (end, body) = match body {
            Peeked::Whole(text, body) => (Some(text), body),
            Peeked::Open(first, body) => {
                let end =
                    self.record(entry, Some((status, response.headers_mut())), None).watch(self.started);
                return response.map(|()| Body::new(WatchedAnswer::new(first, body, end)));
            }
        };
        self.record(entry, Some((status, response.headers_mut())), end).log(self.started);
        response.map(|()| body)
    }

    fn log_unrecorded(&self, entry: &Entry, status: u16) {
        RequestLog { trace: &self.context.trace(), entry, status }
            .write(&self.context.state, self.started.elapsed());
    }

    /// Records a request with its answer's status and headers, and with its answer's body when that is all there.
    fn record(
        &self,
        mut entry: Entry,
        answer: Option<(u16, &mut HeaderMap)>,
        body: Option<Bytes>,
    ) -> Recorded {
        let (state, operation) = (&self.context.state, self.context.head.operation);
        let trace = std::mem::take(&mut *self.context.trace());
        let throttled = trace.throttled;
        take_over(&mut entry, trace);
        if entry.dataset.is_none() {
            entry.dataset = dataset(&self.context);
        }
        let secret = deals_in_credentials(operation);
        if secret {
            entry.body = without_secrets(std::mem::take(&mut entry.body));
        }
        if let Some((status, headers)) = &answer {
            entry.status = Some(*status);
            entry.answer_headers = Headers::of(headers);
        }
        if let Some(body) = body {
            let body = Capture::whole(&body, state.options.journal.body);
            let body = if secret { without_secrets(body) } else { body };
            entry.end(End {
                duration_us: duration_us(state, self.started.elapsed()),
                body,
                how: Ending::Whole,
            });
        }
        let entry = state.space.journal.record(entry, &state.options.journal);
        self.context.trace().entry = Some(entry.id);
        if let Some(fault) = &entry.fault {
            state.space.faults.recorded(&fault.id, &entry.request_id, entry.id);
        }
        if let Some((_, headers)) = answer {
            headers.insert(MOCK_REQUEST, HeaderValue::from(entry.id));
        }
        Recorded { state: state.clone(), entry, secret, throttled }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.context.state.active.fetch_sub(1, Ordering::Relaxed);
        let Some(entry) = self.entry.take() else { return };
        if self.recorded {
            self.record(entry, None, None).watch(self.started).finish(Ending::Cut);
        } else {
            self.log_unrecorded(&entry, 0);
        }
    }
}

/// The dataset that the path names, for requests that nobody looked it up for: routes of metadata
/// do so in their own ways, refused requests do not at all.
fn dataset(context: &RequestContext) -> Option<Box<str>> {
    let name = context.head.dataset_name()?;
    let found = context.dataset().filter(|_| !context.head.operation.writes_rows());
    Some(found.map_or(name, |entry| entry.dataset.id.as_str()).into())
}

/// What only the journal needs of a request; the headers are those that were sent.
fn fill(entry: &mut Entry, request: &Request<Body>, context: &RequestContext) {
    let oauth = context.head.operation == Operation::OAuth;
    entry.at_ms = context.state.space.clock.now_ms();
    entry.query = mask::query(context.head.uri.query().unwrap_or(""), oauth).into();
    entry.headers = Headers::of(request.headers());
    if let Some(peer) = context.head.connection.peer {
        entry.client = Client { address: Some(peer.address.ip()), ..Client::default() };
        entry.tls = peer.tls;
    }
}

fn take_over(entry: &mut Entry, trace: RequestTrace) {
    entry.client.user = trace.user;
    entry.client.app_token = trace.app_token;
    entry.dataset = trace.dataset;
    entry.key_field = trace.key_field;
    entry.rows = trace.rows;
    entry.outcomes = trace.outcomes;
    entry.versions = trace.versions;
    entry.fault = trace.fault;
    entry.body = trace.body.finish();
}
