//! Bytes of sources: in one piece, or in chunks that come in any order.

use super::sources::{FoundSource, answer_source, digest};
use super::with_status;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{Asker, invalid, limits, revision as revisions, source as rules};
use crate::soda::SodaError;
use crate::store::publishing::{self as objects, Arriving, PIECE, Revision, Source, SourceType};
use crate::store::{StoreError, WriteTx};
use axum::body::Body;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use serde_json::json;

/// How many chunks a client is told to send at once (recorded).
const PARALLELISM: u32 = 4;
/// Bytes of a chunk that a client is told to send (recorded).
const CHUNK: u32 = 4 << 20;

/// `POST /source/N`: all bytes.
pub async fn bytes(context: &RequestContext, id: &str, body: Body) -> Answered {
    let FoundSource { source, .. } = context.own_source(id)?;
    let content_type = context.head.header(CONTENT_TYPE.as_str()).map(str::to_owned);
    let chunk = begin(context, &source, content_type, 0).await?;
    receive(context, body, chunk).await?;
    commit(context, source.id, 0).await?;
    answer_source(context, id, StatusCode::CREATED)
}

/// `POST /source/N/initiate`.
pub async fn initiate(context: &RequestContext, id: &str) -> Answered {
    let FoundSource { source, .. } = context.own_source(id)?;
    let sent = context.object()?;
    let content_type = match sent.get("content_type") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(invalid("content_type", "must be a text").into()),
    };
    prepare(context, &source, content_type).await?;
    let told = json!({ "preferred_upload_parallelism": PARALLELISM, "preferred_chunk_size": CHUNK });
    Ok(with_status(StatusCode::OK, &told))
}

/// `POST /source/N/chunk/S/OFF`. Offsets are not looked at: clients count differently (client evidence).
pub async fn chunk(context: &RequestContext, id: &str, at: (&str, &str), body: Body) -> Answered {
    let FoundSource { source, .. } = context.own_source(id)?;
    let (seq, offset) = (number(at.0, "seq_num", limits::CHUNKS)?, number(at.1, "byte_offset", i64::MAX)?);
    let chunk = begin(context, &source, None, seq).await?;
    let length = receive(context, body, chunk).await?;
    let end = offset.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    let resource = json!({ "seq_num": seq, "byte_offset": offset, "end_byte_offset": end });
    Ok(with_status(StatusCode::OK, &json!({ "resource": resource, "links": {} })))
}

/// `POST /source/N/chunk/S/OFF/commit`: S is the last chunk.
pub async fn end(context: &RequestContext, id: &str, at: (&str, &str)) -> Answered {
    let FoundSource { source, .. } = context.own_source(id)?;
    let last = number(at.0, "seq_num", limits::CHUNKS)?;
    number(at.1, "byte_offset", i64::MAX)?;
    commit(context, source.id, last).await?;
    answer_source(context, id, StatusCode::OK)
}

fn number(text: &str, member: &str, most: i64) -> Result<i64, SodaError> {
    let number = text.parse().ok().filter(|number| (0..=most).contains(number));
    number.ok_or_else(|| invalid(member, &format!("must be a whole number from 0 to {most}")))
}

/// Refuses bytes for a revision that is applied or discarded: they would be in no dataset.
fn check_open(tx: &WriteTx<'_>, source: &Source) -> Result<(), StoreError> {
    let revision = source.revision.map(|id| objects::find::<Revision>(tx, id)).transpose()?.flatten();
    Ok(revision.as_ref().map_or(Ok(()), revisions::check_open)?)
}

/// The content of a source that waits for bytes.
async fn prepare(
    context: &RequestContext,
    source: &Source,
    content_type: Option<String>,
) -> Result<i64, ApiError> {
    if !matches!(source.source_type, SourceType::Upload { .. }) {
        return Err(invalid("source_type", "of this source takes no bytes").into());
    }
    let id = source.id;
    let job = move |tx: &WriteTx<'_>| -> Result<i64, StoreError> {
        let mut source = objects::find::<Source>(tx, id)?.ok_or(StoreError::Closed)?;
        check_open(tx, &source)?;
        if content_type.is_some() && source.finished_at.is_none() {
            source.content_type = content_type.map(|text| text.chars().take(limits::CONTENT_TYPE).collect());
        }
        let content = match source.content {
            Some(content) => content,
            None => objects::new_content(tx)?,
        };
        source.content = Some(content);
        objects::save(tx, &source)?;
        Ok(content)
    };
    Ok(context.state.space.store().write(job).await?)
}

async fn begin(
    context: &RequestContext,
    source: &Source,
    content_type: Option<String>,
    seq: i64,
) -> Result<Arriving, ApiError> {
    let content = prepare(context, source, content_type).await?;
    let job = move |tx: &WriteTx<'_>| objects::begin_chunk(tx, content, seq);
    Ok(context.state.space.store().write(job).await?)
}

/// Stores a body while it comes; its length.
pub async fn receive(context: &RequestContext, mut body: Body, chunk: Arriving) -> Result<u64, ApiError> {
    let limit = context.state.options.max_body;
    let (mut held, mut pieces, mut length) = (Vec::new(), 0, 0);
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| SodaError::invalid("The connection broke in the middle of the body"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(SodaError::too_large(limit, "the whole body (--max-body)").into());
        }
        held.extend_from_slice(&data);
        while held.len() >= PIECE {
            let rest = held.split_off(PIECE);
            store_piece(context, chunk, pieces, std::mem::replace(&mut held, rest)).await?;
            pieces += 1;
        }
    }
    if !held.is_empty() {
        store_piece(context, chunk, pieces, held).await?;
    }
    let job = move |tx: &WriteTx<'_>| objects::arrived(tx, chunk, length);
    context.state.space.store().write(job).await?;
    Ok(length)
}

async fn store_piece(
    context: &RequestContext,
    chunk: Arriving,
    number: usize,
    bytes: Vec<u8>,
) -> Result<(), StoreError> {
    let job = move |tx: &WriteTx<'_>| objects::put_piece(tx, chunk, number, &bytes);
    context.state.space.store().write(job).await
}

/// The upload has ended; the file is read before the answer.
async fn commit(context: &RequestContext, id: i64, last: i64) -> Result<(), ApiError> {
    let job = move |tx: &WriteTx<'_>| -> Result<Source, StoreError> {
        let mut source = objects::find::<Source>(tx, id)?.ok_or(StoreError::Closed)?;
        check_open(tx, &source)?;
        let content = source.content.ok_or_else(objects::not_begun)?;
        source.filesize = objects::commit(tx, content, last)?;
        objects::save(tx, &source)?;
        Ok(source)
    };
    let source = context.state.space.store().write(job).await?;
    let asker: Asker = context.asker()?;
    if rules::parse_options(&source.parse_options)?.parse_source {
        return digest(context, source, &asker).await;
    }
    let job = move |tx: &WriteTx<'_>| {
        let mut source = source;
        crate::publishing::digest::store_blob(tx, &mut source, asker.now)
    };
    Ok(context.state.space.store().write(job).await?)
}
