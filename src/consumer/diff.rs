//! What differs between two states of the data: datasets, columns, rows, fields.

use super::shown::{row_id, row_key, row_object};
use crate::api::{
    DatasetDiff, DiffCounts, DiffKind, DiffRow, DiffVersions, FieldChange, Named, SchemaChange,
};
use crate::soda::value::to_json;
use crate::soda::{Column, Dataset, SystemField, Value};
use crate::store::compare::{Identity, Pair, State, merge};
use crate::store::history::StoredRow;
use crate::store::versions::Versions;
use crate::store::{Catalogue, Entry, ReadTx, StoreError};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes of the rows that are listed of all datasets together; others are counted.
const LISTED_BYTES: usize = 8 << 20;

/// A row that differs, as JSON.
pub type DiffRowText = Box<RawValue>;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Only this dataset.
    pub dataset: Option<String>,
    /// Rows that are listed of each dataset at most.
    pub limit: usize,
    /// Differing rows of each dataset that are not listed at first.
    pub offset: usize,
}

/// Compares two states, dataset by dataset in the order of their ids. Each is inside a
/// transaction of its own.
pub fn diff(
    before: &ReadTx<'_>,
    after: &ReadTx<'_>,
    bounds: &Bounds,
) -> Result<Vec<DatasetDiff<DiffRowText>>, StoreError> {
    let (old, new) = (Catalogue::load(before, false)?, Catalogue::load(after, false)?);
    let ids: BTreeSet<String> =
        old.all().into_iter().chain(new.all()).map(|e| e.dataset.id.as_str().to_owned()).collect();
    let wanted = |id: &&String| bounds.dataset.as_ref().is_none_or(|only| only.eq_ignore_ascii_case(id));
    let mut room = LISTED_BYTES;
    ids.iter()
        .filter(wanted)
        .map(|id| compare((before, old.find(id)), (after, new.find(id)), id, bounds, &mut room))
        .collect()
}

type Half<'a> = (&'a ReadTx<'a>, Option<&'a Arc<Entry>>);

fn compare(
    before: Half<'_>,
    after: Half<'_>,
    id: &str,
    bounds: &Bounds,
    room: &mut usize,
) -> Result<DatasetDiff<DiffRowText>, StoreError> {
    let (old, new) = (before.1.map(|e| &e.dataset), after.1.map(|e| &e.dataset));
    let identity = match (old, new) {
        (Some(old), Some(new)) => Identity::of(old, new),
        (Some(only), None) | (None, Some(only)) => Identity::of(only, only),
        (None, None) => Identity::Id,
    };
    let place = |column: &Column| (column.field_name.clone(), column.soql_type);
    let mut rows = RowDiff {
        before: before.1,
        after: after.1,
        bounds,
        same_columns: columns(before.1).iter().map(place).eq(columns(after.1).iter().map(place)),
        counts: DiffCounts::default(),
        listed: Vec::new(),
        room,
    };
    merge(state(before), state(after), identity, |pair| rows.take(pair))?;
    let RowDiff { counts, listed, .. } = rows;
    let (differing, through) = (counts.differing(), (bounds.offset + listed.len()) as u64);
    let schema = match (old, new) {
        (Some(old), Some(new)) => schema_changes(old, new),
        _ => Vec::new(),
    };
    let any = new.or(old);
    let kind = match (old, new) {
        (None, _) => DiffKind::Added,
        (_, None) => DiffKind::Removed,
        _ if counts.differing() > 0 || !schema.is_empty() => DiffKind::Changed,
        _ => DiffKind::Same,
    };
    Ok(DatasetDiff {
        id: id.to_owned(),
        name: any.map_or_else(String::new, |d| d.name.clone()),
        kind,
        by: match (identity, any) {
            (Identity::RowIdentifier, Some(dataset)) => dataset.key().0.to_owned(),
            _ => SystemField::Id.name().to_owned(),
        },
        versions: DiffVersions { before: version(before)?, after: version(after)? },
        schema,
        rows: counts,
        left_out: differing.saturating_sub(listed.len() as u64),
        next_offset: (through < differing).then_some(through),
        changes: listed,
    })
}

fn columns(entry: Option<&Arc<Entry>>) -> &[Column] {
    entry.map_or(&[], |entry| &entry.dataset.columns)
}

fn state<'a>((tx, entry): Half<'a>) -> Option<State<'a>> {
    entry.map(|entry| State { tx, dataset: &entry.dataset })
}

fn version((tx, entry): Half<'_>) -> Result<Option<i64>, StoreError> {
    entry.map(|entry| Ok(Versions::of(tx, &entry.dataset)?.data_version)).transpose()
}

/// A column and its place in a row; none when the state has no such column.
type Place<'a> = Option<(usize, &'a Column)>;

/// The rows of one dataset, counted, and listed within bounds.
struct RowDiff<'a> {
    before: Option<&'a Arc<Entry>>,
    after: Option<&'a Arc<Entry>>,
    bounds: &'a Bounds,
    same_columns: bool,
    counts: DiffCounts,
    listed: Vec<DiffRowText>,
    /// Bytes that may still be listed; the row that takes the last of them is listed whole.
    room: &'a mut usize,
}

impl RowDiff<'_> {
    fn take(&mut self, pair: Pair<'_>) {
        let at = self.counts.differing();
        let listed =
            at >= self.bounds.offset as u64 && self.listed.len() < self.bounds.limit && *self.room > 0;
        match pair {
            Pair::Removed(row) => {
                self.counts.removed += 1;
                self.list(listed, DiffKind::Removed, Some(row), None, Named::default());
            }
            Pair::Added(row) => {
                self.counts.added += 1;
                self.list(listed, DiffKind::Added, None, Some(row), Named::default());
            }
            Pair::Both(old, new) => {
                if self.same_values(old, new) {
                    if old.version == new.version {
                        self.counts.same += 1
                    } else {
                        self.counts.rewritten += 1
                    }
                    return;
                }
                self.counts.changed += 1;
                let fields = if listed { self.fields(old, new) } else { Named::default() };
                self.list(listed, DiffKind::Changed, Some(old), Some(new), fields);
            }
        }
    }

    fn list(
        &mut self,
        listed: bool,
        kind: DiffKind,
        old: Option<&StoredRow>,
        new: Option<&StoredRow>,
        fields: Named<FieldChange>,
    ) {
        let object = |entry: Option<&Arc<Entry>>, row: Option<&StoredRow>| {
            entry.zip(row).map(|(entry, row)| row_object(&entry.dataset, row, &entry.cipher))
        };
        let named = self.after.zip(new).or(self.before.zip(old));
        if let Some((entry, row)) = named.filter(|_| listed) {
            let (before, after) = (object(self.before, old), object(self.after, new));
            let (key, id) = (row_key(entry, row), row_id(entry, row));
            if let Ok(text) = to_raw_value(&DiffRow { kind, key, id, fields, before, after }) {
                *self.room = self.room.saturating_sub(text.get().len());
                self.listed.push(text);
            }
        }
    }

    /// The columns of both states, by field name, each with its place.
    fn pairs(&self) -> impl Iterator<Item = (Place<'_>, Place<'_>)> {
        let (old, new) = (columns(self.before), columns(self.after));
        let both = new.iter().enumerate().map(move |(at, column)| {
            let same = old.iter().enumerate().find(|(_, c)| c.field_name == column.field_name);
            (same, Some((at, column)))
        });
        let gone =
            old.iter().enumerate().filter(move |(_, c)| new.iter().all(|n| n.field_name != c.field_name));
        both.chain(gone.map(|old| (Some(old), None)))
    }

    /// Values of fields that both states have; a field that one has not is no change of the row
    /// while it is null.
    fn same_values(&self, old: &StoredRow, new: &StoredRow) -> bool {
        if self.same_columns { old.cells == new.cells } else { self.fields(old, new).0.is_empty() }
    }

    fn fields(&self, old: &StoredRow, new: &StoredRow) -> Named<FieldChange> {
        let mut fields = Named::default();
        for (before, after) in self.pairs() {
            let value = |entry: Option<&Arc<Entry>>, row: &StoredRow, place: Place<'_>| {
                let (at, column) = place?;
                let cell = row.cells.get(at).filter(|cell| **cell != Value::Null)?;
                Some(to_json(column.soql_type, cell, &entry?.cipher))
            };
            let (a, b) = (value(self.before, old, before), value(self.after, new, after));
            if a != b
                && let Some((_, column)) = after.or(before)
            {
                fields.0.push((column.field_name.clone(), FieldChange { before: a, after: b }));
            }
        }
        fields
    }
}

/// Differences of columns and of what the dataset is called.
fn schema_changes(old: &Dataset, new: &Dataset) -> Vec<SchemaChange> {
    let mut changes = Vec::new();
    let mut facts = |what: &str, before: Json, after: Json| {
        if before != after {
            changes.push(SchemaChange { what: what.to_owned(), before, after });
        }
    };
    facts("name", json!(old.name), json!(new.name));
    facts("resourceName", json!(old.resource_name), json!(new.resource_name));
    facts("scope", json!(old.permissions.scope), json!(new.permissions.scope));
    facts("shares", json!(old.permissions.shares), json!(new.permissions.shares));
    facts("owner", json!(old.owner), json!(new.owner));
    facts("stage", json!(old.stage.name()), json!(new.stage.name()));
    facts("row_identifier", json!(old.key().0), json!(new.key().0));
    let described = |column: Option<&Column>| {
        column.map(|c| json!({ "fieldName": c.field_name, "name": c.name, "dataTypeName": c.data_type_name }))
    };
    let find =
        |dataset: &'_ Dataset, field: &str| described(dataset.columns.iter().find(|c| c.field_name == field));
    let gone = old.columns.iter().filter(|c| new.columns.iter().all(|n| n.field_name != c.field_name));
    for column in new.columns.iter().chain(gone) {
        let field = &column.field_name;
        facts(&format!("column {field}"), json!(find(old, field)), json!(find(new, field)));
    }
    changes
}
