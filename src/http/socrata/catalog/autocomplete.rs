//! Titles and tags that begin as a text begins: characters match, not words (documented).

use super::asset::Asset;
use serde::Serialize;
use std::collections::BTreeSet;

/// A title that fits.
#[derive(Serialize)]
pub struct Title {
    /// The title with what matched marked in HTML.
    display_title: String,
    title: String,
    /// Only when titles are not told once each.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A tag that fits.
#[derive(Serialize)]
pub struct Tag {
    tag_text: String,
    matches: Vec<Span>,
}

/// Where a match lies, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Span {
    start: usize,
    length: usize,
}

/// Titles in their order, each once or with the ids of their assets. An empty text fits all.
pub fn titles(assets: &[Asset<'_>], text: &str, once_each: bool) -> Vec<Title> {
    let mut found: Vec<(&str, &str, Vec<Span>)> = assets
        .iter()
        .filter_map(|asset| {
            let title = asset.dataset.name.as_str();
            Some((title, asset.dataset.id.as_str(), matches(title, text)?))
        })
        .collect();
    found.sort_by_key(|(title, id, _)| (title.to_lowercase(), *title, *id));
    if once_each {
        found.dedup_by_key(|(title, ..)| *title);
    }
    let shown = |(title, id, spans): (&str, &str, Vec<Span>)| Title {
        display_title: marked(title, &spans),
        title: title.to_owned(),
        id: (!once_each).then(|| id.to_owned()),
    };
    found.into_iter().map(shown).collect()
}

/// Tags in their order, each once.
pub fn tags(assets: &[Asset<'_>], text: &str) -> Vec<Tag> {
    let tags: BTreeSet<&str> = assets.iter().flat_map(|asset| asset.dataset.tags()).collect();
    let fitting = tags.into_iter().filter_map(|tag| Some((tag, matches(tag, text)?)));
    fitting.map(|(tag, matches)| Tag { tag_text: tag.to_owned(), matches }).collect()
}

/// Where each word of the text begins a word of the title; none unless all do.
fn matches(title: &str, text: &str) -> Option<Vec<Span>> {
    let letters: Vec<char> = title.chars().collect();
    let mut spans = Vec::new();
    for wanted in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let wanted: Vec<char> = wanted.chars().collect();
        let begins = |at: usize| {
            let fresh = at == 0 || !letters[at - 1].is_alphanumeric();
            let rest = &letters[at..];
            fresh && rest.len() >= wanted.len() && rest.iter().zip(&wanted).all(|(a, b)| same_letter(*a, *b))
        };
        let start = (0..letters.len()).find(|at| begins(*at))?;
        spans.push(Span { start, length: wanted.len() });
    }
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.length)));
    spans.dedup_by_key(|span| span.start);
    Some(spans)
}

fn same_letter(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase())
}

fn marked(title: &str, spans: &[Span]) -> String {
    let mut out = String::new();
    for (at, c) in title.chars().enumerate() {
        if spans.iter().any(|span| span.start == at) {
            out.push_str("<span class=highlight>");
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
        if spans.iter().any(|span| span.start + span.length == at + 1) {
            out.push_str("</span>");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{marked, matches};

    #[test]
    fn what_begins_a_word_is_marked() {
        for (title, text, expected) in [
            ("Sold Fleet Equipment", "fleet", Some("Sold <span class=highlight>Fleet</span> Equipment")),
            (
                "Sold Fleet Equipment",
                "fl eq",
                Some("Sold <span class=highlight>Fl</span>eet <span class=highlight>Eq</span>uipment"),
            ),
            ("Sold Fleet", "leet", None),
            ("Sold Fleet", "fleet x", None),
            ("a < b & c", "b", Some("a &lt; <span class=highlight>b</span> &amp; c")),
            ("ÄPFEL", "äpf", Some("<span class=highlight>ÄPF</span>EL")),
            ("aa", "a aa", Some("<span class=highlight>aa</span>")),
            ("Anything", "", Some("Anything")),
        ] {
            let shown = matches(title, text).map(|spans| marked(title, &spans));
            assert_eq!(shown.as_deref(), expected, "{title} {text}");
        }
    }
}
