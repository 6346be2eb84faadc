//! Why there is no certificate authority.

use std::path::PathBuf;

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A certificate could not be made.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The kept key is none.
    #[error("{path}: {source}; remove it for a new one")]
    Broken {
        /// The key's file.
        path: PathBuf,
        /// Why.
        source: rcgen::Error,
    },
    /// Others can read the key, and so pass for any site to those who trust its certificate.
    #[error(
        "{path}: others than its owner can read the key of the CA; run `chmod 600 {path}`, or remove it for a new one"
    )]
    Exposed {
        /// The key's file.
        path: PathBuf,
    },
}
