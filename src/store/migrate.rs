//! Brings a database to the newest format.

use super::StoreError;
use rusqlite::Connection;

/// Every step, in order. The format of a database is the number of steps it has seen.
const STEPS: [&str; 1] = [include_str!("../../migrations/0001_catalogue.sql")];

/// Runs the steps that are missing; a database from the future is refused.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
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
    tx.execute_batch(&format!("PRAGMA user_version={known}"))?;
    tx.commit()?;
    Ok(())
}
