//! Whether values could identify rows, looked at without holding them all in memory.

use crate::soda::{SoqlType, Value};
use crate::store::catalogue::declaration;
use crate::store::{ReadTx, StoreError};
use rusqlite::params;

/// Values that were seen, in a table that only this connection has.
pub struct SeenValues<'c>(ReadTx<'c>);

const DROP: &str = "DROP TABLE IF EXISTS temp.seen_values";

impl<'c> SeenValues<'c> {
    /// None yet; values are compared as a column of this type compares them.
    pub fn new(tx: ReadTx<'c>, soql_type: SoqlType) -> Result<Self, StoreError> {
        let kind = declaration(soql_type);
        tx.prepare_cached(DROP)?.execute([])?;
        let sql = format!("CREATE TEMP TABLE seen_values(value {kind} PRIMARY KEY) WITHOUT ROWID");
        tx.prepare_cached(&sql)?.execute([])?;
        Ok(Self(tx))
    }

    /// Adds a value; false when it was there already.
    pub fn add(&self, value: &Value<'_>) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO temp.seen_values(value) VALUES (?1)";
        Ok(self.0.prepare_cached(sql)?.execute(params![value])? > 0)
    }
}

impl Drop for SeenValues<'_> {
    fn drop(&mut self) {
        // A table that stays is dropped by the next one who needs it.
        let _ = self.0.prepare_cached(DROP).and_then(|mut statement| statement.execute([]));
    }
}
