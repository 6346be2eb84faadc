//! `requests`: the journal, and one request of it with the fate of each row.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Cell, Table, Tone, cut, grouped, many, without_control_characters};
use crate::api::{Client, Deleted, Message, RequestDetail, RequestLine, RequestList, RequestSummary};
use serde_json::Value;
use std::fmt::Write as _;

/// Lines of a body that are shown.
const BODY_LINES: usize = 40;
/// Keys of rows that are named after their fate.
const KEYS: usize = 12;

/// Which requests.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Which requests")]
pub(super) struct Filter {
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
    /// The status, such as 403 or 4xx.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// The client: its address, user or app token.
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// The id of a fault that was applied; true for any.
    #[arg(long, value_name = "ID")]
    fault: Option<String>,
    /// A text anywhere in the request or its answer, bodies included, in any case of letters.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The row identifier, or :id, of a row that was sent or asked for.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// The code of a row's error, where * stands for any text; true for any.
    #[arg(long, value_name = "CODE")]
    row_error: Option<String>,
}

impl Filter {
    /// The filter as parameters of the admin API.
    pub(super) fn pairs(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("method", self.method.clone()),
            ("path", self.path.clone()),
            ("dataset", self.dataset.clone()),
            ("operation", self.operation.clone()),
            ("status", self.status.clone()),
            ("client", self.client.clone()),
            ("fault", self.fault.clone()),
            ("text", self.text.clone()),
            ("key", self.key.clone()),
            ("row_error", self.row_error.clone()),
        ]
    }
}

/// Options of `requests`.
#[derive(clap::Args, Debug)]
pub(super) struct RequestsOptions {
    /// The number of one request, to see it whole.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Requests at most, the newest [default: 50; with --har all].
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Only requests after the one with this number.
    #[arg(long, value_name = "ID")]
    pub since: Option<String>,
    /// Only requests before the one with this number.
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub before: Option<u64>,
    /// One line for three or more failures of one kind, one after the other.
    #[arg(long, conflicts_with_all = ["id", "har"])]
    fold: bool,
    /// Print the request as a curl command, variables in place of credentials.
    #[arg(long, requires = "id", group = "as", help_heading = "Export")]
    pub curl: bool,
    /// Print the request as a Python program, variables in place of credentials.
    #[arg(long, requires = "id", group = "as", help_heading = "Export")]
    pub python: bool,
    /// Print the requests as an HTTP archive (HAR 1.2), for browsers' network tools.
    #[arg(long, conflicts_with = "id", group = "as", help_heading = "Export")]
    pub har: bool,
    /// Forget them all.
    #[arg(long, conflicts_with_all = ["id", "as"])]
    clear: bool,
    /// Show bodies whole.
    #[arg(long, requires = "id")]
    full: bool,
    #[command(flatten)]
    pub filter: Filter,
    #[command(flatten)]
    pub target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// Requests in a list for people.
const LIST: u32 = 50;

impl RequestsOptions {
    /// Whether requests are wanted in a form of their own, without an envelope.
    pub(super) fn is_export(&self) -> bool {
        self.curl || self.python || self.har
    }
}

/// `requests`.
pub(super) fn run(options: &RequestsOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    if options.clear {
        let gone: Deleted<u64> = server.call("DELETE", "/requests", None)?;
        let forgotten = many(gone.deleted, "request");
        return Ok(Shown::sentence(gone, format!("{forgotten} forgotten.")));
    }
    if let Some(id) = &options.id {
        let request: RequestDetail = server.get(&format!("/requests/{}", encoded(id)))?;
        let full = options.full;
        return Ok(Shown::new(request, move |request, screen| detail(request, full, screen)));
    }
    let mut pairs = options.filter.pairs();
    pairs.push(("limit", Some(options.limit.unwrap_or(LIST).to_string())));
    pairs.push(("since", options.since.clone()));
    pairs.push(("before", options.before.map(|before| before.to_string())));
    pairs.push(("fold", options.fold.then(|| "true".to_owned())));
    let answer: RequestList = server.get(&format!("/requests{}", query(&pairs)))?;
    let dropped = answer.dropped;
    let shown = Shown::new(answer, told);
    Ok(if dropped > 0 {
        shown.warn(format!(
            "{} older requests were dropped; --journal-entries of serve keeps more",
            grouped(dropped)
        ))
    } else {
        shown
    })
}

/// The list, and how older requests are seen.
fn told(answer: &RequestList, screen: &Screen) -> String {
    if answer.requests.is_empty() {
        return "No request.\n".to_owned();
    }
    let mut out = list(&answer.requests).without_empty().render(screen);
    if let Some(next) = answer.next {
        let _ = writeln!(
            out,
            "\n{} fit; --before {next} shows older ones, --limit more at once",
            many(answer.matched, "request")
        );
    }
    out
}

fn list(requests: &[RequestLine]) -> Table {
    let mut table = Table::new(&["#", "time", "status", "method", "path", "rows", "ms", "client", "fault"]);
    for request in requests {
        table.push(line(request));
    }
    table
}

fn line(line: &RequestLine) -> Vec<Cell> {
    let request = &line.summary;
    let (status, tone) = status_text(request);
    let status = match &line.folded {
        Some(folded) => format!("{} × {status}", grouped(folded.times)),
        None => status,
    };
    vec![
        Cell::new(request.id.to_string()).right(),
        Cell::new(time_of_day(request)).tone(Tone::Dim),
        Cell::new(status).tone(tone),
        Cell::new(&request.method),
        Cell::new(target(request)),
        Cell::new(counts(request)),
        Cell::new(milliseconds(request)).right(),
        Cell::new(client(&request.client)).tone(Tone::Dim),
        Cell::new(request.fault.as_ref().map_or("", |fault| &fault.id)).tone(Tone::Warning),
    ]
}

/// When it came, without the day.
pub(super) fn time_of_day(request: &RequestSummary) -> String {
    time(&request.at).split_once(' ').map_or("", |(_, clock)| clock).to_owned()
}

/// The status, or why there is none.
pub(super) fn status_text(request: &RequestSummary) -> (String, Tone) {
    match request.status {
        Some(status) => (status.to_string(), Tone::of_status(status)),
        None => ("---".to_owned(), Tone::Bad),
    }
}

/// Path and query.
pub(super) fn target(request: &RequestSummary) -> String {
    let separator = if request.query.is_empty() { "" } else { "?" };
    format!("{}{separator}{}", request.path, request.query)
}

/// `+1 ~2 -1 !83`: created, updated, deleted, errors.
pub(super) fn counts(request: &RequestSummary) -> String {
    let rows = request.rows.unwrap_or_default();
    let parts = [("+", rows.created), ("~", rows.updated), ("-", rows.deleted), ("!", rows.errors)];
    let shown = parts.iter().filter(|(_, count)| *count > 0);
    shown.map(|(sign, count)| format!("{sign}{}", grouped(*count))).collect::<Vec<_>>().join(" ")
}

pub(super) fn milliseconds(request: &RequestSummary) -> String {
    match request.duration_us.map(|us| us as f64) {
        None => String::new(),
        Some(us) if us < 9950.0 => format!("{:.1}", us / 1000.0),
        Some(us) => grouped((us / 1000.0).round() as u64),
    }
}

fn client(client: &Client) -> &str {
    client.user.as_deref().or(client.app_token.as_deref()).or(client.address.as_deref()).unwrap_or("")
}

fn detail(request: &RequestDetail, full: bool, screen: &Screen) -> String {
    let mut out = String::new();
    let summary = &request.summary;
    let title =
        format!("#{}  {} {}", summary.id, summary.method, without_control_characters(&target(summary)));
    let answer = match summary.status {
        Some(status) => Tone::of_status(status).paint(&status.to_string(), screen),
        None => Tone::Bad.paint("no answer", screen),
    };
    let title = Tone::Bold.paint(&title, screen);
    let _ = writeln!(out, "{title}  {answer}  {} ms\n", milliseconds(summary));
    for (name, value) in facts(request).into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(
            out,
            "{}  {}",
            Tone::Dim.paint(&format!("{name:<10}"), screen),
            without_control_characters(&value)
        );
    }
    let fates = fates(request, screen);
    if !fates.is_empty() {
        let _ = write!(out, "\n{}\n{fates}", Tone::Bold.paint("Rows", screen));
    }
    for (title, message) in [("Request", &request.request), ("Answer", &request.answer)] {
        let _ = write!(out, "\n{}\n{}", Tone::Bold.paint(title, screen), message_text(message, full, screen));
    }
    out
}

fn facts(request: &RequestDetail) -> Vec<(&'static str, String)> {
    let summary = &request.summary;
    let given = |parts: &[Option<&String>], separator: &str| {
        let parts = parts.iter().flatten().filter(|part| !part.is_empty());
        parts.map(|part| part.as_str()).collect::<Vec<_>>().join(separator)
    };
    let client = &summary.client;
    let parts = [&client.address, &client.user, &client.app_token, &client.agent].map(Option::as_ref);
    let operation = match &summary.dataset {
        Some(dataset) => format!("{} on {dataset}", summary.operation),
        None => summary.operation.clone(),
    };
    let versions = request.data_version.map(|v| format!("{} to {}", v.before, v.after));
    let error =
        summary.error.as_ref().map(|error| given(&[error.code.as_ref(), error.message.as_ref()], " "));
    let fault = summary.fault.as_ref().map(|fault| format!("{} {}", fault.id, fault.what));
    vec![
        ("at", summary.at.replacen('T', " ", 1)),
        ("client", given(&parts, ", ")),
        ("over", if summary.tls { "https" } else { "http" }.to_owned()),
        ("operation", operation),
        ("version", versions.unwrap_or_default()),
        ("error", error.unwrap_or_default()),
        ("hint", summary.hint.clone().unwrap_or_default()),
        ("fault", fault.unwrap_or_default()),
        ("request id", summary.request_id.clone()),
    ]
}

/// Rows that fared alike, together: `83  no such row to delete: 1, 2, 3, …`.
fn fates(request: &RequestDetail, screen: &Screen) -> String {
    let mut groups: Vec<(String, Tone, Vec<String>)> = Vec::new();
    for row in &request.fates {
        let (name, tone) = match &row.code {
            Some(code) => (code.replace('_', " "), Tone::Bad),
            None => (row.fate.clone(), Tone::Good),
        };
        let key = match (&row.key, &row.id) {
            (Value::Null, Value::String(id)) => id.clone(),
            (Value::Null, _) => format!("row {}", row.index),
            (Value::String(key), _) => key.clone(),
            (other, _) => other.to_string(),
        };
        match groups.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., keys)) => keys.push(key),
            None => groups.push((name, tone, vec![key])),
        }
    }
    let mut out = String::new();
    for (name, tone, keys) in &groups {
        let count = keys.len() as u64;
        let shown = keys[..keys.len().min(KEYS)].join(", ");
        let more = if keys.len() > KEYS { ", …" } else { "" };
        let noun = if count == 1 { "row" } else { "rows" };
        let head = format!("{:>7} {noun:<4}  ", grouped(count));
        let rest = cut(
            &without_control_characters(&format!("{shown}{more}")),
            screen.width.saturating_sub(head.len() + name.len() + 2).max(10),
        );
        let _ = writeln!(out, "{head}{}: {rest}", tone.paint(name, screen));
    }
    if request.fates_dropped > 0 {
        let _ = writeln!(out, "{:>7} rows  their fates were not kept", grouped(request.fates_dropped));
    }
    out
}

fn message_text(message: &Message, full: bool, screen: &Screen) -> String {
    let mut out = String::new();
    for (name, value) in &message.headers {
        let name = Tone::Dim.paint(&format!("{}:", without_control_characters(name)), screen);
        let _ = writeln!(out, "  {name} {}", without_control_characters(value));
    }
    let body = &message.body;
    let Some(text) = body.text.as_deref().filter(|text| !text.is_empty()) else {
        if body.bytes > 0 {
            let _ = writeln!(out, "\n  {} bytes that are no text", grouped(body.bytes));
        }
        return out;
    };
    let pretty = serde_json::from_str::<Value>(text).ok().and_then(|v| serde_json::to_string_pretty(&v).ok());
    let text = pretty.as_deref().unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = if full { lines.len() } else { lines.len().min(BODY_LINES) };
    out.push('\n');
    for line in &lines[..shown] {
        let _ = writeln!(out, "  {}", without_control_characters(line));
    }
    if shown < lines.len() {
        let _ = writeln!(out, "  … {} more lines; --full shows them", grouped((lines.len() - shown) as u64));
    }
    if body.truncated {
        let _ = writeln!(out, "  … of {} bytes the journal kept the beginning", grouped(body.bytes));
    }
    out
}
