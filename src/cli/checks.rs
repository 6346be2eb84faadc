//! `verify`, `expect`: questions whose no is exit code 1.

use super::CliError;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, duration};
use super::table::{Tone, cut, without_control_characters};
use crate::api::{
    ExpectFailed, ExpectHolds, NearMiss, ProblemBody, RowsDifference, VerifyFailed, VerifyHolds,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Duration;

/// Options of `verify`.
#[derive(clap::Args, Debug)]
pub(super) struct VerifyOptions {
    /// The whole question as JSON, @FILE or - for standard input; options are added to it.
    #[arg(value_name = "JSON")]
    question: Option<String>,
    /// The method.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// The path; * stands for any text.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// 4x4 id or resource name.
    #[arg(long, value_name = "4x4")]
    dataset: Option<String>,
    /// The operation, such as upsert, replace, query or row.delete.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// The status, such as 200 or 4xx.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Exactly so many requests.
    #[arg(long, value_name = "N", conflicts_with_all = ["min", "max", "never"])]
    exactly: Option<u64>,
    /// At least so many [default: 1].
    #[arg(long, value_name = "N", conflicts_with = "never")]
    min: Option<u64>,
    /// At most so many.
    #[arg(long, value_name = "N", conflicts_with = "never")]
    max: Option<u64>,
    /// No such request.
    #[arg(long)]
    never: bool,
    /// Wait so long for it, such as 5s.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    wait: Option<Duration>,
    /// Only requests after the one with this number.
    #[arg(long, value_name = "ID")]
    since: Option<u64>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// JSON as it is written, in a file, or on standard input.
fn json_of(text: &str) -> Result<Value, CliError> {
    let wrong = |e: &dyn std::fmt::Display| CliError::Usage(format!("{text}: {e}"));
    let text = match (text, text.strip_prefix('@')) {
        ("-", _) => {
            let mut read = String::new();
            std::io::stdin().read_to_string(&mut read).map_err(|e| wrong(&e))?;
            read
        }
        (_, Some(path)) => std::fs::read_to_string(path).map_err(|e| wrong(&e))?,
        _ => text.to_owned(),
    };
    serde_json::from_str(&text)
        .map_err(|e| CliError::Usage(format!("that is no JSON: {e}; write it, @FILE or -")))
}

fn object_of(text: Option<&String>) -> Result<Map<String, Value>, CliError> {
    match text.map(|text| json_of(text)).transpose()? {
        None => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(CliError::Usage("the question is a JSON object".to_owned())),
    }
}

/// Adds what options say.
fn add(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

/// `verify`.
pub(super) fn verify(options: &VerifyOptions) -> Result<Shown, CliError> {
    let mut question = object_of(options.question.as_ref())?;
    let mut matcher = match question.remove("match") {
        Some(Value::Object(matcher)) => matcher,
        None => Map::new(),
        Some(_) => return Err(CliError::Usage("\"match\" is a JSON object".to_owned())),
    };
    add(&mut matcher, "method", options.method.clone());
    add(&mut matcher, "path", options.path.clone());
    add(&mut matcher, "dataset", options.dataset.clone());
    add(&mut matcher, "operation", options.operation.clone());
    let status = options.status.as_ref().map(|s| s.parse::<u16>().map_or_else(|_| json!(s), |n| json!(n)));
    add(&mut matcher, "status", status);
    if !question.contains_key("in_order") || !matcher.is_empty() {
        question.insert("match".to_owned(), Value::Object(matcher));
    }
    let mut times = Map::new();
    add(&mut times, "exactly", options.never.then_some(0).or(options.exactly));
    add(&mut times, "min", options.min);
    add(&mut times, "max", options.max);
    if !times.is_empty() {
        question.insert("times".to_owned(), Value::Object(times));
    }
    add(&mut question, "wait_ms", options.wait.map(|w| u64::try_from(w.as_millis()).unwrap_or(u64::MAX)));
    add(&mut question, "since", options.since);
    let question = Value::Object(question);
    match ask::<VerifyHolds, VerifyFailed>(&options.target, "/verify", &question)? {
        Answered::Yes(holds) => {
            let ids: Vec<String> = holds.requests.iter().map(|id| format!("#{id}")).collect();
            let text = format!("Yes: {} {}", holds.count, ids.join(" ")).trim_end().to_owned();
            Ok(Shown::sentence(holds, text))
        }
        Answered::No(problem, failed) => Ok(no(problem, move |screen| nearest(&failed.nearest, screen))),
        Answered::Unknown(problem) => Ok(no(problem, |_| String::new())),
    }
}

/// The answer to a question.
enum Answered<Y, N> {
    Yes(Y),
    /// The whole problem, and the members that belong to it.
    No(ProblemBody, N),
    /// It cannot be told.
    Unknown(ProblemBody),
}

/// 200 is yes, 409 is no; anything else is no answer.
fn ask<Y: DeserializeOwned, N: DeserializeOwned>(
    target: &Target,
    path: &str,
    question: &Value,
) -> Result<Answered<Y, N>, CliError> {
    let server = Server::find(target)?;
    let (status, answer) = server.ask("POST", path, Some(question))?;
    if status == 200 {
        return server.read_as(path, answer).map(Answered::Yes);
    }
    let problem: ProblemBody = server.read_as(path, answer)?;
    if status != 409 {
        return Err(CliError::Api { code: problem.code, message: problem.detail });
    }
    Ok(match serde_json::from_value(Value::Object(problem.more.clone())) {
        Ok(failed) => Answered::No(problem, failed),
        Err(_) => Answered::Unknown(problem),
    })
}

fn no(problem: ProblemBody, text: impl FnOnce(&Screen) -> String + 'static) -> Shown {
    let detail = problem.detail.clone();
    Shown::new(problem, move |_, screen| text(screen)).fail(detail)
}

/// What came nearest, and how it differs.
fn nearest(nearest: &[NearMiss], screen: &Screen) -> String {
    let mut out = String::new();
    for near in nearest {
        let status = near.status.map_or_else(|| "null".to_owned(), |status| status.to_string());
        let title = format!("#{} {} {} {status}", near.id, near.method, near.path);
        let _ = writeln!(out, "{}", Tone::Bold.paint(&without_control_characters(&title), screen));
        for difference in &near.differences {
            let says = without_control_characters(&difference.says);
            let _ = writeln!(out, "  {}", cut(&says, screen.width.saturating_sub(2)));
        }
    }
    out
}

/// Rows that are not as expected.
fn differing(rows: &RowsDifference, screen: &Screen) -> String {
    let mut out = String::new();
    let kinds =
        [(&rows.missing, "missing", "-", Tone::Bad), (&rows.unexpected, "unexpected", "+", Tone::Good)];
    for (rows, name, sign, tone) in kinds {
        for row in rows.iter().flatten() {
            let text = without_control_characters(&serde_json::to_string(row).unwrap_or_default());
            let text = cut(&text, screen.width.saturating_sub(14));
            let _ = writeln!(out, "{} {name} {text}", tone.paint(sign, screen));
        }
    }
    for row in rows.differing.iter().flatten() {
        let name = row.key.clone().unwrap_or_default();
        for (field, values) in &row.fields.0 {
            let text = format!("{name}  {field}: expected {}, is {}", values.expected, values.actual);
            let text = cut(&without_control_characters(&text), screen.width.saturating_sub(2));
            let _ = writeln!(out, "{} {text}", Tone::Warning.paint("~", screen));
        }
    }
    out
}

/// Options of `expect`.
#[derive(clap::Args, Debug)]
pub(super) struct ExpectOptions {
    /// 4x4 id or resource name.
    #[arg(value_name = "4x4")]
    dataset: Option<String>,
    /// So many rows.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Only rows for which this SoQL expression holds.
    #[arg(long = "where", value_name = "SOQL")]
    filter: Option<String>,
    /// The rows, in any order: a JSON list, @FILE or - for standard input.
    #[arg(long, value_name = "JSON")]
    rows: Option<String>,
    /// Only the fields that an expected row names count.
    #[arg(long, requires = "rows")]
    partial: bool,
    /// The rows in this order.
    #[arg(long, requires = "rows")]
    ordered: bool,
    /// The SoQL order of the stored rows, for --ordered.
    #[arg(long, value_name = "SOQL", requires = "ordered")]
    order: Option<String>,
    /// The same rows as in this snapshot.
    #[arg(long, value_name = "SNAPSHOT")]
    unchanged_since: Option<String>,
    /// The data version.
    #[arg(long, value_name = "VERSION")]
    data_version: Option<i64>,
    /// The whole expectation as JSON, @FILE or - for standard input; options are added to it.
    #[arg(long, value_name = "JSON")]
    question: Option<String>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `expect`.
pub(super) fn expect(options: &ExpectOptions) -> Result<Shown, CliError> {
    let mut question = object_of(options.question.as_ref())?;
    add(&mut question, "dataset", options.dataset.clone());
    add(&mut question, "count", options.count);
    add(&mut question, "where", options.filter.clone());
    add(&mut question, "rows", options.rows.as_ref().map(|rows| json_of(rows)).transpose()?);
    add(&mut question, "partial", options.partial.then_some(true));
    add(&mut question, "ordered", options.ordered.then_some(true));
    add(&mut question, "order", options.order.clone());
    add(&mut question, "unchanged_since", options.unchanged_since.clone());
    add(&mut question, "data_version", options.data_version);
    if !question.contains_key("dataset") {
        return Err(CliError::Usage("name the dataset: soda-mock expect 4x4 --count 3".to_owned()));
    }
    let question = Value::Object(question);
    match ask::<ExpectHolds, ExpectFailed>(&options.target, "/expect", &question)? {
        Answered::Yes(holds) => {
            let text = format!("Yes: {} is as expected.", holds.dataset);
            Ok(Shown::sentence(holds, text))
        }
        Answered::No(problem, failed) => {
            let rows = failed.difference.rows.unwrap_or_default();
            Ok(no(problem, move |screen| differing(&rows, screen)))
        }
        Answered::Unknown(problem) => Ok(no(problem, |_| String::new())),
    }
}
