//! What the process counts, for Prometheus.

use crate::clock::system_ms;
use crate::journal::RowCounts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// Upper bounds of the duration histogram, in seconds.
const BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Labels of a request.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    operation: &'static str,
    status: u16,
}

/// Labels of a duration.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OperationLabel {
    operation: &'static str,
}

/// Labels of rows.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OutcomeLabel {
    fate: &'static str,
}

/// Labels of a fault.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct FaultLabel {
    fault: String,
}

/// What the process counts.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<OperationLabel, Histogram, fn() -> Histogram>,
    rows: Family<OutcomeLabel, Counter>,
    faults: Family<FaultLabel, Counter>,
    throttled: Counter,
    started_ms: i64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            rows: Family::default(),
            faults: Family::default(),
            throttled: Counter::default(),
            started_ms: system_ms(),
        }
    }
}

impl Metrics {
    /// Counts an answered request; status 0 when the client left before there was an answer.
    pub fn request(&self, operation: &'static str, status: u16, duration: Duration) {
        self.requests.get_or_create(&RequestLabels { operation, status }).inc();
        self.durations.get_or_create(&OperationLabel { operation }).observe(duration.as_secs_f64());
    }

    /// Counts rows.
    pub fn rows(&self, counts: RowCounts) {
        for (fate, count) in [
            ("created", counts.created),
            ("updated", counts.updated),
            ("deleted", counts.deleted),
            ("error", counts.errors),
        ] {
            if count > 0 {
                self.rows.get_or_create(&OutcomeLabel { fate }).inc_by(count);
            }
        }
    }

    /// Counts a fault that was applied.
    pub fn fault(&self, id: &str) {
        self.faults.get_or_create(&FaultLabel { fault: id.to_owned() }).inc();
    }

    /// Counts a request that a throttling pool refused.
    pub fn throttled(&self) {
        self.throttled.inc();
    }

    /// Seconds since the process began to count.
    pub fn uptime_s(&self) -> f64 {
        (system_ms() - self.started_ms) as f64 / 1000.0
    }

    /// Adds the counters to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "requests",
            "Requests by what they asked for and the status of their answer (0: the client left before)",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "From the head of a request to the last byte of its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("rows", "Rows sent, by what became of them", self.rows.clone());
        registry.register("faults", "Faults applied, by their rule", self.faults.clone());
        registry.register("throttled", "Requests refused with 429 by a pool", self.throttled.clone());
    }
}
