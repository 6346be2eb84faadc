//! Questions about the journal, answered at once or as soon as the answer is yes.

use super::Problem;
use super::accounts::body;
use super::route::{Route, post};
use crate::http::Line;
use crate::http::state::AppState;
use crate::journal::{Finding, Question};
use axum::Json;
use bytes::Bytes;
use http::request::Parts;
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::time::Duration;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        post(
            "/verify",
            "Whether requests were made: 200, or 409 with the nearest ones and how they differ.",
            verify,
        )
        .takes::<VerifyRequest>()
        .answers(r#"{"ok": true, "count": 1, "requests": [42]}"#)
        .refuses(&[409])
        .shown_by(&["verify::a_question_is_answered_yes_with_the_requests_that_show_it"]),
    ]
}

/// What a request has to be like; everything given has to hold. Only described here: the journal's
/// matcher reads it.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct Match {
    /// One or several of them.
    method: Option<Value>,
    /// A path, where `*` stands for anything, or `{"regex"}`, `{"contains"}`, `{"glob"}`.
    path: Option<Value>,
    /// Parameters by name: a text, null (not there), `{"regex"}`, `{"glob"}`, `{"contains"}`, `{"present"}`.
    query: Option<serde_json::Map<String, Value>>,
    /// Headers by name, as `query`. Credentials are not kept; ask whether they are present.
    headers: Option<serde_json::Map<String, Value>>,
    /// A text, or `contains`, `equals`, `regex`, `json` (a part), `json_path` (a path, or paths with values).
    body: Option<Value>,
    /// `contains` (rows, in part), `count`, `created`, `updated`, `deleted`, `errors`.
    rows: Option<serde_json::Map<String, Value>>,
    /// A 4x4 or resource name.
    dataset: Option<String>,
    /// upsert, replace, query, row.get, …; or a list.
    operation: Option<Value>,
    /// 200, "4xx", a list, or "none" when the client left before the answer.
    status: Option<Value>,
    /// A text that is one of them, or `user`, `app_token`, `address`, `agent`.
    client: Option<Value>,
    /// The id of a fault rule, or whether there was a fault.
    fault: Option<Value>,
    /// `X-Socrata-RequestId`.
    request_id: Option<Value>,
    /// Whether it came encrypted.
    tls: Option<bool>,
    /// After this request, or not before this time.
    since: Option<Value>,
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct VerifyRequest {
    /// What a request has to be like.
    #[serde(rename = "match")]
    matcher: Option<Match>,
    /// How many have to match: a number, or `exactly`, `min`, `max`. One at least without it.
    times: Option<Value>,
    /// Steps that have to be found one after the other, others in between.
    in_order: Option<Vec<Match>>,
    /// So many milliseconds may pass until it is so; at most 600000.
    wait_ms: Option<u64>,
    /// Only requests after this one count.
    since: Option<u64>,
}

/// `POST /verify`. Whoever waits is answered as things are when the server stops.
async fn verify(state: AppState, parts: Parts, bytes: Bytes) -> Result<Json<Value>, Problem> {
    let mut asked: Value = body(&bytes)?;
    name_datasets(&state, &mut asked);
    let question = Question::parse(&asked).map_err(Problem::bad_request)?;
    let journal = &state.space.journal;
    let deadline = tokio::time::sleep(Duration::from_millis(question.wait_ms));
    tokio::pin!(deadline);
    let line = Line::of(&parts.extensions);
    let mut stopped = std::pin::pin!(line.stopped());
    loop {
        let mut changed = std::pin::pin!(journal.changed());
        // From here on no change is missed.
        changed.as_mut().enable();
        let finding = question.ask(&journal.snapshot());
        let waits = question.wait_ms > 0
            && !matches!(finding, Finding::Holds(_) | Finding::Fails { settled: true, .. });
        if !waits {
            return told(finding);
        }
        tokio::select! {
            () = changed => {}
            () = &mut deadline => return told(finding),
            () = &mut stopped => return told(finding),
        }
    }
}

fn told(finding: Finding) -> Result<Json<Value>, Problem> {
    match finding {
        Finding::Holds(ids) => Ok(Json(json!({ "ok": true, "count": ids.len(), "requests": ids }))),
        Finding::Incomplete(detail) => Err(Problem::conflict("journal_incomplete", detail)),
        Finding::Fails { detail, count, requests, nearest, .. } => {
            Err(Problem::conflict("verify_failed", detail)
                .with("ok", false)
                .with("count", count)
                .with("requests", requests)
                .with("nearest", nearest))
        }
    }
}

/// The journal knows datasets by their 4x4; people by their resource name too.
pub(super) fn name_datasets(state: &AppState, asked: &mut Value) {
    let catalogue = state.space.store().catalogue();
    let rename = |matcher: &mut Value| {
        let Some(dataset) = matcher.get_mut("dataset") else { return };
        if let Some(entry) = dataset.as_str().and_then(|name| catalogue.find(name)) {
            *dataset = entry.dataset.id.as_str().into();
        }
    };
    if let Some(matcher) = asked.get_mut("match") {
        rename(matcher);
    }
    if let Some(steps) = asked.get_mut("in_order").and_then(Value::as_array_mut) {
        steps.iter_mut().for_each(rename);
    }
}
