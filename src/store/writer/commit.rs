//! One transaction of the writer: its jobs, how they share it, and how it ends.

use super::schedule::WriteMode;
use crate::store::connection::exec;
use crate::store::error::{Failure, StoreError};
use crate::store::tx::{StoredVersions, WriteTx};
use crate::store::versions::Versions;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What becomes of a job's changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// They stay.
    Keep,
    /// They are taken back.
    TakeBack,
}

/// What a job leaves behind.
pub struct Done {
    /// What becomes of its changes.
    pub end: JobEnd,
    /// Tells its owner how it ended: called after the commit, with the reason when that failed.
    pub reply: Box<dyn FnOnce(Option<StoreError>) + Send>,
}

/// One unit of writing.
pub struct Job {
    /// How it shares a transaction with others.
    pub mode: WriteMode,
    /// Does the work inside the transaction, or takes note that none could be begun.
    pub run: Change,
}

/// A change inside a transaction.
pub type Change = Box<dyn FnOnce(Result<&WriteTx<'_>, StoreError>) -> Done + Send>;

/// Where the thread gets its connection from.
pub trait Source: Send + Sync + 'static {
    /// Opens it; called on the thread, before the first piece of work and again after a rest.
    fn open(&self) -> Result<Connection, StoreError>;

    /// Whether the database has views of its datasets.
    fn has_views(&self) -> bool;

    /// Closes it: for a rest, or for good.
    fn close(&self, connection: Connection, rests: bool);

    /// Ends a transaction. `end` commits, or takes everything back when it is given a reason; what it
    /// returns is why the transaction was not kept. No reader sees what the transaction `stored` of
    /// versions before the commit; and of a change of the catalogue, which it `defines`, none sees the new
    /// one before the commit, or the old one after it.
    fn publish(
        &self,
        connection: &Connection,
        defines: bool,
        stored: Vec<(i64, Versions)>,
        end: End<'_>,
    ) -> Option<Failure>;
}

/// Ends a transaction: commits it, or takes it back for the reason that it is given.
pub type End<'a> = &'a mut dyn FnMut(Option<Failure>) -> Option<Failure>;

/// How a job lies in the transaction of its group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// The transaction is its own.
    Whole,
    /// Under a savepoint of its own.
    Savepoint,
    /// Without one, between others.
    Unmarked,
}

impl Share {
    fn of(mode: WriteMode, alone: bool) -> Self {
        match mode {
            _ if alone => Self::Whole,
            WriteMode::Clean | WriteMode::Short => Self::Unmarked,
            WriteMode::Savepoint | WriteMode::Alone | WriteMode::Define => Self::Savepoint,
        }
    }

    /// Ends a job that has `changed` something or not; why nothing of the transaction can be kept.
    fn end(self, connection: &Connection, end: JobEnd, changed: bool) -> Option<Failure> {
        if connection.is_autocommit() {
            // SQLite has taken the whole transaction back, as it does when the disk is full.
            return Some(Failure::TakenBack);
        }
        let result = match (self, end) {
            (Self::Whole | Self::Unmarked, JobEnd::Keep) => Ok(()),
            (Self::Whole, JobEnd::TakeBack) => {
                exec(connection, "ROLLBACK").and_then(|()| exec(connection, "BEGIN"))
            }
            (Self::Savepoint, JobEnd::Keep) => exec(connection, "RELEASE job"),
            (Self::Savepoint, JobEnd::TakeBack) => {
                exec(connection, "ROLLBACK TO job").and_then(|()| exec(connection, "RELEASE job"))
            }
            // SQLite itself has failed in the middle: nobody's changes can be told from the rest.
            (Self::Unmarked, JobEnd::TakeBack) if changed => return Some(Failure::TakenBack),
            (Self::Unmarked, JobEnd::TakeBack) => Ok(()),
        };
        if let Err(error) = result {
            tracing::error!(%error, "a job could not be ended");
        }
        None
    }
}

pub(super) fn refuse_all(group: Vec<Job>, why: &Failure) {
    for job in group {
        if let Some(done) = run_job(job, Err(why.clone().into())) {
            (done.reply)(None);
        }
    }
}

/// Jobs whose transaction could not begin; their owners are still to be told.
pub(super) struct NotBegun {
    pub why: Failure,
    pub group: Vec<Job>,
}

/// Runs the jobs in one transaction and tells their owners how it ended.
pub(super) fn commit_group(
    source: &dyn Source,
    connection: &Connection,
    group: Vec<Job>,
) -> Result<(), NotBegun> {
    if let Err(error) = exec(connection, "BEGIN IMMEDIATE") {
        tracing::error!(%error, "a transaction could not begin");
        return Err(NotBegun { why: Failure::of(&error), group });
    }
    let alone = group.len() == 1;
    let defines = group.iter().any(|job| job.mode == WriteMode::Define);
    let mut replies = Vec::with_capacity(group.len());
    let mut broken = None;
    let stored = StoredVersions::default();
    for job in group {
        if let Some(why) = &broken {
            refuse_all(vec![job], why);
            continue;
        }
        let share = Share::of(job.mode, alone);
        if share == Share::Savepoint {
            let _ = exec(connection, "SAVEPOINT job");
        }
        let before = connection.total_changes();
        let noted = stored.borrow().len();
        let tx = WriteTx::noting(connection, &stored).with_views(source.has_views());
        let done = run_job(job, Ok(&tx));
        let end = done.as_ref().map_or(JobEnd::TakeBack, |done| done.end);
        if end == JobEnd::TakeBack {
            stored.borrow_mut().truncate(noted);
        }
        broken = share.end(connection, end, connection.total_changes() != before);
        replies.extend(done.map(|done| done.reply));
    }
    let mut end = |refused: Option<Failure>| end_group(connection, refused.or_else(|| broken.clone()));
    let failure = source.publish(connection, defines, stored.into_inner(), &mut end);
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

/// The text of a panic.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default()
}
