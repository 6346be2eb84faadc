//! In what a recorded request differs from what it has to be like.

use super::compare::{has_field, has_part, row_has_part, same_value};
use super::search::{Named, has_text, names_row};
use super::sent::sent_rows;
use super::{Entry, RowCounts, RowOutcomes, mask};
use crate::api::RequestDifference;
use crate::clock::iso_millis;
use crate::matching::{
    ClientFact, ClientMatch, Pattern, RequestMatch, RowCount, SearchText, Since, StatusMatch,
};
use crate::operation::Operation;
use crate::path::query_pairs;
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

/// What a recorded request has to be like, prepared for the journal: application tokens are masked as
/// the journal masks them, and plain texts of headers and parameters mean themselves.
#[derive(Debug, Default)]
pub struct Matcher(RequestMatch);

/// One thing that is looked at.
enum Test<'m> {
    Method(&'m [String]),
    Path(&'m Pattern),
    Query(&'m str, &'m Pattern),
    Header(&'m str, &'m Pattern),
    Body(&'m Pattern),
    BodyJson(&'m Value),
    /// Without a value the path has to lead somewhere.
    JsonPath(&'m JsonPath, Option<&'m Value>),
    HasRow(&'m Map<String, Value>),
    Count(RowCount, u64),
    Dataset(&'m [String]),
    Operation(&'m [Operation]),
    Status(&'m [StatusMatch]),
    Client(ClientFact, &'m Pattern),
    /// Some fact of the client.
    AnyClient(Pattern),
    Fault(&'m Pattern),
    RequestId(&'m Pattern),
    Tls(bool),
    Since(Since),
    RowError(&'m Pattern),
    Key(&'m str),
    Text(&'m SearchText),
}

/// A fact about the client of a recorded request.
fn client_fact(fact: ClientFact, entry: &Entry) -> Option<String> {
    match fact {
        ClientFact::User => entry.client.user.as_deref().map(str::to_owned),
        ClientFact::AppToken => entry.client.app_token.as_deref().map(str::to_owned),
        ClientFact::Address => entry.client.address.map(|a| a.to_string()),
        ClientFact::Agent => entry.agent().map(str::to_owned),
    }
}

/// The journal has only the masked form of an application token.
fn masked(pattern: Pattern) -> Pattern {
    match pattern {
        Pattern::Text(token) if !token.contains('*') => Pattern::Equals(mask::app_token(&token)),
        Pattern::Equals(token) if !token.ends_with(mask::MASK) => Pattern::Equals(mask::app_token(&token)),
        other => other,
    }
}

/// Whether a header carries credentials, which the journal does not keep, and the pattern asks for them.
fn asks_for_credentials(name: &str, pattern: &Pattern) -> bool {
    let kept = ["Basic ***", "OAuth ***", "Bearer ***", mask::MASK];
    ["authorization", "proxy-authorization", "cookie"].contains(&name)
        && !matches!(pattern, Pattern::Present(_))
        && !kept.iter().any(|shown| pattern.fits(Some(shown)))
}

/// One thing in which a request is not as expected.
fn difference(field: String, expected: String, actual: Value) -> RequestDifference {
    let is = match &actual {
        Value::Null => "not there".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let says = format!("{field} is {is}, expected {expected}");
    RequestDifference { field, expected, actual, says }
}

/// How a request stands to a matcher.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchOutcome {
    /// Where it differs.
    pub differences: Vec<RequestDifference>,
    /// What cannot be told, since the journal kept too little of the request.
    pub unknown: Vec<String>,
}

impl MatchOutcome {
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
        let weight = |d: &RequestDifference| match d.field.as_str() {
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
    /// Prepares a match for the journal. `place` is where it stands; `dataset` gives the 4x4 for a name,
    /// as the journal knows datasets by their 4x4 and people by their resource name too.
    pub fn new(
        mut wanted: RequestMatch,
        place: &str,
        dataset: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        wanted.for_journal(place)?;
        wanted.method.iter_mut().for_each(|method| method.make_ascii_uppercase());
        let query = std::mem::take(&mut wanted.query).into_iter().map(|(name, pattern)| {
            let is_token = name == "$$app_token" || name == "app_token";
            (name, if is_token { masked(pattern.literal()) } else { pattern.literal() })
        });
        wanted.query = query.collect();
        for (name, pattern) in std::mem::take(&mut wanted.headers) {
            let (lower, pattern) = (name.to_ascii_lowercase(), pattern.literal());
            if asks_for_credentials(&lower, &pattern) {
                return Err(format!(
                    "{place}.headers.{lower}: the journal does not keep credentials; ask for {{\"present\": true}}, or for client.user"
                ));
            }
            let pattern = if lower == "x-app-token" { masked(pattern) } else { pattern };
            wanted.headers.insert(lower, pattern);
        }
        for name in &mut wanted.dataset {
            if let Some(id) = dataset(name) {
                *name = id;
            }
        }
        if let Some(ClientMatch::Facts(facts)) = &mut wanted.client {
            facts.map_app_token(masked);
        }
        Ok(Self(wanted))
    }

    /// What has to hold, in the order in which differences are told.
    fn tests(&self) -> impl Iterator<Item = Test<'_>> {
        let wanted = &self.0;
        let body = wanted.body.iter().flat_map(|body| {
            let texts = body.texts.iter().map(Test::Body);
            let paths = body.paths.iter().map(|(path, value)| Test::JsonPath(path, value.as_ref()));
            texts.chain(body.json.as_ref().map(Test::BodyJson)).chain(paths)
        });
        let rows = wanted.rows.iter().flat_map(|rows| {
            let counts = rows.counts().map(|(what, count)| Test::Count(what, count));
            rows.contains.iter().map(Test::HasRow).chain(counts)
        });
        let (any, facts) = match &wanted.client {
            Some(ClientMatch::Any(text)) => (Some(Test::AnyClient(Pattern::Text(text.clone()))), None),
            Some(ClientMatch::Facts(facts)) => (None, Some(facts)),
            None => (None, None),
        };
        let method = (!wanted.method.is_empty()).then_some(Test::Method(&wanted.method));
        let dataset = (!wanted.dataset.is_empty()).then_some(Test::Dataset(&wanted.dataset));
        let operation = (!wanted.operation.is_empty()).then_some(Test::Operation(&wanted.operation));
        let status = (!wanted.status.is_empty()).then_some(Test::Status(&wanted.status));
        method
            .into_iter()
            .chain(wanted.path.as_ref().map(Test::Path))
            .chain(wanted.query.iter().map(|(name, pattern)| Test::Query(name, pattern)))
            .chain(wanted.headers.iter().map(|(name, pattern)| Test::Header(name, pattern)))
            .chain(body)
            .chain(rows)
            .chain(dataset)
            .chain(operation)
            .chain(status)
            .chain(any)
            .chain(
                facts.into_iter().flat_map(|f| f.asked().map(|(fact, pattern)| Test::Client(fact, pattern))),
            )
            .chain(wanted.fault.as_ref().map(Test::Fault))
            .chain(wanted.request_id.as_ref().map(Test::RequestId))
            .chain(wanted.tls.map(Test::Tls))
            .chain(wanted.since.map(Test::Since))
            .chain(wanted.row_error.as_ref().map(Test::RowError))
            .chain(wanted.key.as_deref().map(Test::Key))
            .chain(wanted.text.as_ref().map(Test::Text))
    }

    /// How a request stands to it.
    pub fn judge(&self, entry: &Entry) -> MatchOutcome {
        let mut outcome = MatchOutcome::default();
        for test in self.tests() {
            match test.check(entry) {
                Outcome::Holds => {}
                Outcome::Unknown(why) => outcome.unknown.push(why),
                Outcome::Differs(actual) => {
                    let (field, expected) = test.words();
                    outcome.differences.push(difference(field, expected, actual));
                }
            }
        }
        outcome
    }

    /// Whether everything holds; stops at the first test that does not.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.tests().all(|test| matches!(test.check(entry), Outcome::Holds))
    }
}

fn told(holds: bool, actual: impl Into<Value>) -> Outcome {
    if holds { Outcome::Holds } else { Outcome::Differs(actual.into()) }
}

fn fits(pattern: &Pattern, text: Option<&str>) -> Outcome {
    told(pattern.fits(text), text)
}

impl Test<'_> {
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
            Self::Count(what, wanted) => count(entry, *what, *wanted),
            Self::Dataset(ids) => {
                let own = entry.dataset.as_deref();
                told(own.is_some_and(|own| ids.iter().any(|id| own.eq_ignore_ascii_case(id))), own)
            }
            Self::Operation(wanted) => {
                told(wanted.iter().any(|o| o.name() == entry.operation), entry.operation)
            }
            Self::Status(wanted) => told(wanted.iter().any(|w| w.fits(entry.status)), entry.status),
            Self::Client(fact, pattern) => fits(pattern, client_fact(*fact, entry).as_deref()),
            Self::AnyClient(pattern) => {
                let facts = ClientFact::ALL.map(|fact| client_fact(fact, entry));
                told(facts.iter().flatten().any(|f| pattern.fits(Some(f))), facts[0].clone())
            }
            Self::Fault(pattern) => fits(pattern, entry.fault.as_ref().map(|f| f.id.as_str())),
            Self::RequestId(pattern) => fits(pattern, Some(&entry.request_id)),
            Self::Tls(wanted) => told(*wanted == entry.tls, entry.tls),
            Self::Since(Since::Request(id)) => told(entry.id > *id, entry.id),
            Self::Since(Since::Time(ms)) => told(entry.at_ms >= *ms, iso_millis(entry.at_ms)),
            Self::RowError(pattern) => row_error(entry, pattern),
            Self::Key(key) => match names_row(entry, key) {
                Named::Yes => Outcome::Holds,
                Named::No => Outcome::Differs(Value::Null),
                Named::Perhaps => cut(entry),
            },
            Self::Text(text) if has_text(entry, text) => Outcome::Holds,
            Self::Text(_) if entry.body.is_cut() => cut(entry),
            Self::Text(_) => Outcome::Differs(Value::Null),
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
            Self::HasRow(row) => ("rows", format!("a row with {}", Value::Object((*row).clone()))),
            Self::Count(what, wanted) => return (format!("rows.{}", what.name()), wanted.to_string()),
            Self::Dataset(ids) => ("dataset", ids.join(" or ")),
            Self::Operation(wanted) => ("operation", joined(wanted.iter().map(|o| o.name()))),
            Self::Status(wanted) => ("status", joined(wanted.iter())),
            Self::Client(fact, pattern) => return (format!("client.{}", fact.name()), pattern.words()),
            Self::AnyClient(pattern) => ("client", pattern.words()),
            Self::Fault(pattern) => ("fault", pattern.words()),
            Self::RequestId(pattern) => ("request_id", pattern.words()),
            Self::Tls(wanted) => ("tls", wanted.to_string()),
            Self::Since(Since::Request(id)) => ("id", format!("more than {id}")),
            Self::Since(Since::Time(ms)) => ("at", format!("{} or later", iso_millis(*ms))),
            Self::RowError(pattern) => ("row_error", pattern.words()),
            Self::Key(key) => ("key", format!("a row {key}")),
            Self::Text(text) => ("text", format!("{:?} somewhere", text.text())),
        };
        (field.to_owned(), expected)
    }
}

/// The first error of a row that is as wanted; without errors there is none.
fn row_error(entry: &Entry, pattern: &Pattern) -> Outcome {
    let failed = entry.rows.is_some_and(|rows| rows.errors > 0);
    if let Pattern::Present(wanted) = pattern {
        return told(*wanted == failed, entry.rows.map(|rows| rows.errors));
    }
    let mut codes =
        entry.outcomes.iter().flat_map(RowOutcomes::errors).map(|(kind, _)| kind.name()).peekable();
    let first = codes.peek().copied();
    told(codes.any(|code| pattern.fits(Some(code))), first)
}

fn joined(items: impl Iterator<Item = impl ToString>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(" or ")
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
        "of the body of request {} only {} of {} bytes are kept",
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

fn count(entry: &Entry, what: RowCount, wanted: u64) -> Outcome {
    let found = entry.rows.map(|counts| match what {
        RowCount::Sent => RowCounts::all(counts),
        RowCount::Created => counts.created,
        RowCount::Updated => counts.updated,
        RowCount::Deleted => counts.deleted,
        RowCount::Refused => counts.errors,
    });
    if found.is_none() && what == RowCount::Sent {
        // A refused upload has no counts; its body may tell.
        let sent = sent_rows(entry);
        let length = sent.rows.len() as u64;
        return if sent.whole { told(length == wanted, length) } else { cut(entry) };
    }
    told(found == Some(wanted), found)
}
