//! Bytes that are read once all of them are there: few in memory, more in a file without a name.

use super::{Aside, StoreError};
use crate::memory::Memory;
use crate::soda::SodaError;
use bytes::{Buf as _, Bytes};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes that stay in memory.
const HEAD: usize = 128 * 1024;
/// Bytes that are read from the file at a time.
const PIECE: usize = 128 * 1024;

/// Bytes that wait to be read.
#[derive(Debug)]
pub struct Stash {
    folder: PathBuf,
    memory: Arc<Memory>,
    head: Vec<u8>,
    rest: Option<Aside>,
}

impl Stash {
    /// An empty one, whose file would lie in this folder.
    pub(super) fn new(folder: &Path, memory: &Arc<Memory>) -> Self {
        Self { folder: folder.to_owned(), memory: Arc::clone(memory), head: Vec::new(), rest: None }
    }

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.rest.is_none() && self.head.len() + bytes.len() <= HEAD {
            self.head.extend_from_slice(bytes);
            return Ok(());
        }
        let rest = match &self.rest {
            Some(rest) => rest,
            None => self.rest.insert(Aside::new(&self.folder, &self.memory.spilled)?),
        };
        let added = rest.add(bytes).map_err(|source| super::spool::failed(&self.folder, source))?;
        let full = "The disk's room for bodies and answers that wait is used up";
        if added { Ok(()) } else { Err(SodaError::out_of_memory(full).into()) }
    }

    /// Reads all bytes, in the order of their coming.
    pub fn read(self) -> StashReader {
        StashReader { piece: self.head.into(), rest: self.rest }
    }
}

/// Reads what lay in a stash.
#[derive(Debug)]
pub struct StashReader {
    piece: Bytes,
    rest: Option<Aside>,
}

impl Read for StashReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty()
            && let Some(rest) = &self.rest
        {
            self.piece = rest.take(PIECE)?;
        }
        let length = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{LEAST, Room};

    fn all(stash: Stash) -> Vec<u8> {
        let mut all = Vec::new();
        stash.read().read_to_end(&mut all).unwrap();
        all
    }

    #[test]
    fn bytes_come_back_from_memory_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(Memory::new(LEAST));
        for pieces in [0, 1, 100, 5000] {
            let mut stash = Stash::new(folder.path(), &memory);
            for number in 0..pieces {
                stash.push(format!("{number:0100}").as_bytes()).unwrap();
            }
            assert_eq!(stash.rest.is_some(), pieces == 5000);
            let expected: String = (0..pieces).map(|number| format!("{number:0100}")).collect();
            assert!(all(stash) == expected.as_bytes(), "{pieces}");
        }
        assert_eq!((memory.spilled.used(), std::fs::read_dir(folder.path()).unwrap().count()), (0, 0));
    }

    #[test]
    fn what_finds_no_room_on_disk_is_refused() {
        let mut memory = Memory::new(LEAST);
        memory.spilled = Room::new(10);
        let mut stash = Stash::new(Path::new("."), &Arc::new(memory));
        stash.push(&[0; HEAD]).unwrap();
        let StoreError::Refused(refusal) = stash.push(&[0; 11]).unwrap_err() else { panic!() };
        assert_eq!(refusal.status(), 503);
    }
}
