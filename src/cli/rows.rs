//! `rows`, `export`: stored rows, from a server or a data file.

use super::CliError;
use super::data_file::DataFile;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Cell, Table, Tone, grouped};
use crate::api::{DatasetDetail, Row};
use crate::consumer::ReadFormat;
use serde::Serialize;
use serde_json::Value;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

/// Options of `rows`.
#[derive(clap::Args, Debug)]
pub(super) struct RowsOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: String,
    /// Rows at most; 0 shows all.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Only rows after the one with this :id.
    #[arg(long, value_name = ":ID")]
    after: Option<String>,
    /// Only rows for which this holds, in SoQL, such as "magnitude > 2".
    #[arg(long, value_name = "SOQL", conflicts_with = "after")]
    r#where: Option<String>,
    /// The rows as they were at this data version, as far as the history of a running server goes back.
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["where", "data"])]
    as_of: Option<u64>,
    /// The columns to show, by field name (for people; JSON has all).
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show :id, :version, :created_at and :updated_at too (for people; JSON has them).
    #[arg(long)]
    system: bool,
    /// A data file of `serve --data`, in place of a server; it is only read.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// Options of `export`.
#[derive(clap::Args, Debug)]
pub(super) struct ExportOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: String,
    /// The format; rows carry their system fields.
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = ["csv", "json", "ndjson"])]
    format: String,
    /// Where it is written, in place of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The rows as they were at this data version, as far as the history of a running server goes back.
    #[arg(long, value_name = "VERSION", conflicts_with = "data")]
    as_of: Option<u64>,
    /// A data file of `serve --data`, in place of a server; it is only read.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// A dataset and some of its rows.
struct Found {
    /// None where nobody has counted them.
    total: Option<u64>,
    /// Field names with their data types, in the dataset's order.
    columns: Vec<(String, String)>,
    key: Option<String>,
    rows: Vec<Row>,
}

/// What programs get.
#[derive(Serialize)]
struct RowsPage {
    dataset: String,
    /// How many rows there are; null with `--as-of` when they are more than are shown.
    total: Option<u64>,
    rows: Vec<Row>,
}

/// `rows`.
pub(super) fn rows(options: &RowsOptions) -> Result<Shown, CliError> {
    let found = match &options.data {
        Some(file) => from_file(file, options)?,
        None => from_server(options)?,
    };
    let columns = chosen(&found, options)?;
    let shown = found.rows.len() as u64;
    let total = found.total;
    let page = RowsPage { dataset: options.dataset.clone(), total, rows: found.rows };
    let answer = Shown::new(page, move |page, screen| {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut table = Table::new(&names);
        for row in &page.rows {
            let cells = columns.iter().map(|(name, kind)| cell(row.get(name).unwrap_or(&Value::Null), kind));
            table.push(cells.collect());
        }
        table.render(screen)
    });
    if options.after.is_some() || total.is_some_and(|total| shown >= total) {
        return Ok(answer);
    }
    let of = total.map_or_else(|| "more".to_owned(), grouped);
    Ok(answer.warn(format!("{} of {of} rows are shown; --limit 0 shows all", grouped(shown))))
}

fn from_server(options: &RowsOptions) -> Result<Found, CliError> {
    let server = Server::find(&options.target)?;
    let path = format!("/datasets/{}", encoded(&options.dataset));
    let dataset: DatasetDetail = server.get(&path)?;
    let limit = (options.limit > 0).then_some(options.limit);
    let after = ("after", options.after.clone());
    let (total, rows) = match (&options.r#where, options.as_of) {
        (Some(filter), _) => {
            let found = queried(filter, options.limit, &mut |question| {
                server.get(&format!("{path}/query.json{}", query(question)))
            })?;
            (Some(found.0), found.1)
        }
        (None, Some(version)) => {
            // One more than is shown tells whether there are more.
            let limit = limit.map(|limit| limit.saturating_add(1).to_string());
            let page = query(&[("limit", limit), after, ("as_of", Some(version.to_string()))]);
            let mut rows: Vec<Row> = server.get(&format!("{path}/rows{page}"))?;
            let most = if options.limit > 0 { options.limit as usize } else { usize::MAX };
            let total = (rows.len() <= most).then_some(rows.len() as u64);
            rows.truncate(most);
            (total, rows)
        }
        (None, None) => {
            let page = query(&[("limit", limit.map(|limit| limit.to_string())), after]);
            (Some(dataset.summary.rows.unsigned_abs()), server.get(&format!("{path}/rows{page}"))?)
        }
    };
    let columns = dataset.columns.into_iter().map(|column| (column.field_name, column.data_type_name));
    Ok(Found { total, columns: columns.collect(), key: dataset.summary.row_identifier, rows })
}

/// Parameters of a query.
type Parameters<'a> = [(&'a str, Option<String>)];
/// Rows that a query without a bound may have.
const ALL: u32 = 1_000_000_000;

/// How many rows a filter leaves, and the first of them; `ask` answers a query.
fn queried(
    filter: &str,
    limit: u32,
    ask: &mut dyn FnMut(&Parameters<'_>) -> Result<Vec<Row>, CliError>,
) -> Result<(u64, Vec<Row>), CliError> {
    let filter = || ("$where", Some(filter.to_owned()));
    let counted = ask(&[("$select", Some("count(*) AS n".to_owned())), filter()])?;
    let total = counted.first().and_then(|row| row.get("n")?.as_str()?.parse().ok()).unwrap_or(0);
    let limit = if limit == 0 { ALL } else { limit };
    let rows = ask(&[
        ("$select", Some(":*, *".to_owned())),
        filter(),
        ("$order", Some(":id".to_owned())),
        ("$limit", Some(limit.to_string())),
    ])?;
    Ok((total, rows))
}

fn from_file(path: &Path, options: &RowsOptions) -> Result<Found, CliError> {
    let file = DataFile::open(path)?;
    let entry = file.dataset(&options.dataset)?;
    let (total, rows) = match &options.r#where {
        Some(filter) => {
            let found = queried(filter, options.limit, &mut |question| file.query(&entry, question))?;
            (Some(found.0), found.1)
        }
        None => {
            let limit = if options.limit == 0 { -1 } else { options.limit.into() };
            let mut text = Vec::new();
            file.write_rows(&entry, options.after.as_deref(), limit, ReadFormat::Json, &mut text)?;
            (Some(file.count(&entry)?), serde_json::from_slice(&text).unwrap_or_default())
        }
    };
    Ok(Found {
        total,
        columns: entry
            .dataset
            .columns
            .iter()
            .map(|c| (c.field_name.clone(), c.data_type_name.clone()))
            .collect(),
        key: entry.dataset.key_column().map(|c| c.field_name.clone()),
        rows,
    })
}

/// What people see: the row identifier, then the rest.
fn chosen(found: &Found, options: &RowsOptions) -> Result<Vec<(String, String)>, CliError> {
    let system = [":id", ":version", ":created_at", ":updated_at"];
    let system = system.map(|name| (name.to_owned(), "text".to_owned()));
    if !options.columns.is_empty() {
        let pick = |name: &String| {
            let known = found.columns.iter().chain(&system).find(|(column, _)| column == name);
            known.cloned().ok_or_else(|| {
                let names: Vec<&str> = found.columns.iter().map(|(n, _)| n.as_str()).collect();
                CliError::Usage(format!("there is no column {name}; there are {}", names.join(", ")))
            })
        };
        return options.columns.iter().map(pick).collect();
    }
    let is_key = |column: &(String, String)| Some(&column.0) == found.key.as_ref();
    let mut columns: Vec<(String, String)> = found.columns.iter().filter(|c| is_key(c)).cloned().collect();
    if options.system || found.key.is_none() {
        columns.extend(system.into_iter().take(if options.system { 4 } else { 1 }));
    }
    columns.extend(found.columns.iter().filter(|c| !is_key(c)).cloned());
    Ok(columns)
}

/// Numbers are texts in SODA; they stand on the right all the same.
fn cell(value: &Value, data_type: &str) -> Cell {
    let parts = value.as_object();
    let part = |name: &str| parts.and_then(|parts| parts.get(name));
    let point = part("coordinates").and_then(Value::as_array).filter(|point| point.len() == 2);
    let cell = match (value, point) {
        (_, Some(point)) if part("type").is_some_and(|kind| kind == "Point") => {
            Cell::new(format!("{}, {}", point[0], point[1]))
        }
        (Value::Object(parts), None) if parts.contains_key("url") => {
            Cell::of(parts.get("url").unwrap_or(&Value::Null))
        }
        (Value::Bool(true), _) => Cell::new("true").tone(Tone::Good),
        (Value::Bool(false), _) => Cell::new("false").tone(Tone::Dim),
        (Value::String(text), _) if data_type == "calendar_date" => {
            Cell::new(text.trim_end_matches("T00:00:00.000").replacen('T', " ", 1))
        }
        _ => Cell::of(value),
    };
    let number = ["number", "money", "percent", "double", "stars"].contains(&data_type);
    if number { cell.right() } else { cell }
}

/// `export`: the rows themselves, without an envelope.
pub(super) fn export(options: &ExportOptions) -> Result<(), CliError> {
    let fault = |e: std::io::Error| match &options.output {
        Some(path) => CliError::Data(format!("{}: {e}; choose another --output", path.display())),
        None => CliError::Other(e.to_string()),
    };
    let mut out: Box<dyn std::io::Write> = match &options.output {
        Some(path) => Box::new(std::fs::File::create(path).map_err(fault)?),
        None => Box::new(std::io::stdout().lock()),
    };
    let written = match &options.data {
        Some(path) => export_file(path, options, &mut out),
        None => export_server(options, &mut out),
    };
    let flushed = written.and_then(|()| {
        out.flush().map_err(|error| match &options.output {
            Some(_) => fault(error),
            None => CliError::of_output(error),
        })
    });
    match flushed {
        Err(CliError::Pipe) => Ok(()),
        other => other,
    }
}

fn export_server(options: &ExportOptions, out: &mut dyn std::io::Write) -> Result<(), CliError> {
    let as_of = options.as_of.map(|version| version.to_string());
    let asked = query(&[("format", Some(options.format.clone())), ("as_of", as_of)]);
    let path = format!("/datasets/{}/rows{asked}", encoded(&options.dataset));
    pass_on(Server::find(&options.target)?.read(&path)?, out)
}

/// Writes a body on as it comes; `Pipe` when the reader has left.
pub(super) fn pass_on(mut body: impl Read, out: &mut dyn std::io::Write) -> Result<(), CliError> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read =
            body.read(&mut piece).map_err(|e| CliError::NoServer(format!("the answer broke off: {e}")))?;
        if read == 0 {
            return Ok(());
        }
        out.write_all(&piece[..read]).map_err(CliError::of_output)?;
    }
}

fn export_file(path: &Path, options: &ExportOptions, out: &mut dyn std::io::Write) -> Result<(), CliError> {
    let file = DataFile::open(path)?;
    let entry = file.dataset(&options.dataset)?;
    let format = match options.format.as_str() {
        "json" => ReadFormat::Json,
        "ndjson" => ReadFormat::NdJson,
        _ => ReadFormat::Csv,
    };
    file.write_rows(&entry, None, -1, format, out)
}
