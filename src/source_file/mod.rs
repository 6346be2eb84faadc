//! Uploaded files as rows of cells: CSV, TSV, XLSX, XLS, GeoJSON, KML, KMZ and zipped shapefiles, and the types that
//! the cells of a column could have.
//!
//! Bytes come from a [`Read`] and [`Seek`] that the caller gives; no file is opened here. A row is held at a time, so
//! that memory does not grow with the file; what a format needs to hold beyond that has a bound in [`Bounds`].
//! Reading is deterministic: the same bytes and options give the same columns and rows again.

mod archive;
mod bounds;
mod cells;
mod error;
mod geo;
mod guess;
mod kind;
mod names;
mod options;
pub mod scan;
pub mod sdiff;
mod sniff;
mod table;
mod text;
mod workbook;
mod xml;

pub use bounds::Bounds;
pub use cells::{Cells, InputColumn, Malformed, RowFault, SourceRow};
pub use error::{FileError, FileErrorKey};
pub use guess::{Guess, GuessedColumn};
pub use kind::FileKind;
pub use options::{OptionError, ParseOptions};

use geo::{GeoJson, Kml, KmlBytes, Places, Shapefile};
use std::io::{Read, Seek};
use table::Table;
use text::{Charset, Delimited, Utf8};
use workbook::{XlsSheet, XlsxSheet};

/// The rows of a file, in its order.
pub trait SourceRows: Send {
    /// The columns, in the order of a row's cells.
    fn columns(&self) -> &[InputColumn];

    /// The next row; none at the end. Rows of empty cells are not among them where the options remove these.
    /// After an error nothing more can be read.
    fn next(&mut self) -> Result<Option<SourceRow<'_>>, FileError>;
}

/// What bytes of a file are read from. They are read from their start, whatever their position is.
pub trait Bytes: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> Bytes for T {}

/// Begins to read a file of this kind. The columns are known then, and whether the bytes are of that kind.
pub fn open(
    kind: FileKind,
    options: &ParseOptions,
    bytes: impl Bytes,
    bounds: &Bounds,
) -> Result<Box<dyn SourceRows>, FileError> {
    match kind {
        FileKind::Csv | FileKind::Tsv => delimited(kind, options, bytes, bounds),
        FileKind::Xlsx => Ok(Box::new(Table::new(XlsxSheet::new(bytes, bounds)?, options, bounds)?)),
        FileKind::GeoJson => Ok(Box::new(Places::new(GeoJson::new(bytes, bounds)?, bounds)?)),
        FileKind::Kml | FileKind::Kmz => {
            let bytes = KmlBytes::new(kind, bytes, bounds)?;
            Ok(Box::new(Places::new(Kml::new(kind, bytes, bounds)?, bounds)?))
        }
        FileKind::Shapefile => Ok(Box::new(Shapefile::new(bytes, bounds)?)),
        FileKind::Xls => Ok(Box::new(Table::new(XlsSheet::new(bytes, bounds)?, options, bounds)?)),
    }
}

fn delimited(
    kind: FileKind,
    options: &ParseOptions,
    mut bytes: impl Bytes,
    bounds: &Bounds,
) -> Result<Box<dyn SourceRows>, FileError> {
    sniff::refuse_binary(kind, &mut bytes)?;
    let charset = options.encoding.as_deref().and_then(Charset::named);
    let text = Utf8::new(bytes, charset)?;
    let records = Delimited::new(text, options.separator(kind), options.quote(), bounds);
    Ok(Box::new(Table::new(records, options, bounds)?))
}
