//! What every answer has: the id of its request, its space, access for reading scripts of any page.

use super::connection::SPACE_HEADER;
use super::context::RequestContext;
use super::fault::FAULT_HEADER;
use crate::guide;
use crate::http::error::HelpOn;
use crate::journal::mask;
use crate::space::DEFAULT;
use axum::response::Response;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, HeaderValue, LINK};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use std::sync::Arc;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-socrata-requestid");
/// Bytes of an id that a client may give.
const MAX_ID: usize = 128;

/// The hint for a page elsewhere, whose credentials were not looked at.
const FOREIGN: &str = "The request comes from a web page of another origin, or of a name that is not this server's (header Origin): credentials of those are not used, as in production. Send it from a program or without Origin, or start the server with --san NAME.";

/// The warning for a function that an answer does not call.
const NO_JSONP: &str =
    "$jsonp was ignored: only rows read as JSON, such as /resource/4x4.json, call a function";

/// Whether a request names a function that its answer does not call.
fn ignores_jsonp(context: &RequestContext, response: &Response) -> bool {
    let head = &context.head;
    let is_script = || {
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        kind.is_some_and(|kind| kind.starts_with(b"application/javascript"))
    };
    !head.is_mock()
        && matches!(head.method, Method::GET | Method::HEAD)
        && head.query().iter().any(|(name, _)| name.eq_ignore_ascii_case("$jsonp"))
        && !is_script()
}

/// The id that a client gave its request.
pub(super) fn own_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let own = headers.get(&REQUEST_ID).filter(|v| !v.is_empty() && v.len() <= MAX_ID)?;
    own.to_str().ok().map(Arc::from)
}

/// The headers of every answer, that to a request which could not be read included.
pub(super) fn add_common_headers(headers: &mut HeaderMap, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// `Link: </__mock/help/errors/CODE>; rel="help"`, where the guide has such a page and this address serves it.
fn add_help_link(headers: &mut HeaderMap, code: &str, no_admin: bool) {
    let address = guide::address_of_error(code).filter(|_| !no_admin);
    if let Some(value) = address.and_then(|a| HeaderValue::from_str(&format!("<{a}>; rel=\"help\"")).ok()) {
        headers.insert(LINK, value);
    }
}

/// The answer with its last headers; `unused` tells that the credentials of a foreign page were not used.
pub(super) fn finish(context: &RequestContext, mut response: Response, unused: bool) -> Response {
    if unused && matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        response.headers_mut().insert("x-mock-hint", HeaderValue::from_static(FOREIGN));
    }
    if response.status().is_success() && ignores_jsonp(context, &response) {
        response.headers_mut().append("x-mock-warning", HeaderValue::from_static(NO_JSONP));
    }
    if let Some(HelpOn(code)) = response.extensions_mut().remove::<HelpOn>() {
        add_help_link(response.headers_mut(), &code, context.state.options.no_admin);
    }
    let space = &context.state.space.name;
    if *space != DEFAULT
        && let Ok(value) = HeaderValue::from_str(space)
    {
        response.headers_mut().insert(SPACE_HEADER, value);
    }
    let meant =
        response.status() == StatusCode::NOT_IMPLEMENTED || response.headers().contains_key(FAULT_HEADER);
    if response.status().is_server_error() && !meant {
        let head = &context.head;
        tracing::error!(method = %head.method, path = %mask::path(head.uri.path()), request_id = &*context.id, "answered with a server error");
    }
    add_common_headers(response.headers_mut(), &context.id);
    response
}
