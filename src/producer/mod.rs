//! The write verbs, as plain functions inside a transaction.

mod report;
mod upsert;

pub use report::{Detail, Item, KeptFates, Key, RowFate, UpsertReport};
pub use upsert::{Fatal, UpsertOptions, noted, upsert};
