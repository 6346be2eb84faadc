//! `rows`, `export`: stored rows, from a server or a data file.

use super::CliError;
use super::data_file::DataFile;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Cell, Table, Tone, grouped};
use crate::consumer::ReadFormat;
use serde_json::{Value, json};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

/// Options of `rows`.
#[derive(clap::Args, Debug)]
pub struct RowsOptions {
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
pub struct ExportOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: String,
    /// The format; rows carry their system fields.
    #[arg(long, value_name = "FORMAT", default_value = "csv", value_parser = ["csv", "json", "ndjson"])]
    format: String,
    /// Where it is written, in place of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A data file of `serve --data`, in place of a server; it is only read.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// A dataset and some of its rows.
struct Found {
    total: u64,
    /// Field names with their data types, in the dataset's order.
    columns: Vec<(String, String)>,
    key: Option<String>,
    rows: Vec<Value>,
}

/// `rows`.
pub fn rows(options: &RowsOptions) -> Result<Shown, CliError> {
    let found = match &options.data {
        Some(file) => from_file(file, options)?,
        None => from_server(options)?,
    };
    let columns = chosen(&found, options)?;
    let shown = found.rows.len() as u64;
    let data = json!({ "dataset": options.dataset, "total": found.total, "rows": found.rows });
    let rows = found.rows;
    let answer = Shown::new(data, move |screen| {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut table = Table::new(&names);
        for row in &rows {
            table.push(columns.iter().map(|(name, kind)| cell(&row[name], kind)).collect());
        }
        table.render(screen)
    });
    if options.after.is_some() || shown >= found.total {
        return Ok(answer);
    }
    let (shown, total) = (grouped(shown), grouped(found.total));
    Ok(answer.warn(format!("{shown} of {total} rows are shown; --limit 0 shows all")))
}

fn from_server(options: &RowsOptions) -> Result<Found, CliError> {
    let server = Server::find(&options.target)?;
    let path = format!("/datasets/{}", encoded(&options.dataset));
    let dataset = server.get(&path)?;
    let limit = (options.limit > 0).then(|| options.limit.to_string());
    let (total, rows) = match &options.r#where {
        Some(filter) => queried(filter, options.limit, &mut |question| {
            server.get(&format!("{path}/query.json{}", query(question)))
        })?,
        None => {
            let page = query(&[("limit", limit), ("after", options.after.clone())]);
            (dataset["rows"].as_u64().unwrap_or(0), server.get(&format!("{path}/rows{page}"))?)
        }
    };
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    Ok(Found {
        total,
        columns: dataset["columns"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| (text(&c["fieldName"]), text(&c["dataTypeName"])))
            .collect(),
        key: dataset["row_identifier"].as_str().map(str::to_owned),
        rows: rows.as_array().cloned().unwrap_or_default(),
    })
}

/// Parameters of a query.
type Parameters<'a> = [(&'a str, Option<String>)];
/// Rows that a query without a bound may have.
const ALL: u32 = 1_000_000_000;

/// How many rows a filter leaves, and the first of them; `ask` answers a query.
fn queried(
    filter: &str,
    limit: u32,
    ask: &mut dyn FnMut(&Parameters<'_>) -> Result<Value, CliError>,
) -> Result<(u64, Value), CliError> {
    let filter = || ("$where", Some(filter.to_owned()));
    let counted = ask(&[("$select", Some("count(*) AS n".to_owned())), filter()])?;
    let total = counted[0]["n"].as_str().and_then(|n| n.parse().ok()).unwrap_or(0);
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
        Some(filter) => queried(filter, options.limit, &mut |question| file.query(&entry, question))?,
        None => {
            let limit = if options.limit == 0 { -1 } else { options.limit.into() };
            let mut text = Vec::new();
            file.write_rows(&entry, options.after.as_deref(), limit, ReadFormat::Json, &mut text)?;
            (file.count(&entry)?, serde_json::from_slice(&text).unwrap_or_default())
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
        rows: rows.as_array().cloned().unwrap_or_default(),
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
    let cell = match (value, value["coordinates"].as_array()) {
        (Value::Object(_), Some(point)) if value["type"] == "Point" && point.len() == 2 => {
            Cell::new(format!("{}, {}", point[0], point[1]))
        }
        (Value::Object(parts), None) if parts.contains_key("url") => Cell::of(&parts["url"]),
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
pub fn export(options: &ExportOptions) -> Result<(), CliError> {
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
    match written {
        Err(CliError::Pipe) => Ok(()),
        Ok(()) => out.flush().map_err(fault),
        Err(error) => Err(error),
    }
}

fn export_server(options: &ExportOptions, out: &mut dyn std::io::Write) -> Result<(), CliError> {
    let path = format!("/datasets/{}/rows?format={}", encoded(&options.dataset), options.format);
    pass_on(Server::find(&options.target)?.read(&path)?, out)
}

/// Writes a body on as it comes; `Pipe` when the reader has left.
pub fn pass_on(mut body: impl Read, out: &mut dyn std::io::Write) -> Result<(), CliError> {
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
