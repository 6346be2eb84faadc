//! Entries as JSON: the form that the admin API, the page and the command line share.

use super::{Captured, End, Ending, Entry, Headers, RowCounts, iso};
use serde_json::{Map, Value, json};

impl Entry {
    /// What a list shows.
    pub fn summary(&self, space: &str) -> Value {
        let mut map = Map::new();
        map.insert("id".into(), self.id.into());
        map.insert("request_id".into(), (*self.request_id).into());
        map.insert("at".into(), iso(self.at_ms).into());
        map.insert("duration_us".into(), self.ended().map(|end| end.duration_us).into());
        map.insert("space".into(), space.into());
        map.insert(
            "client".into(),
            json!({
                "address": self.client.address.map(|a| a.to_string()),
                "user": self.client.user,
                "app_token": self.client.app_token,
                "agent": self.agent(),
            }),
        );
        map.insert("tls".into(), self.tls.into());
        map.insert("method".into(), self.method.as_str().into());
        map.insert("path".into(), (*self.path).into());
        map.insert("query".into(), (*self.query).into());
        map.insert("operation".into(), self.operation.into());
        map.insert("dataset".into(), self.dataset.as_deref().into());
        map.insert("status".into(), self.status.into());
        map.insert("rows".into(), self.rows.map_or(Value::Null, RowCounts::json));
        map.insert("error".into(), self.error());
        let fault = self.fault.as_ref().map(|f| json!({ "id": f.id, "what": f.what }));
        map.insert("fault".into(), fault.into());
        map.insert("hint".into(), self.answer_headers.find("x-mock-hint").into());
        map.insert("ended".into(), self.ending().into());
        Value::Object(map)
    }

    /// Everything.
    pub fn detail(&self, space: &str) -> Value {
        let mut shown = self.summary(space);
        let Some(map) = shown.as_object_mut() else { return shown };
        let empty = Captured::default();
        let answer = self.ended().map_or(&empty, |end| &end.body);
        map.insert("request".into(), message(&self.headers, &self.body));
        map.insert("answer".into(), message(&self.answer_headers, answer));
        map.insert("fates".into(), self.fates.as_ref().map_or_else(Vec::new, |f| f.json()).into());
        let dropped = self.fates.as_ref().map_or(0, |f| f.kept.dropped);
        map.insert("fates_dropped".into(), dropped.into());
        let versions = self.versions.map(|(before, after)| json!({ "before": before, "after": after }));
        map.insert("data_version".into(), versions.into());
        map.insert("changes_url".into(), self.changes_url().into());
        shown
    }

    /// Where the rows that the request changed are told.
    fn changes_url(&self) -> Option<String> {
        let ((before, _), dataset) = (self.versions?, self.dataset.as_deref()?);
        Some(format!("/__mock/v1/datasets/{dataset}/changes?since={before}&request={}", self.id))
    }

    /// How far the answer came: `whole`, `cut`, `broken`, or null while it is under way.
    fn ending(&self) -> Option<&'static str> {
        self.ended().map(|end: &End| match end.how {
            Ending::Whole => "whole",
            Ending::Cut => "cut",
            Ending::Broken => "broken",
        })
    }

    /// Code and message of a refusal, read from its body; production has several envelopes.
    pub fn error(&self) -> Value {
        let Some(status) = self.status else {
            return json!({ "code": "client_closed_request", "message": "The client left before there was an answer" });
        };
        if status < 400 {
            return Value::Null;
        }
        let text = self.ended().and_then(|end| end.body.text());
        let body: Value = text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        let first =
            |names: [&str; 3]| names.iter().find_map(|n| body.get(n).filter(|v| v.is_string())).cloned();
        match (first(["code", "errorCode", "error"]), first(["message", "error_description", "detail"])) {
            (None, None) => Value::Null,
            (code, message) => json!({ "code": code, "message": message }),
        }
    }
}

fn message(headers: &Headers, body: &Captured) -> Value {
    let headers: Vec<[&str; 2]> = headers.iter().map(|(n, v)| [n, v]).collect();
    json!({ "headers": headers, "body": body.json() })
}
