//! `CONNECT`: a proxy's tunnel. It ends in this server, unless domains are named and its host is none of them.

use crate::http::TunnelSpace;
use crate::soda::SodaError;
use http::Uri;
use hyper::upgrade::OnUpgrade;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Whether a connection came directly or through a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionKind {
    Direct,
    /// Through one of `CONNECT`.
    Tunnel,
    /// Through one of SOCKS, which may lie in one of `CONNECT`.
    Socks,
}

/// What bytes come through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The tunnel that a connection's last request has opened, if it did.
#[derive(Debug, Default)]
pub(super) struct Tunnel(Mutex<Option<(OnUpgrade, End)>>);

/// Where a tunnel ends.
#[derive(Debug)]
pub(super) enum End {
    /// In this server; requests belong to this space unless they name one.
    Here(Option<TunnelSpace>),
    /// At the host itself.
    Elsewhere(TcpStream),
}

impl Tunnel {
    pub(super) fn open(&self, upgrade: OnUpgrade, end: End) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, end));
    }

    pub(super) fn take(&self) -> Option<(OnUpgrade, End)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Why a tunnel is not opened. A tunnel in a tunnel leads nowhere else than the first one.
pub(super) fn refusal(target: &Uri, way: ConnectionKind) -> Option<SodaError> {
    if target.authority().is_none() {
        let error = SodaError::invalid("CONNECT names no host");
        return Some(
            error.hint("A proxy is asked with CONNECT host:port, such as CONNECT data.city.gov:443."),
        );
    }
    if way != ConnectionKind::Direct {
        let error = SodaError::invalid("A tunnel is not opened inside another tunnel");
        return Some(error.hint("Send the request itself: the tunnel has reached soda-mock by now."));
    }
    None
}

/// A stream whose first byte was read already.
pub(super) struct Prefixed<S> {
    first: Option<u8>,
    io: S,
}

impl<S> Prefixed<S> {
    pub(super) fn new(first: u8, io: S) -> Self {
        Self { first: Some(first), io }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buffer.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_has_a_host_and_is_opened_once() {
        for (target, way, told) in [
            ("data.city.gov:443", ConnectionKind::Direct, None),
            ("127.0.0.1:1", ConnectionKind::Direct, None),
            ("/", ConnectionKind::Direct, Some("CONNECT names no host")),
            (
                "data.city.gov:443",
                ConnectionKind::Tunnel,
                Some("A tunnel is not opened inside another tunnel"),
            ),
            (
                "data.city.gov:443",
                ConnectionKind::Socks,
                Some("A tunnel is not opened inside another tunnel"),
            ),
        ] {
            let refusal = refusal(&target.parse().unwrap(), way);
            assert_eq!(refusal.map(|r| r.message).as_deref(), told, "{target} {way:?}");
        }
    }
}
