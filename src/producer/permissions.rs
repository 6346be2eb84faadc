//! Permissions: who sees a dataset, who owns it, with whom it is shared.

use crate::access::{Caller, SITE_OWNER, denied};
use crate::soda::{AccessLevel, Dataset, Scope, Share, SodaError};
use crate::store::permissions::{Ownership, change};
use crate::store::{StoreError, WriteTx, catalogue};

/// What is to change; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct PermissionChange {
    /// Who sees the dataset.
    pub scope: Option<Scope>,
    /// Who owns it, and with whom it is shared, instead of those before.
    pub users: Option<Users>,
}

/// The users of a dataset.
#[derive(Clone, Debug)]
pub struct Users {
    /// The name of the account that owns it.
    pub owner: String,
    /// The others.
    pub shares: Vec<Share>,
}

/// Changes permissions for a caller whose rights are looked at inside the transaction, and gives the dataset as it
/// is stored then. 403 for who does not own the dataset, and for who gives it to another owner without being its
/// owner, an editor, publisher or administrator; 404 or 409 when `seen` was removed or replaced since the caller
/// looked at it.
pub fn change_permissions(
    tx: &WriteTx<'_>,
    seen: &Dataset,
    caller: &Caller,
    wanted: PermissionChange,
    now_ms: i64,
) -> Result<Dataset, StoreError> {
    change(tx, seen, now_ms, |ownership| apply(ownership, caller, wanted))?;
    catalogue::current(tx, seen)
}

fn apply(ownership: &mut Ownership, caller: &Caller, wanted: PermissionChange) -> Result<(), SodaError> {
    let held = caller.level_with(ownership.owner.as_deref(), &ownership.permissions);
    if held < Some(AccessLevel::Owner) {
        return Err(denied(
            "The dataset is no longer shared with you so that you may change its permissions.",
        ));
    }
    if let Some(scope) = wanted.scope {
        ownership.permissions.scope = scope;
    }
    let Some(users) = wanted.users else { return Ok(()) };
    let owner = ownership.owner.as_deref().unwrap_or(SITE_OWNER);
    if !owner.eq_ignore_ascii_case(&users.owner) {
        if held < Some(AccessLevel::CurrentOwner) {
            return Err(denied(&format!(
                "Only its owner {owner}, an editor, publisher or administrator may give the dataset to another owner."
            )));
        }
        ownership.owner = Some(users.owner);
    }
    ownership.permissions.shares = users.shares;
    Ok(())
}
