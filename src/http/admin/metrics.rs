//! What the process counts, for Prometheus.

use super::Problem;
use super::route::{Route, get};
use crate::http::state::AppState;
use crate::memory::{self, Memory};
use crate::store::StoreError;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/metrics", "Counters and gauges for Prometheus.", metrics)
            .answers_media(&["application/openmetrics-text"])
            .shown_by(&["events::what_is_counted_can_be_scraped"]),
    ]
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SpaceLabel {
    space: String,
}

type BySpace = Family<SpaceLabel, Gauge>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ShareLabel {
    share: &'static str,
}

/// `GET /metrics`, in OpenMetrics' text form, which Prometheus reads.
async fn metrics(state: AppState) -> Result<Response, Problem> {
    let text = tokio::task::spawn_blocking(move || written(&state)).await;
    let text = text.map_err(|_| Problem::from(StoreError::Closed))??;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

fn written(state: &AppState) -> Result<String, Problem> {
    let mut registry = Registry::with_prefix("soda_mock");
    state.process.metrics.register(&mut registry);
    let spaces = state.spaces.all();
    let count = ConstGauge::new(i64::try_from(spaces.len()).unwrap_or(i64::MAX));
    registry.register("spaces", "Spaces", count);
    let uptime = ConstGauge::new(state.process.metrics.uptime_s());
    registry.register_with_unit("uptime", "Since the process began to count", Unit::Seconds, uptime);
    register_memory(&mut registry, state.spaces.template().memory());
    let families: [BySpace; 5] = Default::default();
    let [entries, bytes, dropped, datasets, store] = &families;
    for space in spaces {
        let label = SpaceLabel { space: space.name.clone() };
        let sizes = space.journal.sizes();
        let set = |family: &BySpace, value: u64| {
            family.get_or_create(&label).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(entries, sizes.entries as u64);
        set(bytes, sizes.bytes as u64);
        set(dropped, sizes.dropped);
        let data = space.store();
        set(datasets, data.catalogue().all().len() as u64);
        set(store, data.read(|tx| tx.size())?);
    }
    registry.register("journal_entries", "Requests in the journal", entries.clone());
    registry.register_with_unit("journal_size", "Memory of the journal, about", Unit::Bytes, bytes.clone());
    registry.register("journal_dropped", "Requests that the journal dropped", dropped.clone());
    registry.register("datasets", "Datasets", datasets.clone());
    registry.register_with_unit("store_size", "Size of the database", Unit::Bytes, store.clone());
    let mut text = String::new();
    encode(&mut text, &registry)
        .map_err(|e| Problem::bad_request(format!("metrics cannot be written: {e}")))?;
    Ok(text)
}

/// What the process takes, as far as the system tells it, and what it may take.
fn register_memory(registry: &mut Registry, memory: &Memory) {
    let gauge = |bytes: u64| ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
    let mut tell = |name, what, bytes| registry.register_with_unit(name, what, Unit::Bytes, gauge(bytes));
    tell("memory_bound", "Memory that the process may take beyond its data", memory.bound());
    if let Some(resident) = memory::resident() {
        tell("memory_resident", "Memory of the process", resident.now);
        tell("memory_resident_peak", "Memory of the process at its highest", resident.peak);
    }
    let (used, bound) = (Family::<ShareLabel, Gauge>::default(), Family::<ShareLabel, Gauge>::default());
    for (share, room) in memory.rooms() {
        let set = |family: &Family<ShareLabel, Gauge>, bytes: u64| {
            family.get_or_create(&ShareLabel { share }).set(i64::try_from(bytes).unwrap_or(i64::MAX));
        };
        set(&used, room.used());
        set(&bound, room.limit());
    }
    let used_help = "Bytes that a share holds; those of spilled answers lie on disk";
    registry.register_with_unit("share_used", used_help, Unit::Bytes, used);
    registry.register_with_unit("share_bound", "Bytes that a share may hold", Unit::Bytes, bound);
}
