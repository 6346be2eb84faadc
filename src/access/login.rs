//! Who sends a request: passwords, API keys, access tokens.

use super::credentials::{Credentials, MalformedCredentials};
use super::token::TokenError;
use super::{Accounts, Caller, Role, same};
use crate::soda::{ErrorCode, SodaError};

/// Why credentials are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// They cannot be read.
    #[error("{0}")]
    Malformed(#[from] MalformedCredentials),
    /// Neither Basic nor OAuth nor Bearer.
    #[error("Unknown Authorization scheme")]
    UnknownScheme,
    /// The account is there.
    #[error("Wrong password for this user name")]
    WrongPassword,
    /// The API key is there.
    #[error("Invalid secret was supplied for the given key")]
    WrongSecret,
    /// The API key was there.
    #[error("The API key {0} was deleted")]
    KeyDeleted(String),
    /// Neither an account nor an API key.
    #[error("No such user name or API key")]
    UnknownName,
    /// An access token.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// A token of an account that was removed.
    #[error("The token's account is gone")]
    TokenAccountGone,
}

impl LoginError {
    fn hint(&self) -> &'static str {
        match self {
            Self::UnknownScheme => "Use Basic, OAuth or Bearer.",
            Self::Token(_) | Self::TokenAccountGone => {
                "Make a token with POST /__mock/v1/tokens {\"user\": …}."
            }
            _ => {
                "Built-in accounts: publisher@example.com / publisher, API key demo-key-id / demo-key-secret."
            }
        }
    }
}

impl From<LoginError> for SodaError {
    fn from(error: LoginError) -> Self {
        Self::new(ErrorCode::AuthenticationRequired, error.to_string()).hint(error.hint())
    }
}

/// Time between two changes of an API key's last use (documented: it changes once a day).
const LAST_USED_STEP_MS: i64 = 86_400_000;

impl Accounts {
    /// Who these credentials are those of; `now_ms` in Unix milliseconds.
    pub fn authenticate(&self, credentials: &Credentials, now_ms: i64) -> Result<Caller, LoginError> {
        match credentials {
            Credentials::None => Ok(Caller::Anonymous),
            Credentials::Basic { name, password } => match self.login(name, password, now_ms) {
                Err(_) if self.leniency.any_credentials => Ok(anybody(name)),
                result => result,
            },
            Credentials::Token(token) => self.token(token, now_ms / 1000),
            Credentials::Unknown(scheme) if self.leniency.any_credentials => Ok(anybody(scheme)),
            Credentials::Unknown(_) => Err(LoginError::UnknownScheme),
            Credentials::Malformed(error) => Err((*error).into()),
        }
    }

    fn token(&self, token: &str, now: i64) -> Result<Caller, LoginError> {
        let name = match self.tokens.check(token, now) {
            Ok(name) => name,
            Err(_) if self.leniency.any_credentials => return Ok(anybody("token")),
            Err(error) => return Err(error.into()),
        };
        let role = self.directory().users.get(&name).map(|a| a.role);
        role.map(|role| Caller::User { name, role }).ok_or(LoginError::TokenAccountGone)
    }

    /// Checks a name and password, or an API key's id and secret.
    pub fn login(&self, name: &str, password: &str, now_ms: i64) -> Result<Caller, LoginError> {
        let directory = self.directory();
        if let Some(account) = directory.users.get(name) {
            if same(&account.password, password) {
                return Ok(Caller::User { name: name.to_owned(), role: account.role });
            }
            return Err(LoginError::WrongPassword);
        }
        let key = directory.keys.get(name).ok_or(LoginError::UnknownName)?;
        if !same(&key.secret, password) {
            return Err(LoginError::WrongSecret);
        }
        if key.deleted_ms.is_some() {
            return Err(LoginError::KeyDeleted(name.to_owned()));
        }
        let account = directory.users.get(&key.owner).ok_or(LoginError::UnknownName)?;
        let caller = Caller::User { name: key.owner.clone(), role: account.role };
        let due = key.last_used_ms.is_none_or(|last| now_ms.saturating_sub(last) >= LAST_USED_STEP_MS);
        drop(directory);
        if due && let Some(key) = self.directory_mut().keys.get_mut(name) {
            key.last_used_ms = Some(now_ms);
        }
        Ok(caller)
    }
}

fn anybody(name: &str) -> Caller {
    Caller::User { name: name.to_owned(), role: Role::Administrator }
}
