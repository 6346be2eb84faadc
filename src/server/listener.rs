//! Connections: told apart by their first byte, served, and finished at the end.

use super::authority::Authority;
use super::connection::{ServedConnection, Serving, in_time};
use super::course::Course;
use super::elsewhere;
use super::header_case;
use super::refusal::{MAX_HEAD, MAX_TARGET};
use super::requests::Requests;
use super::socket::Socket;
use super::socks::{self, Reply};
use super::tunnel::{ConnectionKind, End, Prefixed, Stream};
use crate::domains::{Destination, Domains};
use crate::http::{App, Connection};
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, mpsc, watch};
use tokio_rustls::TlsAcceptor;

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// A client that sends no whole head for so long is let go.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that a connection keeps of what it reads and of what it has not written yet, each: a whole head
/// fits, whose target may be encoded anew, and bodies are read in pieces of this size at most.
const BUFFER: usize = MAX_HEAD + 2 * MAX_TARGET;
/// Requests in flight may take so long after the end was asked for.
const GRACE: Duration = Duration::from_secs(2);

/// What connections are served with.
#[derive(Clone)]
pub struct Listener(Arc<Shared>);

struct Shared {
    serving: Arc<Serving>,
    authority: Arc<Authority>,
    acceptor: OnceCell<TlsAcceptor>,
}

impl Listener {
    /// A listener for the routes. As a proxy it leads there for these domains, or for every host when there is none.
    pub async fn new(app: App, authority: Arc<Authority>, domains: Arc<Domains>) -> Self {
        let serving = Arc::new(Serving { app, domains, header_case: header_case::extensions().await });
        Self(Arc::new(Shared { serving, authority, acceptor: OnceCell::new() }))
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
        let connection = Connection::new(address, stop);
        let mut first = [0];
        if in_time(&connection, HEAD_TIMEOUT, stream.peek(&mut first)).await != Some(1) {
            return Ok(());
        }
        let socket = Socket::new(stream, connection.clone(), self.0.serving.app.stall_timeout());
        self.sniff(socket, first[0], connection, ConnectionKind::Direct).await
    }

    /// Serves a stream by its first byte: as TLS, as SOCKS or as plain HTTP.
    async fn sniff<S>(self, io: S, first: u8, connection: Connection, way: ConnectionKind) -> io::Result<()>
    where
        S: Stream + 'static,
    {
        if first == socks::VERSION {
            return self.socks(Box::new(io), connection, way).await;
        }
        if first != TLS_HANDSHAKE {
            return self.http(io, connection.over_tls(false), way).await;
        }
        let handshake = self.acceptor().await?.accept(io);
        let Some(accepted) = in_time(&connection, HEAD_TIMEOUT, handshake).await else { return Ok(()) };
        self.http(accepted, connection.over_tls(true), way).await
    }

    async fn http<S>(self, io: S, connection: Connection, way: ConnectionKind) -> io::Result<()>
    where
        S: Stream + 'static,
    {
        let course = Arc::new(Course::default());
        let requests = Requests::new(io, Arc::clone(&course));
        let served = ServedConnection::new(Arc::clone(&self.0.serving), connection.clone(), way, course);
        let served = Arc::new(served);
        let service = service_fn(|request| Arc::clone(&served).answer(request));
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        builder.title_case_headers(true).half_close(true).max_buf_size(BUFFER);
        let http = builder.serve_connection(TokioIo::new(requests), service).with_upgrades();
        let mut http = std::pin::pin!(http);
        let ended = tokio::select! {
            // First, so that a request that lies there is begun.
            biased;
            ended = http.as_mut() => ended,
            () = connection.stopped() => {
                http.as_mut().graceful_shutdown();
                http.await
            }
        };
        ended.map_err(io::Error::other)?;
        let Some((upgrade, end)) = served.take_tunnel() else { return Ok(()) };
        let upgraded = upgrade.await.map_err(io::Error::other)?;
        self.tunnel(upgraded, end, connection).await
    }

    /// Serves what comes through a tunnel, or passes it on. Boxed: a connection holds a tunnel, which is a
    /// connection.
    fn tunnel(
        self,
        upgraded: Upgraded,
        end: End,
        connection: Connection,
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
        Box::pin(async move {
            let io = TokioIo::new(upgraded);
            match end {
                End::Here(space) => {
                    self.inside(io, connection.through_tunnel(space), ConnectionKind::Tunnel).await
                }
                End::Elsewhere(stream) => pass_on(io, stream, &connection).await,
            }
        })
    }

    /// Opens a tunnel of SOCKS, and serves what comes through it or passes it on. Boxed as [`Self::tunnel`] is.
    fn socks(
        self,
        mut io: Box<dyn Stream>,
        connection: Connection,
        way: ConnectionKind,
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> {
        Box::pin(async move {
            let asked = in_time(&connection, HEAD_TIMEOUT, socks::asked(&mut io)).await;
            let Some((host, port)) = asked.filter(|_| way != ConnectionKind::Socks) else {
                return io.shutdown().await;
            };
            let reply = match self.0.serving.domains.destination(&host) {
                Destination::Here => {
                    socks::answer(&mut io, Reply::Open).await?;
                    return self.inside(io, connection, ConnectionKind::Socks).await;
                }
                Destination::Refused => {
                    elsewhere::log_refused(&host);
                    Reply::NotAllowed
                }
                Destination::Elsewhere => match elsewhere::reach(&host, port).await {
                    Ok(stream) => {
                        socks::answer(&mut io, Reply::Open).await?;
                        return pass_on(io, stream, &connection).await;
                    }
                    Err(_) => Reply::Unreachable,
                },
            };
            socks::answer(&mut io, reply).await?;
            io.shutdown().await
        })
    }

    /// Serves what comes through a tunnel that ends here.
    async fn inside<S>(self, mut io: S, connection: Connection, way: ConnectionKind) -> io::Result<()>
    where
        S: Stream + 'static,
    {
        let limit = self.0.serving.app.stall_timeout();
        let Some(first) = in_time(&connection, limit, io.read_u8()).await else { return Ok(()) };
        self.sniff(Prefixed::new(first, io), first, connection, way).await
    }
}

/// Passes the bytes of a tunnel on to the host itself.
async fn pass_on(mut io: impl Stream, mut stream: TcpStream, connection: &Connection) -> io::Result<()> {
    tokio::select! {
        copied = copy_bidirectional(&mut io, &mut stream) => copied.map(drop),
        () = connection.stopped() => Ok(()),
    }
}

async fn accept(
    listening: Listener,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, address)) => {
                let (own, stop, alive) = (listening.clone(), stop.clone(), alive.clone());
                tokio::spawn(async move {
                    if let Err(error) = own.tcp(stream, address, stop).await {
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
