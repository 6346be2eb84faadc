//! What every handler is given.

use crate::access::Accounts;
use crate::clock::MockClock;
use crate::ids::Ids;
use crate::store::Store;
use std::sync::Arc;

/// Decisions that hold for the whole process.
#[derive(Clone, Debug)]
pub struct Options {
    /// Six keys in the answer to an upload, or the four of today.
    pub six_keys: bool,
    /// A single object is answered with counts.
    pub single_object_report: bool,
    /// What production documents, even where it hurts.
    pub strict: bool,
    /// Bytes of a whole body.
    pub max_body: u64,
    /// Bytes of one row.
    pub max_row: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            six_keys: true,
            single_object_report: false,
            strict: false,
            max_body: 2 << 30,
            max_row: crate::codec::MAX_ROW,
        }
    }
}

/// One isolated world: data, clock, ids, accounts.
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

/// The state of the router.
#[derive(Clone)]
pub struct AppState {
    /// The default space.
    pub space: Arc<Space>,
    /// Decisions for all spaces.
    pub options: Arc<Options>,
}
