//! One isolated world: data, clock, ids, accounts.

use crate::access::Accounts;
use crate::clock::MockClock;
use crate::ids::Ids;
use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;

/// What a space starts with.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The demo dataset.
    pub demo: bool,
}

/// One isolated world.
pub struct Space {
    /// Its name; the first one is `default`.
    pub name: String,
    /// Its data.
    pub store: Arc<Store>,
    /// Its time.
    pub clock: MockClock,
    /// Its ids.
    pub ids: Ids,
    /// Its accounts.
    pub accounts: Accounts,
    /// What it starts with.
    pub seeds: Seeds,
}
