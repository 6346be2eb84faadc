//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
//!
//! Modules from the ground up; each imports only those above it in this list.

pub mod access;
pub mod cli;
pub mod mock_server;

pub use mock_server::{MockServer, Setup};
pub mod clock;
pub mod codec;
pub mod consumer;
pub mod http;
pub mod ids;
pub mod producer;
pub mod seed;
pub mod server;
pub mod soda;
pub mod soql;
pub mod space;
pub mod spaces;
pub mod store;
