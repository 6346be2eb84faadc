//! An answer on its way from the thread that reads it to the client that takes it.
//!
//! A few pieces wait in memory. When they are not taken, the read gives its place to another one and
//! stands aside for a moment; should its client still not take them, the rest of the answer goes to
//! a file, so that the read ends whatever the client does: no client keeps a place, a connection to
//! the data or an old state of the data in the write-ahead log. (Ending the read and beginning it again
//! later is no way: the rest would be that of other data.)

use crate::clock::monotonic;
use crate::memory::{Memory, Place};
use crate::store::{Aside, Asides, Store};
use bytes::Bytes;
use http_body::Frame;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Bytes that wait in memory.
const WINDOW: usize = 256 * 1024;
/// Bytes that are taken out of the file at a time.
const PIECE: usize = 128 * 1024;
/// So long, all in all, a read stands aside for its client.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// So soon a read that stands aside gives back the memory that it can.
const BRIEF: Duration = Duration::from_millis(100);

/// Both ends of an answer from this store; `place` is the one that the read runs in. Without `patience`
/// the read keeps its place and never stands aside.
pub fn pipe(store: &Store, place: Place, patience: Option<Duration>) -> (Inlet, Outlet) {
    let pipe = Arc::new(Pipe { state: Mutex::default(), room: Notify::new() });
    let inlet = Inlet {
        pipe: Arc::clone(&pipe),
        asides: store.asides(),
        running: Some(place),
        spilling: None,
        patience,
        spills: false,
    };
    (inlet, Outlet { pipe, reading: None })
}

#[derive(Debug)]
struct Pipe {
    state: Mutex<State>,
    /// There is room again, or the client has left.
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    /// What comes behind the pieces.
    aside: Option<Arc<Aside>>,
    end: Option<io::Result<()>>,
    waker: Option<Waker>,
    left: bool,
}

impl State {
    fn waiting_aside(&self) -> u64 {
        self.aside.as_ref().map_or(0, |aside| aside.waiting())
    }

    fn wake(&mut self) {
        self.waker.take().into_iter().for_each(Waker::wake);
    }
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a piece that was offered.
enum Offered {
    Taken,
    /// There is no room for it now.
    Full(Bytes),
    /// Nobody is there to take it.
    Left,
}

/// The reader's end.
pub struct Inlet {
    pipe: Arc<Pipe>,
    /// Not the store itself: whoever has the whole answer may close it at once.
    asides: Asides,
    /// The place that the read runs in, until it stands aside.
    running: Option<Place>,
    /// The place for writing to the file.
    spilling: Option<Place>,
    patience: Option<Duration>,
    /// What has no room in memory goes to the file.
    spills: bool,
}

impl Inlet {
    /// Hands a piece out; false when nobody will take it. `rest` gives back memory that a read which
    /// stands aside needs no longer.
    pub fn send(&mut self, piece: Vec<u8>, rest: impl Fn()) -> bool {
        if piece.len() <= WINDOW {
            return self.send_small(piece.into(), &rest);
        }
        // A large row: what has no room in memory does not wait for the client, which may sleep.
        self.spills |= self.has_room_aside();
        piece.chunks(PIECE).all(|part| self.send_small(Bytes::copy_from_slice(part), &rest))
    }

    fn send_small(&mut self, mut piece: Bytes, rest: &impl Fn()) -> bool {
        loop {
            match self.offer(piece) {
                Ok(Offered::Taken) => return true,
                Ok(Offered::Left) => return false,
                Ok(Offered::Full(back)) => piece = back,
                Err(error) => return self.fail(error),
            }
            if !self.make_way(rest) {
                return false;
            }
        }
    }

    /// The last piece was handed out.
    pub fn end(self) {
        self.finish(Ok(()));
    }

    /// The answer breaks off; false.
    pub fn fail(&self, error: io::Error) -> bool {
        self.finish(Err(error));
        false
    }

    fn finish(&self, how: io::Result<()>) {
        let mut state = self.pipe.state();
        state.end.get_or_insert(how);
        state.wake();
    }

    fn offer(&mut self, piece: Bytes) -> io::Result<Offered> {
        let aside = {
            let mut state = self.pipe.state();
            if state.left {
                return Ok(Offered::Left);
            }
            let fits = state.pieces.is_empty() || state.bytes + piece.len() <= WINDOW;
            if fits && state.waiting_aside() == 0 {
                state.bytes += piece.len();
                state.pieces.push_back(piece);
                state.wake();
                return Ok(Offered::Taken);
            }
            if !self.spills {
                return Ok(Offered::Full(piece));
            }
            match &state.aside {
                Some(aside) => Arc::clone(aside),
                None => {
                    let aside = Arc::new(self.asides.file().map_err(io::Error::other)?);
                    Arc::clone(state.aside.insert(aside))
                }
            }
        };
        if !aside.add(&piece)? {
            self.spills = false;
            return Ok(Offered::Full(piece));
        }
        self.pipe.state().wake();
        Ok(Offered::Taken)
    }

    /// Waits for the client beside the places of others, or turns to the file; false when neither can
    /// be.
    fn make_way(&mut self, rest: &impl Fn()) -> bool {
        let has_room = self.has_room_aside();
        let memory = Arc::clone(self.asides.memory());
        let handle = Handle::current();
        let aside = if self.patience.is_some() { memory.places.aside() } else { None };
        if aside.is_none() {
            // The read goes on where it is, at its own pace.
            self.spills = has_room;
            return has_room || self.fail(no_room());
        }
        (self.running, self.spilling) = (None, None);
        let since = monotonic();
        let way = handle.block_on(self.way(&memory, has_room, rest));
        self.patience = self.patience.map(|patience| patience.saturating_sub(since.elapsed()));
        match way {
            Resumption::Spill(place) => {
                self.spilling = Some(place);
                self.spills = true;
            }
            Resumption::Room => {
                self.running = handle.block_on(memory.places.running()).ok();
            }
        }
        true
    }

    /// What comes first: room in memory, or the end of patience and a place to write to the file.
    async fn way(&self, memory: &Memory, has_room: bool, rest: &impl Fn()) -> Resumption {
        let room = self.pipe.room.notified();
        tokio::pin!(room);
        let patience = self.patience.unwrap_or_default();
        tokio::select! {
            biased;
            () = &mut room => return Resumption::Room,
            () = sleep(BRIEF.min(patience)) => rest(),
        }
        tokio::select! {
            biased;
            () = &mut room => return Resumption::Room,
            () = sleep(patience.saturating_sub(BRIEF)) => {}
        }
        if !has_room {
            room.await;
            return Resumption::Room;
        }
        tokio::select! {
            biased;
            () = &mut room => Resumption::Room,
            place = memory.places.spilling() => place.map_or(Resumption::Room, Resumption::Spill),
        }
    }

    /// Whether the file may take more.
    fn has_room_aside(&self) -> bool {
        let spilled = &self.asides.memory().spilled;
        spilled.used() + (WINDOW as u64) < spilled.limit()
    }
}

/// How a read goes on that stood aside.
enum Resumption {
    Room,
    Spill(Place),
}

fn no_room() -> io::Error {
    io::Error::other("clients are slow to take their answers, and the disk's room for these is used up")
}

/// A read that ended without saying how has failed.
impl Drop for Inlet {
    fn drop(&mut self) {
        self.finish(Err(io::Error::other("the answer ended too early")));
    }
}

/// The client's end.
#[derive(Debug)]
pub struct Outlet {
    pipe: Arc<Pipe>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Outlet {
    /// An answer that lies in a file already.
    pub fn of(aside: Aside) -> Self {
        let state = State { aside: Some(Arc::new(aside)), end: Some(Ok(())), ..State::default() };
        Self { pipe: Arc::new(Pipe { state: Mutex::new(state), room: Notify::new() }), reading: None }
    }

    /// The next piece; none at the end.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(reading) = &mut self.reading {
            let read = ready!(Pin::new(reading).poll(cx));
            self.reading = None;
            return Poll::Ready(Some(match read {
                Ok(bytes) => bytes.map(Frame::data).inspect(|_| self.pipe.room.notify_one()),
                Err(_) => Err(io::Error::other("the file of the answer could not be read")),
            }));
        }
        let mut state = self.pipe.state();
        if let Some(piece) = state.pieces.pop_front() {
            state.bytes -= piece.len();
            // Not for each piece: waking a thread costs as much as reading some rows.
            if state.bytes <= WINDOW / 2 && state.waiting_aside() == 0 {
                self.pipe.room.notify_one();
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if let Some(aside) = state.aside.clone().filter(|aside| aside.waiting() > 0) {
            drop(state);
            self.reading = Some(tokio::task::spawn_blocking(move || aside.take(PIECE)));
            return self.poll(cx);
        }
        if let Some(end) = &mut state.end {
            // Told once; after it the answer is over.
            return Poll::Ready(std::mem::replace(end, Ok(())).err().map(Err));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.pipe.state().left = true;
        self.pipe.room.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{LEAST, Room};
    use crate::store::{Folder, Image, Profile};
    use std::future::poll_fn;

    /// A store whose process may put so many bytes of answers into files.
    fn store(spilled: u64) -> Arc<Store> {
        let mut memory = Memory::new(LEAST);
        memory.spilled = Room::new(spilled);
        let folder = Folder::new(Arc::new(memory)).unwrap();
        let (image, ()) = Image::build(&folder, false, |_| Ok::<_, crate::store::StoreError>(())).unwrap();
        Store::on_image(&image, Profile::MAIN)
    }

    /// More than wait in memory.
    const PIECES: u8 = 12;

    fn piece(number: u8) -> Vec<u8> {
        vec![number; 64 * 1024]
    }

    /// Hands an answer out on a thread; whether all of it was.
    fn reader(mut inlet: Inlet) -> JoinHandle<bool> {
        tokio::task::spawn_blocking(move || {
            let all = (0..PIECES).all(|number| inlet.send(piece(number), || ()));
            if all {
                inlet.end();
            }
            all
        })
    }

    async fn next(outlet: &mut Outlet) -> Option<io::Result<Bytes>> {
        let frame = poll_fn(|cx| outlet.poll(cx)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    async fn whole(mut outlet: Outlet) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(piece) = next(&mut outlet).await {
            all.extend_from_slice(&piece.unwrap());
        }
        all
    }

    fn expected() -> Vec<u8> {
        (0..PIECES).flat_map(piece).collect()
    }

    #[tokio::test]
    async fn a_read_ends_although_nobody_takes_its_answer() {
        for patience in [None, Some(Duration::ZERO), Some(Duration::from_millis(1))] {
            let store = store(u64::MAX);
            let place = store.long_read().await.unwrap();
            let (inlet, outlet) = pipe(&store, place, patience);
            assert!(reader(inlet).await.unwrap(), "{patience:?}");
            assert!(store.memory().spilled.used() > 0);
            assert!(whole(outlet).await == expected(), "{patience:?}");
            assert_eq!(store.memory().spilled.used(), 0);
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_taken_needs_no_file() {
        let store = store(0);
        let place = store.long_read().await.unwrap();
        let (inlet, outlet) = pipe(&store, place, Some(Duration::from_secs(3600)));
        let read = reader(inlet);
        assert!(whole(outlet).await == expected());
        assert!(read.await.unwrap());
    }

    /// Each of the reads waits for its client longer than the test lasts.
    #[tokio::test]
    async fn reads_that_wait_for_their_clients_leave_their_places_to_others() {
        let (store, expected) = (store(u64::MAX), expected());
        let mut asleep = Vec::new();
        // More than may run and wait together.
        for _ in 0..40 {
            let place = store.long_read().await.unwrap();
            let (inlet, outlet) = pipe(&store, place, Some(Duration::from_secs(3600)));
            asleep.push((reader(inlet), outlet));
        }
        for (read, outlet) in asleep {
            assert!(whole(outlet).await == expected);
            assert!(read.await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_read_whose_client_leaves_ends() {
        let store = store(u64::MAX);
        for patience in [None, Some(Duration::from_secs(3600))] {
            let place = store.long_read().await.unwrap();
            let (inlet, mut outlet) = pipe(&store, place, patience);
            let read = reader(inlet);
            assert_eq!(next(&mut outlet).await.unwrap().unwrap(), piece(0));
            drop(outlet);
            // With nothing to wait for it may be over already.
            let all = read.await.unwrap();
            assert!(!all || patience.is_none());
        }
    }

    #[tokio::test]
    async fn an_answer_breaks_off_when_there_is_no_room_on_disk_and_no_place_to_wait() {
        let store = store(100_000);
        let place = store.long_read().await.unwrap();
        let (inlet, mut outlet) = pipe(&store, place, None);
        assert!(!reader(inlet).await.unwrap());
        let error = loop {
            match next(&mut outlet).await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("the answer ended as if it were whole"),
            }
        };
        assert!(error.to_string().contains("disk"), "{error}");
    }

    #[tokio::test]
    async fn a_read_waits_for_its_client_when_the_disks_room_is_used_up() {
        let store = store(100_000);
        let place = store.long_read().await.unwrap();
        let (inlet, outlet) = pipe(&store, place, Some(Duration::ZERO));
        let read = reader(inlet);
        assert!(whole(outlet).await == expected());
        assert!(read.await.unwrap());
    }

    /// A row that is larger than all that waits in memory.
    #[tokio::test]
    async fn a_large_row_does_not_wait_in_memory_for_its_client() {
        let store = store(u64::MAX);
        let place = store.long_read().await.unwrap();
        let (mut inlet, outlet) = pipe(&store, place, Some(Duration::from_secs(3600)));
        let row: Vec<u8> = (0..8 * WINDOW).map(|n| n.to_le_bytes()[1]).collect();
        let sent = row.clone();
        let read = tokio::task::spawn_blocking(move || {
            let sent = inlet.send(sent, || ());
            inlet.end();
            sent
        });
        assert!(read.await.unwrap(), "nobody has taken anything");
        assert!(store.memory().spilled.used() >= 7 * WINDOW as u64);
        assert!(outlet.pipe.state().bytes <= WINDOW);
        assert!(whole(outlet).await == row);
        assert_eq!(store.memory().spilled.used(), 0);
    }
}
