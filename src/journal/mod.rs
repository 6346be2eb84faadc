//! The journal of a space: every request in order, with its answer and what became of each row.
//!
//! An entry is recorded before the head of its answer leaves, and completed when the last byte of
//! the answer was handed over. The journal is bounded by count and by bytes; it counts what it
//! drops. Credentials never get into it: `mask` is applied when an entry is made.

mod body;
mod capture;
pub mod compare;
pub mod difference;
mod entry;
mod expectation;
mod fold;
pub mod har;
mod hash_comparison;
pub mod mask;
mod matcher;
mod ring;
mod row_outcomes;
mod script;
mod search;
mod sent;
mod show;
mod verify;

pub use crate::api::{FaultApplied, RowCounts};
pub use body::unzipped;
pub use capture::{Capture, Captured};
pub use entry::{Client, End, Ending, Entry, Headers};
pub use expectation::{Expectation, ExpectedColumn, as_stored};
pub use fold::{Line, newest_lines};
pub use hash_comparison::HashComparison;
pub use matcher::{MatchOutcome, Matcher};
pub use ring::{Event, News, Sizes, Snapshot};
pub use row_outcomes::RowOutcomes;
pub use sent::{Sent, sent_rows};
pub use verify::{Bound, Finding, MAX_WAIT_MS, Times, Verification, VerifyRequest};

use crate::memory::{Keeper, Memory};
use ring::Ring;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Bounds of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Entries that are kept; 0 turns the journal off.
    pub entries: usize,
    /// Bytes that all entries take together.
    pub bytes: usize,
    /// Bytes that are kept of each body.
    pub body: usize,
    /// Row errors, and other rows, whose outcome is kept for each request.
    pub outcomes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { entries: 10_000, bytes: 32 << 20, body: 64 << 10, outcomes: 1000 }
    }
}

impl Settings {
    /// Whether requests are recorded at all.
    pub fn is_on(&self) -> bool {
        self.entries > 0
    }

    /// Outcomes to keep of an upload; none when nothing is recorded.
    pub fn outcomes(&self) -> usize {
        if self.is_on() { self.outcomes } else { 0 }
    }
}

/// The journal of one space.
#[derive(Debug)]
pub struct Journal {
    kept: Arc<Kept>,
    memory: Arc<Memory>,
    news: Notify,
}

/// The entries, as the memory for records knows them.
#[derive(Debug)]
struct Kept(Mutex<Ring>);

impl Kept {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for Kept {
    fn bytes(&self) -> u64 {
        self.ring().sizes().bytes as u64
    }

    fn drop_oldest(&self, bytes: u64) -> bool {
        self.ring().drop_oldest(usize::try_from(bytes).unwrap_or(usize::MAX))
    }
}

impl Journal {
    /// An empty one, which takes part in the memory for records.
    pub fn new(memory: &Arc<Memory>) -> Self {
        let kept = Arc::new(Kept(Mutex::new(Ring::new(memory.records.holder()))));
        let keeper: Weak<Kept> = Arc::downgrade(&kept);
        memory.records.join(keeper);
        Self { kept, memory: Arc::clone(memory), news: Notify::default() }
    }

    /// Adds an entry, which may have its end already, and gives it its number.
    pub fn record(&self, entry: Entry, settings: &Settings) -> Arc<Entry> {
        let entry = self.ring().record(entry, settings);
        self.settle();
        self.news.notify_waiters();
        entry
    }

    /// The answer of an entry has ended; what comes after the first end is ignored.
    pub fn complete(&self, entry: &Entry, end: End, settings: &Settings) {
        if entry.end(end) {
            self.ring().completed(entry, settings);
            self.settle();
            self.news.notify_waiters();
        }
    }

    /// All entries, oldest first, with what was dropped.
    pub fn snapshot(&self) -> Snapshot {
        self.ring().snapshot()
    }

    /// How much there is.
    pub fn sizes(&self) -> Sizes {
        self.ring().sizes()
    }

    /// The number of the newest event.
    pub fn last_event(&self) -> u64 {
        self.ring().last_event()
    }

    pub fn find(&self, id: u64) -> Option<Arc<Entry>> {
        self.ring().find(id)
    }

    pub fn remove(&self, id: u64) -> bool {
        self.ring().remove(id)
    }

    /// Removes all entries; numbers go on. How many there were.
    pub fn forget(&self) -> usize {
        let count = self.ring().forget();
        self.news.notify_waiters();
        count
    }

    /// As new: no entries, and the next one is number 1. How many there were.
    pub fn reset(&self) -> usize {
        let count = self.ring().reset();
        self.news.notify_waiters();
        count
    }

    /// What happened after the event with this number, oldest first, at most `limit`.
    pub fn news_after(&self, after: u64, limit: usize) -> News {
        self.ring().news_after(after, limit)
    }

    /// Resolves at the next change. Made before looking, so that no change is missed.
    pub fn changed(&self) -> Notified<'_> {
        self.news.notified()
    }

    /// Has room for all entries, or the largest journal or history of the process drops its oldest.
    fn settle(&self) {
        self.memory.records.settle(|| self.ring().settle());
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.kept.ring()
    }
}
