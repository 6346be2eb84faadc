use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use proptest::prelude::*;
use soda_mock::source_file::sdiff::WholeFile;
use std::io::Write as _;

fn number(mut value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A patch before it is compressed: the checksum's name, and what it is of.
fn plain(block_size: u32, operations: &[Vec<u8>]) -> Vec<u8> {
    let body = [number(block_size), operations.concat(), vec![255]].concat();
    let checksum = Md5::digest(&body);
    [b"\x03MD5".as_slice(), &body, checksum.as_slice()].concat()
}

fn data(bytes: &[u8]) -> Vec<u8> {
    [vec![1], number(bytes.len() as u32), bytes.to_vec()].concat()
}

fn whole_within(patch: &[u8], bounds: &Bounds) -> Result<Vec<u8>, FileError> {
    let mut file = WholeFile::new(patch, bounds)?;
    let mut out = Vec::new();
    while let Some(piece) = file.next_piece()? {
        out.extend_from_slice(piece);
    }
    assert_eq!(file.next_piece()?, None);
    Ok(out)
}

fn whole(patch: &[u8]) -> Result<Vec<u8>, FileError> {
    whole_within(patch, &bounds())
}

#[test]
fn the_data_of_a_patch_is_the_file() {
    let long = vec![b'x'; 100_000];
    let patch = zipped(&plain(102_400, &[data(b"a,b\n"), data(&long), data(b"")]));
    assert_eq!(whole(&patch).unwrap(), [b"a,b\n".as_slice(), &long].concat());
    assert_eq!(whole(&zipped(&plain(10, &[]))).unwrap(), b"");
}

#[test]
fn a_patch_that_is_not_whole_or_needs_another_file_is_refused() {
    let good = plain(1000, &[data(b"a,b\n")]);
    let mut other = good.clone();
    other[9] ^= 1;
    let huge = [b"\x03MD5".as_slice(), &[0xFF; 6]].concat();
    for (patch, part) in [
        (b"a,b\n1,2\n3,4\n5,6\n".to_vec(), "no gzip"),
        (Vec::new(), "too early"),
        (zipped(&good[..good.len() - 1]), "too early"),
        (zipped(&[good.as_slice(), b"x"].concat()), "behind its end"),
        (zipped(&other), "checksum"),
        (zipped(&plain(1000, &[vec![0, 7]])), "earlier file"),
        (zipped(&plain(1000, &[vec![9]])), "operation 9"),
        (zipped(&plain(3, &[data(b"abcd")])), "longer than its blocks"),
        (zipped(b"\x04SHA1"), "SHA1"),
        (zipped(&huge), "too large"),
    ] {
        assert_refused(&whole(&patch).unwrap_err(), "unparsable_file", part);
    }
    let few = Bounds { expanded: 3, ..bounds() };
    for patch in [good, plain(10, &vec![data(b""); 10])] {
        assert_refused(&whole_within(&zipped(&patch), &few).unwrap_err(), "archive_too_large", "further");
    }
}

proptest! {
    #[test]
    fn pieces_of_any_size_come_back(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..8)) {
        let operations: Vec<Vec<u8>> = pieces.iter().map(|piece| data(piece)).collect();
        prop_assert_eq!(whole(&zipped(&plain(300, &operations))).unwrap(), pieces.concat());
    }

    #[test]
    fn any_patch_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = whole(&zipped(&bytes));
        let _ = whole(&zipped(&[b"\x03MD5".as_slice(), &bytes].concat()));
        let _ = whole(&bytes);
    }
}
