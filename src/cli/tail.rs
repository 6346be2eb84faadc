//! `tail`: requests as they come.

use super::CliError;
use super::datasets::time;
use super::requests::{Filter, counts, milliseconds, status_text, target};
use super::screen::{Form, Screen, is_human};
use super::server::{Server, Target, query};
use super::table::{Tone, cut, harmless};
use serde_json::Value;
use std::io::Write as _;
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Options of `tail`.
#[derive(clap::Args, Debug)]
pub struct TailOptions {
    /// Begin with so many requests that were there before.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    lines: u64,
    /// End after so many requests.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown; JSON is one request a line.
    #[command(flatten)]
    pub form: Form,
}

/// `tail`: until it is interrupted, the reader leaves, or the server ends.
pub fn run(options: &TailOptions) -> Result<(), CliError> {
    let server = Server::find(&options.target)?;
    let human = is_human(options.form);
    let screen = Screen::of_stdout();
    let mut left = options.count.unwrap_or(u64::MAX);
    let mut since: Option<u64> = None;
    let mut first = true;
    while left > 0 {
        let mut pairs = options.filter.pairs();
        pairs.push(("since", since.map(|id| id.to_string())));
        pairs.push(("limit", first.then(|| options.lines.to_string())));
        let data = server.get(&format!("/requests{}", query(&pairs)))?;
        for entry in data["requests"].as_array().into_iter().flatten().filter(|entry| !waits(entry)) {
            let line = if human { line(entry, &screen) } else { entry.to_string() };
            let mut out = std::io::stdout();
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return Ok(());
            }
            since = entry["id"].as_u64().or(since);
            left -= 1;
            if left == 0 {
                return Ok(());
            }
        }
        // What came before the first look is not wanted, even where it did not match.
        if first {
            since = since.or(data["last"].as_u64());
        }
        first = false;
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// An entry exists before its client has the answer; it is shown when it is whole.
fn waits(entry: &Value) -> bool {
    entry["ended"].is_null() && entry["duration_us"].is_null()
}

fn line(entry: &Value, screen: &Screen) -> String {
    let clock = time(&entry["at"]);
    let clock = clock.split_once(' ').map_or("", |(_, t)| t);
    let (status, tone) = status_text(entry);
    let mut text = format!("{} {}", entry["method"].as_str().unwrap_or(""), target(entry));
    for part in [counts(&entry["rows"]), format!("{} ms", milliseconds(entry))] {
        if !part.is_empty() {
            text.push_str(&format!("  {part}"));
        }
    }
    if let Some(fault) = entry["fault"]["id"].as_str() {
        text.push_str(&format!("  fault {fault}"));
    }
    if let Some(message) = entry["error"]["message"].as_str() {
        text.push_str(&format!("  {message}"));
    }
    let room = screen.width.saturating_sub(20).max(20);
    let number = format!("#{:<4}", entry["id"]);
    format!(
        "{} {} {} {}",
        Tone::Dim.paint(&number, screen),
        Tone::Dim.paint(clock, screen),
        tone.paint(&status, screen),
        cut(&harmless(&text), room)
    )
}
