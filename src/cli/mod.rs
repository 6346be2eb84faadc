//! The command line.

mod completions;
mod config;
mod languages;
mod options;
mod ready;
mod serve;
mod trust;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use options::ServeOptions;
use std::process::ExitCode;

/// Why the program ends without having done its work; each has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A wrong option or file of options.
    #[error("{0}")]
    Usage(String),
    /// An address cannot be listened on.
    #[error("{0}")]
    Port(String),
    /// The data folder or file cannot be used.
    #[error("{0}")]
    Data(String),
    /// A seed is wrong.
    #[error("{0}")]
    Seed(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl CliError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Port(_) => 3,
            Self::Data(_) => 4,
            Self::Seed(_) => 5,
        }
    }
}

/// A local stand-in for the write API of a Socrata open-data site.
#[derive(Parser)]
#[command(
    name = "soda-mock",
    version,
    about,
    max_term_width = 100,
    after_help = "soda-mock help soql: the query language, with every function"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server (also what runs without a command).
    Serve(Box<ServeOptions>),
    /// Wait until a server is ready; for scripts and health checks.
    Ready(ready::ReadyOptions),
    /// Print the environment that makes programs trust and reach the server.
    Env(trust::EnvOptions),
    /// Show every option of `serve` with its value and where it comes from.
    Config(Box<ServeOptions>),
    /// Print a completion script for a shell.
    Completions {
        /// bash, zsh, fish, elvish or powershell.
        shell: String,
    },
}

/// Runs the program; a failure is one sentence on standard error.
pub fn main() -> ExitCode {
    match run(std::env::args_os().collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soda-mock: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// `soda-mock --port 0` is `soda-mock serve --port 0`.
fn with_serve(mut arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let first = arguments.get(1).and_then(|a| a.to_str()).unwrap_or("");
    let known = Cli::command().get_subcommands().any(|c| c.get_name() == first);
    let own = matches!(first, "-h" | "--help" | "-V" | "--version" | "help");
    if !known && !own {
        arguments.insert(1, "serve".into());
    }
    arguments
}

/// `soda-mock help soql`: a topic, not a command.
fn is_help_on_soql(arguments: &[std::ffi::OsString]) -> bool {
    matches!(arguments, [_, help, topic] if help == "help" && topic == "soql")
}

fn run(arguments: Vec<std::ffi::OsString>) -> Result<(), CliError> {
    if is_help_on_soql(&arguments) {
        // A pager that is closed early is no failure.
        let _ = std::io::Write::write_all(
            &mut std::io::stdout(),
            crate::soql::functions::reference::as_text().as_bytes(),
        );
        return Ok(());
    }
    let command = config::with_file(Cli::command())?;
    let matches = match command.try_get_matches_from(with_serve(arguments)) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            print!("{error}");
            return Ok(());
        }
        Err(error) => {
            let text = error.to_string();
            return Err(CliError::Usage(text.trim_start_matches("error: ").trim_end().to_owned()));
        }
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|e| CliError::Usage(e.to_string()))?;
    let settings = matches.subcommand().map(|(_, m)| config::settings(m)).unwrap_or_default();
    match cli.command {
        Some(Command::Serve(options)) => serve::run(*options, settings),
        Some(Command::Ready(options)) => ready::run(&options),
        Some(Command::Env(options)) => trust::run(&options),
        Some(Command::Config(_)) => {
            config::print(&settings);
            Ok(())
        }
        Some(Command::Completions { shell }) => completions::run(&shell, Cli::command()),
        None => Ok(()),
    }
}
