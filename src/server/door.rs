//! Connections: told apart by their first byte, served, and finished at the end.

use super::authority::Authority;
use super::course::{Course, Turn};
use super::elsewhere;
use super::refusal::Refusal;
use super::requests::Requests;
use super::spelling;
use super::tunnel::Opened;
use super::wire::Wire;
use crate::domains::{Destination, Domains};
use crate::http::{App, Arrival, Ending, Line, Peer, SpaceOfTunnel};
use axum::body::Body;
use http::header::HOST;
use http::{Extensions, Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
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
    domains: Arc<Domains>,
    authority: Arc<Authority>,
    acceptor: OnceCell<TlsAcceptor>,
    spelling: Extensions,
}

impl Door {
    /// A door to the routes. As a proxy it leads there for these domains, or for every host when there is none.
    pub async fn new(app: App, authority: Arc<Authority>, domains: Arc<Domains>) -> Self {
        let spelling = spelling::extensions().await;
        Self(Arc::new(Shared { app, domains, authority, acceptor: OnceCell::new(), spelling }))
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

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn domains(&self) -> &Domains {
        &self.0.domains
    }

    async fn tcp(
        self,
        stream: TcpStream,
        address: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        // Answers are written whole; waiting for more to send only delays them.
        stream.set_nodelay(true)?;
        let line = Arc::new(Line::stopped_by(stop));
        let link = Arc::new(Link { address, line: Arc::clone(&line), space: None });
        let mut first = [0];
        if link.in_time(HEAD_TIMEOUT, stream.peek(&mut first)).await != Some(1) {
            return Ok(());
        }
        let wire = Wire::new(stream, line, self.app().stall_timeout());
        self.told_apart(wire, first[0], link, Way::Direct).await
    }

    pub(super) async fn told_apart<S>(self, io: S, first: u8, link: Arc<Link>, way: Way) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = |tls| Peer { address: link.address, tls };
        if first != TLS_HANDSHAKE {
            return self.http(io, peer(false), link, way).await;
        }
        let handshake = self.acceptor().await?.accept(io);
        let Some(accepted) = link.in_time(HEAD_TIMEOUT, handshake).await else { return Ok(()) };
        self.http(accepted, peer(true), link, way).await
    }

    async fn http<S>(self, io: S, peer: Peer, link: Arc<Link>, way: Way) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let course = Arc::new(Course::default());
        let requests = Requests::new(io, Arc::clone(&course));
        let conversation =
            Arc::new(Conversation { door: self.clone(), peer, link, way, course, opened: Opened::default() });
        let service = service_fn(|request| Arc::clone(&conversation).answer(request));
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        builder.title_case_headers(true).half_close(true);
        let connection = builder.serve_connection(TokioIo::new(requests), service).with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            // First, so that a request that lies there is begun.
            biased;
            ended = connection.as_mut() => ended,
            () = conversation.link.line.stopped() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        ended.map_err(io::Error::other)?;
        let Some((upgrade, end)) = conversation.opened.take() else { return Ok(()) };
        let upgraded = upgrade.await.map_err(io::Error::other)?;
        self.tunnel(upgraded, end, Arc::clone(&conversation.link)).await
    }
}

/// One connection that speaks HTTP.
struct Conversation {
    door: Door,
    peer: Peer,
    link: Arc<Link>,
    way: Way,
    course: Arc<Course>,
    opened: Opened,
}

impl Conversation {
    async fn answer(self: Arc<Self>, mut request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
        request.extensions_mut().insert(self.peer);
        request.extensions_mut().insert(Arc::clone(&self.link.line));
        if let Some(space) = &self.link.space {
            request.extensions_mut().insert(space.clone());
        }
        let mut response = match self.course.turn() {
            Turn::Request if request.method() == Method::CONNECT => {
                self.door.connect(request, self.way, &self.opened).await
            }
            Turn::Request => self.routed(request).await,
            Turn::Refused { why, understood } => self.refused(request, why, understood).await,
            Turn::Astray => {
                tracing::error!(address = %self.link.address, "a request began where none was seen");
                return Err(HungUp);
            }
        };
        if self.link.line.ending() == Ending::Reset {
            return Err(HungUp);
        }
        response.extensions_mut().extend(self.door.0.spelling.clone());
        Ok(response)
    }

    async fn routed(&self, request: Request<Incoming>) -> Response<Body> {
        let app = self.door.app();
        let (request, arrival) = Arrival::watch(request, app.stall_timeout());
        let mut response = self.answered(request).await;
        if let Some(arrival) = arrival {
            arrival.answered(response.headers_mut());
        }
        response
    }

    /// The answer to a head that was refused; what was not understood of it is in no journal.
    async fn refused(&self, request: Request<Incoming>, why: Refusal, understood: bool) -> Response<Body> {
        let app = self.door.app();
        if understood {
            app.refuse(request.map(|_| Body::empty()), why).await
        } else {
            app.refuse_unread(request.headers(), why)
        }
    }

    /// The answer of the routes. A whole address, as a client of a proxy sends it, may name another host.
    async fn answered(&self, request: Request<Body>) -> Response<Body> {
        let domains = self.door.domains();
        if let Some(host) = request.uri().host() {
            match domains.destination(host) {
                Destination::Here => {}
                Destination::Refused => return elsewhere::refused(host),
                Destination::Elsewhere => return elsewhere::forward(request).await,
            }
        }
        domains.count(host_of(&request));
        let Ok(response) = self.door.app().clone().oneshot(request).await;
        response
    }
}

/// The host that a request is sent to, without its port.
fn host_of(request: &Request<Body>) -> &str {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let authority = request.uri().authority().map(|a| a.as_str()).or(header).unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
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

/// Whether a connection came directly or through a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Direct,
    Tunnel,
}

/// The other end of a connection, and what ends it.
pub(super) struct Link {
    address: SocketAddr,
    pub(super) line: Arc<Line>,
    /// Of the tunnel that it is.
    space: Option<SpaceOfTunnel>,
}

impl Link {
    /// The same connection, as a tunnel into a space.
    pub(super) fn in_space(&self, space: Option<SpaceOfTunnel>) -> Arc<Self> {
        Arc::new(Self { address: self.address, line: Arc::clone(&self.line), space })
    }

    /// What comes, unless it fails, takes longer or the server stops before it is there.
    pub(super) async fn in_time<T>(
        &self,
        limit: Duration,
        coming: impl Future<Output = io::Result<T>>,
    ) -> Option<T> {
        tokio::select! {
            biased;
            come = tokio::time::timeout(limit, coming) => come.ok()?.ok(),
            () = self.line.stopped() => None,
        }
    }
}

/// The connection ends before the answer's head.
#[derive(Debug, thiserror::Error)]
#[error("hung up")]
struct HungUp;
