//! Reads that can be stopped from outside.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// Why a read was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It ran too long.
    Timeout,
    /// Nobody waits for it any more.
    Abandoned,
}

/// Stops one read, whether its statement runs already or not.
#[derive(Clone, Debug, Default)]
pub struct StopSwitch(Arc<OnceLock<Stopped>>);

impl StopSwitch {
    /// Ends the read; the first reason stays.
    pub fn stop(&self, why: Stopped) {
        // An error says that there is a reason already.
        let _ = self.0.set(why);
    }

    /// Why it was stopped, if it was.
    pub fn stopped(&self) -> Option<Stopped> {
        self.0.get().copied()
    }

    /// Runs a read on this thread that the switch can end.
    pub fn guard<T>(&self, read: impl FnOnce() -> T) -> T {
        struct Release;
        impl Drop for Release {
            fn drop(&mut self) {
                CURRENT.set(None);
            }
        }
        CURRENT.set(Some(self.clone()));
        let _release = Release;
        read()
    }
}

thread_local! {
    /// The switch of the read that this thread runs.
    static CURRENT: RefCell<Option<StopSwitch>> = const { RefCell::new(None) };
}

/// Whether the read that this thread runs was stopped.
pub fn is_stopped() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|switch| switch.stopped().is_some()))
}

/// Steps of a loop that may be long; it looks at the switch now and then. A loop that ends early leaves a
/// result that nobody sees: every function is looked after when it returns.
#[derive(Default)]
pub struct Steps(u32);

impl Steps {
    /// So many steps go by between two looks, some microseconds.
    const BETWEEN: u32 = 1024;

    /// Takes a step; false when the loop is to end, and from then on.
    #[inline]
    pub fn go_on(&mut self) -> bool {
        if self.0 < Self::BETWEEN {
            self.0 += 1;
            return true;
        }
        let goes_on = !is_stopped();
        if goes_on {
            self.0 = 0;
        }
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_soon_after_the_read_was_stopped_and_for_good() {
        let switch = StopSwitch::default();
        switch.guard(|| {
            let mut steps = Steps::default();
            assert!((0..10_000).all(|_| steps.go_on()));
            switch.stop(Stopped::Timeout);
            assert!((0..=Steps::BETWEEN).any(|_| !steps.go_on()));
            assert!((0..10_000).all(|_| !steps.go_on()));
        });
    }
}
