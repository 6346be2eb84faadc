//! Files that belong to a dataset beside its rows.

use super::find::uuid;
use super::upload::receive;
use super::with_status;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{invalid, limits, revision as rules, too_many};
use crate::store::publishing::{self as objects, Attachment};
use crate::store::{StoreError, WriteTx};
use axum::body::Body;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

/// `POST /revision/4x4/SEQ/attachment`: the bytes of a file, whose name is in `X-File-Name`. It becomes one of the
/// dataset's when a change of the revision names it (client evidence).
pub async fn attach(context: &RequestContext, id: &str, seq: &str, body: Body) -> Answered {
    let found = context.own_revision(id, seq)?;
    rules::check_open(&found.revision)?;
    let filename = context.head.header("x-file-name").unwrap_or_default().to_owned();
    if filename.is_empty() || filename.len() > limits::TEXT {
        return Err(invalid("X-File-Name", "must be the name of the file").into());
    }
    let content_type = context.head.header(CONTENT_TYPE.as_str()).map(str::to_owned);
    let (dataset, now) = (found.entry.dataset.number, context.now_ms());
    let (store, file_id) = (context.state.space.store(), uuid(&context.state.space.ids.hex32()));
    let begin = move |tx: &WriteTx<'_>| -> Result<_, StoreError> {
        if objects::attachments(tx, dataset)? >= limits::FILES {
            return Err(too_many("attached files of a dataset", limits::FILES).into());
        }
        let content = objects::new_content(tx)?;
        objects::begin_chunk(tx, content, 0)
    };
    let chunk = store.write(begin).await?;
    let length = receive(context, body, chunk).await?;
    let attachment = Attachment {
        id: file_id.clone(),
        dataset,
        content: chunk.content,
        filename: filename.clone(),
        content_type,
        length,
        created_at: now,
    };
    let job = move |tx: &WriteTx<'_>| -> Result<(), StoreError> {
        objects::commit(tx, chunk.content, 0)?;
        objects::insert_attachment(tx, &attachment)
    };
    store.write(job).await?;
    Ok(with_status(StatusCode::CREATED, &json!({ "file_id": file_id, "filename": filename })))
}
