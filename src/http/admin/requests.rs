//! The journal: requests with their answers.

use super::route::{Route, delete, get};
use super::selection::{FILTERS, FOLD, PAGING, Selection, number};
use super::{Answer, Problem};
use crate::api::{Deleted, Folded, RequestDetail, RequestLine, RequestList};
use crate::http::socrata::written::{Writing, no_room, written, written_json};
use crate::http::state::AppState;
use crate::journal::{Entry, Line, har};
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::Uri;
use http::header::CONTENT_TYPE;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::io::{self, Write as _};
use std::sync::Arc;

/// Entries of a list, unless `limit` says otherwise.
const LIMIT: usize = 1000;

const SUMMARY: &str = r#"{"requests": [{"id": 1, "request_id": "0123…", "at": "2023-11-14T22:13:20.000Z", "duration_us": 0, "space": "default", "client": {"address": null, "user": null, "app_token": null, "agent": null}, "tls": false, "method": "GET", "path": "/resource/4tka-6guv.json", "query": "", "operation": "query", "dataset": "4tka-6guv", "status": 200, "rows": null, "error": null, "fault": null, "hint": null, "ended": "whole"}], "matched": 1, "kept": 1, "next": null, "dropped": 0, "last": 1}"#;

const DETAIL: &str = r#"{"id": 1, "request_id": "0123…", "at": "2023-11-14T22:13:20.000Z", "duration_us": 0, "space": "default", "client": {"address": null, "user": null, "app_token": null, "agent": null}, "tls": false, "method": "GET", "path": "/resource/4tka-6guv.json", "query": "", "operation": "query", "dataset": "4tka-6guv", "status": 200, "rows": null, "error": null, "fault": null, "hint": null, "ended": "whole", "request": {"headers": [["host", "localhost"]], "body": {"bytes": 0, "text": "", "truncated": false, "encoding": null}}, "answer": {"headers": [["content-type", "application/json"]], "body": {"bytes": 2, "text": "[]", "truncated": false, "encoding": null}}, "fates": [], "fates_dropped": 0, "data_version": null, "changes_url": null}"#;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    let filtered = |route: Route| {
        FILTERS.iter().chain(&PAGING).fold(route, |route, (name, what)| route.query(name, what)).shown_by(&[
            "journal::the_list_is_filtered_by_what_is_asked",
            "journal::all_that_is_kept_of_a_request_is_searched",
            "journal::a_list_is_read_page_by_page_and_failures_alike_fold",
        ])
    };
    vec![
        filtered(get("/requests", "The journal: requests with their answers, the newest last.", list))
            .query(FOLD.0, FOLD.1)
            .answers::<RequestList>(SUMMARY),
        delete("/requests", "Forgets all requests; numbers go on.", clear)
            .answers::<Deleted<usize>>(r#"{"deleted": 3}"#)
            .shown_by(&["journal::reset_begins_again_and_delete_goes_on"]),
        filtered(get("/requests.ndjson", "The journal with all details, one request a line.", ndjson))
            .answers_media(&["application/x-ndjson"]),
        filtered(get("/requests.har", "The journal as HAR 1.2, for browsers' network tools.", archive))
            .answers::<Value>(r#"{"log": {"version": "1.2", "creator": {"name": "soda-mock", "version": "0.1.0"}, "entries": []}}"#),
        get("/requests/{request}", "One request: headers, bodies, the fate of each row.", show)
            .answers::<RequestDetail>(DETAIL)
            .refuses(&[404])
            .shown_by(&["journal::an_upsert_is_told_with_the_fate_of_each_row"]),
        delete("/requests/{request}", "Forgets one request.", remove)
            .answers::<Deleted<u64>>(r#"{"deleted": 1}"#)
            .refuses(&[404])
            .shown_by(&["journal::reset_begins_again_and_delete_goes_on"]),
        get("/requests/{request}/curl", "One request as a curl command, variables in place of credentials.", curl)
            .answers_media(&["text/plain"])
            .refuses(&[404])
            .shown_by(&["journal::a_request_is_exported_as_a_command_and_a_program"]),
        get("/requests/{request}/python", "One request as a Python program, variables in place of credentials.", python)
            .answers_media(&["text/plain"])
            .refuses(&[404])
            .shown_by(&["journal::a_request_is_exported_as_a_command_and_a_program"]),
    ]
}

/// Lines that are made while they are written: all at once would take the memory of the journal again.
struct Lines<'a> {
    lines: &'a [Line],
    space: &'a str,
}

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines.iter().map(|line| shown(line, self.space)))
    }
}

/// `GET /requests`.
async fn list(state: AppState, uri: Uri) -> Result<Response, Problem> {
    let selection = Selection::read(&state, &uri, LIMIT, true)?;
    let store = state.space.store();
    let place = store.inspection().await?;
    let found = selection.find(&state).await?;
    let told = move |out: &mut Writing| {
        let list = RequestList {
            requests: Lines { lines: &found.lines, space: &state.space.name },
            matched: found.matched as u64,
            kept: found.snapshot.entries.len() as u64,
            next: found.lines.first().filter(|_| found.more).map(|line| line.first),
            dropped: found.snapshot.dropped,
            last: found.snapshot.last,
        };
        Ok(out.json(&list)?)
    };
    written_json(&store, place, told).await
}

fn shown(line: &Line, space: &str) -> RequestLine {
    let folded = line.is_folded().then_some(Folded { times: line.times as u64, first: line.first });
    RequestLine { summary: line.newest.summary(space), folded }
}

/// The entries of an export, the newest last.
async fn exported(state: &AppState, uri: &Uri) -> Result<Vec<Arc<Entry>>, Problem> {
    let found = Selection::read(state, uri, usize::MAX, false)?.find(state).await?;
    Ok(found.lines.into_iter().map(|line| line.newest).collect())
}

/// `GET /requests.ndjson`.
async fn ndjson(state: AppState, uri: Uri) -> Result<Response, Problem> {
    let line = |entry: &Entry, space: &str, _| {
        serde_json::to_string(&entry.detail(space)).unwrap_or_default() + "\n"
    };
    export(state, uri, "application/x-ndjson", ["", ""], line).await
}

/// `GET /requests.har`.
async fn archive(state: AppState, uri: Uri) -> Result<Response, Problem> {
    let line = |entry: &Entry, space: &str, index| {
        let separator = if index == 0 { "" } else { "," };
        format!("{separator}\n{}", har::entry(entry, space))
    };
    export(state, uri, "application/json", [&har::head(), har::TAIL], line).await
}

/// All entries that are asked for, each as `line` has it, between a head and a tail. They are written at
/// once: a slow client would keep entries in memory that the journal has dropped.
async fn export(
    state: AppState,
    uri: Uri,
    kind: &'static str,
    ends: [&str; 2],
    line: impl Fn(&Entry, &str, usize) -> String + Send + 'static,
) -> Result<Response, Problem> {
    let store = state.space.store();
    let place = store.inspection().await?;
    let entries = exported(&state, &uri).await?;
    let [head, tail] = ends.map(str::to_owned);
    let all = move |out: &mut Writing| -> io::Result<()> {
        out.write_all(head.as_bytes())?;
        for (index, entry) in entries.iter().enumerate() {
            out.write_all(line(entry, &state.space.name, index).as_bytes())?;
        }
        out.write_all(tail.as_bytes())
    };
    let body = written(&store, place, move |out| all(out).map_err(|_| no_room())).await?;
    Ok(([(CONTENT_TYPE, kind)], body).into_response())
}

pub(super) fn found(state: &AppState, id: &str) -> Result<Arc<Entry>, Problem> {
    let entry = state.space.journal.find(number("id", id)?);
    entry.ok_or_else(|| {
        Problem::not_found(&format!("request {id} in the journal of space {}", state.space.name))
    })
}

/// `GET /requests/{id}`.
async fn show(state: AppState, Path(id): Path<String>) -> Answer<RequestDetail> {
    Ok(Json(found(&state, &id)?.detail(&state.space.name)))
}

/// `GET /requests/{id}/curl`.
async fn curl(state: AppState, Path(id): Path<String>) -> Result<String, Problem> {
    Ok(found(&state, &id)?.curl())
}

/// `GET /requests/{id}/python`.
async fn python(state: AppState, Path(id): Path<String>) -> Result<String, Problem> {
    Ok(found(&state, &id)?.python())
}

/// `DELETE /requests`.
async fn clear(state: AppState) -> Json<Deleted<usize>> {
    Json(Deleted { deleted: state.space.journal.forget() })
}

/// `DELETE /requests/{id}`.
async fn remove(state: AppState, Path(id): Path<String>) -> Answer<Deleted<u64>> {
    let entry = found(&state, &id)?;
    state.space.journal.remove(entry.id);
    Ok(Json(Deleted { deleted: entry.id }))
}
