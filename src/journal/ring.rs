//! The bounded list of entries, and what happened in which order.

use super::{Entry, Settings};
use crate::memory::Held;
use std::collections::VecDeque;
use std::sync::Arc;

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request was answered to its end.
    Request(Arc<Entry>),
    /// The entries went away: all of the space's state, or the journal alone.
    Reset,
}

/// Events after some point.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Events with their numbers.
    pub events: Vec<(u64, Event)>,
    /// Events that are no longer kept.
    pub missed: u64,
    /// The number of the newest event.
    pub last: u64,
}

/// The entries at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// How many were dropped.
    pub dropped: u64,
    /// The newest number that was dropped.
    pub dropped_through: u64,
    /// The newest number that was given.
    pub last: u64,
}

/// How much a journal holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Entries.
    pub entries: usize,
    /// Bytes, about.
    pub bytes: usize,
    /// How many were dropped.
    pub dropped: u64,
}

#[derive(Debug)]
enum Kept {
    Request(u64),
    Reset,
}

#[derive(Debug)]
pub(super) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// The memory that the entries have.
    held: Held,
    last: u64,
    dropped: u64,
    dropped_through: u64,
    /// What happened, by the number of the entry: an event keeps no entry alive.
    events: VecDeque<(u64, Kept)>,
    last_event: u64,
}

impl Ring {
    pub(super) fn new(held: Held) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            held,
            last: 0,
            dropped: 0,
            dropped_through: 0,
            events: VecDeque::new(),
            last_event: 0,
        }
    }

    /// Whether the entries have the memory that they take.
    pub(super) fn settle(&mut self) -> bool {
        self.held.shrink_to(self.bytes);
        self.held.grow_to(self.bytes)
    }

    /// Drops so many bytes of the oldest entries, but not the newest one; whether any was dropped.
    pub(super) fn drop_oldest(&mut self, bytes: usize) -> bool {
        let (goal, before) = (self.bytes.saturating_sub(bytes), self.dropped);
        while self.bytes > goal && self.entries.len() > 1 {
            self.drop_one();
        }
        self.settle();
        self.dropped > before
    }

    fn drop_one(&mut self) {
        let Some(oldest) = self.entries.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(oldest.weight() + oldest.end_weight());
        self.dropped += 1;
        self.dropped_through = oldest.id;
    }

    pub(super) fn record(&mut self, mut entry: Entry, settings: &Settings) -> Arc<Entry> {
        self.last += 1;
        entry.id = self.last;
        self.bytes += entry.weight() + entry.end_weight();
        let entry = Arc::new(entry);
        self.entries.push_back(Arc::clone(&entry));
        if entry.ended().is_some() {
            self.tell(Kept::Request(entry.id), settings);
        }
        self.bound(settings);
        entry
    }

    pub(super) fn completed(&mut self, entry: &Entry, settings: &Settings) {
        // A reset in between has taken it out.
        let kept = self.position(entry.id).is_some_and(|at| std::ptr::eq(&*self.entries[at], entry));
        if kept {
            self.bytes += entry.end_weight();
            self.tell(Kept::Request(entry.id), settings);
            self.bound(settings);
        }
    }

    fn tell(&mut self, event: Kept, settings: &Settings) {
        self.last_event += 1;
        self.events.push_back((self.last_event, event));
        while self.events.len() > settings.entries.max(1) {
            self.events.pop_front();
        }
    }

    /// Drops the oldest until the bounds hold; the newest entry stays whatever its size.
    fn bound(&mut self, settings: &Settings) {
        while self.entries.len() > 1 && (self.entries.len() > settings.entries || self.bytes > settings.bytes)
        {
            self.drop_one();
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            entries: self.entries.iter().cloned().collect(),
            dropped: self.dropped,
            dropped_through: self.dropped_through,
            last: self.last,
        }
    }

    pub(super) fn sizes(&self) -> Sizes {
        Sizes { entries: self.entries.len(), bytes: self.bytes, dropped: self.dropped }
    }

    pub(super) fn last_event(&self) -> u64 {
        self.last_event
    }

    fn position(&self, id: u64) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    pub(super) fn find(&self, id: u64) -> Option<Arc<Entry>> {
        self.position(id).map(|at| Arc::clone(&self.entries[at]))
    }

    pub(super) fn remove(&mut self, id: u64) -> bool {
        let removed = self.position(id).and_then(|at| self.entries.remove(at));
        if let Some(entry) = &removed {
            self.bytes = self.bytes.saturating_sub(entry.weight() + entry.end_weight());
            self.settle();
        }
        removed.is_some()
    }

    pub(super) fn forget(&mut self) -> usize {
        let count = self.entries.len();
        self.entries.clear();
        self.events.clear();
        (self.bytes, self.dropped, self.dropped_through) = (0, 0, 0);
        self.settle();
        self.tell(Kept::Reset, &Settings::default());
        count
    }

    pub(super) fn reset(&mut self) -> usize {
        let count = self.forget();
        self.last = 0;
        count
    }

    pub(super) fn news_after(&self, after: u64, limit: usize) -> News {
        let first = self.events.front().map_or(self.last_event + 1, |(number, _)| *number);
        // A number from another life of the process is none of ours: start from now.
        let after = if after > self.last_event { self.last_event } else { after };
        let mut missed = first.saturating_sub(after + 1);
        let mut events = Vec::new();
        let start = usize::try_from((after + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let mut last = after.max(first - 1);
        for (number, kept) in self.events.iter().skip(start).take(limit) {
            last = *number;
            match kept {
                Kept::Reset => events.push((*number, Event::Reset)),
                Kept::Request(id) => match self.find(*id) {
                    Some(entry) => events.push((*number, Event::Request(entry))),
                    None => missed += 1,
                },
            }
        }
        News { events, missed, last }
    }
}
