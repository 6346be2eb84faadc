//! Bodies that come slowly, end too early or arrive broken.

use super::super::connection::{Connection, HangUp};
use crate::faults::Corrupt;
use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Body as _, Frame, SizeHint};
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

type Polled = Poll<Option<Result<Frame<Bytes>, axum::Error>>>;

/// Pieces of a slow body in one second, if the rate allows.
const PIECES: u64 = 10;

/// A body at a rate.
pub struct Slow {
    inner: Body,
    rate: u64,
    left: Bytes,
    /// The piece that waits for its moment.
    next: Option<Bytes>,
    due: Pin<Box<Sleep>>,
}

impl Slow {
    /// So many bytes per second.
    pub fn new(inner: Body, rate: u64) -> Self {
        let due = Box::pin(sleep_until(real_now()));
        Self { inner, rate: rate.max(1), left: Bytes::new(), next: None, due }
    }

    fn cut_next(&mut self) {
        let step = usize::try_from((self.rate / PIECES).max(1)).unwrap_or(usize::MAX);
        let piece = self.left.split_to(step.min(self.left.len()));
        // Counted from the moment the last piece was due: waits do not add up to a lower rate.
        let wait = Duration::from_secs_f64(piece.len() as f64 / self.rate as f64);
        let due = self.due.deadline().max(real_now() - Duration::from_secs(1)) + wait;
        self.due.as_mut().reset(due);
        self.next = Some(piece);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "rates are those of the network, whatever the mock's clock says"
)]
fn real_now() -> Instant {
    Instant::now()
}

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        loop {
            if self.next.is_some() {
                ready!(self.due.as_mut().poll(cx));
                return Poll::Ready(self.next.take().map(|piece| Ok(Frame::data(piece))));
            }
            if !self.left.is_empty() {
                self.cut_next();
                continue;
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.left = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                end => return Poll::Ready(end),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let waiting = self.left.len() + self.next.as_ref().map_or(0, Bytes::len);
        with(self.inner.size_hint(), waiting as u64)
    }
}

/// The length of a body of which so many bytes were taken already.
fn with(hint: SizeHint, taken: u64) -> SizeHint {
    let mut all = SizeHint::new();
    if let Some(upper) = hint.upper() {
        all.set_upper(upper + taken);
    }
    all.set_lower(hint.lower() + taken);
    all
}

/// How much of a body is sent before it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutAt {
    /// So many bytes.
    Bytes(u64),
    /// Half of it; of a body of unknown length half of its first piece.
    Half,
}

/// A body that is cut: its length was promised, or its last chunk is missing.
pub struct Cut {
    inner: Body,
    /// Bytes still to send; unknown until the first piece is there.
    left: Option<u64>,
    /// Bytes that were taken and are not sent.
    kept: u64,
    connection: Connection,
    over: bool,
}

impl Cut {
    /// Cuts the body, and the connection with it. Without a socket the body ends in an error.
    pub fn new(inner: Body, at: CutAt, connection: Connection) -> Self {
        let left = match at {
            CutAt::Bytes(bytes) => Some(bytes),
            CutAt::Half => inner.size_hint().exact().map(|length| length / 2),
        };
        Self { inner, left, kept: 0, connection, over: false }
    }

    fn end(&mut self) -> Polled {
        self.over = true;
        if !self.connection.has_socket() {
            return Poll::Ready(Some(Err(axum::Error::new(std::io::Error::other("cut by a fault")))));
        }
        // The connection ends when what was sent has left; nobody will ask again.
        self.connection.hang_up(HangUp::Close);
        Poll::Pending
    }
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        if self.over {
            return if self.connection.has_socket() { Poll::Pending } else { Poll::Ready(None) };
        }
        if self.left == Some(0) && self.size_hint().exact() != Some(0) {
            return self.end();
        }
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            end => return Poll::Ready(end),
        };
        let Ok(mut data) = frame.into_data() else { return self.end() };
        let left = self.left.unwrap_or(data.len() as u64 / 2);
        let sent = data.split_to(usize::try_from(left).unwrap_or(usize::MAX).min(data.len()));
        // A body that ends before the place of the cut stays whole.
        self.left = Some(left - sent.len() as u64);
        self.kept = data.len() as u64;
        if sent.is_empty() {
            return self.end();
        }
        Poll::Ready(Some(Ok(Frame::data(sent))))
    }

    fn size_hint(&self) -> SizeHint {
        with(self.inner.size_hint(), self.kept)
    }
}

/// A broken body.
pub struct Broken {
    inner: Body,
    how: Corrupt,
    /// The last piece, held back: what is broken is its end.
    held: Option<Bytes>,
    gzip: Option<GzEncoder<Vec<u8>>>,
    begun: bool,
    over: bool,
}

impl Broken {
    /// Breaks the body.
    pub fn new(inner: Body, how: Corrupt) -> Self {
        let gzip = (how == Corrupt::Gzip).then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        Self { inner, how, held: None, gzip, begun: false, over: false }
    }

    /// A piece that goes on, if it makes one go.
    fn pass(&mut self, data: Bytes) -> Option<Bytes> {
        match self.how {
            Corrupt::Json => self.held.replace(data),
            Corrupt::Empty => None,
            Corrupt::Utf8 if self.begun => Some(data),
            Corrupt::Utf8 => {
                self.begun = true;
                // After the first byte, which tells readers what kind of text begins.
                let first = data.len().min(1);
                Some([&data[..first], &[0xFF], &data[first..]].concat().into())
            }
            Corrupt::Gzip => {
                let gzip = self.gzip.as_mut()?;
                gzip.write_all(&data).ok()?;
                let packed = std::mem::take(gzip.get_mut());
                (!packed.is_empty()).then(|| packed.into())
            }
        }
    }

    fn last(&mut self) -> Option<Bytes> {
        match self.how {
            Corrupt::Json => {
                let held = self.held.take()?;
                let text = held.trim_ascii_end().len();
                Some(held.slice(..text.saturating_sub(1)))
            }
            Corrupt::Utf8 if !self.begun => Some(Bytes::from_static(&[0xFF])),
            Corrupt::Utf8 | Corrupt::Empty => None,
            Corrupt::Gzip => {
                let mut packed = self.gzip.take()?.finish().ok()?;
                // The last eight bytes are checksum and length.
                let checksum = packed.len().saturating_sub(8);
                packed.iter_mut().skip(checksum).take(4).for_each(|b| *b = !*b);
                Some(packed.into())
            }
        }
    }
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        while !self.over {
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let passed = frame.into_data().ok().and_then(|data| self.pass(data));
                    if let Some(piece) = passed.filter(|p| !p.is_empty()) {
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    self.over = true;
                    if let Some(piece) = self.last().filter(|p| !p.is_empty()) {
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                }
            }
        }
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use std::io::Read as _;

    struct Pieces(std::slice::Iter<'static, &'static str>);

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))))
        }
    }

    fn pieces(pieces: &'static [&'static str]) -> Body {
        Body::new(Pieces(pieces.iter()))
    }

    async fn whole(body: impl http_body::Body<Data = Bytes, Error = axum::Error>) -> Vec<u8> {
        body.collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_takes_its_length_divided_by_its_rate() {
        for (rate, seconds) in [(10, 10.0), (100, 1.0), (1, 100.0), (1_000_000, 0.0001)] {
            let started = real_now();
            let sent = whole(Slow::new(Body::from("x".repeat(100)), rate)).await;
            let took = started.elapsed().as_secs_f64();
            // The paused clock moves in milliseconds, one for each piece at most.
            assert!(took >= seconds * 0.99 && took <= seconds * 1.01 + 0.02, "{rate}: {took}");
            assert_eq!(sent.len(), 100);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_comes_in_pieces() {
        let mut body = Slow::new(Body::from("x".repeat(100)), 100);
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first.len(), 10);
        assert_eq!(body.size_hint().exact(), Some(90), "what is left of a promised length");
    }

    #[tokio::test]
    async fn a_cut_body_keeps_its_promise_of_length_and_breaks_it() {
        for (at, expected) in [(CutAt::Bytes(3), "abc"), (CutAt::Half, "abcd"), (CutAt::Bytes(0), "")] {
            let mut body = Cut::new(Body::from("abcdefgh"), at, Connection::default());
            assert_eq!(body.size_hint().exact(), Some(8));
            let mut sent = Vec::new();
            let error = loop {
                match body.frame().await {
                    Some(Ok(frame)) => sent.extend_from_slice(&frame.into_data().unwrap()),
                    Some(Err(error)) => break error,
                    None => panic!("{at:?}: the body ended as if it were whole"),
                }
            };
            assert_eq!(
                (String::from_utf8(sent).unwrap().as_str(), error.to_string().as_str()),
                (expected, "cut by a fault")
            );
        }
    }

    #[tokio::test]
    async fn a_body_that_ends_before_the_cut_is_whole() {
        for at in [8, 9] {
            assert_eq!(
                whole(Cut::new(Body::from("abcdefgh"), CutAt::Bytes(at), Connection::default())).await,
                b"abcdefgh"
            );
        }
        assert_eq!(whole(Cut::new(Body::empty(), CutAt::Half, Connection::default())).await, b"");
    }

    #[tokio::test]
    async fn a_cut_tells_its_connection_to_end_after_what_was_sent() {
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let connection = Connection::new(([127, 0, 0, 1], 9).into(), stopped);
        let mut body = Cut::new(Body::from("abcdefgh"), CutAt::Half, connection.clone());
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "abcd");
        assert_eq!(connection.hung_up(), None);
        let waits =
            std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut body).poll_frame(cx).is_pending())).await;
        assert!(waits && connection.hung_up() == Some(HangUp::Close));
    }

    #[tokio::test]
    async fn broken_json_lacks_its_last_bracket() {
        let body = Broken::new(pieces(&["[{\"a\":", "1}", "]\n"]), Corrupt::Json);
        assert_eq!(whole(body).await, b"[{\"a\":1}");
        assert_eq!(whole(Broken::new(Body::empty(), Corrupt::Json)).await, b"");
    }

    #[tokio::test]
    async fn broken_gzip_unpacks_up_to_its_checksum() {
        for body in [pieces(&["[{\"a\":", "1}", "]\n"]), Body::empty()] {
            let packed = whole(Broken::new(body, Corrupt::Gzip)).await;
            assert_eq!(packed[..2], [0x1f, 0x8b]);
            let mut plain = Vec::new();
            let unpacked = flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut plain);
            assert!(unpacked.is_err(), "{plain:?}");
        }
    }

    #[tokio::test]
    async fn broken_text_is_no_utf8_and_an_empty_body_is_empty() {
        for body in [pieces(&["[1", "]"]), Body::empty()] {
            assert!(String::from_utf8(whole(Broken::new(body, Corrupt::Utf8)).await).is_err());
        }
        assert_eq!(whole(Broken::new(pieces(&["[1", "]"]), Corrupt::Empty)).await, b"");
    }
}
