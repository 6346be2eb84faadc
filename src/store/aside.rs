//! Bytes that nobody takes yet, put aside in a file without a name. One thread adds to it while another
//! takes from it; neither waits for the other.

use super::StoreError;
use super::spool::failed;
use crate::memory::{Held, Memory, Room};
use bytes::Bytes;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes in a file, taken in the order of their coming.
#[derive(Debug)]
pub struct Aside {
    file: File,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The disk's room that the file has.
    held: Held,
    written: u64,
    taken: u64,
}

/// Where such files are made. It holds nothing of the store.
#[derive(Clone, Debug)]
pub struct Asides {
    folder: PathBuf,
    memory: Arc<Memory>,
}

impl Asides {
    pub(super) fn new(folder: &Path, memory: &Arc<Memory>) -> Self {
        Self { folder: folder.to_owned(), memory: Arc::clone(memory) }
    }

    /// A new file.
    pub fn file(&self) -> Result<Aside, StoreError> {
        Aside::new(&self.folder, &self.memory.spilled)
    }

    /// The memory and the rooms on disk that the files have their shares of.
    pub fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }
}

impl Aside {
    /// An empty one in this folder.
    pub(super) fn new(folder: &Path, room: &Room) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(folder).map_err(|source| failed(folder, source))?;
        Ok(Self { file, state: Mutex::new(State { held: room.holder(), written: 0, taken: 0 }) })
    }

    /// Adds bytes; false, and nothing is added, when there is no room for them.
    pub fn add(&self, bytes: &[u8]) -> io::Result<bool> {
        let at = {
            let mut state = self.state();
            if state.taken == state.written && state.written > 0 {
                // Nobody reads it now: its room can be given back.
                self.file.set_len(0)?;
                (state.written, state.taken) = (0, 0);
                state.held.clear();
            }
            if !state.held.grow(bytes.len()) {
                return Ok(false);
            }
            state.written
        };
        write_at(&self.file, bytes, at)?;
        self.state().written = at + bytes.len() as u64;
        Ok(true)
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> u64 {
        let state = self.state();
        state.written - state.taken
    }

    /// The next bytes, so many at most; none when none waits.
    pub fn take(&self, most: usize) -> io::Result<Bytes> {
        let (at, length) = {
            let state = self.state();
            let waiting = usize::try_from(state.written - state.taken).unwrap_or(usize::MAX);
            (state.taken, waiting.min(most))
        };
        let mut bytes = vec![0; length];
        read_at(&self.file, &mut bytes, at)?;
        self.state().taken = at + length as u64;
        Ok(bytes.into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        at += read as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_in_order_and_their_room_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::new(10);
        let aside = Aside::new(folder.path(), &room).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        assert_eq!(aside.take(4).unwrap(), "");
        assert!(aside.add(b"abcdef").unwrap() && aside.add(b"ghij").unwrap() && !aside.add(b"k").unwrap());
        assert_eq!((aside.take(4).unwrap(), aside.take(4).unwrap()), ("abcd".into(), "efgh".into()));
        assert!(!aside.add(b"k").unwrap(), "what was taken lies in the file still");
        assert_eq!((aside.waiting(), aside.take(9).unwrap()), (2, "ij".into()));
        assert!(aside.add(b"k").unwrap());
        assert_eq!((room.used(), aside.take(9).unwrap()), (1, "k".into()));
        drop(aside);
        assert_eq!(room.used(), 0);
    }
}
