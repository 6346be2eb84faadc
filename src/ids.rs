//! Ids and keys as a parameter: nothing else uses a random generator.

use crate::soda::FourByFour;
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use std::sync::{Mutex, PoisonError};

/// The alphabet of generated 4x4s (wire contract; seen on public ids).
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// A source of ids; the same seed gives the same ids.
#[derive(Debug)]
pub struct Ids {
    generator: Mutex<ChaCha12Rng>,
    first: Option<u64>,
}

impl Ids {
    /// Ids that follow from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self { generator: Mutex::new(ChaCha12Rng::seed_from_u64(seed)), first: Some(seed) }
    }

    /// Ids that nobody can foresee.
    pub fn random() -> Self {
        Self { generator: Mutex::new(ChaCha12Rng::from_os_rng()), first: None }
    }

    /// Starts again from a seed.
    pub fn reseed(&self, seed: u64) {
        *self.generator.lock().unwrap_or_else(PoisonError::into_inner) = ChaCha12Rng::seed_from_u64(seed);
    }

    /// As at the start: from the first seed, or unforeseeable again.
    pub fn restart(&self) {
        let generator = self.first.map_or_else(ChaCha12Rng::from_os_rng, ChaCha12Rng::seed_from_u64);
        *self.generator.lock().unwrap_or_else(PoisonError::into_inner) = generator;
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A new dataset id.
    pub fn four_by_four(&self) -> FourByFour {
        let letters = self.bytes::<8>().map(|b| ALPHABET[usize::from(b % 32)]);
        FourByFour::of_letters(letters)
    }

    /// 32 hexadecimal digits.
    pub fn hex32(&self) -> String {
        self.bytes::<16>().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// A number for a column's public id.
    pub fn column_id(&self) -> i64 {
        100_000_000 + i64::from(u32::from_le_bytes(self.bytes::<4>()) % 800_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        assert_eq!(Ids::seeded(7).four_by_four(), Ids::seeded(7).four_by_four());
        assert_eq!(Ids::seeded(7).hex32().len(), 32);
    }
}
