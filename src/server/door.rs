//! Connections: told apart by their first byte, served, and finished at the end.

use super::authority::Authority;
use super::spelling;
use super::target::Targets;
use super::wire::Wire;
use crate::http::{App, Ending, Line, Peer};
use axum::body::Body;
use http::{Extensions, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// A client that sends no whole head for so long is let go.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests in flight may take so long after the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// What connections are served with.
#[derive(Clone)]
pub struct Door(Arc<Shared>);

struct Shared {
    app: App,
    authority: Arc<Authority>,
    acceptor: OnceCell<TlsAcceptor>,
    spelling: Extensions,
}

impl Door {
    /// A door to the routes.
    pub async fn new(app: App, authority: Arc<Authority>) -> Self {
        let spelling = spelling::extensions().await;
        Self(Arc::new(Shared { app, authority, acceptor: OnceCell::new(), spelling }))
    }

    /// Serves until `stop` turns true; then requests in flight are finished.
    pub async fn serve(self, listeners: Vec<TcpListener>, stop: watch::Receiver<bool>) {
        // Every connection holds a sender; when all are gone, the last one has ended.
        let (alive, mut ended) = mpsc::channel::<()>(1);
        let mut loops = tokio::task::JoinSet::new();
        for listener in listeners {
            loops.spawn(accept(self.clone(), listener, stop.clone(), alive.clone()));
        }
        drop(alive);
        while loops.join_next().await.is_some() {}
        let _ = tokio::time::timeout(GRACE, ended.recv()).await;
    }

    async fn acceptor(&self) -> io::Result<&TlsAcceptor> {
        let make = || async {
            let config = self.0.authority.tls().map_err(io::Error::other)?;
            Ok::<_, io::Error>(TlsAcceptor::from(Arc::new(config)))
        };
        self.0.acceptor.get_or_try_init(make).await
    }

    async fn tcp(
        self,
        stream: TcpStream,
        address: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        // Answers are written whole; waiting for more to send only delays them.
        stream.set_nodelay(true)?;
        let mut first = [0];
        let read = tokio::time::timeout(HEAD_TIMEOUT, stream.peek(&mut first)).await;
        if !matches!(read, Ok(Ok(1))) {
            return Ok(());
        }
        let line = Arc::new(Line::stopped_by(stop.clone()));
        let link = Arc::new(Link { address, line: Arc::clone(&line), stop });
        self.told_apart(Wire::new(stream, line), first[0], link).await
    }

    async fn told_apart<S>(self, io: S, first: u8, link: Arc<Link>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = |tls| Peer { address: link.address, tls };
        if first != TLS_HANDSHAKE {
            return self.http(io, peer(false), link).await;
        }
        let handshake = self.acceptor().await?.accept(io);
        let Ok(accepted) = tokio::time::timeout(HEAD_TIMEOUT, handshake).await else { return Ok(()) };
        self.http(accepted?, peer(true), link).await
    }

    async fn http<S>(self, io: S, peer: Peer, link: Arc<Link>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut stop = link.stop.clone();
        let service = service_fn(move |request| self.clone().answer(request, peer, Arc::clone(&link)));
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        builder.title_case_headers(true).half_close(true);
        let connection = builder.serve_connection(TokioIo::new(Targets::new(io)), service).with_upgrades();
        tokio::pin!(connection);
        tokio::select! {
            result = connection.as_mut() => return result.map_err(io::Error::other),
            _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
        }
        connection.await.map_err(io::Error::other)
    }

    async fn answer(
        self,
        mut request: Request<Incoming>,
        peer: Peer,
        link: Arc<Link>,
    ) -> Result<Response<Body>, HungUp> {
        if request.method() == Method::CONNECT {
            return Ok(self.connect(request, link));
        }
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&link.line));
        let Ok(mut response) = self.0.app.clone().oneshot(request.map(Body::new)).await;
        if link.line.ending() == Ending::Reset {
            return Err(HungUp);
        }
        response.extensions_mut().extend(self.0.spelling.clone());
        Ok(response)
    }

    /// A proxy's tunnel ends here, whatever host it names.
    fn connect(self, request: Request<Incoming>, link: Arc<Link>) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        if request.uri().authority().is_none() {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            return response;
        }
        tokio::spawn(async move {
            let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
            let mut io = TokioIo::new(upgraded);
            let mut first = [0];
            if io.read_exact(&mut first).await.is_err() {
                return;
            }
            let io = Prefixed { first: Some(first[0]), io };
            let inner: Pin<Box<dyn Future<Output = io::Result<()>> + Send>> =
                Box::pin(self.told_apart(io, first[0], link));
            let _ = inner.await;
        });
        response
    }
}

async fn accept(door: Door, listener: TcpListener, mut stop: watch::Receiver<bool>, alive: mpsc::Sender<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, address)) => {
                let (door, stop, alive) = (door.clone(), stop.clone(), alive.clone());
                tokio::spawn(async move {
                    if let Err(error) = door.tcp(stream, address, stop).await {
                        tracing::debug!(%error, %address, "a connection ended");
                    }
                    drop(alive);
                });
            }
            // Too many open files: taking a breath is better than a busy loop.
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The other end of a connection, and what ends it.
struct Link {
    address: SocketAddr,
    line: Arc<Line>,
    stop: watch::Receiver<bool>,
}

/// A fault ends the connection before the answer's head.
#[derive(Debug, thiserror::Error)]
#[error("hung up by a fault")]
struct HungUp;

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
