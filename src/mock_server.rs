//! The mock inside a Rust test: no process, and no socket unless one is wanted.

use crate::access::{Directory, Leniency, Limits};
use crate::api::JobCourses;
use crate::clock::ClockMode;
use crate::domains::{DomainName, Domains, NamingError};
use crate::http::{App, AppState, Options, Process, router};
use crate::memory::{self, Memory};
use crate::seed::{LoadError, Seeds, Settings};
use crate::server::{Authority, AuthorityError, Listener};
use crate::space::Registry;
use crate::space::{Bounds, SpaceTemplate, TemplateError, TemplateParts};
use crate::store::StoreError;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Why a mock did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A seed, or the store.
    #[error("{0}")]
    Space(#[from] TemplateError),
    /// The CA.
    #[error("{0}")]
    Authority(#[from] AuthorityError),
    /// The domains.
    #[error("{0}")]
    Domains(#[from] NamingError),
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
    /// How many spaces and snapshots there may be.
    pub bounds: Bounds,
    /// Bytes of memory beyond the data, as with `serve --max-memory`. SQLite's part of it is bounded in
    /// processes of `serve` only, as it is one for the whole process.
    pub max_memory: u64,
    /// How long jobs of publishing take; by default they are done with the request that begins them.
    pub jobs: JobCourses,
    /// The domains that the server stands in for as a proxy; without any, it answers every host.
    pub domains: Vec<DomainName>,
    /// Other hosts are forwarded untouched, where domains are named, instead of refused.
    pub forward_others: bool,
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
            bounds: Bounds::default(),
            max_memory: memory::usual(),
            jobs: JobCourses::default(),
            domains: Vec::new(),
            forward_others: false,
        }
    }
}

impl Setup {
    /// The routes, to be called without a socket.
    pub async fn router(self) -> Result<App, StartError> {
        self.router_with(String::new(), Arc::default()).await
    }

    async fn router_with(self, ca_pem: String, domains: Arc<Domains>) -> Result<App, StartError> {
        let process = Process {
            ca_pem,
            domains,
            data: self.data.as_ref().map(|path| path.display().to_string()),
            ..Process::default()
        };
        let settings = Settings::read(&self.seeds).map_err(LoadError::from).map_err(TemplateError::from)?;
        let template = SpaceTemplate::new(TemplateParts {
            seeds: Seeds { demo: self.demo && self.seeds.is_empty(), paths: self.seeds },
            directory: settings.directory(Directory::built_in()),
            faults: settings.faults,
            leniency: self.leniency,
            limits: settings.limits.unwrap_or(self.limits),
            strict_types: self.options.strict,
            clock: self.clock,
            ids: self.ids,
            data: self.data,
            bounds: self.bounds,
            memory: Arc::new(Memory::new(self.max_memory)),
            jobs: settings.jobs.unwrap_or(self.jobs),
            world: settings.world,
        })?;
        let spaces = Arc::new(Registry::new(Arc::new(template.default_space().await?)));
        Ok(router(AppState::new(spaces, self.options, process)))
    }

    /// A server on a free port of 127.0.0.1, for HTTP and HTTPS.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let authority = Arc::new(Authority::in_memory(Vec::new())?);
        let domains = Arc::new(Domains::new(Vec::new(), self.forward_others));
        for domain in &self.domains {
            domains.name(domain.clone(), "setup")?;
        }
        let router = self.router_with(authority.pem().to_owned(), Arc::clone(&domains)).await?;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let served = Listener::new(router, Arc::clone(&authority), domains).await;
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(served.serve(vec![listener], stopped));
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
