//! Rules with a name, each an outage that publishers have met.

use super::rule::{Rule, RuleError};
use crate::matching::RequestMatch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A rule with a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preset {
    pub name: &'static str,
    /// What it imitates.
    pub imitates: &'static str,
    /// The rule as JSON.
    pub rule: &'static str,
}

/// Every operation that writes rows.
macro_rules! writes {
    () => {
        r#"["upsert","replace","truncate","row.upsert","row.replace","row.delete","revision.apply"]"#
    };
}

/// All presets. Statuses, resets and lags are those that publishers report from production; pages
/// and rates are ours, since no record of them is public.
pub(crate) const PRESETS: [Preset; 6] = [
    Preset {
        name: "maintenance",
        imitates: "planned maintenance: every request is answered 503 with an HTML page, which a client that expects JSON cannot read",
        rule: r#"{"do":{"status":503,"html_error":true,"headers":{"Retry-After":"120"}}}"#,
    },
    Preset {
        name: "rate-limited",
        imitates: "a throttled client: 429 with Retry-After for every request until it is removed, or {\"times\":n} of them",
        rule: r#"{"do":{"status":429,"headers":{"Retry-After":"1"}}}"#,
    },
    Preset {
        name: "flaky-publish",
        imitates: "a site under load: three of ten writes end in 500, in the gateway's 502 page, or after a minute in its 504 page; nothing of them is stored",
        rule: concat!(
            r#"{"match":{"operation":"#,
            writes!(),
            r#"},"probability":0.3,"seed":1,"do":[{"status":500},{"status":502,"html_error":true},{"status":504,"html_error":true,"delay_ms":60000}]}"#
        ),
    },
    Preset {
        name: "upsert-applied-but-502",
        imitates: "a gateway that gives up too early: the write is stored, the client is told 502; one that sends it again writes it twice",
        rule: concat!(
            r#"{"match":{"operation":"#,
            writes!(),
            r#"},"times":1,"do":{"status":502,"html_error":true,"then":"apply"}}"#
        ),
    },
    Preset {
        name: "slow-upload",
        imitates: "a thin line: uploads are read at 64 KiB per second, so that large batches meet the client's timeout",
        rule: r#"{"match":{"operation":["upsert","replace","row.upsert","row.replace","source.upload"]},"do":{"bandwidth_bytes_per_s":65536}}"#,
    },
    Preset {
        name: "stale-read",
        imitates: "replicas that lag: for five seconds after a write, reads answer with the data before it",
        rule: concat!(r#"{"match":{"operation":"#, writes!(), r#"},"do":{"stale_reads":{"seconds":5.0}}}"#),
    },
];

/// Parts of a preset that may be replaced.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// The name to call it by, in place of the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its members take the place of the preset's, one by one.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<RequestMatch>,
    /// So many hits, then it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The share of matching requests that are hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What chance follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// The rule of a preset with some parts replaced. None when there is no such preset.
pub(crate) fn preset(name: &str, changes: &Changes) -> Option<Result<Rule, RuleError>> {
    let preset = PRESETS.iter().find(|p| p.name == name)?;
    Some(preset.with(changes))
}

/// What to write instead of a name that no preset has.
pub(crate) fn unknown_preset(name: &str) -> String {
    let known: Vec<&str> = PRESETS.iter().map(|p| p.name).collect();
    format!("there is no preset {name:?}; there are {}", known.join(", "))
}

impl Preset {
    fn with(&self, changes: &Changes) -> Result<Rule, RuleError> {
        let wrong = |error: serde_json::Error| RuleError(error.to_string());
        let mut rule: Value = serde_json::from_str(self.rule).map_err(wrong)?;
        rule["id"] = self.name.into();
        let changes = serde_json::to_value(changes).map_err(wrong)?;
        for (key, value) in changes.as_object().into_iter().flatten() {
            match value.as_object() {
                None => rule[key] = value.clone(),
                Some(parts) => parts.iter().for_each(|(part, value)| rule[key][part] = value.clone()),
            }
        }
        Rule::parse(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_preset_is_a_rule_that_works() {
        for preset in PRESETS {
            let rule = preset.with(&Changes::default()).unwrap();
            assert_eq!(rule.id.as_deref(), Some(preset.name));
        }
    }

    #[test]
    fn parts_of_a_preset_can_be_replaced() {
        let changes = json!({ "times": 2, "match": { "dataset": "4tka-6guv" }, "id": "x" });
        let changes: Changes = serde_json::from_value(changes).unwrap();
        let rule = preset("flaky-publish", &changes).unwrap().unwrap();
        assert_eq!((rule.times, rule.id.as_deref(), rule.matching.dataset.len()), (Some(2), Some("x"), 1));
        assert_eq!(rule.matching.operation.len(), 7);
        assert!(preset("nothing", &Changes::default()).is_none());
    }
}
