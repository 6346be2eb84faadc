//! The front door: one port for HTTP and HTTPS, and proxies' `CONNECT`, looped back to it for the domains.

#[cfg(test)]
mod agreement;
mod authority;
mod ca_files;
mod certificate;
mod chunks;
mod course;
mod door;
mod elsewhere;
mod head;
mod refusal;
mod requests;
mod spelling;
mod tunnel;
mod wire;

pub use authority::{Authority, AuthorityError};
pub use door::Door;
