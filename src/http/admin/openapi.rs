//! `GET /__mock/openapi.json`: the admin API as OpenAPI 3.1, made from the list of its routes when it
//! is first asked for.

use super::route::{Answers, Route, Takes};
use crate::api::ProblemBody;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

static DOCUMENT: OnceLock<String> = OnceLock::new();

/// `GET /__mock/openapi.json`.
pub async fn show() -> Response {
    let text = DOCUMENT.get_or_init(|| document(&super::routes()).to_string());
    ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// The document of these routes.
pub fn document(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in routes {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.to_ascii_lowercase()] = operation(route, &mut generator);
    }
    generator.subschema_for::<ProblemBody>();
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "soda-mock admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Arranges, observes, breaks and rewinds the mock. GET reads, POST acts, PUT sets, DELETE removes. Requests need no credentials unless --admin-token is set; pages of other origins are refused. X-Mock-Space names the space.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/__mock/v1" }],
        "tags": tags(routes),
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// The first part of a path groups its calls.
fn tag(path: &str) -> &str {
    path.split(['/', '.']).find(|part| !part.is_empty()).unwrap_or("admin")
}

fn tags(routes: &[Route]) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for route in routes {
        if !names.contains(&tag(route.path)) {
            names.push(tag(route.path));
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let in_path = route.path_parameters().map(|name| {
        json!({ "name": name, "in": "path", "required": true, "description": meaning(name), "schema": { "type": "string" } })
    });
    let in_query = route.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
    });
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [tag(route.path)],
        "summary": route.summary,
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": responses(route, generator),
    });
    if let Some(takes) = &route.takes {
        operation["requestBody"] = match takes {
            Takes::Json(schema, optional) => json!({
                "required": !optional,
                "content": { "application/json": { "schema": schema(generator) } },
            }),
            Takes::Media(media) => json!({ "required": true, "content": { *media: {} } }),
        };
    }
    operation
}

/// `GET /datasets/{dataset}/rows` is `get_datasets_dataset_rows`.
fn operation_id(route: &Route) -> String {
    let path = route.path.replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{}{path}", route.method.to_ascii_lowercase())
}

/// What a name in a path stands for.
fn meaning(name: &str) -> &'static str {
    match name {
        "dataset" => "A 4x4 id or a resource name",
        "id" => "An id as the list gives it",
        "token" => "An application token",
        "row" => "A row identifier, or an :id",
        _ => "A name",
    }
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let bare = |media: &[&str]| media.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let mut content: Map<String, Value> = match route.answers {
        Answers::Json(example, schema) => {
            let example: Value = serde_json::from_str(example).unwrap_or_default();
            let described = json!({ "schema": schema(generator), "example": example });
            Map::from_iter([("application/json".to_owned(), described)])
        }
        Answers::Media(media) => bare(media),
    };
    content.extend(bare(route.also));
    let refusal = |what: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        json!({ "description": what, "content": { "application/problem+json": { "schema": schema } } })
    };
    let mut responses = json!({
        "200": { "description": route.summary, "content": content },
        "400": refusal("The request is wrong; `detail` says what to change"),
        "403": refusal("A page of another origin, or a Host that is not this machine"),
    });
    if route.path.contains('{') {
        responses["404"] = refusal("There is no such thing");
    }
    for status in route.refuses {
        let reason = http::StatusCode::from_u16(*status).ok().and_then(|s| s.canonical_reason());
        responses[status.to_string()] = refusal(reason.unwrap_or("Refused"));
    }
    responses
}
