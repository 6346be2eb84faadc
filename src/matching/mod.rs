//! The language that requests are matched in: one for fault rules, for the journal's filters and for
//! `POST /verify`.
//!
//! A [`RequestMatch`] is what a request has to be like; every member that is given has to hold. It is
//! read by serde, so that a refusal names the path of the wrong member, and its JSON schema is made from
//! the same struct. What is decided before an answer exists (a fault) cannot use the members that speak
//! of the answer, and only faults count requests: [`RequestMatch::for_fault`] and
//! [`RequestMatch::for_journal`] refuse the members of the other side.

#![warn(unreachable_pub)]

mod client;
mod one_or_many;
mod pattern;
mod recorded;
mod request_match;
mod search;

pub(crate) use client::{ClientFact, ClientMatch};
pub(crate) use one_or_many::{OneOrMany, one_alone, one_or_many};
pub(crate) use pattern::Pattern;
pub(crate) use recorded::{RowCount, Since, StatusMatch, given};
pub(crate) use request_match::RequestMatch;
pub(crate) use search::SearchText;
