//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
pub mod access;
pub mod clock;
pub mod codec;
pub mod consumer;
pub mod http;
pub mod ids;
pub mod producer;
pub mod soda;
pub mod soql;
pub mod store;
