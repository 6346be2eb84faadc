//! Bytes to typed rows. Each decoder takes the body in pieces, holds at most one row of text,
//! and leaves compact batches behind that the writer can store without looking at text again.

mod batch;
mod csv;
mod definition;
mod form;
mod geojson;
mod json;
mod rows;
mod scan;
mod window;

pub use crate::soda::BodyFormat;
pub use batch::{Batch, RowRef, StoredRows, VersionLock};
pub use definition::{DefinitionDecoder, RowsText};
pub use geojson::GeoJsonFeatures;
pub use rows::{RowLayout, Rows, Warnings};
pub(crate) use scan::normal;

use crate::memory::Room;
use crate::soda::SodaError;
use crate::soda::hint::{Advice, At, Encoding, Place, UploadHint};
use window::Steps as _;

/// The longest text of one row, in bytes, unless set otherwise.
pub const MAX_ROW: usize = 16 * 1024 * 1024;
/// Bytes of text that a decoder holds without asking for room.
const FREE: usize = 256 * 1024;

/// The refusal of a row whose text finds no room.
fn no_room(row: &str) -> SodaError {
    SodaError::out_of_memory(&format!("A {row} is longer than there is memory for now"))
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
pub struct Decoder {
    format: BodyFormat,
    /// The first bytes, until there are enough to tell what they are.
    head: Option<Vec<u8>>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Json(json::JsonDecoder),
    Csv(Box<csv::CsvDecoder>),
    GeoJson(geojson::GeoJsonDecoder),
    Form(form::FormDecoder),
}

/// The byte-order mark of UTF-8, which is skipped.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How Excel workbooks and other archives begin, new and old ones.
const ARCHIVES: [&[u8]; 2] = [b"PK\x03", b"\xD0\xCF\x11"];

impl Decoder {
    /// A decoder for a body of this format. Of a row that has not come whole it holds `max_row` bytes at
    /// most, beyond a few in the room `partial`.
    pub fn new(format: BodyFormat, top_level: TopLevel, max_row: usize, partial: &Room) -> Self {
        let kind = match format {
            BodyFormat::Json => Kind::Json(json::JsonDecoder::new(top_level, max_row, partial)),
            BodyFormat::Csv | BodyFormat::Tsv => {
                Kind::Csv(Box::new(csv::CsvDecoder::new(format, max_row, partial)))
            }
            BodyFormat::GeoJson => Kind::GeoJson(geojson::GeoJsonDecoder::new(max_row, partial)),
            BodyFormat::Form => Kind::Form(form::FormDecoder::new(max_row, partial)),
        };
        Self { format, head: Some(Vec::new()), kind }
    }

    /// Takes the next piece of the body.
    pub fn feed(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        let Some(head) = &mut self.head else { return self.read(bytes, rows) };
        head.extend_from_slice(bytes);
        if head.len() < MARK.len() { Ok(()) } else { self.open(rows) }
    }

    /// The body has ended.
    pub fn finish(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        self.open(rows)?;
        match &mut self.kind {
            Kind::Json(d) => d.finish(rows),
            Kind::Csv(d) => d.finish(rows),
            Kind::GeoJson(d) => d.finish(rows),
            Kind::Form(d) => d.finish(rows),
        }
    }

    /// Passes the first bytes on, without a byte-order mark.
    fn open(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        let Some(head) = self.head.take() else { return Ok(()) };
        // UTF-16 begins with a mark of its own, or with an ASCII letter beside a zero byte.
        let is_utf_16 = |a: u8, b: u8| matches!((a, b), (0xFF, 0xFE) | (0xFE, 0xFF)) || (a == 0) != (b == 0);
        if let [a, b, ..] = head.as_slice()
            && is_utf_16(*a, *b)
        {
            return Err(self.unreadable(Encoding::Utf16));
        }
        if ARCHIVES.iter().any(|archive| head.starts_with(archive)) {
            return Err(self.unreadable(Encoding::Workbook));
        }
        self.read(head.strip_prefix(MARK).unwrap_or(&head), rows)
    }

    fn unreadable(&self, encoding: Encoding) -> SodaError {
        let place = Place::body(self.format, At::Whole);
        if self.format.is_json() {
            return SodaError::not_utf8(1, 1, place, encoding);
        }
        let message = format!("{}: the body is not valid UTF-8", self.format.name());
        let advice = Advice::Encoding(encoding);
        SodaError::invalid(message).hint(UploadHint { place, field: None, advice })
    }

    fn read(&mut self, bytes: &[u8], rows: &mut Rows) -> Result<(), SodaError> {
        match &mut self.kind {
            Kind::Json(d) => d.take(bytes, rows),
            Kind::Csv(d) => d.feed(bytes, rows),
            Kind::GeoJson(d) => d.take(bytes, rows),
            Kind::Form(d) => d.feed(bytes),
        }
    }

    /// Whether the body was one JSON object and not an array.
    pub fn is_single_object(&self) -> bool {
        matches!(&self.kind, Kind::Json(d) if d.is_single_object())
    }
}
