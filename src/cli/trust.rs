//! The certificate authorities that programs of this machine trust, and the server's own.

use std::path::PathBuf;

/// The system's bundles, the first that is there.
const SYSTEM_BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
];

/// What programs trust: the bundle of this file, else the system's.
pub(super) fn bundle_of(file: Option<&str>) -> Option<String> {
    let named = file.and_then(|path| std::fs::read_to_string(path).ok());
    named.or_else(|| SYSTEM_BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok()))
}

/// What programs of this shell trust: `SSL_CERT_FILE`, else the system's bundle.
pub(super) fn system_bundle() -> Option<String> {
    bundle_of(std::env::var("SSL_CERT_FILE").ok().as_deref())
}

/// The mock's own CA, where a server has made one for this user.
pub(super) fn own_ca() -> Option<String> {
    let folder =
        std::env::var_os("SODA_MOCK_CA_DIR").map(PathBuf::from).or_else(super::files::data_folder)?;
    std::fs::read_to_string(folder.join("ca.pem")).ok()
}
