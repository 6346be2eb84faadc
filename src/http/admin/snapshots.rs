//! Named states of a space's data.

use super::input::parameters;
use super::route::{Route, delete, get, post, put};
use super::{Answer, Problem};
use crate::api::{self, Deleted, Diff, DiffKind, Restored, SnapshotList};
use crate::clock::iso;
use crate::consumer::{self, diff::Bounds};
use crate::http::socrata::written::{Writing, written_json};
use crate::http::state::AppState;
use crate::space::{ResetError, Snapshot, SnapshotError, check_name};
use crate::store::{Image, ReadTx, Store, StoreError};
use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use http::Uri;
use serde::Deserialize;
use std::sync::Arc;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    const SHOWN: &str =
        r#"{"name": "before", "taken_at": "2023-11-14T22:13:20Z", "datasets": 1, "rows": 2, "bytes": 1}"#;
    vec![
        get("/snapshots", "The snapshots of the space.", list)
            .answers::<SnapshotList>(r#"{"snapshots": []}"#)
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        get("/snapshots/{name}", "One snapshot.", show)
            .answers::<api::Snapshot>(SHOWN)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        put("/snapshots/{name}", "Keeps the data of now under a name.", take)
            .answers::<api::Snapshot>(SHOWN)
            .refuses(&[409])
            .shown_by(&[
                "snapshots::a_snapshot_gives_rows_versions_and_counters_back",
                "snapshots::a_space_has_as_many_snapshots_as_may_be",
            ]),
        delete("/snapshots/{name}", "Forgets a snapshot.", remove)
            .answers::<Deleted<String>>(r#"{"deleted": "before"}"#)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
        get("/snapshots/{a}/diff/{b}", "What differs between two states; `current`, `seed` and `empty` are names too.", diff)
            .query("dataset", "Only this dataset, by its 4x4.")
            .query("limit", "Differing rows to list of each dataset, at most 10000; 100 without it. All are counted.")
            .query("offset", "Differing rows of each dataset to pass over.")
            .answers::<Diff>(r#"{"before": "before", "after": "current", "same": false, "datasets": [{"id": "4tka-6guv", "name": "USGS Earthquakes", "kind": "changed", "by": "earthquake_id", "versions": {"before": 1, "after": 2}, "schema": [], "rows": {"added": 1, "removed": 0, "changed": 0, "rewritten": 0, "same": 12}, "changes": [], "left_out": 0, "next_offset": null}]}"#)
            .refuses(&[404])
            .shown_by(&["snapshots::a_diff_tells_rows_fields_and_columns"]),
        post("/snapshots/{name}/restore", "Gives the data of a snapshot back.", restore)
            .answers::<Restored>(r#"{"restored": {"name": "before"}}"#)
            .refuses(&[404])
            .shown_by(&["snapshots::a_snapshot_gives_rows_versions_and_counters_back"]),
    ]
}

impl From<ResetError> for Problem {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Store(error) => error.into(),
            ResetError::Seed(error) => Self::bad_request(error.to_string()),
        }
    }
}

impl From<SnapshotError> for Problem {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::TooMany(_) => {
                let advice =
                    "DELETE /__mock/v1/snapshots/{name} forgets one, serve --max-snapshots allows more";
                Self::conflict("too_many_snapshots", format!("{error}; {advice}"))
            }
            SnapshotError::Store(error) => error.into(),
        }
    }
}

/// 404 for a name that stands for no state.
pub fn no_snapshot(state: &AppState, name: &str) -> Problem {
    let taken = state.space.snapshots.all();
    let names = taken.iter().map(|(name, _)| name.as_str()).chain(["seed", "empty"]);
    Problem::no_such("snapshot", name, names).and(
        "`soda-mock snapshot NAME` or PUT /__mock/v1/snapshots/{name} takes one, and \"seed\" and \"empty\" are always there",
    )
}

/// The data that a name stands for: a snapshot, `seed`, `empty`, or `current`, the data of now.
pub async fn image_named(state: &AppState, name: &str) -> Result<Arc<Image>, Problem> {
    if name == "current" {
        return Ok(state.space.current_image().await?);
    }
    let target = state.space.target(name).ok_or_else(|| no_snapshot(state, name))?;
    Ok(state.space.image_of(&target).await?)
}

/// A snapshot as it is told.
pub fn shown(name: &str, snapshot: &Snapshot) -> api::Snapshot {
    api::Snapshot {
        name: name.to_owned(),
        taken_at: iso(snapshot.taken_at),
        datasets: snapshot.datasets,
        rows: snapshot.rows,
        bytes: snapshot.bytes,
    }
}

/// `GET /snapshots`.
async fn list(state: AppState) -> Json<SnapshotList> {
    let all = state.space.snapshots.all();
    Json(SnapshotList { snapshots: all.iter().map(|(name, one)| shown(name, one)).collect() })
}

/// `GET /snapshots/{name}`.
async fn show(state: AppState, Path(name): Path<String>) -> Answer<api::Snapshot> {
    let snapshot = state.space.snapshots.find(&name).ok_or_else(|| no_snapshot(&state, &name))?;
    Ok(Json(shown(&name, &snapshot)))
}

/// `PUT /snapshots/{name}`: the data of now; an older snapshot of that name is replaced.
async fn take(state: AppState, Path(name): Path<String>) -> Answer<api::Snapshot> {
    check_name(&name).map_err(|e| Problem::bad_request(e.to_string()))?;
    let snapshot = state.space.take_snapshot(&name).await?;
    Ok(Json(shown(&name, &snapshot)))
}

/// `POST /snapshots/{name}/restore`: the data only, and at once for everyone.
async fn restore(state: AppState, Path(name): Path<String>) -> Answer<Restored> {
    let snapshot = state.space.snapshots.find(&name).ok_or_else(|| no_snapshot(&state, &name))?;
    state.space.restore(&snapshot).await?;
    Ok(Json(Restored { restored: shown(&name, &snapshot) }))
}

/// `DELETE /snapshots/{name}`.
async fn remove(state: AppState, Path(name): Path<String>) -> Answer<Deleted<String>> {
    if state.space.snapshots.remove(&name) {
        Ok(Json(Deleted { deleted: name }))
    } else {
        Err(no_snapshot(&state, &name))
    }
}

/// A state of the data that can be read.
enum DataState {
    Image(Arc<Image>),
    Live(Arc<Store>),
}

impl DataState {
    async fn named(state: &AppState, name: &str) -> Result<Self, Problem> {
        if name == "current" {
            return Ok(Self::Live(state.space.store()));
        }
        image_named(state, name).await.map(Self::Image)
    }

    fn read<T>(&self, job: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Self::Image(image) => image.read(job),
            Self::Live(store) => store.read(job),
        }
    }
}

/// Which rows of a difference are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiffParameters {
    dataset: Option<String>,
    #[serde(default = "usual_limit")]
    limit: usize,
    #[serde(default)]
    offset: usize,
}

fn usual_limit() -> usize {
    100
}

fn bounds(uri: &Uri) -> Result<Bounds, Problem> {
    let DiffParameters { dataset, limit, offset } = parameters(uri)?;
    if limit > 10_000 {
        return Err(Problem::bad_request("limit: 0 to 10000 rows of each dataset"));
    }
    Ok(Bounds { dataset, limit, offset })
}

/// `GET /snapshots/{a}/diff/{b}?dataset=&limit=&offset=`; `current`, `seed` and `empty` are names too.
async fn diff(state: AppState, Path((a, b)): Path<(String, String)>, uri: Uri) -> Result<Response, Problem> {
    let bounds = bounds(&uri)?;
    let (before, after) = (DataState::named(&state, &a).await?, DataState::named(&state, &b).await?);
    let store = state.space.store();
    let place = store.inspection().await?;
    let compared = move |out: &mut Writing| {
        let datasets =
            before.read(|before| after.read(|after| consumer::diff::diff(before, after, &bounds)))?;
        let same = datasets.iter().all(|dataset| dataset.kind == DiffKind::Same);
        Ok(out.json(&Diff { before: a, after: b, same, datasets })?)
    };
    written_json(&store, place, compared).await
}
