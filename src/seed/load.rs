//! A space's seeds at its start, and back to them.

use super::define::{DefineError, NewDataset, define};
use super::files::{self, SeedError};
use crate::soda::FourByFour;
use crate::space::{Seeds, Space};
use std::path::PathBuf;

/// Where a reset goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetTo {
    /// What the space started with.
    Seed,
    /// Nothing.
    Empty,
}

/// Why seeds were not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file.
    #[error("seed {0}")]
    File(#[from] SeedError),
    /// Its content.
    #[error("seed {}: {error}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: DefineError,
    },
    /// The store.
    #[error("{0}")]
    Store(#[from] DefineError),
}

fn datasets(seeds: &Seeds) -> Result<Vec<(PathBuf, NewDataset)>, LoadError> {
    let mut all = Vec::new();
    for path in &seeds.paths {
        all.extend(files::read(path)?);
    }
    let demo = seeds.demo.then(|| serde_json::from_str(super::DEMO).ok().zip(FourByFour::parse("4tka-6guv")));
    if let Some((definition, id)) = demo.flatten() {
        all.push((PathBuf::from("demo.json"), NewDataset { id, definition, rows: None }));
    }
    Ok(all)
}

async fn make(space: &Space, all: Vec<(PathBuf, NewDataset)>, clear: bool) -> Result<usize, LoadError> {
    let (paths, new): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let made = define(space, new, clear).await.map_err(|(index, error)| match paths.get(index) {
        Some(path) => LoadError::Content { path: path.clone(), error },
        None => error.into(),
    })?;
    Ok(made.len())
}

/// Loads the seeds whose datasets are not there yet: a data file is not overwritten.
pub async fn load_missing(space: &Space) -> Result<usize, LoadError> {
    let mut all = datasets(&space.seeds)?;
    let catalogue = space.store().catalogue();
    all.retain(|(_, new)| catalogue.find(new.id.as_str()).is_none());
    if all.is_empty() { Ok(0) } else { make(space, all, false).await }
}

/// Replaces all data, in one transaction; the number of datasets that are there afterwards.
pub async fn reset(space: &Space, to: ResetTo) -> Result<usize, LoadError> {
    let all = if to == ResetTo::Seed { datasets(&space.seeds)? } else { Vec::new() };
    make(space, all, true).await
}
