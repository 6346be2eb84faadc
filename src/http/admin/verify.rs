//! Questions about the journal, answered at once or as soon as the answer is yes.

use super::input::body;
use super::route::{Route, post};
use super::{Answer, Problem};
use crate::api::{VerifyFailed, VerifyHolds};
use crate::http::exchange::RequestContext;
use crate::http::state::AppState;
use crate::journal::{Bound, Finding, Verification, VerifyRequest};
use axum::Json;
use bytes::Bytes;
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
        .answers::<VerifyHolds>(r#"{"ok": true, "count": 1, "requests": [42]}"#)
        .refuses(&[409])
        .shown_by(&["verify::a_question_is_answered_yes_with_the_requests_that_show_it"]),
    ]
}

/// `POST /verify`. Whoever waits is answered as things are when the server stops.
async fn verify(context: RequestContext, bytes: Bytes) -> Answer<VerifyHolds> {
    let state = &context.state;
    let verification = Verification::new(body(&bytes)?, dataset_id(state)).map_err(Problem::bad_request)?;
    let journal = &state.space.journal;
    let deadline = tokio::time::sleep(Duration::from_millis(verification.wait_ms));
    tokio::pin!(deadline);
    let mut stopped = std::pin::pin!(context.head.connection.stopped());
    loop {
        let mut changed = std::pin::pin!(journal.changed());
        // From here on no change is missed.
        changed.as_mut().enable();
        let finding = verification.ask(&journal.snapshot());
        let waits = verification.wait_ms > 0
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

fn told(finding: Finding) -> Answer<VerifyHolds> {
    match finding {
        Finding::Holds(requests) => Ok(Json(VerifyHolds { ok: true, count: requests.len(), requests })),
        Finding::Incomplete { why, by } => {
            let advice = match by {
                Bound::Body => "--journal-body keeps more",
                Bound::Entries => {
                    "start with a larger --journal-entries or --journal-bytes, or ask with \"since\" for requests after a known id"
                }
            };
            Err(Problem::conflict("journal_incomplete", format!("{why}; {advice}")))
        }
        Finding::Fails { detail, count, requests, nearest, .. } => {
            let failed = VerifyFailed { ok: false, count, requests, nearest };
            Err(Problem::conflict("verify_failed", detail).with(failed))
        }
    }
}

/// The 4x4 of a dataset by any of its names: the journal knows datasets by their 4x4.
pub(super) fn dataset_id(state: &AppState) -> impl Fn(&str) -> Option<String> {
    let catalogue = state.space.store().catalogue();
    move |name| catalogue.find(name).map(|entry| entry.dataset.id.as_str().to_owned())
}
