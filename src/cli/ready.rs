//! `soda-mock ready`: asks until the server can work, or the time is over.

use super::CliError;
use super::address::{Address, Place};
use super::server::duration;
use crate::clock::monotonic;
use std::time::Duration;
use ureq::Agent;

/// Where and how long.
#[derive(clap::Args, Debug)]
pub(super) struct ReadyOptions {
    /// How long to wait, such as 10s or 500ms; 0s asks once.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    wait: Duration,
    #[command(flatten)]
    address: Address,
}

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);
/// What every answer of a soda-mock carries.
const MARK: &str = "x-socrata-requestid";

/// Waits until the server answers that it is ready. `NoServer` with the last answer when it was in
/// vain.
pub(super) fn run(options: &ReadyOptions) -> Result<(), CliError> {
    let end = monotonic() + options.wait;
    let mut agent: Option<(bool, Agent)> = None;
    loop {
        let refusal = match options.address.find() {
            // It is written when the server is ready, so it may be still to come.
            Err(error) => error.to_string(),
            Ok(place) => {
                let https = place.asked().starts_with("https:");
                let known = agent.take().filter(|(of_https, _)| *of_https == https);
                let (_, agent) =
                    agent.insert(known.unwrap_or_else(|| (https, super::net::agent(https, false))));
                match ask(agent, &place) {
                    Ok(()) => return Ok(()),
                    Err(refusal) => format!("no server is ready at {}: {refusal}", place.root),
                }
            }
        };
        if monotonic() >= end {
            return Err(CliError::NoServer(format!(
                "{refusal}. Start one with `soda-mock serve`, or name it with --url or --ready-file."
            )));
        }
        std::thread::sleep(PAUSE);
    }
}

impl Place {
    /// The address that tells whether the server is ready.
    fn asked(&self) -> String {
        format!("{}/ready", self.admin.clone().unwrap_or_else(|| format!("{}/__mock/v1", self.root)))
    }
}

/// Connections are accepted only once every seed is loaded; so a server that keeps its admin API
/// elsewhere, or has none, is ready when it answers at all.
fn ask(agent: &Agent, place: &Place) -> Result<(), String> {
    let answer =
        agent.get(place.asked()).config().timeout_global(Some(Duration::from_secs(5))).build().call();
    let answer = answer.map_err(|error| super::net::cause_of(&error))?;
    match answer.status().as_u16() {
        200 => Ok(()),
        404 if answer.headers().contains_key(MARK) => Ok(()),
        status => Err(format!("it answers {status}")),
    }
}
