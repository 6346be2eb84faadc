//! Typed rows that wait to be written: in memory as long as there is room for them, then in a file
//! without a name beside the data.

use super::StoreError;
use crate::codec::Batch;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// All uploads of a store together hold so many bytes of rows in memory.
const ROOM: usize = 24 * 1024 * 1024;

/// The memory that a store's uploads share.
#[derive(Clone, Debug)]
pub(super) struct Room {
    used: Arc<AtomicUsize>,
    limit: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { used: Arc::default(), limit: ROOM }
    }
}

impl Room {
    fn take(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|total| *total <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Rows in the order of their coming.
#[derive(Debug)]
pub struct Spool {
    room: Room,
    folder: PathBuf,
    memory: Vec<Arc<Batch>>,
    held: usize,
    /// Rows that came after those in memory.
    file: Option<File>,
    bytes: usize,
}

impl Spool {
    pub(super) fn new(room: Room, data_file: &Path) -> Self {
        let folder = data_file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { room, folder: folder.to_owned(), memory: Vec::new(), held: 0, file: None, bytes: 0 }
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
    pub fn first(&self) -> Option<&Batch> {
        self.memory.first().map(Arc::as_ref)
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
        // The first batch always stays, so that a small upload needs no file.
        if self.file.is_none() && (self.memory.is_empty() || self.room.take(length)) {
            if !self.memory.is_empty() {
                self.held += length;
            }
            self.memory.push(batch);
            return Ok(());
        }
        self.spill(&batch)
            .map_err(|source| StoreError::File { path: self.folder.display().to_string(), source })
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
        self.room.give_back(std::mem::take(&mut self.held));
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

impl Drop for Spool {
    fn drop(&mut self) {
        self.room.give_back(self.held);
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
        let room = Room { limit: 50, ..Room::default() };
        let mut spool = Spool::new(room.clone(), &folder.path().join("data.db"));
        for number in 0..10 {
            spool.push(batch(number)).unwrap();
        }
        assert!(spool.in_memory().is_none() && spool.memory.len() == 3);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        let back: Vec<_> = spool.batches().map(|b| b.unwrap().as_bytes().0[20]).collect();
        assert_eq!(back, (0..10).collect::<Vec<u8>>());
        drop(spool);
        assert_eq!(room.used.load(Ordering::Relaxed), 0, "all memory is given back");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let room = Room { limit: 0, ..Room::default() };
        let mut spool = Spool::new(room, Path::new("/nowhere/data.db"));
        spool.push(batch(1)).unwrap();
        let error = spool.push(batch(2)).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere: "), "{error}");
    }
}
