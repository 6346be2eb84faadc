//! `reset`, `clock`, `token`, `coverage`.

use super::CliError;
use super::screen::{Form, Shown};
use super::server::{Server, Target, duration};
use super::table::Tone;
use crate::api::{Clock, ResetDone, Token};
use crate::http::admin::{Coverage, coverage_as_text, coverage_matrix, routes};
use serde_json::{Value, json};
use std::time::Duration;

/// Options of `reset`.
#[derive(clap::Args, Debug)]
pub(super) struct ResetOptions {
    /// seed, empty, or the name of a snapshot.
    #[arg(value_name = "TO", default_value = "seed")]
    to: String,
    /// Keep the data of before as a snapshot of this name.
    #[arg(long, value_name = "NAME")]
    keep: Option<String>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `reset`.
pub(super) fn reset(options: &ResetOptions) -> Result<Shown, CliError> {
    let body = json!({ "to": options.to, "keep": options.keep });
    let done: ResetDone = Server::find(&options.target)?.call("POST", "/reset", Some(&body))?;
    let mut text = format!("Back to {}: {} are as they were.", options.to, done.cleared.join(", "));
    if let Some(name) = &done.kept {
        text.push_str(&format!(" The data of before: soda-mock restore {name}"));
    }
    Ok(Shown::sentence(done, text))
}

/// Options of `clock`.
#[derive(clap::Args, Debug)]
pub(super) struct ClockOptions {
    #[command(subcommand)]
    command: Option<ClockCommand>,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

#[derive(clap::Subcommand, Debug)]
enum ClockCommand {
    /// Stop the clock, now or at a time.
    Freeze {
        /// Such as 2025-01-31T12:00:00Z.
        #[arg(value_name = "TIME")]
        at: Option<String>,
    },
    /// Move the clock forward.
    Advance {
        /// Such as 90s or 1h 30m.
        #[arg(value_name = "DURATION", value_parser = duration)]
        by: Duration,
    },
    /// Let the clock run from another time.
    Set {
        /// Such as 2025-01-31T12:00:00Z.
        #[arg(value_name = "TIME")]
        now: String,
    },
    /// Back to the machine's clock.
    Real,
}

/// `clock`.
pub(super) fn clock(options: &ClockOptions) -> Result<Shown, CliError> {
    let server = Server::find(&options.target)?;
    let put = |body: Value| server.call("PUT", "/clock", Some(&body));
    let clock: Clock = match &options.command {
        None => server.get("/clock")?,
        Some(ClockCommand::Freeze { at: None }) => put(json!({ "mode": "frozen" }))?,
        Some(ClockCommand::Freeze { at }) => put(json!({ "mode": "frozen", "now": at }))?,
        Some(ClockCommand::Set { now }) => put(json!({ "mode": "offset", "now": now }))?,
        Some(ClockCommand::Advance { by }) => {
            let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
            server.call("POST", "/clock/advance", Some(&json!({ "ms": ms })))?
        }
        Some(ClockCommand::Real) => put(json!({ "mode": "real" }))?,
    };
    Ok(Shown::new(clock, |clock, screen| {
        let word = match clock.mode.as_str() {
            "frozen" => "stands still",
            "offset" => "runs beside the machine's",
            _ => "is the machine's",
        };
        format!("{}  the clock {word}\n", Tone::Bold.paint(&clock.now, screen))
    }))
}

/// Options of `token`.
#[derive(clap::Args, Debug)]
pub(super) struct TokenOptions {
    /// The account.
    #[arg(value_name = "USER", default_value = "publisher@example.com")]
    user: String,
    /// How long it is good, such as 1h or 90s.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires_in: Option<Duration>,
    /// Print the token alone: TOKEN=$(soda-mock token --raw).
    #[arg(long)]
    pub raw: bool,
    #[command(flatten)]
    target: Target,
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `token`: the answer of the server.
pub(super) fn token(options: &TokenOptions) -> Result<Token, CliError> {
    let expires_in = options.expires_in.map(|time| time.as_secs());
    let body = json!({ "user": options.user, "expires_in": expires_in });
    Server::find(&options.target)?.call("POST", "/tokens", Some(&body))
}

/// The answer for people and programs.
pub(super) fn token_shown(token: Token) -> Shown {
    let lines = format!("{}\n\nAuthorization: OAuth …, good until {}", token.token, token.expires_at);
    Shown::sentence(token, lines)
}

/// Options of `coverage`.
#[derive(clap::Args, Debug)]
pub(super) struct CoverageOptions {
    /// How the answer is shown.
    #[command(flatten)]
    pub form: Form,
}

/// `coverage`: needs no server.
pub(super) fn coverage() -> Shown {
    let matrix = Coverage { coverage: coverage_matrix(&routes()) };
    Shown::new(matrix, |matrix, _| coverage_as_text(&matrix.coverage))
}
