//! What to change in a value that its type refuses, in one sentence for the publisher.

use crate::soda::SoqlType;

/// Where a value stood: JSON and CSV are read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A JSON value, or the part of a path that names a row.
    Json,
    /// A cell of CSV or a form.
    Cell,
}

/// Advice about the JSON text of a refused value.
pub fn advice(expected: SoqlType, got: &str, origin: Origin) -> String {
    let text: Option<String> = serde_json::from_str(got).ok();
    if origin == Origin::Cell
        && let Some(advice) = cell_advice(expected, text.as_deref().unwrap_or(""))
    {
        return advice;
    }
    let specific = match expected {
        SoqlType::Number | SoqlType::Double => text.as_deref().and_then(number_advice),
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp => {
            timestamp_advice(expected, got, text.as_deref())
        }
        SoqlType::Boolean if text.is_some() => {
            Some("write the JSON literal true or false, without quotes".to_owned())
        }
        t if t.is_geometry() => geometry_advice(t, got),
        _ => None,
    };
    specific.unwrap_or_else(|| format!("send {}, or null", accepted(expected)))
}

/// What only a cell can be told; the rest is as in JSON.
fn cell_advice(expected: SoqlType, cell: &str) -> Option<String> {
    Some(match expected {
        SoqlType::Boolean => "write true or false, or leave the cell empty".to_owned(),
        SoqlType::FloatingTimestamp | SoqlType::FixedTimestamp if cell.contains('/') => {
            "write a date that exists as month/day/year, such as 10/13/2014 07:00:00 AM, or 2014-10-13T07:00:00"
                .to_owned()
        }
        SoqlType::Point => "write WKT, longitude first: POINT (-122.3 47.6); or latitude first: (47.6, -122.3)".to_owned(),
        t if t.is_geometry() => {
            format!("write WKT of a {}, longitude first, or leave the cell empty", geo_json_name(t))
        }
        SoqlType::Location => {
            "write (47.6, -122.3), latitude first, with an address before it if there is one".to_owned()
        }
        _ => return None,
    })
}

fn number_advice(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some("an empty text is no number: send null, or leave the field out".to_owned());
    }
    let bare: String = trimmed.chars().filter(|c| !matches!(c, ',' | '$' | '%' | ' ' | '_')).collect();
    let is_number = bare.parse::<f64>().is_ok_and(f64::is_finite);
    (is_number && bare != text)
        .then(|| format!("take out blanks, grouping commas, currency and percent signs: {bare}"))
}

fn timestamp_advice(expected: SoqlType, got: &str, text: Option<&str>) -> Option<String> {
    let floating = expected == SoqlType::FloatingTimestamp;
    let Some(text) = text else {
        let is_epoch = got.parse::<f64>().is_ok();
        return is_epoch.then(|| format!("seconds since 1970 are not read: send {}", accepted(expected)));
    };
    let us = text.split('/').count() == 3;
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let zoned = time.ends_with(['Z', 'z']) || time.contains('+') || time.contains('-');
    if text.trim().is_empty() {
        Some("an empty text is no time: send null, or leave the field out".to_owned())
    } else if us {
        Some("month/day/year is read from CSV only: in JSON write 2014-10-13T00:00:00".to_owned())
    } else if text.contains(' ') && !date.is_empty() {
        Some("put a T between date and time: 2014-10-13T07:00:00".to_owned())
    } else if floating && zoned {
        Some("the column holds local times: leave out the Z or the offset (a column of type date holds moments)".to_owned())
    } else {
        None
    }
}

fn geometry_advice(expected: SoqlType, got: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(got).ok()?;
    let object = value.as_object()?;
    if object.contains_key("latitude") || object.contains_key("longitude") {
        return Some(format!(
            "latitude and longitude belong to a location column; this one takes {}",
            accepted(expected)
        ));
    }
    let kind = object.get("type")?.as_str()?;
    let wanted = geo_json_name(expected);
    if kind != wanted {
        return Some(format!("the column takes a {wanted}, not a {kind}"));
    }
    Some(match expected {
        SoqlType::Polygon | SoqlType::MultiPolygon => {
            "coordinates are numbers, longitude first; each ring ends where it began and has four positions or more"
                .to_owned()
        }
        _ => "coordinates are numbers, longitude first, two or three to a position".to_owned(),
    })
}

fn geo_json_name(soql_type: SoqlType) -> &'static str {
    match soql_type {
        SoqlType::Point => "Point",
        SoqlType::MultiPoint => "MultiPoint",
        SoqlType::Line => "LineString",
        SoqlType::MultiLine => "MultiLineString",
        SoqlType::Polygon => "Polygon",
        _ => "MultiPolygon",
    }
}

/// What a type takes, as the wire contract has it.
fn accepted(soql_type: SoqlType) -> String {
    match soql_type {
        SoqlType::Text => "a text or a number".to_owned(),
        SoqlType::Number | SoqlType::Double => {
            "a number, plain or as a text such as \"-5.00\" or \"1e3\"".to_owned()
        }
        SoqlType::Boolean => "true or false".to_owned(),
        SoqlType::FloatingTimestamp => "a local time such as 2014-10-13T07:00:00".to_owned(),
        SoqlType::FixedTimestamp => "a time such as 2014-10-13T07:00:00Z".to_owned(),
        SoqlType::Location => {
            "an object with latitude, longitude and human_address, each optional; in CSV (47.6, -122.3)"
                .to_owned()
        }
        SoqlType::Url => "an object with url and description".to_owned(),
        SoqlType::Document => "an object with file_id".to_owned(),
        SoqlType::Json => "an object with the member json".to_owned(),
        SoqlType::Phone => "an object with phone_number and phone_type".to_owned(),
        SoqlType::RowIdentifier => {
            "the row's :id as it was read, such as row-evac~sxbs~gm8t; leave :id out for a new row".to_owned()
        }
        SoqlType::RowVersion => "the row's :version as it was read, such as rv-csvd~ec2x~i33b".to_owned(),
        t if t.is_geometry() => {
            format!("GeoJSON of type {} or WKT, longitude first", geo_json_name(t))
        }
        other => format!("a {}", other.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, advice};
    use crate::soda::SoqlType;

    #[test]
    fn the_sentence_names_the_change() {
        for (expected, got, part) in [
            (SoqlType::Number, "\"1,000\"", "1000"),
            (SoqlType::Number, "\"$5\"", "currency"),
            (SoqlType::Number, "\"\"", "null"),
            (SoqlType::Number, "\"many\"", "a number"),
            (SoqlType::FloatingTimestamp, "\"2014-10-13T01:02:03Z\"", "leave out the Z"),
            (SoqlType::FloatingTimestamp, "\"2014-10-13T01:02:03-05:00\"", "offset"),
            (SoqlType::FloatingTimestamp, "\"10/13/2014\"", "CSV only"),
            (SoqlType::FixedTimestamp, "\"2014-10-13 01:02:03\"", "put a T"),
            (SoqlType::FixedTimestamp, "1413158400", "1970"),
            (SoqlType::FixedTimestamp, "\"2014-02-30\"", "such as"),
            (SoqlType::Boolean, "\"yes\"", "without quotes"),
            (SoqlType::Boolean, "1", "true or false"),
            (SoqlType::Point, r#"{"type":"LineString","coordinates":[]}"#, "a Point, not a LineString"),
            (SoqlType::Point, r#"{"latitude":"1","longitude":"2"}"#, "location column"),
            (SoqlType::Polygon, r#"{"type":"Polygon","coordinates":[[[0,0]]]}"#, "ends where it began"),
            (SoqlType::Point, "[1,2]", "WKT"),
            (SoqlType::RowIdentifier, "\"8\"", "leave :id out"),
        ] {
            let sentence = advice(expected, got, Origin::Json);
            assert!(sentence.contains(part), "{expected:?} {got}: {sentence}");
        }
    }
}
