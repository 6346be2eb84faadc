//! Stored rows with their system fields, without the limits of SODA.

use super::Problem;
use crate::access::Reader;
use crate::consumer::{ReadFormat, stored_rows};
use crate::http::call::Call;
use crate::http::footprint::Footprint;
use crate::http::path::query_pairs;
use crate::http::read;
use crate::http::state::AppState;
use crate::store::SeenCatalogue;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;

/// `GET /datasets/{4x4}/rows?limit=&after=&format=`; `after` is the `:id` of the last row seen.
pub async fn rows(state: AppState, Path(id): Path<String>, parts: Parts) -> Result<Response, Problem> {
    let query = query_pairs(parts.uri.query())?;
    let catalogue = SeenCatalogue::of(&state.space.store());
    let entry = catalogue.find(&id).cloned();
    let entry = entry.ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    // The first row of a dataset has the number 0.
    let (mut limit, mut after, mut format) = (-1i64, -1i64, ReadFormat::Json);
    for (name, value) in &query {
        match name.as_str() {
            "limit" => {
                let wrong = |_| Problem::bad_request(format!("limit={value} is not a number"));
                limit = value.parse::<u32>().map_err(wrong)?.into();
            }
            "after" => {
                let number = entry.cipher.parse_row_id(value);
                after = number.ok_or_else(|| {
                    Problem::bad_request(format!("after={value} is no :id of this dataset"))
                })?;
            }
            "format" => {
                format = match value.as_str() {
                    "json" => ReadFormat::Json,
                    "ndjson" => ReadFormat::NdJson,
                    "csv" => ReadFormat::Csv,
                    _ => return Err(Problem::bad_request(format!("format={value}: json, ndjson or csv"))),
                }
            }
            _ => {
                return Err(Problem::bad_request(format!(
                    "{name}: the parameters are limit, after and format"
                )));
            }
        }
    }
    let facts = stored_rows(&entry.dataset, after, limit, format);
    let call = Call {
        author: None,
        catalogue,
        patience: None,
        state: state.clone(),
        entry,
        extension: None,
        query,
        reader: Reader::Unrestricted,
        method: parts.method,
        headers: parts.headers,
        footprint: Footprint::default(),
        tampering: crate::http::faults::Tampering::default(),
    };
    let response = read::respond(&call, facts).await;
    Ok(match response {
        Ok(Some(response)) => response,
        Ok(None) => Problem::not_found("row").into_response(),
        Err(error) => Problem::from(error.into_error()).into_response(),
    })
}
