//! Letters without their accents, by the rules of PostgreSQL's dictionary of that name. They are no
//! decomposition of Unicode: Hangul stays whole, and signs such as © have a spelling.

use super::{Ran, RuntimeError};
use crate::soql::bound::{Bound, MAX_TEXT};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The table with the notice of its licence in front of it.
const RULES: &str = include_str!("unaccent.txt");

/// What each character becomes; all others stay.
static REPLACEMENTS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let table = RULES.split_once("----\n").map_or("", |(_, table)| table);
    let rules = table.lines().filter_map(|line| line.split_once('\t'));
    rules.flat_map(|(replacement, sources)| sources.chars().map(move |c| (c, replacement))).collect()
});

/// The text with every character replaced that there is a rule for.
pub fn unaccent(text: &str) -> Ran<String> {
    if text.is_ascii() {
        return Ok(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match REPLACEMENTS.get(&c) {
            Some(replacement) => out.push_str(replacement),
            None => out.push(c),
        }
    }
    if out.len() > MAX_TEXT.max(text.len()) { Err(RuntimeError::Bound(Bound::Text)) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_go_and_other_scripts_stay() {
        for (text, expected) in [
            ("Crème Ærø straße", "Creme AEro strasse"),
            ("한글 カガ", "한글 カガ"),
            ("Ёлка", "Елка"),
            ("½ © ± ℃", "1/2 (C) +/- °C"),
            ("e\u{301}", "e"),
        ] {
            assert_eq!(unaccent(text).unwrap(), expected);
        }
    }

    /// The figures are those of `unaccent(chr(i))` of PostgreSQL 15 over all code points: how many change,
    /// and an FNV hash of each with what it becomes. Beyond these it changes none.
    #[test]
    fn every_character_is_treated_as_in_postgresql() {
        let (mut count, mut hash) = (0, 0u64);
        for c in '\u{1}'..='\u{1ffff}' {
            let text = c.to_string();
            let replaced = unaccent(&text).unwrap();
            if replaced != text {
                count += 1;
                for byte in format!("{text}\t{replaced}\n").bytes() {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        assert!(REPLACEMENTS.keys().all(|c| *c <= '\u{1ffff}'));
        assert_eq!((count, hash), (1_650, 7_390_184_841_930_547_057));
    }
}
