//! How jobs of publishing go, and what transforms know of the world.

use super::input::body;
use super::route::{Route, get, put};
use super::{Answer, Problem};
use crate::api;
use crate::clock::iso;
use crate::http::state::AppState;
use crate::publishing::jobs;
use crate::store::publishing::{self as objects, OutputSchema, Revision, Source, Stage};
use crate::store::{ReadTx, StoreError};
use axum::Json;
use axum::extract::Query;
use bytes::Bytes;
use serde::Deserialize;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const JOBS: &str = r#"{"apply": {"polls": 0, "seconds": 0, "fail": null}, "parse": {"polls": 0, "seconds": 0, "fail": null}, "transform": {"polls": 0, "seconds": 0, "fail": null}}"#;
    const WORLD: &str = r#"{"geocoder": null, "states": null, "counties": null, "regions": null, "answers": null, "categories": null, "licenses": null}"#;
    vec![
        get("/revisions", "Revisions of all datasets or of one, the newest first.", revisions)
            .query("dataset", "The 4x4 or resource name of a dataset.")
            .query("open", "true: only those that are neither applied nor discarded.")
            .answers::<api::RevisionList>(r#"{"revisions": [{"dataset": "4tka-6guv", "revision_seq": 0, "action": "replace", "state": "open", "sources": 1, "output_schema_id": null, "rows": null, "row_errors": null, "created_at": "2023-11-14T22:13:20Z", "created_by": "publisher@example.com", "closed_at": null}]}"#)
            .refuses(&[404])
            .shown_by(&["publishing::jobs::revisions_are_listed_for_people"]),
        get("/jobs", "How long jobs of publishing take, and whether they fail.", show_jobs)
            .answers::<api::JobCourses>(JOBS)
            .shown_by(&["publishing::jobs::jobs_take_looks_or_time_or_fail"]),
        put("/jobs", "Sets how jobs of publishing go that begin from now on.", set_jobs)
            .takes::<api::JobCourses>()
            .answers::<api::JobCourses>(JOBS)
            .shown_by(&["publishing::jobs::jobs_take_looks_or_time_or_fail"]),
        get("/world", "What transforms and URL sources find outside of the machine.", show_world)
            .answers::<api::World>(WORLD)
            .shown_by(&["publishing::jobs::the_world_is_what_it_is_told_to_be"]),
        put("/world", "Tells what transforms and URL sources find outside of the machine.", set_world)
            .takes::<api::World>()
            .answers::<api::World>(WORLD)
            .shown_by(&["publishing::jobs::the_world_is_what_it_is_told_to_be"]),
    ]
}

/// Revisions at most in one list.
const LISTED: usize = 1000;

/// `GET /revisions`.
async fn revisions(state: AppState, Query(asked): Query<Asked>) -> Answer<api::RevisionList> {
    let store = state.space.store();
    let catalogue = store.catalogue();
    let wanted = match &asked.dataset {
        Some(name) => {
            let found = catalogue.find(name);
            vec![found.ok_or_else(|| Problem::not_found(&format!("dataset {name}")))?]
        }
        None => catalogue.all(),
    };
    let mut revisions = store.read(|tx| {
        let mut list = Vec::new();
        for entry in wanted {
            for revision in objects::children::<Revision>(tx, entry.dataset.number)? {
                let is_open = revision.stage == Stage::Open;
                if asked.open.is_none_or(|open| open == is_open) {
                    list.push((revision.id, summary(tx, entry.dataset.id.as_str(), &revision)?));
                }
            }
        }
        Ok(list)
    })?;
    revisions.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
    Ok(Json(api::RevisionList {
        revisions: revisions.into_iter().take(LISTED).map(|(_, one)| one).collect(),
    }))
}

#[derive(Deserialize)]
struct Asked {
    dataset: Option<String>,
    open: Option<bool>,
}

fn summary(tx: &ReadTx<'_>, dataset: &str, revision: &Revision) -> Result<api::RevisionSummary, StoreError> {
    let schema = match revision.output_schema_id {
        Some(id) => objects::find::<OutputSchema>(tx, id)?,
        None => None,
    };
    let state = match (revision.stage, revision.closed_at) {
        (Stage::Open, _) => "open",
        (Stage::Discarded, _) => "discarded",
        (Stage::Applied, None) => "applying",
        (Stage::Applied, Some(_)) => "applied",
    };
    Ok(api::RevisionSummary {
        dataset: dataset.to_owned(),
        revision_seq: revision.seq,
        action: revision.action.kind.name().to_owned(),
        state: state.to_owned(),
        sources: objects::count::<Source>(tx, Some(revision.id))?,
        output_schema_id: revision.output_schema_id,
        rows: schema.as_ref().and_then(|schema| schema.total_rows),
        row_errors: schema.as_ref().map(|schema| schema.error_count),
        created_at: iso(revision.created_at),
        created_by: revision.created_by.clone(),
        closed_at: revision.closed_at.map(iso),
    })
}

/// `GET /jobs`.
async fn show_jobs(state: AppState) -> Json<api::JobCourses> {
    Json(state.space.jobs.now())
}

/// `PUT /jobs`.
async fn set_jobs(state: AppState, bytes: Bytes) -> Answer<api::JobCourses> {
    let courses: api::JobCourses = body(&bytes)?;
    jobs::check(&courses).map_err(Problem::bad_request)?;
    state.space.jobs.set(courses);
    Ok(Json(state.space.jobs.now()))
}

/// `GET /world`.
async fn show_world(state: AppState) -> Json<api::World> {
    Json(state.space.world.now().given.clone())
}

/// `PUT /world`.
async fn set_world(state: AppState, bytes: Bytes) -> Answer<api::World> {
    let given: api::World = body(&bytes)?;
    state.space.world.set(&given);
    Ok(Json(given))
}
