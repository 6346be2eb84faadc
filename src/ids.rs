//! Ids and keys as a parameter: nothing else uses a random generator.

use crate::soda::FourByFour;
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A source of ids; the same seed gives the same ids.
#[derive(Debug)]
pub struct Ids {
    state: Mutex<State>,
    first: Option<u64>,
}

#[derive(Debug)]
struct State {
    generator: ChaCha12Rng,
    used: bool,
}

impl Ids {
    /// Ids that follow from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self::of(ChaCha12Rng::seed_from_u64(seed), Some(seed))
    }

    /// Ids for one purpose: with a seed they follow from it and from the purpose's number.
    pub fn for_purpose(seed: Option<u64>, purpose: u64) -> Self {
        let Some(seed) = seed else { return Self::random() };
        let mut generator = ChaCha12Rng::seed_from_u64(seed);
        generator.set_stream(purpose);
        Self::of(generator, Some(seed))
    }

    /// Ids that nobody can foresee.
    pub fn random() -> Self {
        Self::of(ChaCha12Rng::from_os_rng(), None)
    }

    fn of(generator: ChaCha12Rng, first: Option<u64>) -> Self {
        Self { state: Mutex::new(State { generator, used: false }), first }
    }

    /// Starts again from a seed.
    pub fn reseed(&self, seed: u64) {
        *self.state() = State { generator: ChaCha12Rng::seed_from_u64(seed), used: true };
    }

    /// As at the start: from the first seed, or unforeseeable again. Whether any was given out.
    pub fn restart(&self) -> bool {
        let generator = self.first.map_or_else(ChaCha12Rng::from_os_rng, ChaCha12Rng::seed_from_u64);
        std::mem::replace(&mut *self.state(), State { generator, used: false }).used
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut state = self.state();
        state.used = true;
        state.generator.fill_bytes(&mut bytes);
        bytes
    }

    /// A new dataset id.
    pub fn four_by_four(&self) -> FourByFour {
        let letters = self.bytes::<8>().map(|b| FourByFour::ALPHABET[usize::from(b % 32)]);
        FourByFour::of_letters(letters)
    }

    /// 32 hexadecimal digits.
    pub fn hex32(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.bytes()))
    }

    /// Lower-case letters and digits, as ids and secrets of API keys have them (documented by example).
    pub fn secret<const N: usize>(&self) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 252 is the largest multiple of 36 in a byte: what lies above would favour some digits.
        let mut text = String::with_capacity(N);
        while text.len() < N {
            let bytes = self.bytes::<N>().into_iter().filter(|b| *b < 252);
            text.extend(bytes.take(N - text.len()).map(|b| char::from(DIGITS[usize::from(b % 36)])));
        }
        text
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
