//! `revisions`: what is prepared, applied and discarded.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone};
use crate::api::RevisionList;

/// Options of `revisions`.
#[derive(clap::Args, Debug)]
pub(super) struct ListOptions {
    /// Only those of this dataset: its 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: Option<String>,
    /// Only those that are neither applied nor discarded.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `revisions`.
pub(super) fn list(options: &ListOptions) -> Result<Shown, CliError> {
    let mut query: Vec<String> = Vec::new();
    query.extend(options.dataset.as_ref().map(|name| format!("dataset={}", encoded(name))));
    query.extend(options.open.then(|| "open=true".to_owned()));
    let path =
        if query.is_empty() { "/revisions".to_owned() } else { format!("/revisions?{}", query.join("&")) };
    let all: RevisionList = Server::find(&options.target)?.get(&path)?;
    Ok(Shown::new(all, |all, screen| {
        if all.revisions.is_empty() {
            return "No revision. POST /api/publishing/v1/revision makes a dataset with its first one.\n"
                .to_owned();
        }
        let mut table = Table::new(&[
            "4x4",
            "revision",
            "action",
            "state",
            "sources",
            "rows",
            "row errors",
            "by",
            "made",
        ]);
        for one in &all.revisions {
            table.push(vec![
                Cell::new(&one.dataset).tone(Tone::Bold),
                Cell::count(one.revision_seq.unsigned_abs()),
                Cell::new(&one.action),
                Cell::new(&one.state),
                Cell::count(one.sources as u64),
                one.rows.map_or_else(|| Cell::new(""), Cell::count),
                one.row_errors.map_or_else(|| Cell::new(""), Cell::count),
                Cell::new(&one.created_by),
                Cell::new(time(&one.created_at)).tone(Tone::Dim),
            ]);
        }
        table.render(screen)
    }))
}
