//! Rebuilds a database of unknown origin: nothing of the file is opened as data but values that were
//! checked one by one, in tables, indexes and views of our own making.

mod catalogue;
mod field;
mod rows;
mod source;

use super::connection::{Access, Backing, Profile};
use super::{Folder, Image, StoreError, TemporaryFile};
use rusqlite::types::ValueRef;
use source::Source;
pub(super) use source::is_row_table;
use std::sync::Arc;

/// So many characters of a value that is refused are told.
const SHOWN: usize = 60;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no database of ours.
    #[error(
        "the file is no snapshot of a soda-mock: {0}; send what GET /__mock/v1/snapshots/NAME/file gave, or a data file of serve --data"
    )]
    Foreign(String),
    /// A newer version wrote it.
    #[error(
        "the snapshot is of format {found}, but this version reads up to {known}; use the newer soda-mock that wrote it"
    )]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// Something in it cannot have been stored by us.
    #[error("{place}: {what}")]
    Wrong {
        /// The dataset, row and column.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// The copy could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    fn wrong(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Wrong { place: place.into(), what: what.into() }
    }

    /// A value other than the one that belongs there.
    fn unexpected(place: impl Into<String>, expected: &str, found: ValueRef<'_>) -> Self {
        Self::wrong(place, format!("expected {expected}, found {}", shown(found)))
    }
}

/// A value and its storage class, as far as it is told.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => format!("INTEGER {number}"),
        ValueRef::Real(number) => format!("REAL {number}"),
        ValueRef::Blob(bytes) => format!("a BLOB of {} bytes", bytes.len()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if text.chars().count() <= SHOWN => format!("TEXT {text:?}"),
            Ok(text) => format!("TEXT {:?}…", text.chars().take(SHOWN).collect::<String>()),
            Err(_) => format!("a TEXT of {} bytes that is not UTF-8", bytes.len()),
        },
    }
}

/// Rebuilds a file; the image has nothing in common with it but its values.
pub fn import(
    file: &Arc<TemporaryFile>,
    folder: &Arc<Folder>,
    strict_types: bool,
) -> Result<Arc<Image>, ImportError> {
    let source = Source::open(file)?;
    let mut scratch = Backing::Temporary(folder.file()).open(Access::Fill, Profile::IMAGE)?;
    let datasets = catalogue::read(&source, &mut scratch)?;
    drop(scratch);
    let (image, ()) = Image::build(folder, strict_types, |to| {
        datasets.into_iter().try_for_each(|dataset| rows::rebuild(&source, to, dataset))
    })?;
    Ok(image)
}
