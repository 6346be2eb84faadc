//! A dataset with what its rows need: how they are read, how their ids are written, the SQL of their table.

use super::table::{RowQuery, Table};
use crate::codec::RowLayout;
use crate::soda::Dataset;
use crate::soda::value::RowIdCipher;
use std::sync::Arc;

/// A dataset ready for use.
#[derive(Debug)]
pub struct Entry {
    /// What it is.
    pub dataset: Dataset,
    /// How its rows are read.
    pub layout: Arc<RowLayout>,
    /// How its row ids are written.
    pub cipher: Arc<RowIdCipher>,
    /// Its table's SQL.
    pub table: Table,
}

impl Entry {
    /// An entry for a dataset; `strict_types` goes into its row layout.
    pub fn new(dataset: Dataset, strict_types: bool) -> Self {
        let cipher = Arc::new(RowIdCipher::new(&dataset.id_key));
        let layout = Arc::new(RowLayout::new(&dataset, Arc::clone(&cipher), strict_types));
        let table = Table::new(&dataset);
        Self { dataset, layout, cipher, table }
    }
    /// The query for a row by what identifies it: its system columns, then all others as they are.
    pub(super) fn whole_row(&self) -> &str {
        self.table.whole_row(&self.dataset)
    }

    /// The query for one row; with system fields when they are asked for.
    pub fn row_query(&self, system: bool) -> &RowQuery {
        self.table.row_query(&self.dataset, system)
    }
}
