//! Zipped shapefiles: shapes (`.shp`), their attributes (`.dbf`) and the name of their projection (`.prj`), read side
//! by side. The formats are those of ESRI's white paper of 1998 and of dBase III.

mod dbf;
mod projection;
mod rings;
mod shp;
mod wkt;

use super::super::SourceRows;
use super::super::archive::{Archive, Entry, Part};
use super::super::bounds::Bounds;
use super::super::cells::{InputColumn, RowBuffer, Slot, SourceRow, push};
use super::super::error::{FileError, FileErrorKey};
use super::super::kind::FileKind;
use super::super::names::FieldNameMaker;
use super::super::text::Charset;
use crate::soda::value::read_geometry;
use crate::transform::with_projection;
use dbf::Dbf;
use shp::Shp;
use std::io::{self, Read, Seek};

/// The name of the geometry's column.
const GEOMETRY: &str = "the_geom";

/// The rows of a shapefile.
pub(in super::super) struct Shapefile<R> {
    shapes: Shp<Part<R>>,
    attributes: Dbf<Part<R>>,
    columns: Vec<InputColumn>,
    row: RowBuffer,
    number: u64,
    /// Another projection than longitudes and latitudes, which stands in each geometry.
    projection: Option<String>,
}

/// A shapefile that contradicts itself.
fn corrupt(message: impl Into<String>) -> FileError {
    FileError::new(
        FileErrorKey::CorruptShapefile,
        message,
        "Look whether it can be opened elsewhere, and make the archive anew.",
    )
}

/// What a part could not be read for.
fn unread(what: &str, error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            corrupt(format!("The shapefile is damaged: its {what} ends too early"))
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            corrupt(format!("The shapefile is damaged: its {what} cannot be expanded ({error})"))
        }
        _ => FileError::unreadable(error),
    }
}

/// The file of an archive that ends so beside the shapes.
fn beside<'a, R: Read + Seek>(archive: &'a Archive<R>, shapes: &Entry, extension: &str) -> Option<&'a Entry> {
    let stem = shapes.name.rsplit_once('.').map_or(shapes.name.as_str(), |(stem, _)| stem);
    archive.named(&format!("{stem}.{extension}"))
}

impl<R: Read + Seek> Shapefile<R> {
    pub(in super::super) fn new(bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        let archive = Archive::new(FileKind::Shapefile, bytes, bounds)?;
        let layers: Vec<&Entry> =
            archive.entries().filter(|entry| entry.name.to_ascii_lowercase().ends_with(".shp")).collect();
        let shapes = match layers.as_slice() {
            [one] => *one,
            [] => {
                return Err(incomplete(
                    "the archive has no .shp file",
                    "Zip the .shp, .shx, .dbf and .prj files; a KMZ is application/vnd.google-earth.kmz.",
                ));
            }
            _ => {
                return Err(FileError::unparsable(
                    "Multilayer shapefiles are not supported.",
                    "Send each layer in an archive of its own.",
                ));
            }
        };
        let Some(attributes) = beside(&archive, shapes, "dbf") else {
            return Err(incomplete(
                &format!("the archive has no .dbf file beside {}", shapes.name),
                "Zip the .dbf file too: it has the attributes.",
            ));
        };
        let charset = charset(&archive, shapes, bounds)?;
        let projection = match beside(&archive, shapes, "prj") {
            Some(entry) => Some(String::from_utf8_lossy(&archive.whole(entry, bounds)?).into_owned()),
            None => None,
        };
        let shapes = Shp::new(archive.part(shapes)?, bounds)?;
        let projection = projection::read(projection.as_deref(), shapes.extent())?;
        let attributes = Dbf::new(archive.part(attributes)?, charset, bounds)?;
        let mut makes = FieldNameMaker::default();
        let mut columns = vec![InputColumn {
            field_name: GEOMETRY.to_owned(),
            display_name: GEOMETRY.to_owned(),
            soql_type: shapes.soql_type(),
        }];
        // Its name is taken.
        makes.column(GEOMETRY.to_owned(), shapes.soql_type());
        let fields = attributes.fields().iter();
        columns.extend(fields.map(|field| makes.column(field.name.clone(), field.kind.soql_type())));
        Ok(Self { shapes, attributes, columns, row: RowBuffer::new(bounds), number: 0, projection })
    }
}

fn incomplete(what: &str, hint: &str) -> FileError {
    FileError::new(FileErrorKey::IncompleteArchive, format!("The shapefile is not whole: {what}"), hint)
}

/// The encoding of the attributes as a `.cpg` file names it.
fn charset<R: Read + Seek>(
    archive: &Archive<R>,
    shapes: &Entry,
    bounds: &Bounds,
) -> Result<Option<Charset>, FileError> {
    let Some(entry) = beside(archive, shapes, "cpg") else { return Ok(None) };
    let name = String::from_utf8_lossy(&archive.whole(entry, bounds)?).trim().to_owned();
    // ESRI's names are often bare numbers: 1252, or 88591 for ISO 8859-1.
    let part = name.strip_prefix("8859").unwrap_or_default();
    let named = Charset::named(&name).or_else(|| Charset::named(&format!("windows-{name}")));
    named.or_else(|| Charset::named(&format!("iso-8859-{part}"))).map(Some).ok_or_else(|| {
        FileError::encoding(
            format!("The .cpg file names the encoding {name:?}, which is not known"),
            "Write the name of a known encoding there, such as UTF-8, or leave the file out.",
        )
    })
}

impl<R: Read + Seek + Send> SourceRows for Shapefile<R> {
    fn columns(&self) -> &[InputColumn] {
        &self.columns
    }

    fn next(&mut self) -> Result<Option<SourceRow<'_>>, FileError> {
        loop {
            self.row.text.clear();
            self.row.slots.clear();
            let shape = self.shapes.next()?;
            let attributes = self.attributes.next(&mut self.row.text, &mut self.row.slots)?;
            let (shape, kept) = match (shape, attributes) {
                (None, None) => return Ok(None),
                (Some(shape), Some(kept)) => (shape, kept),
                (shape, _) => {
                    let more = if shape.is_some() { "shapes" } else { "attributes" };
                    return Err(corrupt(format!(
                        "The shapefile has more {more} than the other part: they differ after {} rows",
                        self.number
                    )));
                }
            };
            self.number += 1;
            // Rows that were deleted in dBase stay in the file.
            if !kept {
                continue;
            }
            let soql_type = self.shapes.soql_type();
            let geometry = match shape {
                None => Slot::Null,
                Some(geojson) => {
                    let stored = read_geometry(soql_type, &geojson);
                    let number = self.number - 1;
                    let stored = stored.ok_or_else(|| {
                        corrupt(format!("Shape {number} (counted from 0) is no valid {}", soql_type.name()))
                    })?;
                    match &self.projection {
                        None => push(&mut self.row.text, &stored),
                        Some(words) => push(&mut self.row.text, &with_projection(stored.into(), words)),
                    }
                }
            };
            self.row.slots.insert(0, geometry);
            self.row.take_room("A shape")?;
            break;
        }
        Ok(Some(SourceRow::Cells(self.row.cells())))
    }
}
