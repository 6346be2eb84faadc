//! What faults change inside a request that is executed.

use crate::store::HeldRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What faults change inside a request that is executed.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    /// The upload ends after so many rows.
    pub row_limit: Option<RowLimit>,
    /// Reads see this in place of what is stored.
    pub stale: Option<Arc<HeldRead>>,
}

/// A number of rows after which an upload ends; clones share whether it was reached.
#[derive(Clone, Debug)]
pub struct RowLimit {
    rows: u64,
    reached: Arc<AtomicBool>,
}

impl RowLimit {
    /// A limit of so many rows.
    pub fn new(rows: u64) -> Self {
        Self { rows, reached: Arc::default() }
    }

    /// Takes the number of rows that were read so far; whether to stop.
    pub fn is_reached_by(&self, rows: u64) -> bool {
        let reached = rows >= self.rows;
        if reached {
            self.reached.store(true, Ordering::Release);
        }
        reached
    }

    /// Whether an upload has stopped here.
    pub fn was_reached(&self) -> bool {
        self.reached.load(Ordering::Acquire)
    }
}
