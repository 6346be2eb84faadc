//! What became of an upload, and the three shapes in which it is told.

use crate::codec::Cell;
use crate::soda::SoqlType;
use crate::soda::value::{self, RowIdCipher, StoredRef};
use crate::store::history::Recording;
use crate::store::rows::{Fate, RowErrorKind};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// How much is kept of each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Counts only.
    Counts,
    /// The rows that were not stored.
    Errors,
    /// Every row.
    Rows,
}

/// One row's fate, ready to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct RowFate {
    /// Zero-based position in the payload.
    pub index: u64,
    /// What happened.
    pub fate: Fate,
    /// The key in its JSON form; null when the row had none.
    pub key: Value,
}

/// The first row errors and the first other rows of an upload, for those who look at it later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptFates {
    /// The rows, in the order of the payload.
    pub rows: Vec<RowFate>,
    /// Row errors among them.
    pub errors: usize,
    /// Rows whose fate was not kept.
    pub dropped: u64,
}

impl KeptFates {
    /// Whether the next row belongs in; counts it when it does not. `bound` holds for row errors and
    /// for other rows, each.
    #[inline]
    pub fn wants(&mut self, fate: Fate, bound: usize) -> bool {
        let taken = match fate {
            Fate::Error { .. } => self.errors,
            _ => self.rows.len() - self.errors,
        };
        let wanted = taken < bound;
        self.dropped += u64::from(!wanted);
        wanted
    }

    /// Takes a row that is wanted.
    pub fn push(&mut self, row: RowFate) {
        self.errors += usize::from(matches!(row.fate, Fate::Error { .. }));
        self.rows.push(row);
    }
}

/// Counts of an upload, and fates as far as asked for.
#[derive(Clone, Debug, Default)]
pub struct UpsertReport {
    /// New rows.
    pub created: u64,
    /// Changed rows.
    pub updated: u64,
    /// Removed rows.
    pub deleted: u64,
    /// Rows that were not stored.
    pub errors: u64,
    /// Updates and deletes that the publisher's identifier matched.
    pub by_row_identifier: u64,
    /// Updates and deletes that `:id` matched.
    pub by_sid: u64,
    /// Fates as far as asked for.
    pub fates: Vec<RowFate>,
    /// Fates for the journal.
    pub kept: KeptFates,
    /// Rows before and after, for the history.
    pub recording: Recording,
    /// Rows in all.
    pub rows: u64,
    /// Rows that were there before a truncate or replace.
    pub deleted_by_truncate: u64,
    /// The dataset's data version after the write.
    pub data_version: i64,
    /// The dataset's schema version.
    pub schema_version: i64,
}

impl UpsertReport {
    /// Counts one row.
    pub fn count(&mut self, fate: Fate, keyed: bool) {
        self.rows += 1;
        match fate {
            Fate::Created { .. } => self.created += 1,
            Fate::Updated { .. } => self.updated += 1,
            Fate::Deleted => self.deleted += 1,
            Fate::Error { .. } => self.errors += 1,
        }
        if matches!(fate, Fate::Updated { .. } | Fate::Deleted) {
            if keyed {
                self.by_row_identifier += 1;
            } else {
                self.by_sid += 1;
            }
        }
    }

    /// The answer with six keys, or the four of today (recorded), in core's layout.
    pub fn summary(&self, six: bool) -> Vec<u8> {
        let counts = [
            ("Errors", self.errors),
            ("Rows Created", self.created),
            ("Rows Updated", self.updated),
            ("Rows Deleted", self.deleted),
            ("By RowIdentifier", self.by_row_identifier),
            ("By SID", self.by_sid),
        ];
        let mut body = String::with_capacity(160);
        for (index, (name, count)) in counts.iter().take(if six { 6 } else { 4 }).enumerate() {
            let start = if index == 0 { "{\n" } else { ",\n" };
            let _ = write!(body, "{start}  \"{name}\" : {count}");
        }
        body.push_str("\n}\n");
        body.into_bytes()
    }

    /// The answer to `$$version=2.0` (source: soda-java's `UpsertResult`).
    pub fn version_2_0(&self) -> Vec<u8> {
        let errors: Vec<Value> = self
            .fates
            .iter()
            .filter_map(|row| match row.fate {
                Fate::Error { kind, .. } => Some(json!({
                    "error": kind.name(),
                    "input_index": row.index,
                    "primary_key": if row.key.is_null() { json!("") } else { row.key.clone() },
                })),
                _ => None,
            })
            .collect();
        let mut body = json!({
            "rows_created": self.created,
            "rows_updated": self.updated,
            "rows_deleted": self.deleted,
            "errors": errors,
        })
        .to_string()
        .into_bytes();
        body.push(b'\n');
        body
    }

    /// One item per row (source: the back end's own report).
    pub fn raw(&self, cipher: &RowIdCipher) -> Vec<u8> {
        let items: Vec<Value> = self.fates.iter().map(|row| item(row, cipher)).collect();
        let mut body = Value::Array(items).to_string().into_bytes();
        body.push(b'\n');
        body
    }
}

fn item(row: &RowFate, cipher: &RowIdCipher) -> Value {
    let version = |v: i64| stored_json(SoqlType::RowVersion, Cell::Int(v), cipher);
    match row.fate {
        Fate::Created { version: v, .. } => json!({ "typ": "insert", "id": row.key, "ver": version(v) }),
        Fate::Updated { version: v } => json!({ "typ": "update", "id": row.key, "ver": version(v) }),
        Fate::Deleted => json!({ "typ": "delete", "id": row.key }),
        Fate::Error { kind, expected, actual } => {
            let mut map = Map::new();
            map.insert("typ".into(), "error".into());
            map.insert("err".into(), kind.name().into());
            if !matches!(kind, RowErrorKind::NoPrimaryKey | RowErrorKind::VersionOnNewRow) {
                map.insert("id".into(), row.key.clone());
            }
            if kind == RowErrorKind::VersionMismatch {
                map.insert("expected".into(), expected.map_or(Value::Null, version));
                map.insert("actual".into(), actual.map_or(Value::Null, version));
            }
            Value::Object(map)
        }
    }
}

/// A stored value in its JSON form. Numbers are JSON numbers here, as in the back end's report.
pub(super) fn key_json(soql_type: SoqlType, cell: Cell<'_>, cipher: &RowIdCipher) -> Value {
    if let (SoqlType::Number, Cell::Text(text)) = (soql_type, cell) {
        let raw = String::from_utf8_lossy(text).into_owned();
        return number_key(&raw).map_or_else(|| Value::String(raw), Value::Number);
    }
    stored_json(soql_type, cell, cipher)
}

/// The number; none when JSON's readers cannot hold its value exactly, so that it keeps its text.
fn number_key(text: &str) -> Option<serde_json::Number> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    let read_back = value::canonical_number(&number.to_string())?;
    value::compare_numbers(&read_back, text).is_eq().then_some(number)
}

fn stored_json(soql_type: SoqlType, cell: Cell<'_>, cipher: &RowIdCipher) -> Value {
    let stored = match cell {
        Cell::Null => return Value::Null,
        Cell::Int(v) => StoredRef::Int(v),
        Cell::Real(v) => StoredRef::Real(v),
        Cell::Text(t) => StoredRef::Text(std::str::from_utf8(t).unwrap_or("")),
    };
    let mut out = Vec::new();
    value::write_json(soql_type, &stored, cipher, &mut out);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}
