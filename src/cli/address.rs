//! Where the server is: as it is named, as its ready file tells, or where its options put it.

use super::CliError;
use super::announce::ReadyLine;
use std::path::{Path, PathBuf};

/// Which server.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server")]
pub(super) struct Address {
    /// The server's address [default: of the ready file, else http://127.0.0.1:7632].
    #[arg(long, global = true, value_name = "URL", env = "SODA_MOCK_URL")]
    pub url: Option<String>,
    /// The file that `serve --ready-file` wrote; it tells the address.
    #[arg(long, global = true, value_name = "FILE", env = "SODA_MOCK_READY_FILE")]
    pub ready_file: Option<PathBuf>,
}

/// The two addresses of a server; they are one unless it was started with `--admin-listen`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Of the emulated API, without a path.
    pub root: String,
    /// Of the admin API, `…/__mock/v1`; none with `--no-admin`.
    pub admin: Option<String>,
}

impl Address {
    /// Where the server should be; it is not asked. `NoServer` when the ready file cannot be read.
    pub(super) fn find(&self) -> Result<Place, CliError> {
        if let Some(url) = &self.url {
            return Ok(Place::of(url));
        }
        if let Some(path) = &self.ready_file {
            return of_ready_file(path);
        }
        let port = option("port").filter(|p| p != "0").unwrap_or_else(|| "7632".to_owned());
        let place = Place::of(&format!("http://127.0.0.1:{port}"));
        let admin = option("admin-listen").and_then(|text| super::options::admin_address(&text).ok());
        Ok(match admin.filter(|address| address.port() != 0) {
            Some(address) => {
                let admin = Place::of(&format!("http://{}", super::serve::reachable(address))).admin;
                Place { admin, ..place }
            }
            None => place,
        })
    }

    /// The address of the admin API; `NoServer` when the server has none.
    pub(super) fn admin(&self) -> Result<String, CliError> {
        self.find()?.admin.ok_or_else(|| {
            let file = self.ready_file.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
            CliError::NoServer(format!("{file} names no admin API; was the server started with --no-admin?"))
        })
    }
}

/// An option of `serve` that the environment or `soda-mock.toml` tells this command too.
fn option(name: &str) -> Option<String> {
    let variable = format!("SODA_MOCK_{}", name.to_ascii_uppercase().replace('-', "_"));
    std::env::var(variable).ok().or_else(|| super::config::value(name))
}

impl Place {
    fn of(url: &str) -> Self {
        let url = url.trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let root = url.trim_end_matches("/__mock/v1").trim_end_matches("/__mock").to_owned();
        Self { admin: Some(format!("{root}/__mock/v1")), root }
    }
}

fn of_ready_file(path: &Path) -> Result<Place, CliError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| {
        CliError::NoServer(format!(
            "{shown}: {e}; start a server with `soda-mock serve --ready-file {shown}`, or name one with --url"
        ))
    })?;
    let line = ReadyLine::read(&text).unwrap_or_default();
    let none = || CliError::NoServer(format!("{shown} is no ready file of soda-mock"));
    Ok(Place { root: line.http.ok_or_else(none)?, admin: line.admin })
}

#[cfg(test)]
mod tests {
    use super::{Place, of_ready_file};

    #[test]
    fn an_address_may_be_written_in_many_ways() {
        for url in ["http://h:1", "h:1", "http://h:1/", "http://h:1/__mock/v1", "http://h:1/__mock/"] {
            let place = Place::of(url);
            assert_eq!((&*place.root, place.admin.as_deref()), ("http://h:1", Some("http://h:1/__mock/v1")));
        }
    }

    #[test]
    fn a_ready_file_tells_both_addresses_and_that_there_is_no_admin_api() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ready.json");
        std::fs::write(&file, r#"{"http":"http://h:1","admin":"http://h:2/__mock/v1"}"#).unwrap();
        let place = of_ready_file(&file).unwrap();
        assert_eq!((&*place.root, place.admin.as_deref()), ("http://h:1", Some("http://h:2/__mock/v1")));
        std::fs::write(&file, r#"{"http":"http://h:1","admin":null}"#).unwrap();
        assert_eq!(of_ready_file(&file).unwrap().admin, None);
        std::fs::write(&file, "half a li").unwrap();
        assert!(of_ready_file(&file).is_err());
        assert!(of_ready_file(&folder.path().join("none")).is_err());
    }
}
