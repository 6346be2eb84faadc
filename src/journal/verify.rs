//! Questions about the journal: how often, in which order; and what came nearest.

use super::matcher::{MatchOutcome, Matcher};
use super::{Entry, Snapshot};
use crate::api::NearMiss;
use crate::matching::RequestMatch;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// So many near misses are told.
const NEAREST: usize = 3;
/// So many requests are named when too many match.
const NAMED: usize = 20;
pub const MAX_WAIT_MS: u64 = 600_000;

/// How often a request has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    min: usize,
    max: usize,
}

/// What `POST /verify` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// What a request has to be like.
    #[serde(rename = "match")]
    matching: Option<RequestMatch>,
    /// How many have to match: a number, or `exactly`, `min`, `max`. One at least without it.
    times: Option<Times>,
    /// Steps that have to be found one after the other, others in between.
    #[serde(default)]
    in_order: Vec<RequestMatch>,
    /// So many milliseconds may pass until it is so; at most 600000.
    #[serde(default)]
    wait_ms: u64,
    /// Only requests after this one count.
    #[serde(default)]
    since: u64,
}

/// A question about the journal, ready to be asked again and again.
#[derive(Debug)]
pub struct Verification {
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
        nearest: Vec<NearMiss>,
        /// Whether later requests cannot change it.
        settled: bool,
    },
    /// The journal kept too little to tell.
    Incomplete {
        /// What is missing, as a sentence.
        why: String,
        /// The bound that it went missing by.
        by: Bound,
    },
}

/// A bound of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The bytes that are kept of each body.
    Body,
    /// The entries, or the bytes of all of them.
    Entries,
}

impl Verification {
    /// Prepares what was sent; `dataset` gives the 4x4 for a name.
    pub fn new(request: VerifyRequest, dataset: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let VerifyRequest { matching, times, in_order, wait_ms, since } = request;
        if matching.is_none() && in_order.is_empty() {
            return Err("the question has neither \"match\" nor \"in_order\"".to_owned());
        }
        if matching.is_none() && times.is_some() {
            return Err("times belongs to \"match\"".to_owned());
        }
        let matcher = matching.map(|wanted| Matcher::new(wanted, "match", &dataset)).transpose()?;
        let step = |(index, wanted)| Matcher::new(wanted, &format!("in_order[{index}]"), &dataset);
        let in_order = in_order.into_iter().enumerate().map(step).collect::<Result<Vec<_>, _>>()?;
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
        let judged: Vec<(&Arc<Entry>, MatchOutcome)> =
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

    fn often_enough(&self, judged: &[(&Arc<Entry>, MatchOutcome)], forgotten: u64) -> Finding {
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
            return incomplete(forgotten, &open);
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
        let judged: Vec<(&Arc<Entry>, MatchOutcome)> = rest.iter().map(|e| (*e, step.judge(e))).collect();
        let open = left_open(&judged);
        if forgotten > 0 || !open.is_empty() {
            return incomplete(forgotten, &open);
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

/// The object form of [`Times`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bounds {
    /// Exactly so many.
    exactly: Option<usize>,
    /// So many or more.
    min: Option<usize>,
    /// So many or fewer.
    max: Option<usize>,
}

impl Bounds {
    fn times(self) -> Result<Times, String> {
        match (self.exactly, self.min, self.max) {
            (None, None, None) => Err("one of exactly, min, max is needed".to_owned()),
            (Some(count), None, None) => Ok(Times { min: count, max: count }),
            (Some(_), ..) => Err("only one of exactly, min, max goes".to_owned()),
            (None, Some(min), Some(max)) if min > max => Err(format!("min {min} is more than max {max}")),
            (None, min, max) => Ok(Times { min: min.unwrap_or(0), max: max.unwrap_or(usize::MAX) }),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimesVisitor;

        impl<'de> Visitor<'de> for TimesVisitor {
            type Value = Times;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, or an object with exactly, min or max")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Times, E> {
                let count = usize::try_from(count).map_err(E::custom)?;
                Ok(Times { min: count, max: count })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Times, A::Error> {
                Bounds::deserialize(MapAccessDeserializer::new(map))?.times().map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(TimesVisitor)
    }
}

impl JsonSchema for Times {
    fn schema_name() -> Cow<'static, str> {
        "Times".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many: a number, or exactly, min, max.",
            "anyOf": [{ "type": "integer", "minimum": 0 }, generator.subschema_for::<Bounds>()],
        })
    }
}

fn requests(count: usize) -> String {
    match count {
        0 => "no request".to_owned(),
        1 => "1 request".to_owned(),
        _ => format!("{count} requests"),
    }
}

fn incomplete(forgotten: u64, open: &[&str]) -> Finding {
    let (why, by) = match open.first() {
        Some(why) if forgotten == 0 => (format!("the journal cannot tell: {why}"), Bound::Body),
        _ => {
            let why = format!("the journal dropped {forgotten} older requests, which may have matched");
            (why, Bound::Entries)
        }
    };
    Finding::Incomplete { why, by }
}

fn nearest(mut misses: Vec<(&Arc<Entry>, MatchOutcome)>) -> Vec<NearMiss> {
    misses.sort_by_key(|(entry, outcome)| (outcome.distance(), std::cmp::Reverse(entry.id)));
    let shown = |(entry, outcome): (&Arc<Entry>, MatchOutcome)| NearMiss {
        id: entry.id,
        method: entry.method.to_string(),
        path: entry.path.to_string(),
        status: entry.status,
        differences: outcome.differences,
    };
    misses.into_iter().take(NEAREST).map(shown).collect()
}

/// Why judgements could not be made, the first reason of each.
fn left_open<'v>(judged: &'v [(&Arc<Entry>, MatchOutcome)]) -> Vec<&'v str> {
    let open = judged.iter().filter(|(_, v)| v.is_open());
    open.flat_map(|(_, v)| v.unknown.first()).map(String::as_str).collect()
}
