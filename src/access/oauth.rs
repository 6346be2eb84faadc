//! The OAuth 2.0 server flow: a code for a consent, a token for a code (documented).

use super::{Accounts, LIFETIME, RedirectError, redirect, same};
use std::sync::PoisonError;

/// Seconds that a code is good for.
const CODE_LIFETIME: i64 = 600;

/// A consent that waits to be turned into a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    user: String,
    client: String,
    redirect_uri: String,
    expires: i64,
}

/// Why the flow stops. The names are those of RFC 6749.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// The application is not known, or its secret is wrong.
    #[error("client_id is no application token of this server, or client_secret is wrong")]
    InvalidClient,
    /// The redirect URI cannot be one, or is not the application's.
    #[error("redirect_uri {0}")]
    InvalidRedirect(#[from] RedirectError),
    /// Sign-in, consent or token exchange over plain http.
    #[error(
        "sign-in, consent and token exchange are for https only: use the https:// address, or leave out --strict"
    )]
    InsecureTransport,
    /// The code is unknown, used, expired or was given to another application.
    #[error("the code is unknown, already used, expired, or was given for another redirect_uri")]
    InvalidGrant,
    /// Only `authorization_code` is known.
    #[error("grant_type must be authorization_code")]
    UnsupportedGrantType,
}

impl OAuthError {
    /// The RFC's name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidRedirect(_) | Self::InsecureTransport => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

impl Accounts {
    /// Checks an application and where it wants its users sent; `strict` allows https only.
    pub fn check_application(
        &self,
        client: &str,
        redirect_uri: &str,
        strict: bool,
    ) -> Result<(), OAuthError> {
        let directory = self.directory();
        let app = directory.app_tokens.get(client).ok_or(OAuthError::InvalidClient)?;
        Ok(redirect::check(redirect_uri, app.callback_prefix.as_ref(), strict)?)
    }

    /// Keeps a consent under a code.
    pub fn grant(&self, code: &str, user: &str, client: &str, redirect_uri: &str, now: i64) {
        let grant = Grant {
            user: user.to_owned(),
            client: client.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            expires: now + CODE_LIFETIME,
        };
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        grants.retain(|_, grant| grant.expires > now);
        grants.insert(code.to_owned(), grant);
    }

    /// Turns a code into a token, once. `id` is unique.
    pub fn exchange(
        &self,
        code: &str,
        client: &str,
        secret: &str,
        redirect_uri: &str,
        id: String,
        now: i64,
    ) -> Result<String, OAuthError> {
        let known = self.directory().app_tokens.get(client).is_some_and(|app| same(&app.secret, secret));
        if !known {
            return Err(OAuthError::InvalidClient);
        }
        let grant = self.grants.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
        let grant = grant
            .filter(|g| g.client == client && g.redirect_uri == redirect_uri && g.expires > now)
            .ok_or(OAuthError::InvalidGrant)?;
        self.tokens.mint(&grant.user, id, now, now + LIFETIME).ok_or(OAuthError::InvalidGrant)
    }
}
