//! Brings a database to the newest format.

use super::StoreError;
use rusqlite::Connection;

/// Every step, in order. The format of a database is the number of steps it has seen.
const STEPS: [&str; 1] = [include_str!("../../migrations/0001_catalogue.sql")];

/// What marks a file as ours, in SQLite's header: `SODA`.
const APPLICATION: i64 = 0x534F_4441;

/// Whether a database was made by this program.
pub fn is_ours(connection: &Connection) -> Result<bool, StoreError> {
    let pragma = |name: &str| connection.query_row(name, [], |row| row.get::<_, i64>(0));
    if pragma("PRAGMA application_id")? == APPLICATION {
        return Ok(true);
    }
    // The first format had no mark.
    let catalogue =
        "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name IN ('datasets','columns','settings')";
    Ok(pragma("PRAGMA application_id")? == 0
        && pragma("PRAGMA user_version")? >= 1
        && pragma(catalogue)? == 3)
}

fn is_new(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM sqlite_schema";
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0)
}

/// Runs the steps that are missing; a database from the future and one of another program are
/// refused.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if !is_ours(connection)? && !is_new(connection)? {
        return Err(StoreError::NotOurs("it belongs to another program".to_owned()));
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(StoreError::NewerDatabase { found, known });
    }
    if found == known {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.execute_batch(&format!("PRAGMA user_version={known}; PRAGMA application_id={APPLICATION}"))?;
    tx.commit()?;
    Ok(())
}
