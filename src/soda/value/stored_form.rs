//! Whether a value lies in its column as we would have stored it: for data that others may have written.

use super::{Value, geometry, number, timestamp};
use crate::soda::SoqlType;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

/// What a stored value of this type is, for the sentence that refuses another.
pub fn stored_form(soql_type: SoqlType) -> &'static str {
    match soql_type {
        SoqlType::Text | SoqlType::Photo | SoqlType::Blob => "a TEXT without U+0000",
        SoqlType::Number => "a TEXT with a number in plain decimal digits, such as 12.50",
        SoqlType::Double => "a finite REAL",
        SoqlType::Boolean => "the INTEGER 0 or 1",
        SoqlType::FixedTimestamp | SoqlType::FloatingTimestamp => {
            "an INTEGER, milliseconds since 1970, in the years 0 to 9999"
        }
        SoqlType::Datestamp => "a TEXT such as 2024-01-31",
        SoqlType::Time => "a TEXT such as 23:59:59.000",
        SoqlType::Location => {
            "a TEXT with a JSON object of latitude and longitude, numbers in texts, and human_address, the text of a JSON object"
        }
        SoqlType::Url => "a TEXT with a JSON object of the texts url and description",
        SoqlType::Document => "a TEXT with a JSON object of the texts file_id, content_type and filename",
        SoqlType::Phone => "a TEXT with a JSON object of the texts phone_number and phone_type",
        SoqlType::Json => "a TEXT with JSON",
        SoqlType::RowIdentifier | SoqlType::RowVersion | SoqlType::Interval => "not stored in a column",
        SoqlType::Point
        | SoqlType::MultiPoint
        | SoqlType::Line
        | SoqlType::MultiLine
        | SoqlType::Polygon
        | SoqlType::MultiPolygon => "a TEXT with the GeoJSON of a geometry of the column's type",
    }
}

/// Whether the value could have been stored in a column of this type; null always could.
pub fn is_stored_form(soql_type: SoqlType, value: &Value<'_>) -> bool {
    match (soql_type, value) {
        (_, Value::Null) => true,
        (SoqlType::Double, Value::Real(value)) => value.is_finite(),
        (SoqlType::Boolean, Value::Int(value)) => matches!(value, 0 | 1),
        (SoqlType::FixedTimestamp, Value::Int(ms)) => timestamp::is_fixed(*ms),
        (SoqlType::FloatingTimestamp, Value::Int(ms)) => timestamp::is_floating(*ms),
        (_, Value::Text(text)) => !text.contains('\0') && is_stored_text(soql_type, text),
        _ => false,
    }
}

fn is_stored_text(soql_type: SoqlType, text: &str) -> bool {
    let same = |read: Result<String, super::Refused>| read.is_ok_and(|read| read == text);
    match soql_type {
        SoqlType::Text | SoqlType::Photo | SoqlType::Blob => true,
        SoqlType::Number => is_number(text),
        SoqlType::Datestamp => same(timestamp::date(text)),
        SoqlType::Time => same(timestamp::time_of_day(text)),
        SoqlType::Location => is_location(text),
        SoqlType::Url => has_texts(text, &["url", "description"]),
        SoqlType::Document => has_texts(text, &["file_id", "content_type", "filename"]),
        SoqlType::Phone => has_texts(text, &["phone_number", "phone_type"]),
        SoqlType::Json => serde_json::from_str::<IgnoredAny>(text).is_ok(),
        geometry if geometry.is_geometry() => geometry::from_geojson(geometry, text).is_ok(),
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    number::canonical(text).is_ok_and(|canonical| canonical == text)
}

fn members(text: &str) -> Option<Map<String, Json>> {
    serde_json::from_str(text).ok()
}

/// Whether the text is an object of no other members than these, all of them texts.
fn has_texts(text: &str, names: &[&str]) -> bool {
    let known = |(name, value): (&String, &Json)| names.contains(&name.as_str()) && value.is_string();
    members(text).is_some_and(|map| map.iter().all(known))
}

fn is_location(text: &str) -> bool {
    let known = |(name, value): (&String, &Json)| match (name.as_str(), value) {
        ("latitude" | "longitude", Json::String(number)) => is_number(number),
        ("human_address", Json::String(address)) => members(address).is_some(),
        _ => false,
    };
    members(text).is_some_and(|map| map.iter().all(known))
}

#[cfg(test)]
mod tests {
    use super::super::{JsonToken, RowIdCipher, Rules, from_csv, from_json};
    use super::*;
    use proptest::prelude::*;

    const KINDS: [SoqlType; 20] = [
        SoqlType::Text,
        SoqlType::Number,
        SoqlType::Double,
        SoqlType::Boolean,
        SoqlType::FixedTimestamp,
        SoqlType::FloatingTimestamp,
        SoqlType::Datestamp,
        SoqlType::Time,
        SoqlType::Point,
        SoqlType::MultiPoint,
        SoqlType::Line,
        SoqlType::MultiLine,
        SoqlType::Polygon,
        SoqlType::MultiPolygon,
        SoqlType::Location,
        SoqlType::Url,
        SoqlType::Document,
        SoqlType::Photo,
        SoqlType::Json,
        SoqlType::Phone,
    ];

    #[test]
    fn forms_that_nobody_stored_are_refused() {
        let text = |text: &'static str| Value::from(text);
        for (kind, values) in [
            (SoqlType::Text, &[Value::Int(1), Value::Real(1.0), text("a\0b")][..]),
            (
                SoqlType::Number,
                &[Value::Int(1), text("1,5"), text("1e3"), text("-0"), text("007"), text("NaN")],
            ),
            (SoqlType::Double, &[Value::Real(f64::NAN), Value::Real(f64::INFINITY), text("1")]),
            (SoqlType::Boolean, &[Value::Int(2), Value::Int(-1), text("true")]),
            (SoqlType::FixedTimestamp, &[Value::Int(i64::MAX), Value::Int(i64::MIN), text("2024-01-01")]),
            (SoqlType::FloatingTimestamp, &[Value::Int(253_402_300_800_000), Value::Real(0.0)]),
            (SoqlType::Datestamp, &[text("2024-1-1"), text("2024-02-30"), Value::Int(0)]),
            (SoqlType::Time, &[text("24:00:00.000"), text("1:00")]),
            (
                SoqlType::Point,
                &[text("{}"), text(r#"{"type":"Line","coordinates":[1,2]}"#), text("POINT (1 2)")],
            ),
            (SoqlType::Polygon, &[text(r#"{"type":"Polygon","coordinates":[[[1,2],[2,3],[1,2]]]}"#)]),
            (
                SoqlType::Location,
                &[
                    text(r#"{"latitude":1}"#),
                    text(r#"{"latitude":"x"}"#),
                    text(r#"{"human_address":"x"}"#),
                    text("[]"),
                ],
            ),
            (SoqlType::Url, &[text("http://x"), text(r#"{"url":1}"#), text(r#"{"uri":"x"}"#)]),
            (SoqlType::Document, &[text(r#"{"file_id":null}"#)]),
            (SoqlType::Phone, &[text(r#"{"phone_number":5}"#)]),
            (SoqlType::Json, &[text("{"), text(""), Value::Int(1)]),
            (SoqlType::RowIdentifier, &[Value::Int(1)]),
        ] {
            for value in values {
                assert!(!is_stored_form(kind, value), "{kind:?} {value:?}");
            }
        }
    }

    proptest! {
        /// What any reader stores is taken back.
        #[test]
        fn what_is_stored_is_taken_back(
            cell in prop_oneof![
                ".{0,12}",
                "[-+]?[0-9]{0,25}[.]?[0-9]{0,25}([eE][-+]?[0-9]{1,3})?",
                "-?[0-9]{4}-(W[0-9]{2}(-[0-9])?|[0-9]{3}|[0-9]{2}(-[0-9]{2})?)(T[0-9]{2}(:[0-9]{2})?(Z|[-+][0-9]{4})?)?",
                "T?[0-2][0-9](:[0-5][0-9](:[0-5][0-9]([.][0-9]{1,4})?)?)?",
                "[a-z ]{0,8}([a-z]+: )?[(]-?[0-9.]{1,6}, ?-?[0-9.]{1,6}[)]",
                r#"[{]"(url|latitude|phone_number|file_id|json|human_address|x)":("[a-z0-9.]{0,5}"|-?[1-9][0-9]{0,30}|null|[{][}])[}]"#,
                r#"[{]"type":"(Point|MultiPoint|LineString)","coordinates":\[?\[-?[1-9]{1,9}e?[0-9],-?[0-9][.][0-9]{1,17}\]\]?[}]"#,
                "(MULTI)?(POINT|LINESTRING) ?[(][(]?[0-9.]{1,4} [0-9]{1,3}(, ?-?[0-9]+ [0-9]+)?[)]?[)]",
                "(POLYGON )[(][(][0-9] 0, 1 0, 1 1, [0-9] 0[)][)]",
                "true|false|TRUE",
            ],
        ) {
            let cipher = RowIdCipher::new(&[7]);
            let rules = Rules { strict_types: false, id_cipher: &cipher };
            for kind in KINDS {
                let read = [
                    from_csv(kind, &cell, &rules),
                    from_json(kind, JsonToken::Text(&cell), &rules),
                    from_json(kind, JsonToken::Composite(&cell), &rules),
                ];
                for read in read.into_iter().flatten() {
                    // The decoder takes U+0000 out, and a double that is not finite has no column.
                    let odd = matches!(&read.stored, Value::Text(t) if t.contains('\0'))
                        || matches!(read.stored, Value::Real(v) if !v.is_finite());
                    prop_assert!(odd || is_stored_form(kind, &read.stored), "{:?} {:?} {:?}", kind, cell, read.stored);
                }
            }
        }
    }
}
