//! SQL written by people, on the stored tables and views: it reads, within limits, and does nothing
//! else.

use super::catalogue::{has_any_view, views};
use super::stored_file::open;
use super::tx::ReadTx;
use super::{Catalogue, Entry, StoreError};
use crate::memory::Memory;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows of an answer, unless the question says less.
pub const MAX_ROWS: usize = 100_000;
/// Bytes of an answer; after them it is cut.
const MAX_BYTES: usize = 64 << 20;
/// Bytes of one row of an answer, as JSON.
pub const MAX_ROW_BYTES: usize = 24 << 20;
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
    /// A value or a row is larger than an answer may have.
    #[error("{0}; select less of it, such as substr(x, 1, 1000) or length(x)")]
    TooLarge(String),
    /// There is no memory, or no room for the answer.
    #[error("the statement needs more memory than is left for it, or its answer more room on disk")]
    NoRoom,
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers a query on a database file, on a connection of its own that can only read. The answer is
/// written row by row, as the JSON of [`crate::api::SqlTable`]. Cells are null, a number or a text; a blob is
/// told as SQL writes it, `x'00ff'`. `truncated` tells whether there would have been more.
///
/// A file that lies in a folder of the process has no views: those of the datasets of `catalogue` that the
/// statement names are made for it.
pub fn ask(
    path: &Path,
    catalogue: &Catalogue,
    question: &SqlQuery,
    memory: &Memory,
    out: &mut dyn Write,
) -> Result<(), SqlError> {
    let mut connection = open(path, memory)?;
    make_views(&connection, catalogue, &question.sql)?;
    restrict(&mut connection, question.time).map_err(StoreError::from)?;
    let answer = run(&connection, question, out);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(StoreError::from)?;
    answer.map_err(|failure| match failure {
        Failure::Sqlite(error) => explain(&connection, catalogue, question, &error),
        Failure::Row => {
            SqlError::TooLarge(format!("a row of the answer has more than {MAX_ROW_BYTES} bytes"))
        }
        Failure::Unwritten => SqlError::NoRoom,
    })
}

/// Makes the views of the datasets that a statement names and the file has none of, for this connection only.
fn make_views(connection: &Connection, catalogue: &Catalogue, sql: &str) -> Result<(), StoreError> {
    let (tx, sql) = (ReadTx::on(connection), sql.to_lowercase());
    if has_any_view(&tx)? {
        return Ok(());
    }
    let named = |name: &str| sql.contains(&name.to_lowercase().replace('"', "\"\""));
    let all = catalogue.all().into_iter().map(|entry| &entry.dataset);
    let mut datasets: Vec<_> = all.filter(|d| named(d.id.as_str()) || named(&d.name)).collect();
    // Of datasets with the same name, the first one has the view of that name.
    datasets.sort_by_key(|dataset| dataset.number);
    for dataset in datasets {
        for view in views(&tx, dataset, "TEMP VIEW")? {
            connection.execute_batch(&view)?;
        }
    }
    Ok(())
}

/// Why an answer was not written to its end.
enum Failure {
    Sqlite(rusqlite::Error),
    /// A row is too large.
    Row,
    Unwritten,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Unwritten
    }
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

fn run(connection: &Connection, question: &SqlQuery, out: &mut dyn Write) -> Result<(), Failure> {
    let mut statement = connection.prepare(&question.sql)?;
    bind(&mut statement, &question.params)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let (width, limit) = (columns.len(), question.limit.min(MAX_ROWS));
    let (mut count, mut bytes, mut truncated) = (0, 0, false);
    let mut row_text = Vec::new();
    let mut rows = statement.raw_query();
    let mut begin = Some(format!("{{\"columns\":{},\"rows\":[", Value::from(columns)));
    while let Some(row) = rows.next()? {
        if count == limit || bytes > MAX_BYTES {
            truncated = true;
            break;
        }
        row_text.clear();
        for index in 0..width {
            row_text.push(if index == 0 { b'[' } else { b',' });
            write_cell(row.get_ref(index)?, &mut row_text)?;
            if row_text.len() > MAX_ROW_BYTES {
                return Err(Failure::Row);
            }
        }
        row_text.push(b']');
        // A statement that fails at its first row has written nothing.
        match begin.take() {
            Some(begin) => out.write_all(begin.as_bytes())?,
            None => out.write_all(b",")?,
        }
        out.write_all(&row_text)?;
        count += 1;
        bytes += row_text.len();
    }
    out.write_all(begin.unwrap_or_default().as_bytes())?;
    Ok(write!(out, "],\"truncated\":{truncated}}}")?)
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

/// The cell as JSON.
fn write_cell(cell: ValueRef<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    match cell {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Integer(n) => write!(out, "{n}")?,
        ValueRef::Real(x) => match serde_json::Number::from_f64(x) {
            Some(number) => write!(out, "{number}")?,
            None => write!(out, "\"{x}\"")?,
        },
        ValueRef::Text(text) => serde_json::to_writer(out, &String::from_utf8_lossy(text))?,
        ValueRef::Blob(bytes) => {
            out.extend_from_slice(b"\"x'");
            for byte in bytes {
                write!(out, "{byte:02x}")?;
            }
            out.extend_from_slice(b"'\"");
        }
    }
    Ok(())
}

/// SQLite's words, and what to change.
fn explain(
    connection: &Connection,
    catalogue: &Catalogue,
    question: &SqlQuery,
    error: &rusqlite::Error,
) -> SqlError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => return SqlError::TooSlow(question.time),
        Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
            return SqlError::NotAllowed;
        }
        Some(ErrorCode::OutOfMemory) => return SqlError::NoRoom,
        Some(ErrorCode::TooBig) => {
            return SqlError::TooLarge(format!(
                "a value, or a row that is sorted, has more than {MAX_VALUE} bytes"
            ));
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
        text.push_str(&format!("; there are: {}", names(connection, catalogue)));
    } else if text.contains("unrecognized token") || text.contains("syntax error") {
        text.push_str("; a name with a dash or a blank stands in double quotes: \"4tka-6guv\"");
    }
    SqlError::Statement(text)
}

/// The names of datasets to select from.
fn names(connection: &Connection, catalogue: &Catalogue) -> String {
    let sql = "SELECT name FROM sqlite_schema WHERE type='view'";
    let views = connection.prepare(sql).and_then(|mut statement| {
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()
    });
    let mut names: Vec<String> = views.unwrap_or_default();
    if names.is_empty() {
        let both = |entry: &Arc<Entry>| [entry.dataset.id.as_str().to_owned(), entry.dataset.name.clone()];
        names = catalogue.all().into_iter().flat_map(both).collect();
    }
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, MAX_ROW_BYTES, SqlError, SqlQuery, ask};
    use crate::memory::Memory;
    use rusqlite::Connection;
    use serde_json::{Value, json};
    use std::time::Duration;

    fn asked(sql: &str, params: Value) -> Result<Value, SqlError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let setup = "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2.5, NULL), (x'00ff', 'y');
                     CREATE VIEW \"4tka-6guv\" AS SELECT * FROM t";
        Connection::open(&path).unwrap().execute_batch(setup).unwrap();
        let time = Duration::from_millis(50);
        let mut text = Vec::new();
        let query = SqlQuery { sql: sql.to_owned(), params, limit: 2, time };
        ask(&path, &Catalogue::default(), &query, &Memory::default(), &mut text)?;
        Ok(serde_json::from_slice(&text).unwrap())
    }

    #[test]
    fn cells_come_as_json_and_no_more_than_the_limit() {
        let table = asked("SELECT * FROM t", json!([])).unwrap();
        assert_eq!(
            table,
            json!({ "columns": ["a", "b"], "rows": [[1, "x"], [2.5, null]], "truncated": true })
        );
        let blob = asked("SELECT a FROM t WHERE b = ?1", json!(["y"])).unwrap();
        assert_eq!(blob, json!({ "columns": ["a"], "rows": [["x'00ff'"]], "truncated": false }));
        let named = asked("SELECT b FROM t WHERE a = :a", json!({ "a": 1 })).unwrap();
        assert_eq!(named["rows"], json!([["x"]]));
        let none = asked("SELECT a FROM t WHERE b = ?1", json!(["z"])).unwrap();
        assert_eq!(none, json!({ "columns": ["a"], "rows": [], "truncated": false }));
        let infinite = asked("SELECT 9e999 AS a, -1.5e300 AS b", Value::Null).unwrap();
        assert_eq!(infinite["rows"], json!([["inf", -1.5e300]]));
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
        for sql in [
            "SELECT zeroblob(1000000000)",
            "SELECT hex(zeroblob(9000000))",
            "SELECT zeroblob(7000000), zeroblob(7000000)",
        ] {
            let refused = asked(sql, json!([]));
            assert!(matches!(refused, Err(SqlError::TooLarge(_))), "{sql}: {refused:?}");
        }
        assert!(asked("SELECT zeroblob(7000000)", json!([])).unwrap().to_string().len() < MAX_ROW_BYTES);
    }
}
