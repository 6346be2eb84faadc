//! The rows of a query as objects, for what compares or prints them.

use super::query::Facts;
use crate::api::Row;
use crate::soda::Value;
use crate::soda::value::to_json;
use crate::store::versions::Versions;
use crate::store::{Entry, ReadTx, StoreError};

/// Gives the rows of a query to `each`, one by one, with the values that the read API shows as JSON; null fields are
/// left out. Ends with 404 or 409 when the dataset was removed, replaced or has other columns than `entry`.
pub fn for_each_row(
    tx: &ReadTx<'_>,
    entry: &Entry,
    facts: &Facts,
    mut each: impl FnMut(Row),
) -> Result<(), StoreError> {
    Versions::of(tx, &entry.dataset)?;
    tx.rows(&facts.sql, &facts.params, |row| {
        let cell = |(index, (name, soql_type)): (usize, &(String, _))| match row.value(index) {
            Value::Null => None,
            value => Some((name.clone(), to_json(*soql_type, &value, &entry.cipher))),
        };
        each(facts.columns.iter().enumerate().filter_map(cell).collect());
        Ok(true)
    })
}
