//! The process and the state of a space that is no data: readiness, options, clock, limits, domains.

use super::Named;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Live {
    pub live: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    pub ready: bool,
    /// What is not ready yet.
    pub waiting_on: Vec<String>,
    /// 32 hexadecimal digits, new with each start of the process.
    pub instance: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Info {
    pub name: String,
    pub version: String,
    /// The version of SQLite.
    pub sqlite: String,
    pub pid: u32,
    /// 32 hexadecimal digits, new with each start of the process.
    pub instance: String,
    /// The space that the call was made in.
    pub space: String,
    /// The data file; null without one.
    pub data: Option<String>,
    /// How many datasets the space has.
    pub datasets: usize,
    pub strict: bool,
    /// The port of the emulated API, when the admin API has one of its own.
    pub wire_port: Option<u16>,
    pub memory: MemoryUse,
    /// Every option of `serve`.
    pub options: Named<OptionValue>,
}

/// Memory in bytes. `resident` and `peak` are null where the system does not tell them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MemoryUse {
    /// What the process may take beyond its data.
    pub bound: u64,
    pub resident: Option<u64>,
    pub peak: Option<u64>,
    /// Parts that are counted; `spilled` is on disk.
    pub shares: Named<Share>,
}

/// Bytes of one part.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    pub used: u64,
    pub bound: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OptionValue {
    pub value: String,
    /// `flag`, `environment`, `file` or `default`.
    pub origin: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResetDone {
    pub space: String,
    /// `seed`, `empty` or the name of a snapshot.
    pub to: String,
    pub reset: ResetRows,
    /// Which parts of the space are as they were.
    pub cleared: Vec<String>,
    /// How many entries each part had.
    pub counts: Named<u64>,
    /// The snapshot that keeps the data of before.
    pub kept: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResetRows {
    pub datasets_removed: usize,
    pub datasets_loaded: usize,
}

/// The clock of a space.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// `real`, `frozen`, `offset` or `scaled`.
    pub mode: String,
    pub now: String,
    /// The same in Unix milliseconds.
    pub now_ms: i64,
    /// How far it is from the machine's clock, in mode `offset`.
    pub offset_ms: i64,
    /// How far a frozen clock moves with each request.
    pub step_ms: i64,
    /// Seconds that pass in one second.
    pub rate: f64,
}

/// The number that ids follow from; what `PUT /ids` takes and answers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdSeed {
    pub seed: u64,
}

/// The limits of the throttling pools, such as `1000/1h`, or `off`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Throttle {
    /// Requests without an application token.
    pub anonymous: String,
    /// Requests with one.
    pub token: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Domains {
    pub domains: Vec<Domain>,
    /// What becomes of requests to other hosts: `answered`, `refused` or `forwarded`.
    pub others: String,
    pub refused: Vec<RefusedHost>,
}

/// A domain that the server stands in for as a proxy.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    pub host: String,
    /// Who named it.
    pub holders: Vec<String>,
    /// Requests that came for it.
    pub requests: u64,
}

/// A host that was refused as no domain of the server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RefusedHost {
    pub host: String,
    /// How often.
    pub count: u64,
}

/// Faults with a name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PresetList {
    pub presets: Vec<PresetShown>,
}

/// A fault with a name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PresetShown {
    pub name: String,
    /// The outage that it imitates.
    pub imitates: String,
    /// What `POST /faults` would take.
    pub rule: Value,
}
