//! `requests`: the journal, and one request of it with the fate of each row.

use super::CliError;
use super::datasets::time;
use super::screen::{Form, Screen, Shown};
use super::server::{Server, Target, encoded, query};
use super::table::{Cell, Table, Tone, cut, grouped, harmless, many};
use serde_json::Value;
use std::fmt::Write as _;

/// Lines of a body that are shown.
const BODY_LINES: usize = 40;
/// Keys of rows that are named after their fate.
const KEYS: usize = 12;

/// Which requests.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Which requests")]
pub struct Filter {
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
}

impl Filter {
    /// The filter as parameters of the admin API.
    pub fn pairs(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("method", self.method.clone()),
            ("path", self.path.clone()),
            ("dataset", self.dataset.clone()),
            ("operation", self.operation.clone()),
            ("status", self.status.clone()),
            ("client", self.client.clone()),
        ]
    }
}

/// Options of `requests`.
#[derive(clap::Args, Debug)]
pub struct RequestsOptions {
    /// The number of one request, to see it whole.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Requests at most, the newest [default: 50; with --har all].
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Only requests after the one with this number.
    #[arg(long, value_name = "ID")]
    pub since: Option<String>,
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
    pub fn is_export(&self) -> bool {
        self.curl || self.python || self.har
    }
}

/// `requests`.
pub fn run(options: &RequestsOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    if options.clear {
        let data = server.call("DELETE", "/requests", None)?;
        let forgotten = many(data["deleted"].as_u64().unwrap_or(0), "request");
        return Ok(Shown::sentence(data, format!("{forgotten} forgotten.")));
    }
    if let Some(id) = &options.id {
        let data = server.get(&format!("/requests/{}", encoded(id)))?;
        let (shown, full) = (data.clone(), options.full);
        return Ok(Shown::new(data, move |screen| detail(&shown, full, screen)));
    }
    let mut pairs = options.filter.pairs();
    pairs.push(("limit", Some(options.limit.unwrap_or(LIST).to_string())));
    pairs.push(("since", options.since.clone()));
    let data = server.get(&format!("/requests{}", query(&pairs)))?;
    let entries = data["requests"].as_array().cloned().unwrap_or_default();
    let dropped = data["dropped"].as_u64().unwrap_or(0);
    let answer = Shown::new(data, move |screen| {
        if entries.is_empty() {
            "No request.\n".to_owned()
        } else {
            list(&entries).without_empty().render(screen)
        }
    });
    Ok(if dropped > 0 {
        answer.warn(format!(
            "{} older requests were dropped; --journal-entries of serve keeps more",
            grouped(dropped)
        ))
    } else {
        answer
    })
}

fn list(entries: &[Value]) -> Table {
    let mut table = Table::new(&["#", "time", "status", "method", "path", "rows", "ms", "client", "fault"]);
    for entry in entries {
        table.push(line(entry));
    }
    table
}

fn line(entry: &Value) -> Vec<Cell> {
    let clock = time(&entry["at"]);
    vec![
        Cell::of(&entry["id"]).right(),
        Cell::new(clock.split_once(' ').map_or("", |(_, t)| t)).tone(Tone::Dim),
        status(entry),
        Cell::of(&entry["method"]),
        Cell::new(target(entry)),
        Cell::new(counts(&entry["rows"])),
        Cell::new(milliseconds(entry)).right(),
        Cell::new(client(&entry["client"])).tone(Tone::Dim),
        Cell::of(&entry["fault"]["id"]).tone(Tone::Warning),
    ]
}

fn status(entry: &Value) -> Cell {
    let (text, tone) = status_text(entry);
    Cell::new(text).tone(tone)
}

/// The status, or why there is none.
pub fn status_text(entry: &Value) -> (String, Tone) {
    match entry["status"].as_u64() {
        Some(status) => (status.to_string(), Tone::of_status(status)),
        None => ("---".to_owned(), Tone::Bad),
    }
}

/// Path and query.
pub fn target(entry: &Value) -> String {
    let path = entry["path"].as_str().unwrap_or("");
    match entry["query"].as_str() {
        None | Some("") => path.to_owned(),
        Some(query) => format!("{path}?{query}"),
    }
}

/// `+1 ~2 -1 !83`: created, updated, deleted, errors.
pub fn counts(rows: &Value) -> String {
    let parts = [("+", "created"), ("~", "updated"), ("-", "deleted"), ("!", "errors")];
    let shown = parts.iter().filter_map(|(sign, name)| {
        let count = rows[*name].as_u64().filter(|n| *n > 0)?;
        Some(format!("{sign}{}", grouped(count)))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// The duration.
pub fn milliseconds(entry: &Value) -> String {
    match entry["duration_us"].as_f64() {
        None => String::new(),
        Some(us) if us < 9950.0 => format!("{:.1}", us / 1000.0),
        Some(us) => grouped((us / 1000.0).round() as u64),
    }
}

fn client(client: &Value) -> String {
    let named = ["user", "app_token", "address"].iter().find_map(|name| client[*name].as_str());
    named.unwrap_or("").to_owned()
}

fn detail(entry: &Value, full: bool, screen: &Screen) -> String {
    let mut out = String::new();
    let title =
        format!("#{}  {} {}", entry["id"], entry["method"].as_str().unwrap_or(""), harmless(&target(entry)));
    let answer = match entry["status"].as_u64() {
        Some(status) => Tone::of_status(status).paint(&status.to_string(), screen),
        None => Tone::Bad.paint("no answer", screen),
    };
    let _ = writeln!(out, "{}  {answer}  {} ms\n", Tone::Bold.paint(&title, screen), milliseconds(entry));
    for (name, value) in facts(entry).into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{}  {}", Tone::Dim.paint(&format!("{name:<10}"), screen), harmless(&value));
    }
    let fates = fates(entry, screen);
    if !fates.is_empty() {
        let _ = write!(out, "\n{}\n{fates}", Tone::Bold.paint("Rows", screen));
    }
    for (title, message) in [("Request", &entry["request"]), ("Answer", &entry["answer"])] {
        let _ = write!(out, "\n{}\n{}", Tone::Bold.paint(title, screen), message_text(message, full, screen));
    }
    out
}

fn facts(entry: &Value) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let client = &entry["client"];
    let parts = ["address", "user", "app_token", "agent"].map(|name| text(&client[name]));
    let parts: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    let operation = match entry["dataset"].as_str() {
        Some(dataset) => format!("{} on {dataset}", text(&entry["operation"])),
        None => text(&entry["operation"]),
    };
    let versions = &entry["data_version"];
    vec![
        ("at", text(&entry["at"]).replacen('T', " ", 1)),
        ("client", parts.join(", ")),
        ("over", if entry["tls"] == true { "https" } else { "http" }.to_owned()),
        ("operation", operation),
        (
            "version",
            if versions.is_object() {
                format!("{} to {}", versions["before"], versions["after"])
            } else {
                String::new()
            },
        ),
        (
            "error",
            [text(&entry["error"]["code"]), text(&entry["error"]["message"])].join(" ").trim().to_owned(),
        ),
        ("hint", text(&entry["hint"])),
        ("fault", [text(&entry["fault"]["id"]), text(&entry["fault"]["what"])].join(" ").trim().to_owned()),
        ("request id", text(&entry["request_id"])),
    ]
}

/// Rows that fared alike, together: `83  no such row to delete: 1, 2, 3, …`.
fn fates(entry: &Value, screen: &Screen) -> String {
    let mut groups: Vec<(String, Tone, Vec<String>)> = Vec::new();
    for row in entry["fates"].as_array().into_iter().flatten() {
        let (name, tone) = match (row["fate"].as_str().unwrap_or(""), row["code"].as_str()) {
            ("error", Some(code)) => (code.replace('_', " "), Tone::Bad),
            (fate, _) => (fate.to_owned(), Tone::Good),
        };
        let key = match &row["key"] {
            Value::Null => row["id"].as_str().map_or_else(|| format!("row {}", row["index"]), str::to_owned),
            Value::String(key) => key.clone(),
            other => other.to_string(),
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
            &harmless(&format!("{shown}{more}")),
            screen.width.saturating_sub(head.len() + name.len() + 2).max(10),
        );
        let _ = writeln!(out, "{head}{}: {rest}", tone.paint(name, screen));
    }
    let dropped = entry["fates_dropped"].as_u64().unwrap_or(0);
    if dropped > 0 {
        let _ = writeln!(out, "{:>7} rows  their fates were not kept", grouped(dropped));
    }
    out
}

fn message_text(message: &Value, full: bool, screen: &Screen) -> String {
    let mut out = String::new();
    for header in message["headers"].as_array().into_iter().flatten() {
        let (name, value) = (header[0].as_str().unwrap_or(""), header[1].as_str().unwrap_or(""));
        let _ = writeln!(
            out,
            "  {} {}",
            Tone::Dim.paint(&format!("{}:", harmless(name)), screen),
            harmless(value)
        );
    }
    let body = &message["body"];
    let Some(text) = body["text"].as_str().filter(|t| !t.is_empty()) else {
        let bytes = body["bytes"].as_u64().unwrap_or(0);
        if bytes > 0 {
            let _ = writeln!(out, "\n  {} bytes that are no text", grouped(bytes));
        }
        return out;
    };
    let pretty = serde_json::from_str::<Value>(text).ok().and_then(|v| serde_json::to_string_pretty(&v).ok());
    let text = pretty.as_deref().unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = if full { lines.len() } else { lines.len().min(BODY_LINES) };
    out.push('\n');
    for line in &lines[..shown] {
        let _ = writeln!(out, "  {}", harmless(line));
    }
    if shown < lines.len() {
        let _ = writeln!(out, "  … {} more lines; --full shows them", grouped((lines.len() - shown) as u64));
    }
    if body["truncated"] == true {
        let _ = writeln!(
            out,
            "  … of {} bytes the journal kept the beginning",
            grouped(body["bytes"].as_u64().unwrap_or(0))
        );
    }
    out
}
