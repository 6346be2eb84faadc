//! Texts to compare with: exact, with `*`, a regular expression, a part, present or not.

use super::fields::{Fields, wrong};
use regex::Regex;
use serde_json::Value;

/// What a text has to be.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// This text.
    Exact(String),
    /// Like this text, where `*` stands for anything.
    Glob(String),
    /// Matched somewhere by this expression.
    Regex(Regex),
    /// With this part.
    Contains(String),
    /// There, or not.
    Present(bool),
}

impl Pattern {
    /// A text, null (not there) or an object with one of `glob`, `regex`, `contains`, `present`. A
    /// plain text with `*` is a glob when `globs`.
    pub fn parse(place: &str, value: &Value, globs: bool) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::Present(false)),
            Value::String(text) if globs && text.contains('*') => Ok(Self::Glob(text.clone())),
            Value::String(text) => Ok(Self::Exact(text.clone())),
            Value::Number(number) => Ok(Self::Exact(number.to_string())),
            Value::Bool(flag) => Ok(Self::Exact(flag.to_string())),
            Value::Object(_) => Self::of_object(place, value),
            Value::Array(_) => Err(wrong(place, "a text or an object", value)),
        }
    }

    fn of_object(place: &str, value: &Value) -> Result<Self, String> {
        let mut fields = Fields::of(place, value, &["equals", "glob", "regex", "contains", "present"])?;
        let text = |name: &str, value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| wrong(&format!("{place}.{name}"), "a text", value))
        };
        let found = if let Some(value) = fields.take("equals") {
            Self::Exact(text("equals", value)?)
        } else if let Some(value) = fields.take("glob") {
            Self::Glob(text("glob", value)?)
        } else if let Some(value) = fields.take("contains") {
            Self::Contains(text("contains", value)?)
        } else if let Some(value) = fields.take("regex") {
            let source = text("regex", value)?;
            Self::Regex(Regex::new(&source).map_err(|e| format!("{place}.regex: {e}"))?)
        } else if let Some(value) = fields.take("present") {
            let flag = value.as_bool();
            Self::Present(flag.ok_or_else(|| wrong(&format!("{place}.present"), "true or false", value))?)
        } else {
            return Err(format!("{place}: one of equals, glob, regex, contains, present is needed"));
        };
        fields.only_one()?;
        Ok(found)
    }

    /// Whether a text fits; none is a text that is not there.
    pub fn fits(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Present(wanted), _) => *wanted == text.is_some(),
            (_, None) => false,
            (Self::Exact(wanted), Some(text)) => wanted == text,
            (Self::Glob(wanted), Some(text)) => glob(wanted, text),
            (Self::Regex(wanted), Some(text)) => wanted.is_match(text),
            (Self::Contains(wanted), Some(text)) => text.contains(wanted.as_str()),
        }
    }

    /// In words, after "expected".
    pub fn words(&self) -> String {
        match self {
            Self::Exact(text) => text.clone(),
            Self::Glob(text) => format!("{text} (* stands for anything)"),
            Self::Regex(regex) => format!("a match of /{regex}/"),
            Self::Contains(text) => format!("a text with {text:?} in it"),
            Self::Present(true) => "it to be there".to_owned(),
            Self::Present(false) => "it not to be there".to_owned(),
        }
    }
}

/// Whether a text is like a pattern in which `*` stands for anything, slashes too.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fits) in [
            ("/resource/*", "/resource/4tka-6guv.json", true),
            ("/resource/*.json", "/resource/4tka-6guv.csv", false),
            ("*/4tka-6guv*", "/resource/4tka-6guv/1.json", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-c-b", false),
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_say_what_is_wrong_with_them() {
        for (value, says) in [
            (json!(["a"]), "a text or an object"),
            (json!({ "regexp": "a" }), "regex"),
            (json!({ "regex": "(" }), "unclosed"),
            (json!({ "regex": "a", "glob": "b" }), "one of"),
            (json!({}), "is needed"),
            (json!({ "present": "yes" }), "true or false"),
        ] {
            let error = Pattern::parse("path", &value, true).unwrap_err();
            assert!(error.starts_with("path") && error.contains(says), "{value}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_glob_made_from_a_text_fits_it(text in ".{0,20}", cuts in prop::collection::vec(0..20usize, 0..4)) {
            let text: String = text.chars().filter(|c| *c != '*').collect();
            let mut pattern: Vec<char> = text.chars().collect();
            for cut in cuts {
                let at = cut.min(pattern.len());
                pattern.insert(at, '*');
            }
            let pattern: String = pattern.into_iter().collect();
            prop_assert!(glob(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
