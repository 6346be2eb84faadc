//! Who is calling.

use crate::soda::{ErrorCode, SodaError};

/// What an account may do (documented roles; the name of the first is ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// No role on the site: reads what is public or shared with the account.
    Community,
    /// Reads.
    Viewer,
    /// Writes datasets of its own.
    Contributor,
    /// Writes rows.
    Editor,
    /// Writes and publishes.
    Publisher,
    /// Everything.
    Administrator,
}

impl Role {
    /// All roles with their names.
    pub const NAMES: [(Self, &str); 6] = [
        (Self::Viewer, "viewer"),
        (Self::Contributor, "contributor"),
        (Self::Editor, "editor"),
        (Self::Publisher, "publisher"),
        (Self::Administrator, "administrator"),
        (Self::Community, "community"),
    ];

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, n)| *n == name).map(|(role, _)| *role)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(role, _)| *role == self).map_or("", |(_, n)| n)
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

impl Caller {
    /// The account's name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::User { name, .. } => Some(name),
        }
    }

    /// The account, or the refusal of someone who has none.
    pub fn user(&self) -> Result<(&str, Role), SodaError> {
        match self {
            Self::User { name, role } => Ok((name, *role)),
            Self::Anonymous => Err(SodaError::new(
                ErrorCode::AuthenticationRequired,
                "You must be logged in to access this resource",
            )
            .hint("Send Authorization: Basic with publisher@example.com / publisher.")),
        }
    }
}
