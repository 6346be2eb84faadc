//! The read verbs, as plain functions over a read-only connection.

pub mod diff;
mod encode;
mod orders;
pub mod plan;
mod query;
pub mod shown;
mod stored;
pub mod view_rows;

pub use encode::{Form, ReadFormat, xml_text};
pub use orders::{Order, Orders};
pub use query::{Facts, Head, explain, run, single};
pub use stored::{numbered_rows, stored_rows};
