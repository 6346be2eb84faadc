//! Secrets out of what is kept and logged.

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, LOCATION, PROXY_AUTHORIZATION, REFERER, SET_COOKIE};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::borrow::Cow;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Parameters and members that are secrets wherever they stand.
const SECRETS: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "client_secret",
    "keysecret",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "assertion",
    "code_verifier",
];

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
    } else if name == COOKIE || name == SET_COOKIE {
        out.push_str(MASK);
    } else if name == "x-app-token" {
        if !value.is_empty() {
            out.push_str(&app_token(value));
        }
    } else if name == LOCATION || name == REFERER {
        match value.split_once('?') {
            Some((path, q)) => {
                out.push_str(path);
                out.push('?');
                out.push_str(&query(q, true));
            }
            None => out.push_str(value),
        }
    } else {
        out.push_str(value);
    }
}

/// A query string or form without secrets; `code` too where the OAuth flow uses it.
pub fn query(text: &str, oauth: bool) -> Cow<'_, str> {
    let suspicious = ["token", "secret", "pass", "assertion", "verifier", "code", "%"];
    if !suspicious.iter().any(|s| contains_ignore_case(text, s)) {
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
            } else if SECRETS.contains(&decoded.as_str()) || (oauth && decoded == "code") {
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

fn contains_ignore_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|w| w.eq_ignore_ascii_case(part.as_bytes()))
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
                if SECRETS.contains(&name.to_ascii_lowercase().as_str()) && !value.is_null() {
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
        ] {
            assert_eq!(query(sent, false), kept);
        }
        assert_eq!(query("code=1&state=x", true), "code=***&state=x");
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
            (r#"{"code":"not_found","error":true}"#, r#"{"code":"not_found","error":true}"#),
            ("user=a&password=b", "user=a&password=***"),
            (r#"{"password":"x""#, "***"),
        ] {
            assert_eq!(String::from_utf8(body(sent.as_bytes())).unwrap(), kept);
        }
        assert_eq!(body(&[0xFF, 0xFE]), b"***");
    }
}
