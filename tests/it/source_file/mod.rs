//! Uploaded files as rows of cells: what each format gives, and how a bad file is refused.

mod archives;
mod delimited;
mod guessing;
mod places;
mod scanning;
mod sdiff;
mod shapefiles;
mod workbooks;

use serde_json::{Value, json};
use soda_mock::memory::Room;
use soda_mock::soda;
use soda_mock::source_file::{
    Bounds, FileError, FileKind, Guess, GuessedColumn, InputColumn, Malformed, ParseOptions, SourceRow, open,
};
use soda_mock::transform::{Column, Row, Surroundings, Transform, compile};
use std::io::Cursor;

/// A file that was read whole.
#[derive(Debug, Default)]
struct Read {
    field_names: Vec<String>,
    display_names: Vec<String>,
    types: Vec<&'static str>,
    /// Cells as JSON: null, text, or a number where the value is no text.
    rows: Vec<Vec<Value>>,
    malformed: Vec<Malformed>,
    guessed: Vec<GuessedColumn>,
    /// The cells of the guessed schema.
    transformed: Vec<Vec<Value>>,
}

fn bounds() -> Bounds {
    Bounds::new(&Room::new(256 << 20))
}

fn read_with(
    kind: FileKind,
    options: &Value,
    bytes: impl Into<Vec<u8>>,
    bounds: &Bounds,
) -> Result<Read, FileError> {
    let options = ParseOptions::default().with(options).unwrap();
    let mut rows = open(kind, &options, Cursor::new(bytes.into()), bounds)?;
    let mut guess = Guess::new(rows.columns());
    let mut read = Read::default();
    for column in rows.columns() {
        read.field_names.push(column.field_name.clone());
        read.display_names.push(column.display_name.clone());
        read.types.push(column.soql_type.name());
    }
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        match row {
            SourceRow::Cells(cells) => {
                assert_eq!(cells.len(), read.field_names.len());
                guess.see(&cells);
                read.rows.push(cells.iter().map(shown).collect());
                values.push(cells.iter().map(soda::Value::into_owned).collect::<Vec<_>>());
            }
            SourceRow::Malformed(malformed) => read.malformed.push(malformed),
        }
    }
    read.guessed = guess.finish();
    read.transformed = transformed(rows.columns(), &read.guessed, &values);
    Ok(read)
}

/// The cells that the guessed transforms make: whatever the file, they compile to the guessed type, and no cell is an
/// error.
fn transformed(
    columns: &[InputColumn],
    guessed: &[GuessedColumn],
    rows: &[Vec<soda::Value<'static>>],
) -> Vec<Vec<Value>> {
    let surroundings = Surroundings::default();
    let columns: Vec<_> =
        columns.iter().map(|c| Column { name: &c.field_name, soql_type: c.soql_type }).collect();
    let compiled = guessed.iter().map(|column| {
        let transform = compile(&column.transform, &columns, &surroundings).unwrap();
        assert_eq!(transform.output_type(), column.soql_type, "{}", column.transform);
        transform
    });
    let transforms: Vec<Transform> = compiled.collect();
    let cells = |(offset, cells): (usize, &Vec<soda::Value<'static>>)| {
        let row = Row { offset: offset as u64, cells };
        transforms.iter().map(|transform| shown(transform.evaluate(row, &surroundings).unwrap())).collect()
    };
    rows.iter().enumerate().map(cells).collect()
}

fn shown(value: soda::Value<'_>) -> Value {
    match value {
        soda::Value::Null => Value::Null,
        soda::Value::Int(number) => number.into(),
        soda::Value::Real(number) => number.into(),
        soda::Value::Text(text) => text.into_owned().into(),
    }
}

fn read(kind: FileKind, options: &Value, bytes: impl Into<Vec<u8>>) -> Read {
    read_with(kind, options, bytes, &bounds()).unwrap()
}

fn csv(text: &str) -> Read {
    read(FileKind::Csv, &Value::Null, text)
}

/// Why a file is refused; every refusal says what to do.
fn refused(kind: FileKind, options: &Value, bytes: impl Into<Vec<u8>>) -> FileError {
    refused_within(kind, options, bytes, &bounds())
}

fn refused_within(kind: FileKind, options: &Value, bytes: impl Into<Vec<u8>>, bounds: &Bounds) -> FileError {
    let error = read_with(kind, options, bytes, bounds).unwrap_err();
    assert!(!error.hint.is_empty() && !error.message.is_empty(), "{error:?}");
    error
}

/// The key and a part of the message of a refusal.
#[track_caller]
fn assert_refused(error: &FileError, key: &str, part: &str) {
    assert_eq!(error.key.name(), key, "{error:?}");
    assert!(error.message.contains(part), "{error:?}");
}
