//! What `POST /expect` asks of stored data.

use super::difference::{Row, Way};
use super::fields::{Fields, wrong};
use super::verify::Times;
use crate::codec::{BodyFormat, Cell, Decoder, MAX_ROW, Rows, TopLevel};
use crate::consumer::shown::shown;
use crate::memory::Room;
use crate::soda::{SoqlType, Stored};
use crate::store::Entry;
use serde_json::Value;
use std::sync::Arc;

/// What a dataset has to be like; everything that is given has to hold.
#[derive(Debug)]
pub struct Expectation {
    /// A 4x4 or resource name.
    pub dataset: String,
    /// These rows.
    pub rows: Option<Value>,
    /// How they are compared.
    pub way: Way,
    /// Only rows for which this holds are looked at.
    pub filter: Option<String>,
    /// The order of the stored rows; without it the order in which they were created.
    pub order: Option<String>,
    /// So many rows.
    pub count: Option<Times>,
    /// These columns: field names with their type, where it is given.
    pub schema: Option<Vec<(String, Option<String>)>>,
    /// This row identifier; none for `:id`.
    pub row_identifier: Option<Option<String>>,
    /// This data version.
    pub data_version: Option<i64>,
    /// The same rows as in this snapshot.
    pub unchanged_since: Option<String>,
}

/// The members.
const MEMBERS: [&str; 11] = [
    "dataset",
    "rows",
    "ordered",
    "partial",
    "where",
    "order",
    "count",
    "schema",
    "row_identifier",
    "data_version",
    "unchanged_since",
];

impl Expectation {
    /// Reads it.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let mut fields = Fields::of("the expectation", value, &MEMBERS)?;
        let mut text = |name: &str| match fields.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong(name, "a text", other)),
        };
        let (dataset, filter, order) = (text("dataset")?, text("where")?, text("order")?);
        let unchanged_since = text("unchanged_since")?;
        let dataset = dataset.ok_or("\"dataset\" is missing: a 4x4 or resource name")?;
        let mut flag = |name: &str| match fields.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong(name, "true or false", other)),
        };
        let way = Way { ordered: flag("ordered")?, partial: flag("partial")? };
        let rows = match fields.take("rows") {
            None => None,
            Some(rows @ Value::Array(_)) => Some(rows.clone()),
            Some(other) => return Err(wrong("rows", "a list of rows", other)),
        };
        let count = fields.take("count").map(|v| Times::parse("count", v)).transpose()?;
        let schema = fields.take("schema").map(schema).transpose()?;
        let row_identifier = match fields.take("row_identifier") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(Value::String(name)) => Some(Some(name.clone())),
            Some(other) => return Err(wrong("row_identifier", "a field name or null", other)),
        };
        let data_version = fields
            .take("data_version")
            .map(|v| v.as_i64().ok_or_else(|| wrong("data_version", "a number", v)))
            .transpose()?;
        let asked = Self {
            dataset,
            rows,
            way,
            filter,
            order,
            count,
            schema,
            row_identifier,
            data_version,
            unchanged_since,
        };
        asked.check()?;
        Ok(asked)
    }

    fn check(&self) -> Result<(), String> {
        let of_rows = self.rows.is_some();
        let asks = of_rows
            || self.count.is_some()
            || self.schema.is_some()
            || self.row_identifier.is_some()
            || self.data_version.is_some()
            || self.unchanged_since.is_some();
        if !asks {
            return Err(format!("nothing is expected; known are {}", MEMBERS[1..].join(", ")));
        }
        if self.filter.is_some() && !of_rows && self.count.is_none() {
            return Err("\"where\" belongs to \"rows\" or \"count\"".to_owned());
        }
        if (self.way.ordered || self.way.partial || self.order.is_some()) && !of_rows {
            return Err("\"ordered\", \"partial\" and \"order\" belong to \"rows\"".to_owned());
        }
        if self.order.is_some() && !self.way.ordered {
            return Err("\"order\" belongs to \"ordered\": true".to_owned());
        }
        Ok(())
    }
}

fn schema(value: &Value) -> Result<Vec<(String, Option<String>)>, String> {
    let items = value.as_array().ok_or_else(|| wrong("schema", "a list of columns", value))?;
    let column = |(index, item): (usize, &Value)| {
        let place = format!("schema[{index}]");
        if let Some(name) = item.as_str() {
            return Ok((name.to_owned(), None));
        }
        let mut fields = Fields::of(&place, item, &["fieldName", "dataTypeName", "name"])?;
        let mut text = |name: &str| match fields.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong(&format!("{place}.{name}"), "a text", other)),
        };
        let name = text("fieldName")?.ok_or_else(|| format!("{place}: \"fieldName\" is missing"))?;
        Ok((name, text("dataTypeName")?))
    };
    items.iter().enumerate().map(column).collect()
}

/// Expected rows as the read API would show them: what an upsert makes of each.
pub fn as_stored(rows: &Value, entry: &Entry) -> Result<Vec<Row>, String> {
    let items = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(place, row)| one(row, entry).map_err(|e| format!("rows[{place}]: {e}")))
        .collect()
}

fn one(row: &Value, entry: &Entry) -> Result<Row, String> {
    let object = row.as_object().ok_or_else(|| wrong("it", "an object", row))?;
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
            made.insert(name.clone(), shown_cell(*soql_type, cell, entry));
        }
    }
    made.extend(system);
    Ok(made)
}

fn shown_cell(soql_type: SoqlType, cell: Cell<'_>, entry: &Entry) -> Value {
    let stored = match cell {
        Cell::Null => Stored::Null,
        Cell::Int(v) => Stored::Int(v),
        Cell::Real(v) => Stored::Real(v),
        Cell::Text(t) => Stored::Text(String::from_utf8_lossy(t)),
    };
    shown(soql_type, &stored, &entry.cipher)
}
