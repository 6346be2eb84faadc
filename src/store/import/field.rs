//! What the fields of a catalogue hold.

use super::ImportError;
use crate::soda::definition;
use crate::soda::{FourByFour, Permissions, Scope, Share, SoqlType};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Numbers that count on: versions, and the numbers of rows, datasets and columns. Far enough from the
/// end that nobody ever counts beyond it.
pub(super) const COUNTS: RangeInclusive<i64> = 0..=i64::MAX >> 1;
/// Seconds since 1970 that can be written as a date.
const SECONDS: RangeInclusive<i64> = -377_705_023_201..=253_402_207_200;
/// The same in milliseconds.
pub(super) const MILLISECONDS: RangeInclusive<i64> = -377_705_023_201_000..=253_402_207_200_999;
/// Bytes of a key of row ids.
const KEY: usize = 72;
/// Numbers of columns; the next one has to fit too.
const COLUMN_NUMBERS: RangeInclusive<i64> = 1..=1_000_000_000;

/// What a field holds.
pub(super) enum Form {
    /// An INTEGER.
    Integer(RangeInclusive<i64>),
    /// An INTEGER, or NULL.
    OptionalInteger(RangeInclusive<i64>),
    /// A BLOB of so many bytes.
    Blob(usize),
    /// A TEXT of this kind.
    Text(fn(&str) -> bool, &'static str),
    /// A TEXT of this kind, or NULL.
    OptionalText(fn(&str) -> bool, &'static str),
}

/// All fields of a table with what they hold.
pub(super) type Fields = &'static [(&'static str, Form)];

const ANY: fn(&str) -> bool = |_| true;

/// The fields of a dataset.
pub(super) const DATASETS: Fields = &[
    ("number", Form::Integer(1..=*COUNTS.end())),
    ("id", Form::Text(is_id, "a 4x4 in lower case, such as abcd-1234")),
    ("resource_name", Form::OptionalText(is_resource_name, "letters, digits, _ and -")),
    ("name", Form::Text(ANY, "a TEXT")),
    ("scope", Form::Text(|text| Scope::parse(text).is_some(), "private, site or public")),
    ("shares", Form::Text(are_shares, "a JSON array of at most 1000 objects of user and level")),
    ("stage", Form::Text(|text| matches!(text, "published" | "unpublished"), "published or unpublished")),
    ("copy_of", Form::OptionalText(ANY, "a TEXT")),
    ("owner", Form::OptionalText(ANY, "a TEXT")),
    ("created_at", Form::Integer(SECONDS)),
    ("rows_updated_at", Form::Integer(MILLISECONDS)),
    ("metadata_updated_at", Form::Integer(MILLISECONDS)),
    ("data_version", Form::Integer(COUNTS)),
    ("schema_version", Form::Integer(COUNTS)),
    ("next_number", Form::Integer(COUNTS)),
    ("id_key", Form::Blob(KEY)),
    ("row_identifier", Form::OptionalInteger(COLUMN_NUMBERS)),
    ("extra", Form::Text(is_object, "a JSON object")),
];

/// The fields of a column.
pub(super) const COLUMNS: Fields = &[
    ("dataset", Form::Integer(1..=*COUNTS.end())),
    ("number", Form::Integer(COLUMN_NUMBERS)),
    ("position", Form::Integer(0..=1_000_000_000)),
    ("id", Form::Integer(i64::MIN..=i64::MAX)),
    ("field_name", Form::Text(ANY, "a TEXT")),
    ("name", Form::Text(ANY, "a TEXT")),
    (
        "data_type_name",
        Form::Text(|text| SoqlType::of_data_type_name(text).is_some(), "the name of a data type"),
    ),
    ("extra", Form::Text(is_object, "a JSON object")),
];

fn is_id(text: &str) -> bool {
    FourByFour::parse(text).is_some_and(|id| id.as_str() == text)
}

fn is_resource_name(text: &str) -> bool {
    definition::resource_name(Some(&text.into())).is_ok_and(|name| name.is_some())
}

fn are_shares(text: &str) -> bool {
    serde_json::from_str::<Vec<Share>>(text).is_ok_and(|shares| shares.len() <= Permissions::MAX_SHARES)
}

fn is_object(text: &str) -> bool {
    // The first tells depth and syntax without memory, so that the second is only asked for what is sound.
    serde_json::from_str::<IgnoredAny>(text).is_ok()
        && serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

impl Form {
    fn holds(&self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (Self::OptionalInteger(_) | Self::OptionalText(..), ValueRef::Null) => true,
            (Self::Integer(range) | Self::OptionalInteger(range), ValueRef::Integer(number)) => {
                range.contains(&number)
            }
            (Self::Blob(length), ValueRef::Blob(bytes)) => bytes.len() == *length,
            (Self::Text(is, _) | Self::OptionalText(is, _), value @ ValueRef::Text(_)) => {
                value.as_str().is_ok_and(is)
            }
            _ => false,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Integer(range) => format!("an INTEGER from {} to {}", range.start(), range.end()),
            Self::OptionalInteger(range) => {
                format!("NULL or an INTEGER from {} to {}", range.start(), range.end())
            }
            Self::Blob(length) => format!("a BLOB of {length} bytes"),
            Self::Text(_, told) => (*told).to_owned(),
            Self::OptionalText(_, told) => format!("NULL or {told}"),
        }
    }
}

/// Checks the fields of all rows of a query that gives the text of a row's place first.
pub(super) fn check(
    connection: &Connection,
    place: &str,
    from: &str,
    fields: Fields,
) -> Result<(), ImportError> {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let sql = format!("SELECT {place}, {} FROM {from}", names.join(","));
    let mut statement = connection.prepare(&sql).map_err(stored)?;
    let mut rows = statement.query([]).map_err(stored)?;
    while let Some(row) = rows.next().map_err(stored)? {
        for (index, (name, form)) in fields.iter().enumerate() {
            let value = row.get_ref(index + 1).map_err(stored)?;
            if !form.holds(value) {
                let place = row.get_ref(0).map_err(stored)?;
                let place = place.as_str().unwrap_or("the catalogue").chars().take(200).collect::<String>();
                return Err(ImportError::unexpected(format!("{place}, {name}"), &form.told(), value));
            }
        }
    }
    Ok(())
}

/// A failure of a database of our own.
pub(super) fn stored(error: rusqlite::Error) -> ImportError {
    ImportError::Store(error.into())
}
