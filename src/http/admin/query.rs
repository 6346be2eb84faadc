//! SoQL on any dataset without credentials, for the page and for scripts that look at what is stored.

use super::Problem;
use super::route::{Route, get};
use crate::consumer::plan::Question;
use crate::consumer::{Facts, Part, ReadFormat, plan};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::dataset_request::DatasetRequest;
use crate::http::socrata::read::{self, Unanswered};
use crate::path::query_pairs;
use crate::store::{Select, StoreError};
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::Uri;
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

fn request(context: RequestContext, id: &str) -> Result<DatasetRequest, Problem> {
    let state = context.state.clone();
    DatasetRequest::unrestricted(context, id).ok_or_else(|| Problem::no_dataset(&state, id))
}

/// `GET /datasets/{4x4}/query[.json|.csv|.geojson]`: parameters, answers and errors of
/// `GET /resource/{4x4}`; datasets that are not public are read too.
async fn query(context: RequestContext, Path(id): Path<String>) -> Result<Response, Problem> {
    context.head.check_query()?;
    Ok(read::rows(request(context, &id)?).await.unwrap_or_else(|error| error.into_response()))
}

/// Rows that a view of everything may have.
const ALL: &str = "1000000000";

/// `GET /datasets/{4x4}/window?$where=&$order=&$q=&offset=&limit=`. `X-Mock-Rows` tells how many rows the
/// view has.
async fn window(context: RequestContext, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    let (mut offset, mut limit) = (0, 100);
    let mut query = vec![("$select".to_owned(), ":id".to_owned()), ("$limit".to_owned(), ALL.to_owned())];
    for (name, value) in query_pairs(uri.query())? {
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
    let request = request(context, &id)?;
    let facts = plan::rows(&Question { query: &query, ..request.question(ReadFormat::Json) });
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return Ok(read::query_error(&request, &error).into_response()),
    };
    let part = match part(&request, facts, (offset, limit)).await {
        Ok(part) => part,
        Err(error) => return Ok(error.into_response()),
    };
    let page = Facts::new(Select::numbered(&request.entry.dataset, &part.rows), ReadFormat::Json);
    let mut response = match read::respond(&request, page).await {
        Ok(Some(response)) => response,
        Ok(None) => return Err(Problem::not_found("such row")),
        Err(error) => error.into_response(),
    };
    response.headers_mut().insert("x-mock-rows", part.of.into());
    Ok(response)
}

fn number(name: &str, value: &str, range: RangeInclusive<usize>) -> Result<usize, Problem> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        Problem::bad_request(format!("{name}={value}: a number from {} to {}", range.start(), range.end()))
    })
}

/// A part of the view; a sort of many takes time, so not on a thread that answers others.
async fn part(request: &DatasetRequest, facts: Facts, range: (usize, usize)) -> Result<Part, ApiError> {
    let (state, entry) = (request.context.state.clone(), Arc::clone(&request.entry));
    let place = state.space.store().long_read().await?;
    let look = move || {
        let part = state.process.orders.part(&state.space.store(), &entry.dataset, &facts, range);
        drop(place);
        part
    };
    match read::limited(request.query_timeout(), look).await {
        Ok(part) => part.map_err(|error| read::run_error(request, error, None)),
        Err(Unanswered::TooLong) => Err(read::timeout(request)),
        Err(Unanswered::Panicked) => Err(StoreError::Closed.into()),
    }
}
