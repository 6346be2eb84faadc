//! Rows out: the query of a dataset, streamed.

use super::dataset_request::DatasetRequest;
use super::negotiate::read_format;
use super::pipe::{Inlet, Outlet, pipe};
use super::precondition::{self, Precondition};
use crate::consumer::{Facts, Head, ReadFormat, plan, run, single};
use crate::http::error::ApiError;
use crate::soda::{OutputColumns, SodaError, Value};
use crate::soql::SoqlError;
use crate::store::functions::RuntimeError;
use crate::store::versions::Versions;
use crate::store::{Entry, HeldRead, ReadTx, RowQuery, StopSwitch, Stopped, Store, StoreError};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, VARY};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body::Frame;
use std::future::Future as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

// Names made once: as texts they would be read again for each answer.
const FIELDS: HeaderName = HeaderName::from_static("x-soda2-fields");
const TYPES: HeaderName = HeaderName::from_static("x-soda2-types");
const WARNING_HEADER: HeaderName = HeaderName::from_static("x-soda2-warning");
const OUT_OF_DATE: HeaderName = HeaderName::from_static("x-soda2-data-out-of-date");
const TRUTH_LAST_MODIFIED: HeaderName = HeaderName::from_static("x-soda2-truth-last-modified");
const SECONDARY_LAST_MODIFIED: HeaderName = HeaderName::from_static("x-soda2-secondary-last-modified");

/// Room for all headers of an answer, so that the map does not grow step by step.
const HEADERS: usize = 24;

/// `GET /resource/4x4`.
pub async fn rows(mut request: DatasetRequest) -> Result<Response, ApiError> {
    let format = read_format(request.extension, &request.context.head.headers)?;
    loop {
        match rows_once(&request, format).await {
            Err(_) if request.catch_up()? => {}
            answer => return answer,
        }
    }
}

async fn rows_once(request: &DatasetRequest, format: ReadFormat) -> Result<Response, ApiError> {
    let facts = plan::rows(&request.question(format)).map_err(|e| query_error(request, &e))?;
    let missing = SodaError::dataset_missing(request.entry.dataset.id.as_str());
    respond(request, facts).await?.ok_or_else(|| missing.into())
}

/// A refused query, in production's envelope.
pub fn query_error(request: &DatasetRequest, error: &SoqlError) -> ApiError {
    ApiError::query(error, &format!("mock.{}", request.entry.dataset.number))
}

/// A failure while a query runs is the query's fault when a function of SoQL says so.
pub fn run_error(request: &DatasetRequest, error: StoreError, stopped: Option<Stopped>) -> ApiError {
    if stopped == Some(Stopped::Timeout) {
        return timeout(request);
    }
    let StoreError::Query(failure) = error else { return error.into() };
    match failure {
        RuntimeError::Passed(text) => query_error(request, &SoqlError::Runtime(text)),
        RuntimeError::Failed(text) => query_error(request, &SoqlError::Internal(text)),
        RuntimeError::NotEmulated(text) => query_error(request, &SoqlError::NotEmulated(text)),
        RuntimeError::Bound(bound) => query_error(request, &SoqlError::Bound(bound)),
        RuntimeError::OutOfMemory | RuntimeError::Stopped => StoreError::Query(failure).into(),
    }
}

/// The refusal of a query that ran too long.
pub fn timeout(request: &DatasetRequest) -> ApiError {
    let limit_ms = u64::try_from(request.query_timeout().as_millis()).unwrap_or(u64::MAX);
    query_error(request, &SoqlError::Timeout { limit_ms })
}

/// What is told before the first piece of the answer.
enum First {
    /// The versions, and whether there is a row.
    Rows(Head, bool),
    /// 304 or 412 instead of rows.
    Unread(Head, Precondition),
}

/// Ends the read when the answer, or the wait for it, is dropped.
struct StopOnDrop(StopSwitch);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop(Stopped::Abandoned);
    }
}

/// Why a read has no result.
pub enum Unanswered {
    /// It ran too long and was stopped.
    TooLong,
    /// It panicked; the log has it.
    Panicked,
}

/// Runs a read on a blocking thread, no longer than a query may take. It ends too when nobody waits for it
/// any more.
pub async fn limited<T: Send + 'static>(
    limit: Duration,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    let switch = StopSwitch::default();
    let _stop = StopOnDrop(switch.clone());
    let guarded = switch.clone();
    let running = tokio::task::spawn_blocking(move || guarded.guard(read));
    match tokio::time::timeout(limit, running).await {
        Ok(done) => done.map_err(|_| Unanswered::Panicked),
        Err(_) => {
            switch.stop(Stopped::Timeout);
            Err(Unanswered::TooLong)
        }
    }
}

/// One plain row, read at once: it takes less time than handing it to another thread. None when it
/// is not there.
pub fn one(request: &DatasetRequest, query: &RowQuery, facts: &Facts) -> Result<Option<Response>, ApiError> {
    let restores = request.context.state.space.store().restores();
    let read = |tx: &ReadTx<'_>| single(tx, &request.entry, query, facts);
    let read = Source::of(request).read_alone(read).map_err(|error| run_error(request, error, None))?;
    Ok(read.map(|(head, text)| with_headers(request, facts, head, restores, Response::new(Body::from(text)))))
}

/// Runs the query on a blocking thread and streams its pieces; the first row is awaited, so that
/// a failure at run time still has its proper status. None when a single row is not there.
pub async fn respond(request: &DatasetRequest, facts: Facts) -> Result<Option<Response>, ApiError> {
    let limit = request.query_timeout();
    let store = request.context.state.space.store();
    let (place, restores) = (store.long_read().await?, store.restores());
    let (first_sender, first_receiver) = oneshot::channel::<Result<First, StoreError>>();
    let source = Source::of(request);
    // All who read an old state take turns on one connection: none may keep it for its client.
    let patience = matches!(source, Source::Now(_)).then_some(request.context.state.options.patience);
    let (inlet, outlet) = pipe(&store, place, patience);
    let switch = StopSwitch::default();
    let stop = StopOnDrop(switch.clone());
    let reader = Reader {
        source,
        entry: request.entry.clone(),
        facts: facts.clone(),
        restores,
        conditions: precondition::is_conditional(&request.context.head.headers)
            .then(|| request.context.head.headers.clone()),
    };
    let own_switch = switch.clone();
    tokio::task::spawn_blocking(move || reader.read(&own_switch, first_sender, inlet));
    let first = tokio::time::timeout(limit, first_receiver).await;
    let Ok(first) = first else {
        switch.stop(Stopped::Timeout);
        return Err(timeout(request));
    };
    let first = first.map_err(|_| StoreError::Closed)?;
    let (head, precondition) = match first.map_err(|error| run_error(request, error, switch.stopped()))? {
        First::Rows(_, false) if facts.single => return Ok(None),
        First::Rows(head, _) => (head, Precondition::GoOn),
        First::Unread(head, precondition) => (head, precondition),
    };
    let mut response = match precondition {
        Precondition::Failed => return Err(ApiError::precondition_failed()),
        Precondition::NotModified => Response::new(Body::empty()),
        Precondition::GoOn => Response::new(Body::new(PipedBody { outlet, stop, limit, wait: None })),
    };
    if precondition == Precondition::NotModified {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(Some(with_headers(request, &facts, head, restores, response)))
}

/// An answer with the headers of a read.
fn with_headers(
    request: &DatasetRequest,
    facts: &Facts,
    head: Head,
    restores: u64,
    mut response: Response,
) -> Response {
    response.headers_mut().reserve(HEADERS);
    add_headers(&mut response, facts, head, &etag(&request.entry, facts, head, restores));
    if request.context.stale().is_some() {
        response.headers_mut().insert(OUT_OF_DATE, HeaderValue::from_static("true"));
    }
    response
}

/// Where rows are read: the data as it is, or as it was before writes that are not to show yet.
enum Source {
    Now(Arc<Store>),
    Before(Arc<HeldRead>),
}

impl Source {
    fn of(request: &DatasetRequest) -> Self {
        match request.context.stale() {
            Some(frozen) => Self::Before(Arc::clone(frozen)),
            None => Self::Now(request.context.state.space.store()),
        }
    }

    fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Self::Now(store) => store.read(job),
            Self::Before(frozen) => frozen.read(job),
        }
    }

    /// For a job of one statement, which needs no transaction around it.
    fn read_alone<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Self::Now(store) => store.read_alone(job),
            Self::Before(frozen) => frozen.read(job),
        }
    }
}

/// What the blocking thread needs.
struct Reader {
    source: Source,
    entry: Arc<Entry>,
    facts: Facts,
    restores: u64,
    /// The headers, when they hold conditions.
    conditions: Option<HeaderMap>,
}

impl Reader {
    fn read(self, switch: &StopSwitch, first: oneshot::Sender<Result<First, StoreError>>, mut inlet: Inlet) {
        let first = std::cell::Cell::new(Some(first));
        let tell = |told: First| first.take().is_some_and(|s| s.send(Ok(told)).is_ok());
        let result = self.source.read(|tx| {
            switch.guard(|| {
                if let Some(unread) = self.unread(tx)? {
                    tell(unread);
                    return Ok(());
                }
                let head = |head, any| tell(First::Rows(head, any));
                let piece = |piece| inlet.send(piece, || tx.shrink());
                run(tx, &self.entry, &self.facts, head, piece)
            })
        });
        // Whoever has the whole answer may close the data file at once.
        drop(self.source);
        match (result, first.take()) {
            (Ok(()), _) => inlet.end(),
            (Err(error), Some(first)) => drop(first.send(Err(error))),
            // The status is sent; only a broken answer can tell.
            (Err(error), None) => drop(inlet.fail(std::io::Error::other(error.to_string()))),
        }
    }

    /// What the conditions say, when it is not to go on.
    fn unread(&self, tx: &ReadTx<'_>) -> Result<Option<First>, StoreError> {
        let Some(headers) = &self.conditions else { return Ok(None) };
        let head = Head { versions: Versions::of(tx, &self.entry.dataset)? };
        let tag = etag(&self.entry, &self.facts, head, self.restores);
        let precondition = precondition::judge(headers, &tag, head.versions.rows_updated_at);
        Ok((precondition != Precondition::GoOn).then_some(First::Unread(head, precondition)))
    }
}

/// Pieces as they come. Between two of them no more time may go by than a query has.
struct PipedBody {
    outlet: Outlet,
    stop: StopOnDrop,
    limit: Duration,
    wait: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl http_body::Body for PipedBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(piece) = self.outlet.poll(cx) {
            self.wait = None;
            return Poll::Ready(piece);
        }
        let limit = self.limit;
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if wait.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.stop.0.stop(Stopped::Timeout);
        Poll::Ready(Some(Err(std::io::Error::other("the query was stopped: it gave nothing for too long"))))
    }
}

/// A tag that changes with the data, the query and the format.
fn etag(entry: &Entry, facts: &Facts, head: Head, restores: u64) -> String {
    let mut hasher = DefaultHasher::new();
    facts.sql.hash(&mut hasher);
    for param in &facts.params {
        match param {
            Value::Null => 0u8.hash(&mut hasher),
            Value::Int(v) => v.hash(&mut hasher),
            Value::Real(v) => v.to_bits().hash(&mut hasher),
            Value::Text(t) => t.hash(&mut hasher),
        }
    }
    (facts.format, facts.form.bom, facts.form.separator).hash(&mut hasher);
    // After a reset or a restore a version comes again, with other data.
    (head.versions.rows_updated_at, restores).hash(&mut hasher);
    format!(
        "\"{}.{}_{}_{:x}\"",
        entry.dataset.id,
        entry.dataset.number,
        head.versions.data_version,
        hasher.finish()
    )
}

fn add_headers(response: &mut Response, facts: &Facts, head: Head, etag: &str) {
    if facts.form.soda3 {
        return add_soda3_headers(response, facts, head, etag);
    }
    let headers = response.headers_mut();
    let jsonp = facts.form.jsonp.is_some();
    let content_type =
        if jsonp { "application/javascript; charset=utf-8" } else { facts.format.content_type() };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(OUT_OF_DATE, HeaderValue::from_static("false"));
    if let Ok(tag) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, tag);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(head.versions.rows_updated_at)) {
        headers.insert(LAST_MODIFIED, date.clone());
        headers.insert(TRUTH_LAST_MODIFIED, date.clone());
        headers.insert(SECONDARY_LAST_MODIFIED, date);
    }
    if !matches!(facts.format, ReadFormat::GeoJson | ReadFormat::CJson) {
        add_field_headers(headers, &facts.columns);
    }
}

/// The headers of a SODA 3 answer (recorded): a weak tag, and the data that lag behind as a list.
fn add_soda3_headers(response: &mut Response, facts: &Facts, head: Head, etag: &str) {
    const WARNING: &str = "X-SODA2-Fields, X-SODA2-Types, and X-SODA2-Legacy-Types are deprecated";
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(OUT_OF_DATE, HeaderValue::from_static("[]"));
    headers.insert(WARNING_HEADER, HeaderValue::from_static(WARNING));
    if let Ok(tag) = HeaderValue::from_str(&format!("W/{etag}")) {
        headers.insert(ETAG, tag);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(head.versions.rows_updated_at)) {
        headers.insert(LAST_MODIFIED, date);
    }
    add_field_headers(headers, &facts.columns);
}

/// `X-SODA2-Fields` and `X-SODA2-Types`, left out when both together are too long (source).
pub fn add_field_headers(headers: &mut HeaderMap, columns: &OutputColumns) {
    let Some(texts) = columns.headers() else { return };
    if let (Ok(fields), Ok(types)) = (
        HeaderValue::from_maybe_shared(texts.fields.clone()),
        HeaderValue::from_maybe_shared(texts.types.clone()),
    ) {
        headers.insert(FIELDS, fields);
        headers.insert(TYPES, types);
    }
}

/// `Fri, 02 May 2025 15:11:42 GMT`.
pub fn http_date(ms: i64) -> String {
    let since = std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    // Years beyond 9999 have no such form.
    let latest = std::time::Duration::from_secs(253_402_300_799);
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since.min(latest))
}
