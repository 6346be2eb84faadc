//! What DataSync sends: a patch of the public format of ssync, compressed with gzip, that holds a whole file.
//!
//! A patch is the name of a checksum, the size of blocks, and operations: data to be appended, or the number of a
//! block of an earlier file. A client that was told of no earlier file sends data alone, and only such patches are
//! read. At the end stands the checksum of all behind its name.

use super::bounds::Bounds;
use super::error::{FileError, FileErrorKey};
use flate2::read::MultiGzDecoder;
use md5::{Digest as _, Md5};
use std::io::{self, BufReader, Read};

const PIECE: usize = 64 * 1024;
/// The only checksum that clients use.
const CHECKSUM: &str = "MD5";

/// Operations of a patch.
mod op {
    pub(super) const BLOCK: u8 = 0;
    pub(super) const DATA: u8 = 1;
    pub(super) const END: u8 = 255;
}

/// The file in a patch.
pub struct WholeFile<R> {
    patch: BufReader<MultiGzDecoder<R>>,
    checksum: Md5,
    block_size: u32,
    /// Bytes of the operation that have not come.
    left: usize,
    /// Bytes that the file's data and operations may still have.
    allowed: u64,
    piece: Vec<u8>,
    ended: bool,
}

fn damaged(why: &str) -> FileError {
    FileError::unparsable(
        format!("The chunks together are no whole patch: {why}"),
        "Look whether all chunks were sent and are named in their order.",
    )
}

fn unread(error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => damaged("they are no gzip"),
        io::ErrorKind::UnexpectedEof => damaged("they end too early"),
        _ => FileError::unreadable(error),
    }
}

impl<R: Read> WholeFile<R> {
    /// Reads the front of a patch, which is a gzip file.
    pub fn new(patch: R, bounds: &Bounds) -> Result<Self, FileError> {
        let mut patch = BufReader::new(MultiGzDecoder::new(patch));
        let mut length = [0];
        patch.read_exact(&mut length).map_err(unread)?;
        let mut name = vec![0; usize::from(length[0])];
        patch.read_exact(&mut name).map_err(unread)?;
        if name != CHECKSUM.as_bytes() {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(FileError::unparsable(
                format!("The patch has a checksum of the kind {name:?}"),
                "Only MD5 is read, which DataSync sends.",
            ));
        }
        let mut file = Self {
            patch,
            checksum: Md5::new(),
            block_size: 0,
            left: 0,
            allowed: bounds.expanded,
            piece: vec![0; PIECE],
            ended: false,
        };
        file.block_size = file.number()?;
        Ok(file)
    }

    /// The next bytes of the file; none at its end, where the checksum was right.
    pub fn next_piece(&mut self) -> Result<Option<&[u8]>, FileError> {
        while self.left == 0 {
            if self.ended || !self.operation()? {
                return Ok(None);
            }
        }
        let length = self.left.min(PIECE);
        self.patch.read_exact(&mut self.piece[..length]).map_err(unread)?;
        self.checksum.update(&self.piece[..length]);
        self.left -= length;
        self.count(length)?;
        Ok(Some(&self.piece[..length]))
    }

    /// Counts bytes of what is expanded.
    fn count(&mut self, bytes: usize) -> Result<(), FileError> {
        self.allowed = self.allowed.checked_sub(bytes as u64).ok_or_else(|| {
            FileError::new(
                FileErrorKey::ArchiveTooLarge,
                "The patch expands further than a file may",
                "Send the file in parts.",
            )
        })?;
        Ok(())
    }

    /// Reads the next operation; false at the end.
    fn operation(&mut self) -> Result<bool, FileError> {
        // One without data is not for nothing either.
        self.count(1)?;
        match self.byte()? {
            op::DATA => {
                let length = self.number()?;
                if length > self.block_size {
                    return Err(damaged("it has data that is longer than its blocks"));
                }
                self.left = length as usize;
                Ok(true)
            }
            op::BLOCK => Err(FileError::unparsable(
                "The patch names a block of an earlier file, of which none is here",
                "Send the whole file: with relativeTo null, after completed/ was answered with [].",
            )),
            op::END => {
                self.ended = true;
                self.check()?;
                Ok(false)
            }
            other => Err(damaged(&format!("it has an operation {other}, which is not known"))),
        }
    }

    fn check(&mut self) -> Result<(), FileError> {
        let mut sent = [0; 16];
        self.patch.read_exact(&mut sent).map_err(unread)?;
        if self.checksum.finalize_reset().as_slice() != sent {
            return Err(damaged("its checksum is another than that of its bytes"));
        }
        if self.patch.read(&mut sent).map_err(unread)? > 0 {
            return Err(damaged("there are bytes behind its end"));
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, FileError> {
        let mut byte = [0];
        self.patch.read_exact(&mut byte).map_err(unread)?;
        self.checksum.update(byte);
        Ok(byte[0])
    }

    /// A number of one to five bytes, seven bits each, the lowest first.
    fn number(&mut self) -> Result<u32, FileError> {
        let mut number = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number).map_err(|_| damaged("it has a number that is too large"));
            }
        }
        Err(damaged("it has a number that is too large"))
    }
}
