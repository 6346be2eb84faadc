//! The head of a request and what follows from it alone.

use super::connection::Connection;
use crate::access::{Credentials, app_token};
use crate::operation::{Operation, classify};
use crate::path::query_pairs;
use crate::soda::SodaError;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, Uri};
use std::borrow::Cow;
use std::sync::OnceLock;

/// The head of a request with the connection that it came through.
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// The target.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The connection.
    pub connection: Connection,
    /// What is asked for.
    pub operation: Operation,
    dataset_name: Option<String>,
    /// None when it cannot be decoded.
    query: OnceLock<Option<Vec<(String, String)>>>,
    credentials: OnceLock<Credentials>,
}

impl RequestHead {
    /// The head of a request of this connection.
    pub fn of(request: &Request<Body>, connection: Connection) -> Self {
        let (operation, dataset_name) = classify(request.method(), request.uri().path());
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            connection,
            operation,
            dataset_name,
            query: OnceLock::new(),
            credentials: OnceLock::new(),
        }
    }

    /// Whether the request is one to the mock's own API or page.
    pub fn is_mock(&self) -> bool {
        matches!(self.operation, Operation::Mock | Operation::Undo)
    }

    /// Whether the method reads.
    pub fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    /// The dataset that the path names, as sent: a 4x4 or a resource name, without an extension.
    pub fn dataset_name(&self) -> Option<&str> {
        self.dataset_name.as_deref()
    }

    /// A header's text; none when it has other bytes.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn decoded_query(&self) -> Option<&Vec<(String, String)>> {
        self.query.get_or_init(|| query_pairs(self.uri.query()).ok()).as_ref()
    }

    /// Refuses a query string that cannot be decoded.
    pub fn check_query(&self) -> Result<(), SodaError> {
        self.decoded_query()
            .map(drop)
            .ok_or_else(|| SodaError::invalid("The query string is not valid UTF-8"))
    }

    /// The pairs of the query string, in order; none when it cannot be decoded.
    pub fn query(&self) -> &[(String, String)] {
        self.decoded_query().map_or(&[], Vec::as_slice)
    }

    /// The last value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query().iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A parameter that must be `true` or `false`, in any case of letters.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, SodaError> {
        match self.parameter(name) {
            None => Ok(default),
            Some(v) if v.eq_ignore_ascii_case("true") => Ok(true),
            Some(v) if v.eq_ignore_ascii_case("false") => Ok(false),
            Some(v) => Err(SodaError::bad_parameter(name, v).hint(format!("{name} is true or false."))),
        }
    }

    /// The credentials as they were sent.
    pub fn credentials(&self) -> &Credentials {
        self.credentials.get_or_init(|| Credentials::of(&self.headers))
    }

    /// Takes the credentials out, as if none had been sent; whether there were some.
    pub(super) fn forget_credentials(&mut self) -> bool {
        self.credentials = OnceLock::new();
        self.headers.remove(AUTHORIZATION).is_some()
    }

    /// The application token as it was sent.
    pub fn app_token(&self) -> Option<Cow<'_, str>> {
        app_token(&self.headers, self.query())
    }
}
