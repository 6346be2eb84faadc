//! The domains that the server stands in for when it is used as a proxy, and what becomes of other hosts.
//!
//! Without a named domain every host is answered here. As soon as one is named, other hosts are refused, or
//! forwarded to where they are (`serve --forward-others`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use unicode_normalization::UnicodeNormalization as _;

/// Domains that may be named at a time.
const MAX_DOMAINS: usize = 1000;
/// Holders that a domain may have at a time.
const MAX_HOLDERS: usize = 1000;
/// Bytes of a holder's name.
const MAX_HOLDER: usize = 100;
/// Refused hosts whose refusals are counted one by one.
const MAX_REFUSED: usize = 1000;
/// Bytes of a host name, and of its parts between points (RFC 1035).
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;
/// Characters of a text that an error shows.
const SHOWN: usize = 80;

/// A host name in small letters, such as `data.city.gov`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainName(String);

/// Why a text is no host name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no host name: {why}")]
pub struct DomainError {
    text: String,
    why: String,
}

impl DomainError {
    fn of(text: &str) -> Self {
        let (_, behind) = text.split_once("://").unwrap_or(("", text));
        let host = behind.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let why = match DomainName::read(host) {
            Some(host) if host.0 != text => format!("write {host} alone, without https://, port and path"),
            _ if text.contains('*') => {
                "each host is named by itself, as data.city.gov; there are no wildcards".to_owned()
            }
            _ if text.len() > MAX_HOST => format!("it has more than {MAX_HOST} letters"),
            _ if text.split('.').any(|label| label.len() > MAX_LABEL) => {
                format!("a part between two points has more than {MAX_LABEL} letters")
            }
            _ => "write it as data.city.gov, in letters, digits and hyphens with points between them"
                .to_owned(),
        };
        Self { text: text.chars().take(SHOWN).collect(), why }
    }
}

impl DomainName {
    /// Reads a host name; capitals count as small letters and a dot at the end counts as none. A name with
    /// letters beyond ASCII becomes what clients send for it, such as `xn--mnchen-3ya.de` (RFC 5891).
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        Self::read(text).ok_or_else(|| DomainError::of(text))
    }

    fn read(text: &str) -> Option<Self> {
        let name = if text.is_ascii() { Some(normalized(text)) } else { in_ascii(text) };
        let label = |label: &str| {
            (1..=MAX_LABEL).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        };
        let is_name = |name: &String| name.len() <= MAX_HOST && name.split('.').all(label);
        name.filter(is_name).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host name with other letters than those of ASCII as clients send it: small letters, composed, each part in
/// Punycode (RFC 3492). None when a part holds something else than letters, digits and marks.
fn in_ascii(host: &str) -> Option<String> {
    let host: String = host.to_lowercase().nfc().collect();
    let host = host.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    let label = |label: &str| {
        if label.is_ascii() {
            return Some(label.to_owned());
        }
        let is_part = |c: char| {
            if c.is_ascii() {
                c.is_ascii_alphanumeric() || c == '-'
            } else {
                !c.is_whitespace() && !c.is_control()
            }
        };
        let is_label = label.len() <= MAX_HOST && label.chars().all(is_part);
        is_label.then(|| idna::punycode::encode_str(label)).flatten().map(|code| format!("xn--{code}"))
    };
    host.strip_suffix('.')
        .unwrap_or(&host)
        .split('.')
        .map(label)
        .collect::<Option<Vec<_>>>()
        .map(|l| l.join("."))
}

fn normalized(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// What becomes of a host that a client of the proxy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This server answers in its place.
    Here,
    /// The client is told that the host is not among the domains.
    Refused,
    /// The bytes go to the host itself.
    Elsewhere,
}

/// Why a domain is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamingError {
    /// There are too many.
    #[error(
        "{MAX_DOMAINS} domains are named, which is the limit; remove one with DELETE /__mock/v1/domains/HOST"
    )]
    TooManyDomains,
    /// One has too many holders.
    #[error("the domain has {MAX_HOLDERS} holders, which is the limit; remove one with ?holder=")]
    TooManyHolders,
    /// The holder's name is too long or empty.
    #[error("a holder has a name of 1 to {MAX_HOLDER} bytes")]
    Holder,
}

/// A named domain as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The host.
    pub host: DomainName,
    /// Who has named it; it stays named while one of them is left.
    pub holders: Vec<String>,
    /// Requests to it that came here since it was named.
    pub requests: u64,
}

/// The named domains of a server.
#[derive(Debug, Default)]
pub struct Domains {
    forward_others: bool,
    /// Names of the server itself beside localhost.
    own: Vec<String>,
    /// Whether a domain is named, so that a request without any costs no lock.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    named: BTreeMap<DomainName, Holders>,
    refused: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Holders {
    names: BTreeSet<String>,
    requests: u64,
}

impl Domains {
    /// No domain is named yet. `own` are names of the server itself.
    pub fn new(own: Vec<String>, forward_others: bool) -> Self {
        Self { forward_others, own, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names a domain for a holder. A second time changes nothing.
    pub fn name(&self, host: DomainName, holder: &str) -> Result<Named, NamingError> {
        if holder.is_empty() || holder.len() > MAX_HOLDER {
            return Err(NamingError::Holder);
        }
        let mut state = self.state();
        let known = state.named.get(&host);
        if known.is_none() && state.named.len() >= MAX_DOMAINS {
            return Err(NamingError::TooManyDomains);
        }
        if known.is_some_and(|h| !h.names.contains(holder) && h.names.len() >= MAX_HOLDERS) {
            return Err(NamingError::TooManyHolders);
        }
        let holders = state.named.entry(host.clone()).or_default();
        holders.names.insert(holder.to_owned());
        self.any.store(true, Ordering::Release);
        Ok(told(&host, holders))
    }

    /// Takes a holder away, or all of them; the domain goes with the last one. `None` when the domain, or
    /// the holder, is not there.
    pub fn remove(&self, host: &DomainName, holder: Option<&str>) -> Option<Named> {
        let mut state = self.state();
        let holders = state.named.get_mut(host)?;
        match holder {
            Some(holder) => {
                if !holders.names.remove(holder) {
                    return None;
                }
            }
            None => holders.names.clear(),
        }
        let left = told(host, holders);
        if left.holders.is_empty() {
            state.named.remove(host);
            self.any.store(!state.named.is_empty(), Ordering::Release);
        }
        Some(left)
    }

    /// The named domains.
    pub fn all(&self) -> Vec<Named> {
        self.state().named.iter().map(|(host, holders)| told(host, holders)).collect()
    }

    /// Hosts that were refused, with the number of refusals.
    pub fn refused(&self) -> Vec<(String, u64)> {
        self.state().refused.iter().map(|(host, count)| (host.clone(), *count)).collect()
    }

    /// What becomes of hosts that are not named, now.
    pub fn others(&self) -> Destination {
        match (self.any.load(Ordering::Acquire), self.forward_others) {
            (false, _) => Destination::Here,
            (true, false) => Destination::Refused,
            (true, true) => Destination::Elsewhere,
        }
    }

    /// What becomes of a host; a refusal is counted.
    pub fn destination(&self, host: &str) -> Destination {
        if !self.any.load(Ordering::Acquire) || self.is_own(host) {
            return Destination::Here;
        }
        let name = normalized(host);
        let mut state = self.state();
        if state.named.contains_key(&DomainName(name.clone())) {
            return Destination::Here;
        }
        if self.forward_others {
            return Destination::Elsewhere;
        }
        let is_counted = state.refused.contains_key(&name);
        if is_counted || name.len() <= MAX_HOST && state.refused.len() < MAX_REFUSED {
            *state.refused.entry(name).or_default() += 1;
        }
        Destination::Refused
    }

    /// Counts a request by the host that it was sent to.
    pub fn count(&self, host: &str) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        if let Some(holders) = self.state().named.get_mut(&DomainName(normalized(host))) {
            holders.requests += 1;
        }
    }

    /// Names of this machine, which no proxy is needed for.
    fn is_own(&self, host: &str) -> bool {
        let host = normalized(host.trim_start_matches('[').trim_end_matches(']'));
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            || self.own.iter().any(|name| name.eq_ignore_ascii_case(&host))
    }
}

fn told(host: &DomainName, holders: &Holders) -> Named {
    Named { host: host.clone(), holders: holders.names.iter().cloned().collect(), requests: holders.requests }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> DomainName {
        DomainName::parse(name).unwrap()
    }

    #[test]
    fn a_domain_is_a_host_name_and_nothing_around_it() {
        for (text, name) in [
            ("data.city.gov", "data.city.gov"),
            ("Data.City.GOV.", "data.city.gov"),
            ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
            ("mock", "mock"),
            ("a_b.example", "a_b.example"),
            ("M\u{fc}nchen.de", "xn--mnchen-3ya.de"),
            ("Mu\u{308}nchen.de.", "xn--mnchen-3ya.de"),
            ("stra\u{df}e.example", "xn--strae-oqa.example"),
            ("data.\u{4f8b}\u{5b50}\u{3002}jp", "data.xn--fsqu00a.jp"),
        ] {
            assert_eq!(DomainName::parse(text).unwrap().as_str(), name);
        }
        let long = format!("{}.gov", "a".repeat(64));
        let endless = "a.".repeat(200);
        for (text, told) in [
            ("", "as data.city.gov"),
            (".", "as data.city.gov"),
            ("https://data.city.gov", "write data.city.gov alone"),
            ("https://u:p@Data.city.gov:443/a?b", "write data.city.gov alone"),
            ("data.city.gov:443", "write data.city.gov alone"),
            ("data.city.gov/", "write data.city.gov alone"),
            ("https://m\u{fc}nchen.de/", "write xn--mnchen-3ya.de alone"),
            ("a..b", "as data.city.gov"),
            ("*.gov", "no wildcards"),
            ("a b", "as data.city.gov"),
            ("m\u{fc}n chen.de", "as data.city.gov"),
            (&long, "more than 63 letters"),
            (&endless, "more than 253 letters"),
        ] {
            let error = DomainName::parse(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn other_hosts_are_answered_until_a_domain_is_named_and_then_refused_or_forwarded() {
        for (forward, others) in [(false, Destination::Refused), (true, Destination::Elsewhere)] {
            let domains = Domains::new(vec!["ci.example".to_owned()], forward);
            assert_eq!(domains.destination("other.gov"), Destination::Here);
            domains.name(domain("data.city.gov"), "test").unwrap();
            for here in [
                "data.city.gov",
                "DATA.city.gov.",
                "localhost",
                "t1.localhost",
                "127.0.0.1",
                "[::1]",
                "CI.example",
            ] {
                assert_eq!(domains.destination(here), Destination::Here, "{here}");
            }
            for other in ["other.gov", "city.gov", "x.data.city.gov", "10.0.0.1", "localhost.gov"] {
                assert_eq!(domains.destination(other), others, "{other}");
            }
            domains.remove(&domain("data.city.gov"), None).unwrap();
            assert_eq!(domains.destination("other.gov"), Destination::Here);
        }
    }

    #[test]
    fn a_domain_stays_named_while_a_holder_is_left() {
        let domains = Domains::default();
        for holder in ["a", "b", "a"] {
            domains.name(domain("data.city.gov"), holder).unwrap();
        }
        assert_eq!(domains.all()[0].holders, ["a", "b"]);
        assert_eq!(domains.remove(&domain("data.city.gov"), Some("c")), None);
        assert_eq!(domains.remove(&domain("data.city.gov"), Some("a")).unwrap().holders, ["b"]);
        assert_eq!(domains.others(), Destination::Refused);
        assert_eq!(domains.remove(&domain("data.city.gov"), Some("b")).unwrap().holders, [""; 0]);
        assert_eq!((domains.all(), domains.others()), (vec![], Destination::Here));
    }

    #[test]
    fn requests_and_refusals_are_counted_by_host() {
        let domains = Domains::default();
        domains.count("data.city.gov");
        domains.name(domain("data.city.gov"), "test").unwrap();
        domains.count("Data.city.gov");
        domains.count("other.gov");
        assert_eq!(domains.all()[0].requests, 1);
        for host in ["b.gov", "a.gov", "B.gov"] {
            domains.destination(host);
        }
        assert_eq!(domains.refused(), [("a.gov".to_owned(), 1), ("b.gov".to_owned(), 2)]);
    }

    #[test]
    fn names_holders_and_counted_refusals_are_bounded() {
        let domains = Domains::default();
        for n in 0..MAX_DOMAINS {
            domains.name(domain(&format!("d{n}.gov")), "test").unwrap();
        }
        assert_eq!(domains.name(domain("one-more.gov"), "test"), Err(NamingError::TooManyDomains));
        for n in 1..MAX_HOLDERS {
            domains.name(domain("d0.gov"), &n.to_string()).unwrap();
        }
        assert_eq!(domains.name(domain("d0.gov"), "one more"), Err(NamingError::TooManyHolders));
        assert!(domains.name(domain("d0.gov"), "test").is_ok(), "a holder that it has already");
        for holder in ["", &"x".repeat(MAX_HOLDER + 1)] {
            assert_eq!(domains.name(domain("d1.gov"), holder), Err(NamingError::Holder));
        }
        for n in 0..=MAX_REFUSED {
            domains.destination(&format!("r{n}.gov"));
        }
        assert_eq!(domains.refused().len(), MAX_REFUSED);
        let domains = Domains::default();
        domains.name(domain("data.city.gov"), "test").unwrap();
        assert_eq!(domains.destination(&"x".repeat(MAX_HOST + 1)), Destination::Refused);
        assert_eq!(domains.refused(), []);
    }
}
