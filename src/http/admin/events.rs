//! Server-sent events: requests with their rows and faults, and resets, as they happen.

use super::Problem;
use super::route::{Route, get};
use super::selection::filter;
use crate::api::{FaultEvent, Gap, InstanceEvent, RowsEvent};
use crate::http::exchange::RequestContext;
use crate::http::state::Instance;
use crate::journal::{Entry, Event, Matcher};
use crate::space::Space;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::poll_fn;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// A comment is sent after so much silence, so that proxies keep the connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are handed over together.
const TOGETHER: usize = 256;
/// The kinds, as `events=` names them.
const KINDS: [&str; 4] = ["request", "rows", "fault", "reset"];

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/events", "Server-sent events: instance first, then request, rows, fault, reset.", events)
            .query("events", "Only these kinds, with commas.")
            .query("after", "Events after this id, as Last-Event-ID; without both from now on.")
            .query("dataset", "Only of this dataset; the other filters of GET /requests work too.")
            .answers_media(&["text/event-stream"])
            .shown_by(&["events::requests_rows_faults_and_resets_are_told_as_they_happen"]),
    ]
}

/// `GET /events`. An `id` stands on the last event of a request, so that whoever comes back with
/// `Last-Event-ID` misses none; what is no longer kept is told as `gap`.
async fn events(context: RequestContext, parts: Parts) -> Result<Response, Problem> {
    let state = &context.state;
    let (headers, uri) = (&parts.headers, &parts.uri);
    let (mut kinds, mut after) = (KINDS.map(str::to_owned).to_vec(), None);
    let header = headers.get("last-event-id").and_then(|v| v.to_str().ok());
    if let Some(text) = header.filter(|t| !t.is_empty()) {
        after = Some(number(text)?);
    }
    let matcher = filter(state, uri, &mut |name, value| {
        match name {
            "events" => kinds = kinds_of(value)?,
            "after" => after = Some(number(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let space = Arc::clone(state.space.space());
    let cursor = after.unwrap_or_else(|| space.journal.last_event());
    let (sender, mut receiver) = mpsc::channel(16);
    let connection = context.head.connection.clone();
    let instance = state.process.instance.clone();
    let feed = Feed { instance, space, matcher, kinds, cursor, sender };
    tokio::spawn(async move {
        tokio::select! {
            () = feed.run() => {}
            () = connection.stopped() => {}
        }
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    let pieces = poll_fn(move |context| receiver.poll_recv(context)).map(Ok::<_, Infallible>);
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::bad_request(format!("{text} is no id of an event; ids are numbers")))
}

fn kinds_of(text: &str) -> Result<Vec<String>, Problem> {
    let kinds: Vec<String> = text.split(',').map(|k| k.trim().to_owned()).collect();
    match kinds.iter().find(|k| !KINDS.contains(&k.as_str())) {
        Some(unknown) => Err(Problem::bad_request(format!(
            "There are no {unknown:?} events; known are {}",
            KINDS.join(", ")
        ))),
        None => Ok(kinds),
    }
}

/// What one listener is told.
struct Feed {
    instance: Instance,
    space: Arc<Space>,
    matcher: Matcher,
    kinds: Vec<String>,
    /// The last event that was looked at.
    cursor: u64,
    sender: mpsc::Sender<Bytes>,
}

impl Feed {
    /// Until the listener leaves. A slow one gets a gap, never a queue without end.
    async fn run(mut self) {
        let space = Arc::clone(&self.space);
        let mut text = "retry: 1000\n\n".to_owned();
        // Whoever comes back sees whether the numbers of events are still the same.
        let instance = InstanceEvent { instance: self.instance.as_str().to_owned() };
        write(None, "instance", &data(&instance), &mut text);
        loop {
            if !text.is_empty() && self.sender.send(Bytes::from(std::mem::take(&mut text))).await.is_err() {
                return;
            }
            let mut changed = std::pin::pin!(space.journal.changed());
            changed.as_mut().enable();
            text = self.news();
            if !text.is_empty() {
                continue;
            }
            tokio::select! {
                () = changed => {}
                () = self.sender.closed() => return,
                () = tokio::time::sleep(HEARTBEAT) => text.push_str(": still here\n\n"),
            }
        }
    }

    fn news(&mut self) -> String {
        let mut text = String::new();
        loop {
            let news = self.space.journal.news_after(self.cursor, TOGETHER);
            if news.missed > 0 {
                write(None, "gap", &data(&Gap { missed: news.missed }), &mut text);
            }
            let all = news.last == self.cursor;
            self.cursor = news.last;
            for (id, event) in news.events {
                match event {
                    Event::Request(entry) if self.matcher.matches(&entry) => {
                        self.request(id, &entry, &mut text)
                    }
                    Event::Reset if self.wants("reset") => write(Some(id), "reset", "{}", &mut text),
                    Event::Request(_) | Event::Reset => {}
                }
            }
            if all || !text.is_empty() {
                return text;
            }
        }
    }

    fn wants(&self, kind: &str) -> bool {
        self.kinds.iter().any(|k| k == kind)
    }

    fn request(&self, id: u64, entry: &Entry, text: &mut String) {
        let mut told = Vec::new();
        if let Some(rows) = entry.rows.filter(|_| self.wants("rows")) {
            let event = RowsEvent {
                request: entry.id,
                dataset: entry.dataset.as_deref().map(str::to_owned),
                operation: entry.operation.to_owned(),
                data_version: entry.versions.map(|(_, after)| after),
                rows,
            };
            told.push(("rows", data(&event)));
        }
        if let Some(fault) = entry.fault.clone().filter(|_| self.wants("fault")) {
            told.push(("fault", data(&FaultEvent { request: entry.id, fault })));
        }
        if self.wants("request") {
            told.push(("request", data(&entry.summary(&self.space.name))));
        }
        let last = told.len();
        for (index, (kind, data)) in told.iter().enumerate() {
            write((index + 1 == last).then_some(id), kind, data, text);
        }
    }
}

fn data(event: &impl Serialize) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

fn write(id: Option<u64>, kind: &str, data: &str, text: &mut String) {
    if let Some(id) = id {
        text.push_str(&format!("id: {id}\n"));
    }
    text.push_str(&format!("event: {kind}\ndata: {data}\n\n"));
}
