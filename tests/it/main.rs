//! Everything through the router, a socket or the binary; one program, so that it links once.
#![allow(clippy::unwrap_used, clippy::panic)]

mod accounts;
mod admin;
mod architecture;
mod bad_input;
mod cli;
mod coverage;
mod durability;
mod events;
mod expect;
mod faults;
mod hints;
mod history;
mod journal;
mod page;
mod publish;
mod safety;
mod snapshots;
mod soql;
mod spaces;
mod sql;
mod support;
mod verify;
mod views;
mod wire;
