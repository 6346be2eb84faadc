//! A share of memory that many take from and give back to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many bytes for all who hold some of them.
#[derive(Clone, Debug)]
pub struct Room(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    used: AtomicU64,
    limit: u64,
}

impl Room {
    /// Nobody holds anything yet.
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Inner { used: AtomicU64::new(0), limit }))
    }

    /// A holder of nothing, which can grow.
    pub fn holder(&self) -> Held {
        Held { room: self.clone(), bytes: 0 }
    }

    /// So many bytes are held now.
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// So many may be held.
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    fn take(&self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|total| *total <= self.0.limit);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

/// Bytes of a room, given back with this value.
#[derive(Debug)]
pub struct Held {
    room: Room,
    bytes: u64,
}

impl Held {
    /// Takes more; false, and nothing is taken, when there is no room for it.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let taken = self.room.take(bytes);
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    /// Gives some back, all of it at most.
    pub fn shrink(&mut self, bytes: usize) {
        let bytes = (bytes as u64).min(self.bytes);
        self.bytes -= bytes;
        self.room.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Gives all back.
    pub fn clear(&mut self) {
        self.shrink(usize::MAX);
    }

    /// Holds so many bytes at least; false, and nothing changes, when there is no room for them.
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let more = (bytes as u64).saturating_sub(self.bytes);
        self.grow(usize::try_from(more).unwrap_or(usize::MAX))
    }

    /// Holds so many bytes at most.
    pub fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes as u64);
        self.shrink(usize::try_from(less).unwrap_or(usize::MAX));
    }

    /// So many bytes are held.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn a_room_is_shared_and_given_back() {
        let room = Room::new(10);
        let (mut one, mut other) = (room.holder(), room.holder());
        assert!(one.grow(6) && other.grow(4) && !one.grow(1));
        other.shrink(1);
        assert!(one.grow(1) && !one.grow(usize::MAX));
        assert_eq!((room.used(), one.bytes(), other.bytes()), (10, 7, 3));
        other.shrink(100);
        assert_eq!(room.used(), 7);
        drop((one, other));
        assert_eq!(room.used(), 0);
    }
}
