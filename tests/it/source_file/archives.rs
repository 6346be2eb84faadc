//! ZIP archives made for the tests, and how bad ones are refused.

use super::*;
use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write as _;

/// A file of an archive, and what its directory says of it.
pub(super) struct Packed {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) deflated: bool,
    /// The size that is claimed; none for the right one.
    pub(super) size: Option<u32>,
    pub(super) flags: u16,
}

pub(super) fn packed(name: &'static str, bytes: impl Into<Vec<u8>>) -> Packed {
    Packed { name, bytes: bytes.into(), deflated: true, size: None, flags: 0 }
}

/// An archive of these files.
pub(super) fn zip(files: &[Packed]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let mut crc = Crc::new();
        crc.update(&file.bytes);
        let body = if file.deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&file.bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            file.bytes.clone()
        };
        let mut header = Vec::new();
        for number in [20, file.flags, if file.deflated { 8 } else { 0 }, 0, 0] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&crc.sum().to_le_bytes());
        header.extend_from_slice(&(body.len() as u32).to_le_bytes());
        header.extend_from_slice(&file.size.unwrap_or(file.bytes.len() as u32).to_le_bytes());
        header.extend_from_slice(&(file.name.len() as u16).to_le_bytes());
        header.extend_from_slice(&0u16.to_le_bytes());
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&header);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&(out.len() as u32).to_le_bytes());
        directory.extend_from_slice(file.name.as_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&header);
        out.extend_from_slice(file.name.as_bytes());
        out.extend_from_slice(&body);
    }
    let start = out.len() as u32;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend_from_slice(&(files.len() as u16).to_le_bytes());
    }
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

const KML: &str =
    "<kml><Placemark><name>a</name><Point><coordinates>1,2</coordinates></Point></Placemark></kml>";

#[test]
fn a_kmz_is_the_kml_in_it() {
    for deflated in [true, false] {
        let file = Packed { deflated, ..packed("folder/doc.KML", KML) };
        let read = read(FileKind::Kmz, &Value::Null, zip(&[packed("icon.png", *b"\x89PNG"), file]));
        assert_eq!(read.field_names, ["point", "name"]);
        assert_eq!(read.rows.len(), 1);
    }
    let error = refused(FileKind::Kmz, &Value::Null, zip(&[packed("a.txt", "x")]));
    assert_refused(&error, "incomplete_archive", ".kml");
}

#[test]
fn a_bomb_is_refused_before_it_expands() {
    let bomb = zip(&[packed("doc.kml", vec![b' '; 4 << 20])]);
    assert_refused(&refused(FileKind::Kmz, &Value::Null, bomb), "archive_too_large", "times as many");
    // A directory that tells less than there is.
    let liar = Packed { size: Some(100), ..packed("doc.kml", format!("{KML}{}", " ".repeat(1 << 20))) };
    assert_refused(&refused(FileKind::Kmz, &Value::Null, zip(&[liar])), "unparsable_file", "expands further");
    let small = Bounds { expanded: 50, ..bounds() };
    let error = refused_within(FileKind::Kmz, &Value::Null, zip(&[packed("doc.kml", KML)]), &small);
    assert_refused(&error, "archive_too_large", "may have 50");
    let few = Bounds { entries: 1, ..bounds() };
    let error = refused_within(FileKind::Kmz, &Value::Null, zip(&[packed("a", ""), packed("b", "")]), &few);
    assert_refused(&error, "archive_too_large", "2 files");
}

#[test]
fn a_damaged_archive_is_refused_wherever_it_is_damaged() {
    let whole = zip(&[packed("doc.kml", KML)]);
    for length in 0..whole.len() {
        let error = refused(FileKind::Kmz, &Value::Null, &whole[..length]);
        assert_refused(&error, "unparsable_file", "");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        // A byte that tells nothing may change; nothing else is read as it was.
        let _ = read_with(FileKind::Kmz, &Value::Null, damaged, &bounds());
    }
    let mut crc = whole.clone();
    crc[14] ^= 1;
    let directory = whole.len() - 22 - 46 - 7;
    crc[directory + 16] ^= 1;
    assert_refused(&refused(FileKind::Kmz, &Value::Null, crc), "unparsable_file", "damaged");
    let encrypted = Packed { flags: 1, ..packed("doc.kml", KML) };
    assert_refused(&refused(FileKind::Kmz, &Value::Null, zip(&[encrypted])), "unparsable_file", "encrypted");
}

#[test]
fn a_file_that_is_another_than_its_type_says_is_told_what_it_is() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice();
    for kind in
        [FileKind::Xlsx, FileKind::Xls, FileKind::GeoJson, FileKind::Kml, FileKind::Kmz, FileKind::Shapefile]
    {
        assert_refused(&refused(kind, &Value::Null, png), "unparsable_file", "PNG");
        assert_refused(&refused(kind, &Value::Null, ""), "unparsable_file", "empty");
        let text = refused(kind, &Value::Null, "a,b\n1,2\n");
        assert_refused(&text, "unparsable_file", kind.name());
    }
    let error = refused(FileKind::Xlsx, &Value::Null, zip(&[packed("doc.kml", KML)]));
    assert_refused(&error, "unparsable_file", "xl/workbook.xml");
    let error = refused(FileKind::Shapefile, &Value::Null, zip(&[packed("doc.kml", KML)]));
    assert_refused(&error, "incomplete_archive", ".shp");
}
