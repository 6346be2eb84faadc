//! Members that search a recorded request as a whole.

use regex::{Regex, RegexBuilder};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;

/// The most characters of a text that is searched for.
const LONGEST: usize = 1000;

/// A text that is looked for anywhere in a request, in upper or lower case.
#[derive(Clone, Debug)]
pub struct SearchText {
    text: String,
    regex: Regex,
}

impl SearchText {
    /// Whether the text is in another one.
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The text as it was asked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn new(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if length == 0 || length > LONGEST {
            return Err(format!("a text to search for has 1 to {LONGEST} characters, this one {length}"));
        }
        let regex = RegexBuilder::new(&regex::escape(&text)).case_insensitive(true).build();
        regex.map(|regex| Self { text, regex }).map_err(|error| error.to_string())
    }
}

impl<'de> Deserialize<'de> for SearchText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for SearchText {
    fn schema_name() -> Cow<'static, str> {
        "SearchText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": LONGEST })
    }
}

/// Reads the value of a row identifier: a text or a number.
pub(super) fn row_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => Err(D::Error::custom(format!("{other} is no row identifier; write a text or a number"))),
    }
}
