//! Stored rows with their system fields, without the limits of SODA: as they are, or as of an earlier version.

use super::Problem;
use crate::consumer::{Facts, ReadFormat};
use crate::http::exchange::RequestContext;
use crate::http::socrata::dataset_request::DatasetRequest;
use crate::http::socrata::read;
use crate::path::query_pairs;
use crate::store::history::{Gap, rows_at};
use crate::store::versions::Versions;
use crate::store::{Entry, Select, StoreError};
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::Uri;

/// So often rows of an earlier version are read anew when a write comes in between.
const TRIES: usize = 10;

/// What is asked of a dataset's rows.
struct RowsQuery {
    /// The most rows; -1 for all.
    limit: i64,
    /// The number of the row behind which they begin; the first row of a dataset has the number 0.
    after: i64,
    format: ReadFormat,
    /// The data version whose rows are wanted.
    as_of: Option<i64>,
}

impl RowsQuery {
    fn read(uri: &Uri, entry: &Entry) -> Result<Self, Problem> {
        let mut query = Self { limit: -1, after: -1, format: ReadFormat::Json, as_of: None };
        for (name, value) in &query_pairs(uri.query())? {
            query.set(name, value, entry)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str, entry: &Entry) -> Result<(), Problem> {
        let wrong = |what: &str| Problem::bad_request(format!("{name}={value}{what}"));
        match name {
            "limit" => self.limit = value.parse::<u32>().map_err(|_| wrong(" is not a number"))?.into(),
            "after" => {
                let number = entry.cipher.parse_row_id(value);
                self.after = number.ok_or_else(|| wrong(" is no :id of this dataset"))?;
            }
            "as_of" => {
                let version = value.parse().ok().filter(|version: &i64| *version >= 0);
                self.as_of = Some(version.ok_or_else(|| wrong(" is no data version"))?);
            }
            "format" => {
                self.format = match value {
                    "json" => ReadFormat::Json,
                    "ndjson" => ReadFormat::NdJson,
                    "csv" => ReadFormat::Csv,
                    _ => return Err(wrong(": json, ndjson or csv")),
                }
            }
            _ => {
                let detail = format!("{name}: the parameters are limit, after, format and as_of");
                return Err(Problem::bad_request(detail));
            }
        }
        Ok(())
    }
}

/// `GET /datasets/{4x4}/rows?limit=&after=&format=&as_of=`; `after` is the `:id` of the last row seen.
pub async fn rows(context: RequestContext, Path(id): Path<String>, uri: Uri) -> Result<Response, Problem> {
    let state = context.state.clone();
    let request = DatasetRequest::unrestricted(context, &id);
    let request = request.ok_or_else(|| Problem::no_dataset(&state, &id))?;
    let query = RowsQuery::read(&uri, &request.entry)?;
    let Some(version) = query.as_of else {
        let select = Select::stored(&request.entry.dataset, query.after, query.limit);
        return Ok(answered(&request, Facts::new(select, query.format)).await);
    };
    let mut gap = None;
    for _ in 0..TRIES {
        let now = data_version(&request)?;
        match facts_at(&request, &query, version, now)? {
            Ok(facts) => {
                let response = answered(&request, facts).await;
                // The rows are those of a moment between the two looks at the version.
                if data_version(&request)? == now {
                    return Ok(response);
                }
            }
            // The history has a write a moment after it can be read.
            Err(found @ Gap::Missing(missing)) if missing == now => gap = Some(found),
            Err(found) => return Err(incomplete(found)),
        }
        tokio::task::yield_now().await;
    }
    Err(gap.map_or_else(busy, incomplete))
}

fn data_version(request: &DatasetRequest) -> Result<i64, Problem> {
    let store = request.context.state.space.store();
    let dataset = &request.entry.dataset;
    let read = store.read(|tx| Ok::<_, StoreError>(Versions::of(tx, dataset)?.data_version));
    Ok(read?)
}

/// The query for the rows as of a version, seen from the version `now`.
fn facts_at(
    request: &DatasetRequest,
    query: &RowsQuery,
    version: i64,
    now: i64,
) -> Result<Result<Facts, Gap>, Problem> {
    if version > now {
        return Err(Problem::bad_request(format!("as_of={version}: the dataset is at version {now}")));
    }
    let entry = &request.entry;
    let (writes, _) = request.context.state.space.store().history().of(entry.dataset.number);
    Ok(rows_at(&writes, entry, version, now).map(|then| {
        let select = Select::stored_at(&entry.dataset, &then, query.after, query.limit);
        Facts::new(select, query.format)
    }))
}

fn incomplete(gap: Gap) -> Problem {
    let detail = format!("{gap}, so the rows before it cannot be told; a snapshot keeps a whole state");
    Problem::conflict("history_incomplete", detail)
}

fn busy() -> Problem {
    let detail = "The dataset is written to all the time; ask again when it rests";
    Problem::conflict("dataset_busy", detail)
}

async fn answered(request: &DatasetRequest, facts: Facts) -> Response {
    match read::respond(request, facts).await {
        Ok(Some(response)) => response,
        Ok(None) => Problem::not_found("row").into_response(),
        Err(error) => Problem::from(error.into_error()).into_response(),
    }
}
