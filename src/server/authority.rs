//! The local certificate authority and its leaves, one for every name that is asked for.

use super::authority_error::AuthorityError;
use super::ca_files::CaFiles;
use super::certificate::{self, CA_DAYS, Said};
use jiff::civil::Date;
use rcgen::{Issuer, KeyPair, PublicKeyData as _};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Leaves that are kept; beyond it they are made anew.
const MAX_LEAVES: usize = 1024;
/// An authority with fewer days to live is replaced at the start.
const RENEW_DAYS: i64 = 60;

/// A certificate authority of this machine.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
    /// The last day of its time.
    until: Date,
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
    /// The authority kept in a folder; made there if there is none, or none that is good for a while.
    pub fn in_folder(folder: &Path, names: Vec<String>) -> Result<Self, AuthorityError> {
        Self::in_folder_on(today(), folder, names)
    }

    fn in_folder_on(today: Date, folder: &Path, names: Vec<String>) -> Result<Self, AuthorityError> {
        let files = CaFiles::of(folder);
        if let Some((key, pem)) = files.read()? {
            if is_good(&pem, &key, today) {
                return Self::restored(key, pem, Some(files.certificate), names);
            }
            let path = files.certificate.display();
            tracing::warn!(%path, "the local CA is renewed, its time is over or nearly so: trust it anew");
        }
        let (key, pem) = made(today)?;
        files.write(&key, &pem)?;
        Self::restored(key, pem, Some(files.certificate), names)
    }

    /// An authority that ends with the process.
    pub fn in_memory(names: Vec<String>) -> Result<Self, AuthorityError> {
        let (key, pem) = made(today())?;
        Self::restored(key, pem, None, names)
    }

    fn restored(
        key: KeyPair,
        pem: String,
        path: Option<PathBuf>,
        names: Vec<String>,
    ) -> Result<Self, AuthorityError> {
        let (der, said) = parsed(&pem).ok_or(rcgen::Error::CouldNotParseCertificate)?;
        let issuer = Issuer::new(certificate::of_authority(said.from), key);
        let leaf_key = KeyPair::generate()?;
        Ok(Self { issuer, der, pem, until: said.until, path, names, leaf_key, leaves: Mutex::default() })
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
        let params = certificate::of_server(&name, &self.names, today(), self.until)?;
        let certificate = params.signed_by(&self.leaf_key, &self.issuer)?;
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

/// A new authority: its key and its certificate as PEM.
fn made(today: Date) -> Result<(KeyPair, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let pem = certificate::of_authority(today).self_signed(&key)?.pem();
    Ok((key, pem))
}

fn parsed(pem: &str) -> Option<(CertificateDer<'static>, Said)> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let said = Said::of(&der)?;
    Some((der, said))
}

/// Whether a kept certificate is that of the key, has begun, and neither ends soon nor lives too long.
fn is_good(pem: &str, key: &KeyPair, today: Date) -> bool {
    let Some((_, said)) = parsed(pem) else { return false };
    let left = i64::from((said.until - today).get_days());
    said.public_key == key.subject_public_key_info()
        && said.from <= today
        && left >= RENEW_DAYS
        && said.days() <= CA_DAYS
}

/// Certificates follow the machine's clock, as their clients do, and not the mock's.
fn today() -> Date {
    let now =
        jiff::Timestamp::from_millisecond(crate::clock::system_ms()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::UTC.to_datetime(now).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 3, 1);

    fn after(days: i64) -> Date {
        TODAY.saturating_add(jiff::Span::new().days(days))
    }

    fn on(day: Date, folder: &Path) -> Authority {
        Authority::in_folder_on(day, folder, Vec::new()).unwrap()
    }

    #[test]
    fn a_kept_authority_is_renewed_before_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = on(TODAY, folder.path());
        for (days, same) in [(0, true), (300, true), (CA_DAYS - RENEW_DAYS - 1, true), (-2, false)] {
            // Each in a copy: a renewal changes the files.
            let copy = tempfile::tempdir().unwrap();
            for file in ["ca.pem", "ca-key.pem"] {
                std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
            }
            assert_eq!(on(after(days), copy.path()).pem() == first.pem(), same, "{days}");
        }
        let late = after(CA_DAYS - RENEW_DAYS);
        let renewed = on(late, folder.path());
        assert_ne!(renewed.pem(), first.pem());
        assert_eq!(on(late, folder.path()).pem(), renewed.pem(), "it is kept");
    }

    #[test]
    fn an_authority_that_lives_too_long_or_has_another_key_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let files = CaFiles::of(folder.path());
        let (key, good) = made(TODAY).unwrap();
        let mut params = certificate::of_authority(TODAY);
        params.not_after = rcgen::date_time_ymd(2046, 1, 1);
        let long = params.self_signed(&key).unwrap().pem();
        let (_, of_another) = made(TODAY).unwrap();
        for (pem, same) in
            [(&good, true), (&long, false), (&of_another, false), (&"no PEM".to_owned(), false)]
        {
            files.write(&key, pem).unwrap();
            assert_eq!(on(TODAY, folder.path()).pem() == pem, same, "{pem}");
        }
    }

    #[test]
    fn no_certificate_lives_longer_than_its_kind_may_and_no_leaf_longer_than_its_authority() {
        let authority = Authority::in_memory(vec!["ci.example.org".to_owned()]).unwrap();
        let said = Said::of(&authority.der).unwrap();
        assert_eq!((said.days(), said.until), (CA_DAYS, authority.until));
        let leaf = authority.leaf(Some("data.city.gov")).unwrap();
        let leaf = Said::of(&leaf.cert[0]).unwrap();
        assert!(leaf.days() == 397 && leaf.from <= today() && leaf.until <= said.until, "{leaf:?}");
        for (until, days) in [(after(10), 11), (after(5000), 397)] {
            let params = certificate::of_server("a.example", &[], TODAY, until).unwrap();
            let certificate = params.signed_by(&authority.leaf_key, &authority.issuer).unwrap();
            assert_eq!(Said::of(certificate.der()).unwrap().days(), days, "{until}");
        }
        assert_eq!(Said::of(b"\x30\x03\x02\x01\x00"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        on(TODAY, folder.path());
        let key = folder.path().join("ca-key.pem");
        let mode = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        for (bits, refused) in [(0o644, true), (0o640, true), (0o602, true), (0o600, false), (0o400, false)] {
            mode(bits);
            let kept = Authority::in_folder_on(TODAY, folder.path(), Vec::new());
            assert_eq!(matches!(kept, Err(AuthorityError::Exposed { .. })), refused, "{bits:o}");
        }
    }
}
