//! Questions about the journal: how often, in which order; and what came nearest.

use super::fields::{Fields, wrong};
use super::matcher::{Matcher, Verdict};
use super::{Entry, Snapshot};
use serde_json::{Value, json};
use std::sync::Arc;

/// So many near misses are told.
const NEAREST: usize = 3;
/// So many requests are named when too many match.
const NAMED: usize = 20;
/// The longest wait.
pub const MAX_WAIT_MS: u64 = 600_000;

/// How often a request has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    min: usize,
    max: usize,
}

/// What `POST /verify` asks.
#[derive(Debug)]
pub struct Question {
    matcher: Matcher,
    times: Times,
    in_order: Vec<Matcher>,
    /// Only requests after this one count.
    since: u64,
    /// So long an answer may take, until it is yes.
    pub wait_ms: u64,
}

/// The answer.
#[derive(Debug)]
pub enum Finding {
    /// It is so; the requests that show it.
    Holds(Vec<u64>),
    /// It is not so.
    Fails {
        /// What is wrong, as a sentence.
        detail: String,
        /// How many requests match; in order: how many steps were found.
        count: usize,
        /// Requests that match.
        requests: Vec<u64>,
        /// The requests that came nearest, and how each differs.
        nearest: Vec<Value>,
        /// Whether later requests cannot change it.
        settled: bool,
    },
    /// The journal kept too little to tell.
    Incomplete(String),
}

impl Question {
    /// Reads it.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let known = ["match", "times", "wait_ms", "in_order", "since"];
        let mut fields = Fields::of("the question", value, &known)?;
        let matcher = fields.take("match").map(|v| Matcher::parse("match", v)).transpose()?;
        let times = fields.take("times").map(|v| Times::parse("times", v)).transpose()?;
        let number = |name: &str, value: &Value| value.as_u64().ok_or_else(|| wrong(name, "a number", value));
        let wait_ms = fields.take("wait_ms").map(|v| number("wait_ms", v)).transpose()?.unwrap_or(0);
        let since = fields.take("since").map(|v| number("since", v)).transpose()?.unwrap_or(0);
        let in_order = match fields.take("in_order") {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let step = |(index, item)| Matcher::parse(&format!("in_order[{index}]"), item);
                items.iter().enumerate().map(step).collect::<Result<_, _>>()?
            }
            Some(other) => return Err(wrong("in_order", "a list of matchers", other)),
        };
        if matcher.is_none() && in_order.is_empty() {
            return Err("the question has neither \"match\" nor \"in_order\"".to_owned());
        }
        if matcher.is_none() && times.is_some() {
            return Err("times belongs to \"match\"".to_owned());
        }
        // Alone, a matcher asks for one at least; beside an order it only narrows what counts.
        let least = usize::from(in_order.is_empty());
        Ok(Self {
            matcher: matcher.unwrap_or_default(),
            times: times.unwrap_or(Times { min: least, max: usize::MAX }),
            in_order,
            since,
            wait_ms: wait_ms.min(MAX_WAIT_MS),
        })
    }

    /// Looks at the journal.
    pub fn ask(&self, journal: &Snapshot) -> Finding {
        let entries: Vec<&Arc<Entry>> = journal.entries.iter().filter(|e| e.id > self.since).collect();
        let forgotten = if journal.dropped_through > self.since { journal.dropped } else { 0 };
        let judged: Vec<(&Arc<Entry>, Verdict)> =
            entries.iter().map(|entry| (*entry, self.matcher.judge(entry))).collect();
        match self.often_enough(&judged, forgotten) {
            Finding::Holds(_) if !self.in_order.is_empty() => {
                let narrowed: Vec<&Arc<Entry>> =
                    judged.iter().filter(|(_, v)| v.matches()).map(|(e, _)| *e).collect();
                self.in_this_order(&narrowed, forgotten)
            }
            finding => finding,
        }
    }

    fn often_enough(&self, judged: &[(&Arc<Entry>, Verdict)], forgotten: u64) -> Finding {
        let ids: Vec<u64> = judged.iter().filter(|(_, v)| v.matches()).map(|(e, _)| e.id).collect();
        let open = left_open(judged);
        let (count, Times { min, max }) = (ids.len(), self.times);
        // What is not known can only add to the count.
        let could_be_more = forgotten > 0 || !open.is_empty();
        if count > max {
            let detail = format!("{} matched, expected {}", requests(count), self.times.words());
            let requests = ids.into_iter().take(NAMED).collect();
            return Finding::Fails { detail, count, requests, nearest: Vec::new(), settled: true };
        }
        if could_be_more && (max < usize::MAX || count < min) {
            return Finding::Incomplete(incomplete(forgotten, &open));
        }
        if count >= min {
            return Finding::Holds(ids);
        }
        let detail = format!("{} matched, expected {}", requests(count), self.times.words());
        let misses = judged.iter().filter(|(_, v)| !v.matches()).map(|(e, v)| (*e, v.clone()));
        Finding::Fails { detail, count, requests: ids, nearest: nearest(misses.collect()), settled: false }
    }

    /// The steps one after the other, others in between.
    fn in_this_order(&self, entries: &[&Arc<Entry>], forgotten: u64) -> Finding {
        let mut ids = Vec::new();
        let mut rest = entries;
        for (index, step) in self.in_order.iter().enumerate() {
            match rest.iter().position(|entry| step.matches(entry)) {
                Some(at) => {
                    ids.push(rest[at].id);
                    rest = &rest[at + 1..];
                }
                None => return self.step_missing(index, ids, entries, rest, forgotten),
            }
        }
        Finding::Holds(ids)
    }

    fn step_missing(
        &self,
        index: usize,
        ids: Vec<u64>,
        entries: &[&Arc<Entry>],
        rest: &[&Arc<Entry>],
        forgotten: u64,
    ) -> Finding {
        let step = &self.in_order[index];
        let judged: Vec<(&Arc<Entry>, Verdict)> = rest.iter().map(|e| (*e, step.judge(e))).collect();
        let open = left_open(&judged);
        if forgotten > 0 || !open.is_empty() {
            return Finding::Incomplete(incomplete(forgotten, &open));
        }
        let place = match ids.last() {
            Some(id) => format!("after request {id}"),
            None => "at all".to_owned(),
        };
        let earlier = entries.iter().find(|entry| step.matches(entry)).map(|e| e.id);
        let detail = match earlier {
            Some(id) => format!(
                "step {} of {} was not found {place}; request {id} matches it, but came too early",
                index + 1,
                self.in_order.len()
            ),
            None => format!("step {} of {} was not found {place}", index + 1, self.in_order.len()),
        };
        Finding::Fails { detail, count: index, requests: ids, nearest: nearest(judged), settled: false }
    }
}

impl Times {
    /// A number, or an object with `exactly`, `min`, `max`; `place` is where it stands.
    pub fn parse(place: &str, value: &Value) -> Result<Self, String> {
        let number = |name: &str, value: &Value| {
            let n = value.as_u64().and_then(|n| usize::try_from(n).ok());
            n.ok_or_else(|| wrong(&format!("{place}{name}"), "a number", value))
        };
        if value.is_number() {
            let exactly = number("", value)?;
            return Ok(Self { min: exactly, max: exactly });
        }
        let mut fields = Fields::of(place, value, &["exactly", "min", "max"])?;
        if let Some(value) = fields.take("exactly") {
            let exactly = number(".exactly", value)?;
            fields.only_one()?;
            return Ok(Self { min: exactly, max: exactly });
        }
        let min = fields.take("min").map(|v| number(".min", v)).transpose()?;
        let max = fields.take("max").map(|v| number(".max", v)).transpose()?;
        match (min, max) {
            (None, None) => Err(format!("{place} needs exactly, min or max")),
            (Some(min), Some(max)) if min > max => Err(format!("{place}: min {min} is more than max {max}")),
            _ => Ok(Self { min: min.unwrap_or(0), max: max.unwrap_or(usize::MAX) }),
        }
    }

    /// Whether a number is one of these.
    pub fn hold(self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }

    /// In words, after "expected".
    pub fn words(self) -> String {
        match (self.min, self.max) {
            (min, max) if min == max => format!("exactly {min}"),
            (min, usize::MAX) => format!("{min} or more"),
            (0, max) => format!("at most {max}"),
            (min, max) => format!("{min} to {max}"),
        }
    }
}

fn requests(count: usize) -> String {
    match count {
        0 => "no request".to_owned(),
        1 => "1 request".to_owned(),
        _ => format!("{count} requests"),
    }
}

fn incomplete(forgotten: u64, open: &[&str]) -> String {
    match open.first() {
        Some(why) if forgotten == 0 => format!("the journal cannot tell: {why}"),
        _ => format!(
            "the journal dropped {forgotten} older requests, which may have matched; start with a larger --journal-entries or --journal-bytes, or ask with \"since\" for requests after a known id"
        ),
    }
}

fn nearest(mut misses: Vec<(&Arc<Entry>, Verdict)>) -> Vec<Value> {
    misses.sort_by_key(|(entry, verdict)| (verdict.distance(), std::cmp::Reverse(entry.id)));
    misses
        .iter()
        .take(NEAREST)
        .map(|(entry, verdict)| {
            json!({
                "id": entry.id,
                "method": entry.method.as_str(),
                "path": entry.path,
                "status": entry.status,
                "differences": verdict.differences.iter().map(super::Difference::json).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// Why judgements could not be made, the first reason of each.
fn left_open<'v>(judged: &'v [(&Arc<Entry>, Verdict)]) -> Vec<&'v str> {
    let open = judged.iter().filter(|(_, v)| v.is_open());
    open.flat_map(|(_, v)| v.unknown.first()).map(String::as_str).collect()
}
