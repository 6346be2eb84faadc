//! Chance that can be repeated.

use super::rule::{Action, Delay, Rule, Spread};
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// The longest delay, an hour: longer than any client waits.
pub(super) const MAX_DELAY_MS: u64 = 3_600_000;

/// Draws for one rule.
#[derive(Debug)]
pub(super) struct Chance(ChaCha12Rng);

impl Chance {
    /// The draws that follow from a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// At least 0, less than 1.
    fn unit(&mut self) -> f64 {
        // 53 bits are what a double holds.
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether this one is hit.
    pub(super) fn hits(&mut self, probability: Option<f64>) -> bool {
        probability.is_none_or(|p| self.unit() < p)
    }

    /// The action for a hit.
    pub(super) fn action<'a>(&mut self, rule: &'a Rule) -> Option<&'a Action> {
        match rule.actions.as_slice() {
            [] => None,
            [one] => Some(one),
            many => many.get((self.unit() * many.len() as f64) as usize),
        }
    }

    /// The delay of a hit in milliseconds.
    pub(super) fn delay_ms(&mut self, delay: Option<Delay>) -> u64 {
        let ms = match delay {
            None => 0.0,
            Some(Delay::Fixed(ms)) => return ms.min(MAX_DELAY_MS),
            Some(Delay::Spread(Spread::Uniform([low, high]))) => {
                low as f64 + self.unit() * (high.saturating_sub(low) as f64)
            }
            Some(Delay::Spread(Spread::LogNormal(shape))) => {
                shape.median * (shape.sigma * self.normal()).exp()
            }
        };
        (ms.max(0.0) as u64).min(MAX_DELAY_MS)
    }

    /// Box and Muller's transform of two even draws.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::rule::LogNormal;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..50).map(|_| chance.hits(Some(0.3))).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_share_of_requests_is_hit() {
        let mut chance = Chance::new(1);
        let hits = (0..10_000).filter(|_| chance.hits(Some(0.3))).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
        assert!((0..100).all(|_| chance.hits(Some(1.0)) && chance.hits(None)));
    }

    #[test]
    fn uniform_delays_stay_between_their_ends() {
        let mut chance = Chance::new(1);
        let delay = Some(Delay::Spread(Spread::Uniform([20, 40])));
        let drawn: Vec<u64> = (0..1_000).map(|_| chance.delay_ms(delay)).collect();
        assert!(drawn.iter().all(|ms| (20..=40).contains(ms)));
        assert!(drawn.iter().any(|ms| *ms < 25) && drawn.iter().any(|ms| *ms > 35));
    }

    #[test]
    fn half_of_the_log_normal_delays_are_below_the_median_and_some_far_above() {
        let mut chance = Chance::new(1);
        let delay = Some(Delay::Spread(Spread::LogNormal(LogNormal { median: 100.0, sigma: 0.5 })));
        let drawn: Vec<u64> = (0..2_000).map(|_| chance.delay_ms(delay)).collect();
        let below = drawn.iter().filter(|ms| **ms < 100).count();
        assert!((900..1_100).contains(&below), "{below}");
        // exp(0.5 * 2) = 2.7: one in 44 lies above two deviations.
        let far = drawn.iter().filter(|ms| **ms > 271).count();
        assert!((15..90).contains(&far), "{far}");
    }

    #[test]
    fn no_delay_is_longer_than_the_longest() {
        let mut chance = Chance::new(1);
        assert_eq!(chance.delay_ms(Some(Delay::Fixed(u64::MAX))), MAX_DELAY_MS);
        let wild = Some(Delay::Spread(Spread::LogNormal(LogNormal { median: 1e300, sigma: 100.0 })));
        assert!(chance.delay_ms(wild) <= MAX_DELAY_MS);
    }
}
