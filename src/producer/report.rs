//! What became of an upload, and the three shapes in which it is told.

use crate::memory::Held;
use crate::soda::value::{self, RowIdCipher, to_json};
use crate::soda::{self, SoqlType};
use crate::store::history::Recording;
use crate::store::rows::{RowErrorKind, RowOutcome};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

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

/// One row of an upload, with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedRow {
    /// Zero-based position in the payload.
    pub index: u64,
    /// What happened.
    pub outcome: RowOutcome,
    /// The key; null when the row had none.
    pub key: Key,
}

/// A row's key as JSON text. A number has all its digits, which few readers of JSON keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Box<str>);

impl Key {
    /// The key of a row that has none.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// Whether the row has none.
    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    /// Its JSON text.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// As a value; a number that a value cannot hold exactly is its text.
    pub fn value(&self) -> Value {
        let value = serde_json::from_str(&self.0).unwrap_or(Value::Null);
        let exact = |number: &serde_json::Number| {
            let read_back = value::canonical_number(&number.to_string());
            read_back.is_some_and(|read_back| value::compare_numbers(&read_back, &self.0).is_eq())
        };
        match value {
            Value::Number(number) if !exact(&number) => Value::from(&*self.0),
            value => value,
        }
    }

    /// As plain text.
    pub fn text(&self) -> String {
        serde_json::from_str(&self.0).unwrap_or_else(|_| self.0.to_string())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// The first row errors and the first other rows of an upload, for those who look at it later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptRows {
    /// The rows, in the order of the payload.
    pub rows: Vec<ReportedRow>,
    /// Row errors among them.
    pub errors: usize,
    /// Rows whose outcome was not kept.
    pub dropped: u64,
}

impl KeptRows {
    /// Whether the next row belongs in; counts it when it does not. `bound` holds for row errors and
    /// for other rows, each.
    #[inline]
    pub fn wants(&mut self, outcome: RowOutcome, bound: usize) -> bool {
        let taken = match outcome {
            RowOutcome::Error { .. } => self.errors,
            _ => self.rows.len() - self.errors,
        };
        let wanted = taken < bound;
        self.dropped += u64::from(!wanted);
        wanted
    }

    /// Takes a row that is wanted.
    pub fn push(&mut self, row: ReportedRow) {
        self.errors += usize::from(matches!(row.outcome, RowOutcome::Error { .. }));
        self.rows.push(row);
    }
}

/// Counts of an upload, and outcomes as far as asked for.
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
    /// Outcomes as far as asked for.
    pub outcomes: Vec<ReportedRow>,
    /// The memory that the outcomes have.
    pub held: Option<Arc<Held>>,
    /// Outcomes for the journal.
    pub kept: KeptRows,
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
    pub fn count(&mut self, outcome: RowOutcome, keyed: bool) {
        self.rows += 1;
        match outcome {
            RowOutcome::Created { .. } => self.created += 1,
            RowOutcome::Updated { .. } => self.updated += 1,
            RowOutcome::Deleted => self.deleted += 1,
            RowOutcome::Error { .. } => self.errors += 1,
        }
        if matches!(outcome, RowOutcome::Updated { .. } | RowOutcome::Deleted) {
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
        #[derive(Serialize)]
        struct Body<'r> {
            rows_created: u64,
            rows_updated: u64,
            rows_deleted: u64,
            errors: Vec<RowError<'r>>,
        }
        #[derive(Serialize)]
        struct RowError<'r> {
            error: &'static str,
            input_index: u64,
            primary_key: Cow<'r, Key>,
        }
        let error = |row: &'_ ReportedRow| match row.outcome {
            RowOutcome::Error { kind, .. } => Some(kind),
            _ => None,
        };
        let errors = self.outcomes.iter().filter_map(|row| {
            let none = row.key.is_null().then(|| Cow::Owned(Key("\"\"".into())));
            Some(RowError {
                error: error(row)?.name(),
                input_index: row.index,
                primary_key: none.unwrap_or(Cow::Borrowed(&row.key)),
            })
        });
        line(&Body {
            rows_created: self.created,
            rows_updated: self.updated,
            rows_deleted: self.deleted,
            errors: errors.collect(),
        })
    }

    /// One item per row (source: the back end's own report).
    pub fn raw(&self, cipher: &RowIdCipher) -> Vec<u8> {
        let mut body = Vec::new();
        let mut json = serde_json::Serializer::new(&mut body);
        // Neither memory nor the types fail to be written.
        let _ = json.collect_seq(self.outcomes.iter().map(|row| Item::of(row, cipher)));
        body.push(b'\n');
        body
    }
}

/// Compact JSON and the end of a line.
fn line(value: &impl Serialize) -> Vec<u8> {
    let mut body = serde_json::to_vec(value).unwrap_or_default();
    body.push(b'\n');
    body
}

/// What the back end's own report says of a row (source).
#[derive(Serialize)]
pub struct Item<'r> {
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    err: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ver: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<Value>,
}

impl<'r> Item<'r> {
    const NONE: Self = Self { typ: "error", err: None, id: None, ver: None, expected: None, actual: None };

    /// A row that was deleted.
    pub fn deleted(key: &'r Key) -> Self {
        Self { typ: "delete", id: Some(key), ..Self::NONE }
    }

    fn of(row: &'r ReportedRow, cipher: &RowIdCipher) -> Self {
        let version = |v: i64| to_json(SoqlType::RowVersion, &soda::Value::Int(v), cipher);
        let id = Some(&row.key);
        match row.outcome {
            RowOutcome::Created { version: v, .. } => {
                Self { typ: "insert", id, ver: Some(version(v)), ..Self::NONE }
            }
            RowOutcome::Updated { version: v } => {
                Self { typ: "update", id, ver: Some(version(v)), ..Self::NONE }
            }
            RowOutcome::Deleted => Self::deleted(&row.key),
            RowOutcome::Error { kind, expected, actual } => {
                let nameless = matches!(kind, RowErrorKind::NoPrimaryKey | RowErrorKind::VersionOnNewRow);
                let lock = |v: Option<i64>| {
                    (kind == RowErrorKind::VersionMismatch).then(|| v.map_or(Value::Null, version))
                };
                Self {
                    err: Some(kind.name()),
                    id: id.filter(|_| !nameless),
                    expected: lock(expected),
                    actual: lock(actual),
                    ..Self::NONE
                }
            }
        }
    }
}

/// A stored value as a key. Numbers are JSON numbers here, as in the back end's report.
pub(super) fn key_of(soql_type: SoqlType, key: &soda::Value<'_>, cipher: &RowIdCipher) -> Key {
    match (soql_type, key) {
        // The stored text of a number is one of JSON.
        (SoqlType::Number, soda::Value::Text(text)) => Key(text.as_ref().into()),
        _ => Key(to_json(soql_type, key, cipher).to_string().into()),
    }
}
