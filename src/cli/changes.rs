//! `changes`, `diff`: rows before and after.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Tone, cut, grouped, without_control_characters};
use crate::api::{Changes, Diff, DiffKind, DiffRow, Row};
use serde_json::Value;
use std::fmt::Write as _;

/// Options of `changes`.
#[derive(clap::Args, Debug)]
pub(super) struct ChangesOptions {
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
pub(super) fn changes(options: &ChangesOptions) -> Result<Shown, CliError> {
    let pairs = [
        ("since", options.since.clone()),
        ("request", options.request.clone()),
        ("key", options.key.clone()),
        ("limit", Some(options.limit.to_string())),
    ];
    let path = format!("/datasets/{}/changes{}", encoded(&options.dataset), query(&pairs));
    let changes: Changes = Server::find(&options.target)?.get(&path)?;
    let (dropped, next) = (changes.dropped, changes.next.clone());
    let mut answer = Shown::new(changes, by_write);
    if dropped > 0 {
        answer = answer.warn(format!("{} older changes were dropped", grouped(dropped)));
    }
    if let Some(next) = next {
        answer = answer.warn(format!("there is more: --since {next}"));
    }
    Ok(answer)
}

fn by_write(changes: &Changes, screen: &Screen) -> String {
    let mut out = String::new();
    for write in &changes.writes {
        let request = match write.request {
            Some(number) => format!("request #{number}"),
            None => format!("request {}", write.request_id),
        };
        let title = Tone::Bold.paint(&format!("version {}", write.version), screen);
        let at = Tone::Dim.paint(&time(&write.at), screen);
        let _ = writeln!(out, "{title}  {} by {request}  {at}", write.operation);
        if write.emptied.is_some() {
            let _ = writeln!(out, "  {}", Tone::Warning.paint("the dataset was emptied first", screen));
        }
        for change in changes.changes.iter().filter(|change| change.version == write.version) {
            let fields = change.fields.iter().map(String::as_str);
            let line = match (&change.before, &change.after) {
                (Some(before), Some(after)) => updated(&change.key, fields, before, after, screen),
                (None, Some(after)) => whole("+", Tone::Good, &change.key, after, screen),
                (before, None) => {
                    whole("-", Tone::Bad, &change.key, before.as_ref().unwrap_or(&Row::new()), screen)
                }
            };
            let _ = writeln!(out, "  {line}");
        }
        if write.left_out > 0 {
            let _ = writeln!(out, "  … and {} more rows, not kept", grouped(write.left_out));
        }
    }
    if out.is_empty() { "No change.\n".to_owned() } else { out }
}

/// `~ key  field old → new …`.
fn updated<'f>(
    key: &Value,
    fields: impl Iterator<Item = &'f str>,
    before: &Row,
    after: &Row,
    screen: &Screen,
) -> String {
    let of = |row: &Row, field: &str| row.get(field).map_or_else(|| "null".to_owned(), value);
    let details: Vec<String> =
        fields.map(|field| format!("{field} {} → {}", of(before, field), of(after, field))).collect();
    let details = if details.is_empty() { "nothing but its version".to_owned() } else { details.join("  ") };
    line("~", Tone::Warning, key, &details, screen)
}

/// `+ key  field=value …` of a row that is new, the same with `-` of one that is gone.
fn whole(sign: &str, tone: Tone, key: &Value, row: &Row, screen: &Screen) -> String {
    let shown = row.iter().filter(|(name, v)| !name.starts_with(':') && !v.is_null() && *v != key);
    let details: Vec<String> = shown.map(|(name, v)| format!("{name}={}", value(v))).collect();
    line(sign, tone, key, &details.join("  "), screen)
}

fn line(sign: &str, tone: Tone, key: &Value, details: &str, screen: &Screen) -> String {
    let key = without_control_characters(&value(key));
    let room = screen.width.saturating_sub(key.chars().count() + 6).max(20);
    let details = cut(&without_control_characters(details), room);
    format!("{} {key}  {details}", tone.paint(sign, screen)).trim_end().to_owned()
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Options of `diff`.
#[derive(clap::Args, Debug)]
pub(super) struct DiffOptions {
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
pub(super) fn diff(options: &DiffOptions) -> Result<Shown, CliError> {
    let pairs = [("dataset", options.dataset.clone()), ("limit", Some(options.limit.to_string()))];
    let (before, after) = (encoded(&options.before), encoded(&options.after));
    let path = format!("/snapshots/{before}/diff/{after}{}", query(&pairs));
    let diff: Diff = Server::find(&options.target)?.get(&path)?;
    let same = diff.same;
    let answer =
        Shown::new(
            diff,
            |diff, screen| {
                if diff.same { "No difference.\n".to_owned() } else { by_dataset(diff, screen) }
            },
        );
    let words = format!("{} and {} differ", options.before, options.after);
    Ok(if options.exit_code && !same { answer.fail(words) } else { answer })
}

fn by_dataset(diff: &Diff, screen: &Screen) -> String {
    let mut out = String::new();
    for dataset in &diff.datasets {
        let title = format!("{}  {}", dataset.id, without_control_characters(&dataset.name));
        let rows = dataset.rows;
        let counts: Vec<String> = [
            (rows.added, "added"),
            (rows.removed, "removed"),
            (rows.changed, "changed"),
            (rows.rewritten, "rewritten"),
            (rows.same, "same"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", grouped(*count)))
        .collect();
        let kind = match dataset.kind {
            DiffKind::Added => "added, ",
            DiffKind::Removed => "removed, ",
            DiffKind::Same => "same, ",
            DiffKind::Changed => "",
        };
        let _ = writeln!(out, "{}  {kind}{}", Tone::Bold.paint(&title, screen), counts.join(", "));
        for change in &dataset.schema {
            let text = format!("{} {} → {}", change.what, value(&change.before), value(&change.after));
            let _ = writeln!(out, "  {}", Tone::Warning.paint(&without_control_characters(&text), screen));
        }
        for change in &dataset.changes {
            let _ = writeln!(out, "  {}", diff_row(change, screen));
        }
        if dataset.left_out > 0 {
            let _ = writeln!(out, "  … and {} more rows; --limit shows more", grouped(dataset.left_out));
        }
    }
    out
}

fn diff_row(change: &DiffRow, screen: &Screen) -> String {
    let none = Row::new();
    let (before, after) = (change.before.as_ref().unwrap_or(&none), change.after.as_ref().unwrap_or(&none));
    match change.kind {
        DiffKind::Added => whole("+", Tone::Good, &change.key, after, screen),
        DiffKind::Removed => whole("-", Tone::Bad, &change.key, before, screen),
        DiffKind::Changed | DiffKind::Same => {
            let fields = change.fields.0.iter().map(|(name, _)| name.as_str());
            updated(&change.key, fields, before, after, screen)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::by_write;
    use crate::api::Changes;
    use crate::cli::screen::Screen;
    use serde_json::{Value, json};

    fn shown(changes: &Value, left_out: u64) -> String {
        let changes: Vec<Value> = changes
            .as_array()
            .unwrap()
            .iter()
            .map(|change| {
                let mut whole = json!({ "version": 2, "request": 7, "request_id": "r", "at": "", "id": "row-1", "fields": [] });
                whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
                whole
            })
            .collect();
        let all: Changes = serde_json::from_value(json!({
            "dataset": "aaaa-2222", "data_version": 2, "changes": changes, "truncated": [], "dropped": 0,
            "dropped_through": null, "next": null,
            "writes": [{
                "version": 2, "request": 7, "request_id": "r", "operation": "upsert",
                "at": "2023-11-14T22:13:20.000Z", "created": 0, "updated": 0, "deleted": 0, "emptied": null,
                "recorded": 1, "left_out": left_out,
            }],
        }))
        .unwrap();
        by_write(&all, &Screen { width: 80, color: false })
    }

    #[test]
    fn changes_stand_under_their_write_a_line_each() {
        let before = json!({ ":id": "row-1", "k": "a", "n": "1", "t": null });
        let after = json!({ ":id": "row-1", "k": "a", "n": "2", "t": "x\u{1b}" });
        let changes = json!([
            { "kind": "updated", "key": "a", "fields": ["n", "t"], "before": before, "after": after },
            { "kind": "created", "key": "a", "before": null, "after": after },
            { "kind": "updated", "key": 5, "before": before, "after": before },
            { "kind": "deleted", "key": "a", "before": { "k": "a" }, "after": null },
        ]);
        let expected = "version 2  upsert by request #7  2023-11-14 22:13:20
  ~ a  n 1 → 2  t null → x␛
  + a  n=2  t=x␛
  ~ 5  nothing but its version
  - a
  … and 4 more rows, not kept
";
        assert_eq!(shown(&changes, 4), expected);
    }
}
