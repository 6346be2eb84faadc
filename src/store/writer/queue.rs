//! What waits for the writer, and in which portions it is done.

use super::commit::Job;
use super::schedule::{GROUP, WriteMode};
use crate::store::error::StoreError;
use rusqlite::Connection;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

/// How many jobs wait for the writer. A job that waits for its client looks at it and gives way.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    count: AtomicUsize,
    /// The writer while it waits for a client.
    writer: Mutex<Option<Thread>>,
}

impl Waiting {
    /// Whether any job waits.
    pub fn any(&self) -> bool {
        self.0.count.load(Ordering::Relaxed) > 0
    }

    /// One more waits; a writer that waits for a client is woken.
    pub(super) fn add(&self) {
        self.0.count.fetch_add(1, Ordering::Relaxed);
        if let Some(writer) = &*self.0.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            writer.unpark();
        }
    }

    fn sub(&self, count: usize) {
        self.0.count.fetch_sub(count, Ordering::Relaxed);
    }

    /// Wakes this thread from now on when a job comes to wait, or no thread any more.
    pub(super) fn wake(&self, writer: Option<Thread>) {
        *self.0.writer.lock().unwrap_or_else(PoisonError::into_inner) = writer;
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

/// The writer's end of the queue.
pub(super) struct Queue {
    pub receiver: Receiver<Work>,
    pub waiting: Waiting,
    /// What is to be done alone, met while a group was gathered.
    pub held: Option<Work>,
}

/// What is done at once.
pub(super) enum Batch {
    /// Jobs that are committed together.
    Changes(Vec<Job>),
    /// Work outside transactions.
    Exclusive(Exclusive),
}

impl Queue {
    /// The next work; none when nobody can send any more. Idle for `linger` it says so and goes on.
    pub fn next(&mut self, linger: Option<Duration>, idle: impl FnOnce()) -> Option<Batch> {
        let first = match self.held.take() {
            Some(work) => work,
            None => self.receive(linger, idle)?,
        };
        let first = match first {
            Work::Exclusive(work) => return Some(Batch::Exclusive(work)),
            Work::Change(job) => job,
        };
        let alone = first.mode == WriteMode::Alone;
        let mut group = vec![first];
        while !alone && group.len() < GROUP {
            let Ok(work) = self.receiver.try_recv() else { break };
            match work {
                Work::Change(job) if job.mode != WriteMode::Alone => group.push(job),
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
    pub fn take_waiting(&mut self) -> Vec<Job> {
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
        self.waiting.sub(jobs.len());
        jobs
    }

    /// It waits no longer.
    pub fn took(&self, batch: &Batch) {
        let count = if let Batch::Changes(group) = batch { group.len() } else { 1 };
        self.waiting.sub(count);
    }
}
