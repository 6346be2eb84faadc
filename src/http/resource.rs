//! `/resource/4x4`: upsert, replace, query, empty.

use super::call::Call;
use super::delivery::{Begin, Delivery};
use super::error::{ApiError, header_text};
use super::ignored;
use super::state::AppState;
use super::upload::{Intent, Limits, Upload, body_format, receive};
use super::{read, row};
use crate::clock::Clock as _;
use crate::codec::{BodyFormat, TopLevel, Warnings};
use crate::producer::{Detail, Fatal, UpsertOptions, UpsertReport, noted, upsert};
use crate::soda::{SodaError, Stored};
use crate::store::rows::RowErrorKind;
use crate::store::{Connection, Manner, Spool, StoreError};
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request};

/// What [`handle`] serves.
pub const SERVES: &[&str] =
    &["GET /resource/{4x4}", "POST /resource/{4x4}", "PUT /resource/{4x4}", "DELETE /resource/{4x4}"];

/// Any method on a dataset.
pub async fn handle(state: AppState, Path(dataset): Path<String>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    match Call::check(state, &dataset, parts) {
        Ok(call) => dispatch(call, body).await.unwrap_or_else(IntoResponse::into_response),
        Err(error) => error.into_response(),
    }
}

async fn dispatch(call: Call, body: Body) -> Result<Response, ApiError> {
    match call.method {
        Method::GET | Method::HEAD => read::rows(call).await,
        Method::POST => post(call, body).await,
        Method::PUT => put(call, body).await,
        Method::DELETE if !call.state.options.strict => empty(call).await,
        _ if call.state.options.strict => {
            Err(ApiError::method_not_allowed(&call.method, "GET,HEAD,POST,PUT"))
        }
        _ => Err(ApiError::method_not_allowed(&call.method, "DELETE,GET,HEAD,POST,PUT")),
    }
}

/// The form of the answer to an upload.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Summary,
    Version20,
    Raw,
}

fn shape(call: &Call) -> Shape {
    if call.headers.get("x-mock-report").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"rows")) {
        Shape::Raw
    } else if call.parameter("$$version") == Some("2.0") {
        Shape::Version20
    } else {
        Shape::Summary
    }
}

/// The options that both POST and PUT know.
pub(super) fn options(call: &Call) -> Result<UpsertOptions, SodaError> {
    let now = call.state.space.clock.now_ms();
    Ok(UpsertOptions {
        truncate: false,
        merge: true,
        fatal: fatal(call)?,
        expected_version: expected_version(call),
        detail: match shape(call) {
            Shape::Summary => Detail::Counts,
            Shape::Version20 => Detail::Errors,
            Shape::Raw => Detail::Rows,
        },
        keep: call.state.options.journal.fates(),
        author: call.author.clone(),
        now,
    })
}

/// `nonFatalRowErrors[]` wins over `errorsAreFatal` (source).
fn fatal(call: &Call) -> Result<Fatal, SodaError> {
    const NAME: &str = "nonFatalRowErrors[]";
    let named: Vec<&str> = call.query.iter().filter(|(n, _)| n == NAME).map(|(_, v)| v.as_str()).collect();
    if !named.is_empty() {
        // The source's list has a kind that no option of the wire can cause.
        let kinds = named.iter().filter(|name| **name != "insert_in_update_only").map(|name| {
            RowErrorKind::of_name(name).ok_or_else(|| {
                let known: Vec<&str> = RowErrorKind::NAMES.iter().map(|(_, n)| *n).collect();
                SodaError::bad_parameter(NAME, name).hint(format!("Known names: {}.", known.join(", ")))
            })
        });
        return Ok(Fatal::AllBut(kinds.collect::<Result<_, _>>()?));
    }
    Ok(if call.flag("errorsAreFatal", false)? { Fatal::All } else { Fatal::None })
}

/// The version that the client expects; what is no number is ignored (source).
pub(super) fn expected_version(call: &Call) -> Option<i64> {
    let in_header = call.headers.get("x-soda2-truth-version").and_then(|v| v.to_str().ok());
    call.parameter("expectedDataVersion")
        .and_then(|v| v.trim().parse().ok())
        .or_else(|| in_header.and_then(|v| v.trim().parse().ok()))
}

async fn post(call: Call, body: Body) -> Result<Response, ApiError> {
    let mut options = options(&call)?;
    options.truncate = call.flag("truncate", false)?;
    options.merge = call.flag("mergeInsteadOfReplace", true)?;
    let format = body_format(&call.headers, call.extension)?;
    let begin = early(&call, &options);
    let upload = read_body(&call, body, format, TopLevel::ArrayOrObject, None, Some(begin)).await?;
    if upload.single_object && !call.state.options.single_object_report {
        return row::single_object(call, upload, options).await;
    }
    apply(call, upload, options).await
}

async fn put(call: Call, body: Body) -> Result<Response, ApiError> {
    let mut options = options(&call)?;
    options.truncate = true;
    let format = body_format(&call.headers, call.extension)?;
    let begin = early(&call, &options);
    let upload = read_body(&call, body, format, TopLevel::Array, None, Some(begin)).await?;
    apply(call, upload, options).await
}

/// `DELETE` on a dataset empties it; two published clients send it.
async fn empty(call: Call) -> Result<Response, ApiError> {
    let mut options = options(&call)?;
    options.truncate = true;
    let mut report = run(&call, call.state.space.store().spool(), options).await?;
    report.deleted = report.deleted_by_truncate;
    call.footprint.counts(&report);
    Ok(answer(&call, &report, ignored::warnings(&call, &ignored::REPLACE)))
}

/// Reads the body of a call; with `begin` its rows may be written while they come.
pub(super) async fn read_body(
    call: &Call,
    body: Body,
    format: BodyFormat,
    top_level: TopLevel,
    default_key: Option<Stored<'static>>,
    begin: Option<Begin>,
) -> Result<Upload, SodaError> {
    let limits = Limits {
        max_body: call.state.options.max_body,
        max_row: call.state.options.max_row,
        partial: call.state.space.store().memory().partial.clone(),
        trip: call.tampering.trip.clone(),
    };
    let layout = call.entry.layout.clone();
    let intent = Intent { format, top_level, layout, default_key, limits };
    let delivery = Delivery::new(call.state.space.store().spool(), begin);
    receive(body, &call.headers, intent, delivery).await
}

/// How the rows of a call are written while they come.
fn early(call: &Call, options: &UpsertOptions) -> Begin {
    let (store, entry, options) = (call.state.space.store(), call.entry.clone(), options.clone());
    let generation = call.state.space.generation();
    Box::new(move || {
        let (entry, options, generation) = (entry.clone(), options.clone(), generation.clone());
        store.write_fed(move |connection, feed| {
            generation.check()?;
            Ok(noted(&entry, &options, upsert(connection, &entry, feed, &options)?))
        })
    })
}

async fn apply(call: Call, mut upload: Upload, options: UpsertOptions) -> Result<Response, ApiError> {
    let early = match upload.early.take() {
        Some(pending) => Some(pending.await),
        None => None,
    };
    let report = match early {
        None | Some(Err(StoreError::Stalled)) => run(&call, upload.spool, options).await?,
        Some(done) => {
            let mut report = done.map_err(|e| call.refused(e))?;
            call.footprint.rows(&call.entry, &mut report);
            report
        }
    };
    let known: &[&str] = if call.method == Method::POST { &ignored::UPLOAD } else { &ignored::REPLACE };
    let mut warnings = ignored::warnings(&call, known);
    warnings.append(&mut upload.warnings);
    Ok(answer(&call, &report, warnings))
}

/// Rows of so many bytes are committed alone, so that a small write does not wait for them.
const LONG: usize = 256 * 1024;
/// Rows of so many bytes are written within the time of a few small reads.
const SHORT: usize = 8 * 1024;

/// The manner of a write of so many bytes that refuses before it changes anything. Among others
/// it goes to the thread, which commits together what comes together.
pub(super) fn clean(call: &Call, bytes: usize) -> Manner {
    if bytes <= SHORT && call.state.one_by_one() { Manner::Short } else { Manner::Clean }
}

/// Applies an upload on the writer thread.
pub(super) async fn run(
    call: &Call,
    mut spool: Spool,
    options: UpsertOptions,
) -> Result<UpsertReport, SodaError> {
    let entry = call.entry.clone();
    let store = call.state.space.store();
    let alone = spool.bytes() > LONG || options.truncate;
    let manner = match (alone, &options.fatal) {
        (true, _) => Manner::Alone,
        (false, Fatal::None) => clean(call, spool.bytes()),
        _ => Manner::Savepoint,
    };
    let generation = call.state.space.generation();
    let job = move |connection: &Connection| {
        generation.check()?;
        Ok(noted(&entry, &options, upsert(connection, &entry, spool.batches(), &options)?))
    };
    let mut report = store.write_noted(manner, job).await.map_err(|e| call.refused(e))?;
    call.footprint.rows(&call.entry, &mut report);
    Ok(report)
}

fn answer(call: &Call, report: &UpsertReport, warnings: Warnings) -> Response {
    let body = match shape(call) {
        Shape::Raw => report.raw(&call.entry.cipher),
        Shape::Version20 => report.version_2_0(),
        Shape::Summary => report.summary(call.state.options.six_keys),
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    add_versions(&mut response, report);
    add_warnings(&mut response, &warnings);
    response
}

/// The versions after a write, which every array-shaped answer carries (source).
pub(super) fn add_versions(response: &mut Response, report: &UpsertReport) {
    let headers = response.headers_mut();
    headers.insert("x-soda2-truth-version", HeaderValue::from(report.data_version));
    headers.insert("x-soda2-truth-shape-version", HeaderValue::from(report.schema_version));
}

/// `X-Mock-Warning`, one header for each.
pub(super) fn add_warnings(response: &mut Response, warnings: &Warnings) {
    for warning in warnings.iter().take(20) {
        if let Some(value) = header_text(warning) {
            response.headers_mut().append("x-mock-warning", value);
        }
    }
}
