//! SQL functions that SoQL needs and SQLite lacks.

use rusqlite::Connection;

/// Registers them on a connection.
pub fn register(_connection: &Connection) -> rusqlite::Result<()> {
    Ok(())
}
