//! Dataset ids and the names of columns: rules and conversions.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A dataset's public id, such as `4tka-6guv`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FourByFour(String);

impl FourByFour {
    /// What generated ids are made of: letters and digits that do not look alike (recorded).
    pub const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

    /// Reads `xxxx-xxxx` of letters and digits, without regard to case (documented form).
    pub fn parse(text: &str) -> Option<Self> {
        let (left, right) = text.split_once('-')?;
        let part = |p: &str| p.len() == 4 && p.bytes().all(|b| b.is_ascii_alphanumeric());
        (part(left) && part(right)).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id of eight characters, of which only letters and digits make sense.
    pub fn of_letters(letters: [u8; 8]) -> Self {
        let (left, right) = letters.split_at(4);
        Self(format!("{}-{}", String::from_utf8_lossy(left), String::from_utf8_lossy(right)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FourByFour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form in which names are compared: NFKC, lower case, `-` as `_` (source: `AbstractName`).
pub fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect();
    }
    name.nfkc().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// The name that a misspelt one was probably meant to be: the nearest by insertions, deletions, replacements and
/// swaps, if these change less than the whole of either name and no more than one letter, and one more for each five.
pub fn nearest<'n>(misspelt: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters = misspelt.chars().count();
    let distances = names.into_iter().map(|name| (strsim::damerau_levenshtein(name, misspelt), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 5 && distance < letters.min(name.chars().count())).then_some(name)
}

/// The field name that a display name becomes: lower case, runs of other characters as `_`,
/// trimmed, `_` before a leading digit (wire contract; a guess, core is closed).
pub fn field_name_of(display_name: &str) -> String {
    let mut out = String::new();
    for c in display_name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    while out.ends_with('_') {
        out.pop();
    }
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// Whether the name can be a field name: a letter, `_` or `$` first, then letters, digits, `_`,
/// `$` or `-`; `:@` may stand in front (source: `ColumnSpecUtils`).
pub fn is_field_name(name: &str) -> bool {
    let rest = name.strip_prefix(":@").unwrap_or(name);
    let mut chars = rest.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$');
    first && name.len() <= 255 && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_become_field_names() {
        for (display, field) in [
            ("Earthquake ID", "earthquake_id"),
            ("2019 Budget ($)", "_2019_budget"),
            ("% change", "change"),
            ("a - b", "a_b"),
            ("", "_"),
            ("Größe", "gr_e"),
        ] {
            assert_eq!(field_name_of(display), field, "{display}");
        }
    }

    #[test]
    fn four_by_fours_are_read_without_case() {
        assert_eq!(FourByFour::parse("4TKA-6guv").unwrap().as_str(), "4tka-6guv");
        for bad in ["4tka6guv", "4tka-6gu", "4tka-6guv-", "4tka-6gü", ""] {
            assert!(FourByFour::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn names_fold_case_and_dashes() {
        assert_eq!(folded("Row-ID"), "row_id");
        assert_eq!(folded("ÄB"), "äb");
    }
}
