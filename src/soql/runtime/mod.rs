//! The SQL functions that compiled queries call: exact numbers, time, text, search, places.

mod aggregate;
mod cast;
mod decimal;
mod generalize;
mod measure;
mod period;
mod place;
mod register;
mod search;
mod shape;
mod text;
mod time;

pub use period::Period;
pub use register::register;

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
        // What SQLite itself refuses of a window; PostgreSQL refuses it in other words.
        let window = ["ntile", "frame", "RANGE with offset", "nth_value"];
        window.iter().any(|word| text.contains(word)).then(|| Self::failed(text))
    }
}

type Ran<T> = Result<T, RuntimeError>;
