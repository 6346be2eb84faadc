//! `help TOPIC`: pages of the guide, the SoQL reference and single error codes.

use super::{CliError, screen};
use crate::guide;
use crate::soda::nearest;
use crate::soql::functions::reference;

/// The topic that is made of the table of SoQL's functions.
const SOQL: &str = "soql";

/// Every topic, in one line.
pub(super) fn topics() -> String {
    let pages = guide::PAGES.iter().map(|page| page.topic);
    pages.chain([SOQL]).collect::<Vec<_>>().join(", ")
}

/// Prints what the guide says on a topic or an error code.
///
/// # Errors
/// [`CliError::Usage`] for a topic that is not there, with the nearest one.
pub(super) fn run(topic: &str) -> Result<(), CliError> {
    let text = text_of(topic).ok_or_else(|| unknown(topic))?;
    screen::print_paged(&format!("{}\n", text.trim_end()));
    Ok(())
}

fn text_of(topic: &str) -> Option<String> {
    if topic == SOQL {
        return Some(reference::as_text());
    }
    if let Some(page) = guide::find(topic) {
        return Some(page.as_text());
    }
    let code = topic.strip_prefix("errors/").unwrap_or(topic);
    guide::error_code(code).map(str::to_owned)
}

fn unknown(topic: &str) -> CliError {
    let commands = super::command_names();
    let mut names: Vec<&str> = commands.iter().map(String::as_str).collect();
    for name in guide::PAGES.iter().map(|page| page.topic).chain([SOQL]).chain(guide::error_codes()) {
        names.push(name);
    }
    let meant = nearest(topic, names);
    let meant = meant.map(|name| format!(" Did you mean {name}?")).unwrap_or_default();
    CliError::Usage(format!(
        "there is no help on {topic}.{meant} Topics: {}; also each command, and each error code",
        topics()
    ))
}
