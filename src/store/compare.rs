//! The rows of two states of a dataset side by side, in the order of what identifies them.

use super::StoreError;
use super::history::StoredRow;
use super::tx::ReadTx;
use crate::soda::value::compare_numbers;
use crate::soda::{Dataset, SoqlType, SystemField, Value};
use rusqlite::Rows;
use std::cmp::Ordering;

/// A state of a dataset.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Where it lies.
    pub tx: &'a ReadTx<'a>,
    /// What it is.
    pub dataset: &'a Dataset,
}

/// What identifies rows in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The publisher's row identifier, which is the same column with the same type in both states.
    RowIdentifier,
    /// `:id`.
    Id,
}

impl Identity {
    /// What two states can be compared by.
    pub fn of(before: &Dataset, after: &Dataset) -> Self {
        let same = before.key() == after.key() && before.key_column().is_some();
        if same { Self::RowIdentifier } else { Self::Id }
    }
}

/// Two rows that are the same one, or one that the other state has not.
#[derive(Clone, Copy, Debug)]
pub enum Pair<'r> {
    /// Only before.
    Removed(&'r StoredRow),
    /// Only after.
    Added(&'r StoredRow),
    /// In both.
    Both(&'r StoredRow, &'r StoredRow),
}

/// Calls `each` for every row of either state; no more than two rows are held at a time.
pub fn merge(
    before: Option<State<'_>>,
    after: Option<State<'_>>,
    identity: Identity,
    mut each: impl FnMut(Pair<'_>),
) -> Result<(), StoreError> {
    let (mut before_statement, mut after_statement) = (
        before.map(|s| s.tx.prepare_cached(&select(s.dataset, identity))).transpose()?,
        after.map(|s| s.tx.prepare_cached(&select(s.dataset, identity))).transpose()?,
    );
    let mut old = Side::new(before_statement.as_mut().map(|s| s.query([])).transpose()?, before);
    let mut new = Side::new(after_statement.as_mut().map(|s| s.query([])).transpose()?, after);
    old.step()?;
    new.step()?;
    loop {
        let order = match (&old.row, &new.row) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => compare(&old, a, &new, b, identity),
        };
        match (order, &old.row, &new.row) {
            (Ordering::Less, Some(row), _) => each(Pair::Removed(row)),
            (Ordering::Greater, _, Some(row)) => each(Pair::Added(row)),
            (_, Some(a), Some(b)) => each(Pair::Both(a, b)),
            _ => return Ok(()),
        }
        if order.is_le() {
            old.step()?;
        }
        if order.is_ge() {
            new.step()?;
        }
    }
}

fn select(dataset: &Dataset, identity: Identity) -> String {
    let by = match identity {
        Identity::RowIdentifier => dataset.key_sql(),
        Identity::Id => SystemField::Id.column().to_owned(),
    };
    format!("SELECT {} FROM {} ORDER BY {by}", dataset.row_columns(), dataset.table())
}

struct Side<'s> {
    rows: Option<Rows<'s>>,
    columns: usize,
    key: Option<usize>,
    key_type: SoqlType,
    row: Option<StoredRow>,
}

impl<'s> Side<'s> {
    fn new(rows: Option<Rows<'s>>, state: Option<State<'_>>) -> Self {
        let dataset = state.map(|s| s.dataset);
        Self {
            rows,
            columns: dataset.map_or(0, |d| d.columns.len()),
            key: dataset.and_then(|d| d.row_identifier),
            key_type: dataset.map_or(SoqlType::Text, |d| d.key().1),
            row: None,
        }
    }

    fn step(&mut self) -> Result<(), StoreError> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        self.row = match rows.next()? {
            Some(row) => Some(StoredRow::read(row, self.columns)?),
            None => None,
        };
        Ok(())
    }

    fn key<'r>(&self, row: &'r StoredRow) -> &'r Value<'static> {
        self.key.and_then(|index| row.cells.get(index)).unwrap_or(&Value::Null)
    }
}

fn compare(old: &Side<'_>, a: &StoredRow, new: &Side<'_>, b: &StoredRow, identity: Identity) -> Ordering {
    if identity == Identity::Id {
        return a.id.cmp(&b.id);
    }
    match (old.key(a), new.key(b)) {
        (Value::Text(a), Value::Text(b)) if old.key_type == SoqlType::Number => compare_numbers(a, b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        // One column has one storage class; this only keeps the order total.
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Null => 0,
        Value::Int(_) => 1,
        Value::Real(_) => 2,
        Value::Text(_) => 3,
    }
}
