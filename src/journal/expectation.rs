//! What `POST /expect` asks of stored data.

use super::difference::CompareOptions;
use super::verify::Times;
use crate::api::Row;
use crate::codec::{BodyFormat, Decoder, MAX_ROW, Rows, TopLevel};
use crate::matching::given;
use crate::memory::Room;
use crate::soda::value::to_json;
use crate::store::Entry;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// What `POST /expect` takes: what a dataset has to be like. Everything that is given has to hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// A 4x4 or resource name.
    pub dataset: String,
    /// All rows, as an upsert would send them, in any order; numbers compare by value.
    pub rows: Option<Vec<Row>>,
    /// The rows in this order.
    #[serde(default)]
    pub ordered: bool,
    /// Only the fields that an expected row names are compared.
    #[serde(default)]
    pub partial: bool,
    /// A SoQL expression: only rows for which it holds are looked at.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// A SoQL order of the stored rows, with `ordered`; without it the order of `:id`.
    pub order: Option<String>,
    /// So many rows: a number, or `exactly`, `min`, `max`.
    pub count: Option<Times>,
    /// All columns in any order: field names, or objects with `fieldName` and `dataTypeName`.
    pub schema: Option<Vec<ExpectedColumn>>,
    /// The field that identifies rows; null for `:id`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub row_identifier: Option<Option<String>>,
    /// The data version.
    pub data_version: Option<i64>,
    /// The same rows as in this snapshot; system fields may differ.
    pub unchanged_since: Option<String>,
}

/// A column that has to be there.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub enum ExpectedColumn {
    /// By its field name.
    Name(String),
    /// By its field name and type.
    Column(ColumnMembers),
}

/// A column as the metadata has it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ColumnMembers {
    field_name: String,
    data_type_name: Option<String>,
    /// Not compared.
    #[serde(rename = "name")]
    _name: Option<String>,
}

impl ExpectedColumn {
    pub fn field_name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Column(column) => &column.field_name,
        }
    }

    /// The type, where it is expected.
    pub fn data_type_name(&self) -> Option<&str> {
        match self {
            Self::Name(_) => None,
            Self::Column(column) => column.data_type_name.as_deref(),
        }
    }
}

impl<'de> Deserialize<'de> for ExpectedColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ColumnVisitor;

        impl<'de> Visitor<'de> for ColumnVisitor {
            type Value = ExpectedColumn;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a field name, or an object with fieldName and dataTypeName")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ExpectedColumn, E> {
                Ok(ExpectedColumn::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExpectedColumn, A::Error> {
                ColumnMembers::deserialize(MapAccessDeserializer::new(map)).map(ExpectedColumn::Column)
            }
        }

        deserializer.deserialize_any(ColumnVisitor)
    }
}

impl Expectation {
    /// How the rows are compared.
    pub fn options(&self) -> CompareOptions {
        CompareOptions { partial: self.partial, ordered: self.ordered }
    }

    /// Refuses an expectation that asks nothing, or asks what does not go together.
    pub fn check(&self) -> Result<(), String> {
        let of_rows = self.rows.is_some();
        let asks = of_rows
            || self.count.is_some()
            || self.schema.is_some()
            || self.row_identifier.is_some()
            || self.data_version.is_some()
            || self.unchanged_since.is_some();
        if !asks {
            return Err("nothing is expected; known are rows, ordered, partial, where, order, count, schema, row_identifier, data_version, unchanged_since".to_owned());
        }
        if self.filter.is_some() && !of_rows && self.count.is_none() {
            return Err("\"where\" belongs to \"rows\" or \"count\"".to_owned());
        }
        if (self.ordered || self.partial || self.order.is_some()) && !of_rows {
            return Err("\"ordered\", \"partial\" and \"order\" belong to \"rows\"".to_owned());
        }
        if self.order.is_some() && !self.ordered {
            return Err("\"order\" belongs to \"ordered\": true".to_owned());
        }
        Ok(())
    }
}

/// Expected rows as the read API would show them: what an upsert makes of each.
pub fn as_stored(rows: &[Row], entry: &Entry) -> Result<Vec<Row>, String> {
    let stored = |(place, row)| one(row, entry).map_err(|error| format!("rows[{place}]: {error}"));
    rows.iter().enumerate().map(stored).collect()
}

fn one(object: &Row, entry: &Entry) -> Result<Row, String> {
    let (system, own): (Row, Row) =
        object.iter().map(|(n, v)| (n.clone(), v.clone())).partition(|(name, _)| name.starts_with(':'));
    if system.contains_key(":deleted") {
        return Err(":deleted cannot be expected; leave the row out".to_owned());
    }
    let mut typed = Rows::new(Arc::clone(&entry.layout));
    // The text is in memory already.
    let mut decoder = Decoder::new(BodyFormat::Json, TopLevel::ArrayOrObject, MAX_ROW, &Room::new(u64::MAX));
    let text = Value::Object(own).to_string();
    let decoded = decoder.feed(text.as_bytes(), &mut typed).and_then(|()| decoder.finish(&mut typed));
    decoded.map_err(|e| e.message)?;
    let batch = typed.take();
    let mut made = Row::new();
    for (column, cell) in batch.iter().flat_map(|row| row.cells().collect::<Vec<_>>()) {
        if let Some((name, soql_type)) = entry.layout.fields.get(usize::from(column)) {
            made.insert(name.clone(), to_json(*soql_type, &cell, &entry.cipher));
        }
    }
    made.extend(system);
    Ok(made)
}
