//! `text::type` while a query runs: what PostgreSQL reads, which is more than a literal may be.

use super::{Ran, RuntimeError};
use crate::soda::value::{self, RowIdCipher, Rules};
use crate::soda::{SoqlType, Value};
use crate::soql::literal;

/// Ids are enciphered per dataset; no cast makes one.
pub fn no_cipher() -> RowIdCipher {
    RowIdCipher::new(&[0; 72])
}

/// The value that a text is cast to; null for a geometry of another type.
pub fn cast(wanted: SoqlType, source: &str) -> Ran<Value<'static>> {
    thread_local!(static CIPHER: RowIdCipher = no_cipher());
    let read = |text: &str, soql_type: SoqlType| {
        CIPHER.with(|cipher| {
            literal::convert(text, soql_type, &Rules { strict_types: false, id_cipher: cipher })
        })
    };
    let trimmed = source.trim();
    let found = match wanted {
        SoqlType::Number => value::canonical_number(trimmed).map(|t| Value::Text(t.into())),
        SoqlType::Boolean => boolean(trimmed).map(|b| Value::Int(i64::from(b))),
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            read(trimmed, wanted).or_else(|| read(&spaced(trimmed, wanted), wanted)).or_else(|| us(trimmed))
        }
        t if t.is_geometry() => return geometry(wanted, source, read),
        _ => read(source, wanted),
    };
    found.ok_or_else(|| {
        RuntimeError::new(format!("invalid input syntax for type {}: \"{source}\"", name(wanted)))
    })
}

/// PostgreSQL's name of a type.
fn name(soql_type: SoqlType) -> &'static str {
    match soql_type {
        SoqlType::Number => "numeric",
        SoqlType::FixedTimestamp => "timestamp with time zone",
        SoqlType::FloatingTimestamp => "timestamp",
        SoqlType::Datestamp => "date",
        other => other.name(),
    }
}

/// The words of PostgreSQL for true and false, or their beginnings.
fn boolean(text: &str) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    match text.as_str() {
        "1" => Some(true),
        "0" => Some(false),
        _ if begins("true", 1) || begins("yes", 1) || text == "on" => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) => Some(false),
        _ => None,
    }
}

/// With a blank for the `T`; a zone means nothing to a local time.
fn spaced(text: &str, wanted: SoqlType) -> String {
    let text = text.replacen(' ', "T", 1);
    if wanted == SoqlType::FixedTimestamp {
        return text;
    }
    let Some((date, time)) = text.split_once('T') else { return text };
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    format!("{date}T{}", &time[..end])
}

fn us(text: &str) -> Option<Value<'static>> {
    thread_local!(static CIPHER: RowIdCipher = no_cipher());
    CIPHER.with(|cipher| {
        let rules = Rules { strict_types: false, id_cipher: cipher };
        match value::from_csv(SoqlType::FloatingTimestamp, text, &rules).ok()?.stored {
            Value::Int(ms) => Some(Value::Int(ms)),
            _ => None,
        }
    })
}

fn geometry(
    wanted: SoqlType,
    source: &str,
    read: impl Fn(&str, SoqlType) -> Option<Value<'static>>,
) -> Ran<Value<'static>> {
    if let Some(stored) = read(source, wanted) {
        return Ok(stored);
    }
    let others = [
        SoqlType::Point,
        SoqlType::MultiPoint,
        SoqlType::Line,
        SoqlType::MultiLine,
        SoqlType::Polygon,
        SoqlType::MultiPolygon,
    ];
    if others.into_iter().any(|t| read(source, t).is_some()) {
        Ok(Value::Null)
    } else {
        Err(RuntimeError::new("parse error - invalid geometry"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_read_what_postgresql_reads() {
        let text = |t: &str| Value::Text(t.to_owned().into());
        for (wanted, source, expected) in [
            (SoqlType::Number, " 12.50 ", Some(text("12.50"))),
            (SoqlType::Number, "1E3", Some(text("1000"))),
            (SoqlType::Number, "bridge", None),
            (SoqlType::Boolean, "Yes", Some(Value::Int(1))),
            (SoqlType::Boolean, "of", Some(Value::Int(0))),
            (SoqlType::Boolean, "o", None),
            (SoqlType::FloatingTimestamp, "1970-01-01 00:00:01", Some(Value::Int(1000))),
            (SoqlType::FloatingTimestamp, "1970-01-01T00:00:01Z", Some(Value::Int(1000))),
            (SoqlType::FloatingTimestamp, "01/02/1970", Some(Value::Int(86_400_000))),
            (SoqlType::FixedTimestamp, "1970-01-01 01:00:00+01", Some(Value::Int(0))),
            (SoqlType::Point, "LINESTRING (0 0, 1 1)", Some(Value::Null)),
            (SoqlType::Point, "nonsense", None),
        ] {
            assert_eq!(cast(wanted, source).ok(), expected, "{source}");
        }
    }
}
