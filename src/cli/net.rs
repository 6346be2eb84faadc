//! The HTTP client of the command line.

use super::trust;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A client. One for https trusts what the system trusts (`SSL_CERT_FILE` first) and the mock's own
/// CA; one for other sites honours the proxy of the environment, one for the mock does not.
pub(super) fn agent(https: bool, other_sites: bool) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .user_agent(concat!("soda-mock/", env!("CARGO_PKG_VERSION")));
    if !other_sites {
        config = config.proxy(None);
    }
    if https {
        config = config.tls_config(TlsConfig::builder().root_certs(roots()).build());
    }
    config.build().into()
}

fn roots() -> RootCerts {
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for pem in trust::system_bundle().into_iter().chain(trust::own_ca()) {
        let items = ureq::tls::parse_pem(pem.as_bytes()).flatten();
        found.extend(items.filter_map(|item| match item {
            ureq::tls::PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        }));
    }
    if found.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(found)) }
}

/// A cause in the words of the system, without the library's.
pub(super) fn cause_of(cause: &ureq::Error) -> String {
    match cause {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "the name is not known".to_owned(),
        other => other.to_string(),
    }
}
