//! The checks before any path is looked at: application token, throttle, transport, credentials.

use super::context::RequestContext;
use crate::access::Caller;
use crate::clock::Clock as _;
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::journal::mask;
use crate::soda::{ErrorCode, SodaError};
use http::StatusCode;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};

impl RequestContext {
    /// Lets a request in that passes all of the first checks.
    pub fn admit(&self) -> Result<&Caller, ApiError> {
        self.admit_anonymously()?;
        let caller = self.login().as_ref().map_err(|error| login_error(&self.state, error.clone().into()))?;
        self.trace().user = caller.name().map(Into::into);
        Ok(caller)
    }

    /// Lets a request in whose credentials are not used: what is checked is the application token, the throttle,
    /// and with `--strict` that credentials came over https.
    pub fn admit_anonymously(&self) -> Result<(), ApiError> {
        self.head.check_query()?;
        let (accounts, now_ms) = (&self.state.space.accounts, self.state.space.clock.now_ms());
        let token = self.head.app_token();
        accounts.check_app_token(token.as_deref())?;
        self.trace().app_token = token.as_deref().map(|token| mask::app_token(token).into());
        let address = self.head.connection.peer.map(|peer| peer.address.ip());
        accounts.throttle.take(token.as_deref(), address, now_ms).map_err(|seconds| {
            self.trace().throttled = true;
            throttled(seconds)
        })?;
        let credentials = self.head.credentials();
        if self.state.options.strict && credentials.were_sent() && self.head.connection.is_plain() {
            if let Some(token) = credentials.token() {
                accounts.tokens.revoke(token);
            }
            return Err(refuse_plain(&self.state));
        }
        Ok(())
    }
}

/// 429 with the seconds to wait (ours: no recorded answer tells the body).
fn throttled(seconds: u64) -> ApiError {
    let error =
        SodaError::new(ErrorCode::TooManyRequests, "You have exceeded the number of requests allowed")
            .hint(format!("Wait {seconds} s, send an app token, or raise the limit with --throttle."));
    ApiError::from(error).header(RETRY_AFTER, &seconds.to_string())
}

/// Credentials over plain http are denied, and a token so used is revoked (documented).
fn refuse_plain(state: &AppState) -> ApiError {
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
    if is_login && state.options.auth_status == StatusCode::UNAUTHORIZED {
        return refusal
            .status(StatusCode::UNAUTHORIZED)
            .header(WWW_AUTHENTICATE, "Basic realm=\"soda-mock\"");
    }
    refusal
}
