//! `/resource/4x4`: upsert, replace, query, empty.

use super::answer::Answered;
use super::dataset_request::DatasetRequest;
use super::ignored;
use super::upload::{Upload, body_format};
use super::write::{add_versions, add_warnings, expected_version, read_body};
use super::written::kept;
use super::{read, row};
use crate::clock::Clock as _;
use crate::codec::{TopLevel, Warnings};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::journal::RowCounts;
use crate::producer::{Detail, Fatal, RowWrite, UpsertOptions, UpsertReport};
use crate::soda::SodaError;
use crate::store::StoreError;
use crate::store::rows::RowErrorKind;
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
fn options(request: &DatasetRequest) -> Result<UpsertOptions, SodaError> {
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
        reports: request.context.state.space.store().memory().partial.clone(),
        keep: request.context.state.options.journal.outcomes(),
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

async fn post(request: DatasetRequest, body: Body) -> Answered {
    let mut options = options(&request)?;
    options.truncate = request.context.head.flag("truncate", false)?;
    options.merge = request.context.head.flag("mergeInsteadOfReplace", true)?;
    let format = body_format(&request.context.head.headers, request.extension)?;
    let write = request.write(options);
    let upload = read_body(&request, body, format, TopLevel::ArrayOrObject, None, Some(&write)).await?;
    if upload.single_object && !request.context.state.options.single_object_report {
        return row::single_object(request, upload, write).await;
    }
    apply(request, upload, write, &ignored::UPLOAD).await
}

async fn put(request: DatasetRequest, body: Body) -> Answered {
    let mut options = options(&request)?;
    options.truncate = true;
    let format = body_format(&request.context.head.headers, request.extension)?;
    let write = request.write(options);
    let upload = read_body(&request, body, format, TopLevel::Array, None, Some(&write)).await?;
    apply(request, upload, write, &ignored::REPLACE).await
}

/// `DELETE` on a dataset empties it; two published clients send it.
async fn empty(request: DatasetRequest) -> Answered {
    let mut options = options(&request)?;
    options.truncate = true;
    let spool = request.context.state.space.store().spool();
    let written = request.write(options).apply(spool, || request.is_solitary()).await;
    let mut report = request.written(written)?;
    report.deleted = report.deleted_by_truncate;
    request.context.trace().rows = Some(RowCounts::of(&report));
    Ok(answer(&request, &report, ignored::warnings(&request.context.head, &ignored::REPLACE)).await)
}

/// Writes what was not written while it came, and answers; `known` are the parameters of the route.
async fn apply(request: DatasetRequest, mut upload: Upload, write: RowWrite, known: &[&str]) -> Answered {
    let early = match upload.early.take() {
        Some(pending) => Some(pending.await),
        None => None,
    };
    let written = match early {
        None | Some(Err(StoreError::Stalled)) => write.apply(upload.spool, || request.is_solitary()).await,
        Some(done) => done,
    };
    let report = request.written(written)?;
    let mut warnings = ignored::warnings(&request.context.head, known);
    warnings.append(&mut upload.warnings);
    Ok(answer(&request, &report, warnings).await)
}

async fn answer(request: &DatasetRequest, report: &UpsertReport, warnings: Warnings) -> Response {
    let body = match shape(request) {
        Shape::Raw => report.raw(&request.entry.cipher),
        Shape::Version20 => report.version_2_0(),
        Shape::Summary => report.summary(request.context.state.options.six_keys),
    };
    let mut response = Response::new(kept(&request.context.state.space.store(), body).await);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    add_versions(&mut response, report);
    add_warnings(&mut response, &warnings);
    response
}
