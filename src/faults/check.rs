//! Rules that cannot work are refused when they are armed, not when a test waits for them.

use super::chance::MAX_DELAY_MS;
use super::presets::{preset, unknown_preset};
use super::rule::{Action, Delay, Drop, Rule, RuleError, Spread, StaleReads, Then};
use crate::matching::RequestMatch;
use crate::operation::Operation;
use http::{HeaderName, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;

type Checked = Result<(), RuleError>;

fn wrong<T>(text: impl Into<String>) -> Result<T, RuleError> {
    Err(RuleError(text.into()))
}

/// Reads a part of a rule; an error names the path of the wrong member.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, RuleError> {
    serde_path_to_error::deserialize(value).map_err(|error| RuleError(error.to_string()))
}

impl Rule {
    /// A rule from JSON, or `{"preset":NAME}` with parts of it replaced. Unknown keys are refused,
    /// naming the known ones.
    pub fn parse(mut value: Value) -> Result<Self, RuleError> {
        if let Some(Value::String(name)) = value.as_object_mut().and_then(|o| o.shift_remove("preset")) {
            let changes = read(value)?;
            return preset(&name, &changes).unwrap_or_else(|| wrong(unknown_preset(&name)));
        }
        let rule: Self = read(value)?;
        rule.check()?;
        Ok(rule)
    }

    /// Whether it can work.
    pub fn check(&self) -> Checked {
        if let Some(id) = &self.id {
            check_id(id)?;
        }
        if self.times == Some(0) {
            return wrong("times is at least 1; leave it out for no end");
        }
        if self.probability.is_some_and(|p| !(p > 0.0 && p <= 1.0)) {
            return wrong("probability is over 0 and at most 1, such as 0.3");
        }
        if self.actions.is_empty() {
            return wrong("do is empty; say what happens, such as {\"status\":503}");
        }
        check_match(&self.matching)?;
        self.actions.iter().try_for_each(|action| action.check(&self.matching))
    }
}

/// An id can stand in a path.
pub(super) fn check_id(id: &str) -> Checked {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.len() > 64 || !id.chars().all(fine) || id == "presets" || id.starts_with('.') {
        return wrong(
            "an id has 1 to 64 letters, digits, - _ or ., begins with no dot and is not \"presets\"",
        );
    }
    Ok(())
}

fn check_match(matching: &RequestMatch) -> Checked {
    matching.for_fault().map_err(RuleError)?;
    for own in [Operation::Mock, Operation::Undo] {
        if matching.operation.contains(&own) {
            let name = own.name();
            return wrong(format!("operation {name}: faults do not touch the mock's own API and page"));
        }
    }
    for method in &matching.method {
        if Method::from_bytes(method.as_bytes()).is_err() {
            return wrong(format!("{method:?} is no HTTP method"));
        }
    }
    for name in matching.headers.keys() {
        check_header(name, "")?;
    }
    if matching.nth.contains(&0) {
        return wrong("nth counts from 1");
    }
    if matching.every == Some(0) {
        return wrong("every is at least 1");
    }
    if matching.after_rows.is_some() && !matching.may_write() {
        return wrong("after_rows is about uploads; let match.operation name one, such as upsert");
    }
    Ok(())
}

fn check_header(name: &str, value: &str) -> Checked {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return wrong(format!("{name:?} is no name of a header"));
    }
    if HeaderValue::from_str(value).is_err() {
        return wrong(format!("the value of header {name} has characters that a header cannot have"));
    }
    Ok(())
}

impl Action {
    fn check(&self, matching: &RequestMatch) -> Checked {
        if *self == Self::default() {
            return wrong("do is empty; say what happens, such as {\"status\":503}");
        }
        if let Some(stale) = self.stale_reads {
            return self.check_stale(stale, matching);
        }
        if self.status.is_some_and(|s| !(200..=599).contains(&s)) {
            return wrong("status is 200 to 599");
        }
        for (name, value) in &self.headers {
            check_header(name, value)?;
        }
        check_delay(self.delay_ms)?;
        if self.drip_bytes_per_s == Some(0) || self.bandwidth_bytes_per_s == Some(0) {
            return wrong("a rate is at least 1 byte per second; for no answer at all use delay_ms or drop");
        }
        if self.drip_bytes_per_s.is_some() && self.bandwidth_bytes_per_s.is_some() {
            return wrong(
                "drip_bytes_per_s (the answer) and bandwidth_bytes_per_s (both ways) exclude each other",
            );
        }
        if self.html_error && self.body.is_some() {
            return wrong("html_error and body exclude each other");
        }
        self.check_end()?;
        self.check_then(matching)
    }

    fn check_end(&self) -> Checked {
        let silent = self.drop() == Some(Drop::BeforeHeaders);
        if silent && (self.answers() || !self.headers.is_empty() || self.corrupt.is_some()) {
            return wrong(
                "a connection that ends before the headers has no answer; leave status, body, headers and corrupt out",
            );
        }
        if self.truncate_at.is_some() && self.drop().is_some() {
            return wrong("truncate_at and drop exclude each other");
        }
        Ok(())
    }

    fn check_then(&self, matching: &RequestMatch) -> Checked {
        if self.then == Some(Then::Skip) && !self.answers() && self.drop().is_none() {
            return wrong("then \"skip\" needs an answer: status, body, html_error or drop");
        }
        if self.then == Some(Then::Apply) && self.drop == Some(Drop::BeforeHeaders) {
            return wrong("for a request that is applied and never answered write then \"apply_then_drop\"");
        }
        if matching.after_rows.is_some() && self.then() != Then::Skip {
            return wrong(
                "after_rows ends the upload, so nothing is applied: give do an answer (status, html_error, drop \"before_headers\") and leave then out",
            );
        }
        Ok(())
    }

    fn check_stale(&self, stale: StaleReads, matching: &RequestMatch) -> Checked {
        if (Self { stale_reads: None, ..self.clone() }) != Self::default() {
            return wrong("stale_reads stands alone; arm another rule for the rest");
        }
        if !matching.may_write() || matching.after_rows.is_some() {
            return wrong("stale_reads matches the writes that readers see late, such as operation upsert");
        }
        match stale {
            StaleReads::Reads(0) => wrong("stale_reads.reads is at least 1"),
            StaleReads::Seconds(s) if !(s > 0.0 && s <= 86_400.0) => {
                wrong("stale_reads.seconds is over 0 and at most 86400")
            }
            _ => Ok(()),
        }
    }
}

fn check_delay(delay: Option<Delay>) -> Checked {
    let fine = match delay {
        None => true,
        Some(Delay::Fixed(ms)) => ms <= MAX_DELAY_MS,
        Some(Delay::Spread(Spread::Uniform([low, high]))) => low <= high && high <= MAX_DELAY_MS,
        Some(Delay::Spread(Spread::LogNormal(shape))) => {
            shape.median >= 0.0 && shape.median <= MAX_DELAY_MS as f64 && (0.0..=10.0).contains(&shape.sigma)
        }
    };
    if fine {
        return Ok(());
    }
    wrong(format!(
        "delay_ms is at most {MAX_DELAY_MS}; uniform goes from the smaller to the larger, sigma is 0 to 10"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_rule_that_cannot_work_is_refused_with_what_to_write() {
        for (rule, told) in [
            (json!({ "do": { "stauts": 503 } }), "expected one of `status`, `body`"),
            (json!({ "do": { "status": 503 }, "macth": {} }), "expected one of `id`, `match`, `times`"),
            (
                json!({ "match": { "operations": "upsert" }, "do": { "status": 503 } }),
                "expected one of `method`",
            ),
            (json!({ "match": {} }), "missing field `do`"),
            (json!({ "do": {} }), "do is empty"),
            (json!({ "do": [] }), "do is empty"),
            (json!({ "do": { "status": 700 } }), "200 to 599"),
            (json!({ "do": { "status": 500 }, "times": 0 }), "times is at least 1"),
            (json!({ "do": { "status": 500 }, "probability": 1.5 }), "probability is over 0"),
            (json!({ "do": { "status": 500 }, "id": "../x" }), "an id has"),
            (json!({ "match": { "operation": "upserts" }, "do": { "status": 500 } }), "known are query"),
            (json!({ "match": { "operation": "mock" }, "do": { "status": 500 } }), "do not touch"),
            (
                json!({ "match": { "status": 500 }, "do": { "status": 500 } }),
                "status is asked of the journal",
            ),
            (json!({ "match": { "client": { "user": "a" } }, "do": { "status": 500 } }), "of the journal"),
            (json!({ "match": { "path": { "regex": "(" } }, "do": { "status": 500 } }), "match.path.regex: "),
            (json!({ "match": { "nth": 0 }, "do": { "status": 500 } }), "nth counts from 1"),
            (json!({ "match": { "every": 0 }, "do": { "status": 500 } }), "every is at least 1"),
            (json!({ "do": { "delay_ms": "soon" } }), "do.delay_ms: a whole number of milliseconds"),
            (json!({ "do": { "delay_ms": { "normal": 5 } } }), "{\"uniform\":[a,b]} or {\"log_normal\""),
            (json!({ "do": { "delay_ms": { "uniform": [9, 5] } } }), "smaller to the larger"),
            (json!({ "do": { "delay_ms": 3_600_001 } }), "at most 3600000"),
            (json!({ "do": { "drop": "later" } }), "expected `before_headers` or `mid_body`"),
            (json!({ "do": { "drop": "before_headers", "status": 500 } }), "no answer"),
            (json!({ "do": { "then": "apply_then_drop", "status": 500 } }), "no answer"),
            (json!({ "do": { "then": "apply", "drop": "before_headers" } }), "apply_then_drop"),
            (json!({ "do": { "then": "skip", "delay_ms": 5 } }), "needs an answer"),
            (json!({ "do": { "corrupt": "xml" } }), "expected one of `json`, `gzip`"),
            (json!({ "do": { "drip_bytes_per_s": 0 } }), "at least 1 byte"),
            (json!({ "do": { "headers": { "a b": "c" }, "status": 500 } }), "no name of a header"),
            (json!({ "do": { "headers": { "a": "b\nc" }, "status": 500 } }), "cannot have"),
            (
                json!({ "match": { "after_rows": 5 }, "do": { "status": 500, "then": "apply" } }),
                "nothing is applied",
            ),
            (
                json!({ "match": { "after_rows": 5, "operation": "query" }, "do": { "status": 500 } }),
                "about uploads",
            ),
            (json!({ "do": { "stale_reads": { "reads": 0 } } }), "at least 1"),
            (json!({ "do": { "stale_reads": { "writes": 1 } } }), "expected `reads` or `seconds`"),
            (json!({ "do": { "stale_reads": { "reads": 1 }, "status": 500 } }), "stands alone"),
            (
                json!({ "match": { "operation": "query" }, "do": { "stale_reads": { "reads": 1 } } }),
                "the writes",
            ),
        ] {
            let refused = Rule::parse(rule.clone()).map(|_| ()).map_err(|e| e.to_string());
            assert!(refused.as_ref().is_err_and(|text| text.contains(told)), "{rule}: {refused:?}");
        }
    }

    #[test]
    fn a_rule_is_shown_as_it_was_written() {
        for rule in [
            json!({ "match": {}, "do": { "status": 503 } }),
            json!({ "id": "x", "match": { "method": "POST", "nth": [1, 3] }, "times": 2, "probability": 0.5, "seed": 9,
                    "do": [{ "status": 500 }, { "delay_ms": { "log_normal": { "median": 200.0, "sigma": 0.5 } } }] }),
            json!({ "match": { "headers": { "x": null } }, "do": { "delay_ms": { "uniform": [1, 2] }, "corrupt": "gzip" } }),
            json!({ "match": { "dataset": "4tka-6guv" }, "do": { "stale_reads": { "seconds": 5.0 } } }),
            json!({ "match": { "after_rows": 10 }, "do": { "drop": "before_headers" } }),
        ] {
            let parsed = Rule::parse(rule.clone()).unwrap();
            assert_eq!(serde_json::to_value(&parsed).unwrap(), rule);
        }
    }

    #[test]
    fn a_rule_can_name_a_preset() {
        let rule = Rule::parse(json!({ "preset": "maintenance", "times": 2 })).unwrap();
        assert_eq!((rule.id.as_deref(), rule.times), (Some("maintenance"), Some(2)));
        for (wrong, told) in [
            (json!({ "preset": "nothing" }), "maintenance, rate-limited"),
            (json!({ "preset": "maintenance", "do": {} }), "unknown field `do`"),
        ] {
            assert!(Rule::parse(wrong).is_err_and(|e| e.to_string().contains(told)), "{told}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z_]{0,8}".prop_map(Value::from),
        ];
        let key = prop_oneof![
            prop::sample::select(vec![
                "match",
                "do",
                "times",
                "probability",
                "seed",
                "status",
                "delay_ms",
                "uniform",
                "nth",
                "stale_reads",
                "reads",
                "then",
                "headers",
                "body",
                "truncate_at",
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,4}",
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..5)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_json_panics(value in any_json()) {
            let _ = Rule::parse(value);
        }
    }
}
