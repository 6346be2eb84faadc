//! Encodings of text: by their names, or as bytes show them.

use super::super::error::FileError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{self, Read};

/// Bytes that are looked at together.
const PIECE: usize = 64 * 1024;
/// In so many bytes UTF-16 shows itself by its zero bytes.
const HEAD: usize = 1024;

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Charset {
    /// As it is.
    Utf8,
    /// By its byte-order mark; without one the first bytes show the order.
    Utf16,
    /// As the WHATWG's standard tells.
    Named(&'static Encoding),
}

/// Names that other programs give to encodings of the WHATWG's standard.
const ALIASES: [(&str, &str); 5] = [
    ("macroman", "macintosh"),
    ("windows1252", "windows-1252"),
    ("utf16le", "utf-16le"),
    ("utf16be", "utf-16be"),
    ("shiftjis", "shift_jis"),
];

impl Charset {
    /// The encoding with this name: of the WHATWG's standard, `utf8` or `utf16` (evidence: a client's suite), or an alias.
    pub(in super::super) fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        if matches!(name.as_str(), "utf16" | "utf-16" | "utf_16") {
            return Some(Self::Utf16);
        }
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name.replace(['-', '_'], ""));
        let label = alias.map_or(name.as_str(), |(_, label)| label);
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())
            .or_else(|| Encoding::for_label_no_replacement(label.replace('_', "-").as_bytes()))?;
        Some(if encoding == UTF_8 { Self::Utf8 } else { Self::Named(encoding) })
    }

    /// The encoding of bytes that do not say it: by a byte-order mark; UTF-16 by its zero bytes; UTF-8 where all of
    /// them are; else windows-1252. Text of both of the last two is refused, since it would be misread in part.
    pub(in super::super) fn detect(mut bytes: impl Read) -> Result<Self, FileError> {
        let (mut piece, mut kept) = (vec![0; PIECE], 0);
        let mut seen = Seen::default();
        loop {
            let length = read(&mut bytes, &mut piece[kept..]).map_err(FileError::unreadable)?;
            if let Some(charset) =
                seen.offset.eq(&0).then(|| Self::of_head(&piece[..kept + length])).flatten()
            {
                return Ok(charset);
            }
            kept = seen.piece(&mut piece[..kept + length], length == 0);
            if length == 0 {
                return seen.charset();
            }
        }
    }

    /// The encoding of which the first bytes leave no doubt.
    fn of_head(head: &[u8]) -> Option<Self> {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => Some(Self::Utf8),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Self::Utf16),
            _ => byte_order(head).map(|_| Self::Utf16),
        }
    }
}

/// The byte order of UTF-16 without a mark, if it is that: half of its bytes are zero at first, all in even or all in odd places.
pub(super) fn byte_order(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(HEAD) & !1];
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    // Letters outside of ASCII have no zero byte; nearly all of a table's first letters are ASCII.
    match (even * 4 > pairs * 3, odd * 4 > pairs * 3) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// What bytes showed so far.
#[derive(Default)]
struct Seen {
    /// Bytes of the pieces before.
    offset: u64,
    /// Letters of several bytes in UTF-8.
    letters: u64,
    /// Bytes that are no UTF-8, and where the first is.
    others: u64,
    first: u64,
}

impl Seen {
    /// Looks at a piece; so many bytes at its end, moved to its start, belong to a letter that has not come whole.
    fn piece(&mut self, piece: &mut [u8], last: bool) -> usize {
        let mut at = 0;
        while let Err(error) = self.letters_of(&piece[at..]) {
            let bad = at + error.valid_up_to();
            match error.error_len() {
                None if !last => {
                    piece.copy_within(bad.., 0);
                    self.offset += bad as u64;
                    return piece.len() - bad;
                }
                length => {
                    if self.others == 0 {
                        self.first = self.offset + bad as u64;
                    }
                    self.others += 1;
                    at = bad + length.unwrap_or(piece.len() - bad);
                }
            }
        }
        self.offset += piece.len() as u64;
        0
    }

    /// Counts the letters up to the first byte that is no UTF-8.
    fn letters_of(&mut self, bytes: &[u8]) -> Result<(), std::str::Utf8Error> {
        let result = std::str::from_utf8(bytes);
        let valid = &bytes[..result.err().map_or(bytes.len(), |error| error.valid_up_to())];
        if !valid.is_ascii() {
            self.letters += valid.iter().filter(|byte| **byte >= 0xC0).count() as u64;
        }
        result.map(drop)
    }

    fn charset(&self) -> Result<Charset, FileError> {
        if self.others == 0 {
            return Ok(Charset::Utf8);
        }
        // What looks like UTF-8 in windows-1252, such as Ã©, is rare.
        if self.letters.saturating_mul(10) >= self.others {
            return Err(FileError::encoding(
                format!(
                    "The byte at offset {} is no UTF-8, but other bytes of the file are: its encodings are mixed",
                    self.first
                ),
                "Save the whole file as UTF-8, or say its encoding in parse_options, such as \"encoding\": \"windows-1252\".",
            ));
        }
        Ok(Charset::Named(WINDOWS_1252))
    }
}

/// Reads until the buffer is full or nothing is left.
pub(in super::super) fn read(bytes: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match bytes.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(bytes: &[u8]) -> Charset {
        Charset::detect(bytes).unwrap()
    }

    #[test]
    fn bytes_show_their_encoding() {
        assert_eq!(detected(b""), Charset::Utf8);
        assert_eq!(detected(b"a,b\n1,2\n"), Charset::Utf8);
        assert_eq!(detected("a,\u{e9}\n1,\u{1F600}".as_bytes()), Charset::Utf8);
        assert_eq!(detected(b"\xEF\xBB\xBFa"), Charset::Utf8);
        assert_eq!(detected(b"\xFF\xFEa\0"), Charset::Utf16);
        assert_eq!(detected(b"a\0,\0b\0\n\0"), Charset::Utf16);
        assert_eq!(detected(b"\0a\0,\0b\0\n"), Charset::Utf16);
        assert_eq!(detected(b"caf\xE9,1\n"), Charset::Named(WINDOWS_1252));
        assert_eq!(detected(b"caf\xE9"), Charset::Named(WINDOWS_1252));
    }

    #[test]
    fn a_letter_may_lie_across_two_pieces() {
        for before in PIECE - 4..=PIECE + 1 {
            let text = format!("{}\u{1F600}b", "a".repeat(before));
            assert_eq!(detected(text.as_bytes()), Charset::Utf8, "{before}");
            let cut = &text.as_bytes()[..before + 2];
            assert_eq!(detected(cut), Charset::Named(WINDOWS_1252), "{before}");
        }
    }

    #[test]
    fn mixed_encodings_are_refused() {
        let mixed = "\u{e9}\n".bytes().chain(*b"\xE9\n").collect::<Vec<u8>>();
        let error = Charset::detect(mixed.as_slice()).unwrap_err();
        assert_eq!(error.key.name(), "invalid_encoding");
        assert!(error.message.contains("offset 3"), "{}", error.message);
        // One accidental pair in a long text of windows-1252 is none.
        let mut old = b"\xE9 ".repeat(100);
        old.extend_from_slice(b"\xC3\xA9");
        assert_eq!(detected(&old), Charset::Named(WINDOWS_1252));
    }

    #[test]
    fn names_of_encodings() {
        for (name, known) in [
            ("utf8", true),
            ("UTF-8", true),
            ("utf16", true),
            ("latin1", true),
            ("ISO-8859-1", true),
            ("ISO_8859_1", true),
            ("cp1252", true),
            ("windows1252", true),
            ("MacRoman", true),
            ("shift-jis", true),
            ("utf-99", false),
            ("iso-2022-kr", false),
            ("", false),
        ] {
            assert_eq!(Charset::named(name).is_some(), known, "{name}");
        }
    }
}
