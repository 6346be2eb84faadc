//! The mock inside a Rust test: no process, and no socket unless one is wanted.

use crate::access::{Accounts, Directory, Leniency, Limits};
use crate::clock::{ClockMode, MockClock};
use crate::http::{AppState, Options, Process, router};
use crate::ids::Ids;
use crate::seed::{self, LoadError};
use crate::server::{Authority, AuthorityError, Door};
use crate::space::{Seeds, Space};
use crate::spaces::Spaces;
use crate::store::{Backing, Store, StoreError};
use axum::Router;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Why a mock did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A seed.
    #[error("{0}")]
    Seed(#[from] LoadError),
    /// The CA.
    #[error("{0}")]
    Authority(#[from] AuthorityError),
    /// The socket.
    #[error("{0}")]
    Socket(#[from] std::io::Error),
}

/// What a mock starts with. The default: the demo dataset, real time, ids that nobody foresees.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Seed files or folders in place of the demo dataset.
    pub seeds: Vec<PathBuf>,
    /// Whether the demo dataset is there.
    pub demo: bool,
    /// The clock.
    pub clock: ClockMode,
    /// A seed of ids: with it, the same run gives the same ids.
    pub ids: Option<u64>,
    /// A data file that survives.
    pub data: Option<PathBuf>,
    /// Decisions about the wire.
    pub options: Options,
    /// Throttling.
    pub limits: Limits,
    /// Whose credentials are accepted.
    pub leniency: Leniency,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            seeds: Vec::new(),
            demo: true,
            clock: ClockMode::Real,
            ids: None,
            data: None,
            options: Options::default(),
            limits: Limits::default(),
            leniency: Leniency::default(),
        }
    }
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Setup {
    /// The routes, to be called without a socket.
    pub async fn router(self) -> Result<Router, StartError> {
        self.router_with(String::new()).await
    }

    async fn router_with(self, ca_pem: String) -> Result<Router, StartError> {
        let ids = self.ids.map_or_else(Ids::random, Ids::seeded);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("soda-mock-{}-in-process-{number}.db", std::process::id());
        let backing = match self.data {
            Some(path) => Backing::File(path),
            None => Backing::Temporary(std::env::temp_dir().join(name)),
        };
        let secret = ids.bytes::<32>();
        let seeds = Seeds { demo: self.demo && self.seeds.is_empty(), paths: self.seeds };
        let accounts = Accounts::new(Directory::built_in(), self.leniency, self.limits, &secret);
        let store = Store::open(backing, self.options.strict)?;
        let space = Space::new("default", store, MockClock::new(self.clock), ids, accounts, seeds);
        seed::load_missing(&space).await?;
        let process = Process { ca_pem, ..Process::default() };
        let space = Arc::new(space);
        Ok(router(AppState {
            spaces: Arc::new(Spaces::new(Arc::clone(&space))),
            space,
            options: Arc::new(self.options),
            process: Arc::new(process),
        }))
    }

    /// A server on a free port of 127.0.0.1, for HTTP and HTTPS.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let authority = Arc::new(Authority::in_memory(Vec::new())?);
        let router = self.router_with(authority.pem().to_owned()).await?;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let door = Door::new(router, Arc::clone(&authority)).await;
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(door.serve(vec![listener], stopped));
        Ok(MockServer { address, authority, stop, serving: Some(serving) })
    }
}

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    authority: Arc<Authority>,
    stop: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl MockServer {
    /// A server with the demo dataset.
    pub async fn start() -> Result<Self, StartError> {
        Setup::default().start().await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The certificate to trust for HTTPS, as PEM.
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// Stops; requests in flight are finished.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
