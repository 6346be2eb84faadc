//! The writer thread. It owns the only connection that writes; jobs that wait together are
//! committed together and answered after the commit.

use super::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// What a job leaves behind: whether its changes stay, and how to tell its owner how it ended.
pub struct Done {
    /// False: the job's changes are taken back.
    pub keep: bool,
    /// Called after the commit, with the reason when it failed.
    pub reply: Box<dyn FnOnce(Option<StoreError>) + Send>,
}

/// One unit of writing.
pub struct Job {
    /// Committed alone: it may take long, and nobody else's commit is to wait for it.
    pub alone: bool,
    /// Does the work inside the transaction, or takes note that none could be begun.
    pub run: Box<dyn FnOnce(Result<&Connection, StoreError>) -> Done + Send>,
}

/// How many jobs wait for the writer. A job that waits for its client looks at it and gives way.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// Whether any job waits.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// So many jobs are committed together at most.
const GROUP: usize = 512;

/// The handle of the writer thread.
pub struct Writer {
    sender: Option<SyncSender<Job>>,
    waiting: Waiting,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(4096);
        let waiting = Waiting::default();
        let queue = Queue { receiver, waiting: waiting.clone(), held: None };
        let thread = std::thread::Builder::new()
            .name("soda-mock-writer".to_owned())
            .spawn(move || run(&connection, queue))
            .map_err(|source| StoreError::File { path: "the writer thread".to_owned(), source })?;
        Ok(Self { sender: Some(sender), waiting, thread: Some(thread) })
    }

    /// Puts a job into the queue.
    pub fn send(&self, job: Job) -> Result<(), StoreError> {
        let sender = self.sender.as_ref().ok_or(StoreError::Closed)?;
        self.waiting.0.fetch_add(1, Ordering::Relaxed);
        sender.send(job).map_err(|_| StoreError::Closed)
    }

    /// The length of the queue, to be looked at from inside a job.
    pub fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was caught and logged where it happened.
            let _ = thread.join();
        }
    }
}

/// The writer's end of the queue.
struct Queue {
    receiver: Receiver<Job>,
    waiting: Waiting,
    /// A job that is to be committed alone, met while a group was gathered.
    held: Option<Job>,
}

impl Queue {
    /// The next jobs to commit together; none when nobody can send any more.
    fn next(&mut self) -> Option<Vec<Job>> {
        let first = match self.held.take() {
            Some(job) => job,
            None => self.took(self.receiver.recv().ok()?),
        };
        let alone = first.alone;
        let mut group = vec![first];
        while !alone && group.len() < GROUP {
            let Ok(job) = self.receiver.try_recv() else { break };
            let job = self.took(job);
            if job.alone {
                self.held = Some(job);
                break;
            }
            group.push(job);
        }
        Some(group)
    }

    fn took(&self, job: Job) -> Job {
        self.waiting.0.fetch_sub(1, Ordering::Relaxed);
        job
    }
}

fn run(connection: &Connection, mut queue: Queue) {
    while let Some(group) = queue.next() {
        commit_group(connection, group);
    }
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the last checkpoint failed");
    }
}

fn commit_group(connection: &Connection, group: Vec<Job>) {
    if let Err(error) = exec(connection, "BEGIN IMMEDIATE") {
        tracing::error!(%error, "a transaction could not begin");
        let busy = super::error::is_busy(&error);
        for job in group {
            let why = if busy { StoreError::Busy } else { StoreError::Transaction(error.to_string()) };
            (run_job(job, Err(why)).map(|done| (done.reply)(None))).unwrap_or_default();
        }
        return;
    }
    let alone = group.len() == 1;
    let mut replies = Vec::with_capacity(group.len());
    for job in group {
        if !alone {
            let _ = exec(connection, "SAVEPOINT job");
        }
        let done = run_job(job, Ok(connection));
        end_job(connection, alone, done.as_ref().is_some_and(|d| d.keep));
        replies.extend(done.map(|d| d.reply));
    }
    let failure = exec(connection, "COMMIT").err();
    if let Some(error) = &failure {
        tracing::error!(%error, "a commit failed");
        let _ = exec(connection, "ROLLBACK");
    }
    for reply in replies {
        reply(failure.as_ref().map(|e| StoreError::Transaction(format!("commit failed: {e}"))));
    }
}

/// Runs a job; none when it panicked, and then its owner is told by the reply channel's end.
fn run_job(job: Job, connection: Result<&Connection, StoreError>) -> Option<Done> {
    catch_unwind(AssertUnwindSafe(|| (job.run)(connection)))
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

fn exec(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(|_| ())
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default()
}
