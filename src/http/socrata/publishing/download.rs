//! The files of sources, as they were uploaded.

use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{missing, shape};
use crate::store::publishing::{self as objects, ContentReader, PIECE, Source, SourceType};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use std::io::Read as _;

/// `GET /revision/4x4/SEQ/source/download[/ID]`: the file of a source, of the newest one where none is named.
pub fn download(context: &RequestContext, id: &str, seq: &str, source: Option<&str>) -> Answered {
    let found = context.revision(id, seq)?;
    let store = context.state.space.store();
    let sources: Vec<Source> = store.read(|tx| objects::children(tx, found.revision.id))?;
    let is_file = |source: &Source| {
        source.finished_at.is_some() && !matches!(source.source_type, SourceType::View { .. })
    };
    let wanted = match source {
        Some(text) => {
            let number: Option<i64> = text.parse().ok();
            sources.into_iter().find(|source| number == Some(source.id))
        }
        None => sources.into_iter().rev().find(is_file),
    };
    let wanted =
        wanted.filter(is_file).ok_or_else(|| missing("file", source.unwrap_or("of this revision")))?;
    let content = wanted.content.ok_or_else(|| missing("file", &wanted.id.to_string()))?;
    answer(store.content(content)?, &wanted)
}

fn answer(reader: ContentReader, source: &Source) -> Result<Response, ApiError> {
    let length = reader.length();
    let pieces = futures_util::stream::unfold(reader, |mut reader| async move {
        let mut piece = Vec::new();
        match (&mut reader).take(PIECE as u64).read_to_end(&mut piece) {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(piece)), reader)),
            Err(error) => Some((Err(error), reader)),
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    let kind = source.content_type.as_deref().and_then(|kind| HeaderValue::from_str(kind).ok());
    headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let name: String = shape::filename(&source.source_type)
        .unwrap_or("source")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' })
        .collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
