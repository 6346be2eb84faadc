//! Who calls and what that caller may do.

use crate::soda::{ErrorCode, SodaError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

/// What an account may do (documented roles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Owns datasets of its own.
    Contributor,
    /// Writes rows.
    Editor,
    /// Writes and publishes.
    Publisher,
    /// Everything.
    Administrator,
}

impl Role {
    /// The role with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "viewer" => Self::Viewer,
            "contributor" => Self::Contributor,
            "editor" => Self::Editor,
            "publisher" => Self::Publisher,
            "administrator" => Self::Administrator,
            _ => return None,
        })
    }
}

/// Who is calling, after checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// An account.
    User {
        /// Its name.
        name: String,
        /// Its role.
        role: Role,
    },
}

struct Account {
    password: String,
    role: Role,
}

/// The accounts of a space.
pub struct Accounts {
    users: RwLock<HashMap<String, Account>>,
    keys: RwLock<HashMap<String, (String, String)>>,
    app_tokens: RwLock<HashSet<String>>,
}

impl Accounts {
    /// The built-in accounts.
    pub fn built_in() -> Self {
        let account = |password: &str, role| Account { password: password.to_owned(), role };
        Self {
            users: RwLock::new(HashMap::from([
                ("publisher@example.com".to_owned(), account("publisher", Role::Publisher)),
                ("viewer@example.com".to_owned(), account("viewer", Role::Viewer)),
                ("admin@example.com".to_owned(), account("admin", Role::Administrator)),
            ])),
            keys: RwLock::new(HashMap::from([(
                "demo-key-id".to_owned(),
                ("demo-key-secret".to_owned(), "publisher@example.com".to_owned()),
            )])),
            app_tokens: RwLock::new(HashSet::from(["demo-app-token".to_owned()])),
        }
    }

    /// Who sends a request with these headers.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, SodaError> {
        let Some(value) = headers.get(http::header::AUTHORIZATION) else { return Ok(Caller::Anonymous) };
        let text = value.to_str().map_err(|_| bad_login("The Authorization header is not text"))?;
        let (scheme, credentials) = text.trim().split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(bad_login("Unknown Authorization scheme"));
        }
        let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|b| String::from_utf8(b).ok());
        let decoded =
            decoded.ok_or_else(|| bad_login("The Basic credentials are not base64 of name:password"))?;
        let (name, password) =
            decoded.split_once(':').ok_or_else(|| bad_login("The Basic credentials have no colon"))?;
        self.login(name, password)
    }

    fn login(&self, name: &str, password: &str) -> Result<Caller, SodaError> {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = users.get(name) {
            if same(&account.password, password) {
                return Ok(Caller::User { name: name.to_owned(), role: account.role });
            }
            return Err(bad_login("Wrong password for this user name"));
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let owner = keys.get(name).filter(|(secret, _)| same(secret, password)).map(|(_, owner)| owner);
        match owner.and_then(|owner| users.get(owner).map(|a| (owner, a))) {
            Some((owner, account)) => Ok(Caller::User { name: owner.clone(), role: account.role }),
            None => Err(bad_login("No such user name or API key, or the key's secret is wrong")),
        }
    }

    /// Checks the application token of a request.
    pub fn check_app_token(
        &self,
        headers: &HeaderMap,
        query: &[(String, String)],
    ) -> Result<Option<String>, SodaError> {
        let header = headers.get("x-app-token").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let in_query =
            query.iter().find(|(n, _)| n == "$$app_token" || n == "app_token").map(|(_, v)| v.clone());
        let Some(token) = header.filter(|t| !t.is_empty()).or(in_query).filter(|t| !t.is_empty()) else {
            return Ok(None);
        };
        if self.app_tokens.read().unwrap_or_else(PoisonError::into_inner).contains(&token) {
            return Ok(Some(token));
        }
        Err(SodaError::new(ErrorCode::PermissionDenied, "Invalid app_token specified")
            .hint("Leave X-App-Token out, use demo-app-token, or add yours with --app-token."))
    }
}

/// Comparison in a time that depends on the length only.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

fn bad_login(why: &str) -> SodaError {
    SodaError::new(ErrorCode::AuthenticationRequired, why)
        .hint("Built-in accounts: publisher@example.com / publisher, API key demo-key-id / demo-key-secret.")
}

impl Caller {
    /// Refuses who may not write rows.
    pub fn may_write(&self) -> Result<(), SodaError> {
        match self {
            Self::Anonymous => Err(SodaError::new(
                ErrorCode::AuthenticationRequired,
                "You must be logged in to access this resource",
            )
            .hint("Send Authorization: Basic with publisher@example.com / publisher.")),
            Self::User { role, .. } if *role >= Role::Editor => Ok(()),
            Self::User { name, .. } => Err(SodaError::new(
                ErrorCode::PermissionDenied,
                "The current user doesn't have access to this view",
            )
            .hint(format!("{name} may not write here; an editor, publisher or administrator may."))),
        }
    }

    /// Refuses who may not read a dataset.
    pub fn may_read(&self, public: bool) -> Result<(), SodaError> {
        if public || *self != Self::Anonymous {
            return Ok(());
        }
        Err(SodaError::new(
            ErrorCode::AuthenticationRequired,
            "You must be logged in to access this resource",
        )
        .hint("The dataset is private."))
    }
}
