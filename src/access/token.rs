//! OAuth access tokens: signed JWTs of this process.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Seconds that a token of the server flow is good for.
pub const LIFETIME: i64 = 86_400;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    /// The space that the token was made in, so that it leads back there.
    space: String,
}

/// The user and the space that an access token names; nothing is checked.
pub fn token_claims(token: &str) -> Option<(String, String)> {
    let payload = token.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    Some((claims.sub, claims.space))
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not signed here, or not a token at all.
    #[error("Invalid OAuth token: its signature is not ours")]
    Forged,
    /// Its time is over.
    #[error("The OAuth token has expired")]
    Expired,
    /// It was taken back.
    #[error("The OAuth token was revoked")]
    Revoked,
}

/// Makes, checks and revokes tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    space: String,
    revoked: Mutex<HashSet<String>>,
}

impl Tokens {
    /// Tokens of a space, under its secret.
    pub fn new(secret: &[u8], space: &str) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            space: space.to_owned(),
            revoked: Mutex::default(),
        }
    }

    /// A token for an account. `id` is unique; times are Unix seconds.
    pub fn mint(&self, user: &str, id: String, now: i64, expires: i64) -> Option<String> {
        let claims =
            Claims { sub: user.to_owned(), iat: now, exp: expires, jti: id, space: self.space.clone() };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).ok()
    }

    /// The account that a token was made for.
    pub fn check(&self, token: &str, now: i64) -> Result<String, TokenError> {
        let claims = self.claims(token).ok_or(TokenError::Forged)?;
        if self.revoked.lock().unwrap_or_else(PoisonError::into_inner).contains(&claims.jti) {
            return Err(TokenError::Revoked);
        }
        if claims.exp <= now {
            return Err(TokenError::Expired);
        }
        Ok(claims.sub)
    }

    /// Takes a token back; false if it is none of ours.
    pub fn revoke(&self, token: &str) -> bool {
        let Some(claims) = self.claims(token) else { return false };
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).insert(claims.jti);
        true
    }

    /// As if none had been taken back; how many were.
    pub fn forget_revoked(&self) -> u64 {
        std::mem::take(&mut *self.revoked.lock().unwrap_or_else(PoisonError::into_inner)).len() as u64
    }

    /// The signature is checked here, the time by the caller's clock.
    fn claims(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        decode::<Claims>(token, &self.decoding, &validation).ok().map(|data| data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_are_revoked_and_cannot_be_forged() {
        let tokens = Tokens::new(b"secret", "default");
        let token = tokens.mint("a", "1".into(), 100, 200).unwrap();
        assert_eq!(tokens.check(&token, 150), Ok("a".to_owned()));
        assert_eq!(tokens.check(&token, 200), Err(TokenError::Expired));
        assert_eq!(Tokens::new(b"other", "default").check(&token, 150), Err(TokenError::Forged));
        assert!(tokens.revoke(&token));
        assert_eq!(tokens.check(&token, 150), Err(TokenError::Revoked));
        assert!(!tokens.revoke("x.y.z"));
        let named = Some(("a".to_owned(), "default".to_owned()));
        assert_eq!(token_claims(&token), named);
        for other in ["", "x", "x.y.z"] {
            assert_eq!(token_claims(other), None, "{other}");
        }
    }
}
