//! Time as a parameter: nothing else reads the system clock.

use std::sync::{Mutex, MutexGuard, PoisonError};
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
    /// Runs faster or slower than the system's time.
    Scaled {
        /// The clock's time at its start.
        from_ms: i64,
        /// The system's time at its start.
        since_ms: i64,
        /// Milliseconds of the clock in one second of the system.
        per_second: i64,
    },
}

/// The clock of a space: real, moved, frozen, or running at a rate of its own.
#[derive(Debug)]
pub struct MockClock(Mutex<State>);

#[derive(Clone, Copy, Debug)]
struct State {
    mode: ClockMode,
    step_ms: i64,
}

impl MockClock {
    /// A clock in this mode.
    pub fn new(mode: ClockMode) -> Self {
        Self(Mutex::new(State { mode, step_ms: 0 }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mode.
    pub fn mode(&self) -> ClockMode {
        self.state().mode
    }

    /// How far a frozen clock moves on with each request.
    pub fn step_ms(&self) -> i64 {
        self.state().step_ms
    }

    /// Another mode from now on.
    pub fn set(&self, mode: ClockMode) {
        self.set_stepping(mode, 0);
    }

    /// Another mode; a frozen clock moves on by `step_ms` with each request.
    pub fn set_stepping(&self, mode: ClockMode, step_ms: i64) {
        *self.state() = State { mode, step_ms };
    }

    /// A request begins.
    pub fn step(&self) {
        let mut state = self.state();
        if let ClockMode::Frozen(at) = state.mode {
            state.mode = ClockMode::Frozen(at.saturating_add(state.step_ms));
        }
    }

    /// Moves the clock on by so many milliseconds.
    pub fn advance(&self, ms: i64) {
        let mut state = self.state();
        state.mode = match state.mode {
            ClockMode::Real => ClockMode::Offset(ms),
            ClockMode::Offset(offset) => ClockMode::Offset(offset.saturating_add(ms)),
            ClockMode::Frozen(at) => ClockMode::Frozen(at.saturating_add(ms)),
            ClockMode::Scaled { from_ms, since_ms, per_second } => {
                ClockMode::Scaled { from_ms: from_ms.saturating_add(ms), since_ms, per_second }
            }
        };
    }
}

impl Clock for MockClock {
    fn now_ms(&self) -> i64 {
        match self.mode() {
            ClockMode::Real => system_ms(),
            ClockMode::Offset(ms) => system_ms().saturating_add(ms),
            ClockMode::Frozen(at) => at,
            ClockMode::Scaled { from_ms, since_ms, per_second } => {
                let passed = system_ms().saturating_sub(since_ms).max(0);
                from_ms.saturating_add(passed.saturating_mul(per_second) / 1000)
            }
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

/// Unix milliseconds as ISO 8601 in UTC, with as many decimals as are needed.
pub fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string()).unwrap_or_default()
}

/// The same with three decimals, as journals have it.
pub fn iso_millis(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        .unwrap_or_default()
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
        clock.step();
        assert_eq!(clock.now_ms(), 1500);
        clock.set_stepping(ClockMode::Frozen(0), 7);
        clock.step();
        clock.step();
        assert_eq!(clock.now_ms(), 14);
    }

    #[test]
    fn a_scaled_clock_begins_where_it_is_set() {
        let hour_per_second = 3_600_000;
        let clock = MockClock::new(ClockMode::Scaled {
            from_ms: 5,
            since_ms: system_ms() - 2000,
            per_second: hour_per_second,
        });
        assert!(clock.now_ms() >= 5 + 2 * hour_per_second);
    }
}
