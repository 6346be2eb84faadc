//! `/resource/4x4/ROWID`: one row by its identifier.

use super::answer::Answered;
use super::dataset_request::DatasetRequest;
use super::ignored;
use super::negotiate::read_format;
use super::precondition;
use super::read;
use super::upload::{Upload, body_format};
use super::write::{add_versions, add_warnings, expected_version, read_body};
use crate::clock::Clock as _;
use crate::codec::TopLevel;
use crate::consumer::{self, Facts};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::path::split_extension;
use crate::producer::{Detail, Fatal, Item, Key, RowWrite, UpsertOptions};
use crate::soda::hint::{Mistake, Place};
use crate::soda::value::JsonToken;
use crate::soda::{ErrorCode, OutputColumns, SodaError, SoqlType, Value};
use crate::store::rows::RowOutcome;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

/// `/resource/4x4/ROWID`.
pub async fn handle(
    context: RequestContext,
    Path((dataset, row)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let mut request = DatasetRequest::check(context, &dataset)?;
    let (row, extension) = split_extension(&row);
    request.extension = extension.or(request.extension);
    match request.context.head.method {
        Method::GET | Method::HEAD => get(request, row).await,
        Method::POST => write(request, body, row, true).await,
        Method::PUT => write(request, body, row, false).await,
        Method::DELETE => delete(request, row).await,
        _ => Err(ApiError::method_not_allowed(&request.context.head.method, "DELETE,GET,HEAD,POST,PUT")),
    }
}

/// The key that a path segment names, in its stored form.
fn key_of(request: &DatasetRequest, row: &str) -> Option<Value<'static>> {
    consumer::shown::key_named(&request.entry, row)
}

/// Parameters that make the answer's query longer than a plain row needs.
fn is_plain(request: &DatasetRequest) -> bool {
    request.context.head.query().iter().all(|(name, _)| name.starts_with("$$"))
}

async fn get(mut request: DatasetRequest, row: &str) -> Answered {
    loop {
        match get_once(&request, row).await {
            Err(_) if request.catch_up()? => {}
            answer => return answer,
        }
    }
}

async fn get_once(request: &DatasetRequest, row: &str) -> Answered {
    let format = read_format(request.extension, &request.context.head.headers)?;
    let Some(key) = key_of(request, row) else { return Err(not_found(request, row).into()) };
    let missing = || not_found(request, row);
    let facts = if is_plain(request) {
        let query = request.entry.row_query(!request.context.head.flag("$$exclude_system_fields", true)?);
        let facts = Facts::of_row(query, key, format);
        if !precondition::is_conditional(&request.context.head.headers) {
            return read::one(request, query, &facts)?.ok_or_else(|| missing().into());
        }
        facts
    } else {
        let question = request.question(format);
        consumer::plan::row(&question, key).map_err(|e| read::query_error(request, &e))?
    };
    read::respond(request, facts).await?.ok_or_else(|| missing().into())
}

/// Row routes know only the expected version; row errors are fatal on them.
fn row_options(request: &DatasetRequest, merge: bool) -> UpsertOptions {
    UpsertOptions {
        truncate: false,
        merge,
        fatal: Fatal::All,
        expected_version: expected_version(request),
        detail: Detail::Rows,
        reports: request.context.state.space.store().memory().partial.clone(),
        keep: request.context.state.options.journal.outcomes(),
        author: Some(request.author()),
        now: request.context.state.space.clock.now_ms(),
    }
}

async fn delete(request: DatasetRequest, row: &str) -> Answered {
    let Some(key) = key_of(&request, row) else {
        let (field, soql_type) = request.entry.layout.key_field();
        return Err(not_a_key(field, soql_type, row).into());
    };
    let write = request.write(row_options(&request, true));
    let written = write.delete_row(key, || request.is_solitary()).await;
    let report = request.written(written).map_err(|error| named(error, &request, row))?;
    let mut response = delete_answer(&report.outcomes.first().map_or_else(Key::null, |f| f.key.clone()));
    add_versions(&mut response, &report);
    add_warnings(&mut response, &ignored::warnings(&request.context.head, &[]));
    Ok(response)
}

/// A missing row is named as the path has it.
fn named(error: SodaError, request: &DatasetRequest, row: &str) -> SodaError {
    if error.code == ErrorCode::RowNotFound { not_found(request, row) } else { error }
}

/// 404 that says by what rows are found; publishers mix up `:id` and their own identifier.
fn not_found(request: &DatasetRequest, row: &str) -> SodaError {
    let (field, soql_type) = request.entry.layout.key_field();
    SodaError::row_not_found(row)
        .hint(format!("Rows of this dataset are found by {field} ({}); none has this one.", soql_type.name()))
}

fn delete_answer(key: &Key) -> Response {
    let body = crate::soda::pretty::to_vec(&[Item::deleted(key)]);
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// POST merges into the row, PUT sets what is not sent to null; either creates a row that is
/// missing when the publisher set a row identifier.
async fn write(request: DatasetRequest, body: Body, row: &str, merge: bool) -> Answered {
    let Some(key) = key_of(&request, row) else {
        let (field, soql_type) = request.entry.layout.key_field();
        return Err(not_a_key(field, soql_type, row).into());
    };
    let options = row_options(&request, merge);
    let format = body_format(&request.context.head.headers, request.extension)?;
    let upload = read_body(&request, body, format, TopLevel::ArrayOrObject, Some(key), None).await?;
    if upload.rows != 1 {
        return Err(not_one_row(upload.rows).into());
    }
    let write = request.write(options);
    store_one(request, upload, write, &[]).await
}

fn not_one_row(rows: u64) -> SodaError {
    SodaError::new(ErrorCode::ContentJsonInvalid, "The json content of the request is not an array or object")
        .data(json!({ "expected": "object" }))
        .hint(format!("A row route takes one row; the body has {rows}. Nothing was stored."))
}

/// `POST /resource/4x4` with one object: answered with the stored row (source, old documents).
pub(super) async fn single_object(request: DatasetRequest, upload: Upload, mut write: RowWrite) -> Answered {
    write.options.fatal = Fatal::All;
    write.options.detail = Detail::Rows;
    store_one(request, upload, write, &ignored::UPLOAD).await
}

/// Applies one row and answers with it as it is stored.
async fn store_one(request: DatasetRequest, mut upload: Upload, write: RowWrite, known: &[&str]) -> Answered {
    let mut warnings = ignored::warnings(&request.context.head, known);
    warnings.append(&mut upload.warnings);
    let mut stored = Vec::new();
    let written = write.apply_row(upload.spool, || request.is_solitary()).await.map(|(report, row)| {
        stored = row;
        report
    });
    let report = request.written(written)?;
    let mut response = match report.outcomes.first() {
        Some(outcome) if outcome.outcome == RowOutcome::Deleted => delete_answer(&outcome.key),
        _ => row_answer(stored, &request.entry.row_query(true).columns),
    };
    add_versions(&mut response, &report);
    add_warnings(&mut response, &warnings);
    Ok(response)
}

fn row_answer(body: Vec<u8>, columns: &OutputColumns) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    read::add_field_headers(response.headers_mut(), columns);
    response
}

/// 400 for a path that cannot be the key's type.
fn not_a_key(field: &str, soql_type: SoqlType, row: &str) -> SodaError {
    let mistake = Mistake::of(soql_type, JsonToken::Text(row));
    SodaError::maltyped(field, soql_type, &json!(row).to_string(), Place::path(), mistake)
}
