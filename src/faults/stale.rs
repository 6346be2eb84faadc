//! Writes that readers do not see yet.

use super::rule::StaleReads;
use std::collections::HashMap;
use std::sync::Arc;

/// So many writes of a dataset are hidden one by one; a later one shows together with the last of them.
const MOST: usize = 16;

/// The hidden writes of one rule: for each dataset, the oldest first.
#[derive(Debug)]
pub(super) struct Hidden<T>(HashMap<String, Vec<Write<T>>>);

/// One hidden write.
#[derive(Debug)]
struct Write<T> {
    /// The data before it.
    before: Arc<T>,
    /// How much longer.
    still: StaleReads,
    /// When it was hidden, in milliseconds.
    since_ms: i64,
}

impl<T> Default for Hidden<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Hidden<T> {
    pub(super) fn hide(&mut self, dataset: &str, before: Arc<T>, still: StaleReads, now_ms: i64) {
        let writes = self.0.entry(dataset.to_owned()).or_default();
        writes.retain(|w| w.is_hidden(now_ms));
        if writes.len() < MOST {
            writes.push(Write { before, still, since_ms: now_ms });
        }
    }

    /// What a read of the dataset sees now: the data before the oldest hidden write, or none for
    /// the data as it is. The read is counted.
    pub(super) fn read(&mut self, dataset: &str, now_ms: i64) -> Option<Arc<T>> {
        let writes = self.0.get_mut(dataset)?;
        writes.retain(|w| w.is_hidden(now_ms));
        let seen = writes.first().map(|w| Arc::clone(&w.before));
        for write in &mut *writes {
            if let StaleReads::Reads(left) = &mut write.still {
                *left = left.saturating_sub(1);
            }
        }
        if seen.is_none() {
            self.0.remove(dataset);
        }
        seen
    }
}

impl<T> Write<T> {
    fn is_hidden(&self, now_ms: i64) -> bool {
        match self.still {
            StaleReads::Reads(left) => left > 0,
            StaleReads::Seconds(seconds) => (now_ms.saturating_sub(self.since_ms) as f64) < seconds * 1000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_hidden_for_so_many_reads() {
        let mut hidden = Hidden::default();
        hidden.hide("a", Arc::new("old"), StaleReads::Reads(2), 0);
        let seen: Vec<Option<&str>> = (0..4).map(|_| hidden.read("a", 0).map(|t| *t)).collect();
        assert_eq!(seen, [Some("old"), Some("old"), None, None]);
        assert_eq!(hidden.read("b", 0), None);
    }

    #[test]
    fn writes_show_one_after_the_other_as_their_time_passes() {
        let mut hidden = Hidden::default();
        hidden.hide("a", Arc::new("before the first"), StaleReads::Seconds(5.0), 0);
        hidden.hide("a", Arc::new("before the second"), StaleReads::Seconds(5.0), 3_000);
        for (now, expected) in [
            (3_000, Some("before the first")),
            (4_999, Some("before the first")),
            (5_000, Some("before the second")),
            (7_999, Some("before the second")),
            (8_000, None),
        ] {
            assert_eq!(hidden.read("a", now).map(|t| *t), expected, "{now}");
        }
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_writes() {
        let mut hidden = Hidden::default();
        for number in 0..1_000 {
            hidden.hide("a", Arc::new(number), StaleReads::Seconds(5.0), 0);
        }
        assert_eq!(hidden.0["a"].len(), MOST);
        assert_eq!(hidden.read("a", 5_000), None);
        assert!(hidden.0.is_empty());
    }
}
