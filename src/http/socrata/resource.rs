//! `/resource/4x4`: upsert, replace, query, empty.

use super::answer::Answered;
use super::dataset_request::DatasetRequest;
use super::delivery::{Begin, Delivery};
use super::ignored;
use super::upload::{Intent, Limits, Upload, body_format, receive};
use super::{read, row};
use crate::clock::Clock as _;
use crate::codec::{BodyFormat, TopLevel, Warnings};
use crate::http::error::{ApiError, header_text};
use crate::http::exchange::RequestContext;
use crate::journal::RowCounts;
use crate::producer::{Detail, Fatal, UpsertOptions, UpsertReport, noted, upsert};
use crate::soda::{SodaError, Value};
use crate::store::rows::RowErrorKind;
use crate::store::{Manner, Spool, StoreError, WriteTx};
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};

/// `/resource/4x4`.
pub async fn handle(context: RequestContext, Path(dataset): Path<String>, body: Body) -> Answered {
    let request = DatasetRequest::check(context, &dataset)?;
    let (head, strict) = (&request.context.head, request.context.state.options.strict);
    match head.method {
        Method::GET | Method::HEAD => read::rows(request).await,
        Method::POST => post(request, body).await,
        Method::PUT => put(request, body).await,
        Method::DELETE if !strict => empty(request).await,
        _ if strict => Err(ApiError::method_not_allowed(&head.method, "GET,HEAD,POST,PUT")),
        _ => Err(ApiError::method_not_allowed(&head.method, "DELETE,GET,HEAD,POST,PUT")),
    }
}

/// The form of the answer to an upload.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Summary,
    Version20,
    Raw,
}

fn shape(request: &DatasetRequest) -> Shape {
    if request
        .context
        .head
        .headers
        .get("x-mock-report")
        .is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"rows"))
    {
        Shape::Raw
    } else if request.context.head.parameter("$$version") == Some("2.0") {
        Shape::Version20
    } else {
        Shape::Summary
    }
}

/// The options that both POST and PUT know.
pub(super) fn options(request: &DatasetRequest) -> Result<UpsertOptions, SodaError> {
    let now = request.context.state.space.clock.now_ms();
    Ok(UpsertOptions {
        truncate: false,
        merge: true,
        fatal: fatal(request)?,
        expected_version: expected_version(request),
        detail: match shape(request) {
            Shape::Summary => Detail::Counts,
            Shape::Version20 => Detail::Errors,
            Shape::Raw => Detail::Rows,
        },
        keep: request.context.state.options.journal.fates(),
        author: Some(request.author()),
        now,
    })
}

/// `nonFatalRowErrors[]` wins over `errorsAreFatal` (source).
fn fatal(request: &DatasetRequest) -> Result<Fatal, SodaError> {
    const NAME: &str = "nonFatalRowErrors[]";
    let named: Vec<&str> =
        request.context.head.query().iter().filter(|(n, _)| n == NAME).map(|(_, v)| v.as_str()).collect();
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
    Ok(if request.context.head.flag("errorsAreFatal", false)? { Fatal::All } else { Fatal::None })
}

/// The version that the client expects; what is no number is ignored (source).
pub(super) fn expected_version(request: &DatasetRequest) -> Option<i64> {
    let in_header = request.context.head.headers.get("x-soda2-truth-version").and_then(|v| v.to_str().ok());
    request
        .context
        .head
        .parameter("expectedDataVersion")
        .and_then(|v| v.trim().parse().ok())
        .or_else(|| in_header.and_then(|v| v.trim().parse().ok()))
}

async fn post(request: DatasetRequest, body: Body) -> Result<Response, ApiError> {
    let mut options = options(&request)?;
    options.truncate = request.context.head.flag("truncate", false)?;
    options.merge = request.context.head.flag("mergeInsteadOfReplace", true)?;
    let format = body_format(&request.context.head.headers, request.extension)?;
    let begin = early(&request, &options);
    let upload = read_body(&request, body, format, TopLevel::ArrayOrObject, None, Some(begin)).await?;
    if upload.single_object && !request.context.state.options.single_object_report {
        return row::single_object(request, upload, options).await;
    }
    apply(request, upload, options).await
}

async fn put(request: DatasetRequest, body: Body) -> Result<Response, ApiError> {
    let mut options = options(&request)?;
    options.truncate = true;
    let format = body_format(&request.context.head.headers, request.extension)?;
    let begin = early(&request, &options);
    let upload = read_body(&request, body, format, TopLevel::Array, None, Some(begin)).await?;
    apply(request, upload, options).await
}

/// `DELETE` on a dataset empties it; two published clients send it.
async fn empty(request: DatasetRequest) -> Result<Response, ApiError> {
    let mut options = options(&request)?;
    options.truncate = true;
    let mut report = run(&request, request.context.state.space.store().spool(), options).await?;
    report.deleted = report.deleted_by_truncate;
    request.context.trace().rows = Some(RowCounts::of(&report));
    Ok(answer(&request, &report, ignored::warnings(&request.context.head, &ignored::REPLACE)))
}

/// Reads the body of a request; with `begin` its rows may be written while they come.
pub(super) async fn read_body(
    request: &DatasetRequest,
    body: Body,
    format: BodyFormat,
    top_level: TopLevel,
    default_key: Option<Value<'static>>,
    begin: Option<Begin>,
) -> Result<Upload, SodaError> {
    let limits = Limits {
        max_body: request.context.state.options.max_body,
        max_row: request.context.state.options.max_row,
        partial: request.context.state.space.store().memory().partial.clone(),
        row_limit: request.context.row_limit().cloned(),
    };
    let layout = request.entry.layout.clone();
    let intent = Intent { format, top_level, layout, default_key, limits };
    let delivery = Delivery::new(request.context.state.space.store().spool(), begin);
    receive(body, &request.context.head.headers, intent, delivery).await
}

/// How the rows of a request are written while they come.
fn early(request: &DatasetRequest, options: &UpsertOptions) -> Begin {
    let (store, entry, options) =
        (request.context.state.space.store(), request.entry.clone(), options.clone());
    let generation = request.context.state.space.generation();
    Box::new(move || {
        let (entry, options, generation) = (entry.clone(), options.clone(), generation.clone());
        store.write_fed(move |tx, feed| {
            generation.check()?;
            Ok(noted(&entry, &options, upsert(tx, &entry, feed, &options)?))
        })
    })
}

async fn apply(
    request: DatasetRequest,
    mut upload: Upload,
    options: UpsertOptions,
) -> Result<Response, ApiError> {
    let early = match upload.early.take() {
        Some(pending) => Some(pending.await),
        None => None,
    };
    let report = match early {
        None | Some(Err(StoreError::Stalled)) => run(&request, upload.spool, options).await?,
        Some(done) => {
            let mut report = done.map_err(|e| request.refused(e))?;
            request.context.trace().rows(&request.entry, &mut report);
            report
        }
    };
    let known: &[&str] =
        if request.context.head.method == Method::POST { &ignored::UPLOAD } else { &ignored::REPLACE };
    let mut warnings = ignored::warnings(&request.context.head, known);
    warnings.append(&mut upload.warnings);
    Ok(answer(&request, &report, warnings))
}

/// Rows of so many bytes are committed alone, so that a small write does not wait for them.
const LONG: usize = 256 * 1024;
/// Rows of so many bytes are written within the time of a few small reads.
const SHORT: usize = 8 * 1024;

/// The manner of a write of so many bytes that refuses before it changes anything. Among others
/// it goes to the thread, which commits together what comes together.
pub(super) fn clean(request: &DatasetRequest, bytes: usize) -> Manner {
    if bytes <= SHORT && request.context.state.one_by_one() { Manner::Short } else { Manner::Clean }
}

/// Applies an upload on the writer thread.
pub(super) async fn run(
    request: &DatasetRequest,
    mut spool: Spool,
    options: UpsertOptions,
) -> Result<UpsertReport, SodaError> {
    let entry = request.entry.clone();
    let store = request.context.state.space.store();
    let alone = spool.bytes() > LONG || options.truncate;
    let manner = match (alone, &options.fatal) {
        (true, _) => Manner::Alone,
        (false, Fatal::None) => clean(request, spool.bytes()),
        _ => Manner::Savepoint,
    };
    let generation = request.context.state.space.generation();
    let job = move |tx: &WriteTx<'_>| {
        generation.check()?;
        Ok(noted(&entry, &options, upsert(tx, &entry, spool.batches(), &options)?))
    };
    let mut report = store.write_noted(manner, job).await.map_err(|e| request.refused(e))?;
    request.context.trace().rows(&request.entry, &mut report);
    Ok(report)
}

fn answer(request: &DatasetRequest, report: &UpsertReport, warnings: Warnings) -> Response {
    let body = match shape(request) {
        Shape::Raw => report.raw(&request.entry.cipher),
        Shape::Version20 => report.version_2_0(),
        Shape::Summary => report.summary(request.context.state.options.six_keys),
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
