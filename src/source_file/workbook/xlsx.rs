//! XLSX (ECMA-376): the rows of the first sheet, read while it is expanded. Texts that cells share are held.

use super::super::archive::{Archive, Entry, Part};
use super::super::bounds::Bounds;
use super::super::cells::{RowBuffer, Slot, push_bytes};
use super::super::error::{FileError, FileErrorKey};
use super::super::kind::FileKind;
use super::super::table::Records;
use super::super::xml::{Tag, Token, Xml};
use super::values::{Shown, number_text};
use crate::memory::Held;
use std::collections::HashMap;
use std::io::{Read, Seek};

const KIND: FileKind = FileKind::Xlsx;

/// Where the parts of a workbook are.
struct Parts {
    sheet: String,
    strings: Option<String>,
    styles: Option<String>,
    from_1904: bool,
}

/// The rows of a sheet.
pub(in super::super) struct Sheet<R> {
    xml: Xml<Part<R>>,
    strings: Strings,
    formats: Vec<Shown>,
    from_1904: bool,
    max_row: usize,
    max_columns: usize,
    /// Rows that were given out.
    given: u32,
    /// The number of the row in the document that is to be read next, of which the beginning was read.
    opened: Option<u32>,
    ended: bool,
}

/// The texts that cells share, one behind the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
    _held: Option<Held>,
}

impl Strings {
    fn get(&self, index: usize) -> Option<&str> {
        let from = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(from..*self.ends.get(index)?)
    }
}

impl<R: Read + Seek> Sheet<R> {
    /// The first sheet of a workbook.
    pub(in super::super) fn new(bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        let archive = Archive::new(KIND, bytes, bounds)?;
        let parts = parts(&archive, bounds)?;
        let strings = match parts.strings.as_deref().and_then(|name| archive.named(name)) {
            Some(entry) => strings(&archive, entry, bounds)?,
            None => Strings::default(),
        };
        let formats = match parts.styles.as_deref().and_then(|name| archive.named(name)) {
            Some(entry) => formats(document(&archive, entry, bounds)?)?,
            None => Vec::new(),
        };
        let mut xml = Xml::new(KIND, archive.part(named(&archive, &parts.sheet)?)?, bounds);
        let ended = !to_rows(&mut xml)?;
        let (max_row, max_columns) = (bounds.row, bounds.columns);
        let from_1904 = parts.from_1904;
        Ok(Self { xml, strings, formats, from_1904, max_row, max_columns, given: 0, opened: None, ended })
    }

    /// The number, from 0, of the next row in the document.
    fn open(&mut self) -> Result<Option<u32>, FileError> {
        if self.ended || self.opened.is_some() {
            return Ok(self.opened);
        }
        loop {
            match self.xml.next()? {
                Token::Open(tag) if tag.name() == "row" => {
                    let number = tag.attribute("r").and_then(|text| text.parse::<u32>().ok());
                    // Numbers that go back are not believed.
                    let number =
                        number.and_then(|n| n.checked_sub(1)).filter(|n| (self.given..MAX_ROWS).contains(n));
                    self.opened = Some(number.unwrap_or(self.given));
                    return Ok(self.opened);
                }
                Token::Open(_) => self.xml.skip()?,
                Token::Close(name) if name == "sheetData" => break,
                Token::End => break,
                Token::Close(_) | Token::Text(_) => {}
            }
        }
        self.ended = true;
        Ok(None)
    }

    /// Reads the cells of the row that was opened.
    fn cells(&mut self, row: &mut RowBuffer) -> Result<(), FileError> {
        loop {
            let cell = match self.xml.next()? {
                Token::Open(tag) if tag.name() == "c" => Cell::of(&tag),
                Token::Open(_) => {
                    self.xml.skip()?;
                    continue;
                }
                Token::Close(name) if name == "row" => return Ok(()),
                Token::End => return Err(FileError::incomplete(KIND)),
                Token::Close(_) | Token::Text(_) => continue,
            };
            let column = cell.column.unwrap_or(row.slots.len());
            if column >= self.max_columns {
                return Err(FileError::new(
                    FileErrorKey::TooManyColumns,
                    format!("Row {} has more than {} columns", self.given + 1, self.max_columns),
                    "Leave columns out of the sheet.",
                ));
            }
            let raw = self.raw()?;
            let slot = self.value(&cell, &raw, row)?;
            if row.length > self.max_row {
                return Err(FileError::new(
                    FileErrorKey::RowTooLong,
                    format!("Row {} has more than {} bytes", self.given + 1, self.max_row),
                    "Split its texts, or leave them out.",
                ));
            }
            if row.slots.len() <= column {
                row.slots.resize(column + 1, Slot::Null);
            }
            row.slots[column] = slot;
        }
    }

    /// The text of a cell's value or its own text.
    fn raw(&mut self) -> Result<String, FileError> {
        let mut raw = String::new();
        loop {
            match self.xml.next()? {
                Token::Open(tag) if matches!(tag.name(), "v" | "is") => raw = self.xml.text("rPh")?,
                Token::Open(_) => self.xml.skip()?,
                Token::Close(_) => return Ok(raw),
                Token::End => return Err(FileError::incomplete(KIND)),
                Token::Text(_) => {}
            }
        }
    }

    fn value(&self, cell: &Cell, raw: &str, row: &mut RowBuffer) -> Result<Slot, FileError> {
        if raw.is_empty() {
            return Ok(Slot::Null);
        }
        Ok(match cell.kind.as_str() {
            "s" => {
                let index = raw.trim().parse().ok();
                let text = index.and_then(|index| self.strings.get(index)).ok_or_else(|| {
                    let mut error = FileError::incomplete(KIND);
                    error.message =
                        format!("{}: row {} names a text that is not there", error.message, self.given + 1);
                    error
                })?;
                push_bytes(row, text)
            }
            "b" => push_bytes(row, if raw.trim() == "1" { "true" } else { "false" }),
            "n" | "" => match raw.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let shown = self.formats.get(cell.style).copied().unwrap_or(Shown::Number);
                    push_bytes(row, &number_text(number, shown, self.from_1904))
                }
                _ => push_bytes(row, raw),
            },
            "str" | "inlineStr" => push_bytes(row, &unescaped(raw)),
            // Errors and dates in ISO 8601.
            _ => push_bytes(row, raw),
        })
    }
}

/// Rows of a sheet, as Excel has them.
const MAX_ROWS: u32 = 1_048_576;

struct Cell {
    column: Option<usize>,
    kind: String,
    style: usize,
}

impl Cell {
    fn of(tag: &Tag<'_>) -> Self {
        Self {
            column: tag.attribute("r").and_then(|place| column(&place)),
            kind: tag.attribute("t").unwrap_or_default(),
            style: tag.attribute("s").and_then(|text| text.parse().ok()).unwrap_or(usize::MAX),
        }
    }
}

/// The number, from 0, of the column in a place such as `AB12`.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0usize, |number, letter| {
        number.saturating_mul(26).saturating_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    number.checked_sub(1)
}

/// Texts hold control characters as `_x000D_` (ECMA-376, 22.9.2.19).
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let letter = rest.get(at + 2..at + 6).filter(|_| rest[at + 6..].starts_with('_'));
        let letter = letter.and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
        match letter {
            Some(letter) => {
                out.push_str(&rest[..at]);
                out.push(letter);
                rest = &rest[at + 7..];
            }
            None => {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A document beside the sheet, which is short.
fn document<R: Read + Seek>(
    archive: &Archive<R>,
    entry: &Entry,
    bounds: &Bounds,
) -> Result<Xml<Part<R>>, FileError> {
    archive.check_part(entry, bounds)?;
    Ok(Xml::new(KIND, archive.part(entry)?, bounds))
}

fn named<'a, R: Read + Seek>(archive: &'a Archive<R>, name: &str) -> Result<&'a Entry, FileError> {
    archive.named(name).ok_or_else(|| {
        FileError::new(
            FileErrorKey::UnparsableFile,
            format!("The archive is no XLSX: it has no {name}"),
            "Look at its Content-Type: a zipped shapefile is application/zip, a KMZ application/vnd.google-earth.kmz.",
        )
    })
}

/// Goes to the rows of a sheet; false if it has none.
fn to_rows<R: Read>(xml: &mut Xml<R>) -> Result<bool, FileError> {
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name() == "worksheet" => {}
            Token::Open(tag) if tag.name() == "sheetData" => return Ok(true),
            Token::Open(_) => xml.skip()?,
            Token::End => return Ok(false),
            Token::Close(_) | Token::Text(_) => {}
        }
    }
}

/// The targets of a part's relations by their ids, and of which type each is.
fn relations<R: Read + Seek>(
    archive: &Archive<R>,
    part: &str,
    bounds: &Bounds,
) -> Result<Vec<(String, String, String)>, FileError> {
    let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
    let separator = if folder.is_empty() { "" } else { "/" };
    let Some(entry) = archive.named(&format!("{folder}{separator}_rels/{name}.rels")) else {
        return Ok(Vec::new());
    };
    let mut xml = document(archive, entry, bounds)?;
    let mut found = Vec::new();
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name() == "Relationship" => {
                let attribute = |name: &str| tag.attribute(name).unwrap_or_default();
                let target = attribute("Target");
                let target = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => format!("{folder}{separator}{target}"),
                };
                let kind = attribute("Type").rsplit('/').next().unwrap_or_default().to_owned();
                found.push((attribute("Id"), kind, target));
            }
            Token::End => return Ok(found),
            _ => {}
        }
    }
}

fn parts<R: Read + Seek>(archive: &Archive<R>, bounds: &Bounds) -> Result<Parts, FileError> {
    let of_kind = |relations: &[(String, String, String)], kind: &str| {
        relations.iter().find(|(_, k, _)| k == kind).map(|(_, _, target)| target.clone())
    };
    let roots = relations(archive, "", bounds)?;
    let workbook = of_kind(&roots, "officeDocument").unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let mut xml = document(archive, named(archive, &workbook)?, bounds)?;
    let (mut first, mut from_1904) = (None, false);
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name() == "workbookPr" => {
                from_1904 =
                    tag.attribute("date1904").is_some_and(|flag| matches!(flag.as_str(), "1" | "true"));
            }
            Token::Open(tag) if tag.name() == "sheet" && first.is_none() => first = tag.attribute("id"),
            Token::End => break,
            _ => {}
        }
    }
    let relations = relations(archive, &workbook, bounds)?;
    let sheet =
        first.and_then(|id| relations.iter().find(|(i, ..)| *i == id).map(|(_, _, target)| target.clone()));
    let sheet = sheet.or_else(|| of_kind(&relations, "worksheet")).ok_or_else(|| {
        FileError::unparsable("The workbook has no sheet", "Send a workbook whose first sheet is a table.")
    })?;
    let (strings, styles) = (of_kind(&relations, "sharedStrings"), of_kind(&relations, "styles"));
    Ok(Parts { sheet, strings, styles, from_1904 })
}

fn strings<R: Read + Seek>(
    archive: &Archive<R>,
    entry: &Entry,
    bounds: &Bounds,
) -> Result<Strings, FileError> {
    let mut held = bounds.room.holder();
    let mut strings = Strings::default();
    let mut xml = document(archive, entry, bounds)?;
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name() == "si" => {
                let text = xml.text("rPh")?;
                strings.text.push_str(&unescaped(&text));
                strings.ends.push(strings.text.len());
                if !held.grow_to(strings.text.capacity() + strings.ends.capacity() * size_of::<usize>()) {
                    return Err(FileError::no_room("The text of the workbook"));
                }
            }
            Token::End => break,
            _ => {}
        }
    }
    strings._held = Some(held);
    Ok(strings)
}

/// What the cell formats of a workbook show numbers as.
fn formats<R: Read>(mut xml: Xml<R>) -> Result<Vec<Shown>, FileError> {
    let (mut codes, mut formats, mut inside) = (HashMap::new(), Vec::new(), false);
    loop {
        match xml.next()? {
            Token::Open(tag) => match tag.name() {
                "numFmt" => {
                    let id = tag.attribute("numFmtId").and_then(|text| text.parse::<u32>().ok());
                    if let (Some(id), Some(code)) = (id, tag.attribute("formatCode")) {
                        codes.insert(id, Shown::of_code(&code));
                    }
                }
                "cellXfs" => inside = true,
                "xf" if inside && formats.len() < MAX_FORMATS => {
                    let id = tag.attribute("numFmtId").and_then(|text| text.parse().ok()).unwrap_or(0);
                    formats.push(codes.get(&id).copied().unwrap_or_else(|| Shown::of_built_in(id)));
                }
                _ => {}
            },
            Token::Close(name) if name == "cellXfs" => inside = false,
            Token::End => return Ok(formats),
            Token::Close(_) | Token::Text(_) => {}
        }
    }
}

/// Formats of cells, as Excel has them.
const MAX_FORMATS: usize = 65_536;

impl<R: Read + Seek + Send> Records for Sheet<R> {
    fn next(&mut self, row: &mut RowBuffer) -> Result<bool, FileError> {
        row.begin();
        let Some(number) = self.open()? else { return Ok(false) };
        if number > self.given {
            // An empty row is not in the document.
            row.slots.push(Slot::Null);
        } else {
            self.cells(row)?;
            self.opened = None;
            row.drop_empty_end();
        }
        self.given += 1;
        Ok(true)
    }

    fn place(&self) -> String {
        format!("row {}", self.given)
    }

    fn pads(&self) -> bool {
        true
    }
}
