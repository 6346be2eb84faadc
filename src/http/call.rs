//! What is checked before any handler looks at a body: app token, credentials, dataset.

use super::error::ApiError;
use super::path::{decode, query_pairs, split_extension};
use super::state::AppState;
use crate::clock::Clock as _;
use crate::consumer::ReadFormat;
use crate::consumer::plan::Question;
use crate::soda::SodaError;
use crate::store::{Catalogue, Entry};
use http::{HeaderMap, Method};
use std::sync::Arc;

/// A request to a dataset that passed the checks.
pub struct Call {
    /// The state.
    pub state: AppState,
    /// The dataset.
    pub entry: Arc<Entry>,
    /// The path's extension.
    pub extension: Option<&'static str>,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    /// Whether the caller may read what is not public.
    pub sees_private: bool,
    /// The method.
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
}

impl Call {
    /// Checks in the order of the wire contract: app token, credentials, dataset, rights.
    pub fn check(state: AppState, dataset: &str, parts: http::request::Parts) -> Result<Self, ApiError> {
        let query = query_pairs(parts.uri.query())?;
        let accounts = &state.space.accounts;
        accounts.check_app_token(&parts.headers, &query)?;
        let caller = accounts.authenticate(&parts.headers)?;
        let dataset = decode(dataset)?;
        let (name, extension) = split_extension(&dataset);
        let entry = state.space.store.catalogue().find(name).cloned();
        let entry = entry.ok_or_else(|| SodaError::dataset_missing(name))?;
        if parts.method == Method::GET || parts.method == Method::HEAD {
            caller.may_read(entry.dataset.public)?;
        } else if [Method::POST, Method::PUT, Method::DELETE, Method::PATCH].contains(&parts.method) {
            caller.may_write()?;
        }
        let sees_private = caller.may_read(false).is_ok();
        Ok(Self {
            state,
            entry,
            extension,
            query,
            sees_private,
            method: parts.method,
            headers: parts.headers,
        })
    }

    /// What the call asks of its dataset.
    pub fn question<'a>(&'a self, catalogue: &'a Catalogue, format: ReadFormat) -> Question<'a> {
        Question {
            entry: &self.entry,
            catalogue,
            sees_private: self.sees_private,
            query: &self.query,
            format,
            now_ms: self.state.space.clock.now_ms(),
        }
    }

    /// The last value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
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
}
