//! A space's seeds at its start, and back to them.

use super::define::{self, DefineError, NewDataset, define_all};
use super::error::SeedError;
use super::files;
use crate::ids::Ids;
use crate::soda::FourByFour;
use crate::store::{Folder, Image, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// What a space starts with.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The demo dataset.
    pub demo: bool,
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

/// An image with the seeds.
pub fn image(
    seeds: &Seeds,
    folder: &Arc<Folder>,
    strict_types: bool,
    ids: &Ids,
    now: i64,
) -> Result<Arc<Image>, LoadError> {
    let (paths, new): (Vec<_>, Vec<_>) = datasets(seeds)?.into_iter().unzip();
    define::image(folder, strict_types, ids, now, new).map_err(|failure| located(&paths, failure))
}

/// Loads the seeds whose datasets are not there yet: a data file is not overwritten.
pub async fn load_missing(
    seeds: &Seeds,
    store: &Arc<Store>,
    ids: &Ids,
    now: i64,
) -> Result<usize, LoadError> {
    let mut all = datasets(seeds)?;
    let catalogue = store.catalogue();
    all.retain(|(_, new)| catalogue.find(new.id.as_str()).is_none());
    if all.is_empty() {
        return Ok(0);
    }
    let (paths, new): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let made = define_all(store, ids, now, new).await.map_err(|failure| located(&paths, failure))?;
    Ok(made.len())
}

fn located(paths: &[PathBuf], (index, error): (usize, DefineError)) -> LoadError {
    match paths.get(index) {
        Some(path) => LoadError::Content { path: path.clone(), error },
        None => error.into(),
    }
}
