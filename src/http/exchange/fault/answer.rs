//! The answers of faults, and what they do to real ones.

use super::super::connection::Connection;
use super::body::{Broken, Cut, CutAt, Slow};
use crate::faults::{Action, Corrupt, Drop};
use crate::soda::pretty;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// The answer that a fault has of its own.
pub fn own(action: &Action) -> Response {
    let default = if action.html_error { 502 } else { 200 };
    let status = StatusCode::from_u16(action.status.unwrap_or(default)).unwrap_or(StatusCode::BAD_GATEWAY);
    let (kind, body) = match &action.body {
        Some(Value::String(text)) => ("text/plain; charset=utf-8", text.clone().into_bytes()),
        Some(value) => ("application/json; charset=utf-8", value.to_string().into_bytes()),
        None if action.html_error => ("text/html", page(status).into_bytes()),
        None if status.is_success() || status.is_redirection() => {
            ("application/json; charset=utf-8", Vec::new())
        }
        None => ("application/json; charset=utf-8", envelope(status)),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Headers, broken, slow and cut bodies: for own answers and for real ones.
pub fn alter(mut response: Response, action: &Action, connection: &Connection) -> Response {
    for (name, value) in &action.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            response.headers_mut().insert(name, value);
        }
    }
    if action.corrupt == Some(Corrupt::Gzip) {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if action.corrupt.is_some() {
        // The length is another one now; hyper counts what is sent.
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response.map(|body| alter_body(body, action, connection))
}

fn alter_body(mut body: Body, action: &Action, connection: &Connection) -> Body {
    if let Some(how) = action.corrupt {
        body = Body::new(Broken::new(body, how));
    }
    if let Some(rate) = action.drip_bytes_per_s.or(action.bandwidth_bytes_per_s) {
        body = Body::new(Slow::new(body, rate));
    }
    let at = action.truncate_at.map(CutAt::Bytes);
    let half = (action.drop() == Some(Drop::MidBody)).then_some(CutAt::Half);
    match at.or(half) {
        Some(at) => Body::new(Cut::new(body, at, connection.clone())),
        None => body,
    }
}

/// Production's envelope of an error, with the code that goes with the status.
fn envelope(status: StatusCode) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or("Error");
    let (code, message) = match status.as_u16() {
        400 => ("invalid_request", reason),
        401 => ("authentication_required", "You must be logged in to access this resource"),
        403 => ("permission_denied", "The current user doesn't have access to this view"),
        404 => ("not_found", "Not found"),
        429 => ("too_many_requests", "You have exceeded the number of requests allowed"),
        500 => ("internal", "Internal error"),
        503 => ("service_unavailable", reason),
        504 => ("execution_timeout", reason),
        _ => ("error", reason),
    };
    pretty::to_vec(&json!({ "code": code, "error": true, "message": message }))
}

/// The page of a proxy in front of the site, as nginx writes it.
fn page(status: StatusCode) -> String {
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

/// What a fault did, in words, for journal and log.
/// `real` is the status of the answer that the request had before the fault.
pub fn told(action: &Action, delay_ms: u64, real: Option<StatusCode>) -> String {
    let mut parts: Vec<String> = vec![match real {
        None => "not executed".to_owned(),
        Some(status) if status.is_success() => "applied".to_owned(),
        Some(status) => format!("executed and refused with {}", status.as_u16()),
    }];
    if delay_ms > 0 {
        parts.push(format!("held back {delay_ms} ms"));
    }
    if action.answers() {
        let status = action.status.unwrap_or(if action.html_error { 502 } else { 200 });
        let page = if action.html_error { " with an HTML page" } else { "" };
        let wait = action.headers.keys().any(|k| k.eq_ignore_ascii_case(RETRY_AFTER.as_str()));
        parts.push(format!("answered {status}{page}{}", if wait { " and Retry-After" } else { "" }));
    }
    if let Some(how) = action.corrupt {
        parts.push(format!("{how:?} of the answer broken").to_lowercase());
    }
    if let Some(rate) = action.drip_bytes_per_s {
        parts.push(format!("answer at {rate} B/s"));
    }
    if let Some(rate) = action.bandwidth_bytes_per_s {
        parts.push(format!("line at {rate} B/s"));
    }
    if let Some(bytes) = action.truncate_at {
        parts.push(format!("cut after {bytes} bytes"));
    }
    match action.drop() {
        Some(Drop::BeforeHeaders) => parts.push("connection reset without an answer".to_owned()),
        Some(Drop::MidBody) => parts.push("connection closed in the middle of the answer".to_owned()),
        None => {}
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    async fn sent(action: Value) -> (u16, String, String) {
        let action: Action = serde_json::from_value(action).unwrap();
        let response = own(&action);
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn an_error_without_a_body_has_productions_envelope() {
        let (status, kind, body) = sent(json!({ "status": 429 })).await;
        assert_eq!((status, kind.as_str()), (429, "application/json; charset=utf-8"));
        assert!(body.contains("\"code\" : \"too_many_requests\""), "{body}");
    }

    #[tokio::test]
    async fn texts_json_and_pages_have_their_types() {
        for (action, status, kind, text) in [
            (json!({ "body": "plain" }), 200, "text/plain; charset=utf-8", "plain"),
            (
                json!({ "status": 500, "body": { "a": 1 } }),
                500,
                "application/json; charset=utf-8",
                "{\"a\":1}",
            ),
            (json!({ "html_error": true }), 502, "text/html", "<title>502 Bad Gateway</title>"),
            (json!({ "html_error": true, "status": 503 }), 503, "text/html", "503 Service Unavailable"),
            (json!({ "status": 204 }), 204, "application/json; charset=utf-8", ""),
        ] {
            let (sent_status, sent_kind, body) = sent(action.clone()).await;
            assert_eq!((sent_status, sent_kind.as_str()), (status, kind), "{action}");
            assert!(body.contains(text), "{body}");
        }
    }

    #[test]
    fn what_was_done_is_told_in_words() {
        let action = |value: Value| serde_json::from_value::<Action>(value).unwrap();
        let applied = action(json!({ "status": 502, "html_error": true, "then": "apply" }));
        assert_eq!(told(&applied, 0, Some(StatusCode::OK)), "applied, answered 502 with an HTML page");
        let dropped = action(json!({ "then": "apply_then_drop", "delay_ms": 5 }));
        assert_eq!(told(&action(json!({ "status": 429 })), 0, None), "not executed, answered 429");
        assert_eq!(
            told(&dropped, 5, Some(StatusCode::OK)),
            "applied, held back 5 ms, connection reset without an answer"
        );
    }
}
