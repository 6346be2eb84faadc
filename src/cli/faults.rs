//! `fault`: what goes wrong, for whom, and how often it did.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone};
use crate::api::{Deleted, PresetList};
use crate::faults::{ArmedFault, FaultList};
use serde::Serialize;
use serde_json::{Map, Value};

/// Options of `fault`.
#[derive(clap::Args, Debug)]
pub(super) struct FaultOptions {
    #[command(subcommand)]
    command: Option<FaultCommand>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

#[derive(clap::Subcommand, Debug)]
enum FaultCommand {
    /// Arm a preset by its name, or a rule as JSON.
    Add {
        /// maintenance, rate-limited, …; or {"match":{…},"do":{…}}.
        #[arg(value_name = "PRESET|JSON")]
        fault: String,
        /// Only requests of this operation, such as upsert.
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// Only requests on this dataset.
        #[arg(long, value_name = "4x4")]
        dataset: Option<String>,
        /// Rest after so many hits.
        #[arg(long, value_name = "N")]
        times: Option<u64>,
        /// Its name, in place of the preset's.
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Remove one fault, or all.
    Clear {
        /// The fault.
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// List the presets with what each imitates.
    Presets,
}

/// `fault`.
pub(super) fn run(options: &FaultOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    match &options.command {
        None => Ok(list(server.get("/faults")?)),
        Some(FaultCommand::Presets) => Ok(presets(server.get("/faults/presets")?)),
        Some(FaultCommand::Clear { id }) => {
            let Some(id) = id else {
                let gone: Deleted<usize> = server.call("DELETE", "/faults", None)?;
                return Ok(Shown::sentence(gone, "Nothing goes wrong any more."));
            };
            let gone: Deleted<String> = server.call("DELETE", &format!("/faults/{}", encoded(id)), None)?;
            Ok(Shown::sentence(gone, format!("{id} is gone.")))
        }
        Some(FaultCommand::Add { fault, operation, dataset, times, id }) => {
            let as_rule = fault.trim_start().starts_with('{');
            let mut body: Map<String, Value> = if as_rule {
                serde_json::from_str(fault).map_err(|e| CliError::Usage(format!("that is no JSON: {e}")))?
            } else {
                Map::new()
            };
            for (name, value) in [("operation", operation), ("dataset", dataset)] {
                let matching = body.entry("match").or_insert_with(|| Value::Object(Map::new()));
                if let (Some(value), Value::Object(matching)) = (value, matching) {
                    matching.insert(name.to_owned(), value.as_str().into());
                }
            }
            body.extend(times.map(|times| ("times".to_owned(), times.into())));
            body.extend(id.as_ref().map(|id| ("id".to_owned(), id.as_str().into())));
            let path =
                if as_rule { "/faults".to_owned() } else { format!("/faults/presets/{}", encoded(fault)) };
            let armed: ArmedFault = server.call("POST", &path, Some(&Value::Object(body)))?;
            let text = format!("{0} is armed. It ends with: soda-mock fault clear {0}", armed.id);
            Ok(Shown::sentence(armed, text))
        }
    }
}

fn list(list: FaultList) -> Shown {
    Shown::new(list, |list, screen| {
        if list.faults.is_empty() {
            return "Nothing goes wrong. `soda-mock fault presets` lists what could.\n".to_owned();
        }
        let mut table = Table::new(&["fault", "hits", "seen", "", "for", "does"]);
        for one in &list.faults {
            let (word, tone) = if one.used_up { ("rests", Tone::Dim) } else { ("armed", Tone::Warning) };
            let does: Vec<String> = one.rule.actions.iter().map(words).collect();
            table.push(vec![
                Cell::new(&one.id).tone(Tone::Bold),
                Cell::count(one.hits),
                Cell::count(one.seen),
                Cell::new(word).tone(tone),
                Cell::new(words(&one.rule.matching)),
                Cell::new(does.join(" or ")),
            ]);
        }
        table.render(screen)
    })
}

/// A part of a rule in words.
fn words(part: &impl Serialize) -> String {
    members(&serde_json::to_value(part).unwrap_or_default())
}

/// `{"status":502,"then":"apply"}` as `status 502, then apply`.
fn members(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "everything".to_owned(),
        Value::Object(map) => {
            let text = |value: &Value| match value {
                Value::String(text) => text.clone(),
                Value::Array(items) => {
                    let items = items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned));
                    items.collect::<Vec<_>>().join("|")
                }
                other => other.to_string(),
            };
            let parts = map.iter().map(|(name, value)| match value {
                Value::Bool(true) => name.replace('_', " "),
                value => format!("{} {}", name.replace('_', " "), text(value)),
            });
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn presets(list: PresetList) -> Shown {
    Shown::new(list, |list, screen| {
        let shown = list.presets.iter();
        shown.map(|one| format!("{}\n  {}\n", Tone::Bold.paint(&one.name, screen), one.imitates)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::members;
    use serde_json::json;

    #[test]
    fn a_rule_is_told_in_a_few_words() {
        assert_eq!(
            members(&json!({ "status": 502, "html_error": true, "then": "apply" })),
            "status 502, html error, then apply"
        );
        assert_eq!(members(&json!({ "operation": ["upsert", "replace"] })), "operation upsert|replace");
        assert_eq!(members(&json!({})), "everything");
    }
}
