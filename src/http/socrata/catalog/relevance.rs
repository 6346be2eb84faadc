//! How well an asset answers a text search.
//!
//! Documented: which fields are searched, that words are stemmed, and how many of them have to match.
//! The weights are ours: production's come out of its search engine.

use super::asset::Asset;
use super::refusal::bad;
use crate::http::error::ApiError;
use crate::store::functions::search_words;
use std::collections::HashSet;

/// What has to match when nothing is said (documented).
const DEFAULT_MATCH: &str = "3<60%";
/// Words of a search; more would be no question of a person.
const MAX_WORDS: usize = 100;

/// The weight of a word in a field.
const NAME: f64 = 4.0;
const LABELS: f64 = 2.0;
const TEXTS: f64 = 1.0;

/// A text search.
pub struct Search {
    words: Vec<String>,
    required: usize,
}

impl Search {
    /// A search for a text; `min_should_match` in the form of the search engine.
    pub fn new(text: &str, min_should_match: Option<&str>) -> Result<Self, ApiError> {
        let mut words: Vec<String> = search_words(text).into_iter().collect();
        words.sort();
        if words.len() > MAX_WORDS {
            return Err(bad(format!("'q' has more than {MAX_WORDS} words"), "Search for fewer words."));
        }
        let rule = min_should_match.unwrap_or(DEFAULT_MATCH);
        let required = required(words.len(), rule).ok_or_else(|| {
            bad(
                format!("'min_should_match' is no rule: {rule}"),
                "Write a number of words (2), a share (75%), or shares by number of words (3<60%).",
            )
        })?;
        Ok(Self { words, required: required.max(1) })
    }

    /// How well an asset fits; none when too few words are found.
    pub fn score(&self, asset: &Asset<'_>) -> Option<f64> {
        let fields = fields(asset);
        let weight = |word: &str| {
            let found = fields.iter().filter(|(_, words)| words.contains(word)).map(|(weight, _)| *weight);
            found.fold(0.0, f64::max)
        };
        let weights: Vec<f64> = self.words.iter().map(|word| weight(word)).collect();
        let matched = weights.iter().filter(|weight| **weight > 0.0).count();
        (matched >= self.required).then(|| weights.iter().sum())
    }
}

/// The searched fields with their weights (the fields are documented).
fn fields(asset: &Asset<'_>) -> [(f64, HashSet<String>); 3] {
    let dataset = asset.dataset;
    let words = |texts: &mut dyn Iterator<Item = &str>| texts.flat_map(search_words).collect();
    let labels = dataset.text("category").into_iter().chain(dataset.tags());
    let columns = dataset.columns.iter().flat_map(|column| {
        let description = column.extra.get("description").and_then(serde_json::Value::as_str);
        [Some(column.name.as_str()), Some(column.field_name.as_str()), description].into_iter().flatten()
    });
    let texts = ["description", "attribution"].into_iter().filter_map(|member| dataset.text(member));
    [
        (NAME, search_words(&dataset.name)),
        (LABELS, words(&mut { labels })),
        (TEXTS, words(&mut texts.chain(columns))),
    ]
}

/// How many of so many words have to match: a number or a share, which count from the end when they are
/// negative, or several of them with the number of words that each is for (documented by reference to
/// the search engine).
fn required(words: usize, rule: &str) -> Option<usize> {
    let words = i64::try_from(words).ok()?;
    let mut result = words;
    if rule.contains('<') {
        for part in rule.split_whitespace() {
            let (bound, rule) = part.split_once('<')?;
            if words <= bound.parse().ok()? {
                break;
            }
            result = simple(words, rule)?;
        }
    } else {
        result = simple(words, rule.trim())?;
    }
    usize::try_from(result.clamp(0, words)).ok()
}

fn simple(words: i64, rule: &str) -> Option<i64> {
    let count = match rule.strip_suffix('%') {
        Some(share) => words.checked_mul(share.parse().ok()?)? / 100,
        None => rule.parse().ok()?,
    };
    Some(if count < 0 { words.saturating_add(count) } else { count })
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn rules_say_how_many_words_have_to_match() {
        for (words, rule, expected) in [
            (3, "3<60%", Some(3)),
            (5, "3<60%", Some(3)),
            (10, "3<60%", Some(6)),
            (5, "2", Some(2)),
            (1, "2", Some(1)),
            (5, "-1", Some(4)),
            (5, "-9", Some(0)),
            (5, "75%", Some(3)),
            (5, "-25%", Some(4)),
            (5, "100%", Some(5)),
            (2, "2<-25% 9<-3", Some(2)),
            (5, "2<-25% 9<-3", Some(4)),
            (12, "2<-25% 9<-3", Some(9)),
            (3, "", None),
            (3, "many", None),
            (3, "a<60%", None),
            (3, "2<", None),
            (3, "99999999999999999999", None),
            (3, "9999999999999999999%", None),
        ] {
            assert_eq!(required(words, rule), expected, "{words} {rule}");
        }
    }
}
