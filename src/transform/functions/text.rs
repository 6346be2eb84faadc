//! Text: lengths and places count code points, but for `grapheme_length`.

use super::Work::{Open, Strict};
use super::call::{Call, failed, made, of_integer, part, plain_text, string, take, too_large, truth, whole};
use super::{Function, entry, operator};
use crate::soda::Value;
use crate::transform::Cell;
use crate::transform::limits::MAX_TEXT;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation as _;

/// Words that stay small in titles (documented).
const SMALL: [&str; 19] = [
    "a", "an", "and", "as", "at", "but", "by", "en", "for", "if", "in", "of", "on", "or", "the", "to", "viz",
    "vs", "vs.",
];

pub const TABLE: &[Function] = &[
    operator(
        "||",
        "a || b",
        "Both, one behind the other, as texts.",
        "'foo' || 'bar'",
        &[("a b -> text", Strict(join))],
    ),
    entry(
        "upper",
        "In capital letters.",
        "upper('something')",
        &[("text -> text", Strict(|_, a| made(string(&a[0]).to_uppercase())))],
    ),
    entry(
        "lower",
        "In small letters.",
        "lower('SOMETHING')",
        &[("text -> text", Strict(|_, a| made(string(&a[0]).to_lowercase())))],
    ),
    entry(
        "title_case",
        "Every word with a capital letter, but for small words such as of, which have one only at the beginning.",
        "title_case('department of transportation')",
        &[("text -> text", Strict(|_, a| made(title(string(&a[0])))))],
    ),
    entry(
        "trim",
        "Without a character, or a text, at both ends.",
        "trim(',a,b,c,d,', ',')",
        &[("text text -> text", Strict(|_, a| Ok(trimmed(a, true, true))))],
    ),
    entry(
        "trim_leading",
        "Without a character, or a text, at the beginning.",
        "trim_leading(',a,b,c,d,', ',')",
        &[("text text -> text", Strict(|_, a| Ok(trimmed(a, true, false))))],
    ),
    entry(
        "trim_trailing",
        "Without a character, or a text, at the end.",
        "trim_trailing(',a,b,c,d,', ',')",
        &[("text text -> text", Strict(|_, a| Ok(trimmed(a, false, true))))],
    ),
    entry(
        "left_pad",
        "With a text, as often as it takes, in front to have at least this length.",
        "left_pad('hello', 10, 'xy')",
        &[("text number text -> text", Strict(|_, a| pad(a, true)))],
    ),
    entry(
        "right_pad",
        "With a text, as often as it takes, behind to have at least this length.",
        "right_pad('hello', 10, 'xy')",
        &[("text number text -> text", Strict(|_, a| pad(a, false)))],
    ),
    entry(
        "length",
        "The number of code points.",
        "length('hello')",
        &[("text -> number", Strict(|_, a| of_integer(string(&a[0]).chars().count() as i64)))],
    ),
    entry(
        "grapheme_length",
        "The number of characters as people count them.",
        "grapheme_length('hello')",
        &[("text -> number", Strict(|_, a| of_integer(string(&a[0]).graphemes(true).count() as i64)))],
    ),
    entry(
        "slice",
        "So many characters from a place, counted from 0, or from the end when it is negative; a place before the beginning gives an empty text.",
        "slice('foobar', -3, 3)",
        &[("text number number -> text", Strict(slice))],
    ),
    entry(
        "replace",
        "With another text in every place of a text.",
        "replace('some-text-literal', '-', '_')",
        &[("text text text -> text", Strict(|_, a| replaced(a, usize::MAX)))],
    ),
    entry(
        "replace_first",
        "With another text in the first place of a text.",
        "replace_first('some-text-text', 'text', '')",
        &[("text text text -> text", Strict(|_, a| replaced(a, 1)))],
    ),
    entry(
        "contains",
        "Whether the second text stands in the first.",
        "contains('foobar', 'oba')",
        &[("text text -> checkbox", Strict(|_, a| truth(string(&a[0]).contains(string(&a[1])))))],
    ),
    entry(
        "starts_with",
        "Whether the first text begins with the second.",
        "starts_with('foobar', 'foo')",
        &[("text text -> checkbox", Strict(|_, a| truth(string(&a[0]).starts_with(string(&a[1])))))],
    ),
    entry(
        "is_empty",
        "True for null, an empty text and one of blanks.",
        "is_empty('  ')",
        &[("text -> checkbox", Open(|_, a| truth(string(&a[0]).trim().is_empty())))],
    ),
    entry(
        "split_select",
        "The part at a place, counted from 0, of a text that is split at every place of another; an error without one.",
        "split_select('first,second', ',', 1)",
        &[("text text number -> text", Strict(split_select))],
    ),
];

fn join<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let [left, right] = arguments else { return Ok(Value::Null) };
    let (left, right) = (plain_text(call.type_of(0), left), plain_text(call.type_of(1), right));
    if left.len() + right.len() > MAX_TEXT {
        return Err(too_large("The text"));
    }
    let mut joined = left.into_owned();
    joined.push_str(&right);
    Ok(Value::from(joined))
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut first = true;
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let small = SMALL.iter().any(|small| word.eq_ignore_ascii_case(small));
        let mut letters = word.chars();
        if !word.is_empty() && (first || !small) {
            out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            first = false;
        }
        let rest = letters.as_str();
        if rest.is_ascii() {
            out.extend(rest.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        } else {
            out.push_str(&rest.to_lowercase());
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

fn trimmed<'v>(arguments: &mut [Value<'v>], start: bool, end: bool) -> Value<'v> {
    let cut = take(&mut arguments[1]);
    let text = take(&mut arguments[0]);
    if cut.is_empty() {
        return Value::Text(text);
    }
    let mut kept = text.as_ref();
    let mut from = 0;
    while start && let Some(rest) = kept.strip_prefix(cut.as_ref()) {
        from += cut.len();
        kept = rest;
    }
    while end && let Some(rest) = kept.strip_suffix(cut.as_ref()) {
        kept = rest;
    }
    let to = from + kept.len();
    part(text, from..to)
}

fn pad<'v>(arguments: &mut [Value<'v>], left: bool) -> Cell<'v> {
    let wanted = usize::try_from(whole(&arguments[1])).unwrap_or(0);
    let fill = take(&mut arguments[2]);
    let text = take(&mut arguments[0]);
    let missing = wanted.saturating_sub(text.chars().count());
    if missing == 0 || fill.is_empty() {
        return Ok(Value::Text(text));
    }
    if missing > MAX_TEXT {
        return Err(too_large("The text"));
    }
    let padding: String = fill.chars().cycle().take(missing).collect();
    made(if left { padding + &text } else { text.into_owned() + &padding })
}

fn slice<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (start, length) = (whole(&arguments[1]), whole(&arguments[2]));
    let Ok(length) = usize::try_from(length) else {
        let message = format!("Invalid length {length}. Slice length must be a nonnegative integer.");
        return Err(failed("invalid_length", message, json!({ "length": length })));
    };
    let text = take(&mut arguments[0]);
    let start = if start < 0 { text.chars().count() as i64 + start } else { start };
    let Ok(start) = usize::try_from(start) else { return Ok(Value::from("")) };
    let from = text.char_indices().nth(start).map_or(text.len(), |(at, _)| at);
    let to = text[from..].char_indices().nth(length).map_or(text.len(), |(at, _)| from + at);
    Ok(part(text, from..to))
}

fn replaced<'v>(arguments: &mut [Value<'v>], times: usize) -> Cell<'v> {
    let (from, to) = (take(&mut arguments[1]), take(&mut arguments[2]));
    let text = take(&mut arguments[0]);
    if from.is_empty() || !text.contains(from.as_ref()) {
        return Ok(Value::Text(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    for _ in 0..times {
        let Some((before, behind)) = rest.split_once(from.as_ref()) else { break };
        out.push_str(before);
        out.push_str(&to);
        rest = behind;
        if out.len() > MAX_TEXT {
            return Err(too_large("The text"));
        }
    }
    out.push_str(rest);
    made(out)
}

fn split_select<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let position = whole(&arguments[2]);
    let separator = take(&mut arguments[1]);
    let text = take(&mut arguments[0]);
    let found = usize::try_from(position).ok().and_then(|n| nth_part(&text, &separator, n));
    match found {
        Some(range) => Ok(part(text, range)),
        None => Err(no_match("No token found at that position", json!(position), Json::Null, Json::Null)),
    }
}

fn nth_part(text: &str, separator: &str, n: usize) -> Option<std::ops::Range<usize>> {
    let found = text.split(separator).nth(n)?;
    let from = found.as_ptr() as usize - text.as_ptr() as usize;
    Some(from..from + found.len())
}

/// `match_not_found` in the documented words.
pub fn no_match(message: &str, position: Json, name: Json, hint: Json) -> Box<crate::transform::DataError> {
    let wanted = match (&position, &name) {
        (_, Json::String(name)) => format!("name {name}"),
        (position, _) => format!("position {position}"),
    };
    failed(
        "match_not_found",
        format!("{message}, attempted to retrieve {wanted}"),
        json!({ "position": position, "name": name, "message": message, "hint": hint }),
    )
}

/// Without blanks at both ends.
pub fn stripped<'v>(text: Cow<'v, str>) -> Cow<'v, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
