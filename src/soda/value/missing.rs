//! Words that people and programs write where a value is missing.

/// Words for a missing value, in lower case.
const MISSING: [&str; 31] = [
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "<na>",
    "null",
    "(null)",
    "\\n",
    "none",
    "nil",
    "undefined",
    "nan",
    "nat",
    "-",
    "--",
    "---",
    "\u{2013}",
    "\u{2014}",
    "?",
    ".",
    "missing",
    "unknown",
    "(blank)",
    "blank",
    "#value!",
    "#ref!",
    "#div/0!",
    "#name?",
    "0000-00-00",
    "0000-00-00 00:00:00",
];

/// Whether a text is such a word.
pub fn stands_for_missing(text: &str) -> bool {
    MISSING.contains(&text.trim().to_lowercase().as_str())
}
