//! SoQL on any dataset without credentials, for the page and for scripts that look at what is stored.

use super::Problem;
use super::route::{Route, get};
use crate::http::call::Call;
use crate::http::footprint::Footprint;
use crate::http::path::{query_pairs, split_extension};
use crate::http::read;
use crate::http::state::AppState;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;

/// The calls of this file: the form by `Accept`, or by the end of the path, so that it can be a link.
pub fn routes() -> Vec<Route> {
    const FORMS: [(&str, &[&str]); 4] = [
        (
            "/datasets/{dataset}/query",
            &["application/json", "text/csv", "text/tab-separated-values", "application/vnd.geo+json"],
        ),
        ("/datasets/{dataset}/query.json", &["application/json"]),
        ("/datasets/{dataset}/query.csv", &["text/csv"]),
        ("/datasets/{dataset}/query.geojson", &["application/vnd.geo+json"]),
    ];
    let route = |(path, media)| {
        get(path, "SoQL on stored rows without credentials, private datasets included.", query)
            .query("$query", "A whole query; or the parameters of GET /resource/{4x4}.")
            .answers_media(media)
            .shown_by(&["page::queries_of_the_admin_api_read_private_datasets_in_every_form"])
    };
    FORMS.into_iter().map(route).collect()
}

/// `GET /datasets/{4x4}/query[.json|.csv|.geojson]`: parameters, answers and errors of
/// `GET /resource/{4x4}`; datasets that are not public are read too.
pub async fn query(state: AppState, Path(id): Path<String>, parts: Parts) -> Result<Response, Problem> {
    let query = query_pairs(parts.uri.query())?;
    let entry = state.space.store().catalogue().find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    let call = Call {
        state,
        entry,
        extension: split_extension(parts.uri.path()).1,
        query,
        sees_private: true,
        method: parts.method,
        headers: parts.headers,
        footprint: Footprint::default(),
        tampering: crate::http::faults::Tampering::default(),
    };
    Ok(read::rows(call).await.unwrap_or_else(|error| error.into_response()))
}
