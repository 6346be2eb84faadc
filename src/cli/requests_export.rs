//! `requests --curl`, `--python`, `--har`: the journal in forms that other programs take.

use super::CliError;
use super::requests::RequestsOptions;
use super::server::{Server, encoded, query};

/// Writes the export to standard output, as it comes.
pub(super) fn run(options: &RequestsOptions) -> Result<(), CliError> {
    let body = Server::find(&options.target)?.read(&path(options))?;
    match super::rows::pass_on(body, &mut std::io::stdout().lock()) {
        Err(CliError::Pipe) => Ok(()),
        other => other,
    }
}

fn path(options: &RequestsOptions) -> String {
    if let Some(id) = &options.id {
        let form = if options.python { "python" } else { "curl" };
        return format!("/requests/{}/{form}", encoded(id));
    }
    let mut pairs = options.filter.pairs();
    pairs.push(("limit", options.limit.map(|limit| limit.to_string())));
    pairs.push(("since", options.since.clone()));
    pairs.push(("before", options.before.map(|before| before.to_string())));
    format!("/requests.har{}", query(&pairs))
}
