//! Text as PostgreSQL treats it, and full-text search.

use super::{Ran, RuntimeError};
use unicode_normalization::UnicodeNormalization as _;

/// Whole-string match: `%` any run, `_` one character, `\` takes the next character as it is.
pub fn like(text: &str, pattern: &str) -> Ran<bool> {
    let pattern = like_pattern(pattern)?;
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Like::Any) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(Like::One) => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            Some(Like::Char(c)) if *c == text[t] => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            _ => {}
        }
        let Some((at, from)) = retry else { return Ok(false) };
        retry = Some((at, from + 1));
        (p, t) = (at + 1, from + 1);
    }
    Ok(pattern[p..].iter().all(|part| *part == Like::Any))
}

#[derive(PartialEq)]
enum Like {
    Any,
    One,
    Char(char),
}

fn like_pattern(pattern: &str) -> Ran<Vec<Like>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '%' => Like::Any,
            '_' => Like::One,
            '\\' => {
                let escaped = chars.next();
                Like::Char(
                    escaped.ok_or_else(|| {
                        RuntimeError::failed("LIKE pattern must not end with escape character")
                    })?,
                )
            }
            other => Like::Char(other),
        });
    }
    Ok(out)
}

/// One-to-one case mapping: a letter whose other case is longer stays.
pub fn upper(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_uppercase())).collect()
}

/// See `upper`.
pub fn lower(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_lowercase())).collect()
}

fn single(own: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => c,
        _ => own,
    }
}

/// Letters without their accents, after PostgreSQL's `unaccent` rules.
pub fn unaccent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd() {
        match c {
            '\u{300}'..='\u{36f}' => {}
            'ß' => out.push_str("ss"),
            'Æ' => out.push_str("AE"),
            'æ' => out.push_str("ae"),
            'Œ' => out.push_str("OE"),
            'œ' => out.push_str("oe"),
            'Ø' => out.push('O'),
            'ø' => out.push('o'),
            'Đ' | 'Ð' => out.push('D'),
            'đ' | 'ð' => out.push('d'),
            'Ł' => out.push('L'),
            'ł' => out.push('l'),
            'Þ' => out.push_str("TH"),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            'Ħ' => out.push('H'),
            'ħ' => out.push('h'),
            'ŀ' => out.push('l'),
            'Ŋ' => out.push('N'),
            'ŋ' => out.push('n'),
            other => out.push(other),
        }
    }
    out
}

/// 1-based; places before the first use up length.
pub fn substring(text: &str, start: i64, length: Option<i64>) -> Ran<String> {
    if length.is_some_and(|n| n < 0) {
        return Err(RuntimeError::failed("negative substring length not allowed"));
    }
    let end = length.map_or(i64::MAX, |n| start.saturating_add(n));
    let skip = usize::try_from(start.max(1) - 1).unwrap_or(0);
    let take = usize::try_from(end.saturating_sub(start.max(1)).max(0)).unwrap_or(0);
    Ok(text.chars().skip(skip).take(take).collect())
}

/// The n-th field, from the end when negative.
pub fn split_part(text: &str, separator: &str, n: i64) -> Ran<String> {
    if n == 0 {
        return Err(RuntimeError::new("field position must not be zero"));
    }
    let fields: Vec<&str> = if separator.is_empty() { vec![text] } else { text.split(separator).collect() };
    let index =
        if n > 0 { usize::try_from(n - 1).ok() } else { fields.len().checked_sub(n.unsigned_abs() as usize) };
    Ok(index.and_then(|i| fields.get(i)).map_or_else(String::new, |f| (*f).to_owned()))
}

/// To `n` characters; longer text is cut on the right.
pub fn pad(text: &str, n: i64, fill: &str, left: bool) -> Ran<String> {
    let wanted = usize::try_from(n.max(0)).unwrap_or(0);
    if wanted > 10_000_000 {
        return Err(RuntimeError::failed("requested length too large"));
    }
    let count = text.chars().count();
    if count >= wanted || fill.is_empty() {
        return Ok(text.chars().take(wanted).collect());
    }
    let padding: String = fill.chars().cycle().take(wanted - count).collect();
    Ok(if left { padding + text } else { text.to_owned() + &padding })
}

/// The character of a code point.
pub fn chr(n: i64) -> Ran<String> {
    let c = u32::try_from(n).ok().filter(|n| *n > 0).and_then(char::from_u32);
    c.map(String::from).ok_or_else(|| RuntimeError::failed("requested character not valid for encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_case_sensitive_and_whole() {
        for (text, pattern, expected) in [
            ("Cedar", "C%", true),
            ("Cedar", "c%", false),
            ("Cedar", "_edar", true),
            ("a%b", "a\\%b", true),
            ("axb", "a\\%b", false),
            ("", "%", true),
            ("abcabd", "%abd", true),
        ] {
            assert_eq!(like(text, pattern).unwrap(), expected, "{text} {pattern}");
        }
        assert!(like("a", "a\\").is_ok_and(|m| !m) || like("a", "a\\").is_err());
    }

    #[test]
    fn parts_of_text() {
        assert_eq!(substring("Cedar", -1, Some(4)).unwrap(), "Ce");
        assert_eq!(split_part("a,b,c", ",", -1).unwrap(), "c");
        assert_eq!(pad("abc", 5, "xy", true).unwrap(), "xyabc");
        assert_eq!(pad("abcdef", 3, "x", true).unwrap(), "abc");
        assert_eq!(unaccent("Crème Ærø straße"), "Creme AEro strasse");
    }
}
