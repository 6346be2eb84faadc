//! SoQL on any dataset without credentials, for the page and for scripts that look at what is stored.

use super::Problem;
use super::route::{Route, get};
use crate::access::Reader;
use crate::consumer::{Facts, Order, ReadFormat, numbered_rows, plan};
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::faults::Tampering;
use crate::http::footprint::Footprint;
use crate::http::path::{query_pairs, split_extension};
use crate::http::read::{self, Unanswered};
use crate::http::state::AppState;
use crate::store::{SeenCatalogue, StoreError};
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The calls of this file: the form by `Accept`, or by the end of the path, so that it can be a link.
pub fn routes() -> Vec<Route> {
    const FORMS: [(&str, &[&str]); 4] = [
        (
            "/datasets/{dataset}/query",
            &[
                "application/json",
                "text/csv",
                "text/tab-separated-values",
                "application/vnd.geo+json",
                "application/json+x-socrata-cjson",
                "text/xml",
            ],
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
    let window = get(
        "/datasets/{dataset}/window",
        "A page of a view's rows with their system fields; a deep one comes as fast as the first.",
        window,
    )
    .query("$where, $order, $q", "What the rows are, as for GET /resource/{4x4}.")
    .query("offset", "Rows before the page; 0 without it.")
    .query("limit", "Rows of the page, 1 to 1000; 100 without it.")
    .answers_media(&["application/json"])
    .shown_by(&["page::pages_of_a_view_are_cut_from_its_order"]);
    FORMS.into_iter().map(route).chain([window]).collect()
}

fn call(state: AppState, id: &str, parts: Parts, query: Vec<(String, String)>) -> Result<Call, Problem> {
    let catalogue = SeenCatalogue::of(&state.space.store());
    let entry = catalogue.find(id).cloned();
    let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    Ok(Call {
        author: None,
        patience: None,
        state,
        entry,
        catalogue,
        extension: split_extension(parts.uri.path()).1,
        query,
        reader: Reader::Unrestricted,
        method: parts.method,
        headers: parts.headers,
        footprint: Footprint::default(),
        tampering: Tampering::default(),
    })
}

/// `GET /datasets/{4x4}/query[.json|.csv|.geojson]`: parameters, answers and errors of
/// `GET /resource/{4x4}`; datasets that are not public are read too.
async fn query(state: AppState, Path(id): Path<String>, parts: Parts) -> Result<Response, Problem> {
    let query = query_pairs(parts.uri.query())?;
    let call = call(state, &id, parts, query)?;
    Ok(read::rows(call).await.unwrap_or_else(|error| error.into_response()))
}

/// Rows that a view of everything may have.
const ALL: &str = "1000000000";

/// `GET /datasets/{4x4}/window?$where=&$order=&$q=&offset=&limit=`. `X-Mock-Rows` tells how many rows the
/// view has.
async fn window(state: AppState, Path(id): Path<String>, parts: Parts) -> Result<Response, Problem> {
    let (mut offset, mut limit) = (0, 100);
    let mut query = vec![("$select".to_owned(), ":id".to_owned()), ("$limit".to_owned(), ALL.to_owned())];
    for (name, value) in query_pairs(parts.uri.query())? {
        match name.as_str() {
            "offset" => offset = number(&name, &value, 0..=usize::MAX)?,
            "limit" => limit = number(&name, &value, 1..=1000)?,
            "$where" | "$order" | "$q" => query.push((name, value)),
            _ => {
                let detail = format!("{name}: the parameters are $where, $order, $q, offset and limit");
                return Err(Problem::bad_request(detail));
            }
        }
    }
    let call = call(state, &id, parts, query)?;
    let facts = plan::rows(&call.question(ReadFormat::Json));
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return Ok(read::query_error(&call, &error).into_response()),
    };
    let order = match order(&call, facts).await {
        Ok(order) => order,
        Err(error) => return Ok(error.into_response()),
    };
    let wanted = &order[offset.min(order.len())..offset.saturating_add(limit).min(order.len())];
    let page = numbered_rows(&call.entry.dataset, wanted);
    let mut response = match read::respond(&call, page).await {
        Ok(Some(response)) => response,
        Ok(None) => return Err(Problem::not_found("such row")),
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert("x-mock-rows", order.len().into());
    Ok(response)
}

fn number(name: &str, value: &str, range: RangeInclusive<usize>) -> Result<usize, Problem> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        Problem::bad_request(format!("{name}={value}: a number from {} to {}", range.start(), range.end()))
    })
}

/// The rows of the view; a sort of many takes time, so not on a thread that answers others.
async fn order(call: &Call, facts: Facts) -> Result<Order, ApiError> {
    let (state, entry) = (call.state.clone(), Arc::clone(&call.entry));
    let look = move || state.process.orders.of(&state.space.store(), &entry.dataset, &facts);
    match read::limited(call.query_timeout(), look).await {
        Ok(order) => order.map_err(|error| read::run_error(call, error, None)),
        Err(Unanswered::TooLong) => Err(read::timeout(call)),
        Err(Unanswered::Panicked) => Err(StoreError::Closed.into()),
    }
}
