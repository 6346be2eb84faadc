//! `sql`: SELECT on the stored tables and views, of a server or a data file.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target};
use super::table::{Cell, Table, grouped};
use crate::api::SqlTable;
use crate::memory::Memory;
use crate::store::Catalogue;
use crate::store::sql::{MAX_ROWS, SqlError, SqlQuery, ask};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of `sql`.
#[derive(clap::Args, Debug)]
pub(super) struct SqlOptions {
    /// A SELECT; - reads it from standard input. Each dataset is a view: "4tka-6guv".
    #[arg(value_name = "SELECT")]
    sql: String,
    /// Values of ?1, ?2, …; what reads as JSON is JSON, anything else a text.
    #[arg(value_name = "VALUE")]
    params: Vec<String>,
    /// Rows at most.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
    /// A data file of `serve --data`, in place of a server; it is only read.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `sql`.
pub(super) fn run(options: &SqlOptions) -> Result<Shown, CliError> {
    let mut sql = options.sql.clone();
    if sql == "-" {
        sql.clear();
        std::io::stdin()
            .read_to_string(&mut sql)
            .map_err(|e| CliError::Usage(format!("standard input: {e}")))?;
    }
    let value = |text: &String| match serde_json::from_str(text) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))) => value,
        _ => Value::String(text.clone()),
    };
    let params: Vec<Value> = options.params.iter().map(value).collect();
    let answer = match &options.data {
        Some(file) => in_file(file, sql, params, options.limit)?,
        None => {
            let body = json!({ "sql": sql, "params": params, "limit": options.limit });
            Server::find(&options.target)?.call("POST", "/sql", Some(&body))?
        }
    };
    let truncated = answer.truncated;
    let shown = Shown::new(answer, |answer, screen| {
        let mut table = Table::new(&answer.columns);
        for row in &answer.rows {
            table.push(row.iter().map(Cell::of).collect());
        }
        table.render(screen)
    });
    let cut = options.limit.min(MAX_ROWS) as u64;
    Ok(if truncated {
        shown.warn(format!("the first {} rows are shown; --limit N shows more", grouped(cut)))
    } else {
        shown
    })
}

fn in_file(path: &Path, sql: String, params: Vec<Value>, limit: usize) -> Result<SqlTable, CliError> {
    // Opening it first tells a missing file from a wrong statement.
    super::data_file::DataFile::open(path)?;
    let question = SqlQuery { sql, params: params.into(), limit, time: Duration::from_secs(60) };
    let mut text = Vec::new();
    ask(path, &Catalogue::default(), &question, &Memory::default(), &mut text).map_err(
        |error| match error {
            SqlError::Store(error) => CliError::Data(format!("{}: {error}", path.display())),
            error => CliError::Refused(error.to_string()),
        },
    )?;
    serde_json::from_slice(&text).map_err(|error| CliError::Data(format!("{}: {error}", path.display())))
}
