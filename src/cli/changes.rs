//! `changes`, `diff`: rows before and after.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Tone, cut, grouped, harmless};
use serde_json::Value;
use std::fmt::Write as _;

/// Options of `changes`.
#[derive(clap::Args, Debug)]
pub struct ChangesOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: String,
    /// Only what changed after this data version.
    #[arg(long, value_name = "VERSION")]
    since: Option<String>,
    /// Only what this request changed: its number, or its X-Socrata-RequestId.
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only one row's history: the row identifier's value, or :id.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Changes at most.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: u32,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `changes`.
pub fn changes(options: &ChangesOptions) -> Result<Shown, CliError> {
    let pairs = [
        ("since", options.since.clone()),
        ("request", options.request.clone()),
        ("key", options.key.clone()),
        ("limit", Some(options.limit.to_string())),
    ];
    let path = format!("/datasets/{}/changes{}", encoded(&options.dataset), query(&pairs));
    let data = Server::find(&options.target)?.get(&path)?;
    let dropped = data["dropped"].as_u64().unwrap_or(0);
    let next = data["next"].as_str().map(str::to_owned);
    let shown = data.clone();
    let mut answer = Shown::new(data, move |screen| by_write(&shown, screen));
    if dropped > 0 {
        answer = answer.warn(format!("{} older changes were dropped", grouped(dropped)));
    }
    if let Some(next) = next {
        answer = answer.warn(format!("there is more: --since {next}"));
    }
    Ok(answer)
}

fn by_write(data: &Value, screen: &Screen) -> String {
    let mut out = String::new();
    let changes = list(&data["changes"]);
    for write in list(&data["writes"]) {
        let request = match write["request"].as_u64() {
            Some(number) => format!("request #{number}"),
            None => format!("request {}", write["request_id"].as_str().unwrap_or("unknown")),
        };
        let title = format!("version {}", write["version"]);
        let operation = write["operation"].as_str().unwrap_or("");
        let _ = writeln!(
            out,
            "{}  {operation} by {request}  {}",
            Tone::Bold.paint(&title, screen),
            Tone::Dim.paint(&time(&write["at"]), screen)
        );
        if write["emptied"] == true {
            let _ = writeln!(out, "  {}", Tone::Warning.paint("the dataset was emptied first", screen));
        }
        for change in changes.iter().filter(|change| change["version"] == write["version"]) {
            let _ = writeln!(out, "  {}", row(change, screen));
        }
        let left_out = write["left_out"].as_u64().unwrap_or(0);
        if left_out > 0 {
            let _ = writeln!(out, "  … and {} more rows, not kept", grouped(left_out));
        }
    }
    if out.is_empty() { "No change.\n".to_owned() } else { out }
}

/// `+ key  field=value …`, `~ key  field old → new`, `- key  field=value …`.
fn row(change: &Value, screen: &Screen) -> String {
    let (sign, tone) = match change["kind"].as_str() {
        Some("created" | "added") => ("+", Tone::Good),
        Some("deleted" | "removed") => ("-", Tone::Bad),
        _ => ("~", Tone::Warning),
    };
    let key = change["key"].as_str().map_or_else(|| change["key"].to_string(), str::to_owned);
    let (before, after) = (&change["before"], &change["after"]);
    let details: Vec<String> = if sign == "~" {
        let fields = fields(&change["fields"]);
        let shown = fields.iter().map(|f| format!("{f} {} → {}", value(&before[f]), value(&after[f])));
        shown.collect()
    } else {
        let whole = if sign == "+" { after } else { before };
        let members = whole.as_object().into_iter().flatten();
        let members =
            members.filter(|(name, v)| !name.starts_with(':') && !v.is_null() && **v != change["key"]);
        members.map(|(name, v)| format!("{name}={}", value(v))).collect()
    };
    let details = if details.is_empty() && sign == "~" {
        "nothing but its version".to_owned()
    } else {
        details.join("  ")
    };
    let key = harmless(&key);
    let room = screen.width.saturating_sub(key.chars().count() + 6).max(20);
    format!("{} {key}  {}", tone.paint(sign, screen), cut(&harmless(&details), room)).trim_end().to_owned()
}

/// The names of fields, from a list or from the members of an object.
fn fields(value: &Value) -> Vec<String> {
    match value {
        Value::Array(names) => names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        Value::Object(members) => members.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().into_iter().flatten().collect()
}

/// Options of `diff`.
#[derive(clap::Args, Debug)]
pub struct DiffOptions {
    /// A snapshot, or seed, empty or current.
    #[arg(value_name = "A")]
    before: String,
    /// Another one.
    #[arg(value_name = "B", default_value = "current")]
    after: String,
    /// Only this dataset.
    #[arg(long, value_name = "4x4")]
    dataset: Option<String>,
    /// Rows of each dataset at most; all are counted.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// End with 1 when there is a difference.
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `diff`.
pub fn diff(options: &DiffOptions) -> Result<Shown, CliError> {
    let pairs = [("dataset", options.dataset.clone()), ("limit", Some(options.limit.to_string()))];
    let (before, after) = (encoded(&options.before), encoded(&options.after));
    let data =
        Server::find(&options.target)?.get(&format!("/snapshots/{before}/diff/{after}{}", query(&pairs)))?;
    let same = data["same"] == true;
    let shown = data.clone();
    let answer =
        Shown::new(
            data,
            move |screen| {
                if same { "No difference.\n".to_owned() } else { by_dataset(&shown, screen) }
            },
        );
    let words = format!("{} and {} differ", options.before, options.after);
    Ok(if options.exit_code && !same { answer.fail(words) } else { answer })
}

fn by_dataset(data: &Value, screen: &Screen) -> String {
    let mut out = String::new();
    for dataset in list(&data["datasets"]) {
        let title = format!("{}  {}", value(&dataset["id"]), harmless(&value(&dataset["name"])));
        let counts: Vec<String> = ["added", "removed", "changed", "rewritten", "same"]
            .iter()
            .filter_map(|name| {
                let count = dataset["rows"][*name].as_u64().filter(|n| *n > 0)?;
                Some(format!("{} {name}", grouped(count)))
            })
            .collect();
        let kind = dataset["kind"].as_str().filter(|kind| *kind != "changed");
        let kind = kind.map(|kind| format!("{kind}, ")).unwrap_or_default();
        let _ = writeln!(out, "{}  {kind}{}", Tone::Bold.paint(&title, screen), counts.join(", "));
        for change in list(&dataset["schema"]) {
            let (before, after) = (value(&change["before"]), value(&change["after"]));
            let text = format!("{} {before} → {after}", value(&change["what"]));
            let _ = writeln!(out, "  {}", Tone::Warning.paint(&harmless(&text), screen));
        }
        for change in list(&dataset["changes"]) {
            let _ = writeln!(out, "  {}", row(change, screen));
        }
        let left_out = dataset["left_out"].as_u64().unwrap_or(0);
        if left_out > 0 {
            let _ = writeln!(out, "  … and {} more rows; --limit shows more", grouped(left_out));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{by_write, row};
    use crate::cli::screen::Screen;
    use serde_json::json;

    const SCREEN: Screen = Screen { width: 80, color: false };

    #[test]
    fn a_change_is_one_line() {
        let before = json!({ ":id": "row-1", "k": "a", "n": "1", "t": null });
        let after = json!({ ":id": "row-1", "k": "a", "n": "2", "t": "x\u{1b}" });
        let updated =
            json!({ "kind": "updated", "key": "a", "fields": ["n", "t"], "before": before, "after": after });
        assert_eq!(row(&updated, &SCREEN), "~ a  n 1 → 2  t null → x␛");
        let created = json!({ "kind": "created", "key": "a", "before": null, "after": after });
        assert_eq!(row(&created, &SCREEN), "+ a  n=2  t=x␛");
        let same = json!({ "kind": "updated", "key": 5, "fields": [], "before": before, "after": before });
        assert_eq!(row(&same, &SCREEN), "~ 5  nothing but its version");
    }

    #[test]
    fn changes_stand_under_their_write() {
        let data = json!({
            "writes": [{ "version": 2, "request": 7, "operation": "upsert", "at": "2023-11-14T22:13:20.000Z", "left_out": 4 }],
            "changes": [{ "version": 2, "kind": "deleted", "key": "a", "before": { "k": "a" }, "after": null }],
        });
        let expected = "version 2  upsert by request #7  2023-11-14 22:13:20\n  \
                        - a\n  … and 4 more rows, not kept\n";
        assert_eq!(by_write(&data, &SCREEN), expected);
    }
}
