//! Rows that go to the writer while their request still arrives.
//!
//! The writer's transaction is open meanwhile, so it waits for the client only a moment, and not
//! at all when somebody else waits for the writer: then the job is given up, its changes are taken
//! back, and the rows, which the sender has kept, are written once all of them are there.

use super::queue::Waiting;
use super::schedule::{ON_THE_WAY, PATIENCE};
use crate::clock::monotonic;
use crate::codec::Batch;
use crate::store::StoreError;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// What is sent to the writer.
enum Piece {
    Rows(Arc<Batch>),
    /// No more rows; without this the sender has gone.
    End,
}

/// The client's side.
#[derive(Debug)]
pub struct FeedSender(Sender<Piece>);

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rows(_) => "Rows",
            Self::End => "End",
        })
    }
}

impl FeedSender {
    /// Hands rows over; false when the writer takes no more.
    pub async fn send(&self, batch: Arc<Batch>) -> bool {
        self.0.send(Piece::Rows(batch)).await.is_ok()
    }

    /// Says that all rows have been sent.
    pub async fn end(self) {
        // When the writer has given up, its job's answer says so.
        let _ = self.0.send(Piece::End).await;
    }
}

/// The writer's side: batches as they come.
#[derive(Debug)]
pub struct Feed {
    receiver: Receiver<Piece>,
    waiting: Waiting,
    patience: Duration,
    /// Wakes the writer's thread; none before it has asked for the first batch.
    waker: Option<Waker>,
}

/// Both sides.
pub(in crate::store) fn feed(waiting: Waiting) -> (FeedSender, Feed) {
    let (sender, receiver) = channel(ON_THE_WAY);
    (FeedSender(sender), Feed { receiver, waiting, patience: PATIENCE, waker: None })
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Iterator for Feed {
    type Item = Result<Arc<Batch>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let since = monotonic();
        let waker = self.waker.get_or_insert_with(|| {
            let writer = std::thread::current();
            self.waiting.wake(Some(writer.clone()));
            Waker::from(Arc::new(Unpark(writer)))
        });
        let mut context = Context::from_waker(waker);
        loop {
            match self.receiver.poll_recv(&mut context) {
                Poll::Ready(Some(Piece::Rows(batch))) => {
                    self.patience = self.patience.saturating_sub(since.elapsed());
                    return Some(Ok(batch));
                }
                Poll::Ready(Some(Piece::End)) => return None,
                Poll::Ready(None) => return Some(Err(StoreError::Stalled)),
                Poll::Pending => {}
            }
            let left = self.patience.saturating_sub(since.elapsed());
            if self.waiting.any() || left.is_zero() {
                return Some(Err(StoreError::Stalled));
            }
            // Until rows have come, a job has come to wait, or the patience is at its end.
            std::thread::park_timeout(left);
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.waiting.wake(None);
    }
}
