//! Paths in JSON (documented by examples): `.name`, `.["name"]`, `.[name]`, `.[n]`, `.[]`, and `?` behind a step.

use serde_json::Value as Json;

/// Steps of a path.
const MAX_STEPS: usize = 100;

#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
    Every,
}

/// A path: steps, and whether each makes null of what it cannot look into.
#[derive(Debug, PartialEq)]
pub struct JsonPath(Vec<(Step, bool)>);

impl JsonPath {
    /// Reads a path.
    pub fn parse(path: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = path.trim();
        if rest == "." {
            return Some(Self(steps));
        }
        while !rest.is_empty() {
            if steps.len() == MAX_STEPS {
                return None;
            }
            let (step, tail) = step(rest.strip_prefix('.').unwrap_or(rest))?;
            let optional = tail.starts_with('?');
            rest = tail.strip_prefix('?').unwrap_or(tail);
            steps.push((step, optional));
        }
        (!steps.is_empty()).then_some(Self(steps))
    }

    /// What the path leads to; the value that a step cannot look into.
    pub fn select<'j>(&self, value: &'j Json) -> Result<Json, &'j Json> {
        select(&self.0, value)
    }
}

/// The first step of a path, without its dot, and the rest.
fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        if inner.starts_with('"') {
            let mut names = serde_json::Deserializer::from_str(inner).into_iter::<String>();
            let name = names.next()?.ok()?;
            let tail = inner[names.byte_offset()..].strip_prefix(']')?;
            return Some((Step::Member(name), tail));
        }
        let (inside, tail) = inner.split_once(']')?;
        let inside = inside.trim();
        let step = match inside.parse() {
            Ok(place) => Step::Item(place),
            Err(_) if inside.is_empty() => Step::Every,
            Err(_) => Step::Member(inside.to_owned()),
        };
        return Some((step, tail));
    }
    let (name, tail) = text.split_at(text.find(['.', '[', '?']).unwrap_or(text.len()));
    (!name.is_empty()).then(|| (Step::Member(name.to_owned()), tail))
}

/// Below null everything is null; so is what an object or an array does not have (ours).
fn select<'j>(steps: &[(Step, bool)], value: &'j Json) -> Result<Json, &'j Json> {
    let Some(((step, optional), rest)) = steps.split_first() else { return Ok(value.clone()) };
    match (step, value) {
        (_, Json::Null) => Ok(Json::Null),
        (Step::Member(name), Json::Object(members)) => {
            members.get(name).map_or(Ok(Json::Null), |member| select(rest, member))
        }
        (Step::Item(place), Json::Array(items)) => {
            items.get(*place).map_or(Ok(Json::Null), |item| select(rest, item))
        }
        (Step::Every, Json::Array(items)) => {
            items.iter().map(|item| select(rest, item)).collect::<Result<_, _>>().map(Json::Array)
        }
        _ if *optional => Ok(Json::Null),
        _ => Err(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documented_paths_lead_where_they_should() {
        let document = json!({ "foo": { "bar": [1, { "baz": "qux" }, 3] }, "foo-bar": { "baz": 1 } });
        for (path, expected) in [
            (".foo.bar.[1].baz", json!("qux")),
            (".[\"foo-bar\"].baz", json!(1)),
            (".foo.bar[0]", json!(1)),
            (".foo.bar.[7]", json!(null)),
            (".foo.bar.[].baz?", json!([null, "qux", null])),
            (".", document.clone()),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().select(&document), Ok(expected), "{path}");
        }
        for wrong in ["", "..a", ".[", ".[\"a", ".a..b", ".?"] {
            assert_eq!(JsonPath::parse(wrong), None, "{wrong}");
        }
        assert_eq!(JsonPath::parse(&".a".repeat(101)), None);
        assert_eq!(JsonPath::parse(".[a]").unwrap().select(&json!([1])), Err(&json!([1])));
    }
}
