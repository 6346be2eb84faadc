//! Matchers read from JSON; whatever is wrong is named with its place and what would be right.

use super::fields::{Fields, wrong};
use super::mask;
use super::matcher::{ClientFact, Matcher, Test};
use super::pattern::Pattern;
use crate::operation::Operation;
use serde_json::Value;
use serde_json_path::JsonPath;

/// The members that a matcher may have.
pub const MEMBERS: [&str; 14] = [
    "method",
    "path",
    "query",
    "headers",
    "body",
    "rows",
    "dataset",
    "operation",
    "status",
    "client",
    "fault",
    "request_id",
    "tls",
    "since",
];

impl Matcher {
    /// Reads a matcher; `place` is where it stands.
    pub fn parse(place: &str, value: &Value) -> Result<Self, String> {
        let mut fields = Fields::of(place, value, &MEMBERS)?;
        let mut tests = Vec::new();
        for name in MEMBERS {
            if let Some(value) = fields.take(name) {
                read(&format!("{place}.{name}"), name, value, &mut tests)?;
            }
        }
        Ok(Self { tests })
    }
}

fn read(place: &str, name: &str, value: &Value, tests: &mut Vec<Test>) -> Result<(), String> {
    let test = match name {
        "query" => return named(place, value, |name, pattern| Ok(query(name, pattern)), tests),
        "headers" => return named(place, value, |name, pattern| header(place, name, pattern), tests),
        "body" => return body(place, value, tests),
        "rows" => return rows(place, value, tests),
        "client" => return client(place, value, tests),
        "method" => Test::Method(texts(place, value)?.iter().map(|m| m.to_ascii_uppercase()).collect()),
        "path" => Test::Path(Pattern::parse(place, value, true)?),
        "dataset" => {
            Test::Dataset(value.as_str().ok_or_else(|| wrong(place, "a 4x4 or name", value))?.to_owned())
        }
        "operation" => Test::Operation(operations(place, value)?),
        "status" => Test::Status(statuses(place, value)?),
        "fault" => Test::Fault(match value {
            Value::Bool(flag) => Pattern::Present(*flag),
            _ => Pattern::parse(place, value, true)?,
        }),
        "request_id" => Test::RequestId(Pattern::parse(place, value, true)?),
        "tls" => Test::Tls(value.as_bool().ok_or_else(|| wrong(place, "true or false", value))?),
        _ => since(place, value)?,
    };
    tests.push(test);
    Ok(())
}

/// A text, or several of which one has to do.
fn texts(place: &str, value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(wrong(place, "a text or a list of texts", value)),
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        _ => Ok(vec![one(value)?]),
    }
}

fn operations(place: &str, value: &Value) -> Result<Vec<String>, String> {
    let names = texts(place, value)?;
    match names.iter().find(|name| Operation::of_name(name).is_none()) {
        Some(unknown) => {
            let known: Vec<&str> = Operation::NAMES.iter().map(|(_, n)| *n).collect();
            Err(format!("{place}: there is no operation {unknown:?}; known are {}", known.join(", ")))
        }
        None => Ok(names),
    }
}

fn statuses(place: &str, value: &Value) -> Result<Vec<String>, String> {
    let list: Vec<String> = texts(place, value)?
        .iter()
        .flat_map(|text| text.split(',').map(|s| s.trim().to_ascii_lowercase()).collect::<Vec<_>>())
        .collect();
    let fine = |text: &str| {
        let b = text.as_bytes();
        text == "none"
            || (b.len() == 3
                && (b'1'..=b'5').contains(&b[0])
                && (&b[1..] == b"xx" || b[1..].iter().all(u8::is_ascii_digit)))
    };
    match list.iter().find(|s| !fine(s)) {
        Some(unknown) => Err(format!(
            "{place}: {unknown:?} is no status; write 200, \"4xx\", a list of them, or \"none\" when the client left"
        )),
        None => Ok(list),
    }
}

fn since(place: &str, value: &Value) -> Result<Test, String> {
    let help = "the id of a request or a time such as 2025-01-31T12:00:00Z";
    if let Some(id) = value.as_u64() {
        return Ok(Test::After(id));
    }
    let text = value.as_str().ok_or_else(|| wrong(place, help, value))?;
    if let Ok(id) = text.parse() {
        return Ok(Test::After(id));
    }
    let at: jiff::Timestamp = text.parse().map_err(|_| wrong(place, help, value))?;
    Ok(Test::From(at.as_millisecond()))
}

fn named(
    place: &str,
    value: &Value,
    test: impl Fn(&str, Pattern) -> Result<Test, String>,
    tests: &mut Vec<Test>,
) -> Result<(), String> {
    for (name, value) in value.as_object().ok_or_else(|| wrong(place, "an object", value))? {
        tests.push(test(name, Pattern::parse(&format!("{place}.{name}"), value, false)?)?);
    }
    Ok(())
}

/// The journal has only the masked form of an application token.
fn masked(pattern: Pattern) -> Pattern {
    match pattern {
        Pattern::Exact(token) if !token.ends_with(mask::MASK) => Pattern::Exact(mask::app_token(&token)),
        other => other,
    }
}

fn query(name: &str, pattern: Pattern) -> Test {
    let is_token = name == "$$app_token" || name == "app_token";
    Test::Query(name.to_owned(), if is_token { masked(pattern) } else { pattern })
}

fn header(place: &str, name: &str, pattern: Pattern) -> Result<Test, String> {
    let name = name.to_ascii_lowercase();
    if name == "x-app-token" {
        return Ok(Test::Header(name, masked(pattern)));
    }
    let secret = ["authorization", "proxy-authorization", "cookie"].contains(&name.as_str());
    let kept = ["Basic ***", "OAuth ***", "Bearer ***", mask::MASK];
    let present = matches!(pattern, Pattern::Present(_));
    if secret && !present && !kept.iter().any(|shown| pattern.fits(Some(shown))) {
        return Err(format!(
            "{place}.{name}: the journal does not keep credentials; ask for {{\"present\": true}}, or for client.user"
        ));
    }
    Ok(Test::Header(name, pattern))
}

fn body(place: &str, value: &Value, tests: &mut Vec<Test>) -> Result<(), String> {
    if value.is_string() || value.is_null() {
        tests.push(Test::Body(Pattern::parse(place, value, false)?));
        return Ok(());
    }
    let mut fields =
        Fields::of(place, value, &["contains", "equals", "regex", "present", "json_path", "json"])?;
    for name in ["contains", "equals", "regex", "present"] {
        let Some(value) = fields.take(name) else { continue };
        let values = match value {
            Value::Array(items) if name == "contains" => items.iter().collect(),
            _ => vec![value],
        };
        for value in values {
            let one = Value::Object([(name.to_owned(), value.clone())].into_iter().collect());
            tests.push(Test::Body(Pattern::parse(place, &one, false)?));
        }
    }
    if let Some(value) = fields.take("json") {
        tests.push(Test::BodyJson(value.clone()));
    }
    if let Some(value) = fields.take("json_path") {
        json_paths(&format!("{place}.json_path"), value, tests)?;
    }
    Ok(())
}

/// A path that has to lead somewhere, or paths with what has to be found there.
fn json_paths(place: &str, value: &Value, tests: &mut Vec<Test>) -> Result<(), String> {
    let path =
        |text: &str| JsonPath::parse(text).map_err(|e| format!("{place}: {text:?} is no JSONPath: {e}"));
    match value {
        Value::String(text) => tests.push(Test::JsonPath(path(text)?, None)),
        Value::Object(map) => {
            for (text, expected) in map {
                tests.push(Test::JsonPath(path(text)?, Some(expected.clone())));
            }
        }
        _ => return Err(wrong(place, "a JSONPath, or an object of paths and values", value)),
    }
    Ok(())
}

fn rows(place: &str, value: &Value, tests: &mut Vec<Test>) -> Result<(), String> {
    const COUNTS: [&str; 5] = ["count", "created", "updated", "deleted", "errors"];
    let known = ["contains", "count", "created", "updated", "deleted", "errors"];
    let mut fields = Fields::of(place, value, &known)?;
    if let Some(value) = fields.take("contains") {
        let list = match value {
            Value::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        for row in list {
            let row = row.as_object().ok_or_else(|| wrong(&format!("{place}.contains"), "rows", row))?;
            tests.push(Test::HasRow(row.clone()));
        }
    }
    for name in COUNTS {
        if let Some(value) = fields.take(name) {
            let number = value.as_u64();
            let number =
                number.ok_or_else(|| wrong(&format!("{place}.{name}"), "a number of rows", value))?;
            tests.push(Test::Count(name, number));
        }
    }
    Ok(())
}

fn client(place: &str, value: &Value, tests: &mut Vec<Test>) -> Result<(), String> {
    if value.is_string() {
        tests.push(Test::AnyClient(Pattern::parse(place, value, true)?));
        return Ok(());
    }
    let names = ClientFact::NAMES.map(|(_, name)| name);
    let mut fields = Fields::of(place, value, &names)?;
    for (fact, name) in ClientFact::NAMES {
        if let Some(value) = fields.take(name) {
            let pattern = Pattern::parse(&format!("{place}.{name}"), value, true)?;
            let pattern = if fact == ClientFact::AppToken { masked(pattern) } else { pattern };
            tests.push(Test::Client(fact, pattern));
        }
    }
    Ok(())
}
