//! The TCP stream of a connection, which a fault can end at an exact place.

use crate::http::{Ending, Line};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A stream that ends as its line is told to: at once with a reset, or, once everything that was
/// written has left, with a plain close.
pub struct Wire {
    stream: TcpStream,
    line: Arc<Line>,
}

impl Wire {
    /// A stream of a line.
    pub fn new(stream: TcpStream, line: Arc<Line>) -> Self {
        Self { stream, line }
    }
}

impl Wire {
    /// HTTP does not read while a request is worked on; so a fault that waits is told here that the
    /// client has gone.
    fn watch(&self, cx: &mut Context<'_>) {
        let mut byte = [0];
        let peeked = self.stream.poll_peek(cx, &mut ReadBuf::new(&mut byte));
        if matches!(peeked, Poll::Ready(Ok(0) | Err(_))) {
            self.line.client_left();
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.ending() == Ending::Reset {
            // Without it the system would close politely; the client would see an end, no reset.
            if let Err(error) = self.stream.set_zero_linger() {
                tracing::debug!(%error, "a connection is closed where a reset was asked for");
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when all that was written lies in the stream: the moment to end it.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if self.line.is_watched() {
            self.watch(cx);
        }
        match (&flushed, self.line.ending()) {
            (Poll::Ready(Ok(())), Ending::Close | Ending::Reset) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "ended by a fault")))
            }
            _ => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
