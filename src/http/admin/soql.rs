//! The SoQL reference, from the table that the analyzer uses.

use super::Problem;
use super::route::{Route, get};
use crate::access::Reader;
use crate::clock::Clock as _;
use crate::consumer::{self, ReadFormat, plan};
use crate::http::path::query_pairs;
use crate::http::state::AppState;
use crate::soda::Stored;
use crate::soql::functions::reference;
use crate::soql::{Adaptation, SoqlError, parse};
use axum::Json;
use axum::extract::Path;
use axum::response::Html;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/soql.json", "The functions and keywords of SoQL: names, signatures, sentences, examples.", functions)
            .answers(r#"{"functions": [{"name": "upper", "form": "upper(text)", "subject": "Text", "kind": "scalar", "signatures": ["text -> text"], "doc": "In capital letters.", "example": "upper(region)", "evidence": "documented", "emulated": true, "completes": true}], "keywords": ["SELECT"]}"#)
            .shown_by(&["soql::reference::every_example_of_the_reference_runs_on_the_demo_dataset"]),
        get("/datasets/{dataset}/explain", "What a query means and how it runs; an error with its row and column.", explain)
            .query("$query", "A whole query; or the parameters of GET /resource/{4x4}.")
            .answers(r#"{"composed": "select *", "soql": "SELECT *", "columns": [{"name": "source", "type": "text"}], "sql": "SELECT …", "parameters": [], "plan": ["SCAN t0"]}"#)
            .shown_by(&["soql::explain::a_query_is_told_with_its_sql_and_plan", "soql::explain::an_error_is_told_with_its_place"]),
    ]
}

/// `GET /datasets/{4x4}/explain`: the query as composed and as parsed, names and types, the SQL and
/// its plan.
async fn explain(state: AppState, Path(id): Path<String>, parts: Parts) -> Result<Json<Value>, Problem> {
    let query = query_pairs(parts.uri.query())?;
    let store = state.space.store();
    let catalogue = store.catalogue();
    let entry = catalogue.find(&id).ok_or_else(|| Problem::not_found(&format!("dataset {id}")))?;
    let question = plan::Question {
        entry,
        catalogue: &catalogue,
        reader: &Reader::Unrestricted,
        query: &query,
        text: None,
        adaptation: Adaptation::default(),
        format: ReadFormat::Json,
        now_ms: state.space.clock.now_ms(),
    };
    let composed = plan::composed(&question).map_err(|e| refused(&e, None))?;
    let facts = plan::rows(&question).map_err(|e| refused(&e, Some(&composed.text)))?;
    let soql = parse(&composed.text).map_err(|e| refused(&e, Some(&composed.text)))?.to_string();
    let steps = store.read(|connection| consumer::explain(connection, &facts))?;
    let columns: Vec<Value> =
        facts.columns.iter().map(|(name, t)| json!({ "name": name, "type": t.name() })).collect();
    let parameters: Vec<Value> = facts
        .params
        .iter()
        .map(|p| match p {
            Stored::Null => Value::Null,
            Stored::Int(v) => json!(v),
            Stored::Real(v) => json!(v),
            Stored::Text(t) => json!(t),
        })
        .collect();
    Ok(Json(json!({
        "composed": composed.text,
        "soql": soql,
        "columns": columns,
        "sql": *facts.sql,
        "parameters": parameters,
        "plan": steps,
    })))
}

/// A query that is refused: its code and sentence, the text, and the place in it.
fn refused(error: &SoqlError, composed: Option<&str>) -> Problem {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut problem = Problem::new(status, "soql", error.sentence()).with("errorCode", json!(error.code()));
    if let Some(text) = composed {
        problem = problem.with("composed", json!(text));
    }
    if let Some(place) = error.position() {
        problem = problem
            .with("row", json!(place.row))
            .with("column", json!(place.column))
            .with("line", json!(place.line));
    }
    problem
}

/// `GET /soql.json`: functions and keywords, for completion.
async fn functions() -> Json<Value> {
    Json(reference::as_json())
}

/// `GET /__mock/soql`: for people.
pub async fn page() -> Html<String> {
    Html(reference::as_html())
}
