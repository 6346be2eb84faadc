//! `CONNECT`: a proxy's tunnel. It ends in this server, unless domains are named and its host is none of them.

use super::door::{Door, Link, Way};
use super::elsewhere;
use crate::domains::Destination;
use crate::http::SpaceOfTunnel;
use crate::soda::SodaError;
use axum::body::Body;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio::net::TcpStream;

/// The tunnel that a connection's last request has opened, if it did.
#[derive(Debug, Default)]
pub(super) struct Opened(Mutex<Option<(OnUpgrade, End)>>);

/// Where a tunnel ends.
#[derive(Debug)]
pub(super) enum End {
    /// In this server; requests belong to this space unless they name one.
    Here(Option<SpaceOfTunnel>),
    /// At the host itself.
    Elsewhere(TcpStream),
}

impl Opened {
    fn set(&self, upgrade: OnUpgrade, end: End) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, end));
    }

    pub(super) fn take(&self) -> Option<(OnUpgrade, End)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Why a tunnel is not opened. A tunnel in a tunnel leads nowhere else than the first one.
fn refusal(target: &Uri, way: Way) -> Option<SodaError> {
    if target.authority().is_none() {
        let error = SodaError::invalid("CONNECT names no host");
        return Some(
            error.hint("A proxy is asked with CONNECT host:port, such as CONNECT data.city.gov:443."),
        );
    }
    if way == Way::Tunnel {
        let error = SodaError::invalid("A tunnel is not opened inside another tunnel");
        return Some(error.hint("Send the request itself: the tunnel has reached soda-mock by now."));
    }
    None
}

impl Door {
    /// The answer to `CONNECT`; once it has left, the connection is the tunnel's.
    pub(super) async fn connect(
        &self,
        mut request: Request<Incoming>,
        way: Way,
        opened: &Opened,
    ) -> Response<Body> {
        let Some(refusal) = refusal(request.uri(), way) else {
            let host = request.uri().host().unwrap_or_default();
            let end = match self.domains().destination(host) {
                Destination::Here => End::Here(SpaceOfTunnel::named_by(request.headers())),
                Destination::Refused => return elsewhere::refused(host),
                Destination::Elsewhere => {
                    match elsewhere::reach(host, request.uri().port_u16().unwrap_or(443)).await {
                        Ok(stream) => End::Elsewhere(stream),
                        Err(answer) => return answer,
                    }
                }
            };
            opened.set(hyper::upgrade::on(&mut request), end);
            return Response::new(Body::empty());
        };
        let mut response = self.app().refuse(request.map(|_| Body::empty()), refusal).await;
        // What follows was meant for the tunnel.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// Serves what comes through a tunnel, or passes it on. Boxed: a connection holds a tunnel, which is a
    /// connection.
    pub(super) fn tunnel(
        self,
        upgraded: Upgraded,
        end: End,
        link: Arc<Link>,
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
        Box::pin(async move {
            let mut io = TokioIo::new(upgraded);
            let link = match end {
                End::Here(space) => link.in_space(space),
                End::Elsewhere(mut stream) => {
                    return tokio::select! {
                        copied = copy_bidirectional(&mut io, &mut stream) => copied.map(drop),
                        () = link.line.stopped() => Ok(()),
                    };
                }
            };
            let limit = self.app().stall_timeout();
            let Some(first) = link.in_time(limit, io.read_u8()).await else { return Ok(()) };
            self.told_apart(Prefixed { first: Some(first), io }, first, link, Way::Tunnel).await
        })
    }
}

/// A stream whose first byte was read already.
struct Prefixed<S> {
    first: Option<u8>,
    io: S,
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
            ("data.city.gov:443", Way::Direct, None),
            ("127.0.0.1:1", Way::Direct, None),
            ("/", Way::Direct, Some("CONNECT names no host")),
            ("data.city.gov:443", Way::Tunnel, Some("A tunnel is not opened inside another tunnel")),
        ] {
            let refusal = refusal(&target.parse().unwrap(), way);
            assert_eq!(refusal.map(|r| r.message).as_deref(), told, "{target} {way:?}");
        }
    }
}
