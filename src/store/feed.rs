//! Rows that go to the writer while their request still arrives.
//!
//! The writer's transaction is open meanwhile, so it waits for the client only a moment, and not
//! at all when somebody else waits for the writer: then the job is given up, its changes are taken
//! back, and the rows, which the sender has kept, are written once all of them are there.

use super::StoreError;
use super::executor::Waiting;
use crate::clock::monotonic;
use crate::codec::Batch;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// So long, all in all, the writer waits for one client.
const PATIENCE: Duration = Duration::from_millis(25);
/// A look whether rows have come, or somebody else waits, is taken so often.
const LOOK: Duration = Duration::from_micros(200);
/// Batches on their way.
const DEPTH: usize = 8;

/// What is sent to the writer.
pub(super) enum Piece {
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
}

/// Both sides.
pub(super) fn feed(waiting: Waiting) -> (FeedSender, Feed) {
    let (sender, receiver) = channel(DEPTH);
    (FeedSender(sender), Feed { receiver, waiting, patience: PATIENCE })
}

impl Iterator for Feed {
    type Item = Result<Arc<Batch>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let since = monotonic();
        loop {
            match self.receiver.try_recv() {
                Ok(Piece::Rows(batch)) => {
                    self.patience = self.patience.saturating_sub(since.elapsed());
                    return Some(Ok(batch));
                }
                Ok(Piece::End) => return None,
                Err(TryRecvError::Disconnected) => return Some(Err(StoreError::Stalled)),
                Err(TryRecvError::Empty) if self.waiting.any() || since.elapsed() >= self.patience => {
                    return Some(Err(StoreError::Stalled));
                }
                Err(TryRecvError::Empty) => std::thread::sleep(LOOK),
            }
        }
    }
}
