//! What a caller may do with a dataset: the most that the site's role, the ownership, a share or the
//! dataset's scope gives.
//!
//! Documented: a share gives its level whatever the role is; a viewer of the site sees its private
//! datasets. Ours: editors, publishers and administrators do everything with every dataset.

use super::{Caller, Role, SITE_OWNER};
use crate::soda::{AccessLevel, Dataset, ErrorCode, Permissions, Scope, SodaError};

impl Caller {
    /// What the caller may do with a dataset.
    pub fn level(&self, dataset: &Dataset) -> Option<AccessLevel> {
        self.level_with(dataset.owner.as_deref(), &dataset.permissions)
    }

    /// The same for a dataset with this owner and these permissions.
    pub fn level_with(&self, owner: Option<&str>, permissions: &Permissions) -> Option<AccessLevel> {
        let public = permissions.is_public().then_some(AccessLevel::Viewer);
        let Self::User { name, role } = self else { return public };
        let by_role = match role {
            Role::Community => None,
            Role::Viewer | Role::Contributor => Some(AccessLevel::Viewer),
            Role::Editor | Role::Publisher | Role::Administrator => Some(AccessLevel::CurrentOwner),
        };
        let on_site = permissions.scope == Scope::Site && *role >= Role::Viewer;
        let by_scope = if on_site { Some(AccessLevel::Viewer) } else { public };
        let owns = owner.unwrap_or(SITE_OWNER).eq_ignore_ascii_case(name);
        let as_owner = owns.then_some(AccessLevel::CurrentOwner);
        by_role.max(by_scope).max(as_owner).max(permissions.level_of(name))
    }

    /// Refuses who may not read a dataset.
    pub fn may_read(&self, dataset: &Dataset) -> Result<(), SodaError> {
        self.needs(AccessLevel::Viewer, dataset)
    }

    /// Refuses who may not add, change and remove rows.
    pub fn may_write_rows(&self, dataset: &Dataset) -> Result<(), SodaError> {
        self.needs(AccessLevel::Contributor, dataset)
    }

    /// Refuses who may not change columns, metadata, stage and permissions.
    pub fn may_change(&self, dataset: &Dataset) -> Result<(), SodaError> {
        self.needs(AccessLevel::Owner, dataset)
    }

    /// Refuses who may not delete a dataset or give it to another owner.
    pub fn may_delete(&self, dataset: &Dataset) -> Result<(), SodaError> {
        self.needs(AccessLevel::CurrentOwner, dataset)
    }

    fn needs(&self, needed: AccessLevel, dataset: &Dataset) -> Result<(), SodaError> {
        let level = self.level(dataset);
        if level >= Some(needed) {
            return Ok(());
        }
        let (name, role) = match self.user() {
            Ok(user) => user,
            Err(error) if needed == AccessLevel::Viewer => {
                return Err(error
                    .hint("The dataset is private; send the credentials of an account that may read it."));
            }
            Err(error) => return Err(error),
        };
        Err(denied(&format!(
            "{name} is {} here, and this needs {}: share the dataset with PUT /api/views/{}/permissions, or send the credentials of its owner, an editor, publisher or administrator.",
            level
                .map_or_else(|| format!("a {} without access", role.name()), |level| level.name().to_owned()),
            needed.name(),
            dataset.id
        )))
    }

    /// Refuses who may not make datasets.
    pub fn may_create(&self) -> Result<(), SodaError> {
        let (name, role) = self.user()?;
        if role >= Role::Contributor {
            return Ok(());
        }
        Err(denied(&format!("{name} is a {} and may not make datasets; a contributor may.", role.name())))
    }
}

/// The refusal of an account that lacks a right.
pub fn denied(hint: &str) -> SodaError {
    SodaError::new(ErrorCode::PermissionDenied, "The current user doesn't have access to this view")
        .hint(hint)
}

/// For whom rows are read.
#[derive(Clone, Debug)]
pub enum Reader {
    /// The admin API and the command line, which see every dataset.
    Unrestricted,
    /// A client, who sees what its account may read.
    Caller(Caller),
}

impl Reader {
    /// Whether a dataset may be read.
    pub fn may_read(&self, dataset: &Dataset) -> bool {
        match self {
            Self::Unrestricted => true,
            Self::Caller(caller) => caller.may_read(dataset).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soda::Share;

    #[test]
    fn the_most_that_role_ownership_share_or_scope_gives_counts() {
        use AccessLevel as L;
        let user = |role| Caller::User { name: "me@example.com".to_owned(), role };
        let shared = |level| vec![Share { user: "Me@Example.com".to_owned(), level }];
        for (caller, scope, owner, shares, expected) in [
            (Caller::Anonymous, Scope::Private, "", vec![], None),
            (Caller::Anonymous, Scope::Site, "", vec![], None),
            (Caller::Anonymous, Scope::Public, "", vec![], Some(L::Viewer)),
            (user(Role::Community), Scope::Private, "", vec![], None),
            (user(Role::Community), Scope::Site, "", vec![], None),
            (user(Role::Community), Scope::Public, "", vec![], Some(L::Viewer)),
            (user(Role::Community), Scope::Private, "", shared(L::Viewer), Some(L::Viewer)),
            (user(Role::Community), Scope::Private, "", shared(L::Contributor), Some(L::Contributor)),
            (user(Role::Community), Scope::Private, "me@example.com", vec![], Some(L::CurrentOwner)),
            (user(Role::Viewer), Scope::Private, "", vec![], Some(L::Viewer)),
            (user(Role::Viewer), Scope::Private, "", shared(L::Owner), Some(L::Owner)),
            (user(Role::Contributor), Scope::Private, "", vec![], Some(L::Viewer)),
            (user(Role::Contributor), Scope::Public, "me@example.com", vec![], Some(L::CurrentOwner)),
            (user(Role::Editor), Scope::Private, "", shared(L::Viewer), Some(L::CurrentOwner)),
        ] {
            let told = format!("{caller:?} {scope:?} {owner} {shares:?}");
            let owner = Some(owner).filter(|owner| !owner.is_empty());
            let permissions = Permissions { scope, shares };
            assert_eq!(caller.level_with(owner.or(Some("other")), &permissions), expected, "{told}");
        }
    }
}
