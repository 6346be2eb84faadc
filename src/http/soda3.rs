//! SODA 3 reads: `/api/v3/views/4x4/query` and `/export`, on the engine of `/resource`.
//!
//! Paths, body and the form of the answer are documented or recorded. How errors look and what
//! `includeSystem` adds is not known: errors are those of 2.1, and system columns are given when
//! they are selected.

use super::call::Call;
use super::error::ApiError;
use super::read;
use super::state::AppState;
use super::wire::{WireRoute, route};
use crate::consumer::{ReadFormat, plan};
use crate::path::split_extension;
use crate::soda::SodaError;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

/// Bytes of a body; a query is text that a person or a program of theirs wrote.
const MAX_BODY: usize = 4 << 20;
/// More rows than any dataset has: an export has no limit but its own.
const ALL: i64 = i64::MAX;

/// The routes.
pub fn routes() -> Vec<WireRoute> {
    vec![route(
        "/api/v3/views/{dataset}/{verb}",
        get(handle).post(handle),
        &[
            "GET /api/v3/views/{4x4}/query",
            "POST /api/v3/views/{4x4}/query",
            "GET /api/v3/views/{4x4}/export",
            "POST /api/v3/views/{4x4}/export",
        ],
    )]
}

async fn handle(
    state: AppState,
    Path((dataset, verb)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    answer(state, &dataset, &verb, request).await.unwrap_or_else(|error| error.into_response())
}

async fn answer(
    state: AppState,
    dataset: &str,
    verb: &str,
    request: Request<Body>,
) -> Result<Response, ApiError> {
    let (verb, extension) = split_extension(verb);
    let export = match verb {
        "query" => false,
        "export" => true,
        other => return Err(SodaError::not_emulated(&format!("/api/v3/views/4x4/{other}")).into()),
    };
    let (mut parts, body) = request.into_parts();
    // The method says where the query is, not that anything is written.
    let posted = parts.method == Method::POST;
    parts.method = Method::GET;
    let mut call = Call::check(state, dataset, parts)?;
    call.extension = extension;
    let mut asked = Asked::default();
    for (name, value) in &call.query {
        asked.parameter(name, value)?;
    }
    if posted {
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| SodaError::too_large(MAX_BODY as u64, "the query"))?.to_bytes();
        asked.body(&body)?;
    }
    let format = read::read_format(&call)?;
    let text = asked.text(export);
    let catalogue = call.state.space.store().catalogue();
    let question = plan::Question { text: Some(&text), ..call.question(&catalogue, format) };
    let mut facts = plan::rows(&question).map_err(|e| read::query_error(&call, &e))?;
    facts.form.soda3 = matches!(format, ReadFormat::Json);
    let missing = SodaError::dataset_missing(call.entry.dataset.id.as_str());
    read::respond(&call, facts).await?.ok_or_else(|| missing.into())
}

/// What is asked for.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    query: Option<String>,
    page_number: Option<i64>,
    page_size: Option<i64>,
}

impl Asked {
    fn parameter(&mut self, name: &str, value: &str) -> Result<(), SodaError> {
        match name {
            "query" => self.query = Some(value.to_owned()),
            "pageNumber" => self.page_number = Some(whole(name, value.parse().ok(), value)?),
            "pageSize" => self.page_size = Some(whole(name, value.parse().ok(), value)?),
            "app_token" | "timeout" | "includeSystem" | "includeSynthetic" | "orderingSpecifier" => {}
            _ if name.starts_with("$$") => {}
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn body(&mut self, body: &[u8]) -> Result<(), SodaError> {
        if body.trim_ascii().is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_slice(body).map_err(|e| {
            SodaError::malformed_json(e.line() as u64, e.column() as u64, "The body is one JSON object")
        })?;
        let map = match value {
            Value::Object(map) => map,
            Value::Null => return Ok(()),
            _ => return Err(SodaError::invalid("The body is not a JSON object")),
        };
        for (name, value) in map {
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("query", Value::String(text)) => self.query = Some(text),
                ("page", Value::Object(page)) => {
                    for (name, value) in page {
                        let number = whole(&name, value.as_i64(), &value.to_string())?;
                        match name.as_str() {
                            "pageNumber" => self.page_number = Some(number),
                            "pageSize" => self.page_size = Some(number),
                            _ => return Err(unknown(&name)),
                        }
                    }
                }
                ("parameters", Value::Object(map)) if map.is_empty() => {}
                ("parameters", _) => return Err(SodaError::not_emulated("parameters of saved queries")),
                ("timeout" | "includeSystem" | "includeSynthetic" | "orderingSpecifier", _)
                | ("serializationOptions", Value::Object(_)) => {}
                (name @ ("query" | "page" | "serializationOptions"), value) => {
                    return Err(SodaError::bad_parameter(name, &value.to_string()));
                }
                (name, _) => return Err(unknown(name)),
            }
        }
        Ok(())
    }

    /// The query, with its page as a further step. The line break ends a comment.
    fn text(&self, export: bool) -> String {
        let query = self.query.as_deref().unwrap_or("SELECT *");
        match (self.page_number, self.page_size) {
            (None, None) if export => format!("{query}\n|> SELECT * LIMIT {ALL}"),
            (None, None) => query.to_owned(),
            (number, size) => {
                let size = size.unwrap_or(1000);
                let offset = (number.unwrap_or(1) - 1).saturating_mul(size);
                format!("{query}\n|> SELECT * LIMIT {size} OFFSET {offset}")
            }
        }
    }
}

fn whole(name: &str, number: Option<i64>, shown: &str) -> Result<i64, SodaError> {
    number.filter(|n| *n > 0).ok_or_else(|| {
        SodaError::bad_parameter(name, shown).hint(format!("{name} is a whole number from 1 on."))
    })
}

fn unknown(name: &str) -> SodaError {
    SodaError::bad_parameter(name, "").hint(
        "A SODA 3 query knows query, page (pageNumber, pageSize), parameters, timeout, includeSystem, includeSynthetic, orderingSpecifier and serializationOptions.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str, export: bool) -> Result<String, SodaError> {
        let mut asked = Asked::default();
        asked.body(body.as_bytes())?;
        Ok(asked.text(export))
    }

    #[test]
    fn pages_are_a_further_step_of_the_query() {
        for (body, export, expected) in [
            ("", false, "SELECT *"),
            ("null", false, "SELECT *"),
            (r#"{"query": "select a"}"#, true, "select a\n|> SELECT * LIMIT 9223372036854775807"),
            (
                r#"{"query": "select a -- c", "page": {"pageNumber": 3, "pageSize": 10}, "includeSystem": false}"#,
                false,
                "select a -- c\n|> SELECT * LIMIT 10 OFFSET 20",
            ),
        ] {
            assert_eq!(text(body, export).unwrap(), expected, "{body}");
        }
        for body in
            ["[]", "{", r#"{"quer": ""}"#, r#"{"page": {"pageSize": 0}}"#, r#"{"parameters": {"a": 1}}"#]
        {
            assert!(text(body, false).is_err(), "{body}");
        }
    }
}
