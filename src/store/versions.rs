//! A dataset's versions and its counter of row numbers.

use super::StoreError;
pub use super::version_numbers::Versions;

use super::tx::{ReadTx, ResultRow, WriteTx};
use crate::soda::{Dataset, ErrorCode, SodaError, Value};
use std::collections::HashMap;

macro_rules! versions {
    () => {
        "datasets.data_version,datasets.schema_version,datasets.next_number,datasets.rows_updated_at"
    };
}

/// The columns that [`Versions::read`] takes; a query that has them first can read them beside rows.
pub(super) const VERSIONS: &str = versions!();

const ONE: &str = concat!("SELECT ", versions!(), " FROM datasets WHERE number=?1");

const ALL: &str = concat!("SELECT ", versions!(), ",datasets.number FROM datasets");

/// The versions of all datasets, by the numbers of their tables.
pub type VersionsByNumber = HashMap<i64, Versions>;

/// The refusal of a change to a dataset that is no longer there, or that another one has replaced.
pub(super) fn gone(tx: &ReadTx<'_>, dataset: &Dataset) -> StoreError {
    let sql = "SELECT count(*) FROM datasets WHERE id=?1";
    let others = tx.query_row(sql, [dataset.id.as_str()], |row| row.get::<_, i64>(0));
    gone_or_replaced(dataset, others.is_ok_and(|others| others > 0))
}

/// The same when it is known whether there is another one.
pub(super) fn gone_or_replaced(dataset: &Dataset, replaced: bool) -> StoreError {
    if replaced {
        return SodaError::new(ErrorCode::SchemaOutOfSync, "Schema is not in sync with upstream service")
            .hint("The dataset was replaced while the request was under way. Nothing was changed; send it again.")
            .into();
    }
    SodaError::dataset_missing(dataset.id.as_str()).into()
}

impl Versions {
    /// How many columns it takes.
    pub const WIDTH: usize = 4;

    /// From the first columns of a row.
    pub fn read(row: &ResultRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            data_version: row.integer(0)?,
            schema_version: row.integer(1)?,
            next_number: row.integer(2)?,
            rows_updated_at: row.integer(3)?,
        })
    }

    /// As of this transaction. A dataset that has gone or changed its columns since the request
    /// looked at it is a conflict.
    pub fn of(tx: &ReadTx<'_>, dataset: &Dataset) -> Result<Self, StoreError> {
        match Self::find(tx, dataset.number)? {
            None => Err(gone(tx, dataset)),
            found => Self::checked(found, dataset),
        }
    }

    /// Those of the dataset with this number, if it is there.
    pub(super) fn find(tx: &ReadTx<'_>, number: i64) -> Result<Option<Self>, StoreError> {
        let mut found = None;
        tx.rows(ONE, &[Value::Int(number)], |row| {
            found = Some(Self::read(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// Those of all datasets.
    pub(super) fn load(tx: &ReadTx<'_>) -> Result<VersionsByNumber, StoreError> {
        let mut all = VersionsByNumber::new();
        tx.rows(ALL, &[], |row| {
            all.insert(row.integer(Self::WIDTH)?, Self::read(row)?);
            Ok(true)
        })?;
        Ok(all)
    }

    /// What was found, if it is of the dataset as the request looked at it.
    pub fn checked(found: Option<Self>, dataset: &Dataset) -> Result<Self, StoreError> {
        match found {
            Some(versions) if versions.schema_version == dataset.schema_version => Ok(versions),
            Some(_) => {
                Err(SodaError::new(ErrorCode::SchemaOutOfSync, "Schema is not in sync with upstream service")
                    .hint("The dataset's columns changed while the request was read. Send it again.")
                    .into())
            }
            None => Err(SodaError::dataset_missing(dataset.id.as_str()).into()),
        }
    }

    /// Stores the state after one successful write.
    pub fn store(
        self,
        tx: &WriteTx<'_>,
        dataset: &Dataset,
        next_number: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut statement = tx.prepare_cached(
            "UPDATE datasets SET data_version=?2, next_number=?3, rows_updated_at=?4 WHERE number=?1",
        )?;
        let next = Self { data_version: self.data_version + 1, next_number, rows_updated_at: now, ..self };
        statement.execute((dataset.number, next.data_version, next_number, now))?;
        tx.note_versions(dataset.number, next);
        Ok(())
    }
}
