//! One request with its answer.

use super::{Captured, RowOutcomes, mask};
use crate::api::{FaultApplied, RowCounts};
use http::{HeaderMap, Method};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// One request with its answer.
#[derive(Debug)]
pub struct Entry {
    /// Its number in the space, from 1; given by the journal.
    pub id: u64,
    /// `X-Socrata-RequestId`; a client's own is kept.
    pub request_id: Arc<str>,
    /// When it came, by the clock of the space, in Unix milliseconds.
    pub at_ms: i64,
    pub client: Client,
    /// Whether the connection was encrypted.
    pub tls: bool,
    pub method: Method,
    /// The path as sent.
    pub path: Box<str>,
    /// The query string as sent, secrets masked.
    pub query: Box<str>,
    /// What it asked for.
    pub operation: &'static str,
    /// The 4x4 of its dataset; the name as sent when there is no such dataset.
    pub dataset: Option<Box<str>>,
    /// The field that identifies rows of its dataset, where one was found.
    pub key_field: Option<Box<str>>,
    /// The status of the answer; none when the client left before there was one.
    pub status: Option<u16>,
    /// What became of its rows.
    pub rows: Option<RowCounts>,
    /// The outcome of each row, as far as kept.
    pub outcomes: Option<RowOutcomes>,
    /// The dataset's data version before and after the write.
    pub versions: Option<(i64, i64)>,
    /// The fault that was applied.
    pub fault: Option<FaultApplied>,
    /// Headers of the request, secrets masked.
    pub headers: Headers,
    /// The body of the request.
    pub body: Captured,
    /// Headers of the answer, secrets masked.
    pub answer_headers: Headers,
    /// Set when the last byte of the answer was handed over.
    pub(super) end: OnceLock<End>,
}

/// Who sent a request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub address: Option<IpAddr>,
    pub user: Option<Box<str>>,
    /// The application token, masked.
    pub app_token: Option<Box<str>>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its last byte.
    Whole,
    /// The client left, or the connection was cut on purpose.
    Cut,
    /// The answer itself failed.
    Broken,
}

/// The end of an answer.
#[derive(Debug)]
pub struct End {
    /// From the arrival of the head of the request; 0 by a clock that stands still.
    pub duration_us: u64,
    /// The body of the answer.
    pub body: Captured,
    /// How.
    pub how: Ending,
}

impl Entry {
    /// An entry without number and end, for tests and for those who fill it.
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            id: 0,
            request_id: "".into(),
            at_ms: 0,
            client: Client::default(),
            tls: false,
            method,
            path: path.into(),
            query: "".into(),
            operation: "other",
            dataset: None,
            key_field: None,
            status: None,
            rows: None,
            outcomes: None,
            versions: None,
            fault: None,
            headers: Headers::default(),
            body: Captured::default(),
            answer_headers: Headers::default(),
            end: OnceLock::new(),
        }
    }

    /// Sets the end; false when it was set before.
    pub fn end(&self, end: End) -> bool {
        self.end.set(end).is_ok()
    }

    /// The end of the answer, once it is there.
    pub fn ended(&self) -> Option<&End> {
        self.end.get()
    }

    /// The client's program, as it calls itself.
    pub fn agent(&self) -> Option<&str> {
        self.headers.find("user-agent")
    }

    /// Bytes in memory, about, without the end.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.request_id.len()
            + self.path.len()
            + self.query.len()
            + self.headers.0.len()
            + self.answer_headers.0.len()
            + self.body.kept.len()
            + self.outcomes.as_ref().map_or(0, RowOutcomes::weight)
            + 128
    }

    /// Bytes of the end.
    pub(super) fn end_weight(&self) -> usize {
        self.ended().map_or(0, |end| end.body.kept.len())
    }
}

/// Headers in one piece of text, names in lower case, secrets masked.
#[derive(Clone, Debug, Default)]
pub struct Headers(Box<str>);

impl Headers {
    /// Copies and masks.
    pub fn of(map: &HeaderMap) -> Self {
        let length = map.iter().map(|(n, v)| n.as_str().len() + v.len() + 2).sum();
        let mut text = String::with_capacity(length);
        for (name, value) in map {
            text.push_str(name.as_str());
            text.push(':');
            match std::str::from_utf8(value.as_bytes()) {
                Ok(value) => mask::header(name, value, &mut text),
                Err(_) => mask::header(name, &String::from_utf8_lossy(value.as_bytes()), &mut text),
            }
            text.push('\n');
        }
        Self(text.into_boxed_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        // Neither can hold a line feed, and no name a colon.
        self.0.lines().filter_map(|line| line.split_once(':'))
    }

    /// The first value of a name in lower case.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}
