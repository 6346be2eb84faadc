//! `soda-mock.toml`: the same options as the flags, and where each value comes from.

use super::CliError;
use crate::soda::nearest;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use std::collections::BTreeMap;
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
        let blamed = |e: String| CliError::Usage(format!("{}: {e}", path.display()));
        check_known(&command, &key).map_err(blamed)?;
        check_values(&command, &key, &values).map_err(blamed)?;
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
        toml::Value::Datetime(moment) => vec![moment.to_string()],
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
    Err(match nearest(key, names.iter().map(String::as_str)) {
        Some(nearest) => format!("there is no option {key}; did you mean {nearest}?"),
        None => format!("there is no option {key}; `soda-mock config` lists them all"),
    })
}

/// A value of the file is what its option takes; said by the name that it has in the file.
fn check_values(command: &Command, key: &str, values: &[String]) -> Result<(), String> {
    let Some(argument) = command
        .find_subcommand("serve")
        .and_then(|serve| serve.get_arguments().find(|a| a.get_id().as_str().replace('_', "-") == key))
    else {
        return Ok(());
    };
    if argument.is_positional() {
        return Ok(());
    }
    if !argument.get_action().takes_values() {
        let known = values.iter().all(|value| value == "true" || value == "false");
        return if known { Ok(()) } else { Err(format!("{key} is true or false, without quotes")) };
    }
    for value in values {
        let line = Command::new("check")
            .no_binary_name(true)
            .arg(argument.clone().env(None::<&str>).required(false));
        if let Err(error) = line.try_get_matches_from([format!("--{key}={value}")]) {
            let why = error.to_string();
            let why = why.lines().next().unwrap_or_default();
            let words: Vec<String> =
                argument.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
            let cause = why.split_once(">': ").map_or(why, |(_, cause)| cause);
            let cause =
                if words.is_empty() { cause.to_owned() } else { format!("write {}", words.join(" or ")) };
            return Err(format!("{key} = {value}: {cause}"));
        }
    }
    Ok(())
}

/// Variables of other parts than the options: of `env` and `run`, of the packages, of the pager.
const OTHER_VARIABLES: [&str; 8] = [
    super::screen::JSON_VARIABLE,
    "SODA_MOCK_PAGER",
    "SODA_MOCK_BINARY",
    "SODA_MOCK_ARGS",
    "SODA_MOCK_REDIRECT",
    "SODA_MOCK_OTHERS",
    "SODA_MOCK_CRATE",
    "SODA_MOCK_WHEEL_PLATFORM",
];

/// Beginnings of variables that belong to `env` and `run`, or that Kubernetes and Docker set in the containers
/// beside a service named soda-mock.
const OTHER_PREFIXES: [&str; 4] =
    ["SODA_MOCK_OWN_", "SODA_MOCK_SERVICE_", "SODA_MOCK_PORT_", "SODA_MOCK_ENV_"];

/// A variable `SODA_MOCK_…` that nothing reads is a mistyped one.
///
/// # Errors
/// [`CliError::Usage`] with the nearest name.
pub(super) fn check_variables(command: &Command) -> Result<(), CliError> {
    let given = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let given: Vec<String> = given.filter(|name| name.starts_with("SODA_MOCK_")).collect();
    if given.is_empty() {
        return Ok(());
    }
    let mut known: Vec<String> = OTHER_VARIABLES.map(str::to_owned).to_vec();
    for sub in command.get_subcommands() {
        variables_of(sub, &mut known);
    }
    for name in given {
        let other = OTHER_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if !other && !known.contains(&name) {
            let meant = nearest(&name, known.iter().map(String::as_str));
            let meant = meant.map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            return Err(CliError::Usage(format!("nothing reads the variable {name}{meant}")));
        }
    }
    Ok(())
}

fn variables_of(command: &Command, known: &mut Vec<String>) {
    known.extend(command.get_arguments().filter_map(|a| Some(a.get_env()?.to_str()?.to_owned())));
    for sub in command.get_subcommands() {
        variables_of(sub, known);
    }
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

/// Every option as a table; those without a value are not set.
pub(super) fn as_text(settings: &[Setting], command: &Command) -> String {
    let mut rows: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for argument in command.find_subcommand("serve").into_iter().flat_map(Command::get_arguments) {
        rows.insert(argument.get_id().as_str().replace('_', "-"), ("", "not set"));
    }
    rows.extend(
        settings.iter().map(|(name, value, origin)| (name.clone(), (value.as_str(), origin.as_str()))),
    );
    rows.iter().map(|(name, (value, origin))| format!("{name:<22} {value:<28} {origin}\n")).collect()
}
