//! Which names are this server's: a page of any other name that a name server points here is foreign.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use std::net::{IpAddr, Ipv6Addr};

/// Ends of names that no public name server knows (RFC 6761, RFC 9476, Kubernetes): those of
/// containers and of test networks.
const PRIVATE: [&str; 4] = [".localhost", ".internal", ".test", ".cluster.local"];

/// Whether an authority (`Host`, or that of a URL) is an address, a name without a dot such as a
/// container's, a private name, or one of `names`: no public name server can make those point to
/// another machine's page. An empty one names nobody.
pub fn is_ours(authority: &str, names: &[String]) -> bool {
    if authority.is_empty() || authority.parse::<IpAddr>().is_ok() {
        return true;
    }
    if let Some(rest) = authority.strip_prefix('[') {
        let parts = rest.split_once(']');
        return parts.is_some_and(|(inner, port)| inner.parse::<Ipv6Addr>().is_ok() && is_port(port));
    }
    let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_name = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    is_name
        && is_port(port)
        && (host.parse::<IpAddr>().is_ok()
            || !host.contains('.')
            || PRIVATE.iter().any(|end| host.ends_with(end))
            || names.iter().any(|name| name.trim_end_matches('.').eq_ignore_ascii_case(&host)))
}

/// Nothing, or a colon and a number.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a page sends the request that is not this server's own: one of another origin, or one of a
/// foreign name that was made to point here.
pub fn is_from_foreign_page(headers: &HeaderMap, names: &[String]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let host = headers.get(HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    authority.is_none_or(|(_, authority)| !authority.eq_ignore_ascii_case(host)) || !is_ours(host, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let names = ["ci.example.org".to_owned()];
        for host in [
            "",
            "localhost:7632",
            "localhost.",
            "127.0.0.1:1",
            "192.168.1.2",
            "[::1]:7632",
            "[::1]",
            "::1",
            "soda-mock:7632",
            "soda_mock_1",
            "a.localhost",
            "a.b.localhost:1",
            "host.docker.internal:7632",
            "host.containers.internal",
            "soda.test",
            "soda-mock.ci.svc.cluster.local",
            "CI.Example.org",
            "ci.example.org.:1",
        ] {
            assert!(is_ours(host, &names), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:7632",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "[::1].evil.example",
            "[::1]evil",
            "[evil.example]",
            "localhost:evil.example",
            "localhost:1:evil",
            "localhost@evil",
            "localhost/evil",
            "evillocalhost.example",
            "a.internal.example",
            "localhost,evil.example",
            "local host",
            ".",
            ":1",
            "other.example.org",
        ] {
            assert!(!is_ours(host, &names), "{host}");
        }
    }

    #[test]
    fn a_page_is_ours_when_it_comes_from_a_name_of_ours_and_from_nowhere_else() {
        for (host, origin, foreign) in [
            ("localhost:7632", None, false),
            ("data.city.gov", None, false),
            ("localhost:7632", Some("http://localhost:7632"), false),
            ("LOCALHOST:7632", Some("https://localhost:7632"), false),
            ("ci.example.org", Some("http://ci.example.org"), false),
            ("localhost:7632", Some("http://localhost:7633"), true),
            ("localhost:7632", Some("https://evil.example"), true),
            ("localhost:7632", Some("null"), true),
            ("evil.example:7632", Some("http://evil.example:7632"), true),
            ("evil.example", Some("https://evil.example"), true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            let names = ["ci.example.org".to_owned()];
            assert_eq!(is_from_foreign_page(&headers, &names), foreign, "{host} {origin:?}");
        }
    }
}
