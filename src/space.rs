//! One isolated world: data, clock, ids, accounts.

use crate::access::Accounts;
use crate::clock::MockClock;
use crate::ids::Ids;
use crate::store::Store;
use std::sync::Arc;

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
}
