//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
pub mod soda;
