//! Full-text search as PostgreSQL's `english` configuration does it: words folded, stop words
//! dropped, the rest stemmed; hosts, addresses and numbers are whole words.

use rust_stemmers::{Algorithm, Stemmer};
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::LazyLock;

/// PostgreSQL's English stop words (`english.stop`).
static STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself they them their theirs themselves what which who whom this that these those am is are was were be been being have has had having do does did doing a an the and but if or because as until while of at by for with about against between into through during before after above below to from up down in out on off over under again further then once here there when where why how all any both each few more most other some such no nor not only own same so than too very s t can will just don should now".split(' ').collect()
});

/// A query's words, read once for all rows.
#[derive(Default)]
struct Wanted {
    query: String,
    words: HashSet<String>,
}

thread_local! {
    static STEMMER: Stemmer = Stemmer::create(Algorithm::English);
    static WANTED: RefCell<Wanted> = RefCell::default();
}

/// Whether the text holds every word of the query; a query of stop words finds nothing.
pub fn search(query: &str, text: &str) -> bool {
    WANTED.with_borrow_mut(|wanted| {
        if wanted.query != query || wanted.words.is_empty() {
            query.clone_into(&mut wanted.query);
            wanted.words.clear();
            lexemes(query, &mut |word| {
                wanted.words.insert(word);
                true
            });
        }
        if wanted.words.is_empty() {
            return false;
        }
        let mut missing: HashSet<&str> = wanted.words.iter().map(String::as_str).collect();
        lexemes(text, &mut |word| {
            missing.remove(word.as_str());
            !missing.is_empty()
        });
        missing.is_empty()
    })
}

/// The words of a text, stemmed and without stop words.
pub fn words(text: &str) -> HashSet<String> {
    let mut words = HashSet::new();
    lexemes(text, &mut |word| {
        words.insert(word);
        true
    });
    words
}

/// Gives the words one by one until `take` has enough.
fn lexemes(text: &str, take: &mut impl FnMut(String) -> bool) {
    for chunk in text.split_whitespace() {
        if !of_chunk(&chunk.to_lowercase(), take) {
            return;
        }
    }
}

fn of_chunk(chunk: &str, take: &mut impl FnMut(String) -> bool) -> bool {
    let bare = chunk.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '-' | '+'));
    let address = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let (host, path) = address.split_once('/').map_or((address, None), |(h, p)| (h, Some(p)));
    if is_host(host.rsplit('@').next().unwrap_or(host)) {
        let mut parts = vec![host.to_owned()];
        if let Some(path) = path.filter(|p| !p.is_empty()) {
            parts.extend([address.to_owned(), format!("/{path}")]);
        }
        return parts.into_iter().all(take);
    }
    let number = bare.trim_start_matches(['-', '+']);
    if number.contains('.') && number.parse::<f64>().is_ok() {
        return take(bare.trim_start_matches('+').to_owned());
    }
    // A compound is a word of its own, beside its parts.
    let compound = bare.contains('-') && bare.chars().all(|c| c.is_alphabetic() || c == '-');
    if compound && !bare.starts_with('-') && !bare.ends_with('-') && !word(bare, take) {
        return false;
    }
    chunk.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).all(|w| word(w, take))
}

fn word(word: &str, take: &mut impl FnMut(String) -> bool) -> bool {
    STOP_WORDS.contains(word) || take(STEMMER.with(|stemmer| stemmer.stem(word).into_owned()))
}

/// `example.com`: labels with points between them, the last one of letters.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let fine =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let last = labels.last().copied().unwrap_or("");
    labels.len() > 1
        && labels.iter().all(fine)
        && last.len() > 1
        && last.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::search;

    #[test]
    fn words_are_stemmed_and_stop_words_dropped() {
        for (query, text, found) in [
            ("bridges", "the old bridge", true),
            ("the", "the old bridge", false),
            ("old road", "the old bridge", false),
            ("running", "He runs", true),
            ("o'malley", "O'Malley's Dock", true),
            ("", "anything", false),
            ("québec", "Québec survey", true),
            ("quebec", "Québec survey", false),
        ] {
            assert_eq!(search(query, text), found, "{query} in {text}");
        }
    }

    #[test]
    fn hosts_numbers_and_compounds_are_whole_words() {
        for (query, text, found) in [
            ("example.com", "https://example.com/dock", true),
            ("example", "https://example.com/dock", false),
            ("12.5", "about 12.5 km", true),
            ("12", "about 12.5 km", false),
            ("well-known", "a well-known place", true),
            ("known", "a well-known place", true),
            ("end", "the end.", true),
        ] {
            assert_eq!(search(query, text), found, "{query} in {text}");
        }
    }
}
