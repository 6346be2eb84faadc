//! Datasets from definitions, rows included.

use super::rows::RowsToRead;
use crate::codec::BodyFormat;
use crate::ids::Ids;
use crate::memory::Memory;
use crate::producer::{UpsertOptions, upsert};
use crate::soda::definition::{self, DefinitionError};
use crate::soda::{Dataset, FourByFour};
use crate::store::{Entry, Folder, Image, Store, StoreError, WriteTx, catalogue};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// A dataset to be made.
pub struct NewDataset {
    /// Its id.
    pub id: FourByFour,
    /// Metadata or the short form.
    pub definition: Value,
    /// Its rows; none: the definition's own `rows`.
    pub rows: Option<RowsToRead>,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// The id.
    pub id: FourByFour,
    /// The number of rows.
    pub rows: u64,
    /// The data version.
    pub data_version: i64,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum DefineError {
    /// The definition is wrong.
    #[error("{0}")]
    Definition(#[from] DefinitionError),
    /// The rows are refused, or the store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

struct Prepared {
    dataset: Dataset,
    rows: RowsToRead,
}

/// Makes or replaces datasets in one transaction: all or none. An error comes with the index of
/// the dataset that it is about.
pub async fn define_all(
    store: &Arc<Store>,
    ids: &Ids,
    now: i64,
    all: Vec<NewDataset>,
) -> Result<Vec<Defined>, (usize, DefineError)> {
    let prepared = prepare_all(ids, all, now)?;
    let (refused, last) = (Arc::new(OnceLock::new()), prepared.len().saturating_sub(1));
    let (refused_in_job, memory) = (Arc::clone(&refused), Arc::clone(store.memory()));
    let made = store.define(move |tx| {
        for one in &prepared {
            catalogue::remove_named(tx, &one.dataset.id)?;
        }
        create_all(tx, prepared, now, &memory, &refused_in_job)
    });
    made.await.map_err(|e| (refused.get().copied().unwrap_or(last), e.into()))
}

/// An image with these datasets and nothing else.
pub(super) fn image(
    folder: &Arc<Folder>,
    strict_types: bool,
    ids: &Ids,
    now: i64,
    all: Vec<NewDataset>,
) -> Result<Arc<Image>, (usize, DefineError)> {
    let prepared = prepare_all(ids, all, now)?;
    let (refused, last) = (OnceLock::new(), prepared.len().saturating_sub(1));
    let built = Image::build(folder, strict_types, |tx| {
        create_all(tx, prepared, now, folder.memory(), &refused).map(drop)
    });
    built.map(|(image, ())| image).map_err(|e| (refused.get().copied().unwrap_or(last), e.into()))
}

fn prepare_all(ids: &Ids, all: Vec<NewDataset>, now: i64) -> Result<Vec<Prepared>, (usize, DefineError)> {
    let prepare = |(index, new)| prepare(ids, new, now).map_err(|e| (index, e.into()));
    all.into_iter().enumerate().map(prepare).collect()
}

/// Makes datasets one behind the other; `refused` is told the index of the one that could not be made.
fn create_all(
    tx: &WriteTx<'_>,
    all: Vec<Prepared>,
    now: i64,
    memory: &Memory,
    refused: &OnceLock<usize>,
) -> Result<Vec<Defined>, StoreError> {
    let create = |(index, one): (usize, Prepared)| {
        create(tx, one, now, memory).inspect_err(|_| {
            // The first refusal is the only one: what follows is not made.
            let _ = refused.set(index);
        })
    };
    all.into_iter().enumerate().map(create).collect()
}

fn prepare(ids: &Ids, new: NewDataset, now: i64) -> Result<Prepared, DefinitionError> {
    let mut dataset = definition::parse(&new.definition, new.id)?;
    dataset.id_key = ids.bytes::<72>().to_vec();
    dataset.created_at = now / 1000;
    for column in &mut dataset.columns {
        if column.id == 0 {
            column.id = ids.column_id();
        }
    }
    let rows = new.rows.unwrap_or_else(|| {
        let own = new.definition.get("rows").filter(|rows| !rows.is_null());
        RowsToRead::text(BodyFormat::Json, own.map_or_else(|| "[]".to_owned(), Value::to_string))
    });
    Ok(Prepared { dataset, rows })
}

fn create(tx: &WriteTx<'_>, new: Prepared, now: i64, memory: &Memory) -> Result<Defined, StoreError> {
    let Prepared { mut dataset, rows } = new;
    catalogue::create(tx, &mut dataset, now)?;
    let entry = Entry::new(dataset, false);
    let id = entry.dataset.id.clone();
    let options = UpsertOptions::all_or_nothing(now);
    let report = upsert(tx, &entry, rows.typed(&entry, &memory.partial), &options)?;
    Ok(Defined { id, rows: report.created, data_version: report.data_version })
}
