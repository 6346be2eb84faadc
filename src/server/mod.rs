//! The server: one port for HTTP and HTTPS, and for tunnels as a proxy opens them (`CONNECT` and SOCKS), looped back
//! to it for the domains.

#[cfg(test)]
mod agreement;
mod authority;
mod authority_error;
mod ca_files;
mod certificate;
mod chunks;
mod connection;
mod course;
mod elsewhere;
mod head;
mod header_case;
mod listener;
mod refusal;
mod requests;
mod socket;
mod socks;
mod tunnel;

pub use authority::Authority;
pub use authority_error::AuthorityError;
pub use listener::Listener;
