//! Rows being typed: field names to columns, values to their stored form, key rules.

use super::batch::{Batch, OpenRow, VersionLock};
use crate::soda::hint::{Advice, At, FieldMistake, Mistake, Place, UploadHint, Written};
use crate::soda::value::{self, JsonToken, Read, RowIdCipher, Rules};
use crate::soda::{
    BodyFormat, Dataset, ErrorCode, Field, FieldNames, SodaError, SoqlType, SystemField, Value,
};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a decoder must know of a dataset.
#[derive(Debug)]
pub struct RowLayout {
    /// Field names by column.
    pub fields: Vec<(String, SoqlType)>,
    /// Finds fields by name.
    pub names: FieldNames,
    /// The publisher's row identifier, as an index into `fields`.
    pub key: Option<u16>,
    /// Reads `:id` and `:version`.
    pub cipher: Arc<RowIdCipher>,
    /// Types as in the back end's source.
    pub strict_types: bool,
}

impl RowLayout {
    /// The layout of a dataset's rows.
    pub fn new(dataset: &Dataset, cipher: Arc<RowIdCipher>, strict_types: bool) -> Self {
        let fields = dataset.columns.iter().map(|c| (c.field_name.clone(), c.soql_type)).collect();
        let key = dataset.row_identifier.and_then(|k| u16::try_from(k).ok());
        Self { fields, names: FieldNames::new(&dataset.columns), key, cipher, strict_types }
    }

    /// The name and type of what identifies rows.
    pub fn key_field(&self) -> (&str, SoqlType) {
        match self.key.and_then(|k| self.fields.get(usize::from(k))) {
            Some((name, soql_type)) => (name, *soql_type),
            None => (SystemField::Id.name(), SystemField::Id.soql_type()),
        }
    }
}

/// A publisher who writes so means to delete; production stores the row (source).
fn not_deleted(format: BodyFormat) -> String {
    let quotes = if format.is_json() { ", without quotes," } else { "" };
    format!(
        ":deleted: only true{quotes} deletes; another value was dropped and the row stored, as production does"
    )
}

/// Sentences for `X-Mock-Warning`, each once.
pub type Warnings = BTreeSet<String>;

/// Where decoders put rows.
#[derive(Debug)]
pub struct Rows {
    layout: Arc<RowLayout>,
    batch: Batch,
    open: Option<OpenRow>,
    /// Where the current row's cell of each column lies, and in which row it was put there.
    slots: Vec<(u64, usize)>,
    count: u64,
    /// What the open row is written in.
    format: BodyFormat,
    /// The line on which a row of cells begins, and the cell being read.
    record: Option<(u64, usize)>,
    /// The key of rows that carry none: the one of the path on row routes.
    default_key: Option<Value<'static>>,
    /// What a client should know although nothing failed.
    pub warnings: Warnings,
}

impl Rows {
    /// No rows yet.
    pub fn new(layout: Arc<RowLayout>) -> Self {
        let slots = vec![(u64::MAX, 0); layout.fields.len()];
        Self {
            layout,
            batch: Batch::with_room(),
            open: None,
            slots,
            count: 0,
            format: BodyFormat::Json,
            record: None,
            default_key: None,
            warnings: Warnings::new(),
        }
    }

    /// Rows without a key get this one.
    #[must_use]
    pub fn with_default_key(mut self, key: Option<Value<'static>>) -> Self {
        self.default_key = key;
        self
    }

    /// The layout in use.
    pub fn layout(&self) -> &RowLayout {
        &self.layout
    }

    /// Bytes that wait to be taken.
    pub fn pending(&self) -> usize {
        self.batch.len()
    }

    /// Rows finished so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Takes what is finished. Must not be called inside a row.
    pub fn take(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub(super) fn begin(&mut self, format: BodyFormat) {
        self.abandon();
        (self.format, self.record) = (format, None);
        self.open = Some(self.batch.begin());
    }

    /// Begins a row that is a record of cells.
    pub(super) fn begin_on(&mut self, format: BodyFormat, line: u64) {
        self.begin(format);
        self.record = Some((line, 0));
    }

    /// Where the open row is.
    fn place(&self) -> Place {
        let at = match self.record {
            None => At::Row(self.count),
            Some((line, cell)) => {
                At::Record { row: Some(self.count), line, cell: (cell > 0).then_some(cell) }
            }
        };
        Place::body(self.format, at)
    }

    pub(super) fn abandon(&mut self) {
        if let Some(row) = self.open.take() {
            self.batch.abandon(row);
            self.slots.fill((u64::MAX, 0));
        }
    }

    /// A field of the open row, by the name under which it was found.
    pub(super) fn put(&mut self, field: Field, token: JsonToken<'_>) -> Result<(), SodaError> {
        let layout = Arc::clone(&self.layout);
        let rules = Rules { strict_types: layout.strict_types, id_cipher: &layout.cipher };
        match field {
            Field::Deleted => {
                if let Some(row) = &mut self.open {
                    row.delete = matches!(token, JsonToken::Bool(true));
                }
                if !matches!(token, JsonToken::Bool(_) | JsonToken::Null) {
                    self.warnings.insert(not_deleted(self.format));
                }
                Ok(())
            }
            Field::Column(index) => {
                let Some((name, soql_type)) = layout.fields.get(usize::from(index)) else {
                    return Ok(());
                };
                let read = value::from_json(*soql_type, token, &rules)
                    .map_err(|_| self.refused(name, *soql_type, token))?;
                self.store(index, name, read);
                Ok(())
            }
            Field::System(field) => {
                let (name, soql_type) = (field.name(), field.soql_type());
                let read = value::from_json(soql_type, token, &rules)
                    .map_err(|_| self.refused(name, soql_type, token))?;
                self.store_system(field, &read.stored);
                Ok(())
            }
        }
    }

    /// The next cell of a row of cells.
    pub(super) fn put_next_cell(&mut self, field: Field, cell: &str) -> Result<(), SodaError> {
        if let Some((_, number)) = &mut self.record {
            *number += 1;
        }
        self.put_cell(field, cell)
    }

    /// A CSV cell of the open row.
    pub(super) fn put_cell(&mut self, field: Field, cell: &str) -> Result<(), SodaError> {
        let layout = Arc::clone(&self.layout);
        let rules = Rules { strict_types: layout.strict_types, id_cipher: &layout.cipher };
        match field {
            Field::Deleted => {
                if let Some(row) = &mut self.open {
                    row.delete = cell.eq_ignore_ascii_case("true");
                }
                if !["", "true", "false"].iter().any(|known| cell.eq_ignore_ascii_case(known)) {
                    self.warnings.insert(not_deleted(self.format));
                }
                Ok(())
            }
            Field::Column(index) => {
                let Some((name, soql_type)) = layout.fields.get(usize::from(index)) else {
                    return Ok(());
                };
                let read = value::from_csv(*soql_type, cell, &rules)
                    .map_err(|_| self.refused(name, *soql_type, JsonToken::Text(cell)))?;
                self.store(index, name, read);
                Ok(())
            }
            Field::System(field) => {
                let (name, soql_type) = (field.name(), field.soql_type());
                let read = value::from_csv(soql_type, cell, &rules)
                    .map_err(|_| self.refused(name, soql_type, JsonToken::Text(cell)))?;
                // An empty cell says nothing of a version; only JSON's null says "must be new".
                if !(field == SystemField::Version && read.stored.is_null()) {
                    self.store_system(field, &read.stored);
                }
                Ok(())
            }
        }
    }

    /// Ends the open row.
    pub(super) fn end(&mut self) -> Result<(), SodaError> {
        if let Some(key) = self.default_key.clone() {
            self.apply_default_key(key);
        }
        let Some(row) = self.open.take() else { return Ok(()) };
        // What is said from here on is about the whole row.
        self.record = self.record.map(|(line, _)| (line, 0));
        if row.delete {
            let has_key = match self.layout.key {
                Some(k) => self.slots.get(usize::from(k)).is_some_and(|s| s.0 == self.count),
                None => row.id.is_some(),
            };
            if !has_key {
                self.batch.abandon(row);
                return Err(delete_without_key(self.layout.key_field().0, self.place()));
            }
        }
        self.batch.end(row);
        self.count += 1;
        Ok(())
    }

    fn apply_default_key(&mut self, key: Value<'static>) {
        const CONTRADICTS: &str =
            "the key in the body is not the one of the path; the body's was used, as production does";
        let layout = Arc::clone(&self.layout);
        let Some(open) = self.open else { return };
        match layout.key {
            None => match (open.id, &key) {
                (None, _) => self.store_system(SystemField::Id, &key),
                (Some(id), Value::Int(given)) if id == *given => {}
                _ => drop(self.warnings.insert(CONTRADICTS.to_owned())),
            },
            Some(column) => {
                let (name, soql_type) = &layout.fields[usize::from(column)];
                match self.slots[usize::from(column)] {
                    (row, at) if row == self.count => {
                        if !self.batch.cell_equals(at, &key, *soql_type) {
                            self.warnings.insert(CONTRADICTS.to_owned());
                        }
                    }
                    _ => self.store(column, name, key.into()),
                }
            }
        }
    }

    /// A row that deletes by a key that is already in its stored form.
    pub fn delete_stored(&mut self, key: Value<'static>) -> Result<(), SodaError> {
        self.begin(BodyFormat::Json);
        match self.layout.key {
            None => self.store_system(SystemField::Id, &key),
            Some(column) => self.store(column, "", key.into()),
        }
        if let Some(row) = &mut self.open {
            row.delete = true;
        }
        self.end()
    }

    /// A row whose cells are already in their stored form, one for each column; with `id` it is about the row
    /// that has this `:id`.
    pub fn put_stored(&mut self, id: Option<i64>, cells: &[Value<'static>]) -> Result<(), SodaError> {
        self.begin(BodyFormat::Json);
        if let Some(id) = id {
            self.store_system(SystemField::Id, &Value::Int(id));
        }
        for (column, cell) in (0..).zip(cells) {
            self.store(column, "", cell.clone().into());
        }
        self.end()
    }

    /// A row `[KEY]`, which deletes.
    pub(super) fn delete_by_key(&mut self, token: JsonToken<'_>) -> Result<(), SodaError> {
        self.begin(BodyFormat::Json);
        self.put(self.layout.key.map_or(Field::System(SystemField::Id), Field::Column), token)?;
        if let Some(row) = &mut self.open {
            row.delete = true;
            if self.layout.key.is_none() && row.id.is_none() {
                // `[null]` names no row: the engine reports it (source), so it must get there.
                let row = *row;
                self.open = None;
                self.batch.end(row);
                self.count += 1;
                return Ok(());
            }
        }
        self.end()
    }

    /// A row that is neither an object nor a one-element array.
    pub(super) fn not_an_object(&self, format: BodyFormat, source: &str) -> SodaError {
        let shown: String = source.chars().take(200).collect();
        SodaError::new(ErrorCode::RowNotAnObject, format!("Row is not parseable as a json object: {shown}"))
            .data(json!({ "value": shown, "row_index": self.count }))
            .hint(UploadHint {
                place: Place::body(format, At::Row(self.count)),
                field: None,
                advice: Advice::Say(match format {
                    BodyFormat::GeoJson => {
                        "a feature is {\"type\": \"Feature\", \"properties\": {...}, \"geometry\": ...}"
                    }
                    _ => {
                        "a row is an object of fields, or a one-element array with the key of a row to delete"
                    }
                }),
            })
    }

    fn store(&mut self, column: u16, name: &str, read: Read<'_>) {
        if let Some(warning) = read.warning {
            let sentence = warning.sentence(self.format);
            self.warnings.insert(format!("{name}: {sentence}"));
        }
        if let Some(slot) = self.slots.get(usize::from(column)).filter(|s| s.0 == self.count) {
            let at = slot.1;
            self.batch.remove(at);
            self.reindex();
        }
        let at = self.batch.push(column, &read.stored);
        if let Some(slot) = self.slots.get_mut(usize::from(column)) {
            *slot = (self.count, at);
        }
    }

    /// Finds the open row's cells again after one was taken out.
    fn reindex(&mut self) {
        let Some(row) = &self.open else { return };
        for (column, at) in self.batch.open_cells(row) {
            if let Some(slot) = self.slots.get_mut(usize::from(column)) {
                *slot = (self.count, at);
            }
        }
    }

    fn store_system(&mut self, field: SystemField, stored: &Value<'_>) {
        let Some(row) = &mut self.open else { return };
        match (field, stored) {
            (SystemField::Id, Value::Int(id)) => row.id = Some(*id),
            (SystemField::Version, Value::Int(version)) => row.version = VersionLock::MustBe(*version),
            (SystemField::Version, Value::Null) => row.version = VersionLock::MustBeNew,
            _ => {}
        }
    }

    /// The refusal of a field that the dataset does not have.
    pub(super) fn unknown_field(&self, name: &str) -> SodaError {
        if let Some(Field::Column(index)) = self.layout.names.header(name)
            && let Some((field, _)) = self.layout.fields.get(usize::from(index))
        {
            return SodaError::illegal_field(name, self.place(), FieldMistake::DisplayName(field.clone()));
        }
        if self.format == BodyFormat::Form && name.contains([',', '\n']) {
            return self.mistaken_field(name, FieldMistake::Format(BodyFormat::Csv));
        }
        let fields = self.layout.fields.iter().map(|(name, _)| name.as_str());
        SodaError::illegal_field(name, self.place(), FieldMistake::of(name, None, fields))
    }

    /// The refusal of a field that shows what is wrong with the body.
    pub(super) fn mistaken_field(&self, name: &str, mistake: FieldMistake) -> SodaError {
        SodaError::illegal_field(name, self.place(), mistake)
    }

    fn refused(&self, field: &str, expected: SoqlType, token: JsonToken<'_>) -> SodaError {
        SodaError::maltyped(field, expected, &json_text(token), self.place(), Mistake::of(expected, token))
    }
}

/// 400 for a delete that does not name its row (source).
fn delete_without_key(key: &str, place: Place) -> SodaError {
    let mut data = json!({});
    for (member, number) in place.members() {
        data[member] = number.into();
    }
    SodaError::new(
        ErrorCode::DeleteWithoutPrimaryKey,
        "Cannot delete an individual row without giving the primary key/row-identifier value",
    )
    .data(data)
    .hint(UploadHint {
        place,
        field: Some(key.to_owned()),
        advice: Advice::Say(match place.written {
            Written::Body(format) if format.has_cells() => "a column with it is needed beside :deleted",
            Written::Body(BodyFormat::Form) => "write it beside :deleted=true",
            _ => "send it beside \":deleted\": true",
        }),
    })
}

/// The value as JSON text, cut to a length that fits an error message.
fn json_text(token: JsonToken<'_>) -> String {
    let text = match token {
        JsonToken::Null => "null".to_owned(),
        JsonToken::Bool(b) => b.to_string(),
        JsonToken::Number(n) | JsonToken::Composite(n) => n.to_owned(),
        JsonToken::Text(t) => json!(t).to_string(),
    };
    if text.chars().count() <= 1000 {
        return text;
    }
    text.chars().take(1000).chain("…".chars()).collect()
}
