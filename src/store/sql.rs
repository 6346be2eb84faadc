//! SQL written by people, on the stored tables and views: it reads, within limits, and does nothing
//! else.

use super::StoreError;
use super::stored_file::open;
use crate::api::SqlTable;
use crate::memory::Room;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Rows of an answer, unless the question says less.
pub const MAX_ROWS: usize = 100_000;
/// Bytes of texts in an answer; after them it is cut.
const MAX_BYTES: usize = 64 << 20;
/// Bytes of a single value, computed ones included.
const MAX_VALUE: i32 = 16 << 20;
/// Instructions of SQLite between two looks at the clock.
const LOOK_EVERY: i32 = 10_000;

/// One statement with its limits.
#[derive(Clone, Debug)]
pub struct SqlQuery {
    /// The text.
    pub sql: String,
    /// Values of its parameters: a list for `?1`, an object for `:name`.
    pub params: Value,
    /// Rows at most.
    pub limit: usize,
    /// Time at most.
    pub time: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// SQLite does not understand it.
    #[error("{0}")]
    Statement(String),
    /// It would do something else than read.
    #[error("only SELECT on the stored tables and views is allowed here")]
    NotAllowed,
    /// It takes too long.
    #[error("the statement ran longer than {0:?} and was stopped; narrow it")]
    TooSlow(Duration),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers a question on a database file, on a connection of its own that can only read.
pub fn ask(path: &Path, question: &SqlQuery, room: &Room) -> Result<SqlTable, SqlError> {
    let mut connection = open(path, room)?;
    restrict(&mut connection, question.time).map_err(StoreError::from)?;
    let answer = run(&connection, question);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(StoreError::from)?;
    answer.map_err(|error| explain(&connection, question, &error))
}

#[expect(clippy::disallowed_methods, reason = "the machine's patience is measured, not the mock's time")]
fn restrict(connection: &mut Connection, time: Duration) -> rusqlite::Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    let end = Instant::now() + time;
    connection.progress_handler(LOOK_EVERY, Some(move || Instant::now() > end))?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Function { .. }
        | AuthAction::Recursive => Authorization::Allow,
        _ => Authorization::Deny,
    }))
}

fn run(connection: &Connection, question: &SqlQuery) -> rusqlite::Result<SqlTable> {
    let mut statement = connection.prepare(&question.sql)?;
    bind(&mut statement, &question.params)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut table = SqlTable { columns, rows: Vec::new(), truncated: false };
    let limit = question.limit.min(MAX_ROWS);
    let mut bytes = 0;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if table.rows.len() == limit || bytes > MAX_BYTES {
            table.truncated = true;
            break;
        }
        let mut cells = Vec::with_capacity(table.columns.len());
        for index in 0..table.columns.len() {
            let cell = shown(row.get_ref(index)?);
            bytes += cell.as_str().map_or(8, str::len);
            cells.push(cell);
        }
        table.rows.push(cells);
    }
    Ok(table)
}

fn bind(statement: &mut Statement<'_>, params: &Value) -> rusqlite::Result<()> {
    match params {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                statement.raw_bind_parameter(index + 1, bound(value))?;
            }
        }
        Value::Object(named) => {
            for (name, value) in named {
                let name = if name.starts_with([':', '@', '$']) { name.clone() } else { format!(":{name}") };
                if let Some(index) = statement.parameter_index(&name)? {
                    statement.raw_bind_parameter(index, bound(value))?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn bound(value: &Value) -> ToSqlOutput<'_> {
    match value {
        Value::Null => ToSqlOutput::Owned(Cell::Null),
        Value::Bool(b) => ToSqlOutput::Owned(Cell::Integer((*b).into())),
        Value::Number(n) => ToSqlOutput::Owned(match n.as_i64() {
            Some(n) => Cell::Integer(n),
            None => Cell::Real(n.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Value::Array(_) | Value::Object(_) => ToSqlOutput::Owned(Cell::Text(value.to_string())),
    }
}

fn shown(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        ValueRef::Real(x) => {
            serde_json::Number::from_f64(x).map_or_else(|| x.to_string().into(), Value::Number)
        }
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => {
            let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            format!("x'{digits}'").into()
        }
    }
}

/// SQLite's words, and what to change.
fn explain(connection: &Connection, question: &SqlQuery, error: &rusqlite::Error) -> SqlError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => return SqlError::TooSlow(question.time),
        Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
            return SqlError::NotAllowed;
        }
        _ => {}
    }
    let mut text = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } if *offset >= 0 => {
            let before = question.sql.get(..usize::try_from(*offset).unwrap_or(0)).unwrap_or("");
            format!("{msg} (at character {})", before.chars().count() + 1)
        }
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) if message.contains("index out of range") => {
            "there are more values than parameters".to_owned()
        }
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::MultipleStatement => "one statement at a time".to_owned(),
        other => other.to_string(),
    };
    if text.contains("no such table") {
        text.push_str(&format!("; there are: {}", names(connection)));
    } else if text.contains("unrecognized token") || text.contains("syntax error") {
        text.push_str("; a name with a dash or a blank stands in double quotes: \"4tka-6guv\"");
    }
    SqlError::Statement(text)
}

/// The names of datasets to select from.
fn names(connection: &Connection) -> String {
    let sql = "SELECT coalesce(group_concat('\"' || name || '\"', ', '), 'none') FROM sqlite_schema WHERE type='view'";
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{SqlError, SqlQuery, ask};
    use crate::memory::Room;
    use rusqlite::Connection;
    use serde_json::{Value, json};
    use std::time::Duration;

    fn asked(sql: &str, params: Value) -> Result<super::SqlTable, SqlError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let setup = "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2.5, NULL), (x'00ff', 'y');
                     CREATE VIEW \"4tka-6guv\" AS SELECT * FROM t";
        Connection::open(&path).unwrap().execute_batch(setup).unwrap();
        let time = Duration::from_millis(50);
        ask(&path, &SqlQuery { sql: sql.to_owned(), params, limit: 2, time }, &Room::new(1 << 20))
    }

    #[test]
    fn cells_come_as_json_and_no_more_than_the_limit() {
        let table = asked("SELECT * FROM t", json!([])).unwrap();
        assert_eq!(table.columns, ["a", "b"]);
        assert_eq!(json!(table.rows), json!([[1, "x"], [2.5, null]]));
        assert!(table.truncated);
        let blob = asked("SELECT a FROM t WHERE b = ?1", json!(["y"])).unwrap();
        assert_eq!((json!(blob.rows), blob.truncated), (json!([["x'00ff'"]]), false));
        let named = asked("SELECT b FROM t WHERE a = :a", json!({ "a": 1 })).unwrap();
        assert_eq!(json!(named.rows), json!([["x"]]));
    }

    #[test]
    fn nothing_but_reading_is_allowed() {
        for sql in [
            "DELETE FROM t",
            "PRAGMA user_version",
            "ATTACH 'x.db' AS x",
            "CREATE TABLE u(a)",
            "VACUUM INTO 'x.db'",
            "DROP VIEW \"4tka-6guv\"",
            "BEGIN",
            "COMMIT",
        ] {
            assert!(matches!(asked(sql, json!([])), Err(SqlError::NotAllowed)), "{sql}");
        }
    }

    #[test]
    fn errors_say_what_to_change() {
        let text = |sql: &str, params: Value| asked(sql, params).unwrap_err().to_string();
        assert_eq!(text("SELECT * FROM nope", json!([])), "no such table: nope; there are: \"4tka-6guv\"");
        assert!(text("SELECT * FROM 4tka-6guv", json!([])).contains("double quotes"));
        assert!(text("SELEC 1", json!([])).contains("at character 1"));
        assert_eq!(text("SELECT 1; SELECT 2", json!([])), "one statement at a time");
        assert_eq!(text("SELECT ?1", json!([1, 2])), "there are more values than parameters");
    }

    #[test]
    fn an_endless_statement_is_stopped() {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";
        assert!(matches!(asked(endless, json!([])), Err(SqlError::TooSlow(_))));
    }

    #[test]
    fn a_huge_value_is_refused() {
        assert!(asked("SELECT zeroblob(1000000000)", json!([])).is_err());
    }
}
