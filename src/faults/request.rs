//! What rules look at in a request, and whether they match it.

use crate::matching::{ClientMatch, Pattern, RequestMatch};
use crate::operation::Operation;
use http::HeaderMap;

/// A request as rules see it.
#[derive(Debug)]
pub struct FaultRequest<'a> {
    /// The id to remember it by.
    pub id: &'a str,
    pub method: &'a str,
    /// The path, without its query.
    pub path: &'a str,
    /// What it asks for.
    pub operation: Operation,
    /// The names of its dataset: as sent, and if there is such a dataset, 4x4 and resource name.
    pub dataset: &'a [String],
    pub headers: &'a HeaderMap,
    /// Who asks: address, `User-Agent`, user name, app token.
    pub client: &'a [String],
    /// The moment on the space's clock, in milliseconds since 1970.
    pub now_ms: i64,
}

impl FaultRequest<'_> {
    /// Whether a rule means this request, its count and rows apart.
    pub fn is_meant(&self, wanted: &RequestMatch) -> bool {
        wanted.fits_method(self.method)
            && wanted.fits_operation(self.operation.name())
            && (wanted.dataset.is_empty() || wanted.dataset.iter().any(|name| self.dataset.contains(name)))
            && wanted.path.as_ref().is_none_or(|pattern| pattern.fits(Some(self.path)))
            && wanted.client.as_ref().is_none_or(|client| self.is_from(client))
            && (wanted.after_rows.is_none() || self.operation.writes_rows())
            && wanted.headers.iter().all(|(name, pattern)| self.has_header(name, pattern))
    }

    fn is_from(&self, client: &ClientMatch) -> bool {
        match client {
            ClientMatch::Any(text) => {
                let pattern = Pattern::Text(text.clone());
                self.client.iter().any(|fact| pattern.fits(Some(fact)))
            }
            // Refused when a rule is armed.
            ClientMatch::Facts(_) => false,
        }
    }

    fn has_header(&self, name: &str, pattern: &Pattern) -> bool {
        let mut values = self.headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            return pattern.fits(None);
        }
        values.any(|value| pattern.fits(Some(&String::from_utf8_lossy(value.as_bytes()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn everything_holds(text: &str, operation: Operation) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("x-batch", HeaderValue::from_static("7-of-9"));
        let request = FaultRequest {
            id: "r1",
            method: "POST",
            path: "/resource/earthquakes.json",
            operation,
            dataset: &["earthquakes", "4tka-6guv"].map(str::to_owned),
            headers: &headers,
            client: &["127.0.0.1", "python-requests/2.32", "publisher@example.com"].map(str::to_owned),
            now_ms: 0,
        };
        request.is_meant(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn everything_that_is_given_has_to_hold() {
        for (text, expected) in [
            ("{}", true),
            (r#"{"method":"post"}"#, true),
            (r#"{"method":["PUT","DELETE"]}"#, false),
            (r#"{"path":"/resource/*"}"#, true),
            (r#"{"path":"/resource/*","method":"GET"}"#, false),
            (r#"{"dataset":"4tka-6guv"}"#, true),
            (r#"{"dataset":"earthquakes"}"#, true),
            (r#"{"dataset":["aaaa-aaaa","4tka-6guv"]}"#, true),
            (r#"{"dataset":"aaaa-aaaa"}"#, false),
            (r#"{"operation":"upsert"}"#, true),
            (r#"{"operation":["replace","query"]}"#, false),
            (r#"{"headers":{"X-Batch":"7-*"}}"#, true),
            (r#"{"headers":{"X-Batch":"8-*"}}"#, false),
            (r#"{"headers":{"X-Batch":null}}"#, false),
            (r#"{"headers":{"X-Other":null}}"#, true),
            (r#"{"headers":{"X-Other":"*"}}"#, false),
            (r#"{"headers":{"X-Batch":{"regex":"^[0-9]-"}},"path":{"contains":"earth"}}"#, true),
            (r#"{"headers":{"X-Batch":{"equals":"7-*"}}}"#, false),
            (r#"{"client":"python-requests/*"}"#, true),
            (r#"{"client":"publisher@example.com"}"#, true),
            (r#"{"client":"10.*"}"#, false),
            (r#"{"after_rows":5}"#, true),
        ] {
            assert_eq!(everything_holds(text, Operation::Upsert), expected, "{text}");
        }
        assert!(!everything_holds(r#"{"after_rows":5}"#, Operation::Query));
    }

    #[test]
    fn nth_and_every_count_from_one() {
        for (text, expected) in [
            ("{}", [true, true, true, true, true, true]),
            (r#"{"nth":1}"#, [true, false, false, false, false, false]),
            (r#"{"nth":[2,5]}"#, [false, true, false, false, true, false]),
            (r#"{"every":3}"#, [false, false, true, false, false, true]),
            (r#"{"every":2,"nth":4}"#, [false, false, false, true, false, false]),
        ] {
            let matching: RequestMatch = serde_json::from_str(text).unwrap();
            let counted: Vec<bool> = (1..=6).map(|n| matching.counts(n)).collect();
            assert_eq!(counted, expected, "{text}");
        }
    }
}
