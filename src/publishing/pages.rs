//! Pages of rows: what transforms make of them, and what is wrong with them.

use super::rows::{self, MadeRow, RowsError};
use super::schema::Checked;
use super::{invalid, limits};
use crate::soda::value::{RowIdCipher, to_json};
use crate::soda::{SoqlType, Value, definition};
use crate::source_file::Malformed;
use crate::store::Store;
use crate::store::publishing::{InputSchema, OutputSchema, SeenValues, Source};
use crate::transform::{DataError, Surroundings, Transform};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Which rows are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows that are passed over.
    pub offset: u64,
    /// Rows at most.
    pub limit: usize,
    /// Only rows with an error in this output column, or in any.
    pub errors: Option<Option<usize>>,
}

/// A schema whose rows are shown.
pub struct Shown {
    /// The source.
    pub source: Source,
    /// Its columns.
    pub input: InputSchema,
    /// What is made of them.
    pub output: OutputSchema,
    /// The same, compiled.
    pub checked: Checked,
    /// What functions may ask.
    pub surroundings: Surroundings,
}

/// A page of rows: the columns, then each row with its place in the source (believed).
pub fn rows(store: &Arc<Store>, shown: &Shown, page: Page) -> Result<Vec<Json>, RowsError> {
    let mut list = vec![json!({ "output_columns": super::shape::output_columns(&shown.output) })];
    let writer = CellWriter::new(shown);
    each_on_page(store, shown, page, |row| {
        list.push(match row {
            Ok(row) => writer.row(&row),
            Err((offset, malformed)) => malformed_row(offset, &malformed),
        });
    })?;
    Ok(list)
}

/// Rows with an error as CSV: the columns of the source, then what is wrong (ours).
pub fn errors_csv(store: &Arc<Store>, shown: &Shown, page: Page) -> Result<String, RowsError> {
    let mut text = String::new();
    let names = shown.input.columns.iter().map(|column| column.field_name.as_str()).chain(["error"]);
    push_record(&mut text, names);
    let writer = CellWriter::new(shown);
    each_on_page(store, shown, page, |row| {
        let Ok(row) = row else { return };
        let wrong: Vec<&str> =
            row.cells.iter().filter_map(|c| Some(c.as_ref().err()?.english.as_str())).collect();
        let cells: Vec<String> =
            (0..row.inputs.len()).map(|index| writer.plain(index, &row.inputs[index])).collect();
        let wrong = wrong.join("; ");
        push_record(&mut text, cells.iter().map(String::as_str).chain([wrong.as_str()]));
    })?;
    Ok(text)
}

/// Malformed rows of a source (documented).
pub fn malformed(store: &Arc<Store>, source: &Source, page: Page) -> Result<Vec<Json>, RowsError> {
    let (mut passed, mut list) = (0, Vec::new());
    rows::read(store, source, |offset, row| {
        let rows::ReadRow::Malformed(malformed) = row else { return Ok(true) };
        passed += 1;
        if passed > page.offset && list.len() < page.limit {
            list.push(malformed_row(offset, &malformed));
        }
        Ok(list.len() < page.limit)
    })?;
    Ok(list)
}

type PagedRow<'r> = Result<MadeRow<'r>, (u64, Malformed)>;

fn each_on_page(
    store: &Arc<Store>,
    shown: &Shown,
    page: Page,
    mut each: impl FnMut(PagedRow<'_>),
) -> Result<(), RowsError> {
    let (mut passed, mut taken, mut bytes) = (0, 0, 0);
    if page.limit == 0 {
        return Ok(());
    }
    rows::each_made(store, &shown.source, (&shown.checked, &shown.surroundings), |offset, row| {
        let is_wanted = match (&row, page.errors) {
            (_, None) => true,
            (Err(_), Some(_)) => false,
            (Ok(row), Some(None)) => row.cells.iter().any(Result::is_err),
            (Ok(row), Some(Some(column))) => row.cells.get(column).is_some_and(Result::is_err),
        };
        if !is_wanted {
            return Ok(true);
        }
        passed += 1;
        if passed > page.offset {
            taken += 1;
            bytes += row.as_ref().map_or(0, bytes_of);
            if taken > 1 && bytes > limits::PAGE_BYTES {
                let why = format!(
                    "is too high: the first {taken} rows have more than {} bytes",
                    limits::PAGE_BYTES
                );
                return Err(invalid("limit", &why).into());
            }
            each(row.map_err(|malformed| (offset, malformed)));
        }
        Ok(taken < page.limit)
    })
}

/// Bytes of the texts that a row is shown with; an error repeats its value and what it was made of.
fn bytes_of(row: &MadeRow<'_>) -> usize {
    let text = |value: &Value<'_>| if let Value::Text(text) = value { text.len() } else { 0 };
    let cells = row.cells.iter().map(|cell| match cell {
        Ok(value) => text(value),
        Err(error) => error.english.len() * 2 + row.inputs.iter().map(text).sum::<usize>(),
    });
    cells.sum()
}

fn malformed_row(offset: u64, malformed: &Malformed) -> Json {
    json!({
        "offset": offset,
        "error": {
            "type": malformed.error.name(),
            "wanted": malformed.wanted,
            "got": malformed.got,
            "contents": malformed.contents,
        },
    })
}

/// Writes cells with what is known of their columns.
struct CellWriter<'s> {
    shown: &'s Shown,
    inputs: Vec<SoqlType>,
    /// No source has row identifiers of the store.
    cipher: RowIdCipher,
}

impl<'s> CellWriter<'s> {
    fn new(shown: &'s Shown) -> Self {
        let inputs =
            super::schema::input_columns(&shown.input).iter().map(|column| column.soql_type).collect();
        Self { shown, inputs, cipher: RowIdCipher::new(&[0; 72]) }
    }

    fn row(&self, row: &MadeRow<'_>) -> Json {
        let cells =
            row.cells.iter().zip(&self.shown.checked.columns).map(|(cell, (_, transform))| match cell {
                Ok(value) => json!({ "ok": to_json(transform.output_type(), value, &self.cipher) }),
                Err(error) => self.error(error, transform, row.inputs),
            });
        json!({ "offset": row.offset, "row": cells.collect::<Vec<_>>() })
    }

    fn error(&self, error: &DataError, transform: &Transform, inputs: &[Value<'_>]) -> Json {
        let inputs: Map<String, Json> = transform
            .columns()
            .iter()
            .filter_map(|index| {
                let (column, value) = (self.shown.input.columns.get(*index)?, inputs.get(*index)?);
                Some((column.field_name.clone(), json!({ "ok": self.json(*index, value) })))
            })
            .collect();
        json!({ "error": { "message": error.json(), "inputs": inputs } })
    }

    fn json(&self, index: usize, value: &Value<'_>) -> Json {
        to_json(self.inputs.get(index).copied().unwrap_or(SoqlType::Text), value, &self.cipher)
    }

    fn plain(&self, index: usize, value: &Value<'_>) -> String {
        match self.json(index, value) {
            Json::Null => String::new(),
            Json::String(text) => text,
            other => other.to_string(),
        }
    }
}

/// A record of CSV; every cell in quotes.
fn push_record<'c>(text: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

fn told(soql_type: SoqlType, value: &Value<'_>) -> Json {
    to_json(soql_type, value, &RowIdCipher::new(&[0; 72]))
}

/// Whether the values of an output column could identify rows: all there, all different, of a type that can
/// (documented; rows count from 0: ours).
pub fn validate(store: &Arc<Store>, shown: &Shown, column: usize) -> Result<Json, RowsError> {
    let (_, transform) = &shown.checked.columns[column];
    let soql_type = transform.output_type();
    if !definition::can_identify(soql_type) {
        return Ok(
            json!({ "valid": false, "reason": "bad type", "what": soql_type.data_type_name(), "where": null }),
        );
    }
    store.read_alone(|tx| {
        let seen = SeenValues::new(*tx, soql_type)?;
        let mut found = None;
        let read =
            rows::each_made(store, &shown.source, (&shown.checked, &shown.surroundings), |offset, row| {
                let Ok(row) = row else { return Ok(true) };
                let reason = match row.cells.get(column) {
                    Some(Ok(Value::Null)) | Some(Err(_)) | None => Some(("null", Json::Null)),
                    Some(Ok(value)) if !seen.add(value)? => Some(("duplicate", told(soql_type, value))),
                    Some(Ok(_)) => None,
                };
                found = reason.map(|(reason, what)| (reason, what, offset));
                Ok(found.is_none())
            });
        Ok(read.map(|()| match found {
            None => json!({ "valid": true }),
            Some((reason, what, offset)) => {
                json!({ "valid": false, "reason": reason, "what": what, "where": offset })
            }
        }))
    })?
}
