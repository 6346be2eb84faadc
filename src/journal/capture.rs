//! The first bytes of a body that streams by.

/// A body's beginning, while it streams by.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    kept: Vec<u8>,
    total: u64,
    whole: bool,
}

impl Capture {
    /// Takes a piece; at most `bound` bytes are kept of all pieces together.
    pub fn take(&mut self, piece: &[u8], bound: usize) {
        self.total += piece.len() as u64;
        let room = bound.saturating_sub(self.kept.len()).min(piece.len());
        if room > 0 {
            self.kept.extend_from_slice(&piece[..room]);
        }
    }

    /// A body that is all there.
    pub fn whole(body: &[u8], bound: usize) -> Captured {
        let kept = body[..body.len().min(bound)].into();
        Captured { kept, total: body.len() as u64, whole: true, masked: false }
    }

    /// The body came to its end.
    pub fn ended(&mut self) {
        self.whole = true;
    }

    /// Bytes so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// What is kept.
    pub fn finish(self) -> Captured {
        Captured { kept: self.kept.into_boxed_slice(), total: self.total, whole: self.whole, masked: false }
    }
}

/// The beginning of a body.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// The first bytes, as they were sent.
    pub kept: Box<[u8]>,
    /// Bytes of the body as far as it was read.
    pub total: u64,
    /// Whether it was read to its end.
    pub whole: bool,
    /// Whether secrets in it were replaced, so that it is not what was sent.
    pub masked: bool,
}

impl Captured {
    /// Whether bytes are missing.
    pub fn is_cut(&self) -> bool {
        !self.masked && self.total > self.kept.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Capture;

    #[test]
    fn only_the_first_bytes_are_kept_and_all_are_counted() {
        let mut capture = Capture::default();
        for piece in [b"abc".as_slice(), b"defg", b"", b"hi"] {
            capture.take(piece, 5);
        }
        capture.ended();
        let captured = capture.finish();
        assert_eq!((&*captured.kept, captured.total, captured.is_cut()), (b"abcde".as_slice(), 9, true));
    }
}
