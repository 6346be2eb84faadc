//! Faults: what a test can make go wrong, and when.
//!
//! A [`Rule`] says which requests it is about (`RequestMatch`), how often it strikes, and what it does
//! ([`Action`]). [`Faults`] holds the rules of a space and decides for each request.

#![warn(unreachable_pub)]

mod armed;
mod chance;
mod check;
mod presets;
mod request;
mod rule;
mod stale;

pub use armed::{ArmedFault, FaultList, LastRequest};
pub(crate) use armed::{ChosenFault, FaultDecision, Faults};
pub(crate) use presets::{Changes, PRESETS, preset, unknown_preset};
pub(crate) use request::FaultRequest;
pub use rule::Rule;
pub(crate) use rule::{Action, Corrupt, Drop, RuleError, Then};
