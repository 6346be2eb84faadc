//! Text as PostgreSQL treats it.

use super::held::hold;
use super::stop::Steps;
use super::{Ran, RuntimeError};
use crate::soql::bound::{Bound, MAX_TEXT};

const TOO_LONG: RuntimeError = RuntimeError::Bound(Bound::Text);

/// Whole-string match: `%` any run, `_` one character, `\` takes the next character as it is.
pub fn like(text: &str, pattern: &str) -> Ran<bool> {
    if pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
        return Err(RuntimeError::failed("LIKE pattern must not end with escape character"));
    }
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    // Where the last `%` may try again: one character later, with what stands behind it.
    let mut again: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    let mut steps = Steps::default();
    while steps.go_on() {
        let mut rest = pattern.clone();
        let part = Like::next(&mut rest);
        if part == Some(Like::Any) {
            pattern = rest;
            again = Some((text.clone(), pattern.clone()));
            continue;
        }
        let mut tail = text.clone();
        let fits = match (tail.next(), part) {
            (None, None) => return Ok(true),
            (None, Some(_)) => return Ok(false),
            (Some(_), Some(Like::One)) => true,
            (Some(c), Some(Like::Char(wanted))) => c == wanted,
            _ => false,
        };
        if fits {
            (text, pattern) = (tail, rest);
            continue;
        }
        let Some((from, behind)) = &mut again else { return Ok(false) };
        from.next();
        (text, pattern) = (from.clone(), behind.clone());
    }
    Ok(false)
}

#[derive(PartialEq)]
enum Like {
    Any,
    One,
    Char(char),
}

impl Like {
    /// The next part of a pattern.
    fn next(pattern: &mut std::str::Chars<'_>) -> Option<Self> {
        Some(match pattern.next()? {
            '%' => Self::Any,
            '_' => Self::One,
            '\\' => Self::Char(pattern.next()?),
            other => Self::Char(other),
        })
    }
}

/// Both, one behind the other.
pub fn concat(first: &str, second: &str) -> Ran<String> {
    if first.len() + second.len() > MAX_TEXT {
        return Err(TOO_LONG);
    }
    hold(first.len() + second.len())?;
    Ok([first, second].concat())
}

/// In capital letters, one for one as PostgreSQL has it: where Unicode spells a capital with several
/// letters, the single one counts that it has for titles, if any.
pub fn upper(text: &str) -> String {
    let capital = |c: char| match c {
        // Greek letters with iota subscript.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => moved(c, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => moved(c, 9),
        _ => single(c, c.to_uppercase()),
    };
    text.chars().map(capital).collect()
}

/// In small letters, one for one.
pub fn lower(text: &str) -> String {
    let small = |c: char| if c == 'İ' { 'i' } else { single(c, c.to_lowercase()) };
    text.chars().map(small).collect()
}

fn moved(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

fn single(own: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => c,
        _ => own,
    }
}

/// Every occurrence replaced; an empty one is nowhere.
pub fn replace(text: &str, from: &str, to: &str) -> Ran<String> {
    if from.is_empty() {
        return Ok(text.to_owned());
    }
    let count = text.matches(from).count();
    let length = (text.len() - count * from.len()).saturating_add(count.saturating_mul(to.len()));
    if length > MAX_TEXT {
        return Err(TOO_LONG);
    }
    hold(length)?;
    let mut out = String::with_capacity(length);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(from) {
        out.push_str(before);
        out.push_str(to);
        rest = behind;
    }
    Ok(out + rest)
}

/// 1-based; places before the first use up length.
pub fn substring(text: &str, start: i64, length: Option<i64>) -> Ran<String> {
    if length.is_some_and(|n| n < 0) {
        return Err(RuntimeError::failed("negative substring length not allowed"));
    }
    let end = length.map_or(i64::MAX, |n| start.saturating_add(n));
    let skip = usize::try_from(start.max(1) - 1).unwrap_or(0);
    let take = usize::try_from(end.saturating_sub(start.max(1)).max(0)).unwrap_or(0);
    hold(text.len().min(take.saturating_mul(4)))?;
    Ok(text.chars().skip(skip).take(take).collect())
}

/// The n-th field, from the end when negative.
pub fn split_part(text: &str, separator: &str, n: i64) -> Ran<String> {
    if n == 0 {
        return Err(RuntimeError::new("field position must not be zero"));
    }
    let whole = separator.is_empty();
    let fields = || text.split(separator).take(if whole { 0 } else { usize::MAX });
    let index = match usize::try_from(n) {
        Ok(n) => Some(n - 1),
        Err(_) => {
            let count = if whole { 1 } else { fields().count() };
            count.checked_sub(usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let field = match index {
        Some(0) if whole => Some(text),
        Some(index) => fields().nth(index),
        None => None,
    };
    let field = field.unwrap_or("");
    hold(field.len())?;
    Ok(field.to_owned())
}

/// To `n` characters; longer text is cut on the right.
pub fn pad(text: &str, n: i64, fill: &str, left: bool) -> Ran<String> {
    let wanted = usize::try_from(n.max(0)).unwrap_or(usize::MAX);
    let count = text.chars().count();
    if count >= wanted || fill.is_empty() {
        return Ok(text.chars().take(wanted).collect());
    }
    let missing = wanted - count;
    // A character has one byte at least.
    if missing > MAX_TEXT {
        return Err(TOO_LONG);
    }
    let width = fill.chars().count();
    let rest: String = fill.chars().take(missing % width).collect();
    if text.len() + fill.len() * (missing / width) + rest.len() > MAX_TEXT {
        return Err(TOO_LONG);
    }
    let times = missing / width;
    let length = text.len() + fill.len() * times + rest.len();
    hold(length)?;
    let mut padded = String::with_capacity(length);
    if !left {
        padded.push_str(text);
    }
    padded.extend(std::iter::repeat_n(fill, times));
    padded.push_str(&rest);
    if left {
        padded.push_str(text);
    }
    Ok(padded)
}

/// The character of a code point.
pub fn chr(n: i64) -> Ran<String> {
    let c = u32::try_from(n).ok().filter(|n| *n > 0).and_then(char::from_u32);
    c.map(String::from).ok_or_else(|| RuntimeError::failed("requested character not valid for encoding"))
}

#[cfg(test)]
mod tests {
    use super::super::held::with_memory;
    use super::*;
    use crate::memory::Room;

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
        assert!(like("a", "a\\").is_err() && like("a\\", "a\\\\").is_ok_and(|found| found));
        // Each of these needs the pattern again and again.
        for (text, pattern, expected) in [
            ("aaaaaaaaab", "%a%a%a%b", true),
            ("aaaaaaaaac", "%a%a%a%b", false),
            ("mississippi", "%iss%ip%", true),
            ("abc", "a%_c", true),
            ("ac", "a%_c", false),
            ("a%", "a\\%%", true),
            ("é_", "_\\_", true),
        ] {
            assert_eq!(like(text, pattern).unwrap(), expected, "{text} {pattern}");
        }
    }

    #[test]
    fn parts_of_text() {
        assert_eq!(substring("Cedar", -1, Some(4)).unwrap(), "Ce");
        for (n, separator, expected) in [
            (1, ",", "a"),
            (3, ",", "c"),
            (4, ",", ""),
            (-1, ",", "c"),
            (-3, ",", "a"),
            (-4, ",", ""),
            (i64::MIN, ",", ""),
            (i64::MAX, ",", ""),
            (1, "", "a,b,c"),
            (-1, "", "a,b,c"),
            (2, "", ""),
            (1, "x", "a,b,c"),
        ] {
            assert_eq!(split_part("a,b,c", separator, n).unwrap(), expected, "{n} {separator}");
        }
        assert_eq!(split_part("aaa", "aa", -1).unwrap(), "a");
        assert_eq!(replace("aaa", "aa", "b").unwrap(), "ba");
        assert_eq!(replace("aaa", "", "b").unwrap(), "aaa");
        assert_eq!(pad("abc", 5, "xy", true).unwrap(), "xyabc");
        assert_eq!(pad("abcdef", 3, "x", true).unwrap(), "abc");
    }

    #[test]
    fn texts_are_made_no_longer_than_the_bound() {
        let long = i64::try_from(MAX_TEXT).unwrap();
        assert_eq!(pad("", long, "a", true).map(|t| t.len()), Ok(MAX_TEXT));
        for (n, fill) in [(long + 1, "a"), (long / 2 + 1, "é"), (i64::MAX, "x")] {
            assert_eq!(pad("", n, fill, false), Err(TOO_LONG), "{n}");
        }
        let text = "a".repeat(MAX_TEXT / 4);
        assert_eq!(replace(&text, "a", "12345"), Err(TOO_LONG));
        assert_eq!(replace(&text, "a", "1234").map(|t| t.len()), Ok(MAX_TEXT));
        let (half, more) = ("a".repeat(MAX_TEXT / 2), "a".repeat(MAX_TEXT / 2 + 1));
        assert_eq!(concat(&half, &half).map(|t| t.len()), Ok(MAX_TEXT));
        assert_eq!(concat(&half, &more), Err(TOO_LONG));
    }

    #[test]
    fn long_texts_hold_memory_while_they_are_made() {
        let text = "a".repeat(1_000_000);
        let calls: [&dyn Fn() -> Ran<String>; 5] = [
            &|| concat(&text, "b"),
            &|| replace(&text, "a", "bb"),
            &|| pad("", 1_000_000, "a", true),
            &|| substring(&text, 2, None),
            &|| split_part(&text, ",", 1),
        ];
        for (index, call) in calls.into_iter().enumerate() {
            let (little, enough) = (Room::new(900_000), Room::new(4_100_000));
            assert_eq!(with_memory(&little, call), Err(RuntimeError::OutOfMemory), "{index}");
            assert!(with_memory(&enough, call).is_ok(), "{index}");
            assert_eq!((little.used(), enough.used()), (0, 0));
        }
    }

    /// Letters that change case alone: their number, and a sum over code points and their counterparts.
    fn letters(change: fn(&str) -> String) -> (u32, u64) {
        let (mut count, mut sum) = (0, 0u64);
        // Letters of Unicode 15 and later are changed too, which PostgreSQL 15 does not know.
        let new = |c: char| {
            matches!(
                u32::from(c),
                0x19b | 0x264 | 0x1c89 | 0x1c8a | 0xa7cb..=0xa7cf | 0xa7d2..=0xa7d5 | 0xa7da..=0xa7dc
                    | 0x10d50..=0x10d85 | 0x16ea0..=0x16ed3
            )
        };
        for c in ('\u{1}'..='\u{1ffff}').filter(|c| !new(*c)) {
            let changed = change(c.encode_utf8(&mut [0; 4]));
            let mut counterpart = changed.chars();
            let (found, rest) = (counterpart.next().unwrap(), counterpart.next());
            assert_eq!(rest, None, "{c} becomes several letters");
            if found != c {
                count += 1;
                sum = sum
                    .wrapping_mul(31)
                    .wrapping_add(u64::from(u32::from(c)) << 21 | u64::from(u32::from(found)));
            }
        }
        (count, sum)
    }

    /// The figures are those of `upper(chr(i))` and `lower(chr(i))` of PostgreSQL 15 with glibc's C.UTF-8;
    /// beyond these code points there are no letters with cases.
    #[test]
    fn every_letter_changes_case_as_in_postgresql() {
        assert_eq!(letters(upper), (1_450, 7_038_561_843_075_730_514));
        assert_eq!(letters(lower), (1_433, 15_809_876_614_518_906_279));
        assert_eq!((upper("ᾳ straße"), lower("İSTANBUL")), ("ᾼ STRAßE".to_owned(), "istanbul".to_owned()));
    }
}
