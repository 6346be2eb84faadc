//! Long reads: so many at a time, each of which can be stopped from outside.

use rusqlite::{Connection, InterruptHandle};
use std::sync::{Mutex, PoisonError};

/// Why a read was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It ran too long.
    Timeout,
    /// Nobody waits for it any more.
    Abandoned,
}

#[derive(Default)]
struct State {
    handle: Option<InterruptHandle>,
    stopped: Option<Stopped>,
}

/// Stops one read. The statement that runs is interrupted, never one of another read: the handle is
/// given back under the same lock before the connection is.
#[derive(Default)]
pub struct StopSwitch(Mutex<State>);

impl StopSwitch {
    /// Ends the read.
    pub fn stop(&self, why: Stopped) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.stopped.get_or_insert(why);
        if let Some(handle) = &state.handle {
            handle.interrupt();
        }
    }

    /// Why it was stopped, if it was.
    pub fn stopped(&self) -> Option<Stopped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stopped
    }

    /// Runs a read that the switch can end.
    pub fn guard<T>(&self, connection: &Connection, read: impl FnOnce() -> T) -> T {
        struct Release<'a>(&'a StopSwitch);
        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.0.lock().unwrap_or_else(PoisonError::into_inner).handle = None;
            }
        }
        let _release = Release(self);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).handle =
            Some(connection.get_interrupt_handle());
        read()
    }
}
