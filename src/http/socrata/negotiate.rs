//! Which form an answer with rows has: the path's extension, else `Accept`.

use crate::consumer::ReadFormat;
use crate::http::error::ApiError;
use crate::soda::SodaError;
use http::HeaderMap;

/// Media types in the order in which they win when the client does not care.
const MEDIA: [(&str, ReadFormat); 9] = [
    ("application/json", ReadFormat::Json),
    ("text/csv", ReadFormat::Csv),
    ("application/vnd.geo+json", ReadFormat::GeoJson),
    ("application/geo+json", ReadFormat::GeoJson),
    ("text/tab-separated-values", ReadFormat::Tsv),
    ("application/json+x-socrata-cjson", ReadFormat::CJson),
    ("text/xml", ReadFormat::Xml),
    ("application/xml", ReadFormat::Xml),
    ("application/javascript", ReadFormat::Json),
];

/// The form of the answer; 406 without a body when nothing fits (source).
pub(super) fn read_format(extension: Option<&str>, headers: &HeaderMap) -> Result<ReadFormat, ApiError> {
    match extension {
        Some("json") => Ok(ReadFormat::Json),
        Some("csv") => Ok(ReadFormat::Csv),
        Some("tsv") => Ok(ReadFormat::Tsv),
        Some("geojson") => Ok(ReadFormat::GeoJson),
        Some("cjson") => Ok(ReadFormat::CJson),
        Some("xml") => Ok(ReadFormat::Xml),
        Some(other) => Err(SodaError::not_emulated(&format!("the {other} format")).into()),
        None => accepted(headers).ok_or_else(ApiError::not_acceptable),
    }
}

/// The best of what the client takes: highest quality first, then our own order.
fn accepted(headers: &HeaderMap) -> Option<ReadFormat> {
    let mut ranges = Vec::new();
    for value in headers.get_all(http::header::ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        ranges.extend(value.split(',').filter_map(range));
    }
    if ranges.is_empty() {
        return Some(ReadFormat::Json);
    }
    let quality = |media: &str| {
        let fits = |(range, _, _): &&(String, u8, u32)| {
            range == media
                || range == "*/*"
                || range.strip_suffix("/*").is_some_and(|kind| media.split('/').next() == Some(kind))
        };
        // The most exact range decides.
        ranges.iter().filter(fits).max_by_key(|(_, exact, _)| *exact).map_or(0, |(_, _, q)| *q)
    };
    let mut best: Option<(u32, ReadFormat)> = None;
    for (media, format) in MEDIA {
        let q = quality(media);
        if q > best.map_or(0, |(q, _)| q) {
            best = Some((q, format));
        }
    }
    best.map(|(_, format)| format)
}

/// A media range, how exact it is, and its quality in thousandths.
fn range(part: &str) -> Option<(String, u8, u32)> {
    let mut pieces = part.split(';').map(str::trim);
    let media = pieces.next().filter(|m| m.contains('/'))?.to_ascii_lowercase();
    let quality = pieces.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(1.0));
    let exact = if media == "*/*" { 0 } else { 1 + u8::from(!media.ends_with("/*")) };
    Some((media, exact, (quality.clamp(0.0, 1.0) * 1000.0) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn accept_decides_by_quality_then_by_our_order() {
        for (accept, expected) in [
            ("", Some(ReadFormat::Json)),
            ("*/*", Some(ReadFormat::Json)),
            ("text/csv", Some(ReadFormat::Csv)),
            ("text/csv;q=0.5, application/json;q=0.9", Some(ReadFormat::Json)),
            ("application/json;q=0.1, text/csv", Some(ReadFormat::Csv)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(ReadFormat::Json)),
            ("text/*", Some(ReadFormat::Csv)),
            ("application/geo+json", Some(ReadFormat::GeoJson)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            if !accept.is_empty() {
                headers.insert(http::header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(accepted(&headers), expected, "{accept}");
        }
    }
}
