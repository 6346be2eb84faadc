//! What rules look at in a request, and whether they match it.

use super::rule::Match;
use crate::operation::Operation;
use http::HeaderMap;

/// A request as rules see it.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The id to remember it by.
    pub id: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// The path, without its query.
    pub path: &'a str,
    /// What it asks for.
    pub operation: Operation,
    /// The names of its dataset: as sent, and if there is such a dataset, 4x4 and resource name.
    pub dataset: &'a [String],
    /// The headers.
    pub headers: &'a HeaderMap,
    /// Who asks: address, `User-Agent`, user name, app token.
    pub client: &'a [String],
    /// The moment on the space's clock, in milliseconds since 1970.
    pub now_ms: i64,
}

impl Match {
    /// Whether the request is meant, its count and rows apart.
    pub fn takes(&self, asked: &Asked<'_>) -> bool {
        let any =
            |wanted: &[String], is: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(is);
        any(&self.method, &|m| m.eq_ignore_ascii_case(asked.method))
            && any(&self.operation, &|o| o == asked.operation.name())
            && any(&self.dataset, &|d| asked.dataset.contains(d))
            && self.path.as_ref().is_none_or(|p| fits(p, asked.path))
            && self.client.as_ref().is_none_or(|p| asked.client.iter().any(|c| fits(p, c)))
            && (self.after_rows.is_none() || asked.operation.writes_rows())
            && self.headers.iter().all(|(name, pattern)| header_fits(asked.headers, name, pattern.as_deref()))
    }

    /// Whether the request with this number, from 1, is one of those that are meant.
    pub fn counts(&self, number: u64) -> bool {
        (self.nth.is_empty() || self.nth.contains(&number))
            && self.every.is_none_or(|every| every > 0 && number.is_multiple_of(every))
    }
}

fn header_fits(headers: &HeaderMap, name: &str, pattern: Option<&str>) -> bool {
    match pattern {
        None => !headers.contains_key(name),
        Some(pattern) => headers
            .get_all(name)
            .iter()
            .any(|value| fits(pattern, &String::from_utf8_lossy(value.as_bytes()))),
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("/resource/*", "/resource/4tka-6guv.json", true),
            ("/resource/*", "/api/views", false),
            ("*.json", "/resource/4tka-6guv.json", true),
            ("/resource/*.csv", "/resource/4tka-6guv.json", false),
            ("/a/*/c/*", "/a/b/c/d", true),
            ("exact", "exact", true),
            ("exact", "exactly", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("*ab*ab*", "ab", false),
            ("*ab*ab*", "abab", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_fits_itself_with_any_part_replaced_by_a_star(text in "[a-c]{0,12}", from in 0_usize..12, len in 0_usize..12) {
            let from = from.min(text.len());
            let to = (from + len).min(text.len());
            let pattern = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(fits(&pattern, &text));
        }

        #[test]
        fn no_pattern_panics(pattern in ".{0,20}", text in ".{0,20}") {
            let _ = fits(&pattern, &text);
        }
    }

    fn everything_holds(text: &str, operation: Operation) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("x-batch", HeaderValue::from_static("7-of-9"));
        let asked = Asked {
            id: "r1",
            method: "POST",
            path: "/resource/earthquakes.json",
            operation,
            dataset: &["earthquakes", "4tka-6guv"].map(str::to_owned),
            headers: &headers,
            client: &["127.0.0.1", "python-requests/2.32", "publisher@example.com"].map(str::to_owned),
            now_ms: 0,
        };
        serde_json::from_str::<Match>(text).unwrap().takes(&asked)
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
            let matching: Match = serde_json::from_str(text).unwrap();
            let counted: Vec<bool> = (1..=6).map(|n| matching.counts(n)).collect();
            assert_eq!(counted, expected, "{text}");
        }
    }
}
