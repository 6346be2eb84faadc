//! The read verbs, as plain functions over a read-only connection.

mod encode;
mod query;

pub use encode::{Encoder, ReadFormat};
pub use query::{Facts, Head, run};
