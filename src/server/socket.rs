//! The TCP stream of a connection, which a fault can end at an exact place.

use crate::http::{Connection, HangUp};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A stream that ends as its connection is told to: at once with a reset, or, once everything that was
/// written has left, with a plain close; or with an error, when the client takes nothing for too long.
pub struct Socket {
    stream: TcpStream,
    connection: Connection,
    stall: Duration,
    /// Runs while nothing can be written.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    /// The stream of a connection; a client that takes nothing for `stall` is let go.
    pub fn new(stream: TcpStream, connection: Connection, stall: Duration) -> Self {
        Self { stream, connection, stall, pause: None }
    }
}

impl Socket {
    /// HTTP does not read while a request is worked on; so a fault that waits is told here that the
    /// client has gone.
    fn watch(&self, cx: &mut Context<'_>) {
        let mut byte = [0];
        let peeked = self.stream.poll_peek(cx, &mut ReadBuf::new(&mut byte));
        if matches!(peeked, Poll::Ready(Ok(0) | Err(_))) {
            self.connection.notify_client_left();
        }
    }

    /// What became of a write, with an error in place of a wait without end.
    fn in_time<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.pause = None;
            return written;
        }
        let stall = self.stall;
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(stall)));
        match pause.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.connection.hung_up() == Some(HangUp::Reset) {
            // Without it the system would close politely; the client would see an end, no reset.
            if let Err(error) = self.stream.set_zero_linger() {
                tracing::debug!(%error, "a connection is closed where a reset was asked for");
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buffer);
        self.in_time(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.in_time(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when all that was written lies in the stream: the moment to end it.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if self.connection.is_watched() {
            self.watch(cx);
        }
        match (&flushed, self.connection.hung_up()) {
            (Poll::Ready(Ok(())), Some(_)) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "ended by a fault")))
            }
            _ => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
