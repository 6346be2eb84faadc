//! `soda-mock.toml`: the same options as the flags, and where each value comes from.

use super::CliError;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use std::path::PathBuf;

/// Tables that seeds read; they are no options.
const SEED_TABLES: [&str; 4] = ["users", "api-keys", "app-tokens", "faults"];
/// Values that are not shown.
const SECRETS: [&str; 3] = ["user", "app-token", "admin-token"];

/// An option: name, value, origin.
pub(super) type Setting = (String, String, String);

/// The file: `--config`, `SODA_MOCK_CONFIG` or `soda-mock.toml` beside the caller.
fn path() -> Option<(PathBuf, bool)> {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--config" {
            return arguments.next().map(|p| (p.into(), true));
        }
        if let Some(path) = argument.strip_prefix("--config=") {
            return Some((path.into(), true));
        }
    }
    match std::env::var_os("SODA_MOCK_CONFIG") {
        Some(path) => Some((path.into(), true)),
        None => Some(("soda-mock.toml".into(), false)),
    }
}

/// A value of the file, for commands that are no `serve`.
pub(super) fn value(key: &str) -> Option<String> {
    let text = std::fs::read_to_string(path()?.0).ok()?;
    let table: toml::Table = text.parse().ok()?;
    values(table.get(key)?)?.into_iter().next()
}

/// Makes the file's values the defaults of `serve` and `config`: flags and environment are stronger.
pub(super) fn with_file(command: Command) -> Result<Command, CliError> {
    let Some((path, wanted)) = path() else { return Ok(command) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(_) if !wanted => return Ok(command),
        Err(error) => return Err(CliError::Usage(format!("{}: {error}", path.display()))),
    };
    let table: toml::Table =
        text.parse().map_err(|e: toml::de::Error| CliError::Usage(format!("{}: {e}", path.display())))?;
    let mut command = command;
    for (key, value) in table {
        let is_option = matches!(value, toml::Value::String(_));
        if SEED_TABLES.contains(&key.as_str()) && !is_option {
            continue;
        }
        let values = values(&value).ok_or_else(|| {
            CliError::Usage(format!(
                "{}: {key} is neither a text, a number, a truth value nor a list",
                path.display()
            ))
        })?;
        check_known(&command, &key).map_err(|e| CliError::Usage(format!("{}: {e}", path.display())))?;
        for name in ["serve", "config"] {
            let (id, values) = (key.replace('-', "_"), values.clone());
            command = command
                .mut_subcommand(name, |sub| sub.mut_arg(id, |argument| argument.default_values(values)));
        }
    }
    Ok(command)
}

fn values(value: &toml::Value) -> Option<Vec<String>> {
    Some(match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Integer(n) => vec![n.to_string()],
        toml::Value::Boolean(b) => vec![b.to_string()],
        toml::Value::Array(items) => items.iter().map(values).collect::<Option<Vec<_>>>()?.concat(),
        _ => return None,
    })
}

fn check_known(command: &Command, key: &str) -> Result<(), String> {
    let Some(serve) = command.find_subcommand("serve") else { return Ok(()) };
    let names: Vec<String> = serve.get_arguments().map(|a| a.get_id().as_str().replace('_', "-")).collect();
    if names.iter().any(|n| n == key) {
        return Ok(());
    }
    let nearest = names.iter().min_by_key(|n| distance(n, key)).filter(|n| distance(n, key) <= 3);
    Err(match nearest {
        Some(nearest) => format!("there is no option {key}; did you mean {nearest}?"),
        None => format!("there is no option {key}; `soda-mock config` lists them all"),
    })
}

/// Edits between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == *y { corner } else { 1 + corner.min(above).min(row[j]) };
            corner = above;
        }
    }
    row[b.len()]
}

/// Every option with its value and origin.
pub(super) fn settings(matches: &ArgMatches) -> Vec<Setting> {
    let file = path().filter(|(p, _)| p.exists()).and_then(|(p, _)| std::fs::read_to_string(p).ok());
    let table: toml::Table = file.and_then(|text| text.parse().ok()).unwrap_or_default();
    let mut found: Vec<Setting> = Vec::new();
    for id in matches.ids() {
        if id.as_str() == "ServeOptions" {
            continue;
        }
        let name = id.as_str().replace('_', "-");
        let Ok(Some(raw)) = matches.try_get_raw(id.as_str()) else { continue };
        let value = raw.map(|v| v.to_string_lossy().into_owned()).collect::<Vec<_>>().join(",");
        let origin = match matches.value_source(id.as_str()) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ if table.contains_key(&name) => "file",
            _ => "default",
        };
        let value =
            if SECRETS.contains(&name.as_str()) && !value.is_empty() { "***".to_owned() } else { value };
        found.push((name, value, origin.to_owned()));
    }
    found.sort();
    found
}

/// A line for each.
pub(super) fn table(settings: &[Setting]) -> String {
    settings.iter().map(|(name, value, origin)| format!("{name:<22} {value:<28} {origin}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn near_words_are_near() {
        assert_eq!(distance("port", "prot"), 2);
        assert_eq!(distance("data", "data"), 0);
        assert_eq!(distance("", "abc"), 3);
    }
}
