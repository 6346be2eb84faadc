//! `datasets`, `show`: what is stored.

use super::CliError;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone, grouped, harmless};
use serde_json::Value;
use std::fmt::Write as _;

/// Options of `datasets`.
#[derive(clap::Args, Debug)]
pub struct ListOptions {
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// Options of `show`.
#[derive(clap::Args, Debug)]
pub struct ShowOptions {
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
pub fn list(options: &ListOptions) -> Result<Shown, CliError> {
    let data = Server::find(&options.target)?.get("/datasets")?;
    let all = data.as_array().cloned().unwrap_or_default();
    Ok(Shown::new(data, move |screen| {
        if all.is_empty() {
            return "No dataset. `soda-mock seed FILE` loads one, or POST /api/views makes one.\n".to_owned();
        }
        let mut table =
            Table::new(&["4x4", "name", "rows", "version", "key", "resource", "state", "last write"]);
        for one in &all {
            table.push(vec![
                Cell::of(&one["id"]).tone(Tone::Bold),
                Cell::of(&one["name"]),
                Cell::count(one["rows"].as_u64().unwrap_or(0)),
                Cell::count(one["data_version"].as_u64().unwrap_or(0)),
                key_of(one),
                Cell::of(&one["resourceName"]),
                Cell::new(state_of(one)),
                Cell::new(time(&one["rows_updated_at"])).tone(Tone::Dim),
            ]);
        }
        table.render(screen)
    }))
}

/// The row identifier; without one rows are keyed by `:id`.
fn key_of(dataset: &Value) -> Cell {
    match dataset["row_identifier"].as_str() {
        Some(name) => Cell::new(name),
        None => Cell::new(":id").tone(Tone::Dim),
    }
}

fn state_of(dataset: &Value) -> String {
    let scope = if dataset["public"] == true { "public" } else { "private" };
    match dataset["stage"].as_str() {
        Some("published") | None => scope.to_owned(),
        Some(stage) => format!("{scope}, {stage}"),
    }
}

/// `2023-11-14T22:13:20.000Z` as `2023-11-14 22:13:20`.
pub fn time(value: &Value) -> String {
    let text = value.as_str().unwrap_or("").replacen('T', " ", 1);
    text.split(['.', 'Z']).next().unwrap_or("").to_owned()
}

/// `show`.
pub fn show(options: &ShowOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let data = server.get(&format!("/datasets/{}", encoded(&options.dataset)))?;
    let shown = data.clone();
    let root = server.root().to_owned();
    Ok(Shown::new(data, move |screen| describe(&shown, &root, screen)))
}

fn describe(dataset: &Value, root: &str, screen: &Screen) -> String {
    let text = |name: &str| harmless(dataset[name].as_str().unwrap_or(""));
    let id = text("id");
    let mut out = format!("{}  {}\n\n", Tone::Bold.paint(&text("name"), screen), id);
    let key = dataset["row_identifier"].as_str();
    let facts = [
        ("rows", grouped(dataset["rows"].as_u64().unwrap_or(0))),
        ("data version", dataset["data_version"].to_string()),
        ("row identifier", key.map_or_else(|| "none: rows are keyed by :id".to_owned(), harmless)),
        ("resource name", text("resourceName")),
        ("state", state_of(dataset)),
        ("last write", time(&dataset["rows_updated_at"])),
        ("rows at", format!("{root}/resource/{id}.json")),
        ("metadata at", format!("{root}/api/views/{id}.json")),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{}  {value}", Tone::Dim.paint(&format!("{name:<14}"), screen));
    }
    out.push('\n');
    let mut table = Table::new(&["field", "type", "name", ""]);
    for column in dataset["columns"].as_array().into_iter().flatten() {
        let is_key = column["fieldName"].as_str() == key;
        table.push(vec![
            Cell::of(&column["fieldName"]).tone(if is_key { Tone::Bold } else { Tone::Plain }),
            Cell::of(&column["dataTypeName"]),
            Cell::of(&column["name"]),
            Cell::new(if is_key { "row identifier" } else { "" }).tone(Tone::Dim),
        ]);
    }
    out.push_str(&table.render(screen));
    out
}
