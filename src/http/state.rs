//! What every handler is given.

use super::choice::{UnknownSpace, choose};
use super::error::ApiError;
use crate::soda::{ErrorCode, SodaError};
use crate::space::SpaceOfRequest;
use crate::spaces::Spaces;
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::net::SocketAddr;
use std::sync::Arc;

/// Decisions that hold for the whole process.
#[derive(Clone, Debug)]
pub struct Options {
    /// Six keys in the answer to an upload, or the four of today.
    pub six_keys: bool,
    /// A single object is answered with counts.
    pub single_object_report: bool,
    /// What production documents, even where it hurts.
    pub strict: bool,
    /// No admin API.
    pub no_admin: bool,
    /// The status of a refused login: 403 or 401.
    pub auth_status: http::StatusCode,
    /// Bytes of a whole body.
    pub max_body: u64,
    /// Bytes of one row.
    pub max_row: usize,
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
            auth_status: http::StatusCode::FORBIDDEN,
            max_body: 2 << 30,
            max_row: crate::codec::MAX_ROW,
            journal: crate::journal::Settings::default(),
        }
    }
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// The state of the router.
#[derive(Clone)]
pub struct AppState {
    /// The space of the request, with the data that it has for this request.
    pub space: SpaceOfRequest,
    /// All spaces.
    pub spaces: Arc<Spaces>,
    /// Decisions for all spaces.
    pub options: Arc<Options>,
    /// What `/info` and `/ca.pem` tell about the process.
    pub process: Arc<Process>,
}

impl AppState {
    /// A state whose requests find their space among these.
    pub fn new(spaces: Arc<Spaces>, options: Options, process: Process) -> Self {
        Self {
            space: SpaceOfRequest::new(spaces.default_space()),
            spaces,
            options: Arc::new(options),
            process: Arc::new(process),
        }
    }

    /// The state in the space that a request belongs to.
    pub fn for_request<B>(&self, request: &http::Request<B>) -> Result<Self, UnknownSpace> {
        let space = choose(&self.spaces, request, &self.process.names)?;
        Ok(Self { space: SpaceOfRequest::new(space), ..self.clone() })
    }
}

/// Handlers take the state of their request, so that none can reach another space by accident.
impl<S: Sync> FromRequestParts<S> for AppState {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| SodaError::new(ErrorCode::Internal, "Internal error").into())
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
    /// What is counted.
    pub metrics: crate::metrics::Metrics,
}
