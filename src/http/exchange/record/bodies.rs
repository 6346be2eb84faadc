//! Bodies as they pass: their first bytes are copied for the journal, and their end is told.

use super::end::Watch;
use crate::http::exchange::context::RequestContext;
use crate::journal::{Ending, Settings};
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Request;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pub(super) fn watch_body(request: &mut Request<Body>, context: &RequestContext, bound: usize) {
    if request.body().is_end_stream() {
        context.trace().body.ended();
        return;
    }
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(WatchedBody { body, context: context.clone(), bound });
}

/// The body of a request; its first bytes are copied as they pass.
struct WatchedBody {
    body: Body,
    context: RequestContext,
    bound: usize,
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.context.trace().body.take(data, self.bound);
                }
                if self.body.is_end_stream() {
                    self.context.trace().body.ended();
                }
            }
            Some(Err(_)) => {}
            None => self.context.trace().body.ended(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Answers up to this size are looked at in one piece.
const SMALL: u64 = 64 * 1024;

/// What was taken out of a body already.
type First = Option<Result<Frame<Bytes>, axum::Error>>;

/// The body of an answer before it leaves.
pub(super) enum Peeked {
    /// All of it, and the body that will send it.
    Whole(Bytes, Body),
    /// More is to come; a piece may have been taken out of it.
    Open(First, Body),
}

/// Most answers are short and made by now: those need no watch while they are sent.
pub(super) fn peek(mut body: Body) -> Peeked {
    if body.is_end_stream() {
        return Peeked::Whole(Bytes::new(), body);
    }
    let Some(length) = body.size_hint().exact().filter(|length| *length <= SMALL) else {
        return Peeked::Open(None, body);
    };
    match body.frame().now_or_never() {
        Some(Some(Ok(frame))) => match frame.into_data() {
            Ok(data) if data.len() as u64 == length => Peeked::Whole(data.clone(), Body::from(data)),
            Ok(data) => Peeked::Open(Some(Ok(Frame::data(data))), body),
            Err(frame) => Peeked::Open(Some(Ok(frame)), body),
        },
        Some(Some(Err(error))) => Peeked::Open(Some(Err(error)), body),
        Some(None) | None => Peeked::Open(None, body),
    }
}

/// The body of an answer; its first bytes are copied as they pass, and its end is told.
pub(super) struct WatchedAnswer {
    /// What was taken out of the body already.
    first: First,
    body: Body,
    /// Bytes to come, when their number is known: then the end is told with the last of them.
    left: Option<u64>,
    end: Watch,
}

impl WatchedAnswer {
    /// The body behind what was taken out of it; `end` is told when all has passed.
    pub(super) fn new(first: First, body: Body, end: Watch) -> Self {
        let mut watched = Self { first, body, left: None, end };
        watched.left = watched.size_hint().exact();
        watched
    }

    fn passed(&mut self, data: &Bytes, settings: &Settings) {
        self.end.capture.take(data, settings.body);
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(data.len() as u64);
            if *left == 0 {
                self.end.finish(Ending::Whole);
            }
        }
    }
}

impl http_body::Body for WatchedAnswer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = match self.first.take() {
            Some(first) => Some(first),
            None => ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        match &frame {
            Some(Ok(frame)) => {
                let settings = self.end.recorded.as_ref().map(|r| r.state.options.journal);
                if let (Some(data), Some(settings)) = (frame.data_ref(), settings) {
                    self.passed(data, &settings);
                }
            }
            Some(Err(_)) => self.end.finish(Ending::Broken),
            None => self.end.finish(Ending::Whole),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let waiting = self.first.as_ref().and_then(|first| first.as_ref().ok()?.data_ref());
        let mut hint = self.body.size_hint();
        if let Some(waiting) = waiting {
            let more = waiting.len() as u64;
            if let Some(upper) = hint.upper() {
                hint.set_upper(upper + more);
            }
            hint.set_lower(hint.lower() + more);
        }
        hint
    }
}
