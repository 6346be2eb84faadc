//! Seeds: datasets that are there from the start.

mod define;
mod files;

pub use define::{DefineError, Defined, NewDataset, define_all};
pub use files::{SeedError, read};

/// The demo dataset of the documentation.
pub const DEMO: &str = include_str!("demo.json");
