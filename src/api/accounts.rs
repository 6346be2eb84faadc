//! Accounts and tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An account; its password is not told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct User {
    pub name: String,
    /// `publisher`, `viewer` or `administrator`, …
    pub role: String,
}

/// An application token; its secret is not told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AppToken {
    pub token: String,
    /// Where the OAuth flow may lead back to; empty for a token that is no OAuth application.
    pub callback_prefix: String,
}

/// An OAuth access token.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// A JSON Web Token, for `Authorization: OAuth …`.
    pub token: String,
    /// Always `OAuth`.
    pub token_type: String,
    pub expires_at: String,
}
