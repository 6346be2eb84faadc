//! Request targets as people type them: `?$where=magnitude>3` without percent-encoding.
//!
//! curl sends such a target as it is and production answers it; the HTTP library refuses three of its
//! characters before a route sees them, with an empty 400. They are encoded on the way in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a request begins with. Anything else, such as the rest of a body whose request was refused
/// early, is passed on as it is.
const STARTS: [&[u8]; 8] =
    [b"GET /", b"POST /", b"PUT /", b"DELETE /", b"PATCH /", b"HEAD /", b"OPTIONS /", b"GET http://"];

/// Where the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A request may begin with the next byte.
    Between,
    /// In the line of a request.
    Line,
    /// In the rest of it.
    Rest,
}

/// A stream whose request lines hold no raw `"`, `<` and `>`.
pub struct Targets<S> {
    stream: S,
    place: Place,
    /// Bytes that were read and did not fit.
    kept: Vec<u8>,
}

impl<S> Targets<S> {
    /// A stream of requests.
    pub fn new(stream: S) -> Self {
        Self { stream, place: Place::Between, kept: Vec::new() }
    }

    /// The bytes with an encoded request line; nothing when they can stay.
    fn encoded(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.place == Place::Between && !bytes.is_empty() {
            let begins = STARTS.iter().any(|start| bytes.starts_with(start));
            self.place = if begins { Place::Line } else { Place::Rest };
        }
        if self.place != Place::Line {
            return None;
        }
        let end = memchr::memchr(b'\n', bytes);
        if end.is_some() {
            self.place = Place::Rest;
        }
        let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        memchr::memchr3(b'"', b'<', b'>', line)?;
        let mut out = Vec::with_capacity(bytes.len() + 64);
        for byte in line {
            match byte {
                b'"' => out.extend_from_slice(b"%22"),
                b'<' => out.extend_from_slice(b"%3C"),
                b'>' => out.extend_from_slice(b"%3E"),
                _ => out.push(*byte),
            }
        }
        out.extend_from_slice(rest);
        Some(out)
    }

    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.kept.len().min(buffer.remaining());
        buffer.put_slice(&self.kept[..length]);
        self.kept.drain(..length);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Targets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.kept.is_empty() {
            self.hand_out(buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if self.place == Place::Rest {
            return Poll::Ready(Ok(()));
        }
        if let Some(encoded) = self.encoded(&buffer.filled()[before..]) {
            buffer.set_filled(before);
            self.kept = encoded;
            self.hand_out(buffer);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Targets<S> {
    /// An answer leaves: what comes next may be a request.
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.place = Place::Between;
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.place = Place::Between;
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
