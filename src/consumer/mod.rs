//! The read verbs, as plain functions over a read-only connection.

pub mod diff;
mod encode;
pub mod plan;
mod query;
pub mod shown;
mod stored;
pub mod view_rows;

pub use encode::{Encoder, Form, ReadFormat};
pub use query::{Facts, Head, explain, run};
pub use stored::stored_rows;
