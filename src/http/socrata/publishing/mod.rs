//! `/api/publishing/v1`, the Data Management API: revisions, sources, schemas, import configs.
//!
//! Who writes revisions of a dataset may change its columns and metadata; who reads them may write its rows, since
//! they show what is not published (ours).

mod application;
mod apply;
mod attachments;
mod configs;
mod download;
mod find;
mod jobs;
mod restore;
mod revisions;
mod schedules;
mod schemas;
mod sources;
mod upload;
mod views;

use super::answer::Answered;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::soda::SodaError;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde_json::Value;

/// Whatever was refused, in the body that clients of this API look for.
fn published(answered: Answered) -> Answered {
    answered.map_err(ApiError::of_publishing)
}

/// An answer with a status of its own.
fn with_status(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// `/revision`.
pub async fn revisions(context: RequestContext, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::POST => revisions::create_with_dataset(&context).await,
            _ => Err(context.wrong_method("POST")),
        }
    };
    published(answered.await)
}

/// `/revision/4x4`.
pub async fn of_dataset(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => revisions::list(&context, &id).await,
            Method::POST => revisions::create(&context, &id).await,
            _ => Err(context.wrong_method_on(&id, "GET,HEAD,POST")),
        }
    };
    published(answered.await)
}

/// `/revision/4x4/SEQ`.
pub async fn revision(context: RequestContext, Path(at): Path<(String, String)>, body: Body) -> Answered {
    let (id, seq) = &at;
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => revisions::show(&context, id, seq).await,
            Method::PUT | Method::PATCH => revisions::update(&context, id, seq).await,
            Method::DELETE => revisions::discard(&context, id, seq).await,
            _ => Err(context.wrong_method_on(id, "DELETE,GET,HEAD,PATCH,PUT")),
        }
    };
    published(answered.await)
}

/// `/revision/4x4/SEQ/PART`.
pub async fn part_of_revision(
    context: RequestContext,
    Path((id, seq, part)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        if (part.as_str(), &context.head.method) == ("attachment", &Method::POST) {
            context.admit()?;
            return attachments::attach(&context, &id, &seq, body).await;
        }
        context.enter(body).await?;
        match (part.as_str(), &context.head.method) {
            ("attachment", _) => Err(context.wrong_method_on(&id, "POST")),
            ("plan", &Method::GET | &Method::HEAD) => revisions::plan(&context, &id, &seq).await,
            ("plan", _) => Err(context.wrong_method_on(&id, "GET,HEAD")),
            ("apply", &Method::PUT) => apply::apply(&context, &id, &seq).await,
            ("apply", _) => Err(context.wrong_method_on(&id, "PUT")),
            ("restore", &Method::POST) => restore::restore(&context, &id, &seq).await,
            ("restore", _) => Err(context.wrong_method_on(&id, "POST")),
            ("source", &Method::GET | &Method::HEAD) => sources::list(&context, &id, &seq),
            ("source", &Method::POST) => sources::create_in(&context, &id, &seq).await,
            ("source", _) => Err(context.wrong_method_on(&id, "GET,HEAD,POST")),
            _ => Err(unknown(&context)),
        }
    };
    published(answered.await)
}

/// `/revision/4x4/SEQ/apply/ID`.
pub async fn task_set(
    context: RequestContext,
    Path((id, seq, task_set)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => apply::show(&context, &id, &seq, &task_set).await,
            _ => Err(context.wrong_method_on(&id, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/revision/4x4/SEQ/source/download`.
pub async fn download(
    context: RequestContext,
    Path((id, seq)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => download::download(&context, &id, &seq, None),
            _ => Err(context.wrong_method_on(&id, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/revision/4x4/SEQ/source/download/ID`.
pub async fn download_one(
    context: RequestContext,
    Path((id, seq, source)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => download::download(&context, &id, &seq, Some(&source)),
            _ => Err(context.wrong_method_on(&id, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/source`.
pub async fn sources(context: RequestContext, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::POST => sources::create_outside(&context).await,
            _ => Err(context.wrong_method("POST")),
        }
    };
    published(answered.await)
}

/// `/source/N`.
pub async fn source(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    let answered = async {
        if context.head.method == Method::POST {
            context.admit()?;
            return upload::bytes(&context, &id, body).await;
        }
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => sources::show(&context, &id).await,
            Method::PATCH => sources::join(&context, &id).await,
            _ => Err(wrong_method(&context, "GET,HEAD,PATCH,POST")),
        }
    };
    published(answered.await)
}

/// `/source/N/PART`.
pub async fn part_of_source(
    context: RequestContext,
    Path((id, part)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match (part.as_str(), &context.head.method) {
            ("initiate", &Method::POST) => upload::initiate(&context, &id).await,
            ("options", &Method::POST) => sources::reread(&context, &id).await,
            ("load", &Method::PUT) => views::load_source(&context, &id).await,
            ("initiate" | "options", _) => Err(wrong_method(&context, "POST")),
            ("load", _) => Err(wrong_method(&context, "PUT")),
            _ => Err(unknown(&context)),
        }
    };
    published(answered.await)
}

/// 405 for a path below a source, for those who have an account.
fn wrong_method(context: &RequestContext, allowed: &str) -> ApiError {
    context.user().map_or_else(|error| error, |_| context.wrong_method(allowed))
}

/// `/source/N/chunk/S/OFF`.
pub async fn chunk(
    context: RequestContext,
    Path((id, seq, offset)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.admit()?;
        if context.head.method != Method::POST {
            return Err(wrong_method(&context, "POST"));
        }
        upload::chunk(&context, &id, (&seq, &offset), body).await
    };
    published(answered.await)
}

/// `/source/N/chunk/S/OFF/commit`.
pub async fn commit(
    context: RequestContext,
    Path((id, seq, offset)): Path<(String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::POST => upload::end(&context, &id, (&seq, &offset)).await,
            _ => Err(wrong_method(&context, "POST")),
        }
    };
    published(answered.await)
}

/// `/source/N/transform/T`.
pub async fn transform(
    context: RequestContext,
    Path((id, transform)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => schemas::transform(&context, &id, &transform),
            _ => Err(wrong_method(&context, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/source/N/transform/T/validate_row_identifier`.
pub async fn validate_row_identifier(
    context: RequestContext,
    Path((id, transform)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => schemas::validate(&context, &id, &transform).await,
            _ => Err(wrong_method(&context, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/source/N/schema/M`.
pub async fn input_schema(
    context: RequestContext,
    Path((id, input)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => schemas::show_input(&context, &id, &input),
            Method::POST => schemas::create(&context, &id, &input).await,
            _ => Err(wrong_method(&context, "GET,HEAD,POST")),
        }
    };
    published(answered.await)
}

/// `/source/N/schema/M/errors`.
pub async fn row_errors(
    context: RequestContext,
    Path((id, input)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => schemas::row_errors(&context, &id, &input).await,
            _ => Err(wrong_method(&context, "GET,HEAD")),
        }
    };
    published(answered.await)
}

/// `/source/N/schema/M/PART/O`: an output schema, its rows, or its rows with errors.
pub async fn output_schema(
    context: RequestContext,
    Path((id, input, part, output)): Path<(String, String, String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        if !["output", "rows", "errors"].contains(&part.as_str()) {
            return Err(unknown(&context));
        }
        match (part.as_str(), context.head.reads()) {
            (_, false) => Err(wrong_method(&context, "GET,HEAD")),
            ("output", _) => schemas::show_output(&context, &id, &input, &output).await,
            ("rows", _) => schemas::rows(&context, &id, &input, &output).await,
            _ => schemas::errors(&context, &id, &input, &output).await,
        }
    };
    published(answered.await)
}

/// `/config`.
pub async fn configs(context: RequestContext, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => configs::list(&context),
            Method::POST => configs::create(&context).await,
            _ => Err(context.wrong_method("GET,HEAD,POST")),
        }
    };
    published(answered.await)
}

/// `/config/NAME`.
pub async fn config(context: RequestContext, Path(name): Path<String>, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => configs::show(&context, &name),
            Method::PATCH => configs::update(&context, &name).await,
            Method::DELETE => configs::remove(&context, &name).await,
            _ => Err(context.wrong_method("DELETE,GET,HEAD,PATCH")),
        }
    };
    published(answered.await)
}

/// `/config/build_from/O`.
pub async fn build_config(context: RequestContext, Path(output): Path<String>, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::POST => configs::build(&context, &output).await,
            _ => Err(context.wrong_method("POST")),
        }
    };
    published(answered.await)
}

/// `/config/NAME/revision/4x4`.
pub async fn revision_of_config(
    context: RequestContext,
    Path((name, id)): Path<(String, String)>,
    body: Body,
) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::POST => configs::create_revision(&context, &name, &id).await,
            _ => Err(context.wrong_method_on(&id, "POST")),
        }
    };
    published(answered.await)
}

/// `/schedule`.
pub async fn schedules(context: RequestContext, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        if context.head.reads() { schedules::list(&context) } else { Err(wrong_method(&context, "GET,HEAD")) }
    };
    published(answered.await)
}

/// `/schedule/4x4`.
pub async fn schedule(context: RequestContext, Path(id): Path<String>, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        match context.head.method {
            Method::GET | Method::HEAD => schedules::show(&context, &id),
            Method::POST | Method::PUT => schedules::put(&context, &id).await,
            Method::DELETE => schedules::remove(&context, &id).await,
            _ => Err(context.wrong_method_on(&id, "DELETE,GET,HEAD,POST,PUT")),
        }
    };
    published(answered.await)
}

/// `/connection_agent`.
pub async fn connection_agents(context: RequestContext, body: Body) -> Answered {
    let answered = async {
        context.enter(body).await?;
        if context.head.reads() {
            schedules::agents(&context)
        } else {
            Err(wrong_method(&context, "GET,HEAD"))
        }
    };
    published(answered.await)
}

/// 501: nothing tells a path that the platform has from one that nobody has.
fn unknown(context: &RequestContext) -> ApiError {
    SodaError::not_emulated(&format!("the Data Management API at {}", context.head.uri.path())).into()
}

/// Any other path below it.
pub async fn other(context: RequestContext) -> Response {
    let refusal = context.admit().err().unwrap_or_else(|| unknown(&context));
    refusal.of_publishing().into_response()
}
