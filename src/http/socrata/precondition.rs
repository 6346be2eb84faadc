//! Conditional reads: 304 when the client has the answer, 412 when it expects another (source:
//! soda-fountain's `Precondition`).

use http::HeaderMap;
use http::header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};

/// What the conditions of a request say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precondition {
    /// Answer with rows.
    GoOn,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

/// Whether there is anything to check.
pub(super) fn is_conditional(headers: &HeaderMap) -> bool {
    [IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE]
        .iter()
        .any(|name| headers.contains_key(name))
}

/// Judges by the tag and the time of the last change, in Unix milliseconds.
pub(super) fn judge(headers: &HeaderMap, tag: &str, modified_ms: i64) -> Precondition {
    let modified = modified_ms.div_euclid(1000);
    if headers.contains_key(IF_MATCH) {
        if !names(headers, &IF_MATCH, tag) {
            return Precondition::Failed;
        }
    } else if date(headers, &IF_UNMODIFIED_SINCE).is_some_and(|since| modified > since) {
        return Precondition::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        return if names(headers, &IF_NONE_MATCH, tag) {
            Precondition::NotModified
        } else {
            Precondition::GoOn
        };
    }
    match date(headers, &IF_MODIFIED_SINCE) {
        Some(since) if modified <= since => Precondition::NotModified,
        _ => Precondition::GoOn,
    }
}

/// Whether one of the tags is ours; proxies may have made it weak.
fn names(headers: &HeaderMap, name: &HeaderName, tag: &str) -> bool {
    let mut values = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    values.any(|v| v.split(',').map(str::trim).any(|t| t == "*" || t.trim_start_matches("W/") == tag))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn conditions_are_judged_by_tag_then_by_time() {
        let modified = 1_700_000_000_500;
        for (name, value, expected) in [
            (IF_NONE_MATCH, "\"a\"", Precondition::NotModified),
            (IF_NONE_MATCH, "\"b\", W/\"a\"", Precondition::NotModified),
            (IF_NONE_MATCH, "*", Precondition::NotModified),
            (IF_NONE_MATCH, "\"b\"", Precondition::GoOn),
            (IF_MATCH, "\"a\"", Precondition::GoOn),
            (IF_MATCH, "\"b\"", Precondition::Failed),
            (IF_MODIFIED_SINCE, "Tue, 14 Nov 2023 22:13:20 GMT", Precondition::NotModified),
            (IF_MODIFIED_SINCE, "Tue, 14 Nov 2023 22:13:19 GMT", Precondition::GoOn),
            (IF_MODIFIED_SINCE, "yesterday", Precondition::GoOn),
            (IF_UNMODIFIED_SINCE, "Tue, 14 Nov 2023 22:13:19 GMT", Precondition::Failed),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(&name, HeaderValue::from_static(value));
            assert!(is_conditional(&headers));
            assert_eq!(judge(&headers, "\"a\"", modified), expected, "{name}: {value}");
        }
    }
}
