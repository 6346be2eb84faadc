//! Refusals as HTTP answers.

use crate::soda::{Envelope, ErrorCode, SodaError};
use crate::store::StoreError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use std::borrow::Cow;

/// The answer to a request that failed.
#[derive(Debug)]
pub struct ApiError {
    error: SodaError,
    headers: Vec<(HeaderName, HeaderValue)>,
    status: Option<StatusCode>,
    /// A body in an envelope of its own.
    body: Option<Box<OwnBody>>,
}

/// A body that is not made of the error, and the code that it names where that is another.
#[derive(Debug, Default)]
struct OwnBody {
    bytes: Vec<u8>,
    code: Option<String>,
}

impl From<Vec<u8>> for OwnBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, code: None }
    }
}

/// The code whose page of the guide belongs to a refusal: an extension of the response, of which the exchange
/// makes the header `Link`.
#[derive(Clone, Debug)]
pub struct HelpOn(pub Cow<'static, str>);

impl ApiError {
    /// Adds a header; a value that cannot be one is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.error.code
    }

    /// Another status than the code's own.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// 405, with the methods that the path knows.
    pub fn method_not_allowed(method: &http::Method, allowed: &str) -> Self {
        let mut refusal = Self::wrong_method(method).header(ALLOW, allowed);
        refusal.error.hint = Some(format!("The path knows {}.", allowed.replace(',', ", ")).into());
        refusal
    }

    /// A body in an envelope of its own.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(Box::new(body.into()));
        self
    }

    /// The error itself, for another form of answer.
    pub fn into_error(self) -> SodaError {
        self.error
    }

    /// 405 without them.
    pub fn wrong_method(method: &http::Method) -> Self {
        let message = format!("HTTP method {method} is not allowed for this request");
        Self::from(SodaError::new(ErrorCode::MethodNotAllowed, message))
    }
}

impl ApiError {
    /// 406 without a body (source).
    pub fn not_acceptable() -> Self {
        let error = SodaError::new(ErrorCode::InvalidRequest, "").hint(
            "Accept names no format of rows; take application/json, text/csv, application/vnd.geo+json or text/xml, or name the format in the path.",
        );
        Self { body: Some(Box::default()), ..Self::from(error).status(StatusCode::NOT_ACCEPTABLE) }
    }

    /// 412, for `If-Match` that does not match (source).
    pub fn precondition_failed() -> Self {
        let body = br#"{"message":"Precondition failed","errorCode":"precondition-failed","data":{}}"#;
        let error = SodaError::new(ErrorCode::InvalidRequest, "");
        Self {
            body: Some(Box::new(body.to_vec().into())),
            ..Self::from(error).status(StatusCode::PRECONDITION_FAILED)
        }
    }
}

impl ApiError {
    /// The same with the body that clients of publishing look for (client evidence for `key`, ours otherwise):
    /// key, message and params, with the members of core's body beside them.
    #[must_use]
    pub fn of_publishing(mut self) -> Self {
        if self.body.is_none() {
            let (_, _, code) = self.error.code.row();
            let params = self.error.data.as_deref().cloned().unwrap_or_else(|| serde_json::json!({}));
            let key = params.get("key").and_then(serde_json::Value::as_str).unwrap_or(code).to_owned();
            let body = serde_json::json!({
                "key": key,
                "message": self.error.message,
                "params": params,
                "code": code,
                "error": true,
            });
            let bytes = body.to_string().into_bytes();
            self.body = Some(Box::new(OwnBody { bytes, code: Some(code.to_owned()) }));
        }
        self
    }
}

impl From<SodaError> for ApiError {
    fn from(error: SodaError) -> Self {
        Self { error, headers: Vec::new(), status: None, body: None }
    }
}

impl ApiError {
    /// A refused query; `dataset` is the internal name that production would show.
    pub fn query(error: &crate::soql::SoqlError, dataset: &str) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut plain = SodaError::new(ErrorCode::InvalidRequest, "");
        plain.hint = error.hint().map(Into::into);
        let body = OwnBody { bytes: error.body(dataset), code: Some(error.code()) };
        Self { body: Some(Box::new(body)), ..Self::from(plain).status(status) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(SodaError::from(error))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, envelope, code) = self.error.code.row();
        let body = self.body.map_or_else(|| self.error.body().into(), |own| *own);
        let help = HelpOn(body.code.map_or(Cow::Borrowed(code), Cow::Owned));
        let mut response = Response::new(Body::from(body.bytes));
        *response.status_mut() = self
            .status
            .unwrap_or_else(|| StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if envelope != Envelope::BackEnd {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache, must-revalidate"));
        }
        if self.error.code == ErrorCode::NotFound {
            headers.insert("x-error-code", HeaderValue::from_static(code));
            if let Ok(message) = HeaderValue::from_str(&self.error.message) {
                headers.insert("x-error-message", message);
            }
        }
        if let Some(hint) = self.error.hint.and_then(|hint| header_text(&hint.to_string())) {
            headers.insert("x-mock-hint", hint);
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response.extensions_mut().insert(help);
        response
    }
}

/// Text that fits a header: control characters become blanks, letters outside ASCII `?`.
pub fn header_text(text: &str) -> Option<HeaderValue> {
    let plain: String = text
        .chars()
        .flat_map(|c| if c == '\u{2026}' { vec!['.', '.', '.'] } else { vec![c] })
        .map(|c| {
            if c.is_ascii_control() {
                ' '
            } else if c.is_ascii() {
                c
            } else {
                '?'
            }
        })
        .take(1000)
        .collect();
    HeaderValue::from_str(&plain).ok()
}
