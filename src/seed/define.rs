//! Datasets from definitions, rows included.

use crate::clock::Clock as _;
use crate::codec::{BodyFormat, Decoder, MAX_ROW, RowLayout, Rows, TopLevel};
use crate::producer::{Detail, Fatal, UpsertOptions, upsert};
use crate::soda::definition::{self, DefinitionError};
use crate::soda::value::RowIdCipher;
use crate::soda::{Dataset, FourByFour};
use crate::space::Space;
use crate::store::{Connection, Entry, StoreError, catalogue};
use serde_json::Value;
use std::sync::Arc;

/// A dataset to be made.
pub struct NewDataset {
    /// Its id.
    pub id: FourByFour,
    /// Metadata or the short form.
    pub definition: Value,
    /// Its rows, as bytes of a format; none: the definition's own `rows`.
    pub rows: Option<(BodyFormat, Vec<u8>)>,
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
    old: Option<Dataset>,
    rows: (BodyFormat, Vec<u8>),
}

/// Makes or replaces datasets in one transaction: all or none. An error comes with the index of
/// the dataset that it is about.
pub async fn define_all(space: &Space, all: Vec<NewDataset>) -> Result<Vec<Defined>, (usize, DefineError)> {
    define(space, all, false).await
}

/// The same; with `clear` every other dataset goes.
pub(super) async fn define(
    space: &Space,
    all: Vec<NewDataset>,
    clear: bool,
) -> Result<Vec<Defined>, (usize, DefineError)> {
    let now = space.clock.now_ms();
    let mut prepared = Vec::with_capacity(all.len());
    for (index, new) in all.into_iter().enumerate() {
        prepared.push(prepare(space, new, now).map_err(|e| (index, e.into()))?);
    }
    let gone: Vec<Dataset> = if clear {
        space.store().catalogue().all().into_iter().map(|e| e.dataset.clone()).collect()
    } else {
        Vec::new()
    };
    let failed_at = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let at = Arc::clone(&failed_at);
    let store = space.store();
    let made = store.define(move |connection| {
        for dataset in &gone {
            catalogue::remove(connection, dataset)?;
        }
        let mut made = Vec::new();
        for (index, one) in prepared.into_iter().enumerate() {
            at.store(index, std::sync::atomic::Ordering::Relaxed);
            if let Some(old) = one.old.as_ref().filter(|_| !clear) {
                catalogue::remove(connection, old)?;
            }
            made.push(create(connection, one.dataset, &one.rows, now)?);
        }
        Ok(made)
    });
    made.await.map_err(|e| (failed_at.load(std::sync::atomic::Ordering::Relaxed), e.into()))
}

fn prepare(space: &Space, new: NewDataset, now: i64) -> Result<Prepared, DefinitionError> {
    let mut dataset = definition::parse(&new.definition, new.id)?;
    dataset.id_key = space.ids.bytes::<72>().to_vec();
    dataset.created_at = now / 1000;
    for column in &mut dataset.columns {
        if column.id == 0 {
            column.id = space.ids.column_id();
        }
    }
    let rows = new.rows.unwrap_or_else(|| {
        let own = new.definition.get("rows").map_or_else(|| "[]".to_owned(), Value::to_string);
        (BodyFormat::Json, own.into_bytes())
    });
    let old = space.store().catalogue().find(dataset.id.as_str()).map(|e| e.dataset.clone());
    Ok(Prepared { dataset, old, rows })
}

fn create(
    connection: &Connection,
    mut dataset: Dataset,
    rows: &(BodyFormat, Vec<u8>),
    now: i64,
) -> Result<Defined, StoreError> {
    catalogue::create(connection, &mut dataset, now)?;
    let cipher = Arc::new(RowIdCipher::new(&dataset.id_key));
    let layout = Arc::new(RowLayout::new(&dataset, Arc::clone(&cipher), false));
    let mut typed = Rows::new(Arc::clone(&layout));
    let mut decoder = Decoder::new(rows.0, TopLevel::Array, MAX_ROW);
    decoder.feed(&rows.1, &mut typed)?;
    decoder.finish(&mut typed)?;
    let id = dataset.id.clone();
    let entry = Entry { dataset, layout, cipher };
    let options = UpsertOptions {
        truncate: false,
        merge: true,
        fatal: Fatal::All,
        expected_version: None,
        detail: Detail::Counts,
        keep: 0,
        now,
    };
    let report = upsert(connection, &entry, std::iter::once(Ok(Arc::new(typed.take()))), &options)?;
    Ok(Defined { id, rows: report.created, data_version: report.data_version })
}
