//! Records of a workbook's stream, each with those that continue it.

use super::super::super::bounds::Bounds;
use super::super::super::error::FileError;
use super::damaged;
use crate::memory::Held;
use cfb::CompoundFile;
use std::io::{self, Read, Seek};

const CONTINUE: u16 = 0x003C;
/// The names of the stream in BIFF8 and in BIFF5.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];

/// A record.
pub(super) struct Record<'a> {
    pub(super) id: u16,
    pub(super) body: &'a [u8],
    /// Where the continuing records begin in the body.
    pub(super) joints: &'a [usize],
}

impl Record<'_> {
    pub(super) fn from(&self, at: usize) -> &[u8] {
        self.body.get(at..).unwrap_or(&[])
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.body.get(at).copied()
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(*self.from(at).first_chunk()?))
    }

    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.from(at).first_chunk()?))
    }

    pub(super) fn double(&self, at: usize) -> Option<f64> {
        Some(f64::from_le_bytes(*self.from(at).first_chunk()?))
    }
}

/// A reader of the records of a stream, which is held whole.
pub(super) struct RecordReader {
    stream: Vec<u8>,
    at: usize,
    body: Vec<u8>,
    joints: Vec<usize>,
    _held: Held,
}

/// What the compound file could not be read for.
fn unread(error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound => {
            let mut incomplete = damaged();
            incomplete.message = format!("{} ({error})", incomplete.message);
            incomplete
        }
        _ => FileError::unreadable(error),
    }
}

impl RecordReader {
    /// The records of the workbook in a compound file, which is no longer than the bound of a part.
    pub(super) fn new(bytes: impl Read + Seek, bounds: &Bounds) -> Result<Self, FileError> {
        let mut file = CompoundFile::open(bytes).map_err(unread)?;
        let name = STREAMS.into_iter().find(|name| file.is_stream(name)).ok_or_else(|| {
            FileError::unparsable(
                "The file is no XLS: it is another old Office document",
                "Look at its Content-Type, or send it as a blob with parse_source false.",
            )
        })?;
        let stream = file.open_stream(name).map_err(unread)?;
        // A stream cannot be longer than its file, whatever its directory says.
        let length = usize::try_from(stream.len()).unwrap_or(usize::MAX);
        let mut held = bounds.room.holder();
        if length > bounds.part || !held.grow_to(length) {
            return Err(FileError::no_room("The workbook"));
        }
        let mut whole = Vec::with_capacity(length);
        stream.take(bounds.part as u64).read_to_end(&mut whole).map_err(unread)?;
        Ok(Self { stream: whole, at: 0, body: Vec::new(), joints: Vec::new(), _held: held })
    }

    /// Goes to a place in the stream.
    pub(super) fn seek(&mut self, place: u64) {
        self.at = usize::try_from(place).unwrap_or(usize::MAX);
    }

    /// The next record; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, FileError> {
        let Some((id, length)) = self.header() else { return Ok(None) };
        self.body.clear();
        self.joints.clear();
        self.append(length)?;
        while let Some((CONTINUE, length)) = self.header() {
            self.joints.push(self.body.len());
            self.append(length)?;
        }
        Ok(Some(Record { id, body: &self.body, joints: &self.joints }))
    }

    /// The number and the length of the record that comes next.
    fn header(&self) -> Option<(u16, usize)> {
        let [a, b, c, d] = *self.stream.get(self.at..)?.first_chunk()?;
        Some((u16::from_le_bytes([a, b]), usize::from(u16::from_le_bytes([c, d]))))
    }

    fn append(&mut self, length: usize) -> Result<(), FileError> {
        let from = self.at + 4;
        self.body.extend_from_slice(self.stream.get(from..from + length).ok_or_else(damaged)?);
        self.at = from + length;
        Ok(())
    }
}
