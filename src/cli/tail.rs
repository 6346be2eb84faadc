//! `tail`: requests as they come.

use super::CliError;
use super::requests::{Filter, counts, milliseconds, status_text, target, time_of_day};
use super::screen::{Form, Screen, is_human, say};
use super::server::{Server, Target, query};
use super::sse::Events;
use super::table::{Tone, cut, many, without_control_characters};
use crate::api::{Gap, RequestList, RequestSummary};
use std::collections::HashSet;
use std::io::Write as _;

/// Options of `tail`.
#[derive(clap::Args, Debug)]
pub(super) struct TailOptions {
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
pub(super) fn run(options: &TailOptions) -> Result<(), CliError> {
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
        let went_on = match event.kind.as_str() {
            "request" => match serde_json::from_str::<RequestSummary>(&event.data) {
                Ok(request) => listed.remove(&request.id) || printer.print(&request),
                Err(_) => true,
            },
            "gap" => {
                let gap: Gap = serde_json::from_str(&event.data).unwrap_or(Gap { missed: 0 });
                say(&format!("{} could not be told in time", many(gap.missed, "event")));
                true
            }
            // Numbers begin again.
            "reset" => {
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
    let before: RequestList = server.get(&format!("/requests{}", query(&pairs)))?;
    let mut listed = HashSet::new();
    // An entry exists before its client has the answer; it is told again when it is whole.
    let requests = before.requests.iter().map(|line| &line.summary);
    for request in requests.filter(|request| request.ended.is_some()) {
        listed.insert(request.id);
        if !printer.print(request) {
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
    fn print(&mut self, request: &RequestSummary) -> bool {
        if self.left == 0 {
            return false;
        }
        let line = match self.human {
            true => line(request, &self.screen),
            false => serde_json::to_string(request).unwrap_or_default(),
        };
        let mut out = std::io::stdout();
        self.left -= 1;
        writeln!(out, "{line}").and_then(|()| out.flush()).is_ok() && self.left > 0
    }
}

fn line(request: &RequestSummary, screen: &Screen) -> String {
    let (status, tone) = status_text(request);
    let mut text = format!("{} {}", request.method, target(request));
    for part in [counts(request), format!("{} ms", milliseconds(request))] {
        if !part.is_empty() {
            text.push_str(&format!("  {part}"));
        }
    }
    if let Some(fault) = &request.fault {
        text.push_str(&format!("  fault {}", fault.id));
    }
    if let Some(message) = request.error.as_ref().and_then(|error| error.message.as_ref()) {
        text.push_str(&format!("  {message}"));
    }
    let room = screen.width.saturating_sub(20).max(20);
    let number = format!("#{:<4}", request.id);
    format!(
        "{} {} {} {}",
        Tone::Dim.paint(&number, screen),
        Tone::Dim.paint(&time_of_day(request), screen),
        tone.paint(&status, screen),
        cut(&without_control_characters(&text), room)
    )
}
