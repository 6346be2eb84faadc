//! What journals and histories keep: all of them together have a share of memory, and the one that keeps
//! most gives way.

use super::{Held, Room};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Bytes that are given up at a time, about: looking for the largest costs more than dropping an entry.
const STEP: u64 = 64 * 1024;

/// Someone who keeps records.
pub trait Keeper: Debug + Send + Sync {
    /// The bytes of its records.
    fn bytes(&self) -> u64;

    /// Drops its oldest records, so many bytes of them, but never the newest one; whether any was dropped.
    fn drop_oldest(&self, bytes: u64) -> bool;
}

/// All keepers of records, and the memory that they share.
#[derive(Debug)]
pub struct Records {
    room: Room,
    keepers: Mutex<Vec<Weak<dyn Keeper>>>,
}

impl Records {
    pub(super) fn new(room: Room) -> Self {
        Self { room, keepers: Mutex::default() }
    }

    /// The share.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Nothing, to be grown with [`Self::settle`].
    pub fn holder(&self) -> Held {
        self.room.holder()
    }

    /// Another keeper takes part.
    pub fn join(&self, keeper: Weak<dyn Keeper>) {
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.retain(|keeper| keeper.strong_count() > 0);
        keepers.push(keeper);
    }

    /// Makes room until `settled` says that a keeper has what it needs, as long as anything can be dropped.
    /// No keeper may be locked meanwhile.
    pub fn settle(&self, settled: impl Fn() -> bool) {
        while !settled() && self.give_way() {}
    }

    /// The largest keeper drops some records; false when no keeper can.
    fn give_way(&self) -> bool {
        let keepers: Vec<Arc<dyn Keeper>> = {
            let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
            keepers.iter().filter_map(Weak::upgrade).collect()
        };
        let mut by_size: Vec<_> = keepers.into_iter().map(|keeper| (keeper.bytes(), keeper)).collect();
        by_size.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        by_size.iter().any(|(_, keeper)| keeper.drop_oldest(STEP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of 100 KiB.
    #[derive(Debug)]
    struct Pile(Mutex<(Held, u64)>);

    const RECORD: u64 = 100 * 1024;

    impl Pile {
        fn count(&self) -> u64 {
            self.0.lock().unwrap().1
        }

        fn settled(&self) -> bool {
            let mut held = self.0.lock().unwrap();
            let bytes = usize::try_from(held.1 * RECORD).unwrap();
            held.0.shrink_to(bytes);
            held.0.grow_to(bytes)
        }

        fn add(&self, records: &Records) {
            self.0.lock().unwrap().1 += 1;
            records.settle(|| self.settled());
        }
    }

    impl Keeper for Pile {
        fn bytes(&self) -> u64 {
            self.count() * RECORD
        }

        fn drop_oldest(&self, bytes: u64) -> bool {
            let many = self.count() > 1;
            if many {
                self.0.lock().unwrap().1 -= bytes.div_ceil(RECORD);
                self.settled();
            }
            many
        }
    }

    #[test]
    fn the_largest_keeper_gives_way_and_the_newest_record_stays() {
        let records = Records::new(Room::new(10 * RECORD));
        let keepers: Vec<Arc<Pile>> = (0..3)
            .map(|_| {
                let keeper = Arc::new(Pile(Mutex::new((records.holder(), 0))));
                let weak: Weak<Pile> = Arc::downgrade(&keeper);
                records.join(weak);
                keeper
            })
            .collect();
        for (keeper, times) in [(0, 20), (1, 3), (2, 20)] {
            (0..times).for_each(|_| keepers[keeper].add(&records));
            assert!(records.room().used() <= 10 * RECORD);
        }
        let counts: Vec<u64> = keepers.iter().map(|keeper| keeper.count()).collect();
        assert_eq!(counts.iter().sum::<u64>(), 10, "{counts:?}");
        assert_eq!(counts[1], 3, "the small one keeps all: {counts:?}");
        drop(keepers);
        assert_eq!(records.room().used(), 0);
    }

    #[test]
    fn a_record_without_room_is_kept_alone() {
        let records = Records::new(Room::new(RECORD / 2));
        let keeper = Arc::new(Pile(Mutex::new((records.holder(), 0))));
        let weak: Weak<Pile> = Arc::downgrade(&keeper);
        records.join(weak);
        keeper.add(&records);
        keeper.add(&records);
        assert_eq!((keeper.count(), records.room().used()), (1, 0));
    }
}
