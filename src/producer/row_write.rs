//! Rows of a request on their way to the writer.

use super::report::UpsertReport;
use super::row::{delete_row, upsert_row};
use super::upsert::{Fatal, UpsertOptions, upsert, with_history};
use crate::soda::Value;
use crate::store::{Entry, FeedSender, Generation, Pending, Spool, Store, StoreError, WriteMode, WriteTx};
use std::sync::Arc;

/// A write that takes its rows while they come: where they go, and the report that comes of them.
pub type RowFeed = (FeedSender, Pending<UpsertReport>);

/// A write of rows to a dataset, as its request has found it.
#[derive(Clone)]
pub struct RowWrite {
    /// The data.
    pub store: Arc<Store>,
    /// The data that were there when the request came: a write does not land in data that took their place.
    pub generation: Generation,
    /// The dataset.
    pub entry: Arc<Entry>,
    /// How rows are applied.
    pub options: UpsertOptions,
}

impl RowWrite {
    /// Begins to write rows that come from a feed. Ends with [`StoreError::Stalled`] when they do not come fast
    /// enough; then they are to be written by [`Self::apply`].
    pub fn begin(&self) -> Result<RowFeed, StoreError> {
        let Self { store, generation, entry, options } = self.clone();
        store.write_fed(move |tx, feed| {
            generation.check()?;
            Ok(with_history(&entry, &options, upsert(tx, &entry, feed, &options)?))
        })
    }

    /// Writes the rows of a spool. `solitary` tells whether requests come one by one; it is asked for small writes.
    pub async fn apply(
        self,
        mut spool: Spool,
        solitary: impl FnOnce() -> bool,
    ) -> Result<UpsertReport, StoreError> {
        let refuses_late = self.options.fatal != Fatal::None;
        let mode = WriteMode::of_upload(spool.bytes(), self.options.truncate, refuses_late, solitary);
        let verb = move |tx: &WriteTx<'_>, entry: &Entry, options: &UpsertOptions| {
            Ok((upsert(tx, entry, spool.batches(), options)?, ()))
        };
        Ok(self.submit(mode, verb).await?.0)
    }

    /// Writes the one row of a spool and gives it as it is stored; see [`upsert_row`].
    pub async fn apply_row(
        self,
        mut spool: Spool,
        solitary: impl FnOnce() -> bool,
    ) -> Result<(UpsertReport, Vec<u8>), StoreError> {
        let mode = WriteMode::of_clean(spool.bytes(), solitary);
        let verb = move |tx: &WriteTx<'_>, entry: &Entry, options: &UpsertOptions| {
            upsert_row(tx, entry, &mut spool, options)
        };
        self.submit(mode, verb).await
    }

    /// Deletes one row; see [`delete_row`].
    pub async fn delete_row(
        self,
        key: Value<'static>,
        solitary: impl FnOnce() -> bool,
    ) -> Result<UpsertReport, StoreError> {
        let verb = move |tx: &WriteTx<'_>, entry: &Entry, options: &UpsertOptions| {
            Ok((delete_row(tx, entry, key, options)?, ()))
        };
        Ok(self.submit(WriteMode::of_clean(0, solitary), verb).await?.0)
    }

    /// Runs a verb on the writer; the history is told of what it reports.
    async fn submit<T: Send + 'static>(
        self,
        mode: WriteMode,
        verb: impl FnOnce(&WriteTx<'_>, &Entry, &UpsertOptions) -> Result<(UpsertReport, T), StoreError>
        + Send
        + 'static,
    ) -> Result<(UpsertReport, T), StoreError> {
        let Self { store, generation, entry, options } = self;
        let job = move |tx: &WriteTx<'_>| {
            generation.check()?;
            let (report, more) = verb(tx, &entry, &options)?;
            let (report, write) = with_history(&entry, &options, report);
            Ok(((report, more), write))
        };
        store.write_with_history(mode, job).await
    }
}
