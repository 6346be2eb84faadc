//! The body of a request while it arrives, and what becomes of the rest when the answer comes first.
//!
//! A client that sends its whole body before it reads loses an answer that comes with the end of the
//! connection. So what no route has read is read and thrown away, within bounds; beyond those, or when
//! the body was never asked for, the answer says that the connection ends.

use crate::soda::{ErrorCode, SodaError};
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::{HeaderMap, Request};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep, timeout};

/// Bytes of an unwanted body that are read and thrown away.
pub const DRAIN_BYTES: u64 = 64 << 20;
/// How long that may take.
pub const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The arrival of a body; a request with one carries it in its extensions.
#[derive(Debug)]
pub struct Arrival {
    /// The client waits to be asked for the body (`Expect: 100-continue`).
    waits: bool,
    /// Whether a byte of it was asked for.
    asked: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// A route has it.
    Out,
    /// The rest that no route wants.
    Back(Body),
    /// It was read to its end.
    Ended,
    Failed(Failure),
    /// The answer was made; the rest comes back later.
    Answered,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// Nothing came for so long.
    Stalled(Duration),
    /// Its bytes are no chunks.
    Malformed,
    /// The connection broke.
    BrokenOff,
    /// There is more than is thrown away.
    Left,
}

/// A client that sends nothing more.
#[derive(Debug, thiserror::Error)]
#[error("the client has stopped sending")]
struct Stalled;

impl Arrival {
    /// The request with a body that is watched; one without a body stays as it is. A client that sends
    /// nothing for `stall` is not waited for.
    pub fn watch<B>(request: Request<B>, stall: Duration) -> (Request<Body>, Option<Arc<Self>>)
    where
        B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if request.body().is_end_stream() {
            return (request.map(|_| Body::empty()), None);
        }
        let waits =
            request.headers().get(EXPECT).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let state = Mutex::new(State::Out);
        let arrival = Arc::new(Self { waits, asked: AtomicBool::new(false), state });
        let shared = Arc::clone(&arrival);
        let mut request = request.map(|body| {
            let body = Some(body);
            Body::new(Arriving { body, stall, pause: None, paused: false, arrival: shared })
        });
        request.extensions_mut().insert(Arc::clone(&arrival));
        (request, Some(arrival))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Reads on where a route has stopped, so that the journal has what was sent; whether the end was
    /// reached. A body of which nothing was read is left alone.
    pub async fn finish(&self, see: impl FnMut(&Bytes)) -> bool {
        if !self.is_asked() {
            return false;
        }
        let rest = match &mut *self.state() {
            state @ State::Back(_) => std::mem::replace(state, State::Failed(Failure::Left)),
            _ => return false,
        };
        let State::Back(rest) = rest else { return false };
        let ended = drain(rest, see).await;
        if ended {
            *self.state() = State::Ended;
        }
        ended
    }

    /// The refusal that a body deserves which did not arrive.
    pub fn refusal(&self) -> Option<SodaError> {
        match &*self.state() {
            State::Failed(Failure::Stalled(time)) => Some(
                SodaError::new(
                    ErrorCode::RequestTimeout,
                    format!("The request body stalled: no byte of it came for {time:?}"),
                )
                .hint("Nothing was stored. Send the body without such pauses, or raise --stall-timeout."),
            ),
            State::Failed(Failure::Malformed) => Some(
                SodaError::invalid("The chunks of the request body are malformed")
                    .hint("Nothing was stored. A chunk is its size in hexadecimal digits, CR LF, so many bytes, CR LF; the last one is 0."),
            ),
            _ => None,
        }
    }

    /// The answer is made: decides what becomes of the rest of the body, and tells the client when the
    /// connection ends with it.
    pub fn answered(&self, headers: &mut HeaderMap) {
        let mut state = self.state();
        let ends = match std::mem::replace(&mut *state, State::Answered) {
            State::Ended | State::Answered | State::Out => false,
            State::Failed(_) => true,
            State::Back(rest) => {
                let unsent = self.waits && !self.is_asked();
                let keeps = !unsent && rest.size_hint().lower() <= DRAIN_BYTES;
                if keeps {
                    drain_aside(rest);
                }
                !keeps
            }
        };
        drop(state);
        if ends {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn fail(&self, failure: Failure) {
        *self.state() = State::Failed(failure);
    }

    fn end(&self) {
        let mut state = self.state();
        if matches!(*state, State::Out) {
            *state = State::Ended;
        }
    }

    fn give_back(&self, rest: Body) {
        let mut state = self.state();
        match *state {
            State::Out => *state = State::Back(rest),
            State::Answered => drain_aside(rest),
            _ => {}
        }
    }
}

/// The answer need not wait for it.
fn drain_aside(rest: Body) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(drain(rest, |_: &Bytes| {}));
    }
}

/// Reads a body to its end and throws it away, within bounds; whether the end was reached.
async fn drain(mut rest: Body, mut see: impl FnMut(&Bytes)) -> bool {
    let all = async {
        let mut left = DRAIN_BYTES;
        while let Some(frame) = rest.frame().await {
            let Ok(frame) = frame else { return false };
            let Some(data) = frame.data_ref() else { continue };
            see(data);
            match left.checked_sub(data.len() as u64) {
                Some(less) => left = less,
                None => return false,
            }
        }
        true
    };
    timeout(DRAIN_TIME, all).await.unwrap_or(false)
}

/// The body as a route reads it.
struct Arriving<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// None when it has failed.
    body: Option<B>,
    stall: Duration,
    /// Runs while nothing comes.
    pause: Option<Pin<Box<Sleep>>>,
    paused: bool,
    arrival: Arc<Arrival>,
}

impl<B> Arriving<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Whether nothing has come for too long.
    fn has_stalled(&mut self, cx: &mut Context<'_>) -> bool {
        let stall = self.stall;
        match &mut self.pause {
            Some(pause) if !self.paused => pause.set(sleep(stall)),
            Some(_) => {}
            None => self.pause = Some(Box::pin(sleep(stall))),
        }
        self.paused = true;
        self.pause.as_mut().is_some_and(|pause| pause.as_mut().poll(cx).is_ready())
    }

    fn failed(&mut self, failure: Failure, error: impl Into<Box<dyn Error + Send + Sync>>) -> axum::Error {
        self.body = None;
        self.arrival.fail(failure);
        axum::Error::new(error)
    }
}

/// Whether the connection goes on and its bytes are wrong.
fn failure_of(error: &(dyn Error + 'static)) -> Failure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)) {
            return Failure::Malformed;
        }
        cause = error.source();
    }
    Failure::BrokenOff
}

impl<B> HttpBody for Arriving<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.arrival.asked.store(true, Ordering::Relaxed);
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.paused = false;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                let error = error.into();
                let failure = failure_of(&*error);
                Poll::Ready(Some(Err(self.failed(failure, error))))
            }
            Poll::Ready(None) => {
                self.arrival.end();
                Poll::Ready(None)
            }
            Poll::Pending if self.has_stalled(cx) => {
                let failure = Failure::Stalled(self.stall);
                Poll::Ready(Some(Err(self.failed(failure, Stalled))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl<B> Drop for Arriving<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn drop(&mut self) {
        match self.body.take() {
            Some(body) if body.is_end_stream() => self.arrival.end(),
            Some(body) => self.arrival.give_back(Body::new(body)),
            None => {}
        }
    }
}
