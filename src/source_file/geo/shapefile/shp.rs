//! Shapes, one record after the other. The index (`.shx`) is not needed.

use super::super::super::bounds::Bounds;
use super::super::super::error::{FileError, FileErrorKey};
use super::rings::Position;
use super::{corrupt, rings, unread};
use crate::soda::SoqlType;
use crate::soda::value::geometry_name;
use std::io::{BufReader, Read};

/// The shapes of a file.
pub(super) struct Shp<R> {
    bytes: BufReader<R>,
    soql_type: SoqlType,
    extent: [f64; 4],
    max: usize,
    record: Vec<u8>,
    number: u64,
}

/// A record's numbers, one after the other.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(i32::from_le_bytes(self.take()?)).ok()
    }

    fn double(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take()?))
    }

    fn position(&mut self) -> Option<Position> {
        Some([self.double()?, self.double()?])
    }

    /// So many positions, if they are there.
    fn positions(&mut self, count: usize) -> Option<Vec<Position>> {
        if count > self.0.len() / 16 {
            return None;
        }
        (0..count).map(|_| self.position()).collect()
    }
}

/// Types of shapes and of columns. Those with heights and measures have other numbers, and are read without them.
fn soql_type(shape: i32) -> Option<SoqlType> {
    match shape % 10 {
        _ if !(0..=28).contains(&shape) => None,
        1 => Some(SoqlType::Point),
        3 => Some(SoqlType::MultiLine),
        5 => Some(SoqlType::MultiPolygon),
        8 => Some(SoqlType::MultiPoint),
        _ => None,
    }
}

impl<R: Read> Shp<R> {
    /// Reads the header.
    pub(super) fn new(bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        let mut bytes = BufReader::new(bytes);
        let mut header = [0; 100];
        bytes.read_exact(&mut header).map_err(|error| unread(".shp file", error))?;
        let mut numbers = Numbers(&header[32..]);
        let shape = numbers.take().map_or(-1, i32::from_le_bytes);
        let ordinate = |n: &mut Numbers<'_>| n.double().unwrap_or(f64::NAN);
        let extent = [(); 4].map(|()| ordinate(&mut numbers));
        if !header.starts_with(&[0, 0, 0x27, 0x0A]) {
            return Err(corrupt("The .shp file is no shapefile: it does not begin as one"));
        }
        let soql_type = soql_type(shape).ok_or_else(|| {
            FileError::unparsable(
                format!("Shapes of type {shape} are not read"),
                "Points, lines, polygons and several points are read; multipatches are not.",
            )
        })?;
        Ok(Self { bytes, soql_type, extent, max: bounds.row, record: Vec::new(), number: 0 })
    }

    /// The type of all shapes' column.
    pub(super) fn soql_type(&self) -> SoqlType {
        self.soql_type
    }

    /// West, south, east and north.
    pub(super) fn extent(&self) -> [f64; 4] {
        self.extent
    }

    /// The next shape as GeoJSON, which may be none; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Option<String>>, FileError> {
        if !self.read()? {
            return Ok(None);
        }
        let number = self.number;
        self.number += 1;
        let mut numbers = Numbers(&self.record);
        let shape = numbers.take().map_or(-1, i32::from_le_bytes);
        if shape == 0 {
            return Ok(Some(None));
        }
        if soql_type(shape) != Some(self.soql_type) {
            return Err(corrupt(format!(
                "Shape {number} (counted from 0) has type {shape}, unlike the others"
            )));
        }
        let coordinates = match self.soql_type {
            SoqlType::Point => numbers.position().map(|position| Ok(printed(&position))),
            SoqlType::MultiPoint => points(&mut numbers).map(|points| Ok(list(points.iter().map(printed)))),
            _ => parts(&mut numbers).map(|parts| self.coordinates(&parts)),
        };
        let coordinates = coordinates
            .ok_or_else(|| corrupt(format!("Shape {number} (counted from 0) is shorter than it says")))??;
        let name = geometry_name(self.soql_type);
        Ok(Some(Some(format!("{{\"type\":\"{name}\",\"coordinates\":{coordinates}}}"))))
    }

    fn coordinates(&self, parts: &[Vec<Position>]) -> Result<String, FileError> {
        let line = |part: &Vec<Position>| list(part.iter().map(printed));
        if self.soql_type == SoqlType::MultiLine {
            return Ok(list(parts.iter().map(line)));
        }
        let polygons = rings::polygons(parts).ok_or_else(|| {
            corrupt(format!("Shape {} (counted from 0) has too many rings in each other", self.number - 1))
        })?;
        Ok(list(polygons.iter().map(|rings| list(rings.iter().map(|ring| line(&parts[*ring]))))))
    }

    /// Reads the next record; false at the end.
    fn read(&mut self) -> Result<bool, FileError> {
        let mut header = [0; 8];
        let mut length = 0;
        while length < header.len() {
            match self.bytes.read(&mut header[length..]) {
                Ok(0) if length == 0 => return Ok(false),
                Ok(0) => return Err(corrupt("The shapefile is damaged: its .shp file ends too early")),
                Ok(more) => length += more,
                Err(error) => return Err(unread(".shp file", error)),
            }
        }
        let [_, _, _, _, words @ ..] = header;
        let length = u64::from(u32::from_be_bytes(words)) * 2;
        if length > self.max as u64 {
            return Err(FileError::new(
                FileErrorKey::RowTooLong,
                format!(
                    "Shape {} (counted from 0) has {length} bytes; it may have {}",
                    self.number, self.max
                ),
                "Make its outline simpler.",
            ));
        }
        self.record.clear();
        let got = (&mut self.bytes).take(length).read_to_end(&mut self.record);
        let got = got.map_err(|error| unread(".shp file", error))?;
        if (got as u64) < length {
            return Err(corrupt("The shapefile is damaged: its .shp file ends too early"));
        }
        Ok(true)
    }
}

/// The positions of several points.
fn points(numbers: &mut Numbers<'_>) -> Option<Vec<Position>> {
    numbers.take::<32>()?;
    let count = numbers.count()?;
    numbers.positions(count)
}

/// The positions of each part of a line or a polygon.
fn parts(numbers: &mut Numbers<'_>) -> Option<Vec<Vec<Position>>> {
    numbers.take::<32>()?;
    let (count, total) = (numbers.count()?, numbers.count()?);
    if count > numbers.0.len() / 4 {
        return None;
    }
    let starts: Vec<usize> = (0..count).map(|_| numbers.count()).collect::<Option<_>>()?;
    let positions = numbers.positions(total)?;
    let ends = starts.iter().skip(1).copied().chain([total]);
    starts.iter().zip(ends).map(|(from, to)| Some(positions.get(*from..to)?.to_vec())).collect()
}

fn printed(position: &Position) -> String {
    // What is no number is refused with the geometry.
    format!("[{:?},{:?}]", position[0], position[1])
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut out = String::from("[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&item);
    }
    out.push(']');
    out
}
