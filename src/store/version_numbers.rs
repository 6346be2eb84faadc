//! What changes with every write of a dataset.

/// What changes with every write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// +1 per write.
    pub data_version: i64,
    /// +1 per change of columns.
    pub schema_version: i64,
    /// The number that the next row gets.
    pub next_number: i64,
    /// Unix milliseconds of the last write.
    pub rows_updated_at: i64,
}
