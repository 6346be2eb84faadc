//! Rows of a dataset against those of an earlier state, of which only hashes are held.

use super::difference::{Identity, Listed, summarise};
use crate::api::{Row, RowDifference, RowsDifference};
use crate::memory::{Held, Room};
use crate::soda::SodaError;
use crate::store::StoreError;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Hashes that room is taken for at a time, at least and at most.
const FEW: usize = 1024;
const MANY: usize = 64 * 1024;

/// What is held of an earlier row: hashes of what identifies it and of all its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RowHashes {
    name: u64,
    content: u64,
}

/// A comparison in three passes: the earlier rows, the rows of now, and the earlier rows once more for
/// those that are told.
#[derive(Debug)]
pub struct HashComparison {
    identity: Identity,
    /// By which rows are the same when all their fields are.
    whole: Identity,
    held: Held,
    /// There was no room for all hashes.
    refused: bool,
    /// In their order from the second pass on.
    hashes: Vec<RowHashes>,
    /// At the first of equal hashes, how many of them were met.
    met: Vec<u32>,
    missing: Listed<Row>,
    unexpected: Listed<Row>,
    differing: Listed<RowDifference>,
    /// The first rows of now that differ, by what identifies them.
    changed: HashMap<u64, Row>,
}

impl HashComparison {
    /// Begins; hashes take their memory from `room`.
    pub fn new(identity: Identity, room: &Room) -> Self {
        Self {
            whole: Identity { key: None, ..identity.clone() },
            identity,
            held: room.holder(),
            refused: false,
            hashes: Vec::new(),
            met: Vec::new(),
            missing: Listed::default(),
            unexpected: Listed::default(),
            differing: Listed::default(),
            changed: HashMap::new(),
        }
    }

    /// The next earlier row.
    pub fn before(&mut self, row: &Row) {
        if self.hashes.len() == self.hashes.capacity() {
            let more = self.hashes.len().clamp(FEW, MANY);
            if self.refused || !self.held.grow(more * (size_of::<RowHashes>() + size_of::<u32>())) {
                self.refused = true;
                return;
            }
            self.hashes.reserve_exact(more);
        }
        self.hashes.push(self.hashes_of(row));
    }

    /// The next row of now.
    pub fn after(&mut self, row: Row) {
        if self.met.len() < self.hashes.len() {
            self.hashes.sort_unstable();
            self.met.resize(self.hashes.len(), 0);
        }
        let hashes = self.hashes_of(&row);
        let (first, count) = self.equal(hashes);
        if count > 0 && self.met[first] < count {
            self.met[first] += 1;
            return;
        }
        let named = self.hashes.partition_point(|other| other.name < hashes.name);
        let known = self.hashes.get(named).is_some_and(|other| other.name == hashes.name);
        if self.identity.key.is_none() || !known || self.met[named] > 0 {
            return self.unexpected.add(|| without_system(row));
        }
        self.met[named] = 1;
        if self.differing.is_open() {
            self.differing.reserve(&row);
            self.changed.insert(hashes.name, row);
        }
        self.differing.count += 1;
    }

    /// Whether earlier rows are to be told, which takes the third pass.
    pub fn begin_telling(&mut self) -> Result<bool, StoreError> {
        if self.refused {
            let why = "The snapshot has more rows than there is memory for to compare them";
            return Err(SodaError::out_of_memory(why).into());
        }
        let met: u64 = self.met.iter().map(|met| u64::from(*met)).sum();
        self.missing.count = self.hashes.len() as u64 - met;
        // Nothing is done when rows of now have come.
        self.hashes.sort_unstable();
        self.met.resize(self.hashes.len(), 0);
        Ok(self.missing.count > 0 || !self.changed.is_empty())
    }

    /// The next earlier row, once more.
    pub fn told(&mut self, row: Row) {
        let hashes = self.hashes_of(&row);
        if let Some(new) = self.changed.remove(&hashes.name) {
            let fields = self.identity.differences(&without_system(row), &without_system(new.clone()), false);
            let key = self.identity.key.as_ref().and_then(|key| new.get(key)).cloned();
            return self.differing.first.push(RowDifference { position: None, key, fields });
        }
        let (first, count) = self.equal(hashes);
        if count > 0 && self.met[first] < count && self.missing.is_open() {
            self.met[first] += 1;
            self.missing.tell(without_system(row));
        }
    }

    /// What was found; none when the rows are the same.
    pub fn finish(self) -> Option<RowsDifference> {
        summarise(self.missing, self.unexpected, self.differing)
    }

    /// The place of the first of these hashes, and how often they are there.
    fn equal(&self, hashes: RowHashes) -> (usize, u32) {
        let first = self.hashes.partition_point(|other| *other < hashes);
        let behind = self.hashes.partition_point(|other| *other <= hashes);
        (first, u32::try_from(behind - first).unwrap_or(u32::MAX))
    }

    fn hashes_of(&self, row: &Row) -> RowHashes {
        let hash = |identity: &Identity| {
            let mut hasher = DefaultHasher::new();
            identity.name(row).unwrap_or_default().hash(&mut hasher);
            hasher.finish()
        };
        RowHashes { name: hash(&self.identity), content: hash(&self.whole) }
    }
}

fn without_system(mut row: Row) -> Row {
    row.retain(|name, _| !name.starts_with(':'));
    row
}

#[cfg(test)]
mod tests {
    use super::super::difference::{CompareOptions, Comparison};
    use super::*;
    use crate::api::RowsDifferenceCounts;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::HashSet;

    fn row((key, number): (u8, u8)) -> Row {
        let numbers = ["1", "1.0", "2", "2.50", "2.5"];
        let fields =
            json!({ ":id": format!("row-{key}"), "k": format!("k{key}"), "n": numbers[usize::from(number)] });
        serde_json::from_value(fields).unwrap()
    }

    fn rows(all: &[(u8, u8)]) -> Vec<Row> {
        all.iter().copied().map(row).collect()
    }

    fn changes(
        before: &[Row],
        after: &[Row],
        identity: Identity,
        room: &Room,
    ) -> Result<Option<RowsDifference>, StoreError> {
        let mut changes = HashComparison::new(identity, room);
        before.iter().for_each(|row| changes.before(row));
        after.iter().for_each(|row| changes.after(row.clone()));
        if changes.begin_telling()? {
            before.iter().for_each(|row| changes.told(row.clone()));
        }
        Ok(changes.finish())
    }

    fn counts(told: Option<&RowsDifference>) -> Option<RowsDifferenceCounts> {
        told.and_then(|told| told.counts)
    }

    proptest! {
        /// The same as a comparison that holds all rows.
        #[test]
        fn what_changed_is_found_by_hashes_alone(
            mut before in proptest::collection::vec((0..20u8, 0..5u8), 0..30),
            mut after in proptest::collection::vec((0..20u8, 0..5u8), 0..30),
            keyed in any::<bool>(),
        ) {
            if keyed {
                for list in [&mut before, &mut after] {
                    let mut keys = HashSet::new();
                    list.retain(|(key, _)| keys.insert(*key));
                }
            }
            let key = keyed.then(|| "k".to_owned());
            let identity = Identity { key, numeric: HashSet::from(["n".to_owned()]) };
            let (before, after) = (rows(&before), rows(&after));
            let room = Room::new(1 << 20);
            let found = changes(&before, &after, identity.clone(), &room).unwrap();
            let bare = before.into_iter().map(without_system).collect();
            let mut comparison = Comparison::new(bare, identity, CompareOptions::default()).unwrap();
            after.into_iter().for_each(|row| comparison.row(without_system(row)));
            let expected = comparison.finish();
            prop_assert_eq!(counts(found.as_ref()), counts(expected.as_ref()));
            for kind in ["missing", "unexpected", "differing"] {
                let sorted = |told: &Option<RowsDifference>| {
                    let told = told.as_ref().map(|told| serde_json::to_value(told).unwrap());
                    let list = told.and_then(|told| told[kind].as_array().cloned()).unwrap_or_default();
                    let mut texts: Vec<String> = list.iter().map(ToString::to_string).collect();
                    texts.sort();
                    texts
                };
                // Of rows that are the same but for their spelling, any may be told.
                prop_assert_eq!(sorted(&found).len(), sorted(&expected).len());
                if keyed {
                    prop_assert_eq!(sorted(&found), sorted(&expected));
                }
            }
            prop_assert_eq!(room.used(), 0);
        }
    }

    #[test]
    fn a_state_with_more_rows_than_there_is_room_for_is_refused() {
        let many: Vec<Row> = (0..2000u16).map(|n| row((n.to_le_bytes()[0], 0))).collect();
        let room = Room::new(30_000);
        let refused = changes(&many, &many, Identity::default(), &room).unwrap_err();
        assert!(refused.to_string().contains("memory"), "{refused}");
        assert_eq!(room.used(), 0);
        assert_eq!(changes(&many, &many, Identity::default(), &Room::new(100_000)).unwrap(), None);
    }

    #[test]
    fn large_rows_are_told_up_to_a_bound() {
        let large = |n: u32| {
            let fields = json!({ "k": n.to_string(), "t": "x".repeat(400_000) });
            serde_json::from_value::<Row>(fields).unwrap()
        };
        let many: Vec<Row> = (0..20).map(large).collect();
        let told = changes(&many, &[], Identity::default(), &Room::new(1 << 20)).unwrap().unwrap();
        assert_eq!(counts(Some(&told)).map(|counts| counts.missing), Some(20));
        assert!(serde_json::to_string(&told).unwrap().len() < 2_000_000);
    }
}
