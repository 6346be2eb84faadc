//! The SoQL reference, from the table that the analyzer uses.

use super::route::{Route, get};
use super::{Answer, Problem};
use crate::access::Reader;
use crate::api::{Explained, QueryColumn};
use crate::clock::Clock as _;
use crate::consumer::{ReadFormat, plan};
use crate::http::state::AppState;
use crate::path::query_pairs;
use crate::soda::{self, SoqlType};
use crate::soql::functions::reference;
use crate::soql::{Adaptation, SoqlError, parse};
use axum::Json;
use axum::extract::Path;
use axum::response::Html;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/soql.json", "The functions and keywords of SoQL: names, signatures, sentences, examples.", functions)
            .answers::<Value>(r#"{"functions": [{"name": "upper", "form": "upper(text)", "subject": "Text", "kind": "scalar", "signatures": ["text -> text"], "doc": "In capital letters.", "example": "upper(region)", "evidence": "documented", "emulated": true, "completes": true}], "keywords": ["SELECT"]}"#)
            .shown_by(&["soql::reference::every_example_of_the_reference_runs_on_the_demo_dataset"]),
        get("/datasets/{dataset}/explain", "What a query means and how it runs; an error with its row and column.", explain)
            .query("$query", "A whole query; or the parameters of GET /resource/{4x4}.")
            .answers::<Explained>(r#"{"composed": "select *", "soql": "SELECT *", "columns": [{"name": "source", "type": "text"}], "sql": "SELECT …", "parameters": [], "plan": ["SCAN t0"]}"#)
            .shown_by(&["soql::explain::a_query_is_told_with_its_sql_and_plan", "soql::explain::an_error_is_told_with_its_place"]),
    ]
}

/// `GET /datasets/{4x4}/explain`: the query as composed and as parsed, names and types, the SQL and
/// its plan.
async fn explain(state: AppState, Path(id): Path<String>, parts: Parts) -> Answer<Explained> {
    let query = query_pairs(parts.uri.query())?;
    let store = state.space.store();
    let catalogue = store.catalogue();
    let entry = catalogue.find(&id).ok_or_else(|| Problem::no_dataset(&state, &id))?;
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
    let steps = store.read(|tx| tx.plan(&facts.sql, &facts.params))?;
    let column =
        |(name, t): &(String, SoqlType)| QueryColumn { name: name.clone(), soql_type: t.name().to_owned() };
    let parameter = |parameter: &soda::Value<'_>| match parameter {
        soda::Value::Null => Value::Null,
        soda::Value::Int(v) => Value::from(*v),
        soda::Value::Real(v) => Value::from(*v),
        soda::Value::Text(t) => Value::from(&**t),
    };
    Ok(Json(Explained {
        composed: composed.text,
        soql,
        columns: facts.columns.iter().map(column).collect(),
        sql: facts.sql.to_string(),
        parameters: facts.params.iter().map(parameter).collect(),
        plan: steps,
    }))
}

/// A query that is refused: the text that its parameters compose, and the place in it.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(rename = "errorCode")]
    error_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    composed: Option<&'a str>,
    #[serde(flatten)]
    place: Option<Place<'a>>,
}

/// The place of an error, and the line that it stands in.
#[derive(Serialize)]
struct Place<'a> {
    row: usize,
    column: usize,
    line: &'a str,
}

fn refused(error: &SoqlError, composed: Option<&str>) -> Problem {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let position = error.position();
    let place =
        position.as_ref().map(|place| Place { row: place.row, column: place.column, line: &place.line });
    Problem::new(status, "soql", error.sentence()).with(Refused {
        error_code: &error.code(),
        composed,
        place,
    })
}

/// `GET /soql.json`: functions and keywords, for completion.
async fn functions() -> Json<Value> {
    Json(reference::as_json())
}

/// `GET /__mock/soql`: for people.
pub async fn page() -> Html<String> {
    Html(reference::as_html())
}
