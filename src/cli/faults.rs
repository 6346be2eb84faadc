//! `fault`: what goes wrong, for whom, and how often it did.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, encoded};
use super::table::{Cell, Table, Tone};
use serde_json::{Map, Value};

/// Options of `fault`.
#[derive(clap::Args, Debug)]
pub struct FaultOptions {
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
pub fn run(options: &FaultOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    match &options.command {
        None => list(server.get("/faults")?),
        Some(FaultCommand::Presets) => presets(server.get("/faults/presets")?),
        Some(FaultCommand::Clear { id }) => {
            let path =
                id.as_ref().map_or_else(|| "/faults".to_owned(), |id| format!("/faults/{}", encoded(id)));
            let data = server.call("DELETE", &path, None)?;
            let text = id
                .as_ref()
                .map_or_else(|| "Nothing goes wrong any more.".to_owned(), |id| format!("{id} is gone."));
            Ok(Shown::sentence(data, text))
        }
        Some(FaultCommand::Add { fault, operation, dataset, times, id }) => {
            let as_rule = fault.trim_start().starts_with('{');
            let mut body: Map<String, Value> = if as_rule {
                serde_json::from_str(fault).map_err(|e| CliError::Usage(format!("that is no JSON: {e}")))?
            } else {
                Map::new()
            };
            for (name, value) in [("operation", operation), ("dataset", dataset)] {
                if let Some(value) = value {
                    body.entry("match").or_insert_with(|| Value::Object(Map::new()))[name] =
                        value.as_str().into();
                }
            }
            body.extend(times.map(|times| ("times".to_owned(), times.into())));
            body.extend(id.as_ref().map(|id| ("id".to_owned(), id.as_str().into())));
            let path =
                if as_rule { "/faults".to_owned() } else { format!("/faults/presets/{}", encoded(fault)) };
            let data = server.call("POST", &path, Some(&Value::Object(body)))?;
            let id = data["id"].as_str().unwrap_or("").to_owned();
            Ok(Shown::sentence(data, format!("{id} is armed. It ends with: soda-mock fault clear {id}")))
        }
    }
}

fn list(data: Value) -> Result<Shown, CliError> {
    let all = data["faults"].as_array().cloned().unwrap_or_default();
    Ok(Shown::new(data, move |screen| {
        if all.is_empty() {
            return "Nothing goes wrong. `soda-mock fault presets` lists what could.\n".to_owned();
        }
        let mut table = Table::new(&["fault", "hits", "seen", "", "for", "does"]);
        for one in &all {
            let rests = one["used_up"] == true;
            table.push(vec![
                Cell::of(&one["id"]).tone(Tone::Bold),
                Cell::count(one["hits"].as_u64().unwrap_or(0)),
                Cell::count(one["seen"].as_u64().unwrap_or(0)),
                Cell::new(if rests { "rests" } else { "armed" }).tone(if rests {
                    Tone::Dim
                } else {
                    Tone::Warning
                }),
                Cell::new(members(&one["match"])),
                Cell::new(members(&one["do"])),
            ]);
        }
        table.render(screen)
    }))
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
        Value::Array(many) => many.iter().map(members).collect::<Vec<_>>().join(" or "),
        Value::Null => "everything".to_owned(),
        other => other.to_string(),
    }
}

fn presets(data: Value) -> Result<Shown, CliError> {
    let all = data["presets"].as_array().cloned().unwrap_or_default();
    Ok(Shown::new(data, move |screen| {
        let mut out = String::new();
        for one in &all {
            let name = one["name"].as_str().unwrap_or("");
            out.push_str(&format!(
                "{}\n  {}\n",
                Tone::Bold.paint(name, screen),
                one["imitates"].as_str().unwrap_or("")
            ));
        }
        out
    }))
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
        assert_eq!(
            members(&json!([{ "status": 500 }, { "drop": "mid_body" }])),
            "status 500 or drop mid_body"
        );
        assert_eq!(members(&json!({ "operation": ["upsert", "replace"] })), "operation upsert|replace");
        assert_eq!(members(&json!({})), "everything");
    }
}
