//! A server of this process, from its start to its end.

use crate::http::{AppState, waiting_on};
use crate::server::Authority;
use crate::space::SpaceTemplate;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Between two looks whether the server can work.
const READY_PAUSE: Duration = Duration::from_millis(50);

/// A server of this process.
pub(super) struct Running {
    /// Where the emulated API is reached from this machine.
    pub(super) address: SocketAddr,
    /// The address of the admin API, without its path; none with `--no-admin`.
    pub(super) admin: Option<String>,
    pub(super) authority: Arc<Authority>,
    pub(super) template: Arc<SpaceTemplate>,
    pub(super) state: AppState,
    pub(super) stop: watch::Sender<bool>,
    pub(super) serving: JoinSet<()>,
}

impl Running {
    /// The address of the emulated API over plain HTTP.
    pub(super) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same over TLS, by a name where there is one.
    pub(super) fn https(&self) -> String {
        match self.address.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) => format!("https://localhost:{}", self.address.port()),
            _ => format!("https://{}", self.address),
        }
    }

    /// The mark of this start.
    pub(super) fn instance(&self) -> &str {
        self.state.process.instance.as_str()
    }

    /// Waits until the server can work, so that whoever is told so finds it so.
    pub(super) async fn ready(&self) {
        let mut told = false;
        loop {
            let waiting = waiting_on(&self.state).await;
            if waiting.is_empty() {
                return;
            }
            if !std::mem::replace(&mut told, true) {
                tracing::warn!(?waiting, "not ready yet");
            }
            tokio::time::sleep(READY_PAUSE).await;
        }
    }

    /// Stops; requests in flight are finished, unless `hurry` comes before that.
    pub(super) async fn stop(mut self, hurry: impl Future<Output = ()>) {
        let _ = self.stop.send(true);
        let all = async { while self.serving.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = hurry => tracing::warn!("a second signal: requests under way are cut off"),
        }
        // Whoever is still at work loses nothing by it: what lies there is gone at the end.
        self.template.folder().remove();
    }
}
