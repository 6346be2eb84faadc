//! SQL on the stored tables, for people who look.

use super::input::body;
use super::route::{Route, post};
use super::{Answer, Problem};
use crate::api::SqlTable;
use crate::http::state::AppState;
use crate::store::sql::{SqlError, SqlQuery, ask};
use axum::Json;
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
        .shown_by(&["sql::a_select_reads_tables_and_views", "store::sql::nothing_but_reading_is_allowed"]);
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
async fn select(state: AppState, bytes: Bytes) -> Answer<SqlTable> {
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
    let path = state.space.store().read(|tx| Ok(tx.path()))?;
    let path = path.ok_or_else(|| Problem::not_found("file of the store"))?;
    let memory = Arc::clone(state.space.store().memory());
    let asked = tokio::task::spawn_blocking(move || ask(&path, &question, &memory.aggregates)).await;
    let answer = asked.map_err(|_| Problem::bad_request("The statement ended its thread; see the log"))?;
    Ok(Json(answer.map_err(refusal)?))
}

fn refusal(error: SqlError) -> Problem {
    let code = match error {
        SqlError::Statement(_) => "sql_error",
        SqlError::NotAllowed => "sql_not_allowed",
        SqlError::TooSlow(_) => "sql_too_slow",
        SqlError::Store(error) => return error.into(),
    };
    Problem::new(StatusCode::BAD_REQUEST, code, error.to_string())
}
