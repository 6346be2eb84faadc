//! Members that speak of what is known once a request was answered and recorded.

use super::one_or_many::{OneOrMany, one_or_many};
use super::pattern::Pattern;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;
use std::borrow::Cow;
use std::fmt;

/// Reads a member for which null is a value, not the lack of one.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// What the body of a request has to be: all of it.
#[derive(Clone, Debug, Default)]
pub struct BodyMatch {
    /// What its text has to be.
    pub texts: Vec<Pattern>,
    /// A part of it as JSON: objects may have more members, arrays more items.
    pub json: Option<Value>,
    /// Paths that lead somewhere, with what has to be found there.
    pub paths: Vec<(JsonPath, Option<Value>)>,
}

/// The object form of [`BodyMatch`].
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct BodyMembers {
    /// Parts of the text.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(with = "Option<OneOrMany<String>>")]
    contains: Vec<String>,
    /// Exactly this text.
    equals: Option<String>,
    /// A regular expression that matches somewhere.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    regex: Option<RegexText>,
    /// Whether there is a body.
    present: Option<bool>,
    /// A part of the body as JSON.
    #[serde(deserialize_with = "given")]
    json: Option<Value>,
    /// A JSONPath that leads somewhere, or paths with what is found there.
    #[schemars(with = "Option<OneOrMany<String>>")]
    json_path: JsonPaths,
}

struct RegexText(regex::Regex);

impl<'de> Deserialize<'de> for RegexText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        regex::Regex::new(&source).map(Self).map_err(D::Error::custom)
    }
}

#[derive(Default)]
struct JsonPaths(Vec<(JsonPath, Option<Value>)>);

fn json_path<E: Error>(text: &str) -> Result<JsonPath, E> {
    JsonPath::parse(text).map_err(|error| E::custom(format!("{text:?} is no JSONPath: {error}")))
}

impl<'de> Deserialize<'de> for JsonPaths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PathsVisitor;

        impl<'de> Visitor<'de> for PathsVisitor {
            type Value = JsonPaths;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSONPath, or an object of paths and values")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<JsonPaths, E> {
                Ok(JsonPaths(vec![(json_path(text)?, None)]))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonPaths, A::Error> {
                let mut paths = Vec::new();
                while let Some((text, expected)) = map.next_entry::<String, Value>()? {
                    paths.push((json_path(&text)?, Some(expected)));
                }
                Ok(JsonPaths(paths))
            }
        }

        deserializer.deserialize_any(PathsVisitor)
    }
}

impl<'de> Deserialize<'de> for BodyMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;

        impl<'de> Visitor<'de> for BodyVisitor {
            type Value = BodyMatch;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a text, null, or an object with contains, equals, regex, present, json or json_path",
                )
            }

            fn visit_unit<E: Error>(self) -> Result<BodyMatch, E> {
                Ok(BodyMatch { texts: vec![Pattern::Present(false)], ..BodyMatch::default() })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<BodyMatch, E> {
                Ok(BodyMatch { texts: vec![Pattern::Equals(text.to_owned())], ..BodyMatch::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BodyMatch, A::Error> {
                let members = BodyMembers::deserialize(MapAccessDeserializer::new(map))?;
                let contains = members.contains.into_iter().map(Pattern::Contains);
                let others = [
                    members.equals.map(Pattern::Equals),
                    members.regex.map(|regex| Pattern::Regex(regex.0)),
                    members.present.map(Pattern::Present),
                ];
                let texts = contains.chain(others.into_iter().flatten()).collect();
                Ok(BodyMatch { texts, json: members.json, paths: members.json_path.0 })
            }
        }

        deserializer.deserialize_any(BodyVisitor)
    }
}

impl JsonSchema for BodyMatch {
    fn schema_name() -> Cow<'static, str> {
        "BodyMatch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The body: its text, null for none, or what it has in it.",
            "anyOf": [{ "type": ["string", "null"] }, generator.subschema_for::<BodyMembers>()],
        })
    }
}

/// What the rows of a request have to be, and what became of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RowsMatch {
    /// Rows that were sent, in part: each of these.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(with = "Option<OneOrMany<Map<String, Value>>>")]
    pub contains: Vec<Map<String, Value>>,
    /// So many rows were sent.
    pub count: Option<u64>,
    /// So many were created.
    pub created: Option<u64>,
    /// So many were updated.
    pub updated: Option<u64>,
    /// So many were deleted.
    pub deleted: Option<u64>,
    /// So many were refused.
    pub errors: Option<u64>,
}

/// Rows that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowCount {
    Sent,
    Created,
    Updated,
    Deleted,
    Refused,
}

impl RowCount {
    /// The name of the count in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "count",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Refused => "errors",
        }
    }
}

impl RowsMatch {
    /// The counts that are asked for.
    pub fn counts(&self) -> impl Iterator<Item = (RowCount, u64)> {
        [
            (RowCount::Sent, self.count),
            (RowCount::Created, self.created),
            (RowCount::Updated, self.updated),
            (RowCount::Deleted, self.deleted),
            (RowCount::Refused, self.errors),
        ]
        .into_iter()
        .filter_map(|(what, count)| Some((what, count?)))
    }
}

/// A status, a class of statuses, or the lack of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusMatch {
    /// `200`.
    Code(u16),
    /// `4xx`, by its first digit.
    Class(u16),
    /// `none`: the client left before there was an answer.
    None,
}

impl StatusMatch {
    /// Whether an answer has such a status.
    pub fn fits(&self, status: Option<u16>) -> bool {
        match self {
            Self::Code(code) => status == Some(*code),
            Self::Class(class) => status.is_some_and(|status| status / 100 == *class),
            Self::None => status.is_none(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::None);
        }
        let number = match text.strip_suffix("xx") {
            Some(class) => return class.parse().ok().filter(|c| (1..=5).contains(c)).map(Self::Class),
            None => text.parse().ok()?,
        };
        (100..=599).contains(&number).then_some(Self::Code(number))
    }
}

impl fmt::Display for StatusMatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
            Self::None => formatter.write_str("none"),
        }
    }
}

/// Statuses in one value of JSON: a number, or a text with commas.
#[derive(Clone, Debug, Default)]
struct Statuses(Vec<StatusMatch>);

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let parse = |part: &str| {
            StatusMatch::parse(&part.trim().to_ascii_lowercase()).ok_or_else(|| {
                D::Error::custom(format!(
                    "{part:?} is no status; write 200, \"4xx\", a list of them, or \"none\" when the client left"
                ))
            })
        };
        text.split(',').map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Reads a status, several with commas, or a list of them.
pub(super) fn statuses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<StatusMatch>, D::Error> {
    let all: Vec<Statuses> = one_or_many(deserializer)?;
    Ok(all.into_iter().flat_map(|statuses| statuses.0).collect())
}

/// From where on requests are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Later than the request with this number.
    Request(u64),
    /// Not before this moment, in Unix milliseconds.
    Time(i64),
}

impl<'de> Deserialize<'de> for Since {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        if let Ok(id) = text.parse() {
            return Ok(Self::Request(id));
        }
        let time: Result<jiff::Timestamp, _> = text.parse();
        time.map(|time| Self::Time(time.as_millisecond())).map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is neither the id of a request nor a time such as 2025-01-31T12:00:00Z"
            ))
        })
    }
}

/// Reads what a fact has to be like, or whether it is there: true for any, false for none.
pub(super) fn like_or_present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Pattern>, D::Error> {
    let pattern = Pattern::deserialize(deserializer)?;
    Ok(Some(match pattern {
        Pattern::Text(text) if text == "true" || text == "false" => Pattern::Present(text == "true"),
        other => other,
    }))
}
