//! Where the OAuth flow sends a user back to, and the part of an application that it may be in.
//!
//! Documented: a redirect URI is absolute and https, and begins with the callback prefix that the
//! application was registered with. "Begins with" is decided on the parsed URL, as a browser would
//! read it: the same scheme, host and port, then whole path segments. Compared as texts,
//! `https://good.com` would admit `https://good.com.evil.com` and `https://good.com@evil.com`.

use percent_encoding::percent_decode_str;
use std::fmt;
use url::{Host, Url};

/// Why a redirect URI or a callback prefix is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// Relative, of another scheme, or with characters that a URI cannot hold.
    #[error(
        "is no absolute URI; write https://host/path, other characters than those of RFC 3986 percent-encoded"
    )]
    NotAbsolute,
    /// `user@host`, where people read the user as the host.
    #[error("has a user name before its host; leave out everything up to the @")]
    Userinfo,
    /// `#…`, which RFC 6749 forbids.
    #[error("has a fragment; leave out the # and what follows it")]
    Fragment,
    /// A segment that means another path once it is decoded.
    #[error("has a path segment that hides a slash or dots behind an encoding; write the path that is meant")]
    HiddenPath,
    /// A prefix with `?…`.
    #[error("has a query; a callback prefix is scheme, host, port and path")]
    Query,
    /// http where it is not allowed.
    #[error("is not https; http is for localhost only, and with --strict not even for that")]
    NotSecure,
    /// Another origin or another path.
    #[error("is outside the application's callback prefix {0}")]
    Outside(String),
}

/// The beginning of all redirect URIs of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackPrefix {
    written: String,
    url: Url,
}

impl CallbackPrefix {
    /// Reads a prefix: an absolute http or https URL without query, fragment and user name. An empty
    /// text is none.
    pub fn parse(text: &str) -> Result<Option<Self>, RedirectError> {
        if text.is_empty() {
            return Ok(None);
        }
        let url = parse(text)?;
        if url.query().is_some() {
            return Err(RedirectError::Query);
        }
        Ok(Some(Self { written: text.to_owned(), url }))
    }

    /// Whether a URL is of the same origin and below the prefix's path. A prefix that ends in a slash
    /// wants something after it, unless it is the origin alone.
    fn covers(&self, target: &Url) -> bool {
        let same_origin = self.url.scheme() == target.scheme()
            && self.url.host() == target.host()
            && self.url.port_or_known_default() == target.port_or_known_default();
        let mut rest = segments(target).into_iter();
        let mut wanted = segments(&self.url);
        let open = wanted.pop_if(|last| last.is_empty()).is_some() && !wanted.is_empty();
        same_origin
            && wanted.into_iter().all(|segment| rest.next() == Some(segment))
            && (!open || rest.next().is_some())
    }
}

/// As it was written.
impl fmt::Display for CallbackPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Checks where an application wants its users sent. `strict` allows https only; without it http is
/// allowed for loopback hosts, and for other hosts that the application was registered with.
pub fn check(target: &str, prefix: Option<&CallbackPrefix>, strict: bool) -> Result<(), RedirectError> {
    let url = parse(target)?;
    if let Some(prefix) = prefix.filter(|prefix| !prefix.covers(&url)) {
        return Err(RedirectError::Outside(prefix.to_string()));
    }
    // A prefix that covers the target has its scheme.
    let plain_is_fine = !strict && (is_loopback(&url) || prefix.is_some());
    if url.scheme() == "https" || plain_is_fine { Ok(()) } else { Err(RedirectError::NotSecure) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A URL that every reader reads alike: what browsers mend (backslashes, tabs, missing slashes) is
/// refused instead.
fn parse(text: &str) -> Result<Url, RedirectError> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let rest = rest.filter(|rest| !rest.starts_with('/')).ok_or(RedirectError::NotAbsolute)?;
    if !text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)) {
        return Err(RedirectError::NotAbsolute);
    }
    if text.contains('#') {
        return Err(RedirectError::Fragment);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    if authority.contains('@') {
        return Err(RedirectError::Userinfo);
    }
    let url = Url::parse(text).map_err(|_| RedirectError::NotAbsolute)?;
    if segments(&url).iter().any(|segment| hides_a_path(segment)) {
        return Err(RedirectError::HiddenPath);
    }
    Ok(url)
}

/// The segments of the path, decoded. Dot segments, also encoded ones, are resolved by now.
fn segments(url: &Url) -> Vec<Vec<u8>> {
    url.path_segments()
        .map(|parts| parts.map(|part| percent_decode_str(part).collect()).collect())
        .unwrap_or_default()
}

/// Whether a server that decodes the segment could take it for another path. Some servers cut what
/// follows a semicolon.
fn hides_a_path(segment: &[u8]) -> bool {
    let name = segment.split(|b| *b == b';').next().unwrap_or(segment);
    segment.iter().any(|b| matches!(b, b'/' | b'\\' | 0..=0x1F | 0x7F)) || name == b"." || name == b".."
}

#[cfg(test)]
mod tests {
    use super::RedirectError as E;
    use super::*;

    fn checked(prefix: &str, target: &str, strict: bool) -> Result<(), RedirectError> {
        let prefix = CallbackPrefix::parse(prefix).unwrap();
        check(target, prefix.as_ref(), strict)
    }

    #[test]
    fn a_prefix_covers_its_origin_and_whole_segments() {
        let outside = |prefix: &str| Err(E::Outside(prefix.to_owned()));
        let origin = "https://good.com";
        let path = "https://good.com/app";
        for (prefix, target, expected) in [
            (origin, "https://good.com", Ok(())),
            (origin, "https://good.com/", Ok(())),
            (origin, "https://good.com/cb?a=1", Ok(())),
            (origin, "https://good.com?a=1", Ok(())),
            (origin, "HTTPS://GOOD.com:443/cb", Ok(())),
            ("https://GOOD.com:443/", "https://good.com/cb", Ok(())),
            (origin, "https://good.com.evil.com/cb", outside(origin)),
            (origin, "https://good.community/cb", outside(origin)),
            (origin, "https://evil.com/https://good.com/", outside(origin)),
            (origin, "https://good.com:8443/cb", outside(origin)),
            (origin, "https://good.com:80/cb", outside(origin)),
            (origin, "https://good.com./cb", outside(origin)),
            (origin, "http://good.com/cb", outside(origin)),
            (origin, "https://sub.good.com/cb", outside(origin)),
            ("https://good.com:8443", "https://good.com/cb", outside("https://good.com:8443")),
            (path, "https://good.com/app", Ok(())),
            (path, "https://good.com/app/cb", Ok(())),
            (path, "https://good.com/app/", Ok(())),
            (path, "https://good.com/app?next=1", Ok(())),
            (path, "https://good.com/%61pp/cb", Ok(())),
            (path, "https://good.com/other/../app/cb", Ok(())),
            (path, "https://good.com/application", outside(path)),
            (path, "https://good.com/App", outside(path)),
            (path, "https://good.com/", outside(path)),
            (path, "https://good.com/app/../evil", outside(path)),
            (path, "https://good.com/app/%2e%2E/evil", outside(path)),
            (path, "https://good.com/app/..", outside(path)),
            (path, "https://good.com//app", outside(path)),
            ("https://good.com/app/", "https://good.com/app/cb", Ok(())),
            ("https://good.com/app/", "https://good.com/app", outside("https://good.com/app/")),
            ("https://good.com/%61pp", "https://good.com/app/cb", Ok(())),
        ] {
            assert_eq!(checked(prefix, target, false), expected, "{prefix} {target}");
        }
    }

    #[test]
    fn what_readers_read_in_different_ways_is_refused() {
        for (target, expected) in [
            ("https://good.com@evil.com/", E::Userinfo),
            ("https://good.com:pass@evil.com/", E::Userinfo),
            ("https://@good.com/", E::Userinfo),
            ("https://good.com%40evil.com/", E::NotAbsolute),
            ("https://good.com/#token", E::Fragment),
            ("https://good.com#@evil.com", E::Fragment),
            ("https://good.com/app/..%2fevil", E::HiddenPath),
            ("https://good.com/app%2Fcb", E::HiddenPath),
            ("https://good.com/app/%2e%2e%5cevil", E::HiddenPath),
            ("https://good.com/app/..;/evil", E::HiddenPath),
            ("https://good.com/app/%00", E::HiddenPath),
            ("https://good.com\\@evil.com", E::NotAbsolute),
            ("https:\\\\good.com/", E::NotAbsolute),
            ("https:good.com", E::NotAbsolute),
            ("https:/good.com", E::NotAbsolute),
            ("https:///good.com", E::NotAbsolute),
            ("//good.com/cb", E::NotAbsolute),
            ("/cb", E::NotAbsolute),
            ("good.com/cb", E::NotAbsolute),
            ("", E::NotAbsolute),
            ("https://", E::NotAbsolute),
            ("https://good.com/a b", E::NotAbsolute),
            ("https://good.com/a\tb", E::NotAbsolute),
            (" https://good.com/", E::NotAbsolute),
            ("https://good.com/\u{e9}", E::NotAbsolute),
            ("https://g\u{f6}\u{f6}d.com/", E::NotAbsolute),
            ("https://good.com:99999/", E::NotAbsolute),
            ("javascript:alert(1)//https://good.com", E::NotAbsolute),
            ("ftp://good.com/", E::NotAbsolute),
        ] {
            assert_eq!(checked("", target, false), Err(expected), "{target}");
        }
    }

    #[test]
    fn plain_http_is_for_localhost_and_never_strict() {
        for (prefix, target, lenient, strict) in [
            ("", "https://app.example/cb", true, true),
            ("", "http://localhost:3000/cb", true, false),
            ("", "http://t1.localhost/cb", true, false),
            ("", "http://127.0.0.1:3000/cb", true, false),
            ("", "http://[::1]:3000/cb", true, false),
            ("", "http://app.example/cb", false, false),
            ("", "http://localhost.evil.com/cb", false, false),
            ("", "http://notlocalhost/cb", false, false),
            ("http://web:3000/", "http://web:3000/cb", true, false),
            ("http://localhost:3000", "http://localhost:3000/cb", true, false),
        ] {
            let said = |strict| checked(prefix, target, strict).is_ok();
            assert_eq!((said(false), said(true)), (lenient, strict), "{prefix} {target}");
        }
    }

    #[test]
    fn a_prefix_is_a_url_without_query() {
        for (text, expected) in [
            ("app.example", E::NotAbsolute),
            ("https://app.example/?a=1", E::Query),
            ("https://app.example/#a", E::Fragment),
            ("https://me@app.example/", E::Userinfo),
            ("https://app.example/a%2fb", E::HiddenPath),
        ] {
            assert_eq!(CallbackPrefix::parse(text), Err(expected), "{text}");
        }
        assert_eq!(CallbackPrefix::parse(""), Ok(None));
        let shown = CallbackPrefix::parse("https://App.example:443").unwrap().unwrap().to_string();
        assert_eq!(shown, "https://App.example:443");
    }
}
