//! Time as a parameter: nothing else reads the system clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Something that tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC.
    fn now_ms(&self) -> i64;
}

/// How a mock clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMode {
    /// The system's time.
    Real,
    /// The system's time plus so many milliseconds.
    Offset(i64),
    /// Stands still at this moment.
    Frozen(i64),
}

/// The clock of a space: real, moved or frozen.
#[derive(Debug)]
pub struct MockClock(Mutex<ClockMode>);

impl MockClock {
    /// A clock in this mode.
    pub fn new(mode: ClockMode) -> Self {
        Self(Mutex::new(mode))
    }

    /// The mode.
    pub fn mode(&self) -> ClockMode {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another mode from now on.
    pub fn set(&self, mode: ClockMode) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Moves the clock on by so many milliseconds.
    pub fn advance(&self, ms: i64) {
        let mut mode = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *mode = match *mode {
            ClockMode::Real => ClockMode::Offset(ms),
            ClockMode::Offset(offset) => ClockMode::Offset(offset.saturating_add(ms)),
            ClockMode::Frozen(at) => ClockMode::Frozen(at.saturating_add(ms)),
        };
    }
}

impl Clock for MockClock {
    fn now_ms(&self) -> i64 {
        match self.mode() {
            ClockMode::Real => system_ms(),
            ClockMode::Offset(ms) => system_ms().saturating_add(ms),
            ClockMode::Frozen(at) => at,
        }
    }
}

/// The system's time in milliseconds, for what belongs to the machine and to no space: certificates,
/// log lines.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
pub fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A moment of the clock that never goes back, for waiting and measuring.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = MockClock::new(ClockMode::Frozen(1000));
        assert_eq!(clock.now_ms(), 1000);
        clock.advance(500);
        assert_eq!(clock.now_ms(), 1500);
    }
}
