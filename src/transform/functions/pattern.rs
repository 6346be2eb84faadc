//! Regular expressions: those of Rust, which take linear time.

use super::Work::Prepared as Reads;
use super::call::{Call, Prepared, failed, made, part, string, take, too_large, whole};
use super::text::no_match;
use super::{Function, entry};
use crate::soda::Value;
use crate::transform::limits::{MAX_PATTERN, MAX_REGEX, MAX_TEXT};
use crate::transform::{Cell, DataError};
use regex::{Regex, RegexBuilder};
use serde_json::{Value as Json, json};
use std::borrow::Cow;

pub const TABLE: &[Function] = &[
    entry(
        "regex_capture",
        "What the group with this number matched, 0 for the whole match; an error without a match.",
        r"regex_capture('hello 42 world', '42 (\w+)', 1)",
        &[("text text number -> text", Reads(1, prepare, capture))],
    ),
    entry(
        "regex_named_capture",
        "What the group with this name matched; an error without a match.",
        r"regex_named_capture('P Sherman 42 Wallaby Way, Sydney', '(?<city>\w+)$', 'city')",
        &[("text text text -> text", Reads(1, prepare, named_capture))],
    ),
    entry(
        "regex_replace",
        "With another text in the place of every match; $1 in it stands for a group.",
        r"regex_replace('hello 42 (world)', '\(.*\)', '')",
        &[("text text text -> text", Reads(1, prepare, replace))],
    ),
];

fn regex(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("A regular expression has at most {MAX_PATTERN} bytes"));
    }
    RegexBuilder::new(pattern).size_limit(MAX_REGEX).dfa_size_limit(MAX_REGEX).build().map_err(|error| {
        match error {
            regex::Error::CompiledTooBig(_) => {
                format!("The regular expression {pattern} is too large when compiled")
            }
            other => format!("{pattern} is no regular expression: {}", last_line(&other.to_string())),
        }
    })
}

/// The sentence at the end of an error with a drawing.
fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or("").trim_start_matches("error: ")
}

fn prepare(pattern: &str) -> Result<Prepared, String> {
    regex(pattern).map(Prepared::Regex)
}

fn of<'c>(call: &'c Call<'_>, pattern: &Value<'_>) -> Result<Cow<'c, Regex>, Box<DataError>> {
    match call.prepared {
        Prepared::Regex(regex) => Ok(Cow::Borrowed(regex)),
        _ => regex(string(pattern))
            .map(Cow::Owned)
            .map_err(|why| failed("invalid_regex", why, json!({ "value": string(pattern) }))),
    }
}

/// The documented words end here: without a match there is nothing to hint at.
fn missing(position: Json, name: Json) -> Box<DataError> {
    no_match("No matches found", position, name, Json::Null)
}

fn capture<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let position = whole(&arguments[2]);
    let regex = of(call, &arguments[1])?;
    let text = take(&mut arguments[0]);
    let group = usize::try_from(position).ok();
    let found = group.and_then(|group| Some(regex.captures(&text)?.get(group)?.range()));
    found.map_or_else(|| Err(missing(json!(position), Json::Null)), |range| Ok(part(text, range)))
}

fn named_capture<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let regex = of(call, &arguments[1])?;
    let text = take(&mut arguments[0]);
    let found = regex.captures(&text).and_then(|found| Some(found.name(string(&arguments[2]))?.range()));
    match found {
        Some(range) => Ok(part(text, range)),
        None => Err(missing(Json::Null, json!(string(&arguments[2])))),
    }
}

fn replace<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let regex = of(call, &arguments[1])?;
    let text = take(&mut arguments[0]);
    let with = string(&arguments[2]);
    let mut out = String::new();
    let mut from = 0;
    let mut found_any = false;
    for found in regex.find_iter(&text) {
        found_any = true;
        out.push_str(&text[from..found.start()]);
        from = found.end();
        // Groups are worked out only where the replacement can mean one.
        match with.contains('$').then(|| regex.captures_at(&text, found.start())).flatten() {
            Some(groups) => groups.expand(with, &mut out),
            None => out.push_str(with),
        }
        if out.len() > MAX_TEXT {
            return Err(too_large("The text"));
        }
    }
    if !found_any {
        return Ok(Value::Text(text));
    }
    out.push_str(&text[from..]);
    made(out)
}
