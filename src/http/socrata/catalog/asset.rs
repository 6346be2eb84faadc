//! A dataset as the catalogue looks at it.

use crate::access::{Caller, Directory, Provenance, SITE_OWNER, user_id};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::soda::{AccessLevel, Dataset, Permissions, Scope};
use crate::store::Catalogue;
use crate::store::versions::VersionsByNumber;

/// A dataset with what is not in it: its owner's account and the time of its last write.
pub struct Asset<'c> {
    /// The dataset.
    pub dataset: &'c Dataset,
    /// The account that owns it.
    pub owner: &'c str,
    /// The account's 4x4.
    pub owner_id: String,
    /// Whether the site or one of its community owns it.
    pub provenance: Provenance,
    /// When its rows changed last; Unix milliseconds.
    pub data_updated_ms: i64,
}

impl Asset<'_> {
    /// When anything of it changed last; Unix milliseconds.
    pub fn updated_ms(&self) -> i64 {
        self.data_updated_ms.max(self.dataset.metadata_updated_at)
    }
}

/// Whether the caller finds a dataset: everyone what is open, an account also what its role, its
/// ownership or a share lets it see (documented).
fn is_found(caller: &Caller, dataset: &Dataset) -> bool {
    let scope = match dataset.permissions.scope {
        Scope::Public => Scope::Private,
        other => other,
    };
    let permissions = Permissions { scope, shares: dataset.permissions.shares.clone() };
    dataset.is_open()
        || caller.level_with(dataset.owner.as_deref(), &permissions) >= Some(AccessLevel::Viewer)
}

/// The assets that a caller finds, in the order of their ids.
pub fn found<'c>(
    context: &RequestContext,
    (catalogue, versions): (&'c Catalogue, &VersionsByNumber),
    directory: &Directory,
) -> Result<Vec<Asset<'c>>, ApiError> {
    let all = catalogue.all().into_iter().map(|entry| &entry.dataset);
    let found = all.filter(|dataset| is_found(context.caller(), dataset));
    Ok(found
        .filter_map(|dataset| {
            let owner = dataset.owner.as_deref().unwrap_or(SITE_OWNER);
            Some(Asset {
                dataset,
                owner,
                owner_id: user_id(owner),
                provenance: directory.provenance(dataset),
                data_updated_ms: versions.get(&dataset.number)?.rows_updated_at,
            })
        })
        .collect())
}
