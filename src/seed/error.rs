//! What can be wrong with a seed.

use crate::soda::SodaError;
use std::path::PathBuf;

/// What is wrong with a seed, and in which file.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It cannot be read.
    #[error("{}: {source}; name a seed file or folder that can be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no definition of a dataset.
    #[error("{}{}", path.display(), told(.why))]
    NotDefinition {
        /// Which.
        path: PathBuf,
        /// Why and where.
        why: SodaError,
    },
    /// The folder's settings.
    #[error("{}:{line}: {why}", path.display())]
    Settings {
        /// Which.
        path: PathBuf,
        /// Where.
        line: usize,
        /// Why.
        why: String,
    },
    /// No 4x4 id in the file and none in its name.
    #[error("{}: no 4x4 id; name the file 4x4.json or give an \"id\"", .0.display())]
    NoId(PathBuf),
    /// Nothing to load.
    #[error("{}: no seed; a dataset is 4x4.json, with rows beside it in 4x4.csv, 4x4.rows.json, 4x4.ndjson or 4x4.geojson", .0.display())]
    Empty(PathBuf),
}

/// Where in a file it is wrong, and why.
fn told(why: &SodaError) -> String {
    match (why.data.as_ref().and_then(|data| data["row"].as_u64()), &why.hint) {
        (Some(line), Some(hint)) => format!(":{line}: {hint}"),
        _ => format!(": {}", why.message),
    }
}
