//! The ready file of `serve`: written when the server can work, removed at its end, and never that of
//! another server that lives.

use super::CliError;
use super::announce::ReadyLine;
use super::end::lives;
use super::files::{Readers, write_whole};
use super::net;
use crate::api::Ready;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server that is alive says so within this time.
const ANSWER: Duration = Duration::from_secs(2);

/// A ready file of this server, written or to be written.
pub(super) struct ReadyFile {
    path: PathBuf,
    instance: String,
}

impl ReadyFile {
    /// The file of a server with this mark.
    pub(super) fn new(path: &Path, instance: &str) -> Self {
        Self { path: path.to_owned(), instance: instance.to_owned() }
    }

    /// An error when the file is no ready file, or that of another server that lives. One whose server
    /// is gone may be replaced.
    pub(super) fn check(&self) -> Result<(), CliError> {
        let shown = self.path.display();
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return Err(CliError::Data(format!("{shown}: {error}; choose another --ready-file")));
            }
        };
        if text.trim().is_empty() {
            return Ok(());
        }
        let Some(line) = ReadyLine::read(&text) else {
            return Err(CliError::Data(format!(
                "{shown} is no ready file of soda-mock and is left as it is; choose another --ready-file"
            )));
        };
        if self.is_ours(&line) || !is_alive(&line) {
            return Ok(());
        }
        let pid = line.pid.unwrap_or_default();
        let http = line.http.as_deref().unwrap_or("its port");
        Err(CliError::Data(format!(
            "{shown} is the ready file of a running server (process {pid}, {http}); stop that one, or choose another --ready-file"
        )))
    }

    fn is_ours(&self, line: &ReadyLine) -> bool {
        line.instance.as_deref() == Some(self.instance.as_str())
    }

    pub(super) fn write(&self, line: &str) -> Result<(), CliError> {
        // Another server may have come first since the start.
        self.check()?;
        write_whole(&self.path, &format!("{line}\n"), Readers::All).map_err(|error| {
            CliError::Data(format!("{}: {error}; choose another --ready-file", self.path.display()))
        })
    }

    /// Removes the file, if it is still that of this server.
    pub(super) fn remove(&self) {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        if ReadyLine::read(&text).is_some_and(|line| self.is_ours(&line)) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Whether the server that wrote the line lives: its process is there, and what answers at its address
/// is itself. A number of a process is given again, in a container at every start.
fn is_alive(line: &ReadyLine) -> bool {
    if line.pid.is_none_or(|pid| pid == std::process::id() || !lives(pid)) {
        return false;
    }
    match &line.admin {
        Some(admin) => answers(admin, line.instance.as_deref()),
        None => line.http.as_deref().is_some_and(accepts),
    }
}

/// One that does not answer in time is busy, not gone.
fn answers(admin: &str, instance: Option<&str>) -> bool {
    let asked = net::agent(false, false)
        .get(format!("{admin}/ready"))
        .config()
        .timeout_global(Some(ANSWER))
        .build()
        .call();
    match asked {
        Ok(mut answer) => {
            let text = answer.body_mut().read_to_string().unwrap_or_default();
            let told: Option<Ready> = serde_json::from_str(&text).ok();
            told.is_some_and(|told| instance.is_none_or(|instance| told.instance == instance))
        }
        Err(ureq::Error::Timeout(_)) => true,
        Err(_) => false,
    }
}

fn accepts(http: &str) -> bool {
    let address = http.strip_prefix("http://").and_then(|authority| authority.parse::<SocketAddr>().ok());
    address.is_some_and(|address| TcpStream::connect_timeout(&address, ANSWER).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GONE: &str =
        r#"{"event":"ready","pid":4294967295,"http":"http://127.0.0.1:1","admin":null,"instance":"b"}"#;

    #[test]
    fn a_file_of_a_server_that_is_gone_is_replaced_and_any_other_file_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        let file = ReadyFile::new(&path, "a");
        let own = std::process::id();
        for (text, free) in [
            ("", true),
            (" \n", true),
            (GONE, true),
            (&GONE.replace("4294967295", &own.to_string()), true),
            (
                r#"{"pid":1,"http":"http://127.0.0.1:1","admin":"http://127.0.0.1:1/__mock/v1","instance":"b"}"#,
                true,
            ),
            (r#"{"pid":1,"instance":"a"}"#, true),
            ("id,name\n", false),
            ("[]", false),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(file.check().is_ok(), free, "{text:?}");
        }
        assert!(ReadyFile::new(&folder.path().join("none"), "a").check().is_ok());
    }

    #[test]
    fn a_file_that_another_server_has_taken_over_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        let file = ReadyFile::new(&path, "a");
        file.write(r#"{"instance":"a"}"#).unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing half written lies beside it"
        );
        std::fs::write(&path, r#"{"instance":"b"}"#).unwrap();
        file.remove();
        assert!(path.exists());
        std::fs::write(&path, r#"{"instance":"a"}"#).unwrap();
        file.remove();
        assert!(!path.exists());
    }
}
