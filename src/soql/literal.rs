//! What a literal may be read as (source: `SoQLTypeConversions`, `soql.md` of the published reference).

use super::functions::PREFERENCE;
use super::period::Period;
use super::typed::{Node, Typed};
use crate::soda::value::{self, JsonToken, Rules};
use crate::soda::{SoqlType, Value};

/// A reading of an expression and how many conversions it took.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The expression.
    pub typed: Typed,
    /// Literal conversions in it.
    pub cost: usize,
}

fn candidate(stored: Value<'static>, soql_type: SoqlType, at: usize, cost: usize) -> Candidate {
    Candidate { typed: Typed { node: Node::Literal(stored), soql_type, at }, cost }
}

/// A number: also a double. None when it is longer than a number may be.
pub fn number(source: &str, at: usize) -> Option<Vec<Candidate>> {
    let text = value::canonical_number(source)?;
    let double = source.parse().ok().filter(|double: &f64| double.is_normal());
    // What may lie beyond a double stays a text: its conversion is an error while the query runs.
    let double = double.map_or_else(|| Value::Text(text.clone().into()), Value::Real);
    Some(vec![
        candidate(Value::Text(text.into()), SoqlType::Number, at, 0),
        candidate(double, SoqlType::Double, at, 1),
    ])
}

/// `TRUE` and `FALSE`.
pub fn boolean(value: bool, at: usize) -> Vec<Candidate> {
    vec![candidate(Value::Int(i64::from(value)), SoqlType::Boolean, at, 0)]
}

/// `NULL`: of any type.
pub fn null(at: usize) -> Vec<Candidate> {
    PREFERENCE.iter().map(|t| candidate(Value::Null, *t, at, 0)).collect()
}

/// Types that no text literal is read as; a cast may make them.
const NO_LITERAL: [SoqlType; 4] = [SoqlType::Double, SoqlType::Json, SoqlType::Document, SoqlType::Phone];

/// A text: also whatever its content can be read as.
pub fn text(source: &str, rules: &Rules<'_>, at: usize) -> Vec<Candidate> {
    let mut found = vec![candidate(Value::Text(source.to_owned().into()), SoqlType::Text, at, 0)];
    for soql_type in PREFERENCE.into_iter().skip(1).filter(|t| !NO_LITERAL.contains(t)) {
        if let Some(stored) = convert(source, soql_type, rules) {
            found.push(candidate(stored, soql_type, at, 1));
        }
    }
    found
}

/// A text read as a type, as literals and casts do.
pub fn convert(source: &str, soql_type: SoqlType, rules: &Rules<'_>) -> Option<Value<'static>> {
    match soql_type {
        SoqlType::Number => numeric(source).map(|t| Value::Text(t.into())),
        SoqlType::Boolean => boolean_text(source).map(|b| Value::Int(i64::from(b))),
        SoqlType::Double => None,
        SoqlType::Json => {
            let value: serde_json::Value = serde_json::from_str(source).ok()?;
            Some(Value::Text(value.to_string().into()))
        }
        SoqlType::Interval => Period::parse(source).map(|_| Value::Text(source.to_owned().into())),
        SoqlType::Blob | SoqlType::Photo => Some(Value::Text(source.to_owned().into())),
        SoqlType::Url => url(source),
        SoqlType::Location | SoqlType::Document | SoqlType::Phone => {
            let is_object = source.trim_start().starts_with('{');
            owned(
                value::from_json(soql_type, JsonToken::Composite(is_object.then_some(source)?), rules)
                    .ok()?
                    .stored,
            )
        }
        _ => owned(value::from_json(soql_type, JsonToken::Text(source), rules).ok()?.stored),
    }
}

fn owned(value: Value<'_>) -> Option<Value<'static>> {
    (!value.is_null()).then(|| value.into_owned())
}

/// `[+-]? digits [. digits*] [e [+-] digits]`, whole text, lower-case `e`.
fn numeric(source: &str) -> Option<String> {
    let body = source.strip_prefix(['+', '-']).unwrap_or(source);
    let lower = !body.contains('E') && body.starts_with(|c: char| c.is_ascii_digit());
    if lower { value::canonical_number(source) } else { None }
}

fn boolean_text(source: &str) -> Option<bool> {
    match source.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A JSON object, `<a href="…">…</a>`, or any text that is a valid URI.
fn url(source: &str) -> Option<Value<'static>> {
    let object = |url: &str, description: Option<&str>| {
        let mut map = serde_json::Map::new();
        map.insert("url".into(), url.into());
        if let Some(description) = description {
            map.insert("description".into(), description.into());
        }
        Value::Text(serde_json::Value::Object(map).to_string().into())
    };
    if source.trim_start().starts_with('{') {
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(source).ok()?;
        let known = map.iter().all(|(k, v)| matches!(k.as_str(), "url" | "description") && v.is_string());
        let text = serde_json::Value::Object(map).to_string();
        return known.then(|| Value::Text(text.into()));
    }
    if let Some((href, rest)) = source.strip_prefix("<a href=\"").and_then(|rest| rest.split_once("\">")) {
        return Some(object(href, rest.strip_suffix("</a>")));
    }
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"{}|\\^`".contains(c);
    source.chars().all(allowed).then(|| object(source, None))
}
