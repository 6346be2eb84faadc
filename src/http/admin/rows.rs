//! Stored rows with their system fields, without the limits of SODA.

use super::Problem;
use crate::consumer::{Facts, ReadFormat};
use crate::http::exchange::RequestContext;
use crate::http::socrata::dataset_request::DatasetRequest;
use crate::http::socrata::read;
use crate::path::query_pairs;
use crate::store::Select;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::Uri;

/// `GET /datasets/{4x4}/rows?limit=&after=&format=`; `after` is the `:id` of the last row seen.
pub async fn rows(context: RequestContext, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    let query = query_pairs(uri.query())?;
    let state = context.state.clone();
    let request = DatasetRequest::unrestricted(context, &id);
    let request = request.ok_or_else(|| Problem::no_dataset(&state, &id))?;
    let entry = &request.entry;
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
    let facts = Facts::new(Select::stored(&entry.dataset, after, limit), format);
    let response = read::respond(&request, facts).await;
    Ok(match response {
        Ok(Some(response)) => response,
        Ok(None) => Problem::not_found("row").into_response(),
        Err(error) => Problem::from(error.into_error()).into_response(),
    })
}
