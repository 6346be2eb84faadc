//! SQL on the stored tables, for people who look.

use super::Problem;
use super::input::body;
use super::route::{Route, post};
use crate::api::SqlTable;
use crate::http::socrata::written::{Writing, written_json};
use crate::http::state::AppState;
use crate::soda::SodaError;
use crate::store::sql::{SqlError, SqlQuery, ask};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Rows of an answer that asks for no number of them.
const ROWS: usize = 1000;
/// The time of one statement.
const TIME: Duration = Duration::from_secs(10);

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    let sql = post("/sql", "Answers a SELECT on the stored tables and views.", select)
        .takes::<SqlRequest>()
        .answers::<SqlTable>(r#"{"columns": ["id", "rows"], "rows": [["4tka-6guv", 8]], "truncated": false}"#)
        .shown_by(&[
            "sql::a_select_reads_tables_and_views",
            "store::sql::nothing_but_reading_is_allowed",
            "sql::a_row_that_is_too_large_is_refused_by_its_code",
        ]);
    vec![sql]
}

/// One statement of SQLite's SQL. Each dataset has a view named by its 4x4 and one by its name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SqlRequest {
    /// The statement.
    sql: String,
    /// Values of parameters: a list for `?1`, an object for `:name`.
    #[serde(default)]
    params: Value,
    /// Rows at most: 1,000 without it, 100,000 in any case.
    limit: Option<usize>,
}

/// `POST /sql`.
async fn select(state: AppState, bytes: Bytes) -> Result<Response, Problem> {
    let request: SqlRequest = body(&bytes)?;
    if !(request.params.is_null() || request.params.is_array() || request.params.is_object()) {
        return Err(Problem::bad_request("params is a list or an object"));
    }
    if request.sql.trim().is_empty() {
        return Err(Problem::bad_request(
            "sql is empty; write a SELECT, such as select * from \"4tka-6guv\"",
        ));
    }
    let limit = request.limit.unwrap_or(ROWS);
    let question = SqlQuery { sql: request.sql, params: request.params, limit, time: TIME };
    let store = state.space.store();
    let path = store.read(|tx| Ok(tx.path()))?;
    let path = path.ok_or_else(|| Problem::not_found("file of the store"))?;
    let (place, memory) = (store.inspection().await?, Arc::clone(store.memory()));
    let catalogue = store.catalogue();
    let answer = move |out: &mut Writing| ask(&path, &catalogue, &question, &memory, out).map_err(refusal);
    written_json(&store, place, answer).await
}

fn refusal(error: SqlError) -> Problem {
    let code = match error {
        SqlError::Statement(_) => "sql_error",
        SqlError::NotAllowed => "sql_not_allowed",
        SqlError::TooSlow(_) => "sql_too_slow",
        SqlError::TooLarge(_) => "sql_too_large",
        SqlError::NoRoom => return SodaError::out_of_memory(&error.to_string()).into(),
        SqlError::Store(error) => return error.into(),
    };
    Problem::new(StatusCode::BAD_REQUEST, code, error.to_string())
}
