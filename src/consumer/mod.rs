//! The read verbs, as plain functions over a transaction that reads.

pub mod diff;
mod encode;
#[cfg(feature = "cli")]
mod objects;
mod orders;
pub mod plan;
mod query;
pub mod shown;
pub mod view_rows;

pub use encode::{Form, ReadFormat, xml_text};
#[cfg(feature = "cli")]
pub use objects::for_each_row;
pub use orders::{Orders, Part};
pub use query::{Facts, Head, run, single};
