//! The words of each shell for a variable.

/// A shell, or a file of variables.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    /// Any POSIX shell.
    Sh,
    Bash,
    Zsh,
    Fish,
    /// PowerShell.
    Pwsh,
    /// The file that GITHUB_ENV names.
    Github,
}

impl Shell {
    /// The shell that has started this program, as far as it can be told; else a POSIX shell.
    pub(crate) fn of_caller() -> Self {
        parent().as_deref().map_or(if cfg!(windows) { Self::Pwsh } else { Self::Sh }, Self::of_program)
    }

    fn of_program(name: &str) -> Self {
        let name = name.trim().rsplit('/').next().unwrap_or_default();
        match name.trim_start_matches('-') {
            "bash" => Self::Bash,
            "zsh" => Self::Zsh,
            "fish" => Self::Fish,
            "pwsh" => Self::Pwsh,
            _ => Self::Sh,
        }
    }

    /// Sets a variable for the programs that the shell starts.
    pub(crate) fn line(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh | Self::Bash | Self::Zsh => format!("export {name}='{}'", value.replace('\'', "'\\''")),
            Self::Fish => format!("set -gx {name} '{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Pwsh => format!("$env:{name} = '{}'", value.replace('\'', "''")),
            Self::Github => format!("{name}={value}"),
        }
    }

    /// Whether it takes a variable. GitHub refuses a step whose file sets NODE_OPTIONS.
    pub(crate) fn takes(self, name: &str) -> bool {
        self != Self::Github || name != "NODE_OPTIONS"
    }
}

/// The name of the program that has started this one.
#[cfg(unix)]
fn parent() -> Option<String> {
    let pid = std::os::unix::process::parent_id();
    if let Ok(name) = std::fs::read_to_string(format!("/proc/{pid}/comm")) {
        return Some(name);
    }
    let told =
        std::process::Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).output().ok()?;
    String::from_utf8(told.stdout).ok()
}

#[cfg(not(unix))]
fn parent() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::Shell;

    #[test]
    fn shells_are_told_by_the_name_of_their_program() {
        for (name, shell) in [
            ("zsh\n", Shell::Zsh),
            ("-zsh", Shell::Zsh),
            ("/usr/local/bin/fish", Shell::Fish),
            ("bash", Shell::Bash),
            ("pwsh", Shell::Pwsh),
            ("dash", Shell::Sh),
            ("make", Shell::Sh),
            ("", Shell::Sh),
        ] {
            assert_eq!(Shell::of_program(name), shell, "{name}");
        }
    }

    #[test]
    fn values_are_quoted_as_each_shell_reads_them() {
        let value = r"it's C:\a";
        for (shell, line) in [
            (Shell::Zsh, r"export A='it'\''s C:\a'"),
            (Shell::Fish, r"set -gx A 'it\'s C:\\a'"),
            (Shell::Pwsh, r"$env:A = 'it''s C:\a'"),
            (Shell::Github, r"A=it's C:\a"),
        ] {
            assert_eq!(shell.line("A", value), line);
        }
    }
}
