//! Which space a request belongs to, decided before anything else is looked at.

use super::connection::{SPACE_HEADER, TunnelSpace};
use super::head::RequestHead;
use crate::access::{Credentials, token_claims};
use crate::soda::{ErrorCode, SodaError};
use crate::space::{DEFAULT, Space};
use crate::space::{Registry, SpaceName};
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};
use std::sync::Arc;

/// What comes after a space's name in a host.
const HOST_SUFFIX: &str = ".localhost";

/// A request names a space that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSpace {
    /// The name, as far as it can be told.
    pub name: String,
    /// Where the request names it.
    pub origin: &'static str,
}

impl UnknownSpace {
    /// The sentence for the client.
    pub fn message(&self) -> String {
        format!("There is no space {:?} ({})", self.name, self.origin)
    }

    /// What to change.
    pub fn hint(&self) -> String {
        let name = SpaceName::parse(&self.name).map_or_else(|_| "NAME".to_owned(), |n| n.as_str().to_owned());
        format!(
            "Make it with POST /__mock/v1/spaces {{\"name\":\"{name}\"}}, or leave the name out for the default space; GET /__mock/v1/spaces lists them."
        )
    }
}

impl From<UnknownSpace> for SodaError {
    fn from(unknown: UnknownSpace) -> Self {
        Self::new(ErrorCode::NotFound, unknown.message()).hint(unknown.hint())
    }
}

/// The header's space; else that of the tunnel; else the host label's; else, for the admin API, that of `?space=`; else the
/// one that the OAuth token was made in; else the one that the user, then the app token, is bound
/// to; else the default one. `names` are the server's own names.
pub fn locate(spaces: &Registry, head: &RequestHead, names: &[String]) -> Result<Arc<Space>, UnknownSpace> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    if let Some(value) = head.headers.get(SPACE_HEADER).filter(|v| !v.is_empty()) {
        return named(spaces, &text(value), "header X-Mock-Space");
    }
    if let Some(TunnelSpace(value)) = &head.connection.tunnel {
        return named(spaces, &text(value), "header X-Mock-Space of the tunnel");
    }
    if let Some(label) = host_label(&head.headers, &head.uri, names) {
        return named(spaces, label, "host name");
    }
    if head.is_mock() {
        return match head.query().iter().find(|(name, _)| name == "space") {
            Some((_, name)) => named(spaces, name, "parameter space"),
            None => Ok(spaces.default_space()),
        };
    }
    let bound = by_credentials(spaces, head.credentials()).or_else(|| by_app_token(spaces, head));
    Ok(bound.unwrap_or_else(|| spaces.default_space()))
}

/// The URI without `?space=`, which only says where the request belongs.
pub fn without_space(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    let is_space = |pair: &&str| pair.split('=').next() == Some("space");
    query.split('&').find(is_space)?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_space(pair)).collect();
    let path = uri.path();
    let text = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn named(spaces: &Registry, name: &str, origin: &'static str) -> Result<Arc<Space>, UnknownSpace> {
    let found = SpaceName::parse(name.trim()).ok().and_then(|name| spaces.find(name.as_str()));
    found.ok_or_else(|| UnknownSpace { name: name.trim().chars().take(80).collect(), origin })
}

/// `NAME` of `NAME.localhost`, unless that is a name of the server itself.
fn host_label<'a>(headers: &'a HeaderMap, uri: &'a Uri, names: &[String]) -> Option<&'a str> {
    let header = headers.get(HOST).and_then(|v| v.to_str().ok());
    let authority = header.or_else(|| uri.authority().map(|a| a.as_str()))?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_end_matches('.');
    let cut = host.len().checked_sub(HOST_SUFFIX.len()).filter(|cut| *cut > 0)?;
    let (label, suffix) = host.split_at_checked(cut)?;
    let is_own = || names.iter().any(|name| name.eq_ignore_ascii_case(host));
    (suffix.eq_ignore_ascii_case(HOST_SUFFIX) && !is_own()).then_some(label)
}

fn by_credentials(spaces: &Registry, credentials: &Credentials) -> Option<Arc<Space>> {
    if let Some((user, space)) = credentials.token().and_then(token_claims) {
        // The token's signature is checked later, by the space.
        return spaces.find(&space).filter(|s| s.name != DEFAULT).or_else(|| spaces.of_user(&user));
    }
    if spaces.has_bound().0 { spaces.of_user(credentials.name()?) } else { None }
}

fn by_app_token(spaces: &Registry, head: &RequestHead) -> Option<Arc<Space>> {
    if spaces.has_bound().1 { spaces.of_app_token(&head.app_token()?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_is_taken_out_and_the_rest_stays() {
        for (before, after) in [
            ("/a?space=x", Some("/a")),
            ("/a?limit=1&space=x&b=%20", Some("/a?limit=1&b=%20")),
            ("/a?spaces=x", None),
            ("/a", None),
        ] {
            let uri = without_space(&before.parse::<Uri>().unwrap());
            assert_eq!(uri.map(|u| u.to_string()).as_deref(), after, "{before}");
        }
    }

    #[test]
    fn a_label_before_localhost_names_a_space() {
        let label = |host: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            host_label(&headers, &Uri::from_static("/"), &["own.localhost".to_owned()]).map(str::to_owned)
        };
        for (host, expected) in [
            ("t1.localhost", Some("t1")),
            ("T1.LocalHost:7632", Some("T1")),
            ("t1.localhost.:7632", Some("t1")),
            ("a.b.localhost", Some("a.b")),
            ("localhost", None),
            (".localhost", None),
            ("localhost:1", None),
            ("own.localhost", None),
            ("[::1]:7632", None),
            ("data.city.gov", None),
            ("ä.localhost", None),
        ] {
            assert_eq!(label(host).as_deref(), expected, "{host}");
        }
    }
}
