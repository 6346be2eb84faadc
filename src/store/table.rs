//! The SQL of one dataset's table, made once and kept with the catalogue's entry.

use super::versions::VERSIONS;
use crate::soda::{Column, Dataset, OutputColumns, SoqlType, SystemField};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// So many kinds of rows are kept.
const MAX_SHAPES: usize = 256;

/// The statement for rows that carry the same fields in the same order.
#[derive(Debug)]
pub struct Shape {
    /// The statement.
    pub sql: String,
    /// The parameter of each cell.
    pub parameters: Vec<usize>,
}

/// The query for one row by what identifies it, which is its only parameter.
#[derive(Debug)]
pub struct RowQuery {
    /// The query.
    pub sql: Arc<str>,
    /// The same behind the dataset's versions, so that one statement sees both at one moment.
    pub with_versions: Arc<str>,
    /// Names and types of what it gives.
    pub columns: Arc<OutputColumns>,
}

impl RowQuery {
    fn new(dataset: &Dataset, system: bool) -> Self {
        let system_fields = SystemField::OF_STAR.into_iter().filter(|_| system);
        let system_fields =
            system_fields.map(|f| (f.column().to_owned(), (f.name().to_owned(), f.soql_type())));
        let own = dataset.columns.iter().map(|c| (c.sql(), (c.field_name.clone(), c.soql_type)));
        let (list, columns): (Vec<_>, Vec<_>) = system_fields.chain(own).unzip();
        let by = dataset.key_sql();
        let table = dataset.table();
        let shown = if list.is_empty() { "1".to_owned() } else { list.join(",") };
        let sql = format!("SELECT {shown} FROM {table} WHERE {by}=?1");
        let with_versions = format!(
            "SELECT {VERSIONS}{} FROM datasets CROSS JOIN {table} AS r WHERE datasets.number={} AND r.{by}=?1",
            list.iter().fold(String::new(), |text, column| text + ",r." + column),
            dataset.number
        );
        Self { sql: sql.into(), with_versions: with_versions.into(), columns: Arc::new(columns.into()) }
    }
}

/// Names of a table and its columns, and the statements made of them.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns' names.
    pub columns: Vec<String>,
    /// The index of the publisher's row identifier.
    pub key: Option<u16>,
    /// Whether equal values of it may be written differently, as numbers are: 1 and 1.0.
    key_respells: bool,
    rows: [OnceLock<RowQuery>; 2],
    before: OnceLock<String>,
    merging: Mutex<HashMap<Vec<u16>, Arc<Shape>>>,
    clearing: Mutex<HashMap<Vec<u16>, Arc<Shape>>>,
}

impl Table {
    /// The table of a dataset.
    pub fn new(dataset: &Dataset) -> Self {
        Self {
            name: dataset.table(),
            columns: dataset.columns.iter().map(Column::sql).collect(),
            key: dataset.row_identifier.and_then(|k| u16::try_from(k).ok()),
            key_respells: dataset.key_column().is_some_and(|c| c.soql_type == SoqlType::Number),
            rows: [const { OnceLock::new() }; 2],
            before: OnceLock::new(),
            merging: Mutex::default(),
            clearing: Mutex::default(),
        }
    }

    /// The query for a row by what identifies it: its system columns, then all others as they are. `dataset` is the
    /// one that the table was made for.
    pub(super) fn whole_row(&self, dataset: &Dataset) -> &str {
        self.before.get_or_init(|| {
            let (list, by) = (dataset.row_columns(), dataset.key_sql());
            format!("SELECT {list} FROM {} WHERE {by}=?1", self.name)
        })
    }

    /// The query for one row of that dataset; with system fields when they are asked for.
    pub(super) fn row_query(&self, dataset: &Dataset, system: bool) -> &RowQuery {
        self.rows[usize::from(system)].get_or_init(|| RowQuery::new(dataset, system))
    }

    /// The insert, or upsert, of rows with these columns in this order; `merge` keeps columns that
    /// are not among them.
    pub fn shape(&self, sequence: &[u16], merge: bool) -> Arc<Shape> {
        let shapes = if merge { &self.merging } else { &self.clearing };
        let mut shapes = shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = shapes.get(sequence) {
            return Arc::clone(shape);
        }
        if shapes.len() >= MAX_SHAPES {
            shapes.clear();
        }
        let shape = Arc::new(self.make(sequence, merge));
        shapes.insert(sequence.to_vec(), Arc::clone(&shape));
        shape
    }

    fn make(&self, sequence: &[u16], merge: bool) -> Shape {
        let mut sorted = sequence.to_vec();
        sorted.sort_unstable();
        let mut names = String::new();
        let mut marks = String::new();
        let mut sets = String::new();
        for (position, index) in sorted.iter().enumerate() {
            let column = &self.columns[usize::from(*index)];
            let _ = write!(names, ",{column}");
            let _ = write!(marks, ",?{}", position + 4);
            // A row identifier that is set is taken out of its index and put in again.
            if self.key != Some(*index) || self.key_respells {
                let _ = write!(sets, ",{column}=excluded.{column}");
            }
        }
        if !merge {
            let missing =
                (0u16..).zip(&self.columns).filter(|(index, _)| sorted.binary_search(index).is_err());
            for (_, column) in missing {
                let _ = write!(sets, ",{column}=NULL");
            }
        }
        let conflict = self.key.map_or(String::new(), |key| {
            let key = &self.columns[usize::from(key)];
            format!(" ON CONFLICT({key}) DO UPDATE SET version=?1,updated_at=?3{sets}")
        });
        let sql = format!(
            "INSERT INTO {}(sid,version,created_at,updated_at{names}) VALUES(?1,?2,?3,?3{marks}){conflict}",
            self.name
        );
        let parameters = sequence
            .iter()
            .map(|column| sorted.binary_search(column).map_or(4, |position| position + 4))
            .collect();
        Shape { sql, parameters }
    }
}
