//! Bytes to typed rows. Each decoder takes the body in pieces, holds at most one row of text,
//! and leaves compact batches behind that the writer can store without looking at text again.

mod batch;
mod csv;
mod form;
mod geojson;
mod json;
mod rows;
mod scan;
mod window;

pub use batch::{Batch, Cell, RowRef, VersionLock};
pub use rows::{RowLayout, Rows, Warnings};
pub(crate) use scan::normal;

use crate::soda::SodaError;
use window::Steps as _;

/// The longest text of one row, in bytes, unless set otherwise.
pub const MAX_ROW: usize = 16 * 1024 * 1024;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// An array of rows, or one object.
    Json,
    /// Comma-separated values with a header line.
    Csv,
    /// Tab-separated values with a header line.
    Tsv,
    /// A FeatureCollection.
    GeoJson,
    /// One row as `application/x-www-form-urlencoded`.
    Form,
}

/// What kind of top level a JSON body may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopLevel {
    /// An array only.
    Array,
    /// An array or one object.
    ArrayOrObject,
}

/// A decoder of any format.
#[derive(Debug)]
pub enum Decoder {
    /// JSON rows.
    Json(json::JsonDecoder),
    /// CSV or TSV rows.
    Csv(Box<csv::CsvDecoder>),
    /// GeoJSON features.
    GeoJson(geojson::GeoJsonDecoder),
    /// One form row.
    Form(form::FormDecoder),
}

impl Decoder {
    /// A decoder for a body of this format.
    pub fn new(format: BodyFormat, top_level: TopLevel, max_row: usize) -> Self {
        match format {
            BodyFormat::Json => Self::Json(json::JsonDecoder::new(top_level, max_row)),
            BodyFormat::Csv => Self::Csv(Box::new(csv::CsvDecoder::new(b',', max_row))),
            BodyFormat::Tsv => Self::Csv(Box::new(csv::CsvDecoder::new(b'\t', max_row))),
            BodyFormat::GeoJson => Self::GeoJson(geojson::GeoJsonDecoder::new(max_row)),
            BodyFormat::Form => Self::Form(form::FormDecoder::new(max_row)),
        }
    }

    /// Takes the next piece of the body.
    pub fn feed(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        match self {
            Self::Json(d) => d.take(bytes, rows),
            Self::Csv(d) => d.feed(bytes, rows),
            Self::GeoJson(d) => d.take(bytes, rows),
            Self::Form(d) => d.feed(bytes),
        }
    }

    /// The body has ended.
    pub fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        match self {
            Self::Json(d) => d.finish(rows),
            Self::Csv(d) => d.finish(rows),
            Self::GeoJson(d) => d.finish(rows),
            Self::Form(d) => d.finish(rows),
        }
    }

    /// Whether the body was one JSON object and not an array.
    pub fn is_single_object(&self) -> bool {
        matches!(self, Self::Json(d) if d.is_single_object())
    }
}
