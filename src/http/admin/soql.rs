//! The SoQL reference, from the table that the analyzer uses.

use super::route::{Route, get};
use crate::soql::functions::reference;
use axum::Json;
use axum::response::Html;
use serde_json::Value;

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    vec![
        get("/soql.json", "The functions and keywords of SoQL: names, signatures, sentences, examples.", functions)
            .answers(r#"{"functions": [{"name": "upper", "form": "upper(text)", "subject": "Text", "kind": "scalar", "signatures": ["text -> text"], "doc": "In capital letters.", "example": "upper(region)", "evidence": "documented", "emulated": true, "completes": true}], "keywords": ["SELECT"]}"#)
            .shown_by(&["soql::reference::every_example_of_the_reference_runs_on_the_demo_dataset"]),
    ]
}

/// `GET /soql.json`: functions and keywords, for completion.
async fn functions() -> Json<Value> {
    Json(reference::as_json())
}

/// `GET /__mock/soql`: for people.
pub async fn page() -> Html<String> {
    Html(reference::as_html())
}
