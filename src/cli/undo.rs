//! `undo`: one write taken back.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::many;
use crate::api::{RowCounts, Undone};
use serde_json::json;

/// Options of `undo`.
#[derive(clap::Args, Debug)]
pub(super) struct UndoOptions {
    /// The number of the request whose write is taken back.
    #[arg(value_name = "REQUEST")]
    request: String,
    /// Take it back although others have changed its rows since; those changes are lost.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `undo`.
pub(super) fn run(options: &UndoOptions) -> Result<Shown, CliError> {
    let path = format!("/requests/{}/undo", encoded(&options.request));
    let body = json!({ "force": options.force });
    let undone: Undone = Server::find(&options.target)?.call("POST", &path, Some(&body))?;
    let text = sentence(&undone);
    Ok(Shown::sentence(undone, text))
}

fn sentence(undone: &Undone) -> String {
    let RowCounts { created, updated, deleted, .. } = undone.rows;
    let mut text = format!(
        "{} of {} as before request {}: {created} back, {updated} changed, {deleted} removed. The data version is {} now.",
        many(undone.rows.all(), "row"),
        undone.dataset,
        undone.undone,
        undone.data_version
    );
    if undone.overwritten > 0 {
        text.push_str(&format!(" Later changes of {} are lost.", many(undone.overwritten, "row")));
    }
    text
}
