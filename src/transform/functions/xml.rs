//! Parts of XML by the paths of XPath that publishers use: steps by name, `*`, `.`, `..`, `//`, `text()`, `@name`,
//! and conditions `[n]`, `[@a]`, `[@a='v']`, `[b='v']`.

use super::call::{Call, failed, made, string};
use crate::soda::Value;
use crate::transform::{Cell, DataError};
use roxmltree::{Document, Node, NodeId};
use serde_json::json;
use std::collections::BTreeSet;

/// Elements within elements.
const MAX_DEPTH: usize = 200;
/// Bytes of a document.
const MAX_XML: usize = 1024 * 1024;
/// Steps of a path.
const MAX_STEPS: usize = 50;

/// The first thing that the path leads to; null when there is none.
pub fn pluck<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (text, path) = (string(&arguments[0]), string(&arguments[1]));
    let steps =
        steps(path).ok_or_else(|| bad("invalid_xpath", format!("{path} is no known form of XPath"), path))?;
    if text.len() > MAX_XML || is_deep(text) {
        return Err(bad("xml_parse_error", "The XML is too large or nested too deeply".to_owned(), ""));
    }
    let document = Document::parse(text.trim_start())
        .map_err(|error| bad("xml_parse_error", format!("Unable to parse the XML: {error}"), text))?;
    match find(&document, &steps) {
        Some(found) => made(found),
        None => Ok(Value::Null),
    }
}

fn bad(kind: &'static str, message: String, value: &str) -> Box<DataError> {
    failed(kind, message, json!({ "value": value }))
}

/// Whether more elements may stand within each other than the parser should go down.
fn is_deep(text: &str) -> bool {
    let (mut depth, mut deepest) = (0usize, 0);
    for (at, _) in text.match_indices('<') {
        match text.as_bytes().get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') | None => {}
            Some(_) => {
                let end = text[at..].find('>').map_or(text.len(), |length| at + length);
                depth += usize::from(!text[..end].ends_with('/'));
                deepest = deepest.max(depth);
            }
        }
        if deepest > MAX_DEPTH {
            return true;
        }
    }
    false
}

enum Test {
    Name(String),
    Any,
    Own,
    Parent,
    Text,
    Attribute(String),
}

enum Condition {
    Place(usize),
    Has(String),
    Attribute(String, String),
    Child(String, String),
}

struct Step {
    /// `//`: at any depth.
    deep: bool,
    test: Test,
    conditions: Vec<Condition>,
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut found = Vec::new();
    let mut rest = path.trim();
    if !rest.starts_with('/') {
        found.push(Step {
            deep: true,
            test: name_test(until_slash(rest).0)?,
            conditions: conditions(until_slash(rest).0)?,
        });
        rest = until_slash(rest).1;
    }
    while !rest.is_empty() {
        let deep = rest.starts_with("//");
        let (step, tail) = until_slash(rest.strip_prefix(if deep { "//" } else { "/" })?);
        found.push(Step { deep, test: name_test(step)?, conditions: conditions(step)? });
        rest = tail;
        if found.len() > MAX_STEPS {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

/// A step, and what stands behind it from its slash on; slashes in conditions do not count.
fn until_slash(text: &str) -> (&str, &str) {
    let mut inside = false;
    let end = text.find(|c: char| {
        inside = (inside || c == '[') && c != ']';
        c == '/' && !inside
    });
    text.split_at(end.unwrap_or(text.len()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

fn name_test(step: &str) -> Option<Test> {
    let name = step.split('[').next().unwrap_or(step).trim();
    Some(match name {
        "*" => Test::Any,
        "." => Test::Own,
        ".." => Test::Parent,
        "text()" => Test::Text,
        _ => match name.strip_prefix('@') {
            Some(attribute) if is_name(attribute) => Test::Attribute(attribute.to_owned()),
            None if is_name(name) => Test::Name(name.to_owned()),
            _ => return None,
        },
    })
}

fn conditions(step: &str) -> Option<Vec<Condition>> {
    let Some((_, mut rest)) = step.split_once('[') else { return Some(Vec::new()) };
    let mut found = Vec::new();
    loop {
        let (inside, tail) = rest.split_once(']')?;
        found.push(condition(inside.trim())?);
        match tail.trim_start().strip_prefix('[') {
            Some(next) => rest = next,
            None if tail.trim().is_empty() => return Some(found),
            None => return None,
        }
    }
}

fn condition(text: &str) -> Option<Condition> {
    if let Ok(place) = text.parse() {
        return Some(Condition::Place(place));
    }
    let Some((name, value)) = text.split_once('=') else {
        return text
            .strip_prefix('@')
            .filter(|name| is_name(name))
            .map(|name| Condition::Has(name.to_owned()));
    };
    let (name, value) = (name.trim(), value.trim());
    let quote = value.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let value = value.strip_prefix(quote)?.strip_suffix(quote)?.to_owned();
    match name.strip_prefix('@') {
        Some(attribute) => Some(Condition::Attribute(attribute.to_owned(), value)),
        None => Some(Condition::Child(name.to_owned(), value)),
    }
}

/// Names count without the prefix of their namespace when the path has none.
fn named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name.rsplit(':').next().unwrap_or(name)
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn holds(node: Node<'_, '_>, place: usize, condition: &Condition) -> bool {
    match condition {
        Condition::Place(wanted) => place == *wanted,
        Condition::Has(name) => node.has_attribute(name.as_str()),
        Condition::Attribute(name, value) => node.attribute(name.as_str()) == Some(value),
        Condition::Child(name, value) => {
            node.children().any(|child| named(child, name) && text_of(child).trim() == value)
        }
    }
}

fn find(document: &Document<'_>, steps: &[Step]) -> Option<String> {
    let mut here: BTreeSet<u32> = [document.root().id().get()].into();
    for (at, step) in steps.iter().enumerate() {
        if let Test::Attribute(name) = &step.test {
            let all = places(document, &here, step.deep);
            let last = at + 1 == steps.len();
            return all
                .into_iter()
                .filter(|_| last)
                .find_map(|node| Some(node.attribute(name.as_str())?.to_owned()));
        }
        here = taken(document, &here, step);
    }
    let node = here.into_iter().find_map(|id| document.get_node(NodeId::new(id)))?;
    Some(match node.text() {
        Some(text) if node.is_text() => text.to_owned(),
        _ => document.input_text()[node.range()].to_owned(),
    })
}

/// The nodes of which a step is taken.
fn places<'d, 'i>(document: &'d Document<'i>, here: &BTreeSet<u32>, deep: bool) -> Vec<Node<'d, 'i>> {
    let nodes = here.iter().filter_map(|id| document.get_node(NodeId::new(*id)));
    if !deep {
        return nodes.collect();
    }
    let ids: BTreeSet<u32> = nodes.flat_map(|node| node.descendants()).map(|node| node.id().get()).collect();
    ids.into_iter().filter_map(|id| document.get_node(NodeId::new(id))).collect()
}

fn taken(document: &Document<'_>, here: &BTreeSet<u32>, step: &Step) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for node in places(document, here, step.deep) {
        let mut candidates: Vec<Node<'_, '_>> = match &step.test {
            Test::Own => vec![node],
            Test::Parent => node.parent().into_iter().collect(),
            Test::Any => node.children().filter(Node::is_element).collect(),
            Test::Text => node.children().filter(Node::is_text).collect(),
            Test::Name(name) => node.children().filter(|child| named(*child, name)).collect(),
            Test::Attribute(_) => Vec::new(),
        };
        for condition in &step.conditions {
            let mut place = 0;
            candidates.retain(|candidate| {
                place += 1;
                holds(*candidate, place, condition)
            });
        }
        found.extend(candidates.into_iter().map(|candidate| candidate.id().get()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_texts_attributes_and_elements() {
        let text = "<foo a='1'><bar attr=\"cool beans\">the contents!</bar><bar>two<b>x</b></bar></foo>";
        let document = Document::parse(text).unwrap();
        for (path, expected) in [
            ("/foo/bar/text()", Some("the contents!")),
            ("/foo/bar[2]/text()", Some("two")),
            ("/foo/bar/@attr", Some("cool beans")),
            ("//b", Some("<b>x</b>")),
            ("//bar[@attr='cool beans']/text()", Some("the contents!")),
            ("/foo/bar[b='x']/b/text()", Some("x")),
            ("/foo/*[2]/b", Some("<b>x</b>")),
            ("/foo/bar/../@a", Some("1")),
            ("/foo/baz", None),
        ] {
            assert_eq!(find(&document, &steps(path).unwrap()).as_deref(), expected, "{path}");
        }
        for wrong in ["", "/", "count(//a)", "/a[", "/a[position()=1]", "/a b"] {
            assert!(steps(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn deep_documents_are_refused_before_they_are_read() {
        assert!(
            is_deep(&"<a>".repeat(201))
                && !is_deep(&"<a></a>".repeat(1000))
                && !is_deep(&"<a/>".repeat(1000))
        );
    }
}
