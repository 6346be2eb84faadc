//! What the sender of a refused upload is told to change (`X-Mock-Hint`): facts, which become a
//! sentence in the words of the format that was sent only when the answer is written.

mod cells;
mod field;
mod geometry;
mod json_text;
mod mistake;
mod moment;
mod number;
mod wording;
mod words;

pub use cells::{AfterQuote, CellsMistake};
pub use field::FieldMistake;
pub use mistake::Mistake;

use super::{BodyFormat, SoqlType};
use std::fmt;

/// A hint: a fixed sentence, or what is wrong with an upload and where.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    /// A sentence that is the same whatever was sent.
    Text(String),
    /// A mistake in an upload.
    Upload(Box<UploadHint>),
}

/// A mistake in an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadHint {
    /// Where it is.
    pub place: Place,
    /// The field that it is about.
    pub field: Option<String>,
    /// What it is.
    pub advice: Advice,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Advice {
    /// A value that its type refuses.
    Value(SoqlType, Mistake),
    /// A field that the dataset does not have.
    Field(FieldMistake),
    /// Cells that are no CSV or TSV.
    Cells(CellsMistake),
    /// Bytes that are no UTF-8.
    Encoding(Encoding),
    /// Anything else, in words that hold for its format only.
    Say(&'static str),
}

/// What bytes that are no UTF-8 seem to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-16, by its byte-order mark or its zero bytes.
    Utf16,
    /// One byte a letter, as Latin-1 and Windows-1252 have it; the byte.
    OneByte(u8),
    /// A letter of UTF-8 of which bytes are missing.
    Cut,
    /// Half of a surrogate pair in three bytes.
    Surrogate,
    /// An Excel workbook, or another archive.
    Workbook,
}

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// In a body.
    Body(BodyFormat),
    /// As the part of a path that names a row.
    Path,
}

/// Where in an upload something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In what.
    pub written: Written,
    /// Where in it.
    pub at: At,
}

/// A place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Nowhere in particular.
    Whole,
    /// The row with this number, from 0.
    Row(u64),
    /// A row of cells.
    Record {
        /// The row's number, from 0; none for the header.
        row: Option<u64>,
        /// The line of the file on which it begins, from 1.
        line: u64,
        /// The cell's number, from 1; none when it is about the whole.
        cell: Option<usize>,
    },
    /// The cell with this number, from 1, of the header.
    HeaderCell(usize),
}

impl Place {
    /// The path.
    pub fn path() -> Self {
        Self { written: Written::Path, at: At::Whole }
    }

    /// A place in a body.
    pub fn body(format: BodyFormat, at: At) -> Self {
        Self { written: Written::Body(format), at }
    }

    /// As members of an error's data: the zero-based position among the rows, the line, the cell.
    pub fn members(self) -> Vec<(&'static str, u64)> {
        match self.at {
            At::Whole => Vec::new(),
            At::Row(row) => vec![("row_index", row)],
            At::Record { row, line, cell } => {
                let row = row.map(|row| ("row_index", row));
                let cell = cell.map(|cell| ("cell", cell as u64));
                row.into_iter().chain([("line", line)]).chain(cell).collect()
            }
            At::HeaderCell(cell) => vec![("line", 1), ("cell", cell as u64)],
        }
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<UploadHint> for Hint {
    fn from(hint: UploadHint) -> Self {
        Self::Upload(Box::new(hint))
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Upload(hint) => hint.fmt(f),
        }
    }
}

impl fmt::Display for UploadHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A field names the cell better than its number does.
        let at = match self.place.at {
            At::Record { row, line, .. } if self.field.is_some() => At::Record { row, line, cell: None },
            at => at,
        };
        let place = Place { at, ..self.place }.to_string();
        let place = [place.as_str(), self.field.as_deref().unwrap_or("")];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        let advice = self.advice.sentence(self.place.written);
        let stop = if advice.ends_with('?') { "" } else { "." };
        if place.is_empty() {
            let (first, rest) = advice.split_at(advice.chars().next().map_or(0, char::len_utf8));
            write!(f, "{}{rest}{stop} Nothing was stored.", first.to_uppercase())
        } else {
            write!(f, "{}: {advice}{stop} Nothing was stored.", place.join(", "))
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = if self.written == Written::Body(BodyFormat::GeoJson) { "Feature" } else { "Row" };
        match self.at {
            // A form is one row.
            At::Row(_) if self.written == Written::Body(BodyFormat::Form) => Ok(()),
            At::Whole => Ok(()),
            At::Row(number) => write!(f, "{row} {number} (counted from 0)"),
            At::Record { line, cell: None, .. } => write!(f, "Line {line}"),
            At::Record { line, cell: Some(cell), .. } => write!(f, "Line {line}, cell {cell}"),
            At::HeaderCell(cell) => write!(f, "Cell {cell} of the header line"),
        }
    }
}

impl Advice {
    /// The sentence, without its full stop.
    fn sentence(&self, written: Written) -> String {
        match self {
            Self::Value(expected, mistake) => mistake.sentence(*expected, written),
            Self::Field(mistake) => mistake.sentence(),
            Self::Cells(mistake) => match written {
                Written::Body(format) => mistake.sentence(format),
                Written::Path => mistake.sentence(BodyFormat::Csv),
            },
            Self::Encoding(encoding) => encoding.sentence(),
            Self::Say(text) => (*text).to_owned(),
        }
    }
}

impl Encoding {
    /// What bytes seem to be that do not begin a letter of UTF-8.
    pub fn of(bytes: &[u8]) -> Self {
        let continues = |at: usize| bytes.get(at).is_some_and(|byte| (0x80..0xC0).contains(byte));
        match bytes.first() {
            Some(0xED) if continues(1) => Self::Surrogate,
            Some(0xE0..=0xF4) if continues(1) => Self::Cut,
            first => Self::OneByte(first.copied().unwrap_or(0)),
        }
    }

    fn sentence(self) -> String {
        match self {
            Self::Utf16 => {
                "the body is UTF-16: save it as UTF-8, without zero bytes between the letters".to_owned()
            }
            Self::Cut => "a letter of UTF-8 is cut in two: its last bytes are missing".to_owned(),
            Self::Surrogate => {
                "half of a surrogate pair stands in the bytes (CESU-8): encode the whole text as UTF-8"
                    .to_owned()
            }
            Self::Workbook => {
                "the body is an Excel workbook or another archive, not text: save the sheet as CSV UTF-8"
                    .to_owned()
            }
            Self::OneByte(byte) => {
                let letter = char::from(byte);
                let known = if letter.is_alphabetic() {
                    format!(" (in Latin-1 it is {})", name_of(letter))
                } else {
                    String::new()
                };
                format!(
                    "the byte {byte:02X} is no UTF-8{known}: save the file as UTF-8, not as Latin-1 or Windows-1252"
                )
            }
        }
    }
}

/// A letter for a header, which holds ASCII only.
fn name_of(letter: char) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let plain: String = std::iter::once(letter).nfd().filter(char::is_ascii).collect();
    let code = format!("U+{:04X}", letter as u32);
    if plain.is_empty() { code } else { format!("{plain} with an accent, {code}") }
}
