//! What a request has to be like.

use super::client::ClientMatch;
use super::one_or_many::{OneOrMany, one_alone, one_or_many};
use super::pattern::Pattern;
use super::recorded::{BodyMatch, RowsMatch, Since, StatusMatch, given, like_or_present, statuses};
use super::search::{SearchText, row_key};
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
    #[serde(deserialize_with = "like_or_present", skip_serializing)]
    pub fault: Option<Pattern>,
    /// Journal: a text that is anywhere in the request or its answer, in any case of letters: method, path, query,
    /// headers, bodies as far as they are kept, the client, the error, the fault, the reasons of row errors.
    #[serde(skip_serializing)]
    pub text: Option<SearchText>,
    /// Journal: the row identifier, or `:id`, of a row that was sent or asked for.
    #[serde(deserialize_with = "row_key", skip_serializing)]
    pub key: Option<String>,
    /// Journal: the code of a row's error, such as `no_such_row_to_delete`, where `*` stands for any text; or
    /// whether there was one.
    #[serde(deserialize_with = "like_or_present", skip_serializing)]
    pub row_error: Option<Pattern>,
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
            ("text", self.text.is_some()),
            ("key", self.key.is_some()),
            ("row_error", self.row_error.is_some()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<RequestMatch, String> {
        serde_path_to_error::deserialize(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_member_is_named_by_its_path() {
        for (value, says) in [
            (json!({ "methd": "GET" }), "methd: unknown field `methd`, expected one of `method`, `path`"),
            (json!({ "method": ["GET", {}] }), "method[1]: invalid type: map"),
            (json!({ "path": { "regexp": "x" } }), "path.regexp: unknown field"),
            (json!({ "headers": { "x": [] } }), "headers.x: invalid type: sequence"),
            (json!({ "body": { "json_path": { "$[": 1 } } }), "body.json_path: \"$[\" is no JSONPath"),
            (json!({ "rows": { "contains": [{}, 1] } }), "rows.contains[1]: invalid type: integer"),
            (json!({ "operation": ["upsert", "upsrt"] }), "operation[1]: there is no operation \"upsrt\""),
            (json!({ "status": "2xx,soon" }), "status: \"soon\" is no status"),
            (json!({ "client": { "name": "x" } }), "client.name: unknown field"),
            (json!({ "since": "soon" }), "since: \"soon\" is neither"),
            (json!({ "text": "" }), "text: a text to search for has 1 to 1000 characters, this one 0"),
            (json!({ "text": "x".repeat(1001) }), "text: a text to search for has 1 to 1000"),
            (json!({ "key": null }), "key: null is no row identifier"),
        ] {
            let error = read(&value).unwrap_err();
            assert!(error.starts_with(says), "{value}: {error}");
        }
    }

    #[test]
    fn each_side_refuses_what_only_the_other_knows() {
        for (value, fault, journal) in [
            (json!({}), true, true),
            (
                json!({ "method": "GET", "path": "/x*", "dataset": ["a", "b"], "operation": "query" }),
                true,
                true,
            ),
            (json!({ "headers": { "x": null }, "client": "10.*" }), true, true),
            (json!({ "nth": [1, 2] }), true, false),
            (json!({ "every": 2 }), true, false),
            (json!({ "after_rows": 5 }), true, false),
            (json!({ "space": "t1" }), true, false),
            (json!({ "query": { "$limit": 5 } }), false, true),
            (json!({ "body": null }), false, true),
            (json!({ "rows": { "errors": 0 } }), false, true),
            (json!({ "status": [200, "4xx", "none"] }), false, true),
            (json!({ "client": { "user": null } }), false, true),
            (json!({ "fault": true }), false, true),
            (json!({ "request_id": "a*" }), false, true),
            (json!({ "text": "(" }), false, true),
            (json!({ "key": 5 }), false, true),
            (json!({ "row_error": true }), false, true),
            (json!({ "tls": true }), false, true),
            (json!({ "since": 7 }), false, true),
        ] {
            let read = read(&value).unwrap();
            assert_eq!(
                (read.for_fault().is_ok(), read.for_journal("match").is_ok()),
                (fault, journal),
                "{value}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_json_panics(name in "[a-z_]{1,12}", inner in "[a-z_]{1,12}", text in ".{0,12}", number in any::<f64>()) {
            for member in ["method", "path", "query", "headers", "body", "rows", "status", "client", "since", &name] {
                for value in [json!(text), json!(number), json!([text, number]), json!({ &inner: text })] {
                    let _ = read(&json!({ member: value }));
                }
            }
        }
    }
}
