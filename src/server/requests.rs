//! The requests of a connection, one message after the other.
//!
//! Between the socket and hyper: it knows of each byte whether it belongs to a head or to a body, from
//! the heads alone (RFC 9112, section 6). So a target that needs encoding is found where a target is,
//! a head that is not taken gets an answer in words, and whoever closes the connection in the middle
//! of a message knows that there is more to come.

use super::chunks::{Chunks, Malformed};
use super::course::Course;
use super::head::{self, Content, Head, Refused, Whole};
use super::refusal::MAX_HEAD;
use crate::http::{DRAIN_BYTES, DRAIN_TIME};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes that are thrown away at once.
const PIECE: usize = 16 * 1024;

/// What the next byte belongs to.
#[derive(Debug)]
enum Place {
    Head,
    /// A body with so many bytes to come.
    Length(u64),
    Chunks(Chunks),
    /// What follows CONNECT: to be told apart by whoever is at the tunnel's end.
    Tunnel,
    /// What follows a head that was refused.
    Refused,
    /// What follows chunks that are none.
    Broken,
}

/// A stream of requests.
pub struct Requests<S> {
    stream: S,
    course: Arc<Course>,
    place: Place,
    /// Bytes that were read and not looked at to their end.
    held: Vec<u8>,
    /// Whether more of them can be understood now.
    fresh: bool,
    /// How many of them are known not to hold the end of a head.
    seen: usize,
    /// Bytes for the reader.
    ready: Vec<u8>,
    lingering: Option<Lingering>,
}

/// A connection that is closed for writing and still read (RFC 9112, section 9.6).
struct Lingering {
    until: Pin<Box<Sleep>>,
    left: u64,
}

impl<S> Requests<S> {
    /// The requests of a stream; what is refused is told to the course.
    pub fn new(stream: S, course: Arc<Course>) -> Self {
        Self {
            stream,
            course,
            place: Place::Head,
            held: Vec::new(),
            fresh: false,
            seen: 0,
            ready: Vec::new(),
            lingering: None,
        }
    }

    /// Whether a message has begun whose end was not seen.
    fn is_within_message(&self) -> bool {
        match self.place {
            Place::Head | Place::Tunnel => false,
            Place::Length(_) | Place::Chunks(_) | Place::Refused | Place::Broken => true,
        }
    }

    /// How many of the bytes go on as they are.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match &mut self.place {
                Place::Head => match head::read(rest) {
                    Head::Whole(Whole { length, content, raw_target: None }) => {
                        at += length;
                        self.enter(content);
                    }
                    _ => return at,
                },
                Place::Length(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    at += here;
                    *left -= here as u64;
                    if *left == 0 {
                        self.place = Place::Head;
                    }
                }
                Place::Chunks(chunks) => match chunks.take(rest) {
                    Ok(here) => {
                        at += here;
                        if chunks.ended() {
                            self.place = Place::Head;
                        }
                    }
                    Err(Malformed) => self.place = Place::Broken,
                },
                Place::Tunnel => return bytes.len(),
                Place::Refused | Place::Broken => return at,
            }
        }
        at
    }

    /// A head goes on.
    fn enter(&mut self, content: Content) {
        self.course.head_passes();
        self.seen = 0;
        self.place = match content {
            Content::Nothing => Place::Head,
            Content::Length(length) => Place::Length(length),
            Content::Chunks => Place::Chunks(Chunks::new()),
            Content::Tunnel => Place::Tunnel,
        };
    }

    /// Understands what is held as far as possible.
    fn digest(&mut self) {
        self.fresh = false;
        let within_head = matches!(self.place, Place::Head) && self.seen > 0;
        if within_head && self.held.len() < MAX_HEAD && !head::may_end(&self.held, self.seen) {
            self.seen = self.held.len();
            return;
        }
        let held = std::mem::take(&mut self.held);
        let mut at = 0;
        loop {
            let passed = self.pass(&held[at..]);
            self.ready.extend_from_slice(&held[at..at + passed]);
            at += passed;
            let rest = &held[at..];
            if rest.is_empty() || !matches!(self.place, Place::Head) {
                return;
            }
            match head::read(rest) {
                Head::Partial => {
                    self.seen = rest.len();
                    self.held = rest.to_vec();
                    return;
                }
                Head::Whole(whole) => {
                    self.pass_encoded(&rest[..whole.length], &whole);
                    at += whole.length;
                }
                Head::Refused(refused) => return self.refuse(&refused),
            }
        }
    }

    fn pass_encoded(&mut self, head: &[u8], whole: &Whole) {
        let target = whole.raw_target.clone().unwrap_or(0..0);
        self.ready.extend_from_slice(&head[..target.start]);
        let encoded = head::encoded(&String::from_utf8_lossy(&head[target.clone()]));
        self.ready.extend_from_slice(encoded.as_bytes());
        self.ready.extend_from_slice(&head[target.end..]);
        self.enter(whole.content);
    }

    /// hyper is given a request that it takes, with what could be read of the refused one.
    fn refuse(&mut self, refused: &Refused) {
        let (method, target) = match &refused.line {
            Some((method, target)) => (method.as_str(), target.as_str()),
            None => ("GET", "/"),
        };
        let id = refused.id.as_ref().map_or_else(String::new, |id| format!("X-Socrata-RequestId: {id}\r\n"));
        let head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n{id}\r\n");
        self.ready.extend_from_slice(head.as_bytes());
        self.course.refuse(refused.why, refused.line.is_some());
        self.place = Place::Refused;
    }

    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.ready.len().min(buffer.remaining());
        buffer.put_slice(&self.ready[..length]);
        if length == self.ready.len() {
            self.ready = Vec::new();
        } else {
            self.ready.drain(..length);
        }
    }

    /// Looks at bytes that were just read into the reader's buffer, and takes back what cannot stay.
    fn look(&mut self, buffer: &mut ReadBuf<'_>, before: usize) {
        let read = &buffer.filled()[before..];
        let passed = if self.held.is_empty() { self.pass(read) } else { 0 };
        if passed < read.len() {
            self.held.extend_from_slice(&read[passed..]);
            self.fresh = true;
            buffer.set_filled(before + passed);
        }
    }
}

impl<S: AsyncRead + Unpin> Requests<S> {
    /// Throws away what comes, until the client closes its end, within bounds.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self
            .lingering
            .get_or_insert_with(|| Lingering { until: Box::pin(sleep(DRAIN_TIME)), left: DRAIN_BYTES });
        if lingering.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut piece = [const { MaybeUninit::uninit() }; PIECE];
        while lingering.left > 0 {
            let mut buffer = ReadBuf::uninit(&mut piece);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            lingering.left = lingering.left.saturating_sub(buffer.filled().len() as u64);
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Requests<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.fresh {
                self.digest();
            }
            if !self.ready.is_empty() {
                self.hand_out(buffer);
                return Poll::Ready(Ok(()));
            }
            match self.place {
                Place::Refused => return Poll::Ready(Ok(())),
                Place::Broken => {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, Malformed)));
                }
                _ => {}
            }
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
            let ended = buffer.filled().len() == before;
            self.look(buffer, before);
            if ended || buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Requests<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// A close in the middle of a message would reset the connection, and the client would lose the
    /// answer: so the end of the answers is told, and what still comes is read.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if !self.is_within_message() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_linger(cx).map(Ok)
    }
}
