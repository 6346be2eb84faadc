//! Rows out: the query of a dataset, streamed.

use super::call::Call;
use super::error::ApiError;
use crate::consumer::{Facts, Head, ReadFormat, plan, run};
use crate::soda::{SodaError, SoqlType};
use crate::soql::SoqlError;
use crate::soql::runtime::RuntimeError;
use crate::store::{Connection, Frozen, Store, StoreError};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, VARY};
use http::{HeaderMap, StatusCode};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a row list answers by: the path's extension, else `Accept`.
pub(super) fn read_format(call: &Call) -> Result<ReadFormat, SodaError> {
    match call.extension {
        Some("csv") => Ok(ReadFormat::Csv),
        Some("tsv") => Ok(ReadFormat::Tsv),
        Some("geojson") => Ok(ReadFormat::GeoJson),
        Some(other @ ("cjson" | "xml" | "rdf")) => {
            Err(SodaError::not_emulated(&format!("the {other} format")))
        }
        _ => Ok(accepted(&call.headers)),
    }
}

fn accepted(headers: &HeaderMap) -> ReadFormat {
    let accept = headers.get(http::header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    for part in accept.split(',') {
        match part.split(';').next().unwrap_or("").trim() {
            "text/csv" => return ReadFormat::Csv,
            "text/tab-separated-values" => return ReadFormat::Tsv,
            "application/vnd.geo+json" | "application/geo+json" => return ReadFormat::GeoJson,
            "application/json" | "*/*" => return ReadFormat::Json,
            _ => {}
        }
    }
    ReadFormat::Json
}

/// `GET /resource/4x4`.
pub(super) async fn rows(call: Call) -> Result<Response, ApiError> {
    let format = read_format(&call)?;
    let catalogue = call.state.space.store().catalogue();
    let facts = plan::rows(&call.question(&catalogue, format)).map_err(|e| query_error(&call, &e))?;
    let missing = SodaError::dataset_missing(call.entry.dataset.id.as_str());
    respond(&call, facts).await?.ok_or_else(|| missing.into())
}

/// A refused query, in production's envelope.
pub(super) fn query_error(call: &Call, error: &SoqlError) -> ApiError {
    ApiError::query(error, &format!("mock.{}", call.entry.dataset.number))
}

/// A failure while a query runs is the query's fault when a function of SoQL says so.
fn run_error(call: &Call, error: StoreError) -> ApiError {
    match &error {
        StoreError::Sqlite(inner) => match RuntimeError::text_of(inner) {
            Some(text) => query_error(call, &SoqlError::Runtime(text)),
            None => match inner.to_string().split_once("no such function: soql_") {
                Some((_, name)) => {
                    let name = name.split_whitespace().next().unwrap_or_default();
                    query_error(call, &SoqlError::NotEmulated(format!("the SoQL function {name}")))
                }
                None => error.into(),
            },
        },
        _ => error.into(),
    }
}

/// Runs the query on a blocking thread and streams its pieces; the first row is awaited, so that
/// a failure at run time still has its proper status. None when a single row is not there.
pub(super) async fn respond(call: &Call, facts: Facts) -> Result<Option<Response>, ApiError> {
    let (head_sender, head_receiver) = oneshot::channel::<Result<(Head, bool), StoreError>>();
    let (sender, receiver) = mpsc::channel::<Piece>(16);
    let source = Source::of(call);
    let entry = call.entry.clone();
    let work = facts.clone();
    tokio::task::spawn_blocking(move || {
        let head_sender = std::cell::Cell::new(Some(head_sender));
        let result = source.read(|connection| {
            run(
                connection,
                &entry,
                &work,
                |head, any| head_sender.take().is_some_and(|s| s.send(Ok((head, any))).is_ok()),
                |piece| sender.blocking_send(Ok(Bytes::from(piece))).is_ok(),
            )
        });
        let Err(error) = result else { return };
        match head_sender.take() {
            Some(head_sender) => drop(head_sender.send(Err(error))),
            // The status is sent; only a broken answer can tell.
            None => drop(sender.blocking_send(Err(std::io::Error::other(error.to_string())))),
        }
    });
    let head = head_receiver.await.map_err(|_| StoreError::Closed)?;
    let (head, any) = head.map_err(|error| run_error(call, error))?;
    if facts.single && !any {
        return Ok(None);
    }
    let etag = etag(call, &facts, head);
    let matches = call.headers.get(http::header::IF_NONE_MATCH).is_some_and(|v| {
        v.to_str()
            .is_ok_and(|v| v.split(',').any(|t| t.trim().trim_start_matches("W/") == etag || t.trim() == "*"))
    });
    let mut response = Response::new(if matches { Body::empty() } else { stream(receiver) });
    if matches {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    add_headers(&mut response, &facts, head, &etag);
    if call.tampering.stale.is_some() {
        response.headers_mut().insert("x-soda2-data-out-of-date", HeaderValue::from_static("true"));
    }
    Ok(Some(response))
}

/// Where rows are read: the data as it is, or as it was before writes that are not to show yet.
enum Source {
    Now(Arc<Store>),
    Before(Arc<Frozen>),
}

impl Source {
    fn of(call: &Call) -> Self {
        match &call.tampering.stale {
            Some(frozen) => Self::Before(Arc::clone(frozen)),
            None => Self::Now(call.state.space.store()),
        }
    }

    fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Self::Now(store) => store.read(job),
            Self::Before(frozen) => frozen.read(job),
        }
    }
}

type Piece = std::io::Result<Bytes>;

fn stream(receiver: mpsc::Receiver<Piece>) -> Body {
    Body::new(ChannelBody(receiver))
}

struct ChannelBody(mpsc::Receiver<Piece>);

impl http_body::Body for ChannelBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(http_body::Frame::data)))
    }
}

/// A tag that changes with the data, the query and the format.
fn etag(call: &Call, facts: &Facts, head: Head) -> String {
    let mut hasher = DefaultHasher::new();
    facts.sql.hash(&mut hasher);
    format!("{:?}", facts.params).hash(&mut hasher);
    facts.format.hash(&mut hasher);
    format!(
        "\"{}.{}_{}_{:x}\"",
        call.entry.dataset.id,
        call.entry.dataset.number,
        head.versions.data_version,
        hasher.finish()
    )
}

fn add_headers(response: &mut Response, facts: &Facts, head: Head, etag: &str) {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(facts.format.content_type()));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert("x-soda2-data-out-of-date", HeaderValue::from_static("false"));
    if let Ok(tag) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, tag);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(head.versions.rows_updated_at)) {
        headers.insert(LAST_MODIFIED, date.clone());
        headers.insert("x-soda2-truth-last-modified", date.clone());
        headers.insert("x-soda2-secondary-last-modified", date);
    }
    if facts.format != ReadFormat::GeoJson {
        add_field_headers(response, &facts.columns);
    }
}

/// `X-SODA2-Fields` and `X-SODA2-Types`, left out when both together are too long (source).
pub(super) fn add_field_headers(response: &mut Response, columns: &[(String, SoqlType)]) {
    let names: Vec<&str> = columns.iter().map(|(n, _)| n.as_str()).collect();
    let types: Vec<&str> = columns.iter().map(|(_, t)| t.name()).collect();
    let (names, types) = (ascii_json(&names), ascii_json(&types));
    if names.len() + types.len() >= 5000 {
        return;
    }
    if let (Ok(names), Ok(types)) = (HeaderValue::from_str(&names), HeaderValue::from_str(&types)) {
        response.headers_mut().insert("x-soda2-fields", names);
        response.headers_mut().insert("x-soda2-types", types);
    }
}

/// A JSON array with letters outside ASCII escaped, as headers need it.
fn ascii_json(items: &[&str]) -> String {
    let text = serde_json::Value::from(items).to_string();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// `Fri, 02 May 2025 15:11:42 GMT`.
pub(super) fn http_date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|t| t.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}
