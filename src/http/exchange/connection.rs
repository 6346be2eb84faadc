//! The connection that a request comes through, as far as answers depend on it or end it.

use http::{HeaderMap, HeaderValue};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Notify, watch};

/// The header that names a space.
pub const SPACE_HEADER: &str = "x-mock-space";

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// How a connection ends in the place of an answer or in the middle of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// Closed (FIN) as soon as what was written so far has left.
    Close,
    /// Reset (RST) at once.
    Reset,
}

/// The space that the request for a tunnel names: what comes through the tunnel belongs there unless it names
/// another one.
#[derive(Clone, Debug)]
pub struct TunnelSpace(pub(super) HeaderValue);

impl TunnelSpace {
    /// The space that these headers name; none when they name none.
    pub fn named_by(headers: &HeaderMap) -> Option<Self> {
        headers.get(SPACE_HEADER).filter(|value| !value.is_empty()).cloned().map(Self)
    }
}

/// One connection. The default stands for a request that came without a socket; clones are the same connection.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Who is at the other end; nobody without a socket.
    pub peer: Option<Peer>,
    /// The space of the tunnel that the connection comes through.
    pub(super) tunnel: Option<TunnelSpace>,
    signals: Arc<Signals>,
}

#[derive(Debug, Default)]
struct Signals {
    hang_up: OnceLock<HangUp>,
    /// Whether somebody waits for the client to leave.
    watched: AtomicBool,
    left: Notify,
    stop: Option<watch::Receiver<bool>>,
}

/// A connection of this peer that nothing ends, for requests without a socket.
impl From<Peer> for Connection {
    fn from(peer: Peer) -> Self {
        Self { peer: Some(peer), ..Self::default() }
    }
}

impl Connection {
    /// A connection from an address to a server that stops when `stop` turns true.
    pub fn new(address: SocketAddr, stop: watch::Receiver<bool>) -> Self {
        let signals = Arc::new(Signals { stop: Some(stop), ..Signals::default() });
        Self { peer: Some(Peer { address, tls: false }), tunnel: None, signals }
    }

    /// The same connection, encrypted or not.
    #[must_use]
    pub fn over_tls(mut self, tls: bool) -> Self {
        self.peer = self.peer.map(|peer| Peer { tls, ..peer });
        self
    }

    /// The same connection, as a tunnel into a space.
    #[must_use]
    pub fn through_tunnel(mut self, space: Option<TunnelSpace>) -> Self {
        self.tunnel = space;
        self
    }

    /// Whether there is a socket that can be ended.
    pub fn has_socket(&self) -> bool {
        self.signals.stop.is_some()
    }

    /// Whether what is sent can be read on the way.
    pub fn is_plain(&self) -> bool {
        self.peer.is_some_and(|peer| !peer.tls)
    }

    /// Resolves when the server stops; answers that have no end of their own end then.
    pub async fn stopped(&self) {
        match self.signals.stop.clone() {
            // A sender that is gone has nobody left who could stop.
            Some(mut stop) => drop(stop.wait_for(|stop| *stop).await),
            None => std::future::pending().await,
        }
    }

    /// Ends the connection; the first call decides how.
    pub fn hang_up(&self, how: HangUp) {
        let _ = self.signals.hang_up.set(how);
    }

    /// How the connection is to end; none when it goes on as HTTP has it.
    pub fn hung_up(&self) -> Option<HangUp> {
        self.signals.hang_up.get().copied()
    }

    /// Resolves when the client closes its end. The server looks only while somebody waits here.
    pub async fn client_left(&self) {
        self.signals.watched.store(true, Ordering::Release);
        self.signals.left.notified().await;
    }

    /// Ends the look-out of [`Self::client_left`].
    pub fn unwatch(&self) {
        self.signals.watched.store(false, Ordering::Release);
    }

    /// Whether somebody waits for the client to close its end.
    pub fn is_watched(&self) -> bool {
        self.signals.watched.load(Ordering::Acquire)
    }

    /// Tells who waits that the client has closed its end.
    pub fn notify_client_left(&self) {
        self.unwatch();
        self.signals.left.notify_one();
    }
}
