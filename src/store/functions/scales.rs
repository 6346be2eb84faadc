//! How many decimals the rows of a sum have.

use std::collections::BTreeMap;

/// Decimals that are counted in place; nearly all numbers have fewer.
const FEW: usize = 20;

/// The number of rows with each number of decimals: rows that leave a window take their decimals along.
#[derive(Debug, Default)]
pub struct Scales {
    few: [i64; FEW],
    more: BTreeMap<usize, i64>,
}

impl Scales {
    /// A row with so many decimals comes (1) or leaves (-1).
    pub fn change(&mut self, scale: usize, sign: i64) {
        if let Some(count) = self.few.get_mut(scale) {
            *count += sign;
            return;
        }
        let count = self.more.entry(scale).or_default();
        *count += sign;
        if *count == 0 {
            self.more.remove(&scale);
        }
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        // An entry, and what its place in the tree takes.
        const ENTRY: usize = 3 * size_of::<(usize, i64)>();
        self.more.len() * ENTRY
    }

    /// The most decimals of any row that is there.
    pub fn largest(&self) -> i64 {
        let few = || self.few.iter().rposition(|count| *count > 0);
        let largest = self.more.last_key_value().map(|(scale, _)| *scale).or_else(few);
        i64::try_from(largest.unwrap_or(0)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_leave_with_their_rows() {
        let mut scales = Scales::default();
        assert_eq!(scales.largest(), 0);
        for scale in [2, 300, 2, 5] {
            scales.change(scale, 1);
        }
        assert_eq!(scales.largest(), 300);
        for (scale, largest) in [(300, 5), (2, 5), (5, 2), (2, 0)] {
            scales.change(scale, -1);
            assert_eq!(scales.largest(), largest);
        }
    }
}
