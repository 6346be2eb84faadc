//! One request in the metrics and in the log.

use crate::http::exchange::trace::RequestTrace;
use crate::http::state::AppState;
use crate::journal::{Entry, mask};
use crate::space::Space;
use std::time::Duration;

/// What metrics and log say of a request.
pub(super) struct RequestLog<'a> {
    pub(super) trace: &'a RequestTrace,
    pub(super) entry: &'a Entry,
    /// 0 when there was no answer.
    pub(super) status: u16,
}

impl RequestLog<'_> {
    pub(super) fn write(&self, state: &AppState, duration: Duration) {
        let metrics = &state.process.metrics;
        metrics.request(self.entry.operation, self.status, duration);
        if let Some(rows) = self.trace.rows {
            metrics.rows(rows);
        }
        if let Some(fault) = &self.trace.fault {
            metrics.fault(&fault.id);
        }
        if self.trace.throttled {
            metrics.throttled();
        }
        if tracing::enabled!(target: "soda_mock::request", tracing::Level::INFO) {
            self.line(&state.space, duration);
        }
    }

    /// One line a request.
    fn line(&self, space: &Space, duration: Duration) {
        let rows = self.trace.rows;
        tracing::info!(
            target: "soda_mock::request",
            method = %self.entry.method,
            path = %mask::path(&self.entry.path),
            status = self.status,
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            operation = self.entry.operation,
            dataset = self.entry.dataset.as_deref().or(self.trace.dataset.as_deref()),
            created = rows.map(|r| r.created),
            updated = rows.map(|r| r.updated),
            deleted = rows.map(|r| r.deleted),
            errors = rows.map(|r| r.errors),
            user = self.entry.client.user.as_deref().or(self.trace.user.as_deref()),
            fault = self.trace.fault.as_ref().map(|f| f.id.as_str()),
            space = space.name,
            entry = (self.entry.id > 0).then_some(self.entry.id),
            request_id = &*self.entry.request_id,
            "request"
        );
    }
}
