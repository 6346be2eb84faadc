//! Refusals of the framework's extractors, which say why in plain text, in the words of the API that was asked.

use super::fault::FAULT_HEADER;
use crate::http::admin::Problem;
use crate::http::error::ApiError;
use crate::soda::{ErrorCode, SodaError};
use axum::body::to_bytes;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// Bytes of such a text; the framework's own are far shorter.
const LONGEST: usize = 4096;

/// The answer, or the same refusal in an envelope.
pub(super) async fn enveloped(response: Response, is_admin: bool) -> Response {
    if !is_plain_refusal(&response) {
        return response;
    }
    let status = response.status();
    let text = to_bytes(response.into_body(), LONGEST).await.unwrap_or_default();
    let error = SodaError::new(code(status), String::from_utf8_lossy(&text));
    if is_admin {
        return Problem::from(error).into_response();
    }
    ApiError::from(error).into_response()
}

/// Nothing of our own refuses in plain text, but a fault may be told to.
fn is_plain_refusal(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    plain && response.status().is_client_error() && !response.headers().contains_key(FAULT_HEADER)
}

fn code(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        _ => ErrorCode::InvalidRequest,
    }
}
