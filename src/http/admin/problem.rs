//! Errors of the admin API: `application/problem+json` with a stable code.

use crate::api::ProblemBody;
use crate::http::state::AppState;
use crate::seed::DefineError;
use crate::soda::echo::bounded_text;
use crate::soda::{SodaError, nearest};
use crate::store::StoreError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde_json::{Map, Value};

/// One refusal.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    more: Map<String, Value>,
}

impl Problem {
    /// A refusal with a code that scripts may rely on.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), more: Map::new() }
    }

    /// Adds the members of a struct.
    #[must_use]
    pub fn with(mut self, members: impl Serialize) -> Self {
        if let Ok(Value::Object(members)) = serde_json::to_value(members) {
            self.more.extend(members);
        }
        self
    }

    /// 409: what was asked is not so, or cannot be told.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no {what}"))
    }

    /// 404 for a name; with the nearest of those that are there.
    pub fn no_such<'n>(kind: &str, name: &str, there: impl IntoIterator<Item = &'n str>) -> Self {
        let meant = nearest(name, there).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        Self::not_found(&format!("{kind} {name}{meant}"))
    }

    /// 404 for a dataset, in the space of the request.
    pub fn no_dataset(state: &AppState, id: &str) -> Self {
        let catalogue = state.space.store().catalogue();
        let all = catalogue.all();
        let names = all.iter().flat_map(|entry| {
            let dataset = &entry.dataset;
            [Some(dataset.id.as_str()), dataset.resource_name.as_deref(), Some(dataset.name.as_str())]
        });
        Self::no_such("dataset", id, names.flatten())
    }

    /// The same, with a sentence more.
    pub fn and(mut self, more: &str) -> Self {
        self.detail.push_str("; ");
        self.detail.push_str(more);
        self
    }

    /// The same, with what it is about in front.
    pub fn about(mut self, what: &str) -> Self {
        self.detail.insert_str(0, what);
        self
    }

    /// A body that could not be read to its end. Of one that is too large the guard tells more.
    pub fn broken_body(error: axum::Error) -> Self {
        if error.into_inner().is::<LengthLimitError>() {
            return Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The body is larger than this call takes (--max-body)",
            );
        }
        Self::bad_request("The connection broke in the middle of the body")
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }
}

impl From<SodaError> for Problem {
    fn from(error: SodaError) -> Self {
        let (status, _, code) = error.code.row();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, code, error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from(SodaError::from(error))
    }
}

impl From<DefineError> for Problem {
    fn from(error: DefineError) -> Self {
        match error {
            DefineError::Definition(error) => Self::bad_request(error.to_string()),
            DefineError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: bounded_text(self.detail),
            more: self.more,
        };
        let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
