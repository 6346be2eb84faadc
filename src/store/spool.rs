//! Typed rows that wait to be written: in memory as long as there is room for them, then in a file
//! without a name beside the data.

use super::StoreError;
use crate::codec::Batch;
use crate::memory::{Held, Room};
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A first batch of so many bytes stays in memory whether there is room or not: small uploads need
/// no file.
const SMALL: usize = 128 * 1024;

/// A file without a name could not be used.
pub(super) fn failed(folder: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: folder.display().to_string(), source }
}

/// Rows in the order of their coming.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    memory: Vec<Arc<Batch>>,
    held: Held,
    /// Rows that came after those in memory.
    file: Option<File>,
    bytes: usize,
}

impl Spool {
    pub(super) fn new(room: &Room, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), memory: Vec::new(), held: room.holder(), file: None, bytes: 0 }
    }

    /// Bytes of rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The first rows; none only when there are no rows.
    pub fn first(&mut self) -> Result<Option<Arc<Batch>>, StoreError> {
        let Some(file) = self.file.as_mut().filter(|_| self.memory.is_empty()) else {
            return Ok(self.memory.first().cloned());
        };
        file.rewind().and_then(|()| read(file)).map_err(|source| failed(&self.folder, source))
    }

    /// All rows as long as none of them went to the file.
    pub fn in_memory(&self) -> Option<&[Arc<Batch>]> {
        self.file.is_none().then_some(self.memory.as_slice())
    }

    /// Adds rows.
    pub fn push(&mut self, batch: Arc<Batch>) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let length = batch.len();
        self.bytes += length;
        let free = self.memory.is_empty() && length <= SMALL;
        if self.file.is_none() && (free || self.held.grow(length)) {
            self.memory.push(batch);
            return Ok(());
        }
        self.spill(&batch).map_err(|source| failed(&self.folder, source))
    }

    fn spill(&mut self, batch: &Batch) -> std::io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        let (data, rows) = batch.as_bytes();
        file.write_all(&header(data.len(), rows))?;
        file.write_all(data)?;
        self.file = Some(file);
        Ok(())
    }

    /// Forgets the rows: they will not be written.
    pub fn clear(&mut self) {
        self.memory.clear();
        self.file = None;
        self.held.clear();
    }

    /// The rows in order.
    pub fn batches(&mut self) -> impl Iterator<Item = Result<Arc<Batch>, StoreError>> {
        let mut file = self.file.take();
        let mut failure = file.as_mut().and_then(|f| f.rewind().err());
        let folder = self.folder.display().to_string();
        let spilled = std::iter::from_fn(move || {
            let read = match failure.take() {
                Some(error) => Err(error),
                None => read(file.as_mut()?),
            };
            if !matches!(read, Ok(Some(_))) {
                file = None;
            }
            read.map_err(|source| StoreError::File { path: folder.clone(), source }).transpose()
        });
        std::mem::take(&mut self.memory).into_iter().map(Ok).chain(spilled)
    }
}

const HEADER: usize = 16;

fn header(length: usize, rows: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&(length as u64).to_le_bytes());
    header[8..].copy_from_slice(&(rows as u64).to_le_bytes());
    header
}

/// The next batch of a spill file; none at its end.
fn read(file: &mut File) -> std::io::Result<Option<Arc<Batch>>> {
    let mut header = [0; HEADER];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let number = |bytes: &[u8]| {
        let number = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        usize::try_from(number).map_err(|_| std::io::ErrorKind::InvalidData)
    };
    let mut data = vec![0; number(&header[..8])?];
    file.read_exact(&mut data)?;
    Ok(Some(Arc::new(Batch::from_bytes(data, number(&header[8..])?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: u8) -> Arc<Batch> {
        // A row of 21 bytes of header and nothing else; its id tells it from others.
        let mut data = vec![21, 0, 0, 0, 0];
        data.extend_from_slice(&[number; 16]);
        Arc::new(Batch::from_bytes(data, 1))
    }

    #[test]
    fn rows_come_back_in_order_from_memory_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(50);
        let mut spool = Spool::new(&room, folder.path());
        for number in 0..10 {
            spool.push(batch(number)).unwrap();
        }
        assert!(spool.in_memory().is_none() && spool.memory.len() == 3);
        assert_eq!(spool.first().unwrap().unwrap().as_bytes().0[20], 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        let back: Vec<_> = spool.batches().map(|b| b.unwrap().as_bytes().0[20]).collect();
        assert_eq!(back, (0..10).collect::<Vec<u8>>());
        drop(spool);
        assert_eq!(room.used(), 0, "all memory is given back");
    }

    #[test]
    fn a_large_first_row_waits_in_the_file_when_there_is_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(&Room::new(50), folder.path());
        let large = Arc::new(Batch::from_bytes(vec![1; SMALL + 1], 1));
        spool.push(Arc::clone(&large)).unwrap();
        spool.push(batch(7)).unwrap();
        assert!(spool.memory.is_empty());
        for _ in 0..2 {
            assert_eq!(spool.first().unwrap(), Some(Arc::clone(&large)));
        }
        assert_eq!(spool.batches().map(|b| b.unwrap().len()).collect::<Vec<_>>(), [SMALL + 1, 21]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let mut spool = Spool::new(&Room::new(0), Path::new("/nowhere"));
        spool.push(batch(1)).unwrap();
        let error = spool.push(batch(2)).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere: "), "{error}");
    }
}
