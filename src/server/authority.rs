//! The local certificate authority and its leaves, one for every name that is asked for.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Leaves that are kept; beyond it they are made anew.
const MAX_LEAVES: usize = 1024;
/// Days that a leaf is valid; browsers refuse much more (Apple's limit is 825).
const LEAF_DAYS: i64 = 397;

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
}

/// A certificate authority of this machine.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
    path: Option<PathBuf>,
    names: Vec<String>,
    leaf_key: KeyPair,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority kept in a folder, made there if it is new.
    pub fn in_folder(folder: &Path, names: Vec<String>) -> Result<Self, AuthorityError> {
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| AuthorityError::File { path, source }
        };
        if let (Ok(pem), Ok(key)) = (std::fs::read_to_string(&certificate), std::fs::read_to_string(&key)) {
            return Self::restored(KeyPair::from_pem(&key)?, pem, Some(certificate), names);
        }
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let made = Self::made(Some(certificate.clone()), names)?;
        write_private(&key, &made.issuer.key().serialize_pem()).map_err(failed(&key))?;
        std::fs::write(&certificate, &made.pem).map_err(failed(&certificate))?;
        Ok(made)
    }

    /// An authority that ends with the process.
    pub fn in_memory(names: Vec<String>) -> Result<Self, AuthorityError> {
        Self::made(None, names)
    }

    fn made(path: Option<PathBuf>, names: Vec<String>) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let pem = ca_params().self_signed(&key)?.pem();
        Self::restored(key, pem, path, names)
    }

    fn restored(
        key: KeyPair,
        pem: String,
        path: Option<PathBuf>,
        names: Vec<String>,
    ) -> Result<Self, AuthorityError> {
        use rustls::pki_types::pem::PemObject as _;
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| AuthorityError::Certificate(rcgen::Error::CouldNotParseCertificate))?;
        let issuer = Issuer::new(ca_params(), key);
        let leaf_key = KeyPair::generate()?;
        Ok(Self { issuer, der, pem, path, names, leaf_key, leaves: Mutex::default() })
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate's file, if it is kept.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// A TLS configuration that answers to any name.
    pub fn tls(self: &Arc<Self>) -> Result<rustls::ServerConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config =
            builder.with_no_client_auth().with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn leaf(&self, name: Option<&str>) -> Result<Arc<CertifiedKey>, AuthorityError> {
        let name = name.unwrap_or("localhost").to_ascii_lowercase();
        if let Some(leaf) = self.leaves.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return Ok(Arc::clone(leaf));
        }
        let certificate = leaf_params(&name, &self.names)?.signed_by(&self.leaf_key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf_key.serialize_der()));
        let signing = rustls::crypto::ring::sign::any_supported_type(&key)
            .map_err(|_| AuthorityError::Certificate(rcgen::Error::RemoteKeyError))?;
        let leaf = Arc::new(CertifiedKey::new(vec![certificate.der().clone(), self.der.clone()], signing));
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if leaves.len() >= MAX_LEAVES {
            leaves.clear();
        }
        leaves.insert(name, Arc::clone(&leaf));
        Ok(leaf)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match self.leaf(hello.server_name()) {
            Ok(leaf) => Some(leaf),
            Err(error) => {
                tracing::warn!(%error, "no certificate for a TLS client");
                None
            }
        }
    }
}

/// The file is for its owner only from the moment it exists.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Certificates follow the machine's clock, as their clients do, and not the mock's.
fn today() -> jiff::civil::Date {
    let now =
        jiff::Timestamp::from_millisecond(crate::clock::system_ms()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::UTC.to_datetime(now).date()
}

fn ca_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "soda-mock local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let today = today();
    params.not_before = date_time_ymd(i32::from(today.year()) - 1, 1, 1);
    params.not_after = date_time_ymd(i32::from(today.year()) + 20, 1, 1);
    params
}

/// The asked name, and with loopback names everything that means this machine.
fn leaf_params(name: &str, extra: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut names = vec![name.to_owned()];
    for local in
        ["localhost", "*.localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).chain(extra.to_vec())
    {
        if !names.contains(&local) {
            names.push(local);
        }
    }
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let today = today();
    let day = |offset: i64| {
        let date = today.saturating_add(jiff::Span::new().days(offset));
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = day(-1);
    params.not_after = day(LEAF_DAYS - 1);
    Ok(params)
}
