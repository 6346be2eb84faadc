//! Who sees a dataset and with whom it is shared (documented: the permissions API).

use serde::{Deserialize, Serialize};

/// Who sees a dataset without a share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Its owner, and whom it is shared with.
    #[default]
    Private,
    /// The members of the site too.
    Site,
    /// Everyone.
    Public,
}

impl Scope {
    /// The name in metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Site => "site",
            Self::Public => "public",
        }
    }

    /// The scope with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Private, Self::Site, Self::Public].into_iter().find(|scope| scope.name() == name)
    }
}

/// What someone may do with a dataset; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Sees it, its drafts included.
    Viewer,
    /// Adds, changes and removes rows too, but not columns.
    Contributor,
    /// Does everything but delete it or give it to another owner ("co-owner").
    Owner,
    /// Does everything.
    CurrentOwner,
}

impl AccessLevel {
    /// All levels with their names.
    pub const NAMES: [(Self, &str); 4] = [
        (Self::Viewer, "viewer"),
        (Self::Contributor, "contributor"),
        (Self::Owner, "owner"),
        (Self::CurrentOwner, "current_owner"),
    ];

    /// The name in the permissions API.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }

    /// The level with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(level, _)| *level)
    }

    /// The names of what may be done, as views list them (recorded for the owner).
    pub fn rights(self) -> &'static [&'static str] {
        const ALL: [&str; 10] = [
            "read",
            "write",
            "add",
            "delete",
            "grant",
            "add_column",
            "remove_column",
            "update_column",
            "update_view",
            "delete_view",
        ];
        match self {
            Self::Viewer => &ALL[..1],
            Self::Contributor => &ALL[..4],
            Self::Owner => &ALL[..9],
            Self::CurrentOwner => &ALL,
        }
    }
}

/// Someone with whom a dataset is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The name of the account, or an e-mail address that has none yet.
    pub user: String,
    /// What that account may do.
    pub level: AccessLevel,
}

/// Who sees a dataset and with whom it is shared. Its owner is told beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Who sees it.
    pub scope: Scope,
    /// With whom it is shared, in the order in which they were named.
    pub shares: Vec<Share>,
}

impl Permissions {
    /// With whom a dataset may be shared at most.
    pub const MAX_SHARES: usize = 1000;

    /// Seen by everyone or by nobody else.
    pub fn of_public(public: bool) -> Self {
        Self { scope: if public { Scope::Public } else { Scope::Private }, shares: Vec::new() }
    }

    /// Whether everyone sees it.
    pub fn is_public(&self) -> bool {
        self.scope == Scope::Public
    }

    /// What an account was given by a share. E-mail addresses compare without case.
    pub fn level_of(&self, user: &str) -> Option<AccessLevel> {
        self.shares.iter().find(|share| share.user.eq_ignore_ascii_case(user)).map(|share| share.level)
    }
}
