//! What every handler is given.

use crate::domains::Domains;
use crate::ids::Ids;
use crate::space::{Registry, Space, SpaceOfRequest};
use crate::store::schedule::LIKELY_ALONE;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Decisions that hold for the whole process.
#[derive(Clone, Debug)]
pub struct Options {
    /// Six keys in the answer to an upload, or the four of today.
    pub six_keys: bool,
    /// A single object is answered with counts.
    pub single_object_report: bool,
    /// What production documents, even where it hurts.
    pub strict: bool,
    /// No admin API beside the Socrata API.
    pub no_admin: bool,
    /// What the admin API asks for, if anything.
    pub admin_token: Option<AdminToken>,
    /// The status of a refused login: 403 or 401.
    pub auth_status: http::StatusCode,
    /// Bytes of a whole body.
    pub max_body: u64,
    /// Bytes of one row.
    pub max_row: usize,
    /// A query that gives nothing for so long is stopped.
    pub query_timeout: std::time::Duration,
    /// A client that takes nothing of an answer for so long loses it.
    pub stall_timeout: std::time::Duration,
    /// So long, all in all, a read waits for a client that is slow to take its answer; then the rest is put
    /// into a file.
    pub patience: std::time::Duration,
    /// Bounds of the journal of each space.
    pub journal: crate::journal::Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            six_keys: true,
            single_object_report: false,
            strict: false,
            no_admin: false,
            admin_token: None,
            auth_status: http::StatusCode::FORBIDDEN,
            max_body: 2 << 30,
            max_row: crate::codec::MAX_ROW,
            query_timeout: std::time::Duration::from_secs(60),
            stall_timeout: std::time::Duration::from_secs(60),
            patience: super::socrata::PATIENCE,
            journal: crate::journal::Settings::default(),
        }
    }
}

/// The secret of the admin API.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminToken(Arc<str>);

impl AdminToken {
    /// A token that can stand in a header and in a cookie: letters, digits and `-._~+/=`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fine = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        if text.is_empty() || !text.chars().all(fine) {
            return Err("a token has letters, digits and - . _ ~ + / = only, at least one".to_owned());
        }
        Ok(Self(text.into()))
    }

    /// Whether it is this one, in a time that does not tell how much of it was right.
    pub fn is(&self, text: &str) -> bool {
        crate::access::same(&self.0, text)
    }
}

/// Secrets are not shown.
impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(***)")
    }
}

/// The state of the router.
#[derive(Clone)]
pub struct AppState {
    /// The space of the request, with the data that it has for this request.
    pub space: SpaceOfRequest,
    common: Arc<Common>,
}

/// What is the same for all requests.
pub struct Common {
    /// All spaces.
    pub spaces: Arc<Registry>,
    /// Decisions for all spaces.
    pub options: Options,
    /// What `/info` and `/ca.pem` tell about the process.
    pub process: Process,
    /// Requests whose answer is not made yet.
    pub(super) active: AtomicUsize,
    /// Writes in a row that met no other request.
    alone: AtomicUsize,
}

impl Common {
    /// Whether requests come one by one, as a script sends them; asked once for each write.
    pub fn one_by_one(&self) -> bool {
        if self.active.load(Ordering::Relaxed) <= 1 {
            return self.alone.fetch_add(1, Ordering::Relaxed) >= LIKELY_ALONE;
        }
        self.alone.store(0, Ordering::Relaxed);
        false
    }
}

impl std::ops::Deref for AppState {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.common
    }
}

impl AppState {
    /// A state whose requests find their space among these.
    pub fn new(spaces: Arc<Registry>, options: Options, process: Process) -> Self {
        let space = SpaceOfRequest::new(spaces.default_space());
        Self {
            space,
            common: Arc::new(Common {
                spaces,
                options,
                process,
                active: AtomicUsize::new(0),
                alone: AtomicUsize::new(0),
            }),
        }
    }

    /// The state of a request that belongs to this space.
    pub fn in_space(&self, space: Arc<Space>) -> Self {
        Self { space: SpaceOfRequest::new(space), common: Arc::clone(&self.common) }
    }
}

/// 32 hexadecimal digits, new with each start: how clients know another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance(Box<str>);

impl Instance {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Another one each time.
impl Default for Instance {
    fn default() -> Self {
        Self(Ids::random().hex32().into())
    }
}

/// Facts about the process that requests may ask for.
#[derive(Debug, Default)]
pub struct Process {
    /// The CA's certificate as PEM.
    pub ca_pem: String,
    /// Options as they were given: name, value, origin.
    pub settings: Vec<(String, String, String)>,
    /// Names of the server beside localhost.
    pub names: Vec<String>,
    /// The data file; none when ephemeral.
    pub data: Option<String>,
    /// The port of the emulated API, when the page has another one.
    pub wire_port: Option<u16>,
    /// The domains that are answered as a proxy.
    pub domains: Arc<Domains>,
    /// The order of rows in views of the page.
    pub orders: crate::consumer::Orders,
    /// The mark of this start.
    pub instance: Instance,
    /// What is counted.
    pub metrics: crate::metrics::Metrics,
}
