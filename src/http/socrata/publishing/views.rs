//! The rows of a dataset as those of a source: taken over when they are wanted first.

use super::sources::{FoundSource, answer_source};
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{invalid, missing};
use crate::store::publishing::{self as objects, InputSchema, OutputSchema, Source, SourceType};
use crate::store::{StoreError, WriteTx, catalogue};
use http::StatusCode;

/// `PUT /source/N/load`.
pub async fn load_source(context: &RequestContext, id: &str) -> Answered {
    let FoundSource { source, .. } = context.own_source(id)?;
    match source.source_type {
        SourceType::View { loaded: true, .. } => {}
        SourceType::View { .. } => drop(load(context, source).await?),
        _ => {
            return Err(invalid(
                "source_type",
                "of this source is not view; other sources are loaded by themselves",
            )
            .into());
        }
    }
    answer_source(context, id, StatusCode::ACCEPTED)
}

/// Takes the rows over, as they are now.
pub async fn load(context: &RequestContext, source: Source) -> Result<Source, ApiError> {
    let SourceType::View { fourfour, .. } = &source.source_type else { return Ok(source) };
    let entry = context.entry(fourfour)?;
    let (id, now) = (source.id, context.now_ms());
    let job = move |tx: &WriteTx<'_>| -> Result<Source, StoreError> {
        let found = objects::find::<Source>(tx, id)?;
        let mut source = found.ok_or_else(|| missing("source", &id.to_string()))?;
        let SourceType::View { loaded, .. } = &mut source.source_type else { return Ok(source) };
        if std::mem::replace(loaded, true) {
            return Ok(source);
        }
        let dataset = catalogue::current(tx, &entry.dataset)?;
        let inputs: Vec<InputSchema> = objects::children(tx, source.id)?;
        if inputs.iter().any(|input| !fits(input, &dataset)) {
            return Err(invalid("source_type.fourfour", "has other columns now; make another source").into());
        }
        let (content, rows) = objects::take_rows(tx, &dataset)?;
        source.content = Some(content);
        objects::save(tx, &source)?;
        for mut input in inputs {
            input.total_rows = Some(rows);
            objects::save(tx, &input)?;
            for mut output in objects::children::<OutputSchema>(tx, input.id)? {
                (output.total_rows, output.completed_at) = (Some(rows), Some(now));
                objects::save(tx, &output)?;
            }
        }
        Ok(source)
    };
    Ok(context.state.space.store().write(job).await?)
}

/// Whether the columns of a dataset are still those that the source was made with.
fn fits(input: &InputSchema, dataset: &crate::soda::Dataset) -> bool {
    let columns = dataset.columns.iter().map(|c| (c.field_name.as_str(), c.soql_type.data_type_name()));
    input.columns.iter().map(|c| (c.field_name.as_str(), c.soql_type.as_str())).eq(columns)
}
