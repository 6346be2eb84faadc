//! Which requests of the journal a call is about.

use super::Problem;
use super::verify::dataset_id;
use crate::http::socrata::read::{Unanswered, limited};
use crate::http::state::AppState;
use crate::journal::{Entry, Line, Matcher, Snapshot, newest_lines};
use crate::path::query_pairs;
use crate::store::{StoreError, is_stopped};
use http::{StatusCode, Uri};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What requests are filtered by, in lists, exports and events.
pub(super) const FILTERS: [(&str, &str); 13] = [
    ("method", "As sent."),
    ("path", "Where * stands for anything."),
    ("dataset", "A 4x4 or resource name."),
    ("operation", "upsert, replace, query, row.get and so on."),
    ("status", "200, 4xx, or several with commas; none when the client left."),
    ("client", "A user, masked app token, address or program, where * stands for anything."),
    ("fault", "The id of a fault rule; true for any."),
    ("request_id", "X-Socrata-RequestId, where * stands for anything."),
    ("tls", "true or false."),
    ("since", "Only requests after this id, or not before this time."),
    (
        "text",
        "A text anywhere in the request or its answer, bodies as far as they are kept, in any case of letters.",
    ),
    ("key", "The row identifier, or :id, of a row that was sent or asked for."),
    ("row_error", "The code of a row's error, where * stands for anything; true for any, false for none."),
];

/// Which of those that fit are told.
pub(super) const PAGING: [(&str, &str); 2] = [
    ("before", "Only requests before this id, such as `next` of the last answer."),
    ("limit", "At most so many, the newest; a list has 1000 without it, an export all."),
];

/// How lists put together what is alike.
pub(super) const FOLD: (&str, &str) =
    ("fold", "true: three or more failures of one kind, one after the other, are one line with `folded`.");

/// Filters whose value may be whether there is anything at all.
const FLAGS: [&str; 3] = ["tls", "fault", "row_error"];

/// What a query string asks of the journal.
pub(super) struct Selection {
    matcher: Matcher,
    before: u64,
    limit: usize,
    fold: bool,
}

/// What was found.
pub(super) struct Found {
    pub(super) snapshot: Snapshot,
    /// How many fit, those that are not among the lines too.
    pub(super) matched: usize,
    /// The newest last.
    pub(super) lines: Vec<Line>,
    /// Whether there are older ones.
    pub(super) more: bool,
}

impl Selection {
    /// `limit` holds where the query string has none; `folds` tells whether the call knows `fold`.
    pub(super) fn read(state: &AppState, uri: &Uri, limit: usize, folds: bool) -> Result<Self, Problem> {
        let (mut before, mut limit, mut fold) = (u64::MAX, limit, false);
        let matcher = filter(state, uri, &mut |name, value| {
            match name {
                "before" => before = number(name, value)?,
                "limit" => limit = number(name, value)?,
                "fold" if folds => fold = flag(name, value)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { matcher, before, limit, fold })
    }

    /// Looks through the journal, beside the threads that answer requests and no longer than a query may take.
    pub(super) async fn find(self, state: &AppState) -> Result<Found, Problem> {
        let limit = state.options.query_timeout;
        let snapshot = state.space.journal.snapshot();
        limited(limit, move || self.of(snapshot)).await.map_err(|unanswered| match unanswered {
            Unanswered::TooLong => {
                let detail = format!(
                    "the journal was searched for longer than {} s: narrow the search, or raise --query-timeout",
                    limit.as_secs()
                );
                Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", detail)
            }
            Unanswered::Panicked => Problem::from(StoreError::Closed),
        })
    }

    fn of(&self, snapshot: Snapshot) -> Found {
        let entries = snapshot.entries.iter().take_while(|_| !is_stopped());
        let fitting: Vec<Arc<Entry>> = entries.filter(|entry| self.matcher.matches(entry)).cloned().collect();
        let end = fitting.partition_point(|entry| entry.id < self.before);
        let (mut lines, more) = newest_lines(&fitting[..end], self.fold, self.limit);
        lines.reverse();
        Found { matched: fitting.len(), lines, more, snapshot }
    }
}

/// The matcher that a query string asks for; `own` takes the parameters that are none of it.
pub(super) fn filter(
    state: &AppState,
    uri: &Uri,
    own: &mut dyn FnMut(&str, &str) -> Result<bool, Problem>,
) -> Result<Matcher, Problem> {
    let mut matcher = Map::new();
    for (name, value) in query_pairs(uri.query())? {
        if own(&name, &value)? {
            continue;
        }
        if !FILTERS.iter().any(|(known, _)| *known == name) {
            let known: Vec<&str> = FILTERS.iter().chain(&PAGING).map(|(name, _)| *name).collect();
            let detail = format!("There is no parameter {name}; known are {}", known.join(", "));
            return Err(Problem::bad_request(detail));
        }
        let is_flag = FLAGS.contains(&name.as_str()) && (value == "true" || value == "false");
        let value = if is_flag { Value::Bool(value == "true") } else { value.into() };
        matcher.insert(name, value);
    }
    let wanted = serde_path_to_error::deserialize(Value::Object(matcher))
        .map_err(|error| Problem::bad_request(format!("query.{error}")))?;
    Matcher::new(wanted, "query", dataset_id(state)).map_err(Problem::bad_request)
}

pub(super) fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Problem> {
    value.parse().map_err(|_| Problem::bad_request(format!("{name}={value} is not a number")))
}

fn flag(name: &str, value: &str) -> Result<bool, Problem> {
    value.parse().map_err(|_| Problem::bad_request(format!("{name}={value}: true or false")))
}
