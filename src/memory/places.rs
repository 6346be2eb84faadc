//! Places of reads: how many of them hold memory at a time, whatever their clients do.

use std::sync::Arc;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// A place, given back with this value.
pub type Place = OwnedSemaphorePermit;

/// The places of reads.
///
/// A read runs in a place of its own. When its client takes too little of the answer, it gives the
/// place to another read and stands aside; from there it goes on when the client does, or, with a
/// place for putting answers aside, writes the rest of its answer to a file.
#[derive(Debug)]
pub struct Places {
    running: Arc<Semaphore>,
    aside: Arc<Semaphore>,
    spilling: Arc<Semaphore>,
    inspecting: Arc<Semaphore>,
}

/// So many reads at a time write the answers of clients that take none to files. Few: what they do
/// is not urgent, and others need the processor.
const SPILLING: usize = 2;
/// So many calls of the admin API at a time hold rows of many kinds at once: differences of states, what was
/// written, answers of SQL.
const INSPECTING: usize = 2;

impl Places {
    /// So many reads run, and as many others stand aside.
    pub fn new(count: usize) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            running: places(count),
            aside: places(count),
            spilling: places(SPILLING),
            inspecting: places(INSPECTING),
        }
    }

    /// A place to run; reads that came earlier get theirs earlier.
    pub async fn running(&self) -> Result<Place, AcquireError> {
        Arc::clone(&self.running).acquire_owned().await
    }

    /// A place for a call of the admin API that holds many rows; those that came earlier get theirs earlier.
    pub async fn inspecting(&self) -> Result<Place, AcquireError> {
        Arc::clone(&self.inspecting).acquire_owned().await
    }

    /// A place to stand aside, when there is one.
    pub fn aside(&self) -> Option<Place> {
        Arc::clone(&self.aside).try_acquire_owned().ok()
    }

    /// A place to write an answer to a file that nobody takes.
    pub async fn spilling(&self) -> Result<Place, AcquireError> {
        Arc::clone(&self.spilling).acquire_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[tokio::test]
    async fn no_more_calls_inspect_at_a_time_than_there_are_places() {
        let places = Places::new(1);
        let mut taken = Vec::new();
        for _ in 0..INSPECTING {
            taken.push(places.inspecting().await.unwrap());
        }
        let mut next = pin!(places.inspecting());
        let mut context = Context::from_waker(Waker::noop());
        assert!(next.as_mut().poll(&mut context).is_pending());
        taken.pop();
        assert!(next.as_mut().poll(&mut context).is_ready());
    }
}
