//! Seed files and folders.

use super::define::NewDataset;
use super::error::SeedError;
use super::rows::{RowsToRead, array_of_lines, of_definition};
use crate::codec::{BodyFormat, DefinitionDecoder, RowsText};
use crate::memory::Room;
use crate::soda::{FourByFour, SodaError};
use serde_json::Value;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Files beside `4x4.json` that hold its rows.
const ROWS: [(&str, BodyFormat); 5] = [
    ("csv", BodyFormat::Csv),
    ("tsv", BodyFormat::Tsv),
    ("rows.json", BodyFormat::Json),
    ("ndjson", BodyFormat::Json),
    ("geojson", BodyFormat::GeoJson),
];

/// Reads a file or all datasets of a folder, each with the file it came from.
pub fn read(path: &Path) -> Result<Vec<(PathBuf, NewDataset)>, SeedError> {
    let unreadable = |source| unreadable(path, source);
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![(path.to_owned(), one(path)?)]);
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let is_other = name.ends_with(".rows.json") || name == super::settings::WORLD_FILE;
        if name.ends_with(".json") && !is_other {
            files.push(file);
        }
    }
    files.sort();
    let has_settings =
        [super::settings::FILE, super::settings::WORLD_FILE].iter().any(|name| path.join(name).is_file());
    if files.is_empty() && !has_settings {
        return Err(SeedError::Empty(path.to_owned()));
    }
    files.into_iter().map(|file| one(&file).map(|new| (file, new))).collect()
}

fn one(path: &Path) -> Result<NewDataset, SeedError> {
    let (definition, has_rows) = definition(path)?;
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("");
    let id = definition.get("id").and_then(Value::as_str).and_then(FourByFour::parse);
    let id = id.or_else(|| FourByFour::parse(stem)).ok_or_else(|| SeedError::NoId(path.to_owned()))?;
    for (extension, format) in ROWS {
        let beside = path.with_file_name(format!("{stem}.{extension}"));
        if beside.is_file() {
            let (name, file) = (beside.display().to_string(), open(&beside)?);
            let rows = match extension {
                "ndjson" => RowsToRead::from(format, name, array_of_lines(file)),
                _ => RowsToRead::from(format, name, file),
            };
            return Ok(NewDataset { id, definition, rows: Some(rows) });
        }
    }
    let own = if has_rows { Some(of_definition(open(path)?)) } else { None };
    let rows = own.map(|text| RowsToRead::from(BodyFormat::Json, path.display().to_string(), text));
    Ok(NewDataset { id, definition, rows })
}

/// A definition without its rows, and whether it has some.
fn definition(path: &Path) -> Result<(Value, bool), SeedError> {
    let wrong = |why| SeedError::NotDefinition { path: path.to_owned(), why };
    // Nobody else asks for memory yet.
    let mut decoder = DefinitionDecoder::new(&Room::new(u64::MAX));
    let mut rows = RowsText::default();
    let (mut file, mut piece) = (open(path)?, vec![0; 64 * 1024]);
    loop {
        let length = file.read(&mut piece).map_err(|source| unreadable(path, source))?;
        if length == 0 {
            break;
        }
        decoder.feed(&piece[..length], &mut rows).map_err(wrong)?;
        rows.take();
    }
    let (text, has_rows) = decoder.finish(&mut rows).map_err(wrong)?;
    let definition = serde_json::from_slice(&text).map_err(|e| wrong(SodaError::invalid(e.to_string())))?;
    Ok((definition, has_rows))
}

fn open(path: &Path) -> Result<File, SeedError> {
    File::open(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: std::io::Error) -> SeedError {
    SeedError::Unreadable { path: path.to_owned(), source }
}
