//! The writer thread. It opens the only connection that writes; jobs that wait together are
//! committed together and answered after the commit. A short job that finds nobody at work is done
//! where it was asked for, which is sooner than waking a thread.

use super::connection::exec;
use super::error::{Failure, StoreError};
use super::tx::WriteTx;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a job leaves behind: whether its changes stay, and how to tell its owner how it ended.
pub struct Done {
    /// False: the job's changes are taken back.
    pub keep: bool,
    /// Called after the commit, with the reason when it failed.
    pub reply: Box<dyn FnOnce(Option<StoreError>) + Send>,
}

/// One unit of writing.
pub struct Job {
    /// How it shares a transaction with others.
    pub manner: Manner,
    /// Does the work inside the transaction, or takes note that none could be begun.
    pub run: Change,
}

/// How a job shares a transaction with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Under a savepoint: it may refuse after it has changed something.
    Savepoint,
    /// As it is: it refuses, if it does, before it changes anything.
    Clean,
    /// Clean, and done in so short a time that a thread which answers requests may do it.
    Short,
    /// Not at all: it may take long, and nobody else's commit is to wait for it.
    Alone,
    /// Under a savepoint; it changes the catalogue, which is shown with the commit.
    Define,
}

/// A change inside a transaction.
pub type Change = Box<dyn FnOnce(Result<&WriteTx<'_>, StoreError>) -> Done + Send>;

/// How many jobs wait for the writer. A job that waits for its client looks at it and gives way.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// Whether any job waits.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// One piece of work for the thread.
pub enum Work {
    /// A change in a transaction.
    Change(Job),
    /// Something with the whole connection, outside any transaction.
    Exclusive(Exclusive),
}

/// Work outside any transaction; it is told when there is no connection.
pub type Exclusive = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

/// Where the thread gets its connection from.
pub trait Source: Send + Sync + 'static {
    /// Opens it; called on the thread, before the first piece of work and again after a rest.
    fn open(&self) -> Result<Connection, StoreError>;

    /// Closes it: for a rest, or for good.
    fn close(&self, connection: Connection, rests: bool);

    /// Ends a transaction that changed the catalogue. `end` commits, or takes everything back when it
    /// is given a reason; what it returns is why the transaction was not kept. No reader sees the new
    /// catalogue before the commit, or the old one after it.
    fn publish(&self, connection: &Connection, end: End<'_>) -> Option<Failure>;
}

/// Ends a transaction: commits it, or takes it back for the reason that it is given.
pub type End<'a> = &'a mut dyn FnMut(Option<Failure>) -> Option<Failure>;

/// So many jobs are committed together at most.
const GROUP: usize = 512;

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
        if self.survives || job.manner != Manner::Short || self.waiting.any() {
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
        self.waiting.0.fetch_add(1, Ordering::Relaxed);
        sender.send(work).map_err(|_| StoreError::Closed)
    }

    /// The sender is waited with outside the lock, which the thread needs to rest.
    fn sender(&self) -> Result<SyncSender<Work>, StoreError> {
        let mut running = self.shared.running();
        if let Some(sender) = &running.sender {
            return Ok(sender.clone());
        }
        let (sender, receiver) = sync_channel(4096);
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

/// The writer's end of the queue.
struct Queue {
    receiver: Receiver<Work>,
    waiting: Waiting,
    /// What is to be done alone, met while a group was gathered.
    held: Option<Work>,
}

/// What is done at once.
enum Batch {
    /// Jobs that are committed together.
    Changes(Vec<Job>),
    /// Work outside transactions.
    Exclusive(Exclusive),
}

impl Queue {
    /// The next work; none when nobody can send any more. Idle for `linger` it says so and goes on.
    fn next(&mut self, linger: Option<Duration>, idle: impl FnOnce()) -> Option<Batch> {
        let first = match self.held.take() {
            Some(work) => work,
            None => self.receive(linger, idle)?,
        };
        let first = match first {
            Work::Exclusive(work) => return Some(Batch::Exclusive(work)),
            Work::Change(job) => job,
        };
        let alone = first.manner == Manner::Alone;
        let mut group = vec![first];
        while !alone && group.len() < GROUP {
            let Ok(work) = self.receiver.try_recv() else { break };
            match work {
                Work::Change(job) if job.manner != Manner::Alone => group.push(job),
                other => {
                    self.held = Some(other);
                    break;
                }
            }
        }
        Some(Batch::Changes(group))
    }

    fn receive(&self, linger: Option<Duration>, idle: impl FnOnce()) -> Option<Work> {
        match linger.map(|linger| self.receiver.recv_timeout(linger)) {
            Some(Ok(work)) => Some(work),
            Some(Err(RecvTimeoutError::Disconnected)) => None,
            Some(Err(RecvTimeoutError::Timeout)) => {
                idle();
                self.receiver.recv().ok()
            }
            None => self.receiver.recv().ok(),
        }
    }

    /// The changes that wait now, up to other work.
    fn take_waiting(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let first = self.held.take();
        for work in first.into_iter().chain(std::iter::from_fn(|| self.receiver.try_recv().ok())) {
            match work {
                Work::Change(job) => jobs.push(job),
                other @ Work::Exclusive(_) => {
                    self.held = Some(other);
                    break;
                }
            }
        }
        self.waiting.0.fetch_sub(jobs.len(), Ordering::Relaxed);
        jobs
    }

    /// It waits no longer.
    fn took(&self, batch: &Batch) {
        let count = if let Batch::Changes(group) = batch { group.len() } else { 1 };
        self.waiting.0.fetch_sub(count, Ordering::Relaxed);
    }
}

fn refuse_all(group: Vec<Job>, why: &Failure) {
    for job in group {
        (run_job(job, Err(why.clone().into())).map(|done| (done.reply)(None))).unwrap_or_default();
    }
}

/// Jobs whose transaction could not begin; their owners are still to be told.
struct NotBegun {
    why: Failure,
    group: Vec<Job>,
}

/// Runs the jobs in one transaction and tells their owners how it ended.
fn commit_group(source: &dyn Source, connection: &Connection, group: Vec<Job>) -> Result<(), NotBegun> {
    if let Err(error) = exec(connection, "BEGIN IMMEDIATE") {
        tracing::error!(%error, "a transaction could not begin");
        return Err(NotBegun { why: Failure::of(&error), group });
    }
    let alone = group.len() == 1;
    let defines = group.iter().any(|job| job.manner == Manner::Define);
    let mut replies = Vec::with_capacity(group.len());
    let mut broken = None;
    for job in group {
        if let Some(why) = &broken {
            refuse_all(vec![job], why);
            continue;
        }
        let clean = matches!(job.manner, Manner::Clean | Manner::Short) && !alone;
        if !alone && !clean {
            let _ = exec(connection, "SAVEPOINT job");
        }
        let before = connection.total_changes();
        let done = run_job(job, Ok(&WriteTx::on(connection)));
        let keep = done.as_ref().is_some_and(|d| d.keep);
        if connection.is_autocommit() {
            // SQLite has taken the whole transaction back, as it does when the disk is full.
            broken = Some(Failure::TakenBack);
        } else if !clean {
            end_job(connection, alone, keep);
        } else if !keep && connection.total_changes() != before {
            // SQLite itself has failed in the middle: nobody's changes can be told from the rest.
            broken = Some(Failure::TakenBack);
        }
        replies.extend(done.map(|d| d.reply));
    }
    let mut end = |refused: Option<Failure>| end_group(connection, refused.or_else(|| broken.clone()));
    let failure = if defines { source.publish(connection, &mut end) } else { end(None) };
    for reply in replies {
        reply(failure.clone().map(StoreError::from));
    }
    Ok(())
}

/// Commits, or takes everything back; why it could not be kept.
fn end_group(connection: &Connection, refused: Option<Failure>) -> Option<Failure> {
    let failure = refused.or_else(|| exec(connection, "COMMIT").err().map(|error| Failure::of(&error)));
    if let Some(failure) = &failure {
        tracing::error!(?failure, "writes are taken back");
        if !connection.is_autocommit() {
            let _ = exec(connection, "ROLLBACK");
        }
    }
    failure
}

/// Runs a job; none when it panicked, and then its owner is told by the reply channel's end.
fn run_job(job: Job, tx: Result<&WriteTx<'_>, StoreError>) -> Option<Done> {
    catch_unwind(AssertUnwindSafe(|| (job.run)(tx)))
        .inspect_err(|panic| tracing::error!(panic = panic_text(panic.as_ref()), "a write panicked"))
        .ok()
}

fn end_job(connection: &Connection, alone: bool, keep: bool) {
    let result = match (alone, keep) {
        (true, true) => Ok(()),
        (true, false) => exec(connection, "ROLLBACK").and_then(|()| exec(connection, "BEGIN")),
        (false, true) => exec(connection, "RELEASE job"),
        (false, false) => exec(connection, "ROLLBACK TO job").and_then(|()| exec(connection, "RELEASE job")),
    };
    if let Err(error) = result {
        tracing::error!(%error, "a job could not be ended");
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default()
}
