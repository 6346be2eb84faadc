//! `seed`: files and folders into a running server.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target};
use super::table::{Cell, Table, Tone};
use crate::api::{DatasetMade, ProblemBody};
use crate::codec::BodyFormat;
use crate::seed::NewDataset;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Options of `seed`.
#[derive(clap::Args, Debug)]
pub(super) struct SeedOptions {
    /// Seed files or folders; datasets that are there are replaced.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `seed`: all or nothing.
pub(super) fn run(options: &SeedOptions) -> Result<Shown, CliError> {
    let mut files = Vec::new();
    let (mut ids, mut datasets) = (Vec::new(), Vec::new());
    for path in &options.paths {
        for (file, new) in crate::seed::read(path).map_err(|e| CliError::Seed(e.to_string()))? {
            ids.push(new.id.as_str().to_owned());
            datasets.push(described(&file, new)?);
            files.push(file);
        }
    }
    let server = Server::find(&options.target)?;
    let (status, answer) = server.ask("POST", "/datasets", Some(&json!({ "datasets": datasets })))?;
    if status >= 400 {
        let problem: ProblemBody = server.read_as("/datasets", answer)?;
        // The refusal begins with the id of the dataset that it is about.
        let (id, rest) = problem.detail.split_once(": ").unwrap_or(("", &problem.detail));
        let file = ids.iter().position(|known| known == id).and_then(|index| files.get(index));
        return Err(CliError::Seed(match file {
            Some(file) => format!("{}: {rest}", file.display()),
            None => problem.detail.clone(),
        }));
    }
    let made: Vec<DatasetMade> = server.read_as("/datasets", answer)?;
    Ok(Shown::new(made, move |made, screen| {
        let mut table = Table::new(&["4x4", "rows", "version", "file"]);
        for (one, file) in made.iter().zip(&files) {
            table.push(vec![
                Cell::new(&one.id).tone(Tone::Bold),
                Cell::count(one.rows),
                Cell::count(one.data_version.unsigned_abs()),
                Cell::new(file.display().to_string()).tone(Tone::Dim),
            ]);
        }
        table.render(screen)
    }))
}

fn described(file: &std::path::Path, new: NewDataset) -> Result<Value, CliError> {
    let rows = match new.rows {
        None => None,
        Some(rows) => {
            let format = match rows.format() {
                BodyFormat::Csv => "csv",
                BodyFormat::Tsv => "tsv",
                BodyFormat::GeoJson => "geojson",
                _ => "json",
            };
            let text = rows.read_to_string().map_err(|error| {
                let advice = match error.kind() {
                    std::io::ErrorKind::InvalidData => {
                        "its rows are not UTF-8; save them as UTF-8".to_owned()
                    }
                    _ => error.to_string(),
                };
                CliError::Seed(format!("{}: {advice}", file.display()))
            })?;
            Some(json!({ "format": format, "text": text }))
        }
    };
    Ok(json!({ "id": new.id.as_str(), "definition": new.definition, "rows": rows }))
}
