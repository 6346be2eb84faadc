//! Named states of a space's data.
//!
//! A snapshot holds the data with its versions and the counters of row ids, as the data file does.
//! Accounts, faults, journal, clock and ids are no part of it.

use super::{Space, Target};
use crate::clock::Clock as _;
use crate::store::{Image, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Names that mean something else: what the process was started with, nothing, the data of now.
pub const RESERVED: [&str; 3] = ["seed", "empty", "current"];

/// One state.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub image: Arc<Image>,
    /// When it was taken, by the space's clock, in milliseconds.
    pub taken_at: i64,
    pub datasets: usize,
    pub rows: u64,
    /// The size of its file.
    pub bytes: u64,
}

/// The snapshots of a space. They outlive resets and go with the space.
#[derive(Debug, Default)]
pub struct Snapshots(RwLock<BTreeMap<String, Snapshot>>);

/// A snapshot cannot have this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name of a snapshot; use 1 to 64 of A-Z, a-z, 0-9, dot, _ and -, but not seed, empty or current"
)]
pub struct SnapshotNameError(pub String);

/// Why a snapshot was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There are too many already.
    #[error("the space has {0} snapshots, the most that it may have")]
    TooMany(usize),
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Checks the name of a new snapshot.
pub fn check_name(name: &str) -> Result<(), SnapshotNameError> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let fine = (1..=64).contains(&name.len())
        && name.bytes().all(letter)
        && !name.bytes().all(|b| b == b'.')
        && !RESERVED.contains(&name);
    if fine { Ok(()) } else { Err(SnapshotNameError(name.chars().take(80).collect())) }
}

impl Snapshots {
    /// All of them by name.
    pub fn all(&self) -> Vec<(String, Snapshot)> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(name, snapshot)| (name.clone(), snapshot.clone())).collect()
    }

    pub fn find(&self, name: &str) -> Option<Snapshot> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Forgets one; false when there is none.
    pub fn remove(&self, name: &str) -> bool {
        let removed = self.0.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        removed.is_some()
    }

    /// Whether there may be one of this name.
    fn check_room(&self, name: &str, most: usize) -> Result<(), SnapshotError> {
        has_room(&self.0.read().unwrap_or_else(PoisonError::into_inner), name, most)
    }

    fn keep(&self, name: &str, snapshot: Snapshot, most: usize) -> Result<(), SnapshotError> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        has_room(&all, name, most)?;
        all.insert(name.to_owned(), snapshot);
        Ok(())
    }
}

fn has_room(all: &BTreeMap<String, Snapshot>, name: &str, most: usize) -> Result<(), SnapshotError> {
    if all.len() < most || all.contains_key(name) { Ok(()) } else { Err(SnapshotError::TooMany(all.len())) }
}

impl Space {
    /// The data of now under a name; an older snapshot of that name is replaced.
    pub async fn take_snapshot(&self, name: &str) -> Result<Snapshot, SnapshotError> {
        self.room_for_snapshot(name)?;
        let image = self.current_image().await?;
        self.keep_snapshot(name, image)
    }

    /// Refuses a name for which there is no room. Asked before the work; others may come in between,
    /// so that it is decided when the snapshot is kept.
    pub fn room_for_snapshot(&self, name: &str) -> Result<(), SnapshotError> {
        self.snapshots.check_room(name, self.template.bounds().snapshots)
    }

    /// An image under a name.
    pub fn keep_snapshot(&self, name: &str, image: Arc<Image>) -> Result<Snapshot, SnapshotError> {
        let catalogue = image.catalogue();
        let rows = image.read(|tx| {
            let all = catalogue.all();
            all.iter().map(|entry| tx.row_count(&entry.dataset)).sum::<Result<u64, StoreError>>()
        })?;
        let snapshot = Snapshot {
            taken_at: self.clock.now_ms(),
            datasets: catalogue.all().len(),
            rows,
            bytes: std::fs::metadata(image.file().path()).map_or(0, |m| m.len()),
            image,
        };
        self.snapshots.keep(name, snapshot.clone(), self.template.bounds().snapshots)?;
        Ok(snapshot)
    }

    /// The data of now.
    pub async fn current_image(&self) -> Result<Arc<Image>, StoreError> {
        let (store, folder) = (self.store(), Arc::clone(self.template.folder()));
        super::reset::blocking(move || store.image(&folder)).await.unwrap_or(Err(StoreError::Closed))
    }

    /// The data of a snapshot, back; nothing else changes but the change history, whose versions
    /// would run backwards.
    pub async fn restore(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let _alone = self.exchange.lock().await;
        let restores = self.store().restores() + 1;
        self.exchange_data(&snapshot.image, restores).await
    }

    /// What a name stands for: `seed`, `empty`, or a snapshot. None for `current` and what is not
    /// there.
    pub fn target(&self, name: &str) -> Option<Target> {
        match name {
            "seed" => Some(Target::Seed),
            "empty" => Some(Target::Empty),
            _ => self.snapshots.find(name).map(|snapshot| Target::Image(snapshot.image)),
        }
    }
}
