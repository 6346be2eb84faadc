//! A fault rule as it is written.

use crate::matching::{OneOrMany, RequestMatch, one_alone, one_or_many};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a rule is refused; the text says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);

/// What is to go wrong, for which requests, and how often.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name to call it by; without one it is given `f-1`, `f-2`, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which requests; an empty one means all.
    #[serde(rename = "match", default)]
    pub matching: RequestMatch,
    /// So many hits, then it rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The share of matching requests that are hit, over 0, at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What `probability`, spread delays and the choice among several actions follow from; 0 if it
    /// is not given, so that the same requests meet the same faults again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What happens; of several one is chosen at random for each hit.
    #[serde(rename = "do", deserialize_with = "one_or_many", serialize_with = "one_alone")]
    #[schemars(with = "OneOrMany<Action>")]
    pub actions: Vec<Action>,
}

/// What happens to a request that is hit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Action {
    /// The status of the fault's own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its body: a text as it is, anything else as JSON. Without one an error has production's envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Headers of the answer, its own or the real one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The answer comes so much later, in milliseconds. What is applied is applied before the wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<Delay>,
    /// The answer's body comes at this rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drip_bytes_per_s: Option<u64>,
    /// The request's body is read, and the answer's sent, at this rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_bytes_per_s: Option<u64>,
    /// The connection ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Drop>,
    /// The connection ends after so many bytes of the answer's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate_at: Option<u64>,
    /// The answer's body is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrupt: Option<Corrupt>,
    /// An error page of a proxy in place of JSON; status 502 if none is given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub html_error: bool,
    /// Whether the request is executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
    /// Readers see a matching write late. Stands alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_reads: Option<StaleReads>,
}

impl Action {
    /// Whether the fault has an answer of its own.
    pub fn answers(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.html_error
    }

    /// What happens to the request: without `then`, a fault that answers itself or hangs up at once
    /// skips it, any other applies it.
    pub fn then(&self) -> Then {
        self.then.unwrap_or(if self.answers() || self.drop == Some(Drop::BeforeHeaders) {
            Then::Skip
        } else {
            Then::Apply
        })
    }

    /// Where the connection ends, if it does.
    pub fn drop(&self) -> Option<Drop> {
        self.drop.or((self.then == Some(Then::ApplyThenDrop)).then_some(Drop::BeforeHeaders))
    }
}

/// Whether the request is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// It is not.
    Skip,
    /// It is; then the fault's answer, if it has one, takes the place of the real one.
    Apply,
    /// It is; then the connection ends without an answer.
    ApplyThenDrop,
}

/// Where a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Drop {
    /// Reset (RST) before a byte of the answer.
    BeforeHeaders,
    /// Closed (FIN) after half of the answer's body.
    MidBody,
}

/// How a body is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Corrupt {
    /// The last character, a closing bracket, is missing.
    Json,
    /// Labelled and packed as gzip, with a wrong checksum.
    Gzip,
    /// A byte that UTF-8 does not know.
    Utf8,
    /// Nothing at all, with the same status and type.
    Empty,
}

/// How long the answer is held back, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a whole number of milliseconds, {\"uniform\":[a,b]} or {\"log_normal\":{\"median\":m,\"sigma\":s}}"
)]
pub enum Delay {
    /// Always the same.
    Fixed(u64),
    /// Drawn anew for each hit.
    Spread(Spread),
}

/// A distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Evenly between the two.
    Uniform([u64; 2]),
    /// A long tail, as real latency has.
    LogNormal(LogNormal),
}

/// A log-normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogNormal {
    /// Half of the delays are shorter.
    pub median: f64,
    /// The standard deviation of the logarithm; 0.5 is usual, 1 is wild.
    pub sigma: f64,
}

/// How long readers do not see a write.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaleReads {
    /// For so many reads of the dataset.
    Reads(u32),
    /// For so many seconds of the space's clock.
    Seconds(f64),
}
