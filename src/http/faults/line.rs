//! The way from a fault to the connection that it ends.

use std::sync::atomic::{AtomicU8, Ordering};

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As HTTP has it.
    Usual,
    /// Closed (FIN) as soon as what was written so far has left.
    Close,
    /// Reset (RST) at once.
    Reset,
}

/// The ending of one connection; a request carries it in its extensions.
#[derive(Debug, Default)]
pub struct Line(AtomicU8);

impl Line {
    /// How the connection is to end.
    pub fn ending(&self) -> Ending {
        match self.0.load(Ordering::Acquire) {
            0 => Ending::Usual,
            1 => Ending::Close,
            _ => Ending::Reset,
        }
    }

    /// Ends it.
    pub fn end(&self, ending: Ending) {
        let code = match ending {
            Ending::Usual => 0,
            Ending::Close => 1,
            Ending::Reset => 2,
        };
        self.0.store(code, Ordering::Release);
    }
}
