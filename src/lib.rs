//! soda-mock: a local stand-in for the write API of a Socrata open-data site.
//!
//! A test starts a [`MockServer`], or a [`Setup`] with options of its own, and asks its admin API, whose
//! answers are the structs of [`api`]. Without the feature `cli` neither the command line nor its
//! libraries are built.
//!
//! Everything else is the inside. Modules that the project's own tests and benchmarks look into are
//! public but hidden; they change without notice.
//!
//! Modules from the ground up; each imports only those above it in this list, which
//! `tests/it/architecture.rs` checks.
#![doc = include_str!("ARCHITECTURE.md")]
// `println!` and `eprintln!` panic when the reader has left; `cli/screen.rs` writes instead.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[doc(hidden)]
pub mod soda;

pub mod guide;

#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod ids;

#[doc(hidden)]
pub mod memory;

mod path;

mod operation;

#[doc(hidden)]
pub mod domains;

pub mod api;

mod matching;

mod faults;

#[doc(hidden)]
pub mod codec;
#[doc(hidden)]
pub mod soql;

#[doc(hidden)]
pub mod calendar;
#[doc(hidden)]
pub mod decimal;
#[doc(hidden)]
pub mod shape;

#[doc(hidden)]
pub mod transform;

#[doc(hidden)]
pub mod source_file;

#[doc(hidden)]
pub mod access;
#[doc(hidden)]
pub mod store;

mod consumer;
#[doc(hidden)]
pub mod producer;

mod publishing;

#[doc(hidden)]
pub mod journal;
mod metrics;

#[doc(hidden)]
pub mod seed;

#[doc(hidden)]
pub mod space;

#[doc(hidden)]
pub mod http;

#[cfg_attr(
    not(feature = "cli"),
    expect(dead_code, reason = "the command line alone keeps a certificate authority in a folder")
)]
mod server;

mod mock_server;

#[cfg(feature = "cli")]
mod cli;

pub use access::{Leniency, Limits};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main as command_line;
pub use clock::ClockMode;
pub use domains::DomainName;
pub use faults::{ArmedFault, FaultList, LastRequest, Rule};
pub use http::{AdminToken, App, Options};
pub use journal::Settings as JournalSettings;
pub use mock_server::{MockServer, Setup, StartError};
pub use space::Bounds;
