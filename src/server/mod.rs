//! The front door: one port for HTTP and HTTPS, and proxies' `CONNECT` looped back to it.

mod authority;
mod door;
mod spelling;
mod target;
mod tunnel;
mod wire;

pub use authority::{Authority, AuthorityError};
pub use door::Door;
