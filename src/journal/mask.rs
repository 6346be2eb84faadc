//! Secrets out of what is kept and logged.

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, REFERER, SET_COOKIE};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// How words end that name a secret, in parameters, members and headers.
const SECRET_WORDS: [&[u8]; 14] = [
    b"password",
    b"passwd",
    b"secret",
    b"token",
    b"apikey",
    b"api-key",
    b"api_key",
    b"credential",
    b"credentials",
    b"assertion",
    b"verifier",
    b"signature",
    b"passphrase",
    b"privatekey",
];
/// Whole names of secrets; as words they would also hit what is none.
const SECRET_NAMES: [&str; 4] = ["pwd", "auth", "sig", "x-auth"];
/// Names that tell of a secret without being one.
const HARMLESS: [&str; 1] = ["token_type"];

/// Whether a name is that of a secret: `client_secret`, `keySecret`, `X-Api-Key`, but not `tokens`.
fn is_secret(name: &str) -> bool {
    let is_one_of = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let bytes = name.as_bytes();
    let ends = |end: usize| match (bytes[end - 1], bytes.get(end)) {
        (_, None) => true,
        (last, Some(next)) => {
            !next.is_ascii_alphanumeric() || last.is_ascii_lowercase() && next.is_ascii_uppercase()
        }
    };
    let is_word = |end: usize| {
        SECRET_WORDS.iter().any(|word| {
            let start = end.checked_sub(word.len());
            start.is_some_and(|start| bytes[start..end].eq_ignore_ascii_case(word))
        })
    };
    is_one_of(&SECRET_NAMES)
        || (1..=bytes.len()).any(|end| ends(end) && is_word(end)) && !is_one_of(&HARMLESS)
}

/// An application token in the form that tells clients apart but is of no use to them.
pub fn app_token(token: &str) -> String {
    let shown = if token.chars().count() >= 12 { 4 } else { 2 };
    let end = token.char_indices().nth(shown).map_or(token.len(), |(at, _)| at);
    [&token[..end], MASK].concat()
}

/// Appends a header's value without its secret.
pub fn header(name: &HeaderName, value: &str, out: &mut String) {
    if name == AUTHORIZATION || name == PROXY_AUTHORIZATION {
        // The scheme is worth knowing; what has no scheme is all secret.
        let scheme = value.trim().split_once(' ').map_or("", |(scheme, _)| scheme);
        out.push_str(scheme);
        out.push_str(if scheme.is_empty() { MASK } else { " ***" });
    } else if name == "x-app-token" {
        if !value.is_empty() {
            out.push_str(&app_token(value));
        }
    } else if name == COOKIE || name == SET_COOKIE || is_secret(name.as_str()) {
        out.push_str(MASK);
    } else if name == REFERER {
        referer(value, out);
    } else {
        url(value, out);
    }
}

/// The site that a link was followed from; the page is nobody's business and may be a secret itself.
fn referer(value: &str, out: &mut String) {
    let Some((scheme, rest)) = value.split_once("://") else { return out.push_str(MASK) };
    let (authority, page) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    out.push_str(scheme);
    out.push_str("://");
    out.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
    if page.len() > 1 {
        out.push('/');
        out.push_str(MASK);
    } else {
        out.push_str(page);
    }
}

/// Appends text in which a URL may stand, without its login, the secrets of its query, and its
/// fragment, in which OAuth's implicit flow sends tokens.
fn url(value: &str, out: &mut String) {
    let Some((before, rest)) = value.split_once("://") else { return with_query(value, out) };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len()));
    out.push_str(before);
    out.push_str("://");
    match authority.rsplit_once('@') {
        Some((_, host)) => {
            out.push_str(MASK);
            out.push('@');
            out.push_str(host);
        }
        None => out.push_str(authority),
    }
    with_query(rest, out);
}

fn with_query(value: &str, out: &mut String) {
    let (value, fragment) = value.split_once('#').map_or((value, None), |(v, f)| (v, Some(f)));
    match value.split_once('?') {
        Some((path, q)) => {
            out.push_str(path);
            out.push('?');
            out.push_str(&query(q, true));
        }
        None => out.push_str(value),
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(&query(fragment, true));
    }
}

/// A query string or form without secrets; `code` too where the OAuth flow uses it.
pub fn query(text: &str, oauth: bool) -> Cow<'_, str> {
    if !text.contains('=') {
        return Cow::Borrowed(text);
    }
    let mut changed = false;
    let masked: Vec<Cow<'_, str>> = text
        .split('&')
        .map(|pair| {
            let Some((name, value)) = pair.split_once('=') else { return Cow::Borrowed(pair) };
            let decoded = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
            let secret = if value.is_empty() {
                None
            } else if decoded == "$$app_token" || decoded == "app_token" {
                Some(app_token(&percent_decode_str(value).decode_utf8_lossy()))
            } else if is_secret(&decoded) || (oauth && decoded == "code") {
                Some(MASK.to_owned())
            } else {
                None
            };
            secret.map_or(Cow::Borrowed(pair), |secret| {
                changed = true;
                Cow::Owned(format!("{name}={secret}"))
            })
        })
        .collect();
    if changed { Cow::Owned(masked.join("&")) } else { Cow::Borrowed(text) }
}

/// A path as logs may show it: application tokens of the admin API are masked.
pub fn path(path: &str) -> Cow<'_, str> {
    match path.split_once("/app-tokens/") {
        Some((before, token)) => Cow::Owned(format!("{before}/app-tokens/{}", app_token(token))),
        None => Cow::Borrowed(path),
    }
}

/// A body of a route that deals in credentials, without its secrets: JSON by member names, anything
/// else as a form. Bytes that are not text are left out.
pub fn body(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return MASK.as_bytes().to_vec() };
    if let Ok(mut value) = serde_json::from_str::<Value>(text)
        && (value.is_object() || value.is_array())
    {
        return if mask_value(&mut value) { value.to_string().into_bytes() } else { bytes.to_vec() };
    }
    if text.trim_start().starts_with(['{', '[']) {
        // JSON that cannot be read may hold anything.
        return MASK.as_bytes().to_vec();
    }
    if text.trim_start().starts_with('<') {
        return bytes.to_vec();
    }
    query(text, true).into_owned().into_bytes()
}

/// Whether something was masked.
fn mask_value(value: &mut Value) -> bool {
    let mut changed = false;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| changed |= mask_value(item)),
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                if is_secret(name) && !value.is_null() {
                    *value = Value::from(MASK);
                    changed = true;
                } else {
                    changed |= mask_value(value);
                }
            }
        }
        _ => {}
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_query_are_masked_however_they_are_spelt() {
        for (sent, kept) in [
            ("$limit=5", "$limit=5"),
            ("$$app_token=abcdefghijklmnop&$limit=5", "$$app_token=abcd***&$limit=5"),
            ("%24%24app_token=short", "%24%24app_token=sh***"),
            ("%61pp_token=short", "%61pp_token=sh***"),
            ("$where=code%3D'a'", "$where=code%3D'a'"),
            ("code=1&state=x", "code=1&state=x"),
            ("client_id=x&Client_Secret=y", "client_id=x&Client_Secret=***"),
            ("api_key=x&apiKey=y&x-amz-signature=z", "api_key=***&apiKey=***&x-amz-signature=***"),
            (
                "tokens=1&token_type=bearer&region=tokens&pass=1&design=2&oauth_verifier=",
                "tokens=1&token_type=bearer&region=tokens&pass=1&design=2&oauth_verifier=",
            ),
        ] {
            assert_eq!(query(sent, false), kept);
        }
        assert_eq!(query("code=1&state=x", true), "code=***&state=x");
    }

    #[test]
    fn headers_that_carry_secrets_are_masked_and_others_stay() {
        for (name, sent, kept) in [
            ("x-api-key", "k3y", "***"),
            ("api-key", "k3y", "***"),
            ("X-Auth-Token", "t0k3n", "***"),
            ("private-token", "t0k3n", "***"),
            ("x-amz-security-token", "t0k3n", "***"),
            ("x-csrf-token", "t0k3n", "***"),
            ("x-client-secret", "s3cret", "***"),
            ("cookie", "a=b", "***"),
            ("set-cookie", "a=b; Path=/", "***"),
            ("proxy-authorization", "Basic c2VjcmV0", "Basic ***"),
            ("x-app-token", "abcdefghijklmnop", "abcd***"),
            ("referer", "https://u:p@h.example:8/page?x=1", "https://h.example:8/***"),
            ("referer", "https://h.example/", "https://h.example/"),
            ("referer", "https://h.example#access_token=x", "https://h.example/***"),
            ("referer", "secret", "***"),
            ("location", "https://u:p@h/a?code=x&b=1", "https://***@h/a?code=***&b=1"),
            ("location", "/a#access_token=x&b=1", "/a#access_token=***&b=1"),
            ("x-forwarded-url", "https://u:p@h", "https://***@h"),
            ("content-type", "text/csv; charset=utf-8", "text/csv; charset=utf-8"),
            ("etag", "\"a?b#c\"", "\"a?b#c\""),
            ("www-authenticate", "Basic realm=\"x\"", "Basic realm=\"x\""),
        ] {
            let mut out = String::new();
            header(&name.parse().unwrap(), sent, &mut out);
            assert_eq!(out, kept, "{name}: {sent}");
        }
    }

    #[test]
    fn authorization_keeps_only_its_scheme() {
        let shown = |value| {
            let mut out = String::new();
            header(&AUTHORIZATION, value, &mut out);
            out
        };
        assert_eq!(shown("Basic cHVibGlzaGVyOng="), "Basic ***");
        assert_eq!(shown("OAuth abc"), "OAuth ***");
        assert_eq!(shown("abc"), "***");
    }

    #[test]
    fn bodies_with_credentials_lose_them() {
        for (sent, kept) in [
            (r#"{"access_token":"x","expires_in":3}"#, r#"{"access_token":"***","expires_in":3}"#),
            (r#"[{"keySecret":"x"},{"a":null}]"#, r#"[{"keySecret":"***"},{"a":null}]"#),
            (r#"{"deep":[{"api_key":"x","Passwd":1}]}"#, r#"{"deep":[{"api_key":"***","Passwd":"***"}]}"#),
            (r#"{"code":"not_found","error":true}"#, r#"{"code":"not_found","error":true}"#),
            ("user=a&password=b", "user=a&password=***"),
            (r#"{"password":"x""#, "***"),
        ] {
            assert_eq!(String::from_utf8(body(sent.as_bytes())).unwrap(), kept);
        }
        assert_eq!(body(&[0xFF, 0xFE]), b"***");
    }
}
