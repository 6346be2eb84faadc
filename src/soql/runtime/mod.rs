//! The SQL functions that compiled queries call: exact numbers, time, text, search, places.

mod aggregate;
mod decimal;
mod generalize;
mod measure;
mod period;
mod place;
mod register;
mod shape;
mod text;
mod time;

pub use period::Period;
pub use register::register;

/// A failure while a query runs, in PostgreSQL's words; the client sees it.
#[derive(Debug, thiserror::Error)]
#[error("soql: {0}")]
pub struct RuntimeError(pub String);

impl RuntimeError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of such a failure in an SQLite error.
    pub fn text_of(error: &rusqlite::Error) -> Option<String> {
        match error {
            rusqlite::Error::SqliteFailure(_, Some(text)) => text.strip_prefix("soql: ").map(str::to_owned),
            rusqlite::Error::UserFunctionError(inner) => {
                inner.to_string().strip_prefix("soql: ").map(str::to_owned)
            }
            _ => None,
        }
    }
}

type Ran<T> = Result<T, RuntimeError>;
