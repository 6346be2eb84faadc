//! Answers that are written to their end before their first byte leaves, in little memory: what does not
//! fit into the pipe lies in a file until the client takes it.

use super::pipe::{Inlet, Outlet, pipe};
use crate::memory::Place;
use crate::soda::SodaError;
use crate::store::{Store, StoreError};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body::Frame;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes that are handed on at a time.
const PIECE: usize = 64 * 1024;

/// Runs `write` on a blocking thread, which keeps `place` until it ends; the body of all that it wrote.
pub async fn written<E: From<StoreError> + Send + 'static>(
    store: &Store,
    place: Place,
    write: impl FnOnce(&mut Writing) -> Result<(), E> + Send + 'static,
) -> Result<Body, E> {
    let (inlet, outlet) = pipe(store, place, None);
    let writing = tokio::task::spawn_blocking(move || {
        let mut writing = Writing { inlet, piece: Vec::new() };
        write(&mut writing)?;
        writing.hand_on().map_err(|_| no_room())?;
        writing.inlet.end();
        Ok::<_, E>(())
    });
    writing.await.map_err(|_| StoreError::Closed)??;
    Ok(Body::new(Written(outlet)))
}

/// The same as an answer of JSON.
pub async fn written_json<E: From<StoreError> + Send + 'static>(
    store: &Store,
    place: Place,
    write: impl FnOnce(&mut Writing) -> Result<(), E> + Send + 'static,
) -> Result<Response, E> {
    let mut response = Response::new(written(store, place, write).await?);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A body of bytes that are there already: many of them lie in a file until the client takes them, as long
/// as the disk has room.
pub async fn kept(store: &Store, bytes: Vec<u8>) -> Body {
    if bytes.len() <= PIECE {
        return Body::from(bytes);
    }
    let asides = store.asides();
    let keep = move || {
        let kept = asides.file().ok().filter(|aside| aside.add(&bytes).unwrap_or(false));
        kept.map_or_else(|| Body::from(bytes), |aside| Body::new(Written(Outlet::of(aside))))
    };
    tokio::task::spawn_blocking(keep).await.unwrap_or_default()
}

/// The refusal of an answer for which the disk has no room.
pub fn no_room() -> StoreError {
    SodaError::out_of_memory("The disk's room for answers that wait is used up").into()
}

/// Where an answer is written to.
pub struct Writing {
    inlet: Inlet,
    piece: Vec<u8>,
}

impl Writing {
    fn hand_on(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.piece);
        if piece.is_empty() || self.inlet.send(piece, || ()) {
            return Ok(());
        }
        Err(io::Error::other("the answer has no room, or nobody waits for it"))
    }

    /// As JSON.
    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<(), StoreError> {
        serde_json::to_writer(&mut *self, value).map_err(|_| no_room())
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body, as the client takes it.
struct Written(Outlet);

impl http_body::Body for Written {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll(cx)
    }
}
