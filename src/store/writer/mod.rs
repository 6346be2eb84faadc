//! The writer thread. It opens the only connection that writes; jobs that wait together are
//! committed together and answered after the commit. A short job that finds nobody at work is done
//! where it was asked for, which is sooner than waking a thread.

mod commit;
mod feed;
mod queue;
pub mod schedule;

pub use commit::{Done, End, Job, JobEnd, Source};
pub use feed::{Feed, FeedSender};
pub use queue::{Waiting, Work};
pub use schedule::WriteMode;

pub(in crate::store) use feed::feed;

use crate::store::error::{Failure, StoreError};
use commit::{NotBegun, commit_group, panic_text, refuse_all};
use queue::{Batch, Queue};
use rusqlite::Connection;
use schedule::QUEUE;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The handle of the writer thread, which runs only while there is something to write.
pub struct Writer {
    shared: Arc<Shared>,
    waiting: Waiting,
    linger: Option<Duration>,
    /// Whether data survive: then the end of the thread is waited for, and all jobs are the
    /// thread's, as a commit may wait for the disk.
    survives: bool,
}

struct Shared {
    source: Arc<dyn Source>,
    running: Mutex<Running>,
    /// Held by whoever writes; none while the thread is not running.
    connection: Mutex<Option<Connection>>,
}

#[derive(Default)]
struct Running {
    sender: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// A thread that starts with the first piece of work. Idle for `linger` it rests. When data
    /// survive, its end is waited for; else it ends and tidies up by itself, so that nobody waits for
    /// the removal of what he has just replaced.
    pub fn new(source: Arc<dyn Source>, linger: Option<Duration>, survives: bool) -> Self {
        let shared = Arc::new(Shared { source, running: Mutex::default(), connection: Mutex::default() });
        Self { shared, waiting: Waiting::default(), linger, survives }
    }

    /// Does a short job at once when nobody is at work and nobody waits; else gives it back.
    pub fn do_here(&self, job: Job) -> Option<Job> {
        if self.survives || job.mode != WriteMode::Short || self.waiting.any() {
            return Some(job);
        }
        let Ok(held) = self.shared.connection.try_lock() else { return Some(job) };
        let Some(connection) = &*held else { return Some(job) };
        if let Err(NotBegun { why, group }) = commit_group(&*self.shared.source, connection, vec![job]) {
            refuse_all(group, &why);
        }
        None
    }

    /// Puts work into the queue.
    pub fn send(&self, work: Work) -> Result<(), StoreError> {
        let sender = self.sender()?;
        self.waiting.add();
        sender.send(work).map_err(|_| StoreError::Closed)
    }

    /// The sender is waited with outside the lock, which the thread needs to rest.
    fn sender(&self) -> Result<SyncSender<Work>, StoreError> {
        let mut running = self.shared.running();
        if let Some(sender) = &running.sender {
            return Ok(sender.clone());
        }
        let (sender, receiver) = sync_channel(QUEUE);
        let queue = Queue { receiver, waiting: self.waiting.clone(), held: None };
        let (shared, linger) = (Arc::clone(&self.shared), self.linger);
        let thread = std::thread::Builder::new()
            .name("soda-mock-writer".to_owned())
            .spawn(move || shared.run(queue, linger))
            .map_err(|source| StoreError::File { path: "the writer thread".to_owned(), source })?;
        *running = Running { sender: Some(sender.clone()), thread: Some(thread) };
        Ok(sender)
    }

    /// The length of the queue, to be looked at from inside a job.
    pub fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Running { sender, thread } = std::mem::take(&mut *self.shared.running());
        drop(sender);
        if let Some(thread) = thread.filter(|_| self.survives) {
            // A panic of the thread was caught and logged where it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut queue: Queue, linger: Option<Duration>) {
        match self.source.open() {
            Ok(connection) => *self.connection() = Some(connection),
            Err(error) => return self.refuse(queue, &error),
        }
        let mut rests = false;
        while let Some(batch) = queue.next(linger, || {
            // Whoever took the sender before it is gone from here is still served.
            self.running().sender = None;
            rests = true;
        }) {
            let mut held = self.connection();
            // Only now: while any waits, nobody else takes the connection.
            queue.took(&batch);
            let Some(connection) = &mut *held else { continue };
            if let Err(NotBegun { why, mut group }) = self.apply(connection, batch) {
                if why == Failure::Busy {
                    // They have waited for the same lock. Whoever comes after the refusal tries again.
                    group.extend(queue.take_waiting());
                }
                refuse_all(group, &why);
            }
        }
        let connection = self.connection().take();
        connection.into_iter().for_each(|connection| self.source.close(connection, rests));
    }

    /// Nothing can be written now; the next piece of work tries again.
    fn refuse(&self, mut queue: Queue, error: &StoreError) {
        tracing::error!(%error, "the store could not be opened for writing");
        self.running().sender = None;
        let why = Failure::of_opening(error);
        while let Some(batch) = queue.next(None, || ()) {
            queue.took(&batch);
            match batch {
                Batch::Changes(group) => refuse_all(group, &why),
                Batch::Exclusive(work) => work(Err(why.clone().into())),
            }
        }
    }

    fn apply(&self, connection: &mut Connection, batch: Batch) -> Result<(), NotBegun> {
        match batch {
            Batch::Changes(group) => commit_group(&*self.source, connection, group),
            Batch::Exclusive(work) => {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(Ok(connection)))) {
                    tracing::error!(panic = panic_text(panic.as_ref()), "work on the store panicked");
                }
                Ok(())
            }
        }
    }
}
