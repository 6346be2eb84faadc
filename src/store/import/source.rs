//! The uploaded file, opened so that it can do nothing but be read.

use super::ImportError;
use crate::clock::monotonic;
use crate::soda::value::compare_numbers;
use crate::store::connection::{NUMBER_COLLATION, OWN_PROCESS};
use crate::store::{StoreError, TemporaryFile, migrate};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a value and of a whole row. A row that was sent with 16 MiB may be longer when it is stored.
const MAX_ROW: i32 = 64 << 20;
/// Bytes of one statement of the file's schema. A view of 2,000 columns has less than half of it.
const MAX_SCHEMA: i32 = 2 << 20;
/// How deep an expression of the file's schema nests.
const MAX_DEPTH: i32 = 100;
/// How long all of it may take.
const MAX_TIME: Duration = Duration::from_secs(600);
/// Instructions of SQLite between two looks at the clock.
const LOOK_EVERY: i32 = 100_000;
/// Tables that every database of ours has, and one that may be missing.
const OWN_TABLES: [&str; 3] = ["datasets", "columns", "settings"];
/// Tables of revisions and their sources, which are left behind: what is rebuilt are datasets.
const LEFT_TABLES: [&str; 12] = [
    "schedules",
    "revisions",
    "task_sets",
    "sources",
    "input_schemas",
    "output_schemas",
    "import_configs",
    "contents",
    "content_chunks",
    "content_pieces",
    "attachments",
    "archived_datasets",
];

/// An uploaded file whose pages and schema were looked at; its values were not.
pub(super) struct Source {
    /// A connection that reads.
    pub connection: Connection,
    /// How many steps of our format it has seen.
    pub format: i64,
    tables: HashSet<String>,
    _file: Arc<TemporaryFile>,
}

impl Source {
    /// Opens a file; refuses one that is damaged, not ours, or has more in its schema than ours.
    pub fn open(file: &Arc<TemporaryFile>) -> Result<Self, ImportError> {
        let connection = connect(file).map_err(damaged)?;
        if !migrate::is_ours(&connection).map_err(unreadable)? {
            return Err(ImportError::Foreign("it belongs to another program".to_owned()));
        }
        let format = format(&connection)?;
        let tables = tables(&connection)?;
        // What is not told by it, that indexes agree with their tables, does not matter: none is used.
        let pages = "PRAGMA quick_check(1)";
        let found: String = connection.query_row(pages, [], |row| row.get(0)).map_err(damaged)?;
        if found != "ok" {
            return Err(ImportError::Foreign(format!("it is damaged: {found}")));
        }
        Ok(Self { connection, format, tables, _file: Arc::clone(file) })
    }

    /// The names of a table's columns, all of which hold values.
    pub fn columns(&self, table: &str) -> Result<HashSet<String>, ImportError> {
        if !self.tables.contains(table) {
            return Err(ImportError::Foreign(format!("it has no table {table}")));
        }
        let sql = "SELECT name, hidden FROM pragma_table_xinfo(?1)";
        let mut statement = self.connection.prepare(sql).map_err(damaged)?;
        let mut rows = statement.query([table]).map_err(damaged)?;
        let mut names = HashSet::new();
        while let Some(row) = rows.next().map_err(damaged)? {
            let (name, hidden): (String, i64) =
                row.get(0).and_then(|name| Ok((name, row.get(1)?))).map_err(damaged)?;
            if hidden != 0 {
                return Err(ImportError::Foreign(format!("column {name} of table {table} is computed")));
            }
            names.insert(name);
        }
        Ok(names)
    }

    /// The tables of rows.
    pub fn row_tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str).filter(|name| is_row_table(name))
    }
}

fn connect(file: &TemporaryFile) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = if cfg!(unix) {
        Connection::open_with_flags_and_vfs(file.path(), flags, OWN_PROCESS)?
    } else {
        Connection::open_with_flags(file.path(), flags)?
    };
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        connection.set_db_config(option, on)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_ROW),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SCHEMA),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, MAX_DEPTH),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    let end = monotonic() + MAX_TIME;
    connection.progress_handler(LOOK_EVERY, Some(move || monotonic() > end))?;
    connection.create_collation(NUMBER_COLLATION, compare_numbers)?;
    // Checks of the file's own are no matter of ours, and would run whatever they say.
    connection.execute_batch(
        "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA ignore_check_constraints=ON; PRAGMA temp_store=FILE;",
    )?;
    Ok(connection)
}

fn format(connection: &Connection) -> Result<i64, ImportError> {
    let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
    let known = migrate::NEWEST;
    match found {
        ..1 => Err(ImportError::Foreign(format!("there is no format {found}"))),
        _ if found > known => Err(ImportError::Newer { found, known }),
        _ => Ok(found),
    }
}

/// Whether this is the name of the table of a dataset's rows.
pub fn is_row_table(name: &str) -> bool {
    name.strip_prefix('d').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The names of all tables. Indexes and views are left where they are, SQLite's own statistics too.
fn tables(connection: &Connection) -> Result<HashSet<String>, ImportError> {
    let sql = "SELECT type, name, coalesce(rootpage, 0) > 0 FROM sqlite_schema";
    let mut statement = connection.prepare(sql).map_err(damaged)?;
    let mut rows = statement.query([]).map_err(damaged)?;
    let mut tables = HashSet::new();
    while let Some(row) = rows.next().map_err(damaged)? {
        let read = row.get(0).and_then(|kind| Ok((kind, row.get(1)?, row.get(2)?)));
        let (kind, name, stored): (String, String, bool) = read.map_err(damaged)?;
        match kind.as_str() {
            "index" | "view" => {}
            "table" if name.starts_with("sqlite_") || LEFT_TABLES.contains(&name.as_str()) => {}
            "table" if stored && (OWN_TABLES.contains(&name.as_str()) || is_row_table(&name)) => {
                tables.insert(name);
            }
            _ => {
                return Err(ImportError::Foreign(format!(
                    "it has a {kind} {name}, which no soda-mock makes"
                )));
            }
        }
    }
    Ok(tables)
}

/// Why the file could not be read: for the most part because of what is in it.
pub(super) fn damaged(error: rusqlite::Error) -> ImportError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OutOfMemory | ErrorCode::DiskFull | ErrorCode::CannotOpen) => {
            ImportError::Store(error.into())
        }
        Some(ErrorCode::OperationInterrupted) => {
            ImportError::Foreign(format!("it takes longer than {} seconds to read", MAX_TIME.as_secs()))
        }
        Some(ErrorCode::TooBig) => {
            ImportError::Foreign(format!("it has a row of more than {} MiB", MAX_ROW >> 20))
        }
        _ => ImportError::Foreign(format!("it is damaged: {error}")),
    }
}

fn unreadable(error: StoreError) -> ImportError {
    match error {
        StoreError::Sqlite(error) => damaged(error),
        other => other.into(),
    }
}
