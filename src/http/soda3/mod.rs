//! SODA 3 reads: `/api/v3/views/4x4/query` and `/export`, on the engine of `/resource`.
//!
//! Paths, options and the form of the answer are documented or recorded. How errors look is not
//! known: they are those of 2.1. System columns, which production adds unless told not to, are added
//! when a request asks for them.

mod asked;

use super::call::Call;
use super::error::ApiError;
use super::not_emulated;
use super::read;
use super::state::AppState;
use super::wire::{WireRoute, route};
use crate::consumer::{ReadFormat, plan};
use crate::path::split_extension;
use crate::soda::SodaError;
use asked::Asked;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Limited};

/// Bytes of a body; a query is text that a person or a program of theirs wrote.
const MAX_BODY: usize = 4 << 20;

/// The routes.
pub fn routes() -> Vec<WireRoute> {
    vec![route(
        "/api/v3/views/{dataset}/{verb}",
        any(handle),
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
        other => {
            let refusal = not_emulated::refuse(&state, &request.into_parts().0);
            return Err(refusal.unwrap_or_else(|| SodaError::not_emulated(other).into()));
        }
    };
    let (mut parts, body) = request.into_parts();
    // The method says where the query is, not that anything is written.
    let method = std::mem::replace(&mut parts.method, Method::GET);
    let mut call = Call::check(state, dataset, parts)?;
    let posted = match method {
        Method::POST => true,
        Method::GET | Method::HEAD => false,
        other => return Err(ApiError::method_not_allowed(&other, "GET,HEAD,POST")),
    };
    call.extension = extension;
    let mut asked = Asked::new(export);
    for (name, value) in &call.query {
        asked.parameter(name, value)?;
    }
    if posted {
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| SodaError::too_large(MAX_BODY as u64, "the query"))?.to_bytes();
        asked.body(&body)?;
    }
    let format = read::read_format(&call)?;
    if (asked.separator.is_some() || asked.bom) && format != ReadFormat::Csv {
        return Err(SodaError::bad_parameter("serializationOptions", "")
            .hint("separator and bom are options of CSV: ask for export.csv.")
            .into());
    }
    call.patience = asked.timeout;
    loop {
        match answer_once(&call, &asked, format).await {
            Err(_) if call.catch_up()? => {}
            answer => return answer,
        }
    }
}

async fn answer_once(call: &Call, asked: &Asked, format: ReadFormat) -> Result<Response, ApiError> {
    let question =
        plan::Question { text: Some(asked.text()), adaptation: asked.adaptation(), ..call.question(format) };
    let mut facts = plan::rows(&question).map_err(|e| read::query_error(call, &e))?;
    (facts.form.separator, facts.form.bom) = (asked.separator, asked.bom);
    facts.form.soda3 = matches!(format, ReadFormat::Json);
    let missing = SodaError::dataset_missing(call.entry.dataset.id.as_str());
    read::respond(call, facts).await?.ok_or_else(|| missing.into())
}
