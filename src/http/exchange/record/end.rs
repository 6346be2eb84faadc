//! The end of an answer, which comes after the entry of the journal was made.

use super::log::RequestLog;
use crate::clock::ClockMode;
use crate::http::exchange::trace::RequestTrace;
use crate::http::state::AppState;
use crate::journal::{Capture, Captured, End, Ending, Entry, mask};
use crate::operation::Operation;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whether bodies of an operation hold passwords, secrets and tokens. Rows are data, whatever they are called.
pub(super) fn deals_in_credentials(operation: Operation) -> bool {
    matches!(operation, Operation::OAuth | Operation::Site | Operation::Other)
}

pub(super) fn without_secrets(captured: Captured) -> Captured {
    if captured.kept.is_empty() {
        return captured;
    }
    let plain = crate::journal::unzipped(&captured.kept);
    // A secret may have been cut in two: such a body is left out.
    let masked = if captured.is_cut() { mask::MASK.into() } else { mask::body(&plain) };
    let changed = *masked != *captured.kept;
    Captured { kept: masked.into(), masked: changed, ..captured }
}

/// A request with its answer, in the journal.
pub(super) struct Recorded {
    pub(super) state: AppState,
    pub(super) entry: Arc<Entry>,
    pub(super) secret: bool,
    pub(super) throttled: bool,
}

impl Recorded {
    pub(super) fn watch(self, started: Instant) -> Watch {
        Watch { recorded: Some(self), started, capture: Capture::default() }
    }

    /// Logs a request whose answer is all there.
    pub(super) fn log(self, started: Instant) {
        let Self { state, entry, throttled, .. } = self;
        let (rows, fault) = (entry.rows, entry.fault.clone());
        let trace = RequestTrace { rows, fault, throttled, ..RequestTrace::default() };
        RequestLog { trace: &trace, entry: &entry, status: entry.status.unwrap_or(0) }
            .write(&state, started.elapsed());
    }
}

/// An answer under way. Dropped before its end, it tells that the client left.
pub(super) struct Watch {
    pub(super) recorded: Option<Recorded>,
    started: Instant,
    pub(super) capture: Capture,
}

impl Watch {
    pub(super) fn finish(&mut self, how: Ending) {
        let Some(recorded) = self.recorded.take() else { return };
        let duration_us = duration_us(&recorded.state, self.started.elapsed());
        if how == Ending::Whole {
            self.capture.ended();
        }
        let body = std::mem::take(&mut self.capture).finish();
        let body = if recorded.secret { without_secrets(body) } else { body };
        let space = &recorded.state.space;
        space.journal.complete(
            &recorded.entry,
            End { duration_us, body, how },
            &recorded.state.options.journal,
        );
        recorded.log(self.started);
    }
}

/// 0 by a clock that stands still.
pub(super) fn duration_us(state: &AppState, elapsed: Duration) -> u64 {
    let frozen = matches!(state.space.clock.mode(), ClockMode::Frozen(_));
    if frozen { 0 } else { u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX) }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.finish(Ending::Cut);
    }
}
