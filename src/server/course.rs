//! What the reader of a connection's requests tells the service that answers them.

use super::refusal::Refusal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The course of a connection.
#[derive(Debug, Default)]
pub struct Course {
    /// Heads that were passed on to hyper.
    heads: AtomicU64,
    /// Requests that hyper has made of them.
    requests: AtomicU64,
    refused: OnceLock<Turn>,
}

/// What a request is to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// One to be answered by the routes.
    Request,
    /// It stands for a head that was refused; `understood` when method and target are the client's.
    Refused {
        /// Why.
        why: Refusal,
        /// Whether method and target are those that were sent.
        understood: bool,
    },
    /// hyper has read a head where the reader saw none: the two do not agree, so none is believed.
    Astray,
}

impl Course {
    /// A head is passed on.
    pub fn head_passes(&self) {
        self.heads.fetch_add(1, Ordering::Relaxed);
    }

    /// One that stands for a refused head, which is the last of the connection.
    pub fn refuse(&self, why: Refusal, understood: bool) {
        // A connection has one last head.
        let _ = self.refused.set(Turn::Refused { why, understood });
        self.head_passes();
    }

    /// The next request of hyper.
    pub fn turn(&self) -> Turn {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let heads = self.heads.load(Ordering::Relaxed);
        match self.refused.get() {
            _ if number > heads => Turn::Astray,
            Some(refused) if number == heads => *refused,
            _ => Turn::Request,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_head_is_the_refused_one_and_none_comes_from_nowhere() {
        let course = Course::default();
        course.head_passes();
        course.head_passes();
        assert_eq!(course.turn(), Turn::Request);
        course.refuse(Refusal::SeveralHosts, true);
        assert_eq!(course.turn(), Turn::Request);
        assert_eq!(course.turn(), Turn::Refused { why: Refusal::SeveralHosts, understood: true });
        assert_eq!(course.turn(), Turn::Astray);
    }
}
