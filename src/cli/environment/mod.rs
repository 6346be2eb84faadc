//! The environment in which programs trust a server and, for named domains, reach it: what `soda-mock env`
//! prints and `soda-mock run` gives to its command.
//!
//! Three ways lead to the server, since no single one reaches every program. The proxy variables reach whatever
//! reads them, and every host. A preload for Node.js, Python and Ruby, and a file of options for curl and httr,
//! reach programs that read no proxy from the environment, and the named domains only; in them other hosts are
//! connected to directly. What neither reaches is told by [`check`].

mod caller;
pub(super) mod check;
mod java;
mod languages;
mod redirect;
mod shell;

pub(super) use caller::{Caller, REDIRECT};
pub(super) use redirect::{Redirect, authority};
pub(super) use shell::Shell;

use super::files::{Readers, write_whole};
use super::{CliError, trust};
use crate::domains::DomainName;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::path::{Path, PathBuf};

/// Variables that name a bundle, and the programs that read them.
const BUNDLES: [&str; 8] = [
    "SSL_CERT_FILE",      // OpenSSL: Ruby, Go, .NET, Python's ssl, PHP's streams
    "CURL_CA_BUNDLE",     // curl, R's own downloads
    "REQUESTS_CA_BUNDLE", // Python requests
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "HTTPLIB2_CA_CERTS",
    "PIP_CERT",
    "DENO_CERT",
];

/// A server that programs are to trust and reach.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The address of the emulated API, without a path.
    pub root: String,
    /// The address of the admin API without `/__mock/v1`.
    pub admin: String,
    /// The certificate of its CA.
    pub ca_pem: String,
}

/// Where the files lie that the variables name.
#[derive(Debug)]
pub(super) struct Folders {
    /// Of one CA.
    of_ca: PathBuf,
    /// Of one CA, server and choice of domains.
    own: PathBuf,
    /// The system's authorities and the server's.
    bundle: PathBuf,
    ca: PathBuf,
}

/// Variables in the order in which they are told.
#[derive(Debug, Default)]
pub(super) struct Variables(Vec<(String, String)>);

impl Variables {
    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Sets a variable and keeps the path that the caller had chosen for it, so that a second call finds it.
    fn replace(&mut self, caller: &Caller, name: &str, value: String) {
        self.set(name, value);
        if let Some(own) = caller.own_path(name) {
            self.keep(name, own.to_owned());
        }
    }

    fn keep(&mut self, name: &str, own: String) {
        self.set(&caller::kept(name), own);
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The variables, and what they do.
#[derive(Debug)]
pub(super) struct Environment {
    pub variables: Variables,
    /// Which domains lead to the server.
    pub redirect: Option<Redirect>,
}

impl Environment {
    /// Writes the files into folders below `folder`, named by their contents so that two servers do not
    /// break each other's shells; the bundle may have a place of its own.
    pub(super) fn prepare(
        endpoint: &Endpoint,
        domains: &[DomainName],
        folder: &Path,
        bundle: Option<&Path>,
    ) -> Result<Self, CliError> {
        let caller = Caller::of_process();
        let redirect = Redirect::new(&endpoint.root, domains, &caller)?;
        let folders = folders(endpoint, redirect.as_ref(), folder, bundle);
        let mut variables = Variables::default();
        trusting(&folders, &endpoint.ca_pem, &caller, &mut variables)?;
        variables.set("SODA_MOCK_URL", endpoint.admin.clone());
        languages::add(&folders, redirect.as_ref(), &caller, &mut variables)?;
        java::add(&folders, redirect.as_ref(), &caller, &mut variables);
        if let Some(redirect) = &redirect {
            redirect.add(&folders.own, &caller, &mut variables)?;
            redirect.add_curl(&folders.own, &caller, &mut variables)?;
        }
        Ok(Self { variables, redirect })
    }
}

fn folders(
    endpoint: &Endpoint,
    redirect: Option<&Redirect>,
    folder: &Path,
    bundle: Option<&Path>,
) -> Folders {
    let of_ca = folder.join(fingerprint(&endpoint.ca_pem));
    let facts = format!("{} {redirect:?}", endpoint.root);
    let own = of_ca.join(hex(facts.as_bytes(), 4));
    let bundle = bundle.map_or_else(|| of_ca.join("soda-mock-bundle.pem"), Path::to_owned);
    let ca = of_ca.join("soda-mock-ca.pem");
    Folders { of_ca, own, bundle, ca }
}

/// The beginning of the SHA-256 fingerprint of a certificate.
fn fingerprint(pem: &str) -> String {
    let der = CertificateDer::from_pem_slice(pem.as_bytes());
    hex(der.as_ref().map_or(pem.as_bytes(), AsRef::as_ref), 8)
}

/// The first bytes of the SHA-256 digest in hex.
fn hex(text: &[u8], bytes: usize) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text);
    digest.as_ref().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// Trust is added to: the bundle holds what programs trust already, and the server's CA.
fn trusting(folders: &Folders, ca: &str, caller: &Caller, variables: &mut Variables) -> Result<(), CliError> {
    let write = |path: &Path, text: &str| write_below(path, text, Readers::All);
    let trusted = trust::bundle_of(caller.own_path("SSL_CERT_FILE")).unwrap_or_default();
    write(&folders.bundle, &with(&trusted, ca))?;
    write(&folders.ca, ca)?;
    let bundle = folders.bundle.display().to_string();
    variables.replace(caller, BUNDLES[0], bundle.clone());
    for name in &BUNDLES[1..] {
        variables.set(name, bundle.clone());
    }
    // Node adds to its own list; what the caller adds to it stays.
    let own = caller.own_path("NODE_EXTRA_CA_CERTS").and_then(|path| std::fs::read_to_string(path).ok());
    let node = folders.of_ca.join("soda-mock-node-ca.pem");
    write(&node, &with(&own.unwrap_or_default(), ca))?;
    variables.replace(caller, "NODE_EXTRA_CA_CERTS", node.display().to_string());
    Ok(())
}

/// Writes a file, after its folder was made.
fn write_below(path: &Path, text: &str, readers: Readers) -> Result<(), CliError> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| write_whole(path, text, readers))
        .map_err(|e| CliError::Data(format!("{}: {e}; name another file with --bundle", path.display())))
}

fn with(bundle: &str, ca: &str) -> String {
    if bundle.contains(ca.trim()) { bundle.to_owned() } else { format!("{bundle}\n{ca}") }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, folders, with};
    use crate::server::Authority;
    use std::path::Path;

    #[test]
    fn an_authority_is_added_once() {
        let once = with("A\n", "CA\n");
        assert_eq!((once.as_str(), with(&once, "CA\n").as_str()), ("A\n\nCA\n", "A\n\nCA\n"));
    }

    #[test]
    fn files_are_apart_by_authority_and_by_server() {
        let of = |ca: &Authority, port: u16| {
            let root = format!("http://127.0.0.1:{port}");
            let endpoint = Endpoint { admin: root.clone(), root, ca_pem: ca.pem().to_owned() };
            folders(&endpoint, None, Path::new("/d"), None)
        };
        let (first, second) = (Authority::in_memory(vec![]).unwrap(), Authority::in_memory(vec![]).unwrap());
        let (a, b, c) = (of(&first, 1), of(&second, 1), of(&first, 2));
        assert!(a.of_ca != b.of_ca && a.bundle != b.bundle && a.own != b.own);
        assert!(a.of_ca == c.of_ca && a.own != c.own);
    }
}
