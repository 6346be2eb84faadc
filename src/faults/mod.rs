//! Faults: what a test can make go wrong, and when.
//!
//! A [`Rule`] says which requests it is about (`RequestMatch`), how often it strikes, and what it does
//! ([`Action`]). [`Faults`] holds the rules of a space and decides for each request.

mod armed;
mod chance;
mod check;
mod presets;
mod request;
mod rule;
mod stale;

pub use armed::{ArmedFault, FaultList, Faults, Strike, Verdict};
pub use chance::MAX_DELAY_MS;
pub use presets::{Changes, PRESETS, Preset, preset, unknown_preset};
pub use request::Asked;
pub use rule::{Action, Corrupt, Delay, Drop, LogNormal, Rule, RuleError, Spread, StaleReads, Then};
