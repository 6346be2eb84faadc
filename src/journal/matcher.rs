//! What a request has to be like, and in what a request differs from that.

use super::compare::{has_field, has_part, row_has_part, same_value};
use super::pattern::Pattern;
use super::sent::sent_rows;
use super::{Entry, RowCounts, iso};
use crate::path::query_pairs;
use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;

/// What a request has to be like: all of its tests hold.
#[derive(Debug, Default)]
pub struct Matcher {
    pub(super) tests: Vec<Test>,
}

/// One thing that is looked at.
#[derive(Debug)]
pub(super) enum Test {
    Method(Vec<String>),
    Path(Pattern),
    Query(String, Pattern),
    Header(String, Pattern),
    Body(Pattern),
    BodyJson(Value),
    /// Without a value the path has to lead somewhere.
    JsonPath(JsonPath, Option<Value>),
    HasRow(Map<String, Value>),
    Count(&'static str, u64),
    Dataset(String),
    Operation(Vec<String>),
    /// Statuses; `4xx` is a class.
    Status(Vec<String>),
    Client(ClientFact, Pattern),
    /// Some fact of the client.
    AnyClient(Pattern),
    Fault(Pattern),
    RequestId(Pattern),
    Tls(bool),
    /// Later than this entry.
    After(u64),
    /// Not before this moment.
    From(i64),
}

/// Who sent a request, by one of its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientFact {
    User,
    AppToken,
    Address,
    Agent,
}

impl ClientFact {
    pub(super) const NAMES: [(Self, &str); 4] = [
        (Self::User, "user"),
        (Self::AppToken, "app_token"),
        (Self::Address, "address"),
        (Self::Agent, "agent"),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(f, _)| *f == self).map_or("", |(_, n)| n)
    }

    fn of(self, entry: &Entry) -> Option<String> {
        match self {
            Self::User => entry.client.user.as_deref().map(str::to_owned),
            Self::AppToken => entry.client.app_token.as_deref().map(str::to_owned),
            Self::Address => entry.client.address.map(|a| a.to_string()),
            Self::Agent => entry.agent().map(str::to_owned),
        }
    }
}

/// One thing in which a request is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What was looked at, such as `path` or `query.$limit`.
    pub field: String,
    /// What it has to be, in words.
    pub expected: String,
    /// What it is; null when it is not there.
    pub actual: Value,
}

impl Difference {
    /// As JSON, with the sentence.
    pub fn json(&self) -> Value {
        json!({ "field": self.field, "expected": self.expected, "actual": self.actual, "says": self.says() })
    }

    /// As a sentence.
    pub fn says(&self) -> String {
        let actual = match &self.actual {
            Value::Null => "not there".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!("{} is {actual}, expected {}", self.field, self.expected)
    }
}

/// How a request stands to a matcher.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Where it differs.
    pub differences: Vec<Difference>,
    /// What cannot be told, since the journal kept too little of the request.
    pub unknown: Vec<String>,
}

impl Verdict {
    /// Whether everything holds.
    pub fn matches(&self) -> bool {
        self.differences.is_empty() && self.unknown.is_empty()
    }

    /// Whether everything might hold, if more were known.
    pub fn is_open(&self) -> bool {
        self.differences.is_empty() && !self.unknown.is_empty()
    }

    /// How far away: what tells requests apart at first sight weighs more.
    pub fn distance(&self) -> usize {
        let weight = |d: &Difference| match d.field.as_str() {
            "path" | "dataset" | "operation" | "method" => 3,
            "status" => 2,
            _ => 1,
        };
        self.differences.iter().map(weight).sum()
    }
}

/// How one test ends.
enum Outcome {
    Holds,
    /// What was found instead.
    Differs(Value),
    /// Why it cannot be told.
    Unknown(String),
}

impl Matcher {
    /// How a request stands to it.
    pub fn judge(&self, entry: &Entry) -> Verdict {
        let mut verdict = Verdict::default();
        for test in &self.tests {
            match test.check(entry) {
                Outcome::Holds => {}
                Outcome::Unknown(why) => verdict.unknown.push(why),
                Outcome::Differs(actual) => {
                    let (field, expected) = test.words();
                    verdict.differences.push(Difference { field, expected, actual });
                }
            }
        }
        verdict
    }

    /// Whether everything holds; stops at the first test that does not.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.tests.iter().all(|test| matches!(test.check(entry), Outcome::Holds))
    }
}

fn told(holds: bool, actual: impl Into<Value>) -> Outcome {
    if holds { Outcome::Holds } else { Outcome::Differs(actual.into()) }
}

fn fits(pattern: &Pattern, text: Option<&str>) -> Outcome {
    told(pattern.fits(text), text)
}

impl Test {
    fn check(&self, entry: &Entry) -> Outcome {
        match self {
            Self::Method(methods) => {
                told(methods.iter().any(|m| m == entry.method.as_str()), entry.method.as_str())
            }
            Self::Path(pattern) => fits(pattern, Some(&entry.path)),
            Self::Query(name, pattern) => query(entry, name, pattern),
            Self::Header(name, pattern) => {
                let mut values = entry.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v).peekable();
                let first = values.peek().copied();
                told(first.is_none() && pattern.fits(None) || values.any(|v| pattern.fits(Some(v))), first)
            }
            Self::Body(pattern) => body(entry, pattern),
            Self::BodyJson(part) => with_json(entry, |value| told(has_part(part, value), excerpt(entry))),
            Self::JsonPath(path, expected) => with_json(entry, |value| {
                let found = path.query(value);
                let holds = match expected {
                    None => !found.is_empty(),
                    Some(expected) => found.iter().any(|node| same_value(expected, node)),
                };
                told(holds, found.iter().next().map_or(Value::Null, |v| (*v).clone()))
            }),
            Self::HasRow(row) => has_row(entry, row),
            Self::Count(what, wanted) => count(entry, what, *wanted),
            Self::Dataset(id) => {
                let own = entry.dataset.as_deref();
                told(own.is_some_and(|own| own.eq_ignore_ascii_case(id)), own)
            }
            Self::Operation(names) => told(names.iter().any(|n| n == entry.operation), entry.operation),
            Self::Status(wanted) => {
                let status = entry.status.map(|s| s.to_string());
                let own = status.as_deref().unwrap_or("none");
                let class = format!("{}xx", &own[..1]);
                told(wanted.iter().any(|w| w == own || *w == class), entry.status)
            }
            Self::Client(fact, pattern) => fits(pattern, fact.of(entry).as_deref()),
            Self::AnyClient(pattern) => {
                let facts = ClientFact::NAMES.map(|(fact, _)| fact.of(entry));
                told(facts.iter().flatten().any(|f| pattern.fits(Some(f))), facts[0].clone())
            }
            Self::Fault(pattern) => fits(pattern, entry.fault.as_ref().map(|f| f.id.as_str())),
            Self::RequestId(pattern) => fits(pattern, Some(&entry.request_id)),
            Self::Tls(wanted) => told(*wanted == entry.tls, entry.tls),
            Self::After(id) => told(entry.id > *id, entry.id),
            Self::From(ms) => told(entry.at_ms >= *ms, iso(entry.at_ms)),
        }
    }

    /// The name of what is looked at, and what it has to be.
    fn words(&self) -> (String, String) {
        let (field, expected) = match self {
            Self::Method(methods) => ("method", methods.join(" or ")),
            Self::Path(pattern) => ("path", pattern.words()),
            Self::Query(name, pattern) => return (format!("query.{name}"), pattern.words()),
            Self::Header(name, pattern) => return (format!("headers.{name}"), pattern.words()),
            Self::Body(pattern) => ("body", pattern.words()),
            Self::BodyJson(part) => ("body", format!("JSON with {part} in it")),
            Self::JsonPath(path, None) => return (format!("body at {path}"), "it to be there".to_owned()),
            Self::JsonPath(path, Some(value)) => return (format!("body at {path}"), value.to_string()),
            Self::HasRow(row) => ("rows", format!("a row with {}", Value::Object(row.clone()))),
            Self::Count(what, wanted) => return (format!("rows.{what}"), wanted.to_string()),
            Self::Dataset(id) => ("dataset", id.clone()),
            Self::Operation(names) => ("operation", names.join(" or ")),
            Self::Status(wanted) => ("status", wanted.join(" or ")),
            Self::Client(fact, pattern) => return (format!("client.{}", fact.name()), pattern.words()),
            Self::AnyClient(pattern) => ("client", pattern.words()),
            Self::Fault(pattern) => ("fault", pattern.words()),
            Self::RequestId(pattern) => ("request_id", pattern.words()),
            Self::Tls(wanted) => ("tls", wanted.to_string()),
            Self::After(id) => ("id", format!("more than {id}")),
            Self::From(ms) => ("at", format!("{} or later", iso(*ms))),
        };
        (field.to_owned(), expected)
    }
}

fn query(entry: &Entry, name: &str, pattern: &Pattern) -> Outcome {
    let pairs = query_pairs(Some(&entry.query)).unwrap_or_default();
    let values: Vec<&str> = pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
    let holds =
        if values.is_empty() { pattern.fits(None) } else { values.iter().any(|v| pattern.fits(Some(v))) };
    told(holds, values.first().copied())
}

fn cut(entry: &Entry) -> Outcome {
    let body = &entry.body;
    Outcome::Unknown(format!(
        "of the body of request {} only {} of {} bytes are kept; --journal-body keeps more",
        entry.id,
        body.kept.len(),
        body.total
    ))
}

/// The beginning of a body, for people.
fn excerpt(entry: &Entry) -> Value {
    let Some(text) = entry.body.text() else { return format!("{} bytes", entry.body.total).into() };
    if text.is_empty() {
        return Value::Null;
    }
    let mut shown: String = text.chars().take(200).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.into()
}

fn body(entry: &Entry, pattern: &Pattern) -> Outcome {
    let Some(text) = entry.body.text() else { return Outcome::Differs(excerpt(entry)) };
    let present = !text.is_empty();
    let holds = pattern.fits(present.then_some(&*text));
    let is_cut = entry.body.is_cut();
    match pattern {
        // A part that was found is there, whatever follows.
        Pattern::Contains(_) | Pattern::Present(_) if holds => Outcome::Holds,
        Pattern::Present(_) => Outcome::Differs(excerpt(entry)),
        _ if is_cut => cut(entry),
        _ => told(holds, excerpt(entry)),
    }
}

fn with_json(entry: &Entry, check: impl FnOnce(&Value) -> Outcome) -> Outcome {
    if entry.body.is_cut() {
        return cut(entry);
    }
    let value = entry.body.text().and_then(|text| serde_json::from_str(&text).ok());
    value.map_or_else(|| Outcome::Differs(excerpt(entry)), |value| check(&value))
}

fn has_row(entry: &Entry, wanted: &Map<String, Value>) -> Outcome {
    let sent = sent_rows(entry);
    if sent.rows.iter().any(|row| row_has_part(wanted, row)) {
        return Outcome::Holds;
    }
    if !sent.whole {
        return cut(entry);
    }
    // The row that has most of it shows best what is wrong.
    let fields = |row: &Map<String, Value>| wanted.iter().filter(|(n, v)| has_field(n, v, row)).count();
    let nearest = sent.rows.iter().rev().max_by_key(|row| fields(row)).cloned();
    Outcome::Differs(nearest.map_or_else(|| "no rows".into(), Value::Object))
}

fn count(entry: &Entry, what: &str, wanted: u64) -> Outcome {
    let counts = entry.rows;
    let of = |pick: fn(RowCounts) -> u64| counts.map(pick);
    let found = match what {
        "created" => of(|c| c.created),
        "updated" => of(|c| c.updated),
        "deleted" => of(|c| c.deleted),
        "errors" => of(|c| c.errors),
        _ => of(RowCounts::all),
    };
    if found.is_none() && what == "count" {
        // A refused upload has no counts; its body may tell.
        let sent = sent_rows(entry);
        let length = sent.rows.len() as u64;
        return if sent.whole { told(length == wanted, length) } else { cut(entry) };
    }
    told(found == Some(wanted), found)
}
