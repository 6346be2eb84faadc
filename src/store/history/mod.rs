//! What each write did: kept in memory with the data it tells of, so that a store's history ends
//! with the store.

mod before;
mod watch;

pub use before::{Gap, present, rows_at};
pub use watch::{Recording, RowChange, StoredRow, Watch};

use super::Entry;
use crate::memory::{Held, Keeper, Memory};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// So many bytes are kept of all writes together.
const BYTES: usize = 16 << 20;
/// So many writes are kept.
const WRITES: usize = 10_000;

/// The request behind a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// `X-Socrata-RequestId`.
    pub request_id: Arc<str>,
    /// `upsert`, `replace`, `row.delete` and so on.
    pub operation: &'static str,
}

/// One write to one dataset.
#[derive(Clone, Debug)]
pub struct Write {
    /// The dataset as it was then.
    pub entry: Arc<Entry>,
    /// The data version that the write made.
    pub version: i64,
    /// Who asked for it.
    pub author: Author,
    /// Unix milliseconds.
    pub at: i64,
    /// Fields that were not sent kept their values.
    pub merge: bool,
    /// Rows created, updated, deleted.
    pub counts: [u64; 3],
    /// The dataset was emptied first, and had so many rows.
    pub emptied: Option<u64>,
    /// The first rows.
    pub recording: Recording,
}

impl Write {
    /// Row changes, recorded or not; those of emptying apart.
    pub fn changes(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.author.request_id.len() + self.recording.weight()
    }
}

/// What is no longer kept of a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Writes.
    pub writes: u64,
    /// Row changes.
    pub changes: u64,
    /// The newest version among them.
    pub through: i64,
}

/// The writes of one store, oldest first.
#[derive(Debug)]
pub struct History {
    ring: Mutex<Ring>,
    memory: Arc<Memory>,
}

#[derive(Debug)]
struct Ring {
    writes: VecDeque<Arc<Write>>,
    bytes: usize,
    /// The memory that the writes have.
    held: Held,
    /// By the dataset's number.
    dropped: HashMap<i64, Dropped>,
}

impl Ring {
    /// Forgets the oldest write; false when there is none.
    fn drop_one(&mut self) -> bool {
        let Some(old) = self.writes.pop_front() else { return false };
        self.bytes -= old.weight();
        let dropped = self.dropped.entry(old.entry.dataset.number).or_default();
        dropped.writes += 1;
        dropped.changes += old.changes();
        dropped.through = old.version;
        true
    }

    /// Whether the writes have the memory that they take.
    fn settle(&mut self) -> bool {
        self.held.shrink_to(self.bytes);
        self.held.grow_to(self.bytes)
    }
}

impl Keeper for History {
    fn bytes(&self) -> u64 {
        self.ring().bytes as u64
    }

    fn drop_oldest(&self, bytes: u64) -> bool {
        let mut ring = self.ring();
        let goal = (ring.bytes as u64).saturating_sub(bytes);
        let mut dropped = false;
        while ring.bytes as u64 > goal && ring.writes.len() > 1 {
            dropped |= ring.drop_one();
        }
        ring.settle();
        dropped
    }
}

impl History {
    /// An empty one, which takes part in the memory for records.
    pub fn new(memory: &Arc<Memory>) -> Arc<Self> {
        let held = memory.records.holder();
        let ring = Ring { writes: VecDeque::new(), bytes: 0, held, dropped: HashMap::new() };
        let history = Arc::new(Self { ring: Mutex::new(ring), memory: Arc::clone(memory) });
        let keeper: Weak<Self> = Arc::downgrade(&history);
        memory.records.join(keeper);
        history
    }

    /// Adds a write; the oldest ones go when there are too many.
    pub fn record(&self, write: Write) {
        {
            let mut ring = self.ring();
            ring.bytes += write.weight();
            ring.writes.push_back(Arc::new(write));
            while ring.bytes > BYTES || ring.writes.len() > WRITES {
                ring.drop_one();
            }
        }
        self.memory.records.settle(|| self.ring().settle());
    }

    /// The writes to the dataset with this number, and what was dropped of it.
    pub fn of(&self, number: i64) -> (Vec<Arc<Write>>, Dropped) {
        let ring = self.ring();
        let own = ring.writes.iter().filter(|write| write.entry.dataset.number == number);
        (own.cloned().collect(), ring.dropped.get(&number).copied().unwrap_or_default())
    }

    /// How many writes are kept.
    pub fn len(&self) -> u64 {
        self.ring().writes.len() as u64
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut ring = self.ring();
        ring.writes.clear();
        ring.dropped.clear();
        ring.bytes = 0;
        ring.settle();
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
