//! Links, mail addresses and hashes.

use super::Work::Strict;
use super::call::{Call, failed, made, string, take};
use super::{Function, entry};
use crate::soda::Value;
use crate::transform::Cell;
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value as Json, json};

pub const TABLE: &[Function] = &[
    entry(
        "make_url",
        "A link of a URL and a description.",
        "make_url('https://www.example.com/', 'a link')",
        &[("text text -> url", Strict(described)), ("text -> url", Strict(url))],
    ),
    entry(
        "url_url",
        "The URL of a link; written as a field, link.url.",
        "make_url('https://www.example.com/', 'a link').url",
        &[("url -> text", Strict(|_, a| member(a, "url")))],
    ),
    entry(
        "url_description",
        "The description of a link; written as a field, link.description.",
        "make_url('https://www.example.com/', 'a link').description",
        &[("url -> text", Strict(|_, a| member(a, "description")))],
    ),
    entry(
        "url_encode",
        "With percent signs for what may not stand in a URL; what separates its parts stays.",
        "url_encode('ftp://s-ite.tld/?value=put it')",
        &[("text -> text", Strict(|_, a| made(utf8_percent_encode(string(&a[0]), URI).to_string())))],
    ),
    entry(
        "url_decode",
        "Without the percent signs of a URL.",
        "url_decode('https://socrata.com/some%20page')",
        &[("text -> text", Strict(decode))],
    ),
    entry(
        "uri_parse",
        "The parts of a URI: scheme, host, path, query and tld. A text that is no URL is a path.",
        "uri_parse('https://socrata.com/hello').host",
        &[("text -> json", Strict(|_, a| Ok(Value::from(uri(string(&a[0])).to_string()))))],
    ),
    entry(
        "email_parse",
        "The parts of a mail address: name, host and tld; nulls when it is none.",
        "email_parse('jane@example.com').host",
        &[("text -> json", Strict(|_, a| Ok(Value::from(email(string(&a[0])).to_string()))))],
    ),
    entry(
        "hash",
        "The hash of a text by md5 or sha256, in capital hexadecimal digits.",
        "hash('test', 'md5')",
        &[("text text -> text", Strict(hash))],
    ),
];

/// What stands in a URI as it is: letters, digits, and what is reserved or need not be escaped.
const URI: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'~')
    .remove(b'_')
    .remove(b'-')
    .remove(b'.');

/// A link of a text alone.
pub fn url<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    made(json!({ "url": string(&arguments[0]) }).to_string())
}

fn described<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    made(json!({ "url": string(&arguments[0]), "description": string(&arguments[1]) }).to_string())
}

/// A member of a stored object that is a text; null without it.
pub fn member<'v>(arguments: &[Value<'v>], name: &str) -> Cell<'v> {
    let object: Map<String, Json> = serde_json::from_str(string(&arguments[0])).unwrap_or_default();
    Ok(object.get(name).and_then(Json::as_str).map_or(Value::Null, |text| Value::from(text.to_owned())))
}

fn decode<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let text = take(&mut arguments[0]);
    if !text.contains('%') {
        return Ok(Value::Text(text));
    }
    match percent_decode_str(&text).decode_utf8() {
        Ok(decoded) => Ok(Value::from(decoded.into_owned())),
        Err(_) => {
            let message = format!("\"{text}\" is not encoded as UTF-8");
            Err(failed("invalid_encoding", message, json!({ "value": text })))
        }
    }
}

/// By the expression of RFC 3986, as Elixir's `URI.parse` does it (ours).
fn uri(text: &str) -> Json {
    let (text, _fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').map_or((text, None), |(text, query)| (text, Some(query)));
    let named = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if named(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
        _ => (None, text),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, rest),
    };
    let host = authority.map(|authority| {
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        host.rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(host, _)| host)
    });
    let host = host.filter(|host| !host.is_empty());
    let path = (!path.is_empty()).then_some(path);
    json!({ "scheme": scheme, "host": host, "path": path, "query": query, "tld": host.and_then(tld) })
}

/// The last label of a name, in capital letters.
fn tld(host: &str) -> Option<String> {
    let (_, last) = host.trim_end_matches('.').rsplit_once('.')?;
    last.starts_with(|c: char| c.is_alphabetic()).then(|| last.to_uppercase())
}

fn email(text: &str) -> Json {
    let parts = text.trim().rsplit_once('@').filter(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !text.trim().contains(char::is_whitespace)
    });
    let (name, host) = parts.unzip();
    json!({ "name": name, "host": host, "tld": host.and_then(tld) })
}

fn hash<'v>(_: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let bytes = string(&arguments[0]).as_bytes();
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    match string(&arguments[1]).to_ascii_lowercase().as_str() {
        "md5" => Ok(Value::from(hex(&Md5::digest(bytes)))),
        "sha256" => Ok(Value::from(hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref()))),
        other => {
            let message = format!("{other} is no algorithm of a hash: md5 and sha256 are");
            Err(failed("invalid_algorithm", message, json!({ "value": other })))
        }
    }
}
