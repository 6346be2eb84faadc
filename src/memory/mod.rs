//! How much memory the process may take beyond its data, and how that is shared out.
//!
//! Whatever grows with what clients do takes its bytes from a [`Room`], has a place among
//! [`Places`], or lies in SQLite's heap, which has a bound of its own. What finds no room goes to a
//! file, waits, or is refused; each of them says which.

mod limit;
mod places;
mod records;
mod room;

pub use limit::{LEAST, usual};
pub use places::{Place, Places};
pub use records::{Keeper, Records};
pub use room::{Held, Room};

/// Memory of the process.
#[derive(Debug)]
pub struct Memory {
    bound: u64,
    /// Places of reads.
    pub places: Places,
    /// Typed rows that wait to be written; more of them wait in files.
    pub rows: Room,
    /// Text of rows and of other bodies that have not come whole, what bodies become while they are
    /// understood, and reports on rows; more is refused.
    pub partial: Room,
    /// What aggregates of queries remember of a group's rows; more goes to a file or is refused.
    pub aggregates: Room,
    /// The orders of rows that the page has looked at; the oldest give way.
    pub orders: Room,
    /// The journals and histories of all spaces; the oldest entries give way.
    pub records: Records,
    /// Bytes in files of answers that clients are slow to take; more wait for their clients.
    pub spilled: Room,
}

/// The shares, as so many of [`PARTS`] parts of the bound. What is left is for the program itself, for
/// the pieces of answers on their way and for what the allocator cannot give back at once.
const PARTS: u64 = 256;
const ROWS: u64 = 16;
const PARTIAL: u64 = 28;
const AGGREGATES: u64 = 24;
const ORDERS: u64 = 12;
const RECORDS: u64 = 32;
const SQLITE_CACHES: u64 = 96;
const SQLITE: u64 = 128;
/// Of SQLite's share: what the connection that writes keeps, and each one that reads.
const WRITER: u64 = 32;
const READER: u64 = 1;
/// As many reads as there are parts of this size: each has its pages, a sort of the same size and
/// pieces of its answer.
const READ: u64 = 4;
/// Files may take so many times the bound.
const SPILLED: u64 = 16;

impl Default for Memory {
    fn default() -> Self {
        Self::new(usual())
    }
}

impl Memory {
    /// Shares out so many bytes, at least [`LEAST`].
    pub fn new(bound: u64) -> Self {
        let bound = bound.max(LEAST);
        let room = |parts| Room::new(bound / PARTS * parts);
        Self {
            bound,
            places: Places::new(usize::try_from(PARTS / READ * bound / limit::USUAL).unwrap_or(usize::MAX)),
            rows: room(ROWS),
            partial: room(PARTIAL),
            aggregates: room(AGGREGATES),
            orders: room(ORDERS),
            records: Records::new(room(RECORDS)),
            spilled: Room::new(bound.saturating_mul(SPILLED)),
        }
    }

    /// All of it.
    pub fn bound(&self) -> u64 {
        self.bound
    }

    /// From so many bytes in SQLite's heap on, its connections keep no more pages.
    pub fn sqlite_caches(&self) -> u64 {
        self.bound / PARTS * SQLITE_CACHES
    }

    /// SQLite's heap takes no more; what needs more is refused.
    pub fn sqlite(&self) -> u64 {
        self.bound / PARTS * SQLITE
    }

    /// KiB of pages that the connection which writes the main data keeps.
    pub fn writer_cache_kib(&self) -> u64 {
        self.bound / PARTS * WRITER / 1024
    }

    /// KiB of pages that each connection which reads keeps, and of rows that each sort keeps before it
    /// goes on in a file.
    pub fn reader_cache_kib(&self) -> u64 {
        self.bound / PARTS * READER / 1024
    }

    /// The shares that can be looked at: name and room.
    pub fn rooms(&self) -> [(&'static str, &Room); 6] {
        [
            ("rows", &self.rows),
            ("partial_rows", &self.partial),
            ("aggregates", &self.aggregates),
            ("orders", &self.orders),
            ("records", self.records.room()),
            ("spilled", &self.spilled),
        ]
    }
}

/// Memory of the process as the system counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Bytes now.
    pub now: u64,
    /// Bytes at most so far.
    pub peak: u64,
}

/// What the process takes now; none where Linux does not tell it.
pub fn resident() -> Option<Resident> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(Resident { now: limit::kib(&text, "VmRSS:")?, peak: limit::kib(&text, "VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_memory_together_are_no_more_than_the_bound() {
        for bound in [LEAST, 256 << 20, 4 << 30] {
            let memory = Memory::new(bound);
            let rooms: u64 =
                memory.rooms().iter().filter(|(name, _)| *name != "spilled").map(|(_, r)| r.limit()).sum();
            assert!(
                rooms + memory.sqlite() <= bound - bound / 16,
                "{bound}: nothing is left for the program"
            );
            assert!(memory.sqlite_caches() < memory.sqlite());
            assert!(memory.writer_cache_kib() * 1024 < memory.sqlite_caches());
        }
    }

    #[test]
    fn a_bound_that_is_too_low_is_raised() {
        assert_eq!(Memory::new(1).bound(), LEAST);
    }
}
