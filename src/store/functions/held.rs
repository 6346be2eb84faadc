//! Memory of the function call that runs on this thread: what it makes of large arguments takes its bytes from one
//! share of the process, as long as the call runs.

use super::{Ran, RuntimeError};
use crate::memory::{Held, Room};
use std::cell::RefCell;

thread_local! {
    /// What the call that this thread runs holds; none for a call that needs little.
    static CURRENT: RefCell<Option<Held>> = const { RefCell::new(None) };
}

/// Runs a call that may [`hold`] bytes of a room, and gives them back.
pub fn with_memory<T>(room: &Room, call: impl FnOnce() -> T) -> T {
    struct Release;
    impl Drop for Release {
        fn drop(&mut self) {
            CURRENT.set(None);
        }
    }
    CURRENT.set(Some(room.holder()));
    let _release = Release;
    call()
}

/// Takes so many more bytes for the call; refused when the room has not so many.
pub fn hold(bytes: usize) -> Ran<()> {
    let held = CURRENT.with_borrow_mut(|held| held.as_mut().is_none_or(|held| held.grow(bytes)));
    if held { Ok(()) } else { Err(RuntimeError::OutOfMemory) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_holds_bytes_until_it_ends() {
        let room = Room::new(100);
        let held = with_memory(&room, || {
            assert_eq!((hold(60), hold(40), hold(1)), (Ok(()), Ok(()), Err(RuntimeError::OutOfMemory)));
            room.used()
        });
        assert_eq!((held, room.used()), (100, 0));
        assert_eq!(hold(usize::MAX), Ok(()), "nothing is counted outside of a call");
    }
}
