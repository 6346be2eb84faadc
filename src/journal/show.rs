//! Entries as the admin API, the page and the command line show them.

use super::{Captured, End, Ending, Entry, Headers, RowOutcomes};
use crate::api::{Client, Message, RequestDetail, RequestError, RequestSummary, VersionsBeforeAfter};
use crate::clock::iso_millis;
use serde_json::Value;

impl Entry {
    /// What a list shows.
    pub fn summary(&self, space: &str) -> RequestSummary {
        RequestSummary {
            id: self.id,
            request_id: self.request_id.to_string(),
            at: iso_millis(self.at_ms),
            duration_us: self.ended().map(|end| end.duration_us),
            space: space.to_owned(),
            client: Client {
                address: self.client.address.map(|address| address.to_string()),
                user: self.client.user.as_deref().map(str::to_owned),
                app_token: self.client.app_token.as_deref().map(str::to_owned),
                agent: self.agent().map(str::to_owned),
            },
            tls: self.tls,
            method: self.method.to_string(),
            path: self.path.to_string(),
            query: self.query.to_string(),
            operation: self.operation.to_owned(),
            dataset: self.dataset.as_deref().map(str::to_owned),
            status: self.status,
            rows: self.rows,
            error: self.error(),
            fault: self.fault.clone(),
            hint: self.answer_headers.find("x-mock-hint").map(str::to_owned),
            ended: self.ending().map(str::to_owned),
        }
    }

    /// Everything.
    pub fn detail(&self, space: &str) -> RequestDetail {
        let empty = Captured::default();
        let answer = self.ended().map_or(&empty, |end| &end.body);
        RequestDetail {
            summary: self.summary(space),
            request: message(&self.headers, &self.body),
            answer: message(&self.answer_headers, answer),
            fates: self.outcomes.as_ref().map_or_else(Vec::new, RowOutcomes::shown),
            fates_dropped: self.outcomes.as_ref().map_or(0, |outcomes| outcomes.kept.dropped),
            data_version: self.versions.map(|(before, after)| VersionsBeforeAfter { before, after }),
            changes_url: self.changes_url(),
        }
    }

    /// Where the rows that the request changed are told.
    fn changes_url(&self) -> Option<String> {
        let ((before, _), dataset) = (self.versions?, self.dataset.as_deref()?);
        Some(format!("/__mock/v1/datasets/{dataset}/changes?since={before}&request={}", self.id))
    }

    /// How far the answer came; none while it is under way.
    fn ending(&self) -> Option<&'static str> {
        self.ended().map(|end: &End| match end.how {
            Ending::Whole => "whole",
            Ending::Cut => "cut",
            Ending::Broken => "broken",
        })
    }

    /// Code and message of a refusal, read from its body; production has several envelopes.
    pub fn error(&self) -> Option<RequestError> {
        let Some(status) = self.status else {
            let message = "The client left before there was an answer".to_owned();
            return Some(RequestError {
                code: Some("client_closed_request".to_owned()),
                message: Some(message),
            });
        };
        if status < 400 {
            return None;
        }
        let text = self.ended().and_then(|end| end.body.text());
        let body: Value = text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        let first =
            |names: [&str; 3]| names.iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned));
        let code = first(["code", "errorCode", "error"]);
        let message = first(["message", "error_description", "detail"]);
        (code.is_some() || message.is_some()).then_some(RequestError { code, message })
    }
}

fn message(headers: &Headers, body: &Captured) -> Message {
    let headers = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Message { headers, body: body.shown() }
}
