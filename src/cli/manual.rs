//! `completions` and `man`: what a package puts into the system.

use super::CliError;
use clap_complete::Shell;
use std::path::{Path, PathBuf};

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
pub(super) fn completions(shell: &str, mut command: clap::Command) -> Result<(), CliError> {
    let shell: Shell = shell.parse().map_err(|_| {
        CliError::Usage(format!("{shell} is no shell; try bash, zsh, fish, elvish or powershell"))
    })?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "soda-mock", &mut script);
    super::screen::print(&String::from_utf8_lossy(&script));
    Ok(())
}

/// Prints a page, or writes them all.
pub(super) fn man(options: &ManOptions, mut command: clap::Command) -> Result<(), CliError> {
    command.build();
    if let Some(folder) = &options.output {
        let fault =
            |e: std::io::Error| CliError::Data(format!("{}: {e}; choose another --output", folder.display()));
        std::fs::create_dir_all(folder).map_err(fault)?;
        std::fs::write(folder.join("soda-mock.1"), page(command.clone(), "soda-mock")?).map_err(fault)?;
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
            write_page(folder, sub).map_err(fault)??;
        }
        return Ok(());
    }
    let (command, name) = match &options.command {
        None => (command.clone(), "soda-mock".to_owned()),
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let found = found.ok_or_else(|| {
                CliError::Usage(format!("there is no command {name}; there are {}", names.join(", ")))
            })?;
            (found, format!("soda-mock-{name}"))
        }
    };
    super::screen::print(&String::from_utf8_lossy(&page(command, &name)?));
    Ok(())
}

fn write_page(folder: &Path, command: &clap::Command) -> std::io::Result<Result<(), CliError>> {
    let name = format!("soda-mock-{}", command.get_name());
    match page(command.clone(), &name) {
        Ok(text) => std::fs::write(folder.join(format!("{name}.1")), text).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn page(command: clap::Command, name: &str) -> Result<Vec<u8>, CliError> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command.name(name.to_owned()).version(env!("CARGO_PKG_VERSION")));
    page.render(&mut text).map_err(|e| CliError::Other(e.to_string()))?;
    Ok(text)
}
