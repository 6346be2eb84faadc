//! Who is calling and what that caller may do.

use crate::soda::{ErrorCode, SodaError};

/// What an account may do (documented roles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
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
    pub const NAMES: [(Self, &str); 5] = [
        (Self::Viewer, "viewer"),
        (Self::Contributor, "contributor"),
        (Self::Editor, "editor"),
        (Self::Publisher, "publisher"),
        (Self::Administrator, "administrator"),
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

    /// Refuses who may not write rows or columns of a dataset with this owner.
    pub fn may_write(&self, owner: Option<&str>) -> Result<(), SodaError> {
        let (name, role) = self.user()?;
        if role >= Role::Editor || (role == Role::Contributor && owner == Some(name)) {
            return Ok(());
        }
        Err(denied(format!("{name} may not write here; an editor, publisher or administrator may.")))
    }

    /// Refuses who may not make datasets.
    pub fn may_create(&self) -> Result<(), SodaError> {
        let (name, role) = self.user()?;
        if role >= Role::Contributor {
            return Ok(());
        }
        Err(denied(format!("{name} is a {} and may not make datasets; a contributor may.", role.name())))
    }

    /// Refuses who may not read a dataset.
    pub fn may_read(&self, public: bool) -> Result<(), SodaError> {
        if public {
            return Ok(());
        }
        self.user()
            .map(|_| ())
            .map_err(|e| e.hint("The dataset is private; send the credentials of any account."))
    }
}

fn denied(hint: String) -> SodaError {
    SodaError::new(ErrorCode::PermissionDenied, "The current user doesn't have access to this view")
        .hint(hint)
}
