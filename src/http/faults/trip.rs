//! What faults change inside a request that is executed.

use crate::store::Frozen;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What faults change inside; carried in a request's extensions.
#[derive(Clone, Debug, Default)]
pub struct Tampering {
    /// The upload ends after so many rows.
    pub trip: Option<Trip>,
    /// Reads see this in place of what is stored.
    pub stale: Option<Arc<Frozen>>,
}

impl Tampering {
    /// That of a request.
    pub fn of(extensions: &http::Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

/// A wire that an upload trips over; clones share it.
#[derive(Clone, Debug)]
pub struct Trip(Arc<TripState>);

#[derive(Debug)]
struct TripState {
    after_rows: u64,
    tripped: AtomicBool,
}

impl Trip {
    /// Lies after so many rows.
    pub fn after(after_rows: u64) -> Self {
        Self(Arc::new(TripState { after_rows, tripped: AtomicBool::new(false) }))
    }

    /// Tells that so many rows were read, and whether to stop.
    pub fn read(&self, rows: u64) -> bool {
        let reached = rows >= self.0.after_rows;
        if reached {
            self.0.tripped.store(true, Ordering::Release);
        }
        reached
    }

    /// Whether an upload stopped.
    pub fn tripped(&self) -> bool {
        self.0.tripped.load(Ordering::Acquire)
    }
}
