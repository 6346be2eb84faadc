//! What all writes of rows have in common: the version that they expect, how their body is read, headers of their
//! answer.

use super::dataset_request::DatasetRequest;
use super::delivery::Delivery;
use super::upload::{Intent, Limits, Upload, receive};
use crate::codec::{BodyFormat, TopLevel, Warnings};
use crate::http::error::header_text;
use crate::producer::{RowWrite, UpsertReport};
use crate::soda::{SodaError, Value};
use axum::body::Body;
use axum::response::Response;
use http::header::HeaderValue;

/// The version that the client expects; what is no number is ignored (source).
pub fn expected_version(request: &DatasetRequest) -> Option<i64> {
    let head = &request.context.head;
    let number = |text: &str| text.trim().parse().ok();
    let in_query = head.parameter("expectedDataVersion").and_then(number);
    in_query.or_else(|| head.header("x-soda2-truth-version").and_then(number))
}

/// Reads the body of a request; with a write its rows may be written while they come.
pub async fn read_body(
    request: &DatasetRequest,
    body: Body,
    format: BodyFormat,
    top_level: TopLevel,
    default_key: Option<Value<'static>>,
    write: Option<&RowWrite>,
) -> Result<Upload, SodaError> {
    let state = &request.context.state;
    let limits = Limits {
        max_body: state.options.max_body,
        max_row: state.options.max_row,
        partial: state.space.store().memory().partial.clone(),
        row_limit: request.context.row_limit().cloned(),
    };
    let layout = request.entry.layout.clone();
    let intent = Intent { format, top_level, layout, default_key, limits };
    let delivery = Delivery::new(state.space.store().spool(), write.cloned());
    receive(body, &request.context.head.headers, intent, delivery).await
}

/// The versions after a write, which every array-shaped answer carries (source).
pub fn add_versions(response: &mut Response, report: &UpsertReport) {
    let headers = response.headers_mut();
    headers.insert("x-soda2-truth-version", HeaderValue::from(report.data_version));
    headers.insert("x-soda2-truth-shape-version", HeaderValue::from(report.schema_version));
}

/// `X-Mock-Warning`, one header for each.
pub fn add_warnings(response: &mut Response, warnings: &Warnings) {
    for warning in warnings.iter().take(20) {
        if let Some(value) = header_text(warning) {
            response.headers_mut().append("x-mock-warning", value);
        }
    }
}
