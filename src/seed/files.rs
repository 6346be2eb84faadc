//! Seed files and folders.

use super::define::NewDataset;
use crate::codec::BodyFormat;
use crate::soda::FourByFour;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What is wrong with a seed, and in which file.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It cannot be read.
    #[error("{}: {source}; name a seed file or folder that can be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no JSON.
    #[error("{}:{}: {source}", path.display(), source.line())]
    NotJson {
        /// Which.
        path: PathBuf,
        /// Why and where.
        source: serde_json::Error,
    },
    /// The folder's settings.
    #[error("{}:{line}: {why}", path.display())]
    Settings {
        /// Which.
        path: PathBuf,
        /// Where.
        line: usize,
        /// Why.
        why: String,
    },
    /// No 4x4 id in the file and none in its name.
    #[error("{}: no 4x4 id; name the file 4x4.json or give an \"id\"", .0.display())]
    NoId(PathBuf),
    /// Nothing to load.
    #[error("{}: no seed; a dataset is 4x4.json, with rows beside it in 4x4.csv, 4x4.rows.json, 4x4.ndjson or 4x4.geojson", .0.display())]
    Empty(PathBuf),
}

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
    let unreadable = |source| SeedError::Unreadable { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![(path.to_owned(), one(path)?)]);
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or("");
        if name.ends_with(".json") && !name.ends_with(".rows.json") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() && !path.join(super::settings::FILE).is_file() {
        return Err(SeedError::Empty(path.to_owned()));
    }
    files.into_iter().map(|file| one(&file).map(|new| (file, new))).collect()
}

fn one(path: &Path) -> Result<NewDataset, SeedError> {
    let text = load(path)?;
    let definition: Value = serde_json::from_slice(&text)
        .map_err(|source| SeedError::NotJson { path: path.to_owned(), source })?;
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("");
    let id = definition.get("id").and_then(Value::as_str).and_then(FourByFour::parse);
    let id = id.or_else(|| FourByFour::parse(stem)).ok_or_else(|| SeedError::NoId(path.to_owned()))?;
    let mut rows = None;
    for (extension, format) in ROWS {
        let beside = path.with_file_name(format!("{stem}.{extension}"));
        if beside.is_file() {
            let bytes = load(&beside)?;
            rows = Some((format, if extension == "ndjson" { array_of_lines(&bytes) } else { bytes }));
            break;
        }
    }
    Ok(NewDataset { id, definition, rows })
}

fn load(path: &Path) -> Result<Vec<u8>, SeedError> {
    std::fs::read(path).map_err(|source| SeedError::Unreadable { path: path.to_owned(), source })
}

/// One JSON value a line as an array.
fn array_of_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![b'['];
    for line in bytes.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b']');
    out
}
