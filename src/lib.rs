//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
//!
//! Modules from the ground up; each imports only those above it in this list, which
//! `tests/it/architecture.rs` checks.

pub mod soda;

pub mod clock;
pub mod ids;

pub mod memory;

pub mod path;

pub mod operation;

pub mod domains;

mod api;

mod matching;

pub mod faults;

pub mod codec;
pub mod soql;

pub mod access;
pub mod store;

pub mod consumer;
pub mod producer;

pub mod journal;
pub mod metrics;

pub mod seed;

pub mod space;

pub mod http;

pub mod server;

pub mod mock_server;

#[cfg(feature = "cli")]
pub mod cli;

pub use mock_server::{MockServer, Setup};
