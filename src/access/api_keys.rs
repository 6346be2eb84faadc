//! API keys: an account's own ids and secrets, in the place of its name and password (documented).

use super::{Accounts, Directory, Role};
use crate::ids::Ids;
use crate::soda::{ErrorCode, SodaError};
use std::cmp::Ordering;

/// Characters of a key's name (ours: the documentation has a limit and does not tell it).
const MAX_NAME: usize = 255;
/// Active keys of one account (ours, as before).
const MAX_ACTIVE: usize = 100;
/// Deleted keys that are remembered of one account; the oldest are forgotten.
const MAX_DELETED: usize = 1000;

/// An API key; it stands for an account.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The secret.
    pub secret: String,
    /// The account.
    pub owner: String,
    /// What its owner calls it.
    pub name: String,
    /// Unix milliseconds; 0 until the accounts of a space are made.
    pub created_ms: i64,
    /// When it last signed someone in; changes once a day.
    pub last_used_ms: Option<i64>,
    /// When it was deleted; it signs nobody in any more.
    pub deleted_ms: Option<i64>,
}

impl ApiKey {
    /// A key that is not dated yet.
    pub fn new(secret: String, owner: String, name: String) -> Self {
        Self { secret, owner, name, created_ms: 0, last_used_ms: None, deleted_ms: None }
    }
}

/// Why something is not done with an API key. The codes are documented.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// The caller signed in with a key and another secret.
    #[error("Invalid secret was supplied for the given key")]
    InvalidSecret,
    /// The caller has no role on the site.
    #[error("User has insufficient privileges to create an API key")]
    InsufficientRights,
    /// A member is missing.
    #[error("Given token is missing the field {0}")]
    MissingField(&'static str),
    /// The account has an active key of that name.
    #[error("A key with the name {0} already exists")]
    NameTaken(String),
    /// The name has too many characters.
    #[error("Given key name is too long: {0} characters")]
    NameTooLong(usize),
    /// The account has no such key.
    #[error("Key with the ID {0} not found")]
    NotFound(String),
    /// The account had such a key.
    #[error("Key {0} was deleted")]
    Deleted(String),
    /// The account has too many keys.
    #[error("User has too many active API keys")]
    LimitReached,
    /// A page of no size that there is.
    #[error("Invalid page size: {0}")]
    InvalidPageSize(String),
    /// A column that keys are not sorted by.
    #[error("Invalid sort column: {0}")]
    InvalidSortColumn(String),
}

impl From<ApiKeyError> for SodaError {
    fn from(error: ApiKeyError) -> Self {
        use ApiKeyError as E;
        let (code, hint) = match &error {
            E::InvalidSecret => (
                ErrorCode::ApiKeyInvalidSecret,
                "A secret is told once, when its key is made: make another key.".to_owned(),
            ),
            E::InsufficientRights => (
                ErrorCode::ApiKeyInsufficientRights,
                "Give the account a role: PUT /__mock/v1/users/NAME {\"password\": …, \"role\": \"viewer\"}."
                    .to_owned(),
            ),
            E::MissingField(field) => {
                (ErrorCode::ApiKeyMissingField, format!("Send {{\"{field}\": \"laptop\"}}."))
            }
            E::NameTaken(_) => (
                ErrorCode::ApiKeyNameTaken,
                "Choose another keyName, or delete the key of that name.".to_owned(),
            ),
            E::NameTooLong(_) => {
                (ErrorCode::ApiKeyNameTooLong, format!("A keyName has at most {MAX_NAME} characters here."))
            }
            E::NotFound(_) => (
                ErrorCode::ApiKeyNotFound,
                "GET /api/api_keys lists the caller's own keys; others' are not seen.".to_owned(),
            ),
            E::Deleted(_) => (
                ErrorCode::ApiKeyTokenDeleted,
                "GET /api/api_keys?includeDeleted=true still lists it; make another key.".to_owned(),
            ),
            E::LimitReached => (
                ErrorCode::ApiKeyTokenLimitReached,
                format!("An account has at most {MAX_ACTIVE} active keys here; delete one."),
            ),
            E::InvalidPageSize(_) => (
                ErrorCode::ApiKeyInvalidPageSize,
                format!("limit is a whole number from 1 to {}.", KeyQuery::MAX_LIMIT),
            ),
            E::InvalidSortColumn(_) => {
                let names = SortColumn::NAMES.map(|(_, name)| name).join(", ");
                (ErrorCode::ApiKeyInvalidSortColumn, format!("sortBy is one of {names}."))
            }
        };
        Self::new(code, error.to_string()).hint(hint)
    }
}

/// What keys are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortColumn {
    /// The last use.
    LastUsedAt,
    /// The making.
    CreatedAt,
    /// The deletion.
    DeletedAt,
    /// The name.
    Name,
}

impl SortColumn {
    const NAMES: [(Self, &str); 4] = [
        (Self::LastUsedAt, "last_used_at"),
        (Self::CreatedAt, "created_at"),
        (Self::DeletedAt, "deleted_at"),
        (Self::Name, "name"),
    ];

    /// The column with this name.
    pub fn parse(name: &str) -> Result<Self, ApiKeyError> {
        let found = Self::NAMES.iter().find(|(_, n)| *n == name).map(|(column, _)| *column);
        found.ok_or_else(|| ApiKeyError::InvalidSortColumn(name.to_owned()))
    }
}

/// Which keys are listed, and how.
#[derive(Clone, Debug)]
pub struct KeyQuery {
    /// Keys on a page.
    pub limit: usize,
    /// What they are sorted by.
    pub sort_by: SortColumn,
    /// Whether the largest comes first.
    pub descending: bool,
    /// The last key of the page before.
    pub seek: Option<String>,
    /// A part of the name, in any case of letters, or a whole id.
    pub search: Option<String>,
    /// Whether deleted keys are listed too.
    pub include_deleted: bool,
}

impl KeyQuery {
    /// The most keys on a page (documented).
    pub const MAX_LIMIT: usize = 100;

    /// A page's size as it was sent.
    pub fn parse_limit(text: &str) -> Result<usize, ApiKeyError> {
        let limit = text.parse().ok().filter(|limit| (1..=Self::MAX_LIMIT).contains(limit));
        limit.ok_or_else(|| ApiKeyError::InvalidPageSize(text.to_owned()))
    }

    /// The order of the list. What lacks the column comes last either way; equal ones follow their ids.
    fn order(&self, a: (&str, &ApiKey), b: (&str, &ApiKey)) -> Ordering {
        let directed = |ordering: Ordering| if self.descending { ordering.reverse() } else { ordering };
        let moments = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => directed(a.cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let by_column = match self.sort_by {
            SortColumn::LastUsedAt => moments(a.1.last_used_ms, b.1.last_used_ms),
            SortColumn::CreatedAt => directed(a.1.created_ms.cmp(&b.1.created_ms)),
            SortColumn::DeletedAt => moments(a.1.deleted_ms, b.1.deleted_ms),
            SortColumn::Name => directed(a.1.name.cmp(&b.1.name)),
        };
        by_column.then_with(|| a.0.cmp(b.0))
    }

    fn fits(&self, id: &str, key: &ApiKey) -> bool {
        let found = self
            .search
            .as_deref()
            .is_none_or(|text| id == text || key.name.to_lowercase().contains(&text.to_lowercase()));
        found && (self.include_deleted || key.deleted_ms.is_none())
    }
}

impl Directory {
    /// One page of an account's keys, with their ids.
    pub fn api_keys(&self, owner: &str, query: &KeyQuery) -> Result<Vec<(&str, &ApiKey)>, ApiKeyError> {
        let own = || self.own_keys(owner);
        let seek = query
            .seek
            .as_deref()
            .map(|id| own().find(|(own, _)| *own == id).ok_or_else(|| ApiKeyError::NotFound(id.to_owned())));
        let seek = seek.transpose()?;
        let mut found: Vec<_> = own().filter(|(id, key)| query.fits(id, key)).collect();
        found.retain(|key| seek.is_none_or(|seek| query.order(*key, seek) == Ordering::Greater));
        found.sort_by(|a, b| query.order(*a, *b));
        found.truncate(query.limit);
        Ok(found)
    }

    /// An account's key that is not deleted.
    pub fn api_key(&self, owner: &str, id: &str) -> Result<&ApiKey, ApiKeyError> {
        let key = self.keys.get(id).filter(|key| key.owner == owner);
        let key = key.ok_or_else(|| ApiKeyError::NotFound(id.to_owned()))?;
        if key.deleted_ms.is_some() { Err(ApiKeyError::Deleted(id.to_owned())) } else { Ok(key) }
    }

    fn own_keys(&self, owner: &str) -> impl Iterator<Item = (&str, &ApiKey)> {
        self.keys.iter().filter(move |(_, key)| key.owner == owner).map(|(id, key)| (id.as_str(), key))
    }

    /// Keys without a date get this one.
    pub(super) fn date_keys(&mut self, now_ms: i64) {
        for key in self.keys.values_mut().filter(|key| key.created_ms == 0) {
            key.created_ms = now_ms;
        }
    }
}

impl Accounts {
    /// Makes a key and returns its id; the secret is in it.
    pub fn create_api_key(
        &self,
        (owner, role): (&str, Role),
        name: Option<&str>,
        ids: &Ids,
        now_ms: i64,
    ) -> Result<(String, ApiKey), ApiKeyError> {
        if role < Role::Viewer {
            return Err(ApiKeyError::InsufficientRights);
        }
        let name = name.filter(|name| !name.trim().is_empty()).ok_or(ApiKeyError::MissingField("keyName"))?;
        let length = name.chars().count();
        if length > MAX_NAME {
            return Err(ApiKeyError::NameTooLong(length));
        }
        let mut directory = self.directory_mut();
        let active = || directory.own_keys(owner).filter(|(_, key)| key.deleted_ms.is_none());
        if active().any(|(_, key)| key.name == name) {
            return Err(ApiKeyError::NameTaken(name.to_owned()));
        }
        if active().count() >= MAX_ACTIVE {
            return Err(ApiKeyError::LimitReached);
        }
        let key = ApiKey {
            created_ms: now_ms,
            ..ApiKey::new(ids.secret::<50>(), owner.to_owned(), name.to_owned())
        };
        let id = ids.secret::<25>();
        directory.keys.insert(id.clone(), key.clone());
        Ok((id, key))
    }

    /// Deletes a key, which stays in the list of deleted ones.
    pub fn delete_api_key(&self, owner: &str, id: &str, now_ms: i64) -> Result<ApiKey, ApiKeyError> {
        let mut directory = self.directory_mut();
        directory.api_key(owner, id)?;
        let mut deleted: Vec<(i64, String)> = directory
            .own_keys(owner)
            .filter_map(|(id, key)| Some((key.deleted_ms?, id.to_owned())))
            .collect();
        if deleted.len() >= MAX_DELETED {
            deleted.sort();
            directory.keys.remove(&deleted[0].1);
        }
        let key = directory.keys.get_mut(id).ok_or_else(|| ApiKeyError::NotFound(id.to_owned()))?;
        key.deleted_ms = Some(now_ms);
        Ok(key.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Leniency, Limits, Tokens};

    #[test]
    fn the_oldest_of_many_deleted_keys_is_forgotten() {
        let ids = Ids::seeded(1);
        let directory = Directory::built_in();
        let tokens = Tokens::new(b"secret", "default");
        let accounts = Accounts::new(directory, Leniency::default(), Limits::default(), tokens, 1);
        let owner = ("viewer@example.com", Role::Viewer);
        let mut made = Vec::new();
        for now_ms in 0..1001 {
            let (id, _) = accounts.create_api_key(owner, Some("again"), &ids, now_ms).unwrap();
            accounts.delete_api_key(owner.0, &id, now_ms).unwrap();
            made.push(id);
        }
        let directory = accounts.directory();
        assert_eq!(directory.own_keys(owner.0).count(), MAX_DELETED);
        assert!(directory.api_key(owner.0, &made[0]) == Err(ApiKeyError::NotFound(made[0].clone())));
        assert!(directory.api_key(owner.0, &made[1]) == Err(ApiKeyError::Deleted(made[1].clone())));
    }
}
