//! Typed rows on their way to the writer.
//!
//! A small upload is handed over when it has ended. A large one that comes fast is handed over
//! while it comes, so that reading and writing go on together; should it slow down, the writer
//! gives it up and it is written when it has ended, as a slow one always is. So no client keeps
//! the writer waiting, whatever it does. Rows are kept until the end in either case, in a spool
//! that takes little memory.

use crate::clock::monotonic;
use crate::codec::Rows;
use crate::producer::{RowWrite, UpsertReport};
use crate::soda::SodaError;
use crate::store::schedule::{BATCH, FAST, LARGE};
use crate::store::{FeedSender, Pending, Spool, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant};

enum State {
    /// Rows are only kept.
    Keeping,
    /// Rows are kept and handed over.
    Feeding(FeedSender, Pending<UpsertReport>),
    /// The writer has refused them; what follows is read for its own mistakes only.
    Refused(StoreError),
}

/// Typed rows on their way to the writer.
pub struct Delivery {
    spool: Spool,
    /// Taken when it is decided whether the rows are handed over while they come.
    write: Option<RowWrite>,
    state: State,
    seen: usize,
    since: Option<Instant>,
}

impl Delivery {
    /// A delivery into a spool; with a write it may be early.
    pub fn new(spool: Spool, write: Option<RowWrite>) -> Self {
        Self { spool, write, state: State::Keeping, seen: 0, since: None }
    }

    /// Takes finished rows once there are enough of them; `seen` bytes of the body have come since
    /// the last time.
    pub async fn offer(&mut self, rows: &mut Rows, seen: usize) -> Result<(), SodaError> {
        self.seen += seen;
        if rows.pending() < BATCH {
            self.since.get_or_insert_with(monotonic);
            return Ok(());
        }
        self.take(rows).await?;
        // One row may be a single object, which is answered otherwise.
        if self.write.is_some() && self.spool.bytes() >= LARGE && rows.count() > 1 {
            self.begin_if_fast().await?;
        }
        Ok(())
    }

    async fn take(&mut self, rows: &mut Rows) -> Result<(), SodaError> {
        let batch = Arc::new(rows.take());
        if let State::Feeding(sender, _) = &self.state
            && !sender.send(Arc::clone(&batch)).await
        {
            self.writer_left().await;
        }
        if !matches!(self.state, State::Refused(_)) {
            self.spool.push(batch)?;
        }
        Ok(())
    }

    /// Looks at the speed once, when the upload turns out to be large.
    async fn begin_if_fast(&mut self) -> Result<(), SodaError> {
        let Some(write) = self.write.take() else { return Ok(()) };
        let elapsed = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        let Some(held) = self.spool.in_memory() else { return Ok(()) };
        if self.seen as f64 / FAST as f64 <= elapsed.as_secs_f64() {
            return Ok(());
        }
        let held = held.to_vec();
        let (sender, pending) = write.begin()?;
        self.state = State::Feeding(sender, pending);
        for batch in held {
            let State::Feeding(sender, _) = &self.state else { break };
            if !sender.send(batch).await {
                self.writer_left().await;
            }
        }
        Ok(())
    }

    /// The job has ended before its rows: given up for slowness, or refused.
    async fn writer_left(&mut self) {
        let State::Feeding(_, pending) = std::mem::replace(&mut self.state, State::Keeping) else { return };
        match pending.await {
            Ok(_) | Err(StoreError::Stalled) => {}
            Err(refusal) => {
                self.spool.clear();
                self.state = State::Refused(refusal);
            }
        }
    }

    /// The last rows; what waits to be written, and the writer's answer if it has all of them.
    pub async fn end(mut self, rows: &mut Rows) -> Result<(Spool, Option<Pending<UpsertReport>>), SodaError> {
        self.take(rows).await?;
        match self.state {
            State::Keeping => Ok((self.spool, None)),
            State::Feeding(sender, pending) => {
                sender.end().await;
                Ok((self.spool, Some(pending)))
            }
            State::Refused(refusal) => Err(refusal.into()),
        }
    }
}
