//! What is checked before any handler looks at a body: app token, credentials, dataset.

use super::error::ApiError;
use super::faults::Tampering;
use super::footprint::Footprint;
use super::layers::RequestId;
use super::path::{decode, query_pairs, split_extension};
use super::state::{AppState, Peer};
use crate::access::{Caller, Reader};
use crate::clock::Clock as _;
use crate::consumer::ReadFormat;
use crate::consumer::plan::Question;
use crate::operation::Operation;
use crate::soda::{ErrorCode, SodaError};
use crate::soql::Adaptation;
use crate::store::history::Author;
use crate::store::{Entry, SeenCatalogue, StoreError};
use http::{HeaderMap, Method};
use std::sync::Arc;
use std::time::Duration;

/// The checks before any path is looked at: app token, throttle, credentials.
pub fn admit(
    state: &AppState,
    parts: &http::request::Parts,
    query: &[(String, String)],
) -> Result<Caller, ApiError> {
    take_from_pool(state, parts, query)?;
    let caller = state.space.accounts.authenticate(&parts.headers, state.space.clock.now_ms());
    let caller = caller.map_err(|error| login_error(state, error.into()))?;
    parts.extensions.get::<Footprint>().cloned().unwrap_or_default().user(&caller);
    Ok(caller)
}

/// The checks before the credentials are read: app token, throttle, and with `--strict` that they
/// came over https.
fn take_from_pool(
    state: &AppState,
    parts: &http::request::Parts,
    query: &[(String, String)],
) -> Result<(), ApiError> {
    let accounts = &state.space.accounts;
    let now_ms = state.space.clock.now_ms();
    let footprint = parts.extensions.get::<Footprint>().cloned().unwrap_or_default();
    let token = accounts.check_app_token(&parts.headers, query)?;
    footprint.app_token(token.as_deref());
    let peer = parts.extensions.get::<Peer>();
    accounts.throttle.take(token.as_deref(), peer.map(|p| p.address.ip()), now_ms).map_err(|seconds| {
        footprint.throttled();
        throttled(seconds)
    })?;
    let has_credentials = parts.headers.contains_key(http::header::AUTHORIZATION);
    if state.options.strict && has_credentials && peer.is_some_and(|p| !p.tls) {
        return Err(refuse_plain(state, parts));
    }
    Ok(())
}

/// The hint for a script element that would read what is not public.
const JSONP: &str = "With $jsonp the credentials of a request are not used, as documented: only public datasets are read so. Leave out $jsonp, or make the dataset public.";

/// Whether the rows go to a script element (documented: credentials of such a request are ignored).
fn is_jsonp(method: &Method, query: &[(String, String)]) -> bool {
    let asked = query.iter().any(|(name, _)| name.eq_ignore_ascii_case("$jsonp"));
    asked && (method == Method::GET || method == Method::HEAD)
}

/// 429 with the seconds to wait (ours: no recorded answer tells the body).
fn throttled(seconds: u64) -> ApiError {
    let error =
        SodaError::new(ErrorCode::TooManyRequests, "You have exceeded the number of requests allowed")
            .hint(format!("Wait {seconds} s, send an app token, or raise the limit with --throttle."));
    ApiError::from(error).header(http::header::RETRY_AFTER, &seconds.to_string())
}

/// Credentials over plain http are denied, and a token so used is revoked (documented).
fn refuse_plain(state: &AppState, parts: &http::request::Parts) -> ApiError {
    let value = parts.headers.get(http::header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or("");
    if let Some((_, token)) = value.split_once(' ') {
        state.space.accounts.tokens.revoke(token.trim());
    }
    let error = SodaError::new(ErrorCode::AuthenticationRequired, "Credentials are accepted over https only")
        .hint("Use the https:// address; --strict refuses credentials over plain http.");
    login_error(state, error)
}

/// 403, or 401 with its header when that was chosen; both are documented.
pub fn login_error(state: &AppState, error: SodaError) -> ApiError {
    let is_login = matches!(
        error.code,
        ErrorCode::AuthenticationRequired | ErrorCode::ApiKeyInvalidSecret | ErrorCode::ApiKeyTokenDeleted
    );
    let refusal = ApiError::from(error);
    if is_login && state.options.auth_status == http::StatusCode::UNAUTHORIZED {
        return refusal
            .status(http::StatusCode::UNAUTHORIZED)
            .header(http::header::WWW_AUTHENTICATE, "Basic realm=\"soda-mock\"");
    }
    refusal
}

/// A request to a dataset that passed the checks.
pub struct Call {
    /// The state.
    pub state: AppState,
    /// The dataset.
    pub entry: Arc<Entry>,
    /// The catalogue that the dataset was found in.
    pub catalogue: SeenCatalogue,
    /// The path's extension.
    pub extension: Option<&'static str>,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    /// Who reads.
    pub reader: Reader,
    /// The method.
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
    /// What is told of the request afterwards.
    pub footprint: Footprint,
    /// Who asks, for the history; none when nothing will be written.
    pub author: Option<Author>,
    /// What faults change inside.
    pub tampering: Tampering,
    /// How long the caller would wait for a query.
    pub patience: Option<Duration>,
}

impl Call {
    /// Checks in the order of the wire contract: app token, credentials, dataset, rights.
    pub fn check(state: AppState, dataset: &str, parts: http::request::Parts) -> Result<Self, ApiError> {
        let query = query_pairs(parts.uri.query())?;
        let jsonp = is_jsonp(&parts.method, &query);
        let caller = if jsonp {
            take_from_pool(&state, &parts, &query)?;
            Caller::Anonymous
        } else {
            admit(&state, &parts, &query)?
        };
        let dataset = decode(dataset)?;
        let (name, extension) = split_extension(&dataset);
        let catalogue = SeenCatalogue::of(&state.space.store());
        let entry = catalogue.find(name).cloned();
        let entry = entry.ok_or_else(|| SodaError::dataset_missing(name))?;
        let footprint = parts.extensions.get::<Footprint>().cloned().unwrap_or_default();
        footprint.dataset(&entry);
        let request_id =
            parts.extensions.get::<RequestId>().map_or_else(|| "".into(), |id| Arc::clone(&id.0));
        let operation = Operation::of(&parts.method, parts.uri.path()).name();
        let author = Some(Author { request_id, operation });
        if parts.method == Method::GET || parts.method == Method::HEAD {
            let allowed = caller.may_read(&entry.dataset);
            allowed.map_err(|e| login_error(&state, if jsonp { e.hint(JSONP) } else { e }))?;
        } else if [Method::POST, Method::PUT, Method::DELETE, Method::PATCH].contains(&parts.method) {
            caller.may_write_rows(&entry.dataset).map_err(|e| login_error(&state, e))?;
        }
        if !entry.dataset.is_tabular() {
            return Err(SodaError::not_tabular().into());
        }
        let tampering = Tampering::of(&parts.extensions);
        Ok(Self {
            state,
            entry,
            catalogue,
            extension,
            query,
            reader: Reader::Caller(caller),
            method: parts.method,
            headers: parts.headers,
            footprint,
            author,
            tampering,
            patience: None,
        })
    }

    /// A refusal of the store; a lock is told with the dataset that could not be had (source).
    pub fn refused(&self, error: StoreError) -> SodaError {
        let refusal = SodaError::from(error);
        if refusal.code != ErrorCode::CannotAcquireWriteLock {
            return refusal;
        }
        let id = self.entry.dataset.id.as_str();
        SodaError { message: format!("Dataset {id} cannot acquire a write lock"), ..refusal }
            .data(serde_json::json!({ "dataset": id }))
    }

    /// How long a query may take.
    pub fn query_timeout(&self) -> Duration {
        let limit = self.state.options.query_timeout;
        self.patience.map_or(limit, |patience| patience.min(limit))
    }

    /// After a read that failed: whether the catalogue was exchanged since the call took its dataset from it, so
    /// that the failure says nothing. The call has the new one then, and reads again. 404 when the dataset is gone.
    pub fn catch_up(&mut self) -> Result<bool, SodaError> {
        if !self.catalogue.renew(&self.state.space.store()) {
            return Ok(false);
        }
        let id = self.entry.dataset.id.as_str();
        let entry = self.catalogue.find(id).cloned();
        self.entry = entry.ok_or_else(|| SodaError::dataset_missing(id))?;
        Ok(true)
    }

    /// What the call asks of its dataset.
    pub fn question(&self, format: ReadFormat) -> Question<'_> {
        Question {
            entry: &self.entry,
            catalogue: &self.catalogue,
            reader: &self.reader,
            query: &self.query,
            text: None,
            adaptation: Adaptation::default(),
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
