//! Input schemas, output schemas, transforms, their rows and errors.

use super::find::current;
use super::sources::{FoundSource, blocking};
use super::views::load;
use super::with_status;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::digest::{self as reading, surroundings};
use crate::publishing::jobs::JobKind;
use crate::publishing::pages::{self, Page, Shown};
use crate::publishing::{invalid, limits, missing, revision as revisions, rows, schema, shape};
use crate::soda::SodaError;
use crate::store::publishing::{self as objects, InputSchema, OutputSchema, Source, SourceType};
use crate::store::{StoreError, WriteTx};
use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};
use std::sync::Arc;

/// An input schema with its source.
pub struct FoundInput {
    pub found: FoundSource,
    pub input: InputSchema,
}

impl RequestContext {
    /// The input schema of a path, to be read or changed.
    fn input(&self, found: FoundSource, id: &str) -> Result<FoundInput, ApiError> {
        let number = id.parse().map_err(|_| missing("input schema", id))?;
        let store = self.state.space.store();
        let input = store.read(|tx| objects::find::<InputSchema>(tx, number))?;
        let input = input.filter(|input| input.source == found.source.id);
        Ok(FoundInput { found, input: input.ok_or_else(|| missing("input schema", id))? })
    }

    fn outputs(&self, input: &InputSchema) -> Result<Vec<OutputSchema>, ApiError> {
        Ok(self.state.space.store().read(|tx| objects::children(tx, input.id))?)
    }

    fn output(&self, input: &InputSchema, id: &str) -> Result<OutputSchema, ApiError> {
        let outputs = self.outputs(input)?;
        let found = match id {
            "latest" => outputs.into_iter().next_back(),
            id => {
                let number: Option<i64> = id.parse().ok();
                outputs.into_iter().find(|output| number == Some(output.id))
            }
        };
        Ok(found.ok_or_else(|| missing("output schema", id))?)
    }
}

/// `GET /source/N/schema/M`.
pub fn show_input(context: &RequestContext, source: &str, id: &str) -> Answered {
    let FoundInput { input, .. } = context.input(context.source(source)?, id)?;
    let outputs = context.outputs(&input)?;
    Ok(with_status(StatusCode::OK, &shape::input_schema(&(input, outputs))))
}

/// `GET /source/N/schema/M/output/O`; O may be `latest`.
pub async fn show_output(context: &RequestContext, source: &str, input: &str, id: &str) -> Answered {
    let FoundInput { found, input } = context.input(context.source(source)?, input)?;
    let mut output = context.output(&input, id)?;
    if output.due.is_some() {
        let (id, now) = (output.id, context.now_ms());
        let job = move |tx: &WriteTx<'_>| look(tx, id, now);
        output = context.state.space.store().write(job).await?.unwrap_or(output);
    }
    Ok(with_status(StatusCode::OK, &shape::output_schema(&output, found.source.id)))
}

/// Somebody looks at a schema whose rows are still transformed.
fn look(tx: &WriteTx<'_>, id: i64, now: i64) -> Result<Option<OutputSchema>, StoreError> {
    let Some(mut output) = objects::find::<OutputSchema>(tx, id)? else { return Ok(None) };
    if let Some(due) = &mut output.due {
        if due.look(now) {
            output.failed = due.fail.take();
            output.due = None;
        }
        objects::save(tx, &output)?;
    }
    Ok(Some(output))
}

/// `POST /source/N/schema/M[?increment_revision=false]`: another output schema; its rows are evaluated before the answer.
pub async fn create(context: &RequestContext, source: &str, id: &str) -> Answered {
    let FoundInput { found, input } = context.input(context.own_source(source)?, id)?;
    let FoundSource { mut source, place } = found;
    if let Some(place) = &place {
        revisions::check_open(&place.revision)?;
    }
    let becomes_current = context.head.flag("increment_revision", true)?;
    let (asker, sent) = (context.asker()?, context.object()?);
    let columns = sent.get("output_columns").and_then(Value::as_array).filter(|columns| !columns.is_empty());
    let Some(columns) = columns else {
        return Err(invalid("output_columns", "must be a list of at least one column").into());
    };
    let around = surroundings(&source, &context.state.space.world.now().surroundings);
    let wanted = schema::wanted(columns)?;
    let checked = schema::check(wanted, schema::sort_bys(sent.get("sort_bys"))?, &input, &around)?;
    if let SourceType::View { loaded: false, .. } = source.source_type {
        source = load(context, source).await?;
    }
    let (store, id_of_source) = (context.state.space.store(), source.id);
    let (read_from, read) = (Arc::clone(&store), source.clone());
    let work = move || rows::count(&read_from, &read, &checked, &around).map(|counted| (checked, counted));
    let (checked, counted) = blocking(context, work).await?.map_err(SodaError::from)?;
    let due = context.state.space.jobs.begin(JobKind::Transform, asker.now);
    let job = move |tx: &WriteTx<'_>| -> Result<OutputSchema, StoreError> {
        if let Some(place) = &place {
            revisions::check_open(&current(tx, &place.revision)?)?;
        }
        let output = schema::insert(tx, &input, &checked, Some(&counted), due, &asker)?;
        if becomes_current {
            reading::choose(tx, &source, asker.now, |revision| {
                (revision.output_schema_id, revision.blob_id) = (Some(output.id), None);
            })?;
        }
        Ok(output)
    };
    let output = store.write(job).await?;
    Ok(with_status(StatusCode::CREATED, &shape::output_schema(&output, id_of_source)))
}

/// A page as a request asks for it.
fn page(context: &RequestContext) -> Result<Page, SodaError> {
    let number = |name: &str, default: u64| match context.head.parameter(name) {
        None | Some("") => Ok(default),
        Some(text) => text.parse::<u64>().map_err(|_| invalid(name, "must be a whole number from 0 on")),
    };
    let limit = usize::try_from(number("limit", 500)?).unwrap_or(usize::MAX);
    if limit > limits::PAGE {
        return Err(invalid("limit", &format!("must be at most {}", limits::PAGE)));
    }
    Ok(Page { offset: number("offset", 0)?, limit, errors: None })
}

/// A schema whose rows a request asks for.
fn asked(context: &RequestContext, source: &str, input: &str, id: &str) -> Result<Shown, ApiError> {
    let FoundInput { found, input } = context.input(context.source(source)?, input)?;
    let output = context.output(&input, id)?;
    compiled(context, found.source, input, output)
}

/// A schema with its transforms, compiled again.
pub fn compiled(
    context: &RequestContext,
    source: Source,
    input: InputSchema,
    output: OutputSchema,
) -> Result<Shown, ApiError> {
    let surroundings = surroundings(&source, &context.state.space.world.now().surroundings);
    let columns = shape::output_columns(&output);
    let checked = schema::check(schema::wanted(&columns)?, output.sort_bys.clone(), &input, &surroundings)?;
    Ok(Shown { source, input, output, checked, surroundings })
}

/// `GET /source/N/schema/M/rows/O`.
pub async fn rows(context: &RequestContext, source: &str, input: &str, id: &str) -> Answered {
    let (shown, page) = (asked(context, source, input, id)?, page(context)?);
    let store = context.state.space.store();
    let list =
        blocking(context, move || pages::rows(&store, &shown, page)).await?.map_err(SodaError::from)?;
    Ok(with_status(StatusCode::OK, &Value::Array(list)))
}

/// `GET /source/N/schema/M/errors/O`: rows with an error, as JSON or CSV.
pub async fn errors(context: &RequestContext, source: &str, input: &str, id: &str) -> Answered {
    let (shown, mut page) = (asked(context, source, input, id)?, page(context)?);
    page.errors = Some(match context.head.parameter("column_id") {
        None | Some("") => None,
        Some(text) => {
            let number: Option<i64> = text.parse().ok();
            let index = shown.output.columns.iter().position(|column| number == Some(column.id));
            Some(index.ok_or_else(|| missing("output column", text))?)
        }
    });
    let store = context.state.space.store();
    if context.head.header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/csv")) {
        let work = move || pages::errors_csv(&store, &shown, page);
        let text = blocking(context, work).await?.map_err(SodaError::from)?;
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        return Ok(response);
    }
    let list =
        blocking(context, move || pages::rows(&store, &shown, page)).await?.map_err(SodaError::from)?;
    Ok(with_status(StatusCode::OK, &Value::Array(list)))
}

/// `GET /source/N/schema/M/errors`: malformed rows.
pub async fn row_errors(context: &RequestContext, source: &str, input: &str) -> Answered {
    let FoundInput { found, .. } = context.input(context.source(source)?, input)?;
    let (page, store) = (page(context)?, context.state.space.store());
    let work = move || pages::malformed(&store, &found.source, page);
    let list = blocking(context, work).await?.map_err(SodaError::from)?;
    Ok(with_status(StatusCode::OK, &Value::Array(list)))
}

/// The newest output schema of a source that has this transform, and the place of its column.
fn with_transform(
    context: &RequestContext,
    source: &Source,
    id: &str,
) -> Result<(InputSchema, OutputSchema, usize), ApiError> {
    let number: Option<i64> = id.parse().ok();
    let store = context.state.space.store();
    let found = store.read(|tx| -> Result<_, StoreError> {
        let inputs: Vec<InputSchema> = objects::children(tx, source.id)?;
        for input in inputs {
            let outputs: Vec<OutputSchema> = objects::children(tx, input.id)?;
            for output in outputs.into_iter().rev() {
                let index = output.columns.iter().position(|c| number == Some(c.transform.id));
                if let Some(index) = index {
                    return Ok(Some((input, output, index)));
                }
            }
        }
        Ok(None)
    })?;
    Ok(found.ok_or_else(|| missing("transform", id))?)
}

/// `GET /source/N/transform/T`.
pub fn transform(context: &RequestContext, source: &str, id: &str) -> Answered {
    let FoundSource { source, .. } = context.source(source)?;
    let (_, output, index) = with_transform(context, &source, id)?;
    let transform = shape::transform(&output.columns[index].transform, &output);
    let path = format!("{}/transform/{id}", shape::source_path(source.id));
    let links = json!({ "show": path, "validate_row_id": format!("{path}/validate_row_identifier") });
    Ok(with_status(StatusCode::OK, &shape::enveloped(transform, links)))
}

/// `GET /source/N/transform/T/validate_row_identifier`: whether its values could identify rows.
pub async fn validate(context: &RequestContext, source: &str, id: &str) -> Answered {
    let FoundSource { source, .. } = context.source(source)?;
    let (input, output, index) = with_transform(context, &source, id)?;
    let shown = compiled(context, source, input, output)?;
    let store = context.state.space.store();
    let verdict = blocking(context, move || pages::validate(&store, &shown, index)).await?;
    Ok(with_status(StatusCode::OK, &verdict.map_err(SodaError::from)?))
}
