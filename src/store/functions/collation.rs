//! How values compare that SQLite keeps as text but that are none.

use crate::soda::SoqlType;
use crate::soda::value::compare_numbers;
use rusqlite::{Connection, Result};
use serde::Deserialize;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Registers the collation of links; that of numbers belongs to the columns too, and so to the store.
pub fn register(connection: &Connection) -> Result<()> {
    connection.create_collation("SOQLURL", compare_links)
}

/// The order of two stored texts of a type.
pub fn compare_texts(soql_type: SoqlType, a: &str, b: &str) -> Ordering {
    match soql_type {
        SoqlType::Number => compare_numbers(a, b),
        SoqlType::Url => compare_links(a, b),
        _ => a.cmp(b),
    }
}

/// Links compare as pairs of address and description, what is missing last.
fn compare_links(a: &str, b: &str) -> Ordering {
    #[derive(Deserialize, Default, PartialEq, Eq, PartialOrd, Ord)]
    struct Link<'a> {
        #[serde(borrow)]
        url: Option<Cow<'a, str>>,
        #[serde(borrow)]
        description: Option<Cow<'a, str>>,
    }
    if a == b {
        return Ordering::Equal;
    }
    let read = |text| {
        let Link { url, description } = serde_json::from_str(text).unwrap_or_default();
        (url.is_none(), url, description.is_none(), description)
    };
    read(a).cmp(&read(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_compare_by_address_then_description() {
        for (a, order, b) in [
            (r#"{"url":"a"}"#, Ordering::Less, r#"{"url":"a!"}"#),
            (r#"{"url":"a","description":"z"}"#, Ordering::Less, r#"{"url":"b","description":"a"}"#),
            (r#"{"url":"a","description":"x"}"#, Ordering::Equal, r#"{"description":"x","url":"a"}"#),
            (r#"{"url":"a","description":"x"}"#, Ordering::Less, r#"{"url":"a"}"#),
            (r#"{"url":"z"}"#, Ordering::Less, r#"{"description":"a"}"#),
            (r#"{"url":"\u00e9"}"#, Ordering::Equal, r#"{"url":"é"}"#),
        ] {
            assert_eq!(compare_texts(SoqlType::Url, a, b), order, "{a} {b}");
            assert_eq!(compare_texts(SoqlType::Url, b, a), order.reverse(), "{b} {a}");
        }
    }
}
