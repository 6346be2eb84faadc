//! What can be wrong with a query, in the two envelopes of production.

use super::bound::Bound;
use super::compile_error::CompileError;
use super::limits::Limit;
use crate::soda::echo::{MAX_ECHO, bounded, echo};
use crate::soda::pretty;
use serde_json::{Value, json};

/// A place in a query, one-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub row: usize,
    /// The character in the line.
    pub column: usize,
    /// The line's text; of a long one, the part around the character.
    pub line: String,
    /// Characters of it before the one that is meant.
    before: usize,
}

impl Position {
    /// The place of a byte offset.
    pub fn of(source: &str, at: usize) -> Self {
        let before = source.get(..at).unwrap_or(source);
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = source[start..].split('\n').next().unwrap_or("");
        let column = before[start..].chars().count() + 1;
        let shown = column.saturating_sub(MAX_ECHO / 2);
        let shown_line = line.chars().skip(shown).take(MAX_ECHO).collect();
        Self { row: before.matches('\n').count() + 1, column, line: shown_line, before: column - 1 - shown }
    }

    fn with_caret(&self) -> String {
        format!("{}\n{}^", self.line, " ".repeat(self.before))
    }

    fn data(&self) -> Value {
        json!({ "row": self.row, "column": self.column, "line": self.with_caret() })
    }

    /// As Scala prints the map inside the message; the line's newline is an escape there.
    fn message(&self) -> String {
        let line = self.with_caret().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("Map(row -> {}, column -> {}, line -> \"{line}\")", self.row, self.column)
    }
}

/// A query that is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum SoqlError {
    /// The text does not parse: core's envelope (recorded).
    Malformed {
        /// The composed query.
        query: String,
        /// Where, unless it is not known.
        position: Position,
        /// What was expected.
        message: String,
    },
    /// The query does not compile: the back end's envelope (recorded).
    Compile {
        /// What is wrong.
        error: CompileError,
        /// Where; a few codes have no place.
        position: Option<Position>,
    },
    /// A query that is larger than may be here (ours), told as one that does not compile.
    TooLarge {
        /// In which way.
        limit: Limit,
        /// Where.
        position: Option<Position>,
    },
    /// Parameters that nobody knows (recorded, without a code).
    UnknownArguments(Vec<String>),
    /// A parameter with a value that it cannot have (ours).
    BadParameter {
        /// Which one.
        name: String,
        /// The value.
        value: String,
    },
    /// A part of the language that is not emulated.
    NotEmulated(String),
    /// A joined dataset that is not there.
    MissingDataset(String),
    /// A failure while the query ran, with PostgreSQL's text (recorded for casts).
    Runtime(String),
    /// A value that gets larger than any may be here.
    Bound(Bound),
    /// A failure that the coordinator does not pass on: its text is ours to tell as a hint.
    Internal(String),
    /// The query ran too long and was stopped (source; no body was ever recorded).
    Timeout {
        /// Milliseconds that it was given.
        limit_ms: u64,
    },
}

impl CompileError {
    /// The refusal of a query that points at a byte of its text.
    pub fn at(self, source: &str, at: usize) -> SoqlError {
        SoqlError::Compile { error: self, position: Some(Position::of(source, at)) }
    }
}

impl SoqlError {
    /// A text that does not parse.
    pub fn malformed(query: &str, position: Position, message: &str) -> Self {
        Self::Malformed { query: echo(query).into_owned(), position, message: message.to_owned() }
    }

    /// The code, where there is one.
    pub fn code(&self) -> String {
        match self {
            Self::Malformed { .. } => "query.compiler.malformed".to_owned(),
            Self::Compile { error, .. } => format!("query.soql.{}", error.code()),
            Self::TooLarge { .. } => "query.soql.bad-parse".to_owned(),
            Self::UnknownArguments(_) => "unrecognized_arguments".to_owned(),
            Self::BadParameter { .. } => "req.bad-parameter".to_owned(),
            Self::NotEmulated(_) => "not_emulated".to_owned(),
            Self::MissingDataset(_) => "query.dataset.is-not-collocated".to_owned(),
            Self::Runtime(_) | Self::Bound(_) => "400".to_owned(),
            Self::Internal(_) => "internal".to_owned(),
            Self::Timeout { .. } => "request-timeout".to_owned(),
        }
    }

    /// What is wrong, in a sentence without the envelope's words.
    pub fn sentence(&self) -> String {
        match self {
            Self::Malformed { message, .. } => message.clone(),
            Self::Compile { error, .. } => error.description(),
            Self::TooLarge { limit, .. } => limit.message(),
            Self::UnknownArguments(names) => format!("Unrecognized arguments [{}]", names.join(",")),
            Self::BadParameter { name, value } => format!("{name} cannot be '{value}'"),
            Self::NotEmulated(feature) => format!("soda-mock does not emulate {feature}"),
            Self::MissingDataset(name) => format!("Dataset {name} is not there"),
            Self::Runtime(text) | Self::Internal(text) => text.clone(),
            Self::Bound(bound) => bound.message().to_owned(),
            Self::Timeout { .. } => "The query ran too long".to_owned(),
        }
    }

    /// Where, if the error has a place.
    pub fn position(&self) -> Option<&Position> {
        match self {
            Self::Malformed { position, .. } => Some(position),
            Self::Compile { position, .. } | Self::TooLarge { position, .. } => position.as_ref(),
            _ => None,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotEmulated(_) => 501,
            Self::MissingDataset(_) => 404,
            Self::Internal(_) => 500,
            Self::Timeout { .. } => 408,
            _ => 400,
        }
    }

    /// What to change, where the body does not say it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Bound(bound) => Some(bound.hint()),
            Self::TooLarge { limit, .. } => {
                let message = limit.message();
                Some(format!("{}{}. {}", message[..1].to_uppercase(), &message[1..], limit.hint()))
            }
            Self::Internal(text) => Some(format!("The query is not one that can run: {text}.")),
            Self::Timeout { limit_ms } => Some(format!(
                "The query ran longer than {} s and was stopped: narrow it, or raise --query-timeout.",
                limit_ms / 1000
            )),
            Self::MissingDataset(name) => {
                Some(format!("No dataset {name} that may be read is here to join."))
            }
            _ => None,
        }
    }

    /// The body; `dataset` is the internal name that production would show.
    pub fn body(&self, dataset: &str) -> Vec<u8> {
        match self {
            Self::Malformed { query, position, message } => pretty::to_vec(&bounded(json!({
                "code": "query.compiler.malformed",
                "error": true,
                "message": format!(
                    "Could not parse SoQL query \"{query}\" at line {} character {}: {message}",
                    position.row, position.column
                ),
                "data": { "query": query, "position": {} },
            }))),
            Self::Compile { error, position } => {
                let data = error.data();
                compile_body(error.code(), &error.description(), &data, position.as_ref(), dataset)
            }
            Self::TooLarge { limit, position } => {
                let text = limit.message();
                let data = [("message", json!(text))];
                compile_body("bad-parse", &format!("Bad parse: {text}"), &data, position.as_ref(), dataset)
            }
            Self::UnknownArguments(names) => pretty::to_vec(&bounded(json!({
                "error": true,
                "message": format!("Unrecognized arguments [{}]", names.join(",")),
            }))),
            Self::BadParameter { name, value } => crate::soda::SodaError::bad_parameter(name, value).body(),
            Self::NotEmulated(feature) => crate::soda::SodaError::not_emulated(feature).body(),
            Self::MissingDataset(name) => bounded(json!({
                "message": format!("Query coordinator error: query.dataset.is-not-collocated; Dataset {name} is not there"),
                "errorCode": "query.dataset.is-not-collocated",
                "data": { "dataset": name },
            }))
            .to_string()
            .into_bytes(),
            Self::Internal(_) => crate::soda::SodaError::new(crate::soda::ErrorCode::Internal, "Internal error").body(),
            Self::Timeout { limit_ms } => json!({
                "message": "Query coordinator error: query.timeout; the query was cancelled",
                "errorCode": "request-timeout",
                "data": { "timeout_ms": limit_ms },
            })
            .to_string()
            .into_bytes(),
            Self::Runtime(text) => runtime_body(text),
            Self::Bound(bound) => runtime_body(bound.message()),
        }
    }
}

/// The body of a failure that the database told while the query ran.
fn runtime_body(text: &str) -> Vec<u8> {
    bounded(json!({
        "message": format!("Query coordinator error: 400; ERROR: {text}"),
        "errorCode": "400",
        "data": { "source": "soql-server" },
    }))
    .to_string()
    .into_bytes()
}

fn compile_body(
    code: &str,
    description: &str,
    data: &[(&'static str, Value)],
    position: Option<&Position>,
    dataset: &str,
) -> Vec<u8> {
    let place = position.map_or_else(String::new, |p| format!("; position: {}", p.message()));
    let mut members: serde_json::Map<String, Value> =
        data.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    members.insert("dataset".into(), dataset.into());
    if let Some(position) = position {
        members.insert("position".into(), position.data());
    }
    bounded(json!({
        "message": format!("Query coordinator error: query.soql.{code}; {description}{place}"),
        "errorCode": format!("query.soql.{code}"),
        "data": members,
    }))
    .to_string()
    .into_bytes()
}
