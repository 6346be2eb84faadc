//! How much a file may ask for.

use crate::memory::Room;
use crate::soda::definition::MAX_COLUMNS;

/// The bounds of a file that is read.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Bytes of text of one row.
    pub row: usize,
    /// Columns.
    pub columns: usize,
    /// Files in an archive.
    pub entries: usize,
    /// Bytes that the files of an archive may have together when they are expanded.
    pub expanded: u64,
    /// An archive's file of more than [`Bounds::RATIO_FROM`] bytes may be so many times as long as its compressed form.
    pub ratio: u64,
    /// Bytes of a part that has to be held whole, such as the shared texts of a workbook or a whole XLS file.
    pub part: usize,
    /// Where what is held beyond a few bytes takes its room.
    pub room: Room,
}

impl Bounds {
    /// Shorter files of an archive may be compressed as well as they can be.
    pub const RATIO_FROM: u64 = 1024 * 1024;

    /// The usual bounds; what is held takes its room from here.
    pub fn new(room: &Room) -> Self {
        Self {
            row: 16 * 1024 * 1024,
            columns: MAX_COLUMNS,
            entries: 4096,
            expanded: 4 * 1024 * 1024 * 1024,
            ratio: 200,
            part: 64 * 1024 * 1024,
            room: room.clone(),
        }
    }
}
