//! Long reads, each of which can be stopped from outside.

use rusqlite::Connection;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// SQLite looks at the switch every so many steps of its machine, some ten times a millisecond.
const STEPS: i32 = 10_000;

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
pub struct StopSwitch(Arc<AtomicU8>);

impl StopSwitch {
    /// Ends the read; the first reason stays.
    pub fn stop(&self, why: Stopped) {
        let why = if why == Stopped::Timeout { 1 } else { 2 };
        let _ = self.0.compare_exchange(0, why, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why it was stopped, if it was.
    pub fn stopped(&self) -> Option<Stopped> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(Stopped::Timeout),
            _ => Some(Stopped::Abandoned),
        }
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

/// Makes a connection look at the switch of the thread that uses it.
pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<()> {
    let is_stopped =
        || CURRENT.with_borrow(|current| current.as_ref().is_some_and(|switch| switch.stopped().is_some()));
    connection.progress_handler(STEPS, Some(is_stopped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_without_end_is_stopped() {
        let mut connection = Connection::open_in_memory().unwrap();
        watch(&mut connection).unwrap();
        let switch = StopSwitch::default();
        let stopper = {
            let switch = switch.clone();
            std::thread::spawn(move || switch.stop(Stopped::Timeout))
        };
        let endless = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";
        let result = switch.guard(|| connection.query_row(endless, [], |row| row.get::<_, i64>(0)));
        assert!(result.is_err());
        stopper.join().unwrap();
        switch.stop(Stopped::Abandoned);
        assert_eq!(switch.stopped(), Some(Stopped::Timeout));
        assert_eq!(connection.query_row("SELECT 1", [], |row| row.get::<_, i64>(0)), Ok(1));
    }
}
