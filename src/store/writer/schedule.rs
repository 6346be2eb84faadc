//! When and how writes are done: every threshold with its reason.

use std::time::Duration;

/// How a write shares a transaction with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// Under a savepoint: it may refuse after it has changed something.
    Savepoint,
    /// Without one: it refuses, if it does, before it changes anything.
    Clean,
    /// Clean, and done in so short a time that a thread which answers requests may do it.
    Short,
    /// With nobody else: it may take long, and no other commit is to wait for it.
    Alone,
    /// Under a savepoint; it changes the catalogue, which is shown with the commit.
    Define,
}

/// Rows of more bytes are committed alone: a small write that came with them would wait for them.
const ALONE: usize = 256 * 1024;
/// Rows of up to so many bytes are written within the time of a few small reads.
const SHORT: usize = 8 * 1024;

impl WriteMode {
    /// The mode of a write of so many bytes of rows that refuses, if it does, before it changes anything. While
    /// requests come one by one, the thread that answers does a short one; among others it goes to the writer,
    /// which commits together what comes together. `solitary` tells whether they come one by one, and is asked for
    /// short writes only.
    pub fn of_clean(bytes: usize, solitary: impl FnOnce() -> bool) -> Self {
        if bytes <= SHORT && solitary() { Self::Short } else { Self::Clean }
    }

    /// The mode of an upload of so many bytes of rows. One that empties its dataset first takes as long as that has
    /// rows; one that `refuses_late` may have stored rows before it finds the one that it is refused for.
    pub fn of_upload(
        bytes: usize,
        empties: bool,
        refuses_late: bool,
        solitary: impl FnOnce() -> bool,
    ) -> Self {
        match (bytes > ALONE || empties, refuses_late) {
            (true, _) => Self::Alone,
            (false, true) => Self::Savepoint,
            (false, false) => Self::of_clean(bytes, solitary),
        }
    }
}

/// So many writes in a row that met no other request: the next is likely alone too.
pub const LIKELY_ALONE: usize = 8;
/// So many writes are committed together at most: the first of them waits for the last.
pub(super) const GROUP: usize = 512;
/// So many writes wait in the queue; further ones wait to get into it.
pub(super) const QUEUE: usize = 4096;

/// Typed rows are handed on in batches of about so many bytes: large enough that the hand-over costs nothing.
pub const BATCH: usize = 64 * 1024;
/// An upload of fewer bytes of rows is not worth two threads.
pub const LARGE: usize = 512 * 1024;
/// A body that comes slower, in bytes a second, is not written before its end: the writer would wait for it.
pub const FAST: usize = 16 * 1024 * 1024;
/// So many batches are on their way to the writer: enough that neither side waits for the other's next.
pub(super) const ON_THE_WAY: usize = 8;
/// So long, all in all, the writer waits for one client: as long as others can wait without noticing.
pub(super) const PATIENCE: Duration = Duration::from_millis(25);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_refusals_decide_how_a_write_shares_its_transaction() {
        let upload = |bytes, empties, refuses_late, solitary| {
            WriteMode::of_upload(bytes, empties, refuses_late, || solitary)
        };
        for (bytes, empties, refuses_late, solitary, expected) in [
            (0, false, false, true, WriteMode::Short),
            (SHORT, false, false, true, WriteMode::Short),
            (SHORT, false, false, false, WriteMode::Clean),
            (SHORT + 1, false, false, true, WriteMode::Clean),
            (ALONE, false, false, true, WriteMode::Clean),
            (0, false, true, true, WriteMode::Savepoint),
            (ALONE, false, true, true, WriteMode::Savepoint),
            (ALONE + 1, false, true, true, WriteMode::Alone),
            (ALONE + 1, false, false, true, WriteMode::Alone),
            (0, true, false, true, WriteMode::Alone),
        ] {
            let case = (bytes, empties, refuses_late, solitary);
            assert_eq!(upload(bytes, empties, refuses_late, solitary), expected, "{case:?}");
        }
    }

    #[test]
    fn only_short_writes_ask_whether_requests_come_one_by_one() {
        let never = || -> bool { unreachable!("a long write does not ask") };
        assert_eq!(WriteMode::of_clean(SHORT + 1, never), WriteMode::Clean);
        assert_eq!(WriteMode::of_upload(0, true, false, never), WriteMode::Alone);
        assert_eq!(WriteMode::of_upload(0, false, true, never), WriteMode::Savepoint);
    }
}
