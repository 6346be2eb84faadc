//! What every handler is given.

use crate::clock::Clock;
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
    /// Types as in the back end's source.
    pub strict_types: bool,
    /// Bytes of a whole body.
    pub max_body: u64,
    /// Bytes of one row.
    pub max_row: usize,
}

/// One isolated world: data, clock, ids, accounts.
#[derive(Clone)]
pub struct Space {
    /// Its name; the first one is `default`.
    pub name: Arc<str>,
    /// Its data.
    pub store: Arc<Store>,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Its ids.
    pub ids: Arc<Ids>,
}
