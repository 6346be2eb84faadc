//! Which domain the catalogue is that of. The mock is one site under every name that leads to it, so
//! the site is called as the request calls it.

use super::parameters::Parameters;
use super::refusal::unknown_domain;
use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use http::header::HOST;

/// Hosts that answer for all sites (documented); there the site is the one that is asked for.
const SHARED_HOSTS: [&str; 2] = ["api.us.socrata.com", "api.eu.socrata.com"];

/// The site of a request, as it is named in answers.
pub struct Site(String);

impl Site {
    /// The site of a request; 404 when its `search_context` is another one (source).
    pub fn of(context: &RequestContext, parameters: &Parameters) -> Result<Self, ApiError> {
        let header = context.head.headers.get(HOST).and_then(|value| value.to_str().ok());
        let authority = header.or_else(|| context.head.uri.authority().map(|authority| authority.as_str()));
        let host = authority.unwrap_or("localhost").to_ascii_lowercase();
        let context = parameters.one("search_context");
        let asked = || context.or_else(|| Some(parameters.texts("domains")?.first()?.as_str()));
        let site = match asked() {
            Some(asked) if SHARED_HOSTS.contains(&without_port(&host)) => Self(asked.to_ascii_lowercase()),
            _ => Self(host),
        };
        match context {
            Some(context) if !site.is(context) => Err(unknown_domain(context, &site.0)),
            _ => Ok(site),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether a domain is this site. Ports do not count, and names of this machine are all one.
    pub fn is(&self, domain: &str) -> bool {
        let (own, other) = (without_port(&self.0), without_port(domain));
        own.eq_ignore_ascii_case(other) || (is_loopback(own) && is_loopback(other))
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn a_site_is_known_under_its_names() {
        for (site, domain, same) in [
            ("data.city.gov", "DATA.city.gov", true),
            ("data.city.gov:7632", "data.city.gov", true),
            ("data.city.gov", "data.city.gov:443", true),
            ("localhost:7632", "127.0.0.1", true),
            ("[::1]:7632", "localhost:1", true),
            ("data.city.gov", "city.gov", false),
            ("t1.localhost", "localhost", false),
            ("localhost", "data.city.gov", false),
        ] {
            assert_eq!(Site(site.to_owned()).is(domain), same, "{site} {domain}");
        }
    }
}
