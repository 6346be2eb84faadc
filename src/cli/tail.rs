//! `tail`: requests as they come.

use super::CliError;
use super::datasets::time;
use super::requests::{Filter, counts, milliseconds, status_text, target};
use super::screen::{Form, Screen, is_human};
use super::server::{Server, Target, query};
use super::sse::Events;
use super::table::{Tone, cut, harmless, many};
use serde_json::Value;
use std::collections::HashSet;
use std::io::Write as _;

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

/// `tail`: until it is interrupted, the reader leaves, or the server ends. `NoServer` when there is
/// none at the start.
pub fn run(options: &TailOptions) -> Result<(), CliError> {
    let server = Server::find(&options.target)?;
    let mut pairs = options.filter.pairs();
    pairs.push(("events", Some("request".to_owned())));
    // Listened to before the list is read, so that no request falls in between.
    let events = Events::new(server.read(&format!("/events{}", query(&pairs)))?);
    let mut printer = Printer {
        human: is_human(options.form),
        screen: Screen::of_stdout(),
        left: options.count.unwrap_or(u64::MAX),
    };
    let (mut listed, went_on) = before(&server, options, &mut printer)?;
    if !went_on {
        return Ok(());
    }
    for event in events {
        let went_on = match (event.kind.as_str(), serde_json::from_str::<Value>(&event.data)) {
            ("request", Ok(entry)) if !entry["id"].as_u64().is_some_and(|id| listed.remove(&id)) => {
                printer.print(&entry)
            }
            ("gap", Ok(gap)) => {
                let missed = many(gap["missed"].as_u64().unwrap_or(0), "event");
                eprintln!("soda-mock: {missed} could not be told in time");
                true
            }
            // Numbers begin again.
            ("reset", _) => {
                listed.clear();
                true
            }
            _ => true,
        };
        if !went_on {
            break;
        }
    }
    Ok(())
}

/// Prints the requests that were there before; their numbers, and whether to go on.
fn before(
    server: &Server,
    options: &TailOptions,
    printer: &mut Printer,
) -> Result<(HashSet<u64>, bool), CliError> {
    let mut pairs = options.filter.pairs();
    pairs.push(("limit", Some(options.lines.to_string())));
    let data = server.get(&format!("/requests{}", query(&pairs)))?;
    let mut listed = HashSet::new();
    for entry in data["requests"].as_array().into_iter().flatten().filter(|entry| !waits(entry)) {
        listed.extend(entry["id"].as_u64());
        if !printer.print(entry) {
            return Ok((listed, false));
        }
    }
    Ok((listed, printer.left > 0))
}

/// Writes a line for each request, as many as are wanted.
struct Printer {
    human: bool,
    screen: Screen,
    left: u64,
}

impl Printer {
    /// False when it was the last one, or when the reader has left.
    fn print(&mut self, entry: &Value) -> bool {
        if self.left == 0 {
            return false;
        }
        let line = if self.human { line(entry, &self.screen) } else { entry.to_string() };
        let mut out = std::io::stdout();
        self.left -= 1;
        writeln!(out, "{line}").and_then(|()| out.flush()).is_ok() && self.left > 0
    }
}

/// An entry exists before its client has the answer; it is told again when it is whole.
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
