//! KML 2.2 and KMZ, which is a ZIP archive with one of it: the placemarks of all folders.

use super::super::archive::{Archive, Entry, Part};
use super::super::bounds::Bounds;
use super::super::error::{FileError, FileErrorKey};
use super::super::guess::is_number;
use super::super::kind::FileKind;
use super::super::sniff;
use super::super::xml::{Token, Xml};
use super::geometry::{FAMILIES, Geometry, family};
use super::places::{Feature, Features, Member};
use crate::soda::SoqlType;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a document is read from, again for each look.
pub(in super::super) enum KmlBytes<R> {
    Plain(Arc<Mutex<R>>),
    Zipped(Archive<R>, Entry),
}

/// A document that is read.
pub(in super::super) enum Document<R> {
    Plain(Arc<Mutex<R>>),
    Zipped(Box<Part<R>>),
}

impl<R: Read + Seek> Read for Document<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(bytes) => bytes.lock().unwrap_or_else(PoisonError::into_inner).read(buffer),
            Self::Zipped(part) => part.read(buffer),
        }
    }
}

impl<R: Read + Seek> KmlBytes<R> {
    /// The document of a file.
    pub(in super::super) fn new(kind: FileKind, mut bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        if kind == FileKind::Kml {
            let head = sniff::head(&mut bytes)?;
            let first = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
            if !first.starts_with(b"<") {
                return Err(sniff::mislabelled(kind, &head));
            }
            return Ok(Self::Plain(Arc::new(Mutex::new(bytes))));
        }
        let archive = Archive::new(kind, bytes, bounds)?;
        let is_kml = |entry: &&Entry| entry.name.to_ascii_lowercase().ends_with(".kml");
        let Some(entry) = archive.entries().find(is_kml).cloned() else {
            return Err(FileError::new(
                FileErrorKey::IncompleteArchive,
                "The archive is no KMZ: it has no .kml file",
                "Look at its Content-Type: a zipped shapefile is application/zip.",
            ));
        };
        Ok(Self::Zipped(archive, entry))
    }

    fn document(&self) -> Result<Document<R>, FileError> {
        match self {
            Self::Plain(bytes) => {
                let mut locked = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                locked.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
                Ok(Document::Plain(Arc::clone(bytes)))
            }
            Self::Zipped(archive, entry) => Ok(Document::Zipped(Box::new(archive.part(entry)?))),
        }
    }
}

/// The placemarks of a document.
pub(in super::super) struct Kml<R> {
    kind: FileKind,
    bytes: KmlBytes<R>,
    bounds: Bounds,
    xml: Xml<Document<R>>,
    number: u64,
    /// Whether the document's own element was seen.
    begun: bool,
}

/// Geometries of extensions and of models, which are no places of a table.
const NOT_READ: [&str; 4] = ["Model", "Track", "MultiTrack", "GroundOverlay"];

impl<R: Read + Seek> Kml<R> {
    pub(in super::super) fn new(
        kind: FileKind,
        bytes: KmlBytes<R>,
        bounds: &Bounds,
    ) -> Result<Self, FileError> {
        let xml = Xml::new(kind, bytes.document()?, bounds);
        Ok(Self { kind, bytes, bounds: bounds.clone(), xml, number: 0, begun: false })
    }

    fn wrong(&self, why: &str) -> FileError {
        FileError::unparsable(
            format!("Placemark {} (counted from 0) cannot be read: {why}", self.number),
            "Points, lines, polygons and several of one of them are read; coordinates are longitude,latitude.",
        )
    }

    /// The placemark that was opened.
    fn placemark(&mut self) -> Result<Feature, FileError> {
        let mut feature = Feature::default();
        loop {
            match self.xml.next()? {
                Token::Close(name) if name == "Placemark" => return Ok(feature),
                Token::Close(_) | Token::Text(_) => {}
                Token::End => return Err(FileError::incomplete(self.kind)),
                Token::Open(tag) => {
                    let name = tag.name().to_owned();
                    let given = tag.attribute("name");
                    match name.as_str() {
                        "name" | "description" | "SimpleData" => {
                            let text = self.xml.text("")?;
                            let name = given.unwrap_or(name);
                            put(&mut feature, name, &text);
                        }
                        "Data" => {
                            let text = self.data()?;
                            put(&mut feature, given.unwrap_or_default(), &text);
                        }
                        "ExtendedData" | "SchemaData" => {}
                        _ => match self.geometry(&name)? {
                            Some(geometry) => feature.geometry = Some(geometry),
                            None => self.xml.skip()?,
                        },
                    }
                }
            }
        }
    }

    /// The value of the `Data` that was opened.
    fn data(&mut self) -> Result<String, FileError> {
        let mut value = String::new();
        loop {
            match self.xml.next()? {
                Token::Open(tag) if tag.name() == "value" => value = self.xml.text("")?,
                Token::Open(_) => self.xml.skip()?,
                Token::Close(_) => return Ok(value),
                Token::End => return Err(FileError::incomplete(self.kind)),
                Token::Text(_) => {}
            }
        }
    }

    /// The geometry that was opened, if this is one; its element is closed then.
    fn geometry(&mut self, name: &str) -> Result<Option<Geometry>, FileError> {
        let (soql_type, coordinates) = match name {
            "Point" => (SoqlType::Point, self.positions(1)?.swap_remove(0)),
            "LineString" | "LinearRing" => (SoqlType::Line, list(&self.positions(2)?)),
            "Polygon" => (SoqlType::Polygon, self.rings()?),
            "MultiGeometry" => return self.several(),
            name if NOT_READ.contains(&name) => return Err(self.wrong(&format!("{name} is not read"))),
            _ => return Ok(None),
        };
        Ok(Some(Geometry { soql_type, coordinates }))
    }

    /// The positions of the geometry that was opened, each as JSON: so many at least. Altitudes are left out.
    fn positions(&mut self, least: usize) -> Result<Vec<String>, FileError> {
        let mut positions = Vec::new();
        loop {
            match self.xml.next()? {
                Token::Open(tag) if tag.name() == "coordinates" => {
                    let text = self.xml.text("")?;
                    for position in text.split_whitespace() {
                        let position = self::position(position);
                        positions.push(position.ok_or_else(|| self.wrong("its coordinates are no numbers"))?);
                    }
                }
                Token::Open(_) => self.xml.skip()?,
                Token::Close(_) => break,
                Token::End => return Err(FileError::incomplete(self.kind)),
                Token::Text(_) => {}
            }
        }
        if positions.len() < least {
            return Err(self.wrong("it has too few coordinates"));
        }
        Ok(positions)
    }

    /// The rings of the polygon that was opened, the outer one first; each is closed.
    fn rings(&mut self) -> Result<String, FileError> {
        let (mut outer, mut inner, mut is_inner) = (None, Vec::new(), false);
        loop {
            match self.xml.next()? {
                Token::Open(tag) => match tag.name() {
                    "outerBoundaryIs" => is_inner = false,
                    "innerBoundaryIs" => is_inner = true,
                    "LinearRing" => {
                        let mut ring = self.positions(3)?;
                        if ring.first() != ring.last() {
                            ring.push(ring[0].clone());
                        }
                        if is_inner { inner.push(list(&ring)) } else { outer = Some(list(&ring)) }
                    }
                    _ => self.xml.skip()?,
                },
                Token::Close(name) if name == "Polygon" => break,
                Token::End => return Err(FileError::incomplete(self.kind)),
                Token::Close(_) | Token::Text(_) => {}
            }
        }
        let outer = outer.ok_or_else(|| self.wrong("its polygon has no outer boundary"))?;
        inner.insert(0, outer);
        Ok(list(&inner))
    }

    /// The geometries of the `MultiGeometry` that was opened, which have to be of one family. Those in another
    /// `MultiGeometry` belong to them.
    fn several(&mut self) -> Result<Option<Geometry>, FileError> {
        let (mut found, mut one, mut open) = (Vec::new(), None, 1);
        while open > 0 {
            let name = match self.xml.next()? {
                Token::Open(tag) if tag.name() == "MultiGeometry" => {
                    open += 1;
                    continue;
                }
                Token::Open(tag) => tag.name().to_owned(),
                Token::Close(name) => {
                    open -= i32::from(name == "MultiGeometry");
                    continue;
                }
                Token::Text(_) => continue,
                Token::End => return Err(FileError::incomplete(self.kind)),
            };
            match self.geometry(&name)? {
                None => self.xml.skip()?,
                Some(geometry) if one.is_none_or(|one| one == geometry.soql_type) => {
                    one = Some(geometry.soql_type);
                    found.push(geometry.coordinates);
                }
                Some(_) => return Err(self.wrong("its MultiGeometry has geometries of several types")),
            }
        }
        let several = one.and_then(family).map(|family| FAMILIES[family].1);
        Ok(several.map(|soql_type| Geometry { soql_type, coordinates: list(&found) }))
    }
}

/// Adds a member unless its text is empty.
fn put(feature: &mut Feature, name: String, text: &str) {
    let text = text.trim();
    let member = match text {
        "" => return,
        "true" => Member::Boolean(true),
        "false" => Member::Boolean(false),
        text if is_number(text) => Member::Number(text.to_owned()),
        text => Member::Text(text.to_owned()),
    };
    feature.members.push((name, member));
}

fn position(text: &str) -> Option<String> {
    let mut ordinates =
        text.split(',').map(|ordinate| ordinate.parse::<f64>().ok().filter(|n| n.is_finite()));
    let (longitude, latitude) = (ordinates.next()??, ordinates.next()??);
    Some(format!("[{longitude:?},{latitude:?}]"))
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

impl<R: Read + Seek + Send> Features for Kml<R> {
    fn next(&mut self) -> Result<Option<Feature>, FileError> {
        loop {
            match self.xml.next()? {
                Token::Open(tag) if tag.name() == "Placemark" && self.begun => {
                    self.xml.begin_row();
                    let feature = self.placemark()?;
                    self.xml.end_row();
                    self.number += 1;
                    return Ok(Some(feature));
                }
                Token::Open(tag) if !self.begun && tag.name() != "kml" => {
                    return Err(FileError::unparsable(
                        format!("The file is no KML: it begins with <{}>", tag.name()),
                        "Send KML 2.2, whose first element is <kml>.",
                    ));
                }
                Token::Open(_) => self.begun = true,
                Token::End if self.begun => return Ok(None),
                Token::End => return Err(FileError::incomplete(self.kind)),
                Token::Close(_) | Token::Text(_) => {}
            }
        }
    }

    fn restart(&mut self) -> Result<(), FileError> {
        self.xml = Xml::new(self.kind, self.bytes.document()?, &self.bounds);
        (self.number, self.begun) = (0, false);
        Ok(())
    }
}
