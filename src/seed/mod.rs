//! Seeds: datasets that are there from the start.

mod define;
mod error;
mod files;
mod load;
mod rows;
mod settings;

pub use define::{DefineError, Defined, NewDataset, define_all};
pub use error::SeedError;
pub use files::read;
pub use load::{LoadError, Seeds, image, load_missing};
pub use rows::RowsToRead;
pub use settings::Settings;

/// The demo dataset of the documentation.
pub const DEMO: &str = include_str!("demo.json");
