//! What a text has to be: equal, with `*`, a regular expression, a part of it, present or not.

use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// What a text has to be. In JSON it is a text, null (not there), or an object with one of `equals`,
/// `glob`, `regex`, `contains` and `present`.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// A text as it was written. `*` stands for any text, except where [`Pattern::literal`] is applied.
    Text(String),
    /// Exactly this text.
    Equals(String),
    /// Like this text, in which `*` stands for any text, slashes included.
    Glob(String),
    /// Matched somewhere by this regular expression.
    Regex(Regex),
    /// With this part.
    Contains(String),
    /// There, or not there.
    Present(bool),
}

impl Pattern {
    /// The same where a plain text means itself, `*` included: header values, query parameters, bodies.
    pub fn literal(self) -> Self {
        match self {
            Self::Text(text) => Self::Equals(text),
            other => other,
        }
    }

    /// Whether a text is as wanted; `None` is a text that is not there.
    pub fn fits(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Present(wanted), _) => *wanted == text.is_some(),
            (_, None) => false,
            (Self::Equals(wanted), Some(text)) => wanted == text,
            (Self::Text(wanted) | Self::Glob(wanted), Some(text)) => glob(wanted, text),
            (Self::Regex(wanted), Some(text)) => wanted.is_match(text),
            (Self::Contains(wanted), Some(text)) => text.contains(wanted.as_str()),
        }
    }

    /// What is wanted, in words that stand after "expected".
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) if !text.contains('*') => text.clone(),
            Self::Equals(text) => text.clone(),
            Self::Text(text) | Self::Glob(text) => format!("{text} (* stands for anything)"),
            Self::Regex(regex) => format!("a match of /{regex}/"),
            Self::Contains(text) => format!("a text with {text:?} in it"),
            Self::Present(true) => "it to be there".to_owned(),
            Self::Present(false) => "it not to be there".to_owned(),
        }
    }
}

/// Whether a text is like a pattern in which `*` stands for any text.
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

/// The object form; exactly one member is given.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Members {
    equals: Option<String>,
    glob: Option<String>,
    #[serde(deserialize_with = "regex")]
    regex: Option<Regex>,
    contains: Option<String>,
    present: Option<bool>,
}

fn regex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let source = String::deserialize(deserializer)?;
    Regex::new(&source).map(Some).map_err(D::Error::custom)
}

impl Members {
    fn pattern(self) -> Result<Pattern, String> {
        let given = [
            self.equals.map(Pattern::Equals),
            self.glob.map(Pattern::Glob),
            self.regex.map(Pattern::Regex),
            self.contains.map(Pattern::Contains),
            self.present.map(Pattern::Present),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(pattern), None) => Ok(pattern),
            (None, _) => Err("one of equals, glob, regex, contains, present is needed".to_owned()),
            _ => Err("only one of equals, glob, regex, contains, present goes".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PatternVisitor;

        impl<'de> Visitor<'de> for PatternVisitor {
            type Value = Pattern;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .write_str("a text, null, or an object with equals, glob, regex, contains or present")
            }

            fn visit_unit<E: Error>(self) -> Result<Pattern, E> {
                Ok(Pattern::Present(false))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Pattern, E> {
                Ok(Pattern::Text(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Pattern, E> {
                Ok(Pattern::Text(value.to_string()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Pattern, E> {
                Ok(Pattern::Text(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Pattern, E> {
                Ok(Pattern::Text(value.to_string()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Pattern, E> {
                Ok(Pattern::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Pattern, A::Error> {
                Members::deserialize(MapAccessDeserializer::new(map))?.pattern().map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(PatternVisitor)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Present(false) => serializer.serialize_unit(),
            Self::Present(true) => serializer.collect_map([("present", true)]),
            Self::Equals(text) => serializer.collect_map([("equals", text)]),
            Self::Glob(text) => serializer.collect_map([("glob", text)]),
            Self::Regex(regex) => serializer.collect_map([("regex", regex.as_str())]),
            Self::Contains(text) => serializer.collect_map([("contains", text)]),
        }
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |what: &str| json_schema!({ "type": "string", "description": what });
        json_schema!({
            "description": "What a text has to be: a text, null (not there), or an object with one member.",
            "anyOf": [
                { "type": ["string", "number", "boolean", "null"] },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": false,
                    "properties": {
                        "equals": text("Exactly this text."),
                        "glob": text("Like this text, in which * stands for any text."),
                        "regex": text("A regular expression that matches somewhere."),
                        "contains": text("A part of the text."),
                        "present": { "type": "boolean", "description": "Whether it is there at all." },
                    },
                },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("/resource/*", "/resource/4tka-6guv.json", true),
            ("/resource/*", "/api/views", false),
            ("/resource/*.json", "/resource/4tka-6guv.csv", false),
            ("*/4tka-6guv*", "/resource/4tka-6guv/1.json", true),
            ("/a/*/c/*", "/a/b/c/d", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-c-b", false),
            ("*ab*ab*", "ab", false),
            ("*ab*ab*", "abab", true),
            ("*", "", true),
            ("exact", "exact", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_refused_with_what_is_right() {
        for (value, says) in [
            (json!(["a"]), "a text, null, or an object"),
            (json!({ "regexp": "a" }), "expected one of `equals`, `glob`, `regex`"),
            (json!({ "regex": "(" }), "unclosed"),
            (json!({ "regex": "a", "glob": "b" }), "only one of"),
            (json!({}), "is needed"),
            (json!({ "present": "yes" }), "a boolean"),
        ] {
            let error = serde_json::from_value::<Pattern>(value.clone()).unwrap_err().to_string();
            assert!(error.contains(says), "{value}: {error}");
        }
    }

    #[test]
    fn a_pattern_is_written_as_it_was_read() {
        for value in [
            json!("a*"),
            json!(null),
            json!({ "equals": "a*" }),
            json!({ "glob": "a*" }),
            json!({ "regex": "^a" }),
            json!({ "contains": "a" }),
            json!({ "present": true }),
        ] {
            let pattern: Pattern = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&pattern).unwrap(), value);
        }
    }

    #[test]
    fn a_literal_star_is_a_star() {
        let pattern: Pattern = serde_json::from_value(Value::from("*/*")).unwrap();
        assert!(pattern.fits(Some("text/csv")));
        assert!(!pattern.clone().literal().fits(Some("text/csv")) && pattern.literal().fits(Some("*/*")));
    }

    proptest! {
        #[test]
        fn a_text_fits_itself_with_stars_put_in(text in ".{0,20}", cuts in prop::collection::vec(0..20usize, 0..4)) {
            let text: String = text.chars().filter(|c| *c != '*').collect();
            let mut pattern: Vec<char> = text.chars().collect();
            for cut in cuts {
                let at = cut.min(pattern.len());
                pattern.insert(at, '*');
            }
            let pattern: String = pattern.into_iter().collect();
            prop_assert!(glob(&pattern, &text), "{} {}", pattern, text);
        }

        #[test]
        fn a_text_fits_itself_with_any_part_replaced_by_a_star(text in "[a-c]{0,12}", from in 0_usize..12, len in 0_usize..12) {
            let from = from.min(text.len());
            let to = (from + len).min(text.len());
            let pattern = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(glob(&pattern, &text));
        }

        #[test]
        fn no_pattern_panics(pattern in ".{0,20}", text in ".{0,20}") {
            let _ = glob(&pattern, &text);
        }
    }
}
