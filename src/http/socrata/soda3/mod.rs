//! SODA 3 reads: `/api/v3/views/4x4/query` and `/export`, on the engine of `/resource`.
//!
//! Paths, options and the form of the answer are documented or recorded. How errors look is not
//! known: they are those of 2.1. System columns, which production adds unless told not to, are added
//! when a request asks for them.

mod asked;

use super::answer::{Answered, read_body};
use super::dataset_request::DatasetRequest;
use super::{negotiate, not_emulated, read};
use crate::consumer::{ReadFormat, plan};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::path::split_extension;
use crate::soda::SodaError;
use asked::QueryRequest;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::Method;

/// Bytes of a body; a query is text that a person or a program of theirs wrote.
const MAX_BODY: usize = 4 << 20;

/// `/api/v3/views/4x4/VERB`.
pub async fn handle(
    context: RequestContext,
    Path((dataset, verb)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let (verb, extension) = split_extension(&verb);
    let export = match verb {
        "query" => false,
        "export" => true,
        other => {
            let refusal = not_emulated::refuse(&context);
            return Err(refusal.unwrap_or_else(|| SodaError::not_emulated(other).into()));
        }
    };
    // The method says where the query is, not that anything is written.
    let mut request = DatasetRequest::check_read(context, &dataset)?;
    let head = &request.context.head;
    if !head.reads() && head.method != Method::POST {
        return Err(ApiError::method_not_allowed(&head.method, "GET,HEAD,POST"));
    }
    let mut asked = QueryRequest::new(export);
    for (name, value) in head.query() {
        asked.parameter(name, value)?;
    }
    if head.method == Method::POST {
        let body = read_body(&request.context.state, body, MAX_BODY, "the query").await?;
        asked.body(&body.bytes)?;
    }
    let format = negotiate::read_format(extension, &head.headers)?;
    if (asked.separator.is_some() || asked.bom) && format != ReadFormat::Csv {
        return Err(SodaError::bad_parameter("serializationOptions", "")
            .hint("separator and bom are options of CSV: ask for export.csv.")
            .into());
    }
    request.patience = asked.timeout;
    loop {
        match answer_once(&request, &asked, format).await {
            Err(_) if request.catch_up()? => {}
            answer => return answer,
        }
    }
}

async fn answer_once(
    request: &DatasetRequest,
    asked: &QueryRequest,
    format: ReadFormat,
) -> Result<Response, ApiError> {
    let question = plan::Question {
        text: Some(asked.text()),
        adaptation: asked.adaptation(),
        ..request.question(format)
    };
    let mut facts = plan::rows(&question).map_err(|e| read::query_error(request, &e))?;
    (facts.form.separator, facts.form.bom) = (asked.separator, asked.bom);
    facts.form.soda3 = matches!(format, ReadFormat::Json);
    let missing = SodaError::dataset_missing(request.entry.dataset.id.as_str());
    read::respond(request, facts).await?.ok_or_else(|| missing.into())
}
