//! Rules with a name, each an outage that publishers have met.

use super::rule::{Rule, RuleError};
use serde_json::Value;

/// A rule with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// What it imitates.
    pub imitates: &'static str,
    /// The rule as JSON.
    pub rule: &'static str,
}

/// Every operation that writes rows.
macro_rules! writes {
    () => {
        r#"["upsert","replace","truncate","row.upsert","row.replace","row.delete"]"#
    };
}

/// All presets. Statuses, resets and lags are those that publishers report from production; pages
/// and rates are ours, since no record of them is public.
pub const PRESETS: [Preset; 6] = [
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
        rule: concat!(r#"{"match":{"operation":"#, writes!(), r#"},"do":{"bandwidth_bytes_per_s":65536}}"#),
    },
    Preset {
        name: "stale-read",
        imitates: "replicas that lag: for five seconds after a write, reads answer with the data before it",
        rule: concat!(r#"{"match":{"operation":"#, writes!(), r#"},"do":{"stale_reads":{"seconds":5.0}}}"#),
    },
];

/// The rule of a preset, with parts of it replaced: `match` (key by key), `times`, `probability`,
/// `seed`. None when there is no such preset.
pub fn preset(name: &str, changes: Value) -> Option<Result<Rule, RuleError>> {
    let preset = PRESETS.iter().find(|p| p.name == name)?;
    Some(preset.with(changes))
}

impl Preset {
    fn with(&self, changes: Value) -> Result<Rule, RuleError> {
        let mut rule: Value = serde_json::from_str(self.rule).map_err(|e| RuleError(e.to_string()))?;
        let changes = match changes {
            Value::Null => serde_json::Map::new(),
            Value::Object(changes) => changes,
            _ => return Err(RuleError("write an object, such as {\"times\":2}".to_owned())),
        };
        rule["id"] = self.name.into();
        for (key, value) in changes {
            match (key.as_str(), value) {
                ("match", Value::Object(parts)) => {
                    for (part, value) in parts {
                        rule["match"][part] = value;
                    }
                }
                ("match" | "times" | "probability" | "seed" | "id", value) => rule[key] = value,
                _ => {
                    return Err(RuleError(format!(
                        "a preset takes match, times, probability, seed and id, not {key}; POST /faults takes a whole rule"
                    )));
                }
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
            let rule = preset.with(Value::Null).unwrap();
            assert_eq!(rule.id.as_deref(), Some(preset.name));
        }
    }

    #[test]
    fn parts_of_a_preset_can_be_replaced() {
        let rule =
            preset("flaky-publish", json!({ "times": 2, "match": { "dataset": "4tka-6guv" }, "id": "x" }));
        let rule = rule.unwrap().unwrap();
        assert_eq!((rule.times, rule.id.as_deref(), rule.matching.dataset.len()), (Some(2), Some("x"), 1));
        assert_eq!(rule.matching.operation.len(), 6);
        assert!(preset("maintenance", json!({ "do": {} })).unwrap().is_err());
        assert!(preset("maintenance", json!({ "match": { "metod": "GET" } })).unwrap().is_err());
        assert!(preset("nothing", Value::Null).is_none());
    }
}
