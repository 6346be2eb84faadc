//! What a request leaves behind for those who tell of it: journal, metrics, logs.
//!
//! Made before anything else looks at a request and carried in its extensions; whoever does a part
//! of the work writes down what it did.

use crate::access::Caller;
use crate::journal::{Capture, Fates, FaultApplied, RowCounts, mask};
use crate::producer::UpsertReport;
use crate::store::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a request did so far; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Footprint(Arc<Mutex<Trace>>);

/// The facts.
#[derive(Debug, Default)]
pub struct Trace {
    /// The 4x4 of the dataset.
    pub dataset: Option<Box<str>>,
    /// The account.
    pub user: Option<Box<str>>,
    /// The application token, masked.
    pub app_token: Option<Box<str>>,
    /// What became of the rows.
    pub rows: Option<RowCounts>,
    /// The fate of each row, as far as kept.
    pub fates: Option<Fates>,
    /// The data version before and after.
    pub versions: Option<(i64, i64)>,
    /// The fault that was applied.
    pub fault: Option<FaultApplied>,
    /// Whether the connection ended before a byte of the answer.
    pub hung_up: bool,
    /// Whether a throttling pool refused the request.
    pub throttled: bool,
    /// The body, as far as it was read.
    pub body: Capture,
}

impl Footprint {
    /// The dataset that was found.
    pub fn dataset(&self, entry: &Entry) {
        self.trace().dataset = Some(entry.dataset.id.as_str().into());
    }

    /// Who is calling.
    pub fn user(&self, caller: &Caller) {
        if let Some(name) = caller.name() {
            self.trace().user = Some(name.into());
        }
    }

    /// The application token of the request.
    pub fn app_token(&self, token: Option<&str>) {
        if let Some(token) = token {
            self.trace().app_token = Some(mask::app_token(token).into());
        }
    }

    /// A pool was empty.
    pub fn throttled(&self) {
        self.trace().throttled = true;
    }

    /// What became of the rows; the fates that were kept move over.
    pub fn rows(&self, entry: &Entry, report: &mut UpsertReport) {
        let kept = std::mem::take(&mut report.kept);
        let mut trace = self.trace();
        trace.rows = Some(RowCounts::of(report));
        trace.versions = Some((report.data_version - 1, report.data_version));
        if !kept.rows.is_empty() {
            let (field, _) = entry.layout.key_field();
            trace.fates = Some(Fates { kept, key_field: field.into(), cipher: Arc::clone(&entry.cipher) });
        }
    }

    /// The counts of a report that was changed after the write.
    pub fn counts(&self, report: &UpsertReport) {
        self.trace().rows = Some(RowCounts::of(report));
    }

    /// The fault that was applied: the id of its rule and what it did, in words.
    pub fn fault(&self, id: &str, what: impl Into<String>) {
        self.trace().fault = Some(FaultApplied { id: id.to_owned(), what: what.into() });
    }

    /// The client sees no answer.
    pub fn hung_up(&self) {
        self.trace().hung_up = true;
    }

    /// The facts, for reading and writing.
    pub fn trace(&self) -> MutexGuard<'_, Trace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
