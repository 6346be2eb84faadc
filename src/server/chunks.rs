//! Where a chunked body ends (RFC 9112, section 7.1).
//!
//! hyper decodes the same bytes. What is taken here it takes too, and ends at the same byte; what it
//! would take beyond that (a bare line feed in a trailer, larger extensions) is refused.

/// Bytes of all extensions of a body together; hyper takes twice as many.
const MAX_EXTENSIONS: usize = 8 * 1024;
/// Bytes of all trailers of a body together; hyper takes twice as many.
const MAX_TRAILERS: usize = 8 * 1024;
/// Trailers of a body; hyper takes 100.
const MAX_TRAILER_LINES: usize = 64;

/// The bytes are no chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chunks of the body are malformed")]
pub struct Malformed;

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The first digit of a size.
    FirstDigit,
    Size,
    /// Blanks after a size.
    Blanks,
    Extension,
    /// The line feed after a size.
    SizeEnd,
    Data,
    /// Carriage return after the data.
    DataReturn,
    DataEnd,
    /// A trailer, or the carriage return of the empty line that ends all.
    LineStart,
    Trailer,
    TrailerEnd,
    /// The line feed that ends all.
    LastEnd,
    Ended,
}

/// A chunked body on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunks {
    place: Place,
    /// Bytes of the chunk that are still to come.
    left: u64,
    extensions: usize,
    trailers: usize,
    lines: usize,
}

impl Chunks {
    /// Before its first byte.
    pub fn new() -> Self {
        Self { place: Place::FirstDigit, left: 0, extensions: 0, trailers: 0, lines: 0 }
    }

    /// Whether the last byte was seen.
    pub fn ended(&self) -> bool {
        self.place == Place::Ended
    }

    /// How many of the bytes belong to the body.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let mut at = 0;
        while at < bytes.len() && self.place != Place::Ended {
            if self.place == Place::Data {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len() - at);
                self.left -= here as u64;
                at += here;
                if self.left == 0 {
                    self.place = Place::DataReturn;
                }
                continue;
            }
            self.place = self.step(bytes[at])?;
            at += 1;
        }
        Ok(at)
    }

    fn step(&mut self, byte: u8) -> Result<Place, Malformed> {
        match (self.place, byte) {
            (Place::FirstDigit | Place::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(byte),
            (Place::Size | Place::Blanks, b' ' | b'\t') => Ok(Place::Blanks),
            (Place::Size | Place::Blanks, b';') => Ok(Place::Extension),
            (Place::Size | Place::Blanks | Place::Extension, b'\r') => Ok(Place::SizeEnd),
            (Place::Extension, byte) if byte != b'\n' => {
                self.extensions += 1;
                bounded(self.extensions, MAX_EXTENSIONS, Place::Extension)
            }
            (Place::SizeEnd, b'\n') if self.left == 0 => Ok(Place::LineStart),
            (Place::SizeEnd, b'\n') => Ok(Place::Data),
            (Place::DataReturn, b'\r') => Ok(Place::DataEnd),
            (Place::DataEnd, b'\n') => Ok(Place::FirstDigit),
            (Place::LineStart, b'\r') => Ok(Place::LastEnd),
            (Place::Trailer, b'\r') => Ok(Place::TrailerEnd),
            (Place::LineStart | Place::Trailer, b'\t' | b' '..=b'~' | 0x80..) => {
                self.trailers += 1;
                bounded(self.trailers, MAX_TRAILERS, Place::Trailer)
            }
            (Place::TrailerEnd, b'\n') => {
                self.lines += 1;
                bounded(self.lines, MAX_TRAILER_LINES, Place::LineStart)
            }
            (Place::LastEnd, b'\n') => Ok(Place::Ended),
            _ => Err(Malformed),
        }
    }

    fn digit(&mut self, byte: u8) -> Result<Place, Malformed> {
        let digit = char::from(byte).to_digit(16).ok_or(Malformed)?;
        let left = self.left.checked_mul(16).and_then(|left| left.checked_add(digit.into()));
        self.left = left.ok_or(Malformed)?;
        Ok(Place::Size)
    }
}

fn bounded(count: usize, limit: usize, next: Place) -> Result<Place, Malformed> {
    if count > limit { Err(Malformed) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes belong to the body, read at once and byte by byte.
    fn end_of(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let mut whole = Chunks::new();
        let taken = whole.take(bytes).map(|taken| whole.ended().then_some(taken));
        let (mut piecewise, mut count) = (Chunks::new(), 0);
        for byte in bytes {
            match piecewise.take(&[*byte]) {
                Ok(taken) => count += taken,
                Err(error) => {
                    assert_eq!(taken, Err(error));
                    return taken;
                }
            }
        }
        assert_eq!(taken, Ok(piecewise.ended().then_some(count)), "{:?}", String::from_utf8_lossy(bytes));
        taken
    }

    #[test]
    fn a_body_ends_with_its_last_chunk_and_its_trailers() {
        for (body, rest) in [
            ("0\r\n\r\n", ""),
            ("0\r\n\r\n", "GET / HTTP/1.1\r\n"),
            ("5\r\nGET /\r\n0\r\n\r\n", "x"),
            ("00A \t;name=value;x\r\n0123456789\r\n0;last\r\nA: b\r\nC:\td\r\n\r\n", "0\r\n\r\n"),
            ("2\r\n\r\n\r\n1\r\n0\r\n0\r\n\r\n", "5\r\n"),
        ] {
            assert_eq!(end_of(format!("{body}{rest}").as_bytes()), Ok(Some(body.len())), "{body:?}");
            assert_eq!(end_of(&body.as_bytes()[..body.len() - 1]), Ok(None), "{body:?} without its end");
        }
    }

    #[test]
    fn what_two_readers_might_read_in_two_ways_is_refused() {
        for body in [
            "\r\n",
            " 5\r\n",
            "+5\r\n",
            "-1\r\n",
            "0x5\r\n",
            "5\n",
            "5\rx",
            "5 5\r\n",
            "5;a\nb\r\n",
            "1\r\nab",
            "1\r\na\n",
            "1\r\na\rb",
            "0\r\n\n",
            "0\r\nA: b\n\r\n",
            "0\r\nA: b\rc",
            "0\r\nA: \0\r\n\r\n",
            "10000000000000000\r\n",
            "ffffffffffffffff0\r\n",
        ] {
            assert_eq!(end_of(body.as_bytes()), Err(Malformed), "{body:?}");
        }
    }

    #[test]
    fn extensions_and_trailers_have_bounds() {
        let extension = |length| format!("0;{}\r\n\r\n", "e".repeat(length));
        assert!(end_of(extension(MAX_EXTENSIONS).as_bytes()).is_ok());
        assert_eq!(end_of(extension(MAX_EXTENSIONS + 1).as_bytes()), Err(Malformed));
        let trailers = |lines| format!("0\r\n{}\r\n", "A: b\r\n".repeat(lines));
        assert!(end_of(trailers(MAX_TRAILER_LINES).as_bytes()).is_ok());
        assert_eq!(end_of(trailers(MAX_TRAILER_LINES + 1).as_bytes()), Err(Malformed));
        let long = format!("0\r\nA: {}\r\n\r\n", "b".repeat(MAX_TRAILERS));
        assert_eq!(end_of(long.as_bytes()), Err(Malformed));
    }
}
