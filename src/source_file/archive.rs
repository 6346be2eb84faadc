//! ZIP archives: the directory, and its files as they are expanded.
//!
//! What a directory claims is checked against [`Bounds`] before anything is expanded, and a file that expands further
//! than it claims is refused where it does. Two files of an archive can be read side by side, and none is held whole.

use super::bounds::Bounds;
use super::error::{FileError, FileErrorKey};
use super::kind::FileKind;
use super::sniff;
use flate2::{Crc, bufread::DeflateDecoder};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::sync::{Arc, Mutex, PoisonError};

/// The end of the directory lies in so many last bytes: its record and a comment.
const TAIL: u64 = 22 + 65_535;
/// A directory of more bytes is not read.
const MAX_DIRECTORY: u64 = 4 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// A reader of its own place in bytes that others read too.
struct Shared<R> {
    bytes: Arc<Mutex<R>>,
    at: u64,
}

impl<R: Read + Seek> Read for Shared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.seek(SeekFrom::Start(self.at))?;
        let length = bytes.read(buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}

/// A file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its path in the archive.
    pub(super) name: String,
    /// Bytes when it is expanded.
    pub(super) size: u64,
    compressed: u64,
    method: u16,
    encrypted: bool,
    crc: u32,
    /// Where its local header begins.
    at: u64,
}

/// An archive and its files.
pub(super) struct Archive<R> {
    kind: FileKind,
    bytes: Arc<Mutex<R>>,
    entries: Vec<Entry>,
}

/// Little-endian numbers one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(*self.take(2)?.first_chunk()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(*self.take(4)?.first_chunk()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(*self.take(8)?.first_chunk()?))
    }
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the directory.
    pub(super) fn new(kind: FileKind, mut bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        let head = sniff::head(&mut bytes)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(sniff::mislabelled(kind, &head));
        }
        let length = bytes.seek(SeekFrom::End(0)).map_err(FileError::unreadable)?;
        let from = length.saturating_sub(TAIL);
        let tail = range(&mut bytes, from, length - from)?;
        let (count, start, size) =
            directory(&mut bytes, &tail, from)?.ok_or_else(|| FileError::incomplete(kind))?;
        if count > bounds.entries as u64 || size > MAX_DIRECTORY {
            return Err(too_large(format!(
                "The archive has {count} files; at most {} are read",
                bounds.entries
            )));
        }
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(FileError::incomplete(kind));
        }
        let text = range(&mut bytes, start, size)?;
        let mut fields = Fields(&text);
        let entries: Option<Vec<Entry>> = (0..count).map(|_| entry(&mut fields)).collect();
        let entries = entries.ok_or_else(|| FileError::incomplete(kind))?;
        check(&entries, bounds)?;
        Ok(Self { kind, bytes: Arc::new(Mutex::new(bytes)), entries })
    }

    /// Its files, without folders and what macOS adds.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.name.ends_with('/') && !entry.name.starts_with("__MACOSX/"))
    }

    /// The file at this path, whatever the case of its letters.
    pub(super) fn named(&self, name: &str) -> Option<&Entry> {
        self.entries().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Begins to expand a file.
    pub(super) fn part(&self, entry: &Entry) -> Result<Part<R>, FileError> {
        if entry.encrypted || !matches!(entry.method, 0 | 8) {
            let why =
                if entry.encrypted { "is encrypted" } else { "is compressed in a way that is not read" };
            return Err(FileError::unparsable(
                format!("{} in the archive {why}", entry.name),
                "Make the archive anew, with the usual compression (deflate) and without a password.",
            ));
        }
        let mut bytes = Shared { bytes: Arc::clone(&self.bytes), at: entry.at };
        let mut header = [0; 30];
        let damaged = |_| FileError::incomplete(self.kind);
        bytes.read_exact(&mut header).map_err(damaged)?;
        let mut lengths = Fields(&header[26..]);
        let (Some(name), Some(extra)) = (lengths.u16(), lengths.u16()) else {
            return Err(FileError::incomplete(self.kind));
        };
        if !header.starts_with(b"PK\x03\x04") {
            return Err(FileError::incomplete(self.kind));
        }
        bytes.at += u64::from(name) + u64::from(extra);
        let bytes = BufReader::with_capacity(PIECE, bytes.take(entry.compressed));
        let source = if entry.method == 0 {
            Source::Stored(bytes)
        } else {
            Source::Deflated(DeflateDecoder::new(bytes))
        };
        Ok(Part { source, left: entry.size, crc: Crc::new(), expected: entry.crc })
    }

    /// Refuses a file that is too long to be held.
    pub(super) fn check_part(&self, entry: &Entry, bounds: &Bounds) -> Result<(), FileError> {
        if entry.size <= bounds.part as u64 {
            return Ok(());
        }
        let (name, size) = (&entry.name, entry.size);
        Err(too_large(format!("{name} in the archive has {size} bytes; it may have {}", bounds.part)))
    }

    /// A file that is short enough to be held whole.
    pub(super) fn whole(&self, entry: &Entry, bounds: &Bounds) -> Result<Vec<u8>, FileError> {
        self.check_part(entry, bounds)?;
        let mut bytes = Vec::new();
        self.part(entry)?.read_to_end(&mut bytes).map_err(|error| FileError::of_part(self.kind, error))?;
        Ok(bytes)
    }
}

/// A file of an archive that is being expanded.
pub(super) struct Part<R> {
    source: Source<R>,
    /// Bytes that have not come yet.
    left: u64,
    crc: Crc,
    expected: u32,
}

enum Source<R> {
    Stored(BufReader<Take<Shared<R>>>),
    Deflated(DeflateDecoder<BufReader<Take<Shared<R>>>>),
}

impl<R: Read + Seek> Read for Part<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let length = match &mut self.source {
            Source::Stored(bytes) => bytes.read(buffer)?,
            Source::Deflated(bytes) => bytes.read(buffer)?,
        };
        self.crc.update(&buffer[..length]);
        self.left = self.left.checked_sub(length as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "a file of the archive expands further than its directory says",
            )
        })?;
        if length == 0 && (self.left > 0 || self.crc.sum() != self.expected) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a file of the archive is damaged"));
        }
        Ok(length)
    }
}

/// The bytes of a part of a file that is known to be short.
fn range(bytes: &mut (impl Read + Seek), from: u64, length: u64) -> Result<Vec<u8>, FileError> {
    let mut text = Vec::new();
    bytes.seek(SeekFrom::Start(from)).map_err(FileError::unreadable)?;
    bytes.take(length).read_to_end(&mut text).map_err(FileError::unreadable)?;
    Ok(text)
}

/// How many files the directory has, where it begins and how long it is, from the last bytes of a file and where they begin.
fn directory(
    bytes: &mut (impl Read + Seek),
    tail: &[u8],
    from: u64,
) -> Result<Option<(u64, u64, u64)>, FileError> {
    let Some(at) = memchr::memmem::rfind(tail, b"PK\x05\x06") else { return Ok(None) };
    let mut fields = Fields(&tail[at..]);
    let numbers = (|| {
        fields.take(10)?;
        let count = fields.u16()?;
        let (size, start) = (fields.u32()?, fields.u32()?);
        // The length of a comment.
        fields.take(2)?;
        Some((u64::from(count), u64::from(start), u64::from(size)))
    })();
    let is_long = numbers
        .is_some_and(|(count, start, size)| count == 0xFFFF || start == 0xFFFF_FFFF || size == 0xFFFF_FFFF);
    // Longer numbers stand in a record of their own, to which a locator in front of the end points.
    let locator = tail.get(at.wrapping_sub(20)..at).filter(|text| text.starts_with(b"PK\x06\x07"));
    let (Some(locator), true) = (locator, is_long) else { return Ok(numbers) };
    let Some(place) = Fields(&locator[8..]).u64().filter(|place| *place < from + at as u64) else {
        return Ok(None);
    };
    let record = range(bytes, place, 56)?;
    let mut fields = Fields(&record);
    Ok((|| {
        fields.take(4).filter(|signature| *signature == b"PK\x06\x06")?;
        fields.take(28)?;
        let count = fields.u64()?;
        let size = fields.u64()?;
        Some((count, fields.u64()?, size))
    })())
}

/// The next entry of a directory.
fn entry(fields: &mut Fields<'_>) -> Option<Entry> {
    fields.take(4).filter(|signature| *signature == b"PK\x01\x02")?;
    fields.take(4)?;
    let flags = fields.u16()?;
    let method = fields.u16()?;
    fields.take(4)?;
    let crc = fields.u32()?;
    let (mut compressed, mut size) = (u64::from(fields.u32()?), u64::from(fields.u32()?));
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.take(8)?;
    let mut at = u64::from(fields.u32()?);
    // Names are UTF-8, or ASCII as a rule; other letters do not decide what is read.
    let name = String::from_utf8_lossy(fields.take(usize::from(name))?).replace('\\', "/");
    let mut extras = Fields(fields.take(usize::from(extra))?);
    fields.take(usize::from(comment))?;
    while let (Some(id), Some(length)) = (extras.u16(), extras.u16()) {
        let mut extra = Fields(extras.take(usize::from(length))?);
        for number in [&mut size, &mut compressed, &mut at] {
            if id == 1 && *number == 0xFFFF_FFFF {
                *number = extra.u64()?;
            }
        }
    }
    Some(Entry { name, size, compressed, method, encrypted: flags & 1 != 0, crc, at })
}

/// Refuses what expands too far.
fn check(entries: &[Entry], bounds: &Bounds) -> Result<(), FileError> {
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.size));
    if total > bounds.expanded {
        return Err(too_large(format!(
            "The archive's files have {total} bytes together; they may have {}",
            bounds.expanded
        )));
    }
    let is_bomb = |entry: &&Entry| {
        entry.size > Bounds::RATIO_FROM && entry.size / bounds.ratio.max(1) > entry.compressed
    };
    match entries.iter().find(is_bomb) {
        None => Ok(()),
        Some(entry) => Err(too_large(format!(
            "{} in the archive expands from {} bytes to {}, more than {} times as many",
            entry.name, entry.compressed, entry.size, bounds.ratio
        ))),
    }
}

fn too_large(message: String) -> FileError {
    FileError::new(FileErrorKey::ArchiveTooLarge, message, "Send less at once, or as CSV.")
}
