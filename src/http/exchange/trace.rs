//! What is told of a request afterwards: in the journal, the metrics and the log.

use crate::journal::{Capture, FaultApplied, RowCounts, RowOutcomes};
use crate::producer::UpsertReport;
use crate::store::Entry;
use std::sync::Arc;

/// What a request has done so far; whoever does a part of the work writes down what it did.
#[derive(Debug, Default)]
pub struct RequestTrace {
    /// The 4x4 of the dataset that was found.
    pub dataset: Option<Box<str>>,
    /// The field that identifies its rows.
    pub key_field: Option<Box<str>>,
    /// The account.
    pub user: Option<Box<str>>,
    /// The application token, masked.
    pub app_token: Option<Box<str>>,
    /// What became of the rows.
    pub rows: Option<RowCounts>,
    /// The outcome of each row, as far as kept.
    pub outcomes: Option<RowOutcomes>,
    /// The data version before and after.
    pub versions: Option<(i64, i64)>,
    /// The fault that was applied.
    pub fault: Option<FaultApplied>,
    /// Whether a throttling pool refused the request.
    pub throttled: bool,
    /// The body, as far as it was read.
    pub body: Capture,
    /// The number of the journal entry, once there is one.
    pub entry: Option<u64>,
}

impl RequestTrace {
    /// Takes down which dataset was found.
    pub fn found(&mut self, entry: &Entry) {
        self.dataset = Some(entry.dataset.id.as_str().into());
        self.key_field = Some(entry.layout.key_field().0.into());
    }

    /// Takes over what became of the rows, and the outcomes that the report has kept.
    pub fn rows(&mut self, entry: &Entry, report: &mut UpsertReport) {
        let kept = std::mem::take(&mut report.kept);
        self.rows = Some(RowCounts::of(report));
        self.versions = Some((report.data_version - 1, report.data_version));
        if !kept.rows.is_empty() {
            let (field, _) = entry.layout.key_field();
            self.outcomes =
                Some(RowOutcomes { kept, key_field: field.into(), cipher: Arc::clone(&entry.cipher) });
        }
    }
}
