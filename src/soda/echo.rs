//! How much of a client's text a refusal repeats. A text that was sent may be many megabytes long, and the body of
//! a refusal repeats some texts more than once.

use serde_json::Value;
use std::borrow::Cow;

/// Characters of a text that a refusal repeats; more than any query in a URL has.
pub const MAX_ECHO: usize = 16_384;
/// Characters of a text in the body of a refusal: some words, and a few texts that are repeated.
const MAX_TEXT: usize = 4 * MAX_ECHO;

/// The beginning of a client's text, with `…` where it was cut.
pub fn echo(text: &str) -> Cow<'_, str> {
    cut(text, MAX_ECHO)
}

/// The body of a refusal, whose texts are cut.
#[must_use]
pub fn bounded(mut body: Value) -> Value {
    cut_all(&mut body);
    body
}

/// A text of a refusal, which was made of words and texts that are repeated.
pub fn bounded_text(text: String) -> String {
    match cut(&text, MAX_TEXT) {
        Cow::Owned(cut) => cut,
        Cow::Borrowed(_) => text,
    }
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}\u{2026}", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn cut_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = bounded_text(std::mem::take(text)),
        Value::Array(items) => items.iter_mut().for_each(cut_all),
        Value::Object(members) => members.values_mut().for_each(cut_all),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_repeated_up_to_its_bound() {
        for letter in ["a", "é", "🦀"] {
            let most = letter.repeat(MAX_ECHO);
            assert_eq!(echo(&most), most);
            assert_eq!(echo(&format!("{most}{letter}")), format!("{most}\u{2026}"));
        }
    }

    #[test]
    fn no_text_of_a_body_is_longer_than_its_bound() {
        let long = "x".repeat(1_000_000);
        let body = bounded(json!({ "a": long, "b": [{ "c": long }], "d": 1, "e": "short" }));
        let cut = format!("{}\u{2026}", "x".repeat(MAX_TEXT));
        assert_eq!(body, json!({ "a": cut, "b": [{ "c": cut }], "d": 1, "e": "short" }));
    }
}
