//! Users and application tokens that lead to a space.

use std::collections::HashMap;

/// What leads to one space beside its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoundTo {
    pub users: Vec<String>,
    pub app_tokens: Vec<String>,
}

/// A user or token leads to another space already.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is bound to space {space} already; one user or app token leads to one space only")]
pub struct BoundElsewhere {
    /// The user or token.
    pub what: String,
    /// Where it leads.
    pub space: String,
}

/// Where users and tokens lead.
#[derive(Debug, Default)]
pub struct Bindings {
    users: HashMap<String, String>,
    app_tokens: HashMap<String, String>,
}

impl Bindings {
    /// Binds all or none.
    pub(super) fn add(&mut self, space: &str, bind: &BoundTo) -> Result<(), BoundElsewhere> {
        let taken = |what: String, space: &str| BoundElsewhere { what, space: space.to_owned() };
        for user in &bind.users {
            if let Some(other) = self.users.get(user) {
                return Err(taken(format!("user {user}"), other));
            }
        }
        for token in &bind.app_tokens {
            if let Some(other) = self.app_tokens.get(token) {
                return Err(taken("one of the app tokens".to_owned(), other));
            }
        }
        self.users.extend(bind.users.iter().map(|user| (user.clone(), space.to_owned())));
        self.app_tokens.extend(bind.app_tokens.iter().map(|token| (token.clone(), space.to_owned())));
        Ok(())
    }

    pub(super) fn remove(&mut self, space: &str) {
        self.users.retain(|_, s| s != space);
        self.app_tokens.retain(|_, s| s != space);
    }

    pub(super) fn of(&self, space: &str) -> BoundTo {
        let of = |map: &HashMap<String, String>| {
            let mut names: Vec<String> =
                map.iter().filter(|(_, s)| *s == space).map(|(n, _)| n.clone()).collect();
            names.sort();
            names
        };
        BoundTo { users: of(&self.users), app_tokens: of(&self.app_tokens) }
    }

    pub(super) fn user(&self, name: &str) -> Option<&str> {
        self.users.get(name).map(String::as_str)
    }

    pub(super) fn app_token(&self, token: &str) -> Option<&str> {
        self.app_tokens.get(token).map(String::as_str)
    }

    pub(super) fn users(&self) -> impl Iterator<Item = (&str, &str)> {
        self.users.iter().map(|(user, space)| (user.as_str(), space.as_str()))
    }

    pub(super) fn has_app_tokens(&self) -> bool {
        !self.app_tokens.is_empty()
    }
}
