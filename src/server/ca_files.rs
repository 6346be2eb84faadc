//! The authority's certificate and key in a folder.

use super::authority_error::AuthorityError;
use rcgen::KeyPair;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The two files.
#[derive(Clone, Debug)]
pub struct CaFiles {
    /// The certificate, for whoever trusts it.
    pub certificate: PathBuf,
    key: PathBuf,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> AuthorityError {
    let path = path.to_owned();
    move |source| AuthorityError::File { path, source }
}

impl CaFiles {
    /// Those of a folder.
    pub fn of(folder: &Path) -> Self {
        Self { certificate: folder.join("ca.pem"), key: folder.join("ca-key.pem") }
    }

    /// Key and certificate, when both are there. `Exposed` when others than the owner can read the key.
    pub fn read(&self) -> Result<Option<(KeyPair, String)>, AuthorityError> {
        let Some(key) = read(&self.key)? else { return Ok(None) };
        self.check_owner_only()?;
        let Some(certificate) = read(&self.certificate)? else { return Ok(None) };
        let key = KeyPair::from_pem(&key)
            .map_err(|source| AuthorityError::Broken { path: self.key.clone(), source })?;
        Ok(Some((key, certificate)))
    }

    #[cfg(unix)]
    fn check_owner_only(&self) -> Result<(), AuthorityError> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&self.key).map_err(failed(&self.key))?.permissions().mode();
        if mode & 0o077 == 0 { Ok(()) } else { Err(AuthorityError::Exposed { path: self.key.clone() }) }
    }

    #[cfg(not(unix))]
    fn check_owner_only(&self) -> Result<(), AuthorityError> {
        Ok(())
    }

    /// Writes both in place of what is there.
    pub fn write(&self, key: &KeyPair, certificate: &str) -> Result<(), AuthorityError> {
        if let Some(folder) = self.key.parent() {
            std::fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        replace(&self.key, &key.serialize_pem(), 0o600)?;
        replace(&self.certificate, certificate, 0o644)
    }
}

fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Writes a file beside and renames it: nobody reads half of it, and it has its mode from the moment
/// it exists.
fn replace(path: &Path, text: &str, mode: u32) -> Result<(), AuthorityError> {
    let beside = path.with_extension(format!("pem.{}", std::process::id()));
    // What a killed process has left would keep its mode.
    let _ = std::fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(&beside).and_then(|mut file| file.write_all(text.as_bytes()));
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(failed(path))
}
