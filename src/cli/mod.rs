//! The command line.

#![warn(unreachable_pub)]

mod accounts;
mod address;
mod admin;
mod announce;
mod changes;
mod checks;
mod clone;
mod config;
mod control;
mod data_file;
mod datasets;
mod end;
mod env;
mod environment;
mod examples;
mod faults;
mod files;
mod help;
mod job;
mod manual;
mod net;
mod options;
mod ready;
mod ready_file;
mod requests;
mod requests_export;
mod revisions;
mod rows;
mod run;
mod running;
mod screen;
mod seed;
mod serve;
mod server;
mod spaces;
mod sql;
mod sse;
mod table;
mod tail;
mod trust;
mod undo;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use options::ServeOptions;
use std::process::ExitCode;

/// Why the program ends without having done its work; each has its exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
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
    /// No server was reached.
    #[error("{0}")]
    NoServer(String),
    /// The data refuses.
    #[error("{0}")]
    Refused(String),
    /// The server refuses; `code` is that of its admin API.
    #[error("{message}")]
    Api { code: String, message: String },
    /// The reader of standard output has left; that is no failure.
    #[error("the reader left")]
    Pipe,
    #[error("{0}")]
    Other(String),
}

/// What the exit codes mean, for the manual; the numbers are those of [`CliError::row`].
const EXIT_CODES: [(u8, &str); 7] = [
    (0, "done, or the answer is yes"),
    (1, "refused, or the answer of verify, expect or diff --exit-code is no"),
    (2, "usage: an option, a variable, a file of options"),
    (3, "the port cannot be listened on"),
    (4, "the data or CA folder, or the data file"),
    (5, "a seed"),
    (6, "no server was reached"),
];

impl CliError {
    /// Why output was not written.
    fn of_output(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Pipe,
            _ => Self::Other(error.to_string()),
        }
    }

    /// The code in the JSON envelope, and the exit code.
    fn row(&self) -> (&str, u8) {
        match self {
            Self::Api { code, .. } => (code, 1),
            Self::Pipe => ("pipe", 0),
            Self::Other(_) => ("other", 1),
            Self::Refused(_) => ("refused", 1),
            Self::Usage(_) => ("usage", 2),
            Self::Port(_) => ("port", 3),
            Self::Data(_) => ("data", 4),
            Self::Seed(_) => ("seed", 5),
            Self::NoServer(_) => ("no_server", 6),
        }
    }

    fn code(&self) -> &str {
        self.row().0
    }

    fn exit_code(&self) -> u8 {
        self.row().1
    }
}

/// A local stand-in for the write API of a Socrata open-data site.
#[derive(Parser)]
#[command(
    name = "soda-mock",
    version,
    about,
    max_term_width = 100,
    after_help = format!("soda-mock help TOPIC: the guide. Topics: {}; and each error code", help::topics())
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
    Env(env::EnvOptions),
    /// Run one command in the environment of `env`, with nothing left behind.
    Run(run::RunOptions),
    /// Show every option of `serve` with its value and where it comes from.
    Config(Box<ServeOptions>),
    /// Load seed files or folders into a running server.
    Seed(seed::SeedOptions),
    /// List the datasets.
    Datasets(datasets::ListOptions),
    /// Revisions: which are prepared, applied, discarded.
    Revisions(revisions::ListOptions),
    /// Show one dataset with its columns.
    Show(datasets::ShowOptions),
    /// Show stored rows.
    Rows(rows::RowsOptions),
    /// Write a dataset's rows as CSV or JSON.
    Export(rows::ExportOptions),
    /// Answer a SELECT on the stored tables.
    Sql(sql::SqlOptions),
    /// List the requests, or show one with the fate of each row.
    Requests(requests::RequestsOptions),
    /// Follow the requests as they come.
    Tail(tail::TailOptions),
    /// Show what each write did to the rows of a dataset.
    Changes(changes::ChangesOptions),
    /// Take one write back by another.
    Undo(undo::UndoOptions),
    /// Ask whether requests were made; no ends with 1.
    Verify(checks::VerifyOptions),
    /// Ask whether stored data is as expected; no ends with 1.
    Expect(checks::ExpectOptions),
    /// Keep the data of now under a name, or list what is kept.
    Snapshot(spaces::SnapshotOptions),
    /// Give the data of a snapshot back.
    Restore(spaces::RestoreOptions),
    /// Show what differs between two states, row by row.
    Diff(changes::DiffOptions),
    /// Let requests go wrong, and see how often they did.
    Fault(faults::FaultOptions),
    /// List, make or remove isolated spaces.
    Space(spaces::SpaceOptions),
    /// Go back to the seed, to nothing, or to a snapshot.
    Reset(control::ResetOptions),
    /// Show, stop, move or set the clock.
    Clock(control::ClockOptions),
    /// Show or set how long jobs of publishing take, and how they end.
    Job(job::JobOptions),
    /// Mint an OAuth access token.
    Token(control::TokenOptions),
    /// List, make or remove accounts.
    Users(accounts::UsersOptions),
    /// List, make or remove application tokens.
    AppTokens(accounts::AppTokensOptions),
    /// Show or set the limits of requests.
    Throttle(accounts::ThrottleOptions),
    /// Let ids follow from a number, so that they repeat.
    Ids(admin::IdsOptions),
    /// Send a request of the journal again.
    Replay(admin::ReplayOptions),
    /// Read a path of the admin API.
    Get(admin::GetOptions),
    /// Open the web page in the browser.
    Open(admin::OpenOptions),
    /// Take a dataset of a real site as a seed.
    Clone(clone::CloneOptions),
    /// Show what is emulated, partly or refused, with the evidence for it.
    Coverage(control::CoverageOptions),
    /// Print a completion script for a shell.
    Completions {
        /// bash, zsh, fish, elvish or powershell.
        shell: String,
    },
    /// Print a manual page.
    Man(manual::ManOptions),
}

/// Runs the program; a failure is one sentence on standard error, and for programs that read the answer of a
/// command also its envelope.
pub fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    dispatch(arguments.clone()).unwrap_or_else(|error| fail(&error, asked_for_data(&arguments).as_deref()))
}

fn fail(error: &CliError, command: Option<&str>) -> ExitCode {
    if let Some(command) = command {
        screen::print_failure(command, error);
    }
    screen::say(&error.to_string());
    ExitCode::from(error.exit_code())
}

/// The name of the command, when it answers with an envelope and one is wanted here. It is read from the words
/// themselves, as they may be none that clap understands.
fn asked_for_data(arguments: &[std::ffi::OsString]) -> Option<String> {
    let name = arguments.get(1)?.to_str()?;
    let command = Cli::command();
    command.find_subcommand(name)?.get_arguments().find(|a| a.get_id() == "json")?;
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let form = screen::Form { json: has("--json"), table: has("--table") };
    (!screen::is_human(form)).then(|| name.to_owned())
}

/// `soda-mock --port 0` and `soda-mock seeds/` are `soda-mock serve …`.
fn with_serve(mut arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let first = arguments.get(1).and_then(|a| a.to_str()).unwrap_or("");
    let own = matches!(first, "-h" | "--help" | "-V" | "--version");
    // A word that is no file is a mistyped command.
    let seed = first.contains(['/', '\\', '.']) || std::path::Path::new(first).exists();
    if !own && (first.is_empty() || first.starts_with('-') || seed && !is_command(first)) {
        arguments.insert(1, "serve".into());
    }
    arguments
}

fn is_command(word: &str) -> bool {
    word == "help" || Cli::command().get_subcommands().any(|c| c.get_name() == word)
}

/// The topic of `soda-mock help TOPIC`; a command's name is none.
fn help_topic(arguments: &[std::ffi::OsString]) -> Option<&str> {
    match arguments {
        [_, help, topic] if help == "help" => topic.to_str().filter(|word| !is_command(word)),
        _ => None,
    }
}

/// The names of all commands.
fn command_names() -> Vec<String> {
    Cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect()
}

fn dispatch(arguments: Vec<std::ffi::OsString>) -> Result<ExitCode, CliError> {
    if let Some(topic) = help_topic(&arguments) {
        return help::run(topic).map(|()| ExitCode::SUCCESS);
    }
    let command = Cli::command();
    config::check_variables(&command)?;
    let help = arguments.iter().any(|word| word == "--help" || word == "-h" || word == "help");
    let command = if help { examples::with_examples(command) } else { command };
    let command = config::with_file(command)?;
    let matches = match command.try_get_matches_from(with_serve(arguments)) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            // With clap's colours, where the terminal wants them.
            let _ = error.print();
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => {
            let text = error.to_string();
            return Err(CliError::Usage(text.trim_start_matches("error: ").trim_end().to_owned()));
        }
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|e| CliError::Usage(e.to_string()))?;
    let settings = matches.subcommand().map(|(_, m)| config::settings(m)).unwrap_or_default();
    let Some(command) = cli.command else { return Ok(ExitCode::SUCCESS) };
    act(command, settings)
}

/// Runs a command. Those that answer with data end in an exit code of their own.
fn act(command: Command, settings: Vec<config::Setting>) -> Result<ExitCode, CliError> {
    let done = |()| ExitCode::SUCCESS;
    let (name, form, outcome) = match command {
        Command::Serve(options) => return serve::run(*options, settings).map(done),
        Command::Ready(options) => return ready::run(&options).map(done),
        Command::Env(options) => return env::run(&options).map(done),
        Command::Run(options) => return run::run(&options),
        Command::Config(_) => {
            screen::print(&config::as_text(&settings, &Cli::command()));
            return Ok(ExitCode::SUCCESS);
        }
        Command::Tail(o) => return tail::run(&o).map(done),
        Command::Export(o) => return rows::export(&o).map(done),
        Command::Requests(o) if o.is_export() => return requests_export::run(&o).map(done),
        Command::Completions { shell } => return manual::completions(&shell, Cli::command()).map(done),
        Command::Man(options) => return manual::man(&options, Cli::command()).map(done),
        Command::Token(o) if o.raw => {
            screen::print(&format!("{}\n", control::token(&o)?.token));
            return Ok(ExitCode::SUCCESS);
        }
        Command::Seed(o) => ("seed", o.form, seed::run(&o)),
        Command::Datasets(o) => ("datasets", o.form, datasets::list(&o)),
        Command::Revisions(o) => ("revisions", o.form, revisions::list(&o)),
        Command::Show(o) => ("show", o.form, datasets::show(&o)),
        Command::Rows(o) => ("rows", o.form, rows::rows(&o)),
        Command::Sql(o) => ("sql", o.form, sql::run(&o)),
        Command::Requests(o) => ("requests", o.form, requests::run(&o)),
        Command::Changes(o) => ("changes", o.form, changes::changes(&o)),
        Command::Undo(o) => ("undo", o.form, undo::run(&o)),
        Command::Verify(o) => ("verify", o.form, checks::verify(&o)),
        Command::Expect(o) => ("expect", o.form, checks::expect(&o)),
        Command::Snapshot(o) => ("snapshot", o.form, spaces::snapshot(&o)),
        Command::Restore(o) => ("restore", o.form, spaces::restore(&o)),
        Command::Diff(o) => ("diff", o.form, changes::diff(&o)),
        Command::Fault(o) => ("fault", o.form, faults::run(&o)),
        Command::Space(o) => ("space", o.form, spaces::space(&o)),
        Command::Reset(o) => ("reset", o.form, control::reset(&o)),
        Command::Clock(o) => ("clock", o.form, control::clock(&o)),
        Command::Users(o) => ("users", o.form, accounts::users(&o)),
        Command::AppTokens(o) => ("app-tokens", o.form, accounts::app_tokens(&o)),
        Command::Throttle(o) => ("throttle", o.form, accounts::throttle(&o)),
        Command::Job(o) => ("job", o.form, job::job(&o)),
        Command::Ids(o) => ("ids", o.form, admin::ids(&o)),
        Command::Replay(o) => ("replay", o.form, admin::replay(&o)),
        Command::Get(o) => ("get", o.form, admin::get(&o)),
        Command::Open(o) => ("open", o.form, admin::open(&o)),
        Command::Token(o) => ("token", o.form, control::token(&o).map(control::token_shown)),
        Command::Clone(o) => ("clone", o.form, clone::run(&o)),
        Command::Coverage(o) => ("coverage", o.form, Ok(control::coverage())),
    };
    Ok(screen::finish(name, form, outcome))
}
