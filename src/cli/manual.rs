//! `completions` and `man`: what a package puts into the system.

use super::examples::with_examples;
use super::{CliError, EXIT_CODES};
use clap::Command;
use clap_complete::Shell;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Options of `man`.
#[derive(clap::Args, Debug)]
pub(super) struct ManOptions {
    /// The command whose page is printed; without one the page of soda-mock itself.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write every page into this folder.
    #[arg(long, short, value_name = "DIR", conflicts_with = "command")]
    output: Option<PathBuf>,
}

/// Prints a completion script.
pub(super) fn completions(shell: &str, mut command: Command) -> Result<(), CliError> {
    let shell: Shell = shell.parse().map_err(|_| {
        CliError::Usage(format!("{shell} is no shell; try bash, zsh, fish, elvish or powershell"))
    })?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "soda-mock", &mut script);
    let script = String::from_utf8_lossy(&script);
    // clap_complete 4.6 names the states of sub-commands in two ways when the program's name has a hyphen, so that
    // bash completes nothing behind the first word.
    super::screen::print(&script.replace("soda__subcmd__mock", "soda__mock"));
    Ok(())
}

/// Prints a page, or writes them all.
pub(super) fn man(options: &ManOptions, command: Command) -> Result<(), CliError> {
    let mut command = with_examples(command).disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &options.output {
        std::fs::create_dir_all(folder).map_err(|e| no_output(folder, &e))?;
        return write_pages(folder, &command, "soda-mock");
    }
    let (command, name) = match &options.command {
        None => (&command, "soda-mock".to_owned()),
        Some(name) => {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let found = command.find_subcommand(name).ok_or_else(|| {
                CliError::Usage(format!("there is no command {name}; there are {}", names.join(", ")))
            })?;
            (found, format!("soda-mock-{name}"))
        }
    };
    let text = page(command, &name)?;
    if std::io::stdout().is_terminal() && is_shown_by_man(&text) {
        return Ok(());
    }
    super::screen::print(&text);
    Ok(())
}

fn no_output(folder: &Path, error: &std::io::Error) -> CliError {
    CliError::Data(format!("{}: {error}; choose another --output", folder.display()))
}

/// The page of a command and those of the commands below it.
fn write_pages(folder: &Path, command: &Command, name: &str) -> Result<(), CliError> {
    std::fs::write(folder.join(format!("{name}.1")), page(command, name)?)
        .map_err(|e| no_output(folder, &e))?;
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    shown.into_iter().try_for_each(|sub| write_pages(folder, sub, &format!("{name}-{}", sub.get_name())))
}

/// Formatted by the system's `man`; false when there is none that can.
fn is_shown_by_man(text: &str) -> bool {
    let mut man = std::process::Command::new("man");
    let Ok(mut child) = man.args(["-l", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        return false;
    };
    if let Some(mut input) = child.stdin.take() {
        // The reader may quit before the end.
        let _ = input.write_all(text.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

/// The source of a page.
fn page(command: &Command, name: &str) -> Result<String, CliError> {
    let mut text = Vec::new();
    let named = command.clone().name(name.to_owned()).version(env!("CARGO_PKG_VERSION"));
    // The example has a section of its own.
    let example = command.get_after_help().map(ToString::to_string);
    let man = clap_mangen::Man::new(named.after_help(None::<&str>));
    let fault = |e: std::io::Error| CliError::Other(e.to_string());
    man.render(&mut text).map_err(fault)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    text.push_str(&environment(command));
    text.push_str(&exit_status());
    if let Some(example) = example {
        let line = example.trim_start_matches("Example: ");
        text.push_str(&format!(".SH EXAMPLES\n.nf\n{}\n.fi\n", escaped(line)));
    }
    Ok(text)
}

/// The variables of a command's options.
fn environment(command: &Command) -> String {
    let mut section = String::new();
    for argument in command.get_arguments() {
        let Some(variable) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        let option = match argument.get_long() {
            Some(long) => format!("as --{long}"),
            None => argument.get_help().map(ToString::to_string).unwrap_or_default(),
        };
        section.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", escaped(variable), escaped(&option)));
    }
    if section.is_empty() { section } else { format!(".SH ENVIRONMENT\n{section}") }
}

fn exit_status() -> String {
    let rows = EXIT_CODES.iter().map(|(code, what)| format!(".TP\n\\fB{code}\\fR\n{}\n", escaped(what)));
    format!(".SH EXIT STATUS\n{}", rows.collect::<String>())
}

/// Text as roff reads it.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
