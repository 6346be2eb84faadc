//! Why a function failed. SQLite passes on only a text, so the error itself is kept beside it, for the thread
//! that runs the statement.

use crate::calendar::CalendarError;
use crate::decimal::DecimalError;
use crate::shape::ShapeError;
use crate::soda::echo::bounded_text;
use crate::soql::Bound;
use std::cell::RefCell;

/// A failure while a query runs, in PostgreSQL's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// Its state is one that the coordinator passes on: 400 (source).
    #[error("{0}")]
    Passed(String),
    /// Any other state: 500 (source).
    #[error("{0}")]
    Failed(String),
    /// What production does is not known: 501.
    #[error("{0} is not emulated")]
    NotEmulated(String),
    /// More than a query may make: 400.
    #[error("{}", .0.message())]
    Bound(Bound),
    /// There is no memory for what it would hold: 503.
    #[error("out of memory")]
    OutOfMemory,
    /// The read was stopped from outside.
    #[error("interrupted")]
    Stopped,
}

impl RuntimeError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::Passed(bounded_text(text.into()))
    }

    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(bounded_text(text.into()))
    }
}

impl From<DecimalError> for RuntimeError {
    fn from(error: DecimalError) -> Self {
        match error {
            DecimalError::Overflow => Self::Bound(Bound::Number),
            DecimalError::Buckets(_) => Self::Failed(error.to_string()),
            DecimalError::NotANumber(_) | DecimalError::DivisionByZero => Self::Passed(error.to_string()),
        }
    }
}

impl From<DecimalError> for rusqlite::Error {
    fn from(error: DecimalError) -> Self {
        RuntimeError::from(error).into()
    }
}

impl From<ShapeError> for rusqlite::Error {
    fn from(error: ShapeError) -> Self {
        RuntimeError::from(error).into()
    }
}

impl From<CalendarError> for RuntimeError {
    fn from(error: CalendarError) -> Self {
        Self::Passed(error.to_string())
    }
}

impl From<ShapeError> for RuntimeError {
    fn from(error: ShapeError) -> Self {
        Self::Passed(error.to_string())
    }
}

impl From<RuntimeError> for rusqlite::Error {
    fn from(error: RuntimeError) -> Self {
        // A code without a text: of a text, SQLite would pass on the text alone.
        let coded = |code| Self::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        match error {
            RuntimeError::Stopped => coded(rusqlite::ffi::SQLITE_INTERRUPT),
            RuntimeError::OutOfMemory => coded(rusqlite::ffi::SQLITE_NOMEM),
            error => Self::UserFunctionError(Box::new(error)),
        }
    }
}

thread_local! {
    /// What a function said last in the read that this thread runs.
    static FAILURE: RefCell<Option<RuntimeError>> = const { RefCell::new(None) };
}

/// Keeps what a function fails with.
pub(super) fn keep<T>(result: rusqlite::Result<T>) -> rusqlite::Result<T> {
    if let Err(rusqlite::Error::UserFunctionError(error)) = &result
        && let Some(error) = error.downcast_ref::<RuntimeError>()
    {
        expect(error.clone());
    }
    result
}

/// Keeps what SQLite is to say of a value if it refuses it.
pub(super) fn expect(error: RuntimeError) {
    FAILURE.set(Some(error));
}

/// Forgets what earlier reads of this thread failed with. To be called before each read.
pub fn forget_failure() {
    FAILURE.set(None);
}

/// The failure of a function, or the bound of values, that an error of SQLite stands for. To be called on
/// the thread that ran the statement.
pub fn failure_of(error: &rusqlite::Error) -> Option<RuntimeError> {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::TooBig) => Some(RuntimeError::Bound(Bound::Value)),
        // SQLITE_ERROR, which says nothing.
        Some(rusqlite::ErrorCode::Unknown) => FAILURE.take(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(connection: &rusqlite::Connection, sql: &str) -> Option<RuntimeError> {
        forget_failure();
        let result = connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0));
        result.err().and_then(|error| failure_of(&error))
    }

    #[test]
    fn an_error_of_sqlite_is_told_by_the_function_that_failed() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        super::super::register(&connection, &crate::memory::Room::new(u64::MAX)).unwrap();
        let passed = Some(RuntimeError::new("division by zero"));
        assert_eq!(failure(&connection, "SELECT soql_divide('1', '0')"), passed);
        let overflow = Some(RuntimeError::Bound(Bound::Number));
        assert_eq!(failure(&connection, "SELECT soql_sum(a) FROM (SELECT '1e200000' AS a)"), overflow);
        // Not of a function.
        assert_eq!(failure(&connection, "SELECT json_extract('{', '$.a')"), None);
        assert_eq!(failure(&connection, "SELECT 1 FROM nowhere"), None);
    }

    /// As PostgreSQL, SQLite looks at the number of parts for the first row of a partition only.
    #[test]
    fn a_bad_number_of_parts_matters_where_it_is_used() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        super::super::register(&connection, &crate::memory::Room::new(u64::MAX)).unwrap();
        let ntile = |list: &str| format!("SELECT ntile(soql_parts(column1)) OVER () FROM (VALUES {list})");
        let refused = Some(RuntimeError::failed("argument of ntile must be a positive integer"));
        for list in ["('0')", "('-1')", "(NULL)", "('0'),('2')"] {
            assert_eq!(failure(&connection, &ntile(list)), refused, "{list}");
        }
        let parts = |list: &str| connection.query_row(&ntile(list), [], |row| row.get::<_, i64>(0));
        assert_eq!(parts("('2'),('0')").unwrap(), 1);
    }
}
