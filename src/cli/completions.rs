//! `soda-mock completions SHELL`.

use super::CliError;
use clap_complete::Shell;

/// Prints the script.
pub fn run(shell: &str, mut command: clap::Command) -> Result<(), CliError> {
    let shell: Shell = shell.parse().map_err(|_| {
        CliError::Usage(format!("{shell} is no shell; try bash, zsh, fish, elvish or powershell"))
    })?;
    clap_complete::generate(shell, &mut command, "soda-mock", &mut std::io::stdout());
    Ok(())
}
