//! What became of the rows of one request.

use crate::api::{self, RowCounts};
use crate::producer::{KeptRows, ReportedRow, UpsertReport};
use crate::soda::value::{RowIdCipher, to_json};
use crate::soda::{self, SoqlType};
use crate::store::rows::{RowErrorKind, RowOutcome};
use serde_json::Value;
use std::sync::Arc;

impl RowCounts {
    /// The counts of a report.
    pub fn of(report: &UpsertReport) -> Self {
        Self {
            created: report.created,
            updated: report.updated,
            deleted: report.deleted,
            errors: report.errors,
        }
    }
}

/// The outcomes of rows, as far as they are kept.
#[derive(Clone, Debug)]
pub struct RowOutcomes {
    pub kept: KeptRows,
    /// The field that identifies rows.
    pub key_field: Box<str>,
    /// Writes `:id`.
    pub cipher: Arc<RowIdCipher>,
}

impl RowOutcomes {
    /// The outcome of each row, in the order of the payload.
    pub fn shown(&self) -> Vec<api::RowFate> {
        self.kept.rows.iter().map(|row| self.row(row)).collect()
    }

    /// The kinds of the row errors that are kept, with their reasons.
    pub(super) fn errors(&self) -> impl Iterator<Item = (RowErrorKind, String)> {
        self.kept.rows.iter().filter_map(|row| match row.outcome {
            RowOutcome::Error { kind, .. } => Some((kind, self.reason(kind, row))),
            _ => None,
        })
    }

    /// The `:id`s of rows that are kept and were created.
    pub(super) fn shown_ids(&self) -> impl Iterator<Item = Value> {
        self.kept.rows.iter().filter_map(|row| match row.outcome {
            RowOutcome::Created { id, .. } => Some(self.system(SoqlType::RowIdentifier, id)),
            _ => None,
        })
    }

    /// Bytes, about.
    pub(super) fn weight(&self) -> usize {
        let row = |row: &ReportedRow| size_of::<ReportedRow>() + row.key.json().len();
        self.kept.rows.iter().map(row).sum::<usize>() + self.key_field.len()
    }

    fn row(&self, row: &ReportedRow) -> api::RowFate {
        let (outcome, code, id) = match row.outcome {
            RowOutcome::Created { id, .. } => ("created", None, Some(id)),
            RowOutcome::Updated { .. } => ("updated", None, None),
            RowOutcome::Deleted => ("deleted", None, None),
            RowOutcome::Error { kind, .. } => ("error", Some(kind), None),
        };
        let id = if self.key_field.starts_with(':') {
            row.key.value()
        } else {
            id.map_or(Value::Null, |id| self.system(SoqlType::RowIdentifier, id))
        };
        api::RowFate {
            index: row.index,
            fate: outcome.to_owned(),
            code: code.map(|kind| kind.name().to_owned()),
            reason: code.map(|kind| self.reason(kind, row)),
            key: row.key.value(),
            id,
        }
    }

    /// Why a row was not stored, in words.
    fn reason(&self, kind: RowErrorKind, row: &ReportedRow) -> String {
        let key = row.key.text();
        match kind {
            RowErrorKind::NoPrimaryKey => {
                format!("the row has no value for {}, which identifies rows", self.key_field)
            }
            RowErrorKind::NoSuchRowToUpdate => format!("no such row to update: {} {key}", self.key_word()),
            RowErrorKind::NoSuchRowToDelete => format!("no such row to delete: {} {key}", self.key_word()),
            RowErrorKind::VersionOnNewRow => {
                format!(":version was sent for a row that does not exist yet: {} {key}", self.key_word())
            }
            RowErrorKind::VersionMismatch => {
                let (expected, actual) = match row.outcome {
                    RowOutcome::Error { expected, actual, .. } => (expected, actual),
                    _ => (None, None),
                };
                let shown = |v: Option<i64>| {
                    v.map_or_else(
                        || "none".to_owned(),
                        |v| {
                            self.system(SoqlType::RowVersion, v).as_str().map_or(String::new(), str::to_owned)
                        },
                    )
                };
                format!(
                    "the row has another :version: {} {key} has {}, the request expects {}",
                    self.key_word(),
                    shown(expected),
                    shown(actual)
                )
            }
        }
    }

    fn key_word(&self) -> &str {
        if self.key_field.starts_with(':') { &self.key_field } else { "key" }
    }

    fn system(&self, soql_type: SoqlType, number: i64) -> Value {
        to_json(soql_type, &soda::Value::Int(number), &self.cipher)
    }
}
