//! `soda-mock ready`: asks until the server can work, or the time is over.

use super::CliError;
use crate::clock::monotonic;
use std::time::Duration;

/// Where and how long.
#[derive(clap::Args, Debug)]
pub struct ReadyOptions {
    /// The server's address.
    #[arg(long, env = "SODA_MOCK_URL", default_value = "http://127.0.0.1:7632")]
    pub url: String,
    /// How long to wait, such as 10s or 500ms; 0s asks once.
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub wait: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "write it as 10s, 500ms or 1m".to_owned())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err("write it as 10s, 500ms or 1m".to_owned()),
    }
}

/// Waits; the last answer tells why in vain.
pub fn run(options: &ReadyOptions) -> Result<(), CliError> {
    let end = monotonic() + options.wait;
    loop {
        let refusal = match super::trust::get(&options.url, "/__mock/v1/ready") {
            Ok((200, _)) => return Ok(()),
            Ok((status, _)) => format!("it answers {status}"),
            Err(error) => error,
        };
        if monotonic() >= end {
            return Err(CliError::Other(format!(
                "no server is ready at {}: {refusal}. Start one with `soda-mock serve`, or name it with --url.",
                options.url
            )));
        }
        std::thread::sleep(Duration::from_millis(25));
    }
}
