//! `datasets`, `show`: what is stored.

use super::CliError;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone, grouped, without_control_characters};
use crate::api::{DatasetDetail, DatasetSummary};
use std::fmt::Write as _;

/// Options of `datasets`.
#[derive(clap::Args, Debug)]
pub(super) struct ListOptions {
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// Options of `show`.
#[derive(clap::Args, Debug)]
pub(super) struct ShowOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: String,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `datasets`.
pub(super) fn list(options: &ListOptions) -> Result<Shown, CliError> {
    let all: Vec<DatasetSummary> = Server::find(&options.target)?.get("/datasets")?;
    Ok(Shown::new(all, |all, screen| {
        if all.is_empty() {
            return "No dataset. `soda-mock seed FILE` loads one, or POST /api/views makes one.\n".to_owned();
        }
        let mut table =
            Table::new(&["4x4", "name", "rows", "version", "key", "resource", "state", "last write"]);
        for one in all {
            table.push(vec![
                Cell::new(&one.id).tone(Tone::Bold),
                Cell::new(&one.name),
                Cell::count(one.rows.unsigned_abs()),
                Cell::count(one.data_version.unsigned_abs()),
                key_of(one),
                Cell::new(one.resource_name.as_deref().unwrap_or("")),
                Cell::new(state_of(one)),
                Cell::new(time(&one.rows_updated_at)).tone(Tone::Dim),
            ]);
        }
        table.render(screen)
    }))
}

/// The row identifier; without one rows are keyed by `:id`.
fn key_of(dataset: &DatasetSummary) -> Cell {
    match &dataset.row_identifier {
        Some(name) => Cell::new(name),
        None => Cell::new(":id").tone(Tone::Dim),
    }
}

fn state_of(dataset: &DatasetSummary) -> String {
    let scope = if dataset.public { "public" } else { "private" };
    match dataset.stage.as_str() {
        "published" => scope.to_owned(),
        stage => format!("{scope}, {stage}"),
    }
}

/// `2023-11-14T22:13:20.000Z` as `2023-11-14 22:13:20`.
pub(super) fn time(iso: &str) -> String {
    let text = iso.replacen('T', " ", 1);
    text.split(['.', 'Z']).next().unwrap_or("").to_owned()
}

/// `show`.
pub(super) fn show(options: &ShowOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let dataset: DatasetDetail = server.get(&format!("/datasets/{}", encoded(&options.dataset)))?;
    let root = server.root().to_owned();
    Ok(Shown::new(dataset, move |dataset, screen| describe(dataset, &root, screen)))
}

fn describe(dataset: &DatasetDetail, root: &str, screen: &Screen) -> String {
    let DatasetDetail { summary, columns } = dataset;
    let (id, key) = (without_control_characters(&summary.id), summary.row_identifier.as_deref());
    let mut out =
        format!("{}  {}\n\n", Tone::Bold.paint(&without_control_characters(&summary.name), screen), id);
    let facts = [
        ("rows", grouped(summary.rows.unsigned_abs())),
        ("data version", summary.data_version.to_string()),
        (
            "row identifier",
            key.map_or_else(|| "none: rows are keyed by :id".to_owned(), without_control_characters),
        ),
        ("resource name", without_control_characters(summary.resource_name.as_deref().unwrap_or(""))),
        ("state", state_of(summary)),
        ("last write", time(&summary.rows_updated_at)),
        ("rows at", format!("{root}/resource/{id}.json")),
        ("metadata at", format!("{root}/api/views/{id}.json")),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{}  {value}", Tone::Dim.paint(&format!("{name:<14}"), screen));
    }
    out.push('\n');
    let mut table = Table::new(&["field", "type", "name", ""]);
    for column in columns {
        let is_key = Some(column.field_name.as_str()) == key;
        table.push(vec![
            Cell::new(&column.field_name).tone(if is_key { Tone::Bold } else { Tone::Plain }),
            Cell::new(&column.data_type_name),
            Cell::new(&column.name),
            Cell::new(if is_key { "row identifier" } else { "" }).tone(Tone::Dim),
        ]);
    }
    out.push_str(&table.render(screen));
    out
}
