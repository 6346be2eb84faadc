//! Who owns a dataset, who sees it, with whom it is shared.

use super::StoreError;
use super::tx::WriteTx;
use super::versions::gone;
use crate::soda::{Dataset, Permissions, Scope, SodaError};
use rusqlite::{OptionalExtension as _, params};

/// A dataset's owner and permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The name of the account; none for datasets of a seed.
    pub owner: Option<String>,
    /// Who sees it, with whom it is shared.
    pub permissions: Permissions,
}

/// Changes them as of this transaction, not as of when the request looked at the dataset. `now` in
/// Unix milliseconds. 404 when the dataset has gone, 409 when another has
/// its id; what `change` refuses.
pub fn change(
    tx: &WriteTx<'_>,
    dataset: &Dataset,
    now: i64,
    change: impl FnOnce(&mut Ownership) -> Result<(), SodaError>,
) -> Result<(), StoreError> {
    let sql = "SELECT owner, scope, shares FROM datasets WHERE number=?1";
    let found = tx.query_row(sql, [dataset.number], |row| {
        let (scope, shares): (String, String) = (row.get(1)?, row.get(2)?);
        Ok(Ownership { owner: row.get(0)?, permissions: of_columns(&scope, &shares) })
    });
    let mut ownership = found.optional()?.ok_or_else(|| gone(tx, dataset))?;
    change(&mut ownership)?;
    tx.execute(
        "UPDATE datasets SET owner=?2, scope=?3, shares=?4, metadata_updated_at=?5 WHERE number=?1",
        params![
            dataset.number,
            ownership.owner,
            ownership.permissions.scope.name(),
            shares(&ownership.permissions),
            now
        ],
    )?;
    Ok(())
}

/// The columns `scope` and `shares`; what cannot be read gives nobody anything.
pub(super) fn of_columns(scope: &str, shares: &str) -> Permissions {
    Permissions {
        scope: Scope::parse(scope).unwrap_or_default(),
        shares: serde_json::from_str(shares).unwrap_or_default(),
    }
}

/// The column `shares`.
pub(super) fn shares(permissions: &Permissions) -> String {
    serde_json::to_string(&permissions.shares).unwrap_or_else(|_| "[]".to_owned())
}
