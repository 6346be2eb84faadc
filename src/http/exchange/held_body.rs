//! Bodies that are read to their end before they are understood. All of them together have a share of
//! memory, which counts what they become when they are parsed.

use crate::memory::{Held, Room};
use crate::soda::{ErrorCode, SodaError};
use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;

/// A body of so many bytes needs no room: most have fewer.
const FREE: usize = 16 * 1024;
/// Bytes of a value of parsed JSON, with its name and its place in a list or an object, at most.
const VALUE: usize = 160;

/// What becomes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// A tree of values.
    Values,
    /// Pieces of its text.
    Texts,
}

/// A body, and the room that it has until it is dropped.
#[derive(Debug)]
pub struct HeldBody {
    /// The bytes.
    pub bytes: Bytes,
    /// The room.
    pub held: Held,
}

/// Why a body was not read.
#[derive(Debug)]
pub enum Unread {
    /// It is larger than the call takes.
    TooLarge,
    /// There is no room for it now.
    NoRoom,
    /// It takes more than all bodies together may have.
    BeyondMemory,
    /// It broke off.
    Broken,
}

impl HeldBody {
    /// Reads a body of JSON with `limit` bytes at most.
    pub async fn read(mut body: Body, limit: usize, becomes: Becomes, room: &Room) -> Result<Self, Unread> {
        let mut held = room.holder();
        let (mut all, mut needed, mut values) = (Vec::new(), 0, Values::default());
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
            if all.len() + data.len() > limit {
                return Err(Unread::TooLarge);
            }
            all.extend_from_slice(&data);
            needed += 2 * data.len();
            if becomes == Becomes::Values {
                needed += values.begun(&data) * VALUE;
            }
            if all.len() > FREE && !held.grow_to(needed) {
                let never = needed as u64 > room.limit();
                return Err(if never { Unread::BeyondMemory } else { Unread::NoRoom });
            }
        }
        Ok(Self { bytes: all.into(), held })
    }
}

/// Counts the values of JSON that comes in pieces.
#[derive(Default)]
struct Values {
    in_text: bool,
    escaped: bool,
}

impl Values {
    /// The values that begin in this piece, at most: each stands behind a comma, or is the first in a list or
    /// an object.
    fn begun(&mut self, json: &[u8]) -> usize {
        let mut begun = 0;
        for byte in json {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.in_text,
                b'"' => self.in_text = !self.in_text,
                b',' | b'[' | b'{' => begun += usize::from(!self.in_text),
                _ => {}
            }
        }
        begun
    }
}

impl Unread {
    /// The refusal of a body of which the call takes `limit` bytes; `what` it is called where it is larger.
    pub fn refusal(&self, limit: usize, what: &str) -> SodaError {
        match self {
            Self::TooLarge => SodaError::too_large(limit as u64, what),
            Self::NoRoom => {
                SodaError::out_of_memory("The body takes more memory than is left for bodies on their way")
            }
            Self::BeyondMemory => SodaError::new(
                ErrorCode::BodyTooLarge,
                "The body takes more memory than all bodies together may have",
            )
            .hint("Send less at once, or start the server with a larger --max-memory. Nothing was stored."),
            Self::Broken => SodaError::invalid("The connection broke in the middle of the body"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: Vec<u8>, limit: usize, room: &Room) -> Result<HeldBody, Unread> {
        HeldBody::read(Body::from(bytes), limit, Becomes::Values, room).await
    }

    #[tokio::test]
    async fn bodies_have_room_together_and_small_ones_need_none() {
        let room = Room::new(1_000_000);
        let text = format!("\"{}\"", "x".repeat(300_000));
        let first = read(text.clone().into(), 1 << 20, &room).await.unwrap();
        assert_eq!((first.bytes.len(), room.used()), (text.len(), 2 * text.len() as u64));
        let second = read(text.clone().into(), 1 << 20, &room).await;
        assert!(matches!(second, Err(Unread::NoRoom)), "{second:?}");
        assert!(read(vec![b'['; FREE], FREE, &room).await.is_ok());
        drop(first);
        assert_eq!(room.used(), 0);
        assert!(read(text.into(), 1 << 20, &room).await.is_ok());
    }

    #[tokio::test]
    async fn what_a_body_becomes_counts_and_its_length_is_bounded() {
        let room = Room::new(1_000_000);
        let many = read(format!("[{}1]", "1,".repeat(20_000)).into(), 1 << 20, &room).await;
        assert!(matches!(many, Err(Unread::BeyondMemory)), "{many:?}");
        let texts = format!("[\"{}\"]", ",[{\\\"".repeat(20_000));
        assert!(read(texts.into(), 1 << 20, &room).await.is_ok());
        let same = format!("[{}1]", "1,".repeat(20_000));
        assert!(HeldBody::read(Body::from(same), 1 << 20, Becomes::Texts, &room).await.is_ok());
        let long = read(vec![b' '; 101], 100, &room).await;
        assert!(matches!(long, Err(Unread::TooLarge)), "{long:?}");
        assert_eq!(room.used(), 0);
    }

    /// The bound of a value's size: a list in a list in an object, with the smallest texts there are.
    #[test]
    fn no_value_takes_more_than_is_counted() {
        assert!(size_of::<serde_json::Value>() + size_of::<String>() + 3 * size_of::<usize>() + 16 <= VALUE);
    }
}
