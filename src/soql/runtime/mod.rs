//! The SQL functions that compiled queries call: exact numbers, time, text, search, places.

mod aggregate;
mod bound;
mod cast;
mod collation;
mod crossings;
mod decimal;
mod generalize;
mod measure;
mod nodes;
mod period;
mod place;
mod power;
mod register;
mod scales;
mod search;
mod shape;
mod sphere;
mod stop;
mod text;
mod time;
mod unaccent;

pub use bound::{Bound, MAX_VALUE};
pub use period::Period;
pub use register::register;
pub use search::words as search_words;
pub use stop::{StopSwitch, Stopped, is_stopped};

/// A failure while a query runs, in PostgreSQL's words.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// Its state is one that the coordinator passes on: 400 (source).
    #[error("soql: {0}")]
    Passed(String),
    /// Any other state: 500 (source).
    #[error("soql!: {0}")]
    Failed(String),
    /// What production does is not known: 501.
    #[error("soql?: {0}")]
    NotEmulated(String),
    /// More than a query may make: 400.
    #[error("soql#: {}", .0.name())]
    Bound(Bound),
    /// The read was stopped from outside.
    #[error("interrupted")]
    Stopped,
}

impl RuntimeError {
    fn new(text: impl Into<String>) -> Self {
        Self::Passed(text.into())
    }

    fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// Such a failure in an SQLite error.
    pub fn of(error: &rusqlite::Error) -> Option<Self> {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) {
            return Some(Self::Bound(Bound::Value));
        }
        let text = match error {
            rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
            rusqlite::Error::UserFunctionError(inner) => inner.to_string(),
            _ => return None,
        };
        if let Some(text) = text.strip_prefix("soql: ") {
            return Some(Self::new(text));
        }
        if let Some(text) = text.strip_prefix("soql!: ") {
            return Some(Self::failed(text));
        }
        if let Some(text) = text.strip_prefix("soql?: ") {
            return Some(Self::NotEmulated(text.to_owned()));
        }
        if let Some(bound) = text.strip_prefix("soql#: ").and_then(Bound::of_name) {
            return Some(Self::Bound(bound));
        }
        // What SQLite itself refuses of a window; PostgreSQL refuses it in other words.
        let window = ["ntile", "frame", "RANGE with offset", "nth_value"];
        window.iter().any(|word| text.contains(word)).then(|| Self::failed(text))
    }
}

impl From<RuntimeError> for rusqlite::Error {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Stopped => {
                Self::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT), None)
            }
            error => Self::UserFunctionError(Box::new(error)),
        }
    }
}

type Ran<T> = Result<T, RuntimeError>;
