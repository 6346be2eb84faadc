//! Entries as HAR 1.2, the archive format of browsers' network tools.

use super::{Captured, Entry, Headers};
use crate::clock::iso_millis;
use crate::path::query_pairs;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What stands before the first entry.
pub fn head() -> String {
    let creator = json!({ "name": "soda-mock", "version": env!("CARGO_PKG_VERSION") });
    format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")
}

/// What stands behind the last one.
pub const TAIL: &str = "]}}\n";

/// One entry. Members that begin with `_` are the mock's own, as the format allows.
pub fn entry(entry: &Entry, space: &str) -> Value {
    let ms = entry.ended().map_or(0.0, |end| end.duration_us as f64 / 1000.0);
    json!({
        "startedDateTime": iso_millis(entry.at_ms),
        "time": ms,
        "request": request(entry),
        "response": response(entry),
        "cache": {},
        "timings": { "send": 0, "wait": ms, "receive": 0 },
        "serverIPAddress": "",
        "_mock": entry.summary(space),
    })
}

fn request(entry: &Entry) -> Value {
    let query: Vec<Value> = query_pairs(Some(&entry.query))
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let mut request = json!({
        "method": entry.method.as_str(),
        "url": entry.url(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&entry.headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": entry.body.total,
    });
    if entry.body.total > 0 {
        let kind = entry.headers.find("content-type").unwrap_or("");
        // The format knows no encoding here: what is no text is left to the comment.
        let text = entry.body.text();
        let comment = match (&text, entry.body.is_cut()) {
            (None, _) => "not a text",
            (_, true) => "only the beginning was kept",
            (_, false) => "",
        };
        request["postData"] =
            json!({ "mimeType": kind, "text": text.as_deref().unwrap_or(""), "comment": comment });
    }
    request
}

fn response(entry: &Entry) -> Value {
    let empty = Captured::default();
    let body = entry.ended().map_or(&empty, |end| &end.body);
    let kind = entry.answer_headers.find("content-type").unwrap_or("");
    let mut content = json!({ "size": body.total, "mimeType": kind });
    match body.text() {
        Some(text) => content["text"] = text.into(),
        None => {
            content["text"] = STANDARD.encode(&body.kept).into();
            content["encoding"] = "base64".into();
        }
    }
    if body.is_cut() {
        content["comment"] = "only the beginning was kept".into();
    }
    let status = entry.status.unwrap_or(0);
    let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
    json!({
        "status": status,
        "statusText": reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&entry.answer_headers),
        "content": content,
        "redirectURL": entry.answer_headers.find("location").unwrap_or(""),
        "headersSize": -1,
        "bodySize": body.total,
    })
}

fn headers(headers: &Headers) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
