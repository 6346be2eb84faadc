//! Rows of a request on their way to the writer.

use super::report::UpsertReport;
use super::row::{delete_row, upsert_row};
use super::upsert::{Fatal, UpsertOptions, upsert, with_history};
use crate::soda::Value;
use crate::store::{Entry, FeedSender, Generation, Manner, Pending, Spool, Store, StoreError, WriteTx};
use std::sync::Arc;

/// Rows of so many bytes are committed alone, so that a small write does not wait for them.
const LONG: usize = 256 * 1024;
/// Rows of so many bytes are written within the time of a few small reads.
const SHORT: usize = 8 * 1024;

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
        let alone = spool.bytes() > LONG || self.options.truncate;
        let manner = match (alone, &self.options.fatal) {
            (true, _) => Manner::Alone,
            (false, Fatal::None) => clean(spool.bytes(), solitary),
            _ => Manner::Savepoint,
        };
        let verb = move |tx: &WriteTx<'_>, entry: &Entry, options: &UpsertOptions| {
            Ok((upsert(tx, entry, spool.batches(), options)?, ()))
        };
        Ok(self.submit(manner, verb).await?.0)
    }

    /// Writes the one row of a spool and gives it as it is stored; see [`upsert_row`].
    pub async fn apply_row(
        self,
        mut spool: Spool,
        solitary: impl FnOnce() -> bool,
    ) -> Result<(UpsertReport, Vec<u8>), StoreError> {
        let manner = clean(spool.bytes(), solitary);
        let verb = move |tx: &WriteTx<'_>, entry: &Entry, options: &UpsertOptions| {
            upsert_row(tx, entry, &mut spool, options)
        };
        self.submit(manner, verb).await
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
        Ok(self.submit(clean(0, solitary), verb).await?.0)
    }

    /// Runs a verb on the writer; the history is told of what it reports.
    async fn submit<T: Send + 'static>(
        self,
        manner: Manner,
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
        store.write_noted(manner, job).await
    }
}

/// How a write of so many bytes goes that refuses, if it does, before it changes anything. Where other requests are on
/// their way it goes to the writer's thread, which commits together what comes together.
fn clean(bytes: usize, solitary: impl FnOnce() -> bool) -> Manner {
    if bytes <= SHORT && solitary() { Manner::Short } else { Manner::Clean }
}
