//! Accounts, API keys, application tokens, OAuth, throttling.
//!
//! All of it lives with the process and comes from options, seeds and the admin API; nothing is
//! written to the data file.

mod api_keys;
mod caller;
mod credentials;
mod login;
mod oauth;
mod redirect;
mod rights;
mod throttle;
mod token;
mod user;

pub use api_keys::{ApiKey, ApiKeyError, KeyQuery, SortColumn};
pub use caller::{Caller, Role};
pub use credentials::Credentials;
pub use login::LoginError;
pub use oauth::{Grant, OAuthError};
pub use redirect::{CallbackPrefix, RedirectError};
pub use rights::{Reader, denied};
pub use throttle::{Limit, Limits, Throttle};
pub use token::{LIFETIME, TokenError, Tokens, token_claims};
pub use user::{Provenance, SITE_OWNER, display_name, user_id};

use crate::soda::{ErrorCode, SodaError};
use http::{HeaderMap, HeaderName};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use subtle::ConstantTimeEq as _;

const X_APP_TOKEN: HeaderName = HeaderName::from_static("x-app-token");

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its password.
    pub password: String,
    /// What it may do.
    pub role: Role,
}

/// An application token, which is an OAuth application too.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AppToken {
    /// The OAuth client secret.
    pub secret: String,
    /// What a redirect URI has to begin with; none: anything.
    pub callback_prefix: Option<CallbackPrefix>,
}

/// Whose credentials are accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniency {
    /// Any credentials are those of a publisher.
    pub any_credentials: bool,
    /// Any application token will do.
    pub any_app_token: bool,
}

/// Accounts by name, keys by id, application tokens by token.
#[derive(Clone, Default)]
pub struct Directory {
    /// Accounts.
    pub users: BTreeMap<String, Account>,
    /// API keys.
    pub keys: BTreeMap<String, ApiKey>,
    /// Application tokens.
    pub app_tokens: BTreeMap<String, AppToken>,
}

impl Directory {
    /// The name of an account, found without regard to case.
    pub fn account_name(&self, name: &str) -> Option<&str> {
        if let Some((name, _)) = self.users.get_key_value(name) {
            return Some(name);
        }
        self.users.keys().find(|known| known.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    /// The name of the account with this 4x4.
    pub fn account_name_of_id(&self, id: &str) -> Option<&str> {
        self.users.keys().find(|name| user_id(name) == id).map(String::as_str)
    }

    /// The built-in accounts.
    pub fn built_in() -> Self {
        let account = |name: &str, password: &str, role| {
            (name.to_owned(), Account { password: password.to_owned(), role })
        };
        let key =
            ApiKey::new("demo-key-secret".to_owned(), "publisher@example.com".to_owned(), "demo".to_owned());
        let app = AppToken { secret: "demo-app-secret".to_owned(), callback_prefix: None };
        Self {
            users: BTreeMap::from([
                account("publisher@example.com", "publisher", Role::Publisher),
                account("viewer@example.com", "viewer", Role::Viewer),
                account("admin@example.com", "admin", Role::Administrator),
            ]),
            keys: BTreeMap::from([("demo-key-id".to_owned(), key)]),
            app_tokens: BTreeMap::from([("demo-app-token".to_owned(), app)]),
        }
    }
}

/// The accounts of a space.
pub struct Accounts {
    directory: RwLock<Directory>,
    first: Directory,
    leniency: Leniency,
    grants: Mutex<BTreeMap<String, Grant>>,
    /// Access tokens.
    pub tokens: Tokens,
    /// Throttling pools.
    pub throttle: Throttle,
    limits: Limits,
}

impl Accounts {
    /// The accounts of a space; `tokens` are its access tokens, `now_ms` dates its API keys.
    pub fn new(
        mut directory: Directory,
        leniency: Leniency,
        limits: Limits,
        tokens: Tokens,
        now_ms: i64,
    ) -> Self {
        directory.date_keys(now_ms);
        let throttle = Throttle::default();
        throttle.set(limits);
        Self {
            directory: RwLock::new(directory.clone()),
            first: directory,
            leniency,
            grants: Mutex::default(),
            tokens,
            throttle,
            limits,
        }
    }

    /// Reads the directory.
    pub fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the directory.
    pub fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the accounts, limits and tokens of the start; how many differed.
    pub fn restart(&self) -> u64 {
        let mut directory = self.directory_mut();
        let changed = changes(&directory.users, &self.first.users)
            + changes(&directory.keys, &self.first.keys)
            + changes(&directory.app_tokens, &self.first.app_tokens);
        *directory = self.first.clone();
        drop(directory);
        let grants = std::mem::take(&mut *self.grants.lock().unwrap_or_else(PoisonError::into_inner));
        let limits = u64::from(self.throttle.limits() != self.limits);
        self.throttle.set(self.limits);
        changed + grants.len() as u64 + self.tokens.forget_revoked() + limits
    }

    /// Refuses an application token that nobody has.
    pub fn check_app_token(&self, token: Option<&str>) -> Result<(), SodaError> {
        let known = |token| self.leniency.any_app_token || self.directory().app_tokens.contains_key(token);
        if token.is_none_or(known) {
            return Ok(());
        }
        Err(SodaError::new(ErrorCode::PermissionDenied, "Invalid app_token specified")
            .hint("Leave X-App-Token out, use demo-app-token, or add yours with --app-token."))
    }
}

/// The application token of a request, as it was sent.
pub fn app_token<'a>(headers: &'a HeaderMap, query: &'a [(String, String)]) -> Option<Cow<'a, str>> {
    let header = headers.get(X_APP_TOKEN).map(|v| String::from_utf8_lossy(v.as_bytes()));
    let in_query = || {
        let found = query.iter().find(|(n, _)| n == "$$app_token" || n == "app_token");
        found.map(|(_, token)| Cow::Borrowed(token.as_str()))
    };
    header.filter(|t| !t.is_empty()).or_else(in_query).filter(|t| !t.is_empty())
}

/// Entries of either map that the other has not, or has otherwise.
fn changes<T: PartialEq>(now: &BTreeMap<String, T>, first: &BTreeMap<String, T>) -> u64 {
    let new = now.iter().filter(|(name, value)| first.get(*name) != Some(value)).count();
    let gone = first.keys().filter(|name| !now.contains_key(*name)).count();
    (new + gone) as u64
}

/// Comparison in a time that depends on the length only.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
