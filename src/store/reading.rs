//! Long reads, each of which can be stopped from outside.

use rusqlite::Connection;

pub use super::functions::{StopSwitch, Stopped, is_stopped};

/// SQLite looks at the switch every so many steps of its machine, some ten times a millisecond.
const STEPS: i32 = 10_000;

/// Makes a connection look at the switch of the thread that uses it.
pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<()> {
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
