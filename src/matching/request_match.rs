//! What a request has to be like.

use super::client::ClientMatch;
use super::one_or_many::{OneOrMany, one_alone, one_or_many};
use super::pattern::Pattern;
use super::recorded::{BodyMatch, RowsMatch, Since, StatusMatch, fault, given, statuses};
use crate::operation::Operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which requests are meant; every member that is given has to hold, and an empty object means all.
/// Members that only the journal knows are refused in faults, and those by which faults count elsewhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, expecting = "an object")]
pub struct RequestMatch {
    /// HTTP methods, in any case.
    #[serde(
        deserialize_with = "one_or_many",
        serialize_with = "one_alone",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "OneOrMany<String>")]
    pub method: Vec<String>,
    /// The path without its query; `*` stands for any text.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub path: Option<Pattern>,
    /// Journal: parameters of the query by name.
    #[serde(skip_serializing)]
    pub query: BTreeMap<String, Pattern>,
    /// 4x4s or resource names.
    #[serde(
        deserialize_with = "one_or_many",
        serialize_with = "one_alone",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "OneOrMany<String>")]
    pub dataset: Vec<String>,
    /// Names of operations, such as `upsert`, `replace`, `query`, `row.delete`.
    #[serde(
        deserialize_with = "one_or_many",
        serialize_with = "one_alone",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "OneOrMany<Operation>")]
    pub operation: Vec<Operation>,
    /// Headers by name; null: not there. In faults `*` stands for any text. The journal does not keep
    /// credentials, only whether they are present.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Pattern>,
    /// Journal: the body of the request.
    #[serde(deserialize_with = "given", skip_serializing)]
    pub body: Option<BodyMatch>,
    /// Journal: the rows that were sent, and what became of them.
    #[serde(skip_serializing)]
    pub rows: Option<RowsMatch>,
    /// Journal: 200, "4xx", a list of them, or "none" when the client left before there was an answer.
    #[serde(deserialize_with = "statuses", skip_serializing)]
    #[schemars(with = "OneOrMany<Value>")]
    pub status: Vec<StatusMatch>,
    /// Who asks: the address, the `User-Agent`, the user name or the app token; `*` for any text. In the
    /// journal also an object of them by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientMatch>,
    /// Journal: the id of the fault that was applied, or whether there was one.
    #[serde(deserialize_with = "fault", skip_serializing)]
    pub fault: Option<Pattern>,
    /// Journal: `X-Socrata-RequestId`; `*` stands for any text.
    #[serde(deserialize_with = "given", skip_serializing)]
    pub request_id: Option<Pattern>,
    /// Journal: whether the connection was encrypted.
    #[serde(skip_serializing)]
    pub tls: Option<bool>,
    /// Journal: after the request with this number, or not before this time.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Value>")]
    pub since: Option<Since>,
    /// Faults: of the requests that match the rest only these, counted from 1.
    #[serde(
        deserialize_with = "one_or_many",
        serialize_with = "one_alone",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "OneOrMany<u64>")]
    pub nth: Vec<u64>,
    /// Faults: of the requests that match the rest each so-many-th.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Faults, uploads only: strikes when so many rows of the body were read. Nothing is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_rows: Option<u64>,
    /// Faults: the space whose requests are meant, if it is not the one of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
}

impl RequestMatch {
    /// Refuses the members that nothing is known about before a request is answered.
    pub fn for_fault(&self) -> Result<(), String> {
        let by_name = matches!(self.client, Some(ClientMatch::Facts(_)));
        let refused = [
            ("query", !self.query.is_empty()),
            ("body", self.body.is_some()),
            ("rows", self.rows.is_some()),
            ("status", !self.status.is_empty()),
            ("client as an object", by_name),
            ("fault", self.fault.is_some()),
            ("request_id", self.request_id.is_some()),
            ("tls", self.tls.is_some()),
            ("since", self.since.is_some()),
        ];
        match refused.iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(format!(
                "match: {name} is asked of the journal only; a fault knows method, path, headers, dataset, operation, client, nth, every, after_rows and space"
            )),
            None => Ok(()),
        }
    }

    /// Refuses the members by which faults count. `place` is where the match stands.
    pub fn for_journal(&self, place: &str) -> Result<(), String> {
        let refused = [
            ("nth", !self.nth.is_empty()),
            ("every", self.every.is_some()),
            ("after_rows", self.after_rows.is_some()),
            ("space", self.space.is_some()),
        ];
        match refused.iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(format!("{place}: {name} belongs to faults; the journal knows no {name}")),
            None => Ok(()),
        }
    }

    /// Whether requests by this method are meant.
    pub fn fits_method(&self, method: &str) -> bool {
        self.method.is_empty() || self.method.iter().any(|wanted| wanted.eq_ignore_ascii_case(method))
    }

    /// Whether requests of an operation with this name are meant.
    pub fn fits_operation(&self, name: &str) -> bool {
        self.operation.is_empty() || self.operation.iter().any(|wanted| wanted.name() == name)
    }

    /// Whether a request with this number, counted from 1 among those that match the rest, is meant.
    pub fn counts(&self, number: u64) -> bool {
        (self.nth.is_empty() || self.nth.contains(&number))
            && self.every.is_none_or(|every| every > 0 && number.is_multiple_of(every))
    }

    /// Whether an operation that writes rows can match.
    pub fn may_write(&self) -> bool {
        self.operation.is_empty() || self.operation.iter().any(|operation| operation.writes_rows())
    }
}
