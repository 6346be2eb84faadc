//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
pub mod codec;
pub mod consumer;
pub mod producer;
pub mod soda;
pub mod store;
