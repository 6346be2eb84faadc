//! Whether the data that a request was meant for is still there when it comes to write.

use super::StoreError;
use crate::soda::{ErrorCode, SodaError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often all data of a store was exchanged.
#[derive(Clone, Debug, Default)]
pub(super) struct Generations(Arc<AtomicU64>);

impl Generations {
    pub(super) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Called on the writer thread, when the new data can be seen.
    pub(super) fn next(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    pub(super) fn since(&self, seen: u64) -> Generation {
        Generation { seen, all: self.clone() }
    }
}

/// The data as a request found it.
#[derive(Clone, Debug)]
pub struct Generation {
    seen: u64,
    all: Generations,
}

impl Generation {
    /// To be asked on the writer thread, where nobody exchanges data in between. `Refused` with 409
    /// when that has happened since the request came.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.all.now() == self.seen {
            return Ok(());
        }
        Err(SodaError::new(
            ErrorCode::SchemaOutOfSync,
            "The data was reset or restored while the request was under way",
        )
        .hint("Nothing was stored. Send the request again; it will meet the data that is there now.")
        .into())
    }
}
