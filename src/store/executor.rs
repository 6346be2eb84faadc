//! The writer thread. It owns the only connection that writes; jobs that wait together are
//! committed together and answered after the commit.

use super::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
pub type Job = Box<dyn FnOnce(&Connection) -> Done + Send>;

/// So many jobs are committed together at most.
const GROUP: usize = 512;

/// The handle of the writer thread.
pub struct Writer {
    sender: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(4096);
        let thread = std::thread::Builder::new()
            .name("soda-mock-writer".to_owned())
            .spawn(move || run(&connection, &receiver))
            .map_err(|source| StoreError::File { path: "the writer thread".to_owned(), source })?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Puts a job into the queue.
    pub fn send(&self, job: Job) -> Result<(), StoreError> {
        let sender = self.sender.as_ref().ok_or(StoreError::Closed)?;
        sender.send(job).map_err(|_| StoreError::Closed)
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

fn run(connection: &Connection, receiver: &Receiver<Job>) {
    while let Ok(first) = receiver.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(receiver.try_iter().take(GROUP - 1)).collect();
        commit_group(connection, group);
    }
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the last checkpoint failed");
    }
}

fn commit_group(connection: &Connection, group: Vec<Job>) {
    if let Err(error) = exec(connection, "BEGIN IMMEDIATE") {
        tracing::error!(%error, "a transaction could not begin");
        return; // Dropping the jobs answers their owners: the reply channels close.
    }
    let alone = group.len() == 1;
    let mut replies = Vec::with_capacity(group.len());
    for job in group {
        if !alone {
            let _ = exec(connection, "SAVEPOINT job");
        }
        match catch_unwind(AssertUnwindSafe(|| job(connection))) {
            Ok(done) => {
                end_job(connection, alone, done.keep);
                replies.push(done.reply);
            }
            Err(panic) => {
                tracing::error!(panic = panic_text(panic.as_ref()), "a write panicked");
                end_job(connection, alone, false);
            }
        }
    }
    let failure = exec(connection, "COMMIT").err();
    if let Some(error) = &failure {
        tracing::error!(%error, "a commit failed");
        let _ = exec(connection, "ROLLBACK");
    }
    for reply in replies {
        reply(failure.as_ref().map(|e| StoreError::Panicked(format!("commit failed: {e}"))));
    }
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
