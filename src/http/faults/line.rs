//! The way from a fault to the connection that it ends.

use http::Extensions;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use tokio::sync::{Notify, watch};

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As HTTP has it.
    Usual,
    /// Closed (FIN) as soon as what was written so far has left.
    Close,
    /// Reset (RST) at once.
    Reset,
}

/// One connection, as far as faults and the server's end are concerned; a request carries it in its
/// extensions.
#[derive(Debug, Default)]
pub struct Line {
    ending: AtomicU8,
    watched: AtomicBool,
    left: Notify,
    stop: Option<watch::Receiver<bool>>,
}

impl Line {
    /// A line of a server that stops when this turns true.
    pub fn stopped_by(stop: watch::Receiver<bool>) -> Self {
        Self { stop: Some(stop), ..Self::default() }
    }

    /// The line of a request; one of its own when it came without a connection.
    pub fn of(extensions: &Extensions) -> Arc<Self> {
        extensions.get::<Arc<Self>>().cloned().unwrap_or_default()
    }

    /// Resolves when the server stops; answers that have no end of their own end then.
    pub async fn stopped(&self) {
        match self.stop.clone() {
            // A sender that is gone has nobody left who could stop.
            Some(mut stop) => drop(stop.wait_for(|stop| *stop).await),
            None => std::future::pending().await,
        }
    }

    /// How the connection is to end.
    pub fn ending(&self) -> Ending {
        match self.ending.load(Ordering::Acquire) {
            0 => Ending::Usual,
            1 => Ending::Close,
            _ => Ending::Reset,
        }
    }

    /// Ends it.
    pub fn end(&self, ending: Ending) {
        let code = match ending {
            Ending::Usual => 0,
            Ending::Close => 1,
            Ending::Reset => 2,
        };
        self.ending.store(code, Ordering::Release);
    }

    /// Ends when the client closes its end. Without a fault that waits nobody looks.
    pub async fn left(&self) {
        self.watched.store(true, Ordering::Release);
        self.left.notified().await;
    }

    /// Nobody waits any longer.
    pub fn unwatch(&self) {
        self.watched.store(false, Ordering::Release);
    }

    /// Whether somebody wants to know that the client closes its end.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    /// The client has closed its end.
    pub fn client_left(&self) {
        self.unwatch();
        self.left.notify_one();
    }
}
