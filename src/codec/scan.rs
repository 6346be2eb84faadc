//! Strict JSON (RFC 8259), scanned in a buffer that may end in the middle of a value.

use crate::soda::hint::{At, Encoding, Place};
use crate::soda::{BodyFormat, SodaError};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How deep arrays and objects may nest inside one value.
const MAX_DEPTH: usize = 128;

/// Why a scan stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The buffer ends before the value does.
    Incomplete,
    /// Not JSON, at this place in the buffer.
    Malformed(usize, Fault),
}

/// Why something is not JSON.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// A value was expected.
    Value,
    /// A word that begins as this one does.
    Word(&'static str),
    /// A key was expected.
    Key,
    /// A number without digits.
    Digits,
    /// A text that is no UTF-8.
    Utf8,
    /// The body does not begin as JSON does.
    Start,
    /// Another reason, which says itself what to change.
    Said(&'static str),
}

/// A view of the buffer. `last` tells that nothing will follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    pub(super) buf: &'a [u8],
    pub(super) last: bool,
}

impl<'a> Scan<'a> {
    /// The first place at or after `at` that is not white space.
    #[inline]
    pub(super) fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.buf.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at += 1;
        }
        at
    }

    /// The byte after white space, and its place.
    #[inline]
    pub(super) fn peek(&self, at: usize) -> Result<(usize, u8), Stop> {
        let at = self.skip_space(at);
        match self.buf.get(at) {
            Some(byte) => Ok((at, *byte)),
            None => Err(self.end(at)),
        }
    }

    pub(super) fn end(&self, at: usize) -> Stop {
        if self.last {
            Stop::Malformed(at, Fault::Said("The body ends in the middle of a value"))
        } else {
            Stop::Incomplete
        }
    }

    /// The place of the closing quote of the string that opens at `at`, and whether it has escapes.
    #[inline]
    fn string_end(&self, at: usize) -> Result<(usize, bool), Stop> {
        let mut from = at + 1;
        let mut escapes = false;
        loop {
            let rest = self.buf.get(from..).unwrap_or(&[]);
            let Some(offset) = memchr::memchr2(b'"', b'\\', rest) else {
                if let Some(bad) = control(rest) {
                    return Err(Stop::Malformed(
                        from + bad,
                        Fault::Said("A text holds a raw control character"),
                    ));
                }
                return Err(self.end(self.buf.len()));
            };
            if let Some(bad) = control(&rest[..offset]) {
                return Err(Stop::Malformed(from + bad, Fault::Said("A text holds a raw control character")));
            }
            let found = from + offset;
            if rest[offset] == b'"' {
                return Ok((found, escapes));
            }
            escapes = true;
            if self.buf.len() < found + 2 {
                return Err(self.end(self.buf.len()));
            }
            from = found + 2;
        }
    }

    /// The text that opens at `at`: unescaped, in NFC and without U+0000; and the place behind it.
    #[inline]
    pub(super) fn text(&self, at: usize) -> Result<(Cow<'a, str>, usize), Stop> {
        let (end, escapes) = self.string_end(at)?;
        let raw = &self.buf[at + 1..end];
        let raw =
            std::str::from_utf8(raw).map_err(|e| Stop::Malformed(at + 1 + e.valid_up_to(), Fault::Utf8))?;
        if !escapes {
            if raw.is_ascii() {
                return Ok((Cow::Borrowed(raw), end + 1));
            }
            return Ok((normal(Cow::Borrowed(raw)), end + 1));
        }
        let plain =
            unescape(raw).map_err(|(offset, why)| Stop::Malformed(at + 1 + offset, Fault::Said(why)))?;
        Ok((normal(Cow::Owned(plain)), end + 1))
    }

    /// The raw bytes between the quotes of a key without escapes.
    #[inline]
    pub(super) fn raw_key(&self, at: usize) -> Option<&'a [u8]> {
        let rest = self.buf.get(at + 1..)?;
        let offset = memchr::memchr2(b'"', b'\\', rest)?;
        (rest[offset] == b'"').then(|| &rest[..offset])
    }

    /// The number that begins at `at`, and the place behind it.
    #[inline]
    pub(super) fn number(&self, at: usize) -> Result<(&'a str, usize), Stop> {
        let mut i = at;
        if self.buf.get(i) == Some(&b'-') {
            i += 1;
        }
        match self.buf.get(i) {
            Some(b'0') => i += 1,
            Some(b'1'..=b'9') => i = self.digits(i),
            Some(_) => return Err(Stop::Malformed(i, Fault::Digits)),
            None => return Err(self.end(i)),
        }
        if self.buf.get(i) == Some(&b'.') {
            let after = self.digits(i + 1);
            if after == i + 1 {
                return Err(self.missing_digit(after));
            }
            i = after;
        }
        if matches!(self.buf.get(i), Some(b'e' | b'E')) {
            let signed = i + 1 + usize::from(matches!(self.buf.get(i + 1), Some(b'+' | b'-')));
            let after = self.digits(signed);
            if after == signed {
                return Err(self.missing_digit(after));
            }
            i = after;
        }
        match self.buf.get(i) {
            None if !self.last => Err(Stop::Incomplete),
            Some(b'0'..=b'9') => Err(Stop::Malformed(i, Fault::Said("A number has a leading zero"))),
            _ => {
                let text = std::str::from_utf8(&self.buf[at..i]).unwrap_or("0");
                Ok((text, i))
            }
        }
    }

    fn missing_digit(&self, at: usize) -> Stop {
        if at >= self.buf.len() {
            self.end(at)
        } else {
            Stop::Malformed(at, Fault::Said("A number lacks a digit"))
        }
    }

    #[inline]
    fn digits(&self, mut i: usize) -> usize {
        while matches!(self.buf.get(i), Some(b'0'..=b'9')) {
            i += 1;
        }
        i
    }

    /// The place behind one of the words `true`, `false`, `null` that must begin at `at`.
    pub(super) fn word(&self, at: usize, word: &'static str) -> Result<usize, Stop> {
        let bytes = word.as_bytes();
        let there = self.buf.get(at..).unwrap_or(&[]);
        let same = there.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        if same == bytes.len() {
            return Ok(at + same);
        }
        if same == there.len() {
            Err(self.end(at + same))
        } else {
            Err(Stop::Malformed(at + same, Fault::Word(word)))
        }
    }

    /// The place behind any value that begins at `at`; checks it, without recursion.
    pub(super) fn skip_value(&self, at: usize) -> Result<usize, Stop> {
        let mut closers: Vec<u8> = Vec::new();
        let mut at = at;
        loop {
            let (place, byte) = self.peek(at)?;
            at = match byte {
                b'{' | b'[' => {
                    if closers.len() == MAX_DEPTH {
                        return Err(Stop::Malformed(
                            place,
                            Fault::Said("A value nests more than 128 levels deep"),
                        ));
                    }
                    let closer = if byte == b'{' { b'}' } else { b']' };
                    let (inner, first) = self.peek(place + 1)?;
                    if first == closer {
                        inner + 1
                    } else {
                        closers.push(closer);
                        at = if byte == b'{' { self.key_and_colon(inner)? } else { inner };
                        continue;
                    }
                }
                b'"' => self.text(place)?.1,
                b't' => self.word(place, "true")?,
                b'f' => self.word(place, "false")?,
                b'n' => self.word(place, "null")?,
                b'-' | b'0'..=b'9' => self.number(place)?.1,
                _ => return Err(unexpected(place)),
            };
            // A value has ended: close what ends with it, or go on behind a comma.
            loop {
                let Some(closer) = closers.last().copied() else { return Ok(at) };
                let (place, byte) = self.peek(at)?;
                if byte == closer {
                    closers.pop();
                    at = place + 1;
                } else if byte == b',' {
                    let (inner, _) = self.peek(place + 1)?;
                    at = if closer == b'}' { self.key_and_colon(inner)? } else { inner };
                    break;
                } else {
                    return Err(Stop::Malformed(
                        place,
                        Fault::Said("A comma or a closing bracket is missing"),
                    ));
                }
            }
        }
    }

    fn key_and_colon(&self, at: usize) -> Result<usize, Stop> {
        if self.buf.get(at) != Some(&b'"') {
            return Err(Stop::Malformed(at, Fault::Key));
        }
        let (_, after) = self.text(at)?;
        self.colon(after)
    }

    /// The place behind the colon.
    #[inline]
    pub(super) fn colon(&self, at: usize) -> Result<usize, Stop> {
        let (place, byte) = self.peek(at)?;
        if byte == b':' {
            Ok(place + 1)
        } else {
            Err(Stop::Malformed(place, Fault::Said("A colon is missing after a key")))
        }
    }
}

/// A place in the body, one-based when shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Position {
    line: u64,
    column: u64,
}

impl Position {
    pub(super) fn advance(&mut self, bytes: &[u8]) {
        let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let tail = match memchr::memrchr(b'\n', bytes) {
            Some(at) => {
                self.line += lines;
                self.column = 0;
                &bytes[at + 1..]
            }
            None => bytes,
        };
        self.column += tail.iter().filter(|b| (**b & 0xC0) != 0x80).count() as u64;
    }

    /// The refusal of what stands at `at` in the buffer that begins at this place.
    pub(super) fn malformed(mut self, format: BodyFormat, buf: &[u8], at: usize, fault: Fault) -> SodaError {
        self.advance(&buf[..at.min(buf.len())]);
        let (row, column) = (self.line + 1, self.column + 1);
        let bytes = buf.get(at..).unwrap_or(&[]);
        match fault {
            Fault::Utf8 if !bytes.is_empty() => {
                SodaError::not_utf8(row, column, Place::body(format, At::Whole), Encoding::of(bytes))
            }
            fault => SodaError::malformed_json(row, column, fault.sentence(bytes)),
        }
    }
}

impl Fault {
    /// What is wrong; the bytes are those that stand there.
    fn sentence(self, bytes: &[u8]) -> &'static str {
        match (self, bytes.first()) {
            (Self::Said(text), _) => text,
            (_, Some(0xEF)) if bytes.starts_with(b"\xEF\xBB\xBF") => {
                "A byte-order mark belongs to the beginning of a body only; take it out where files are joined"
            }
            (_, Some(0xC2)) if bytes.starts_with(b"\xC2\xA0") => {
                "JSON takes no no-break spaces between its values: write blanks"
            }
            (Self::Start, Some(b'<')) => "The body is HTML or XML, not JSON",
            (Self::Start, _) => "The body is not JSON; if it is CSV, send Content-Type: text/csv with it",
            (Self::Key | Self::Value, Some(b'\'')) => {
                "JSON has double quotes only; what Python's str() makes of a row is no JSON, json.dumps makes it"
            }
            // The first byte of the typographic quotes.
            (Self::Key | Self::Value, Some(0xE2)) => {
                "Typographic quotes, as word processors write them, are none to JSON: write \""
            }
            (Self::Value, Some(b'N')) => "NaN, None and NULL are no JSON: send null",
            (Self::Word("null"), _) => "nan, nil and none are no JSON: send null",
            (Self::Word(_), _) => "JSON has the words true and false only; a text stands in double quotes",
            (Self::Value | Self::Digits, Some(b'I' | b'i')) => "Infinity and inf are no JSON: send null",
            (Self::Value, Some(b'T' | b'F')) => "JSON writes true and false in small letters",
            (Self::Value, Some(b'o')) => "[object Object] is no JSON: JSON.stringify makes it",
            (Self::Value, Some(b'u')) => "undefined is no JSON: send null",
            (Self::Value, Some(b'+')) => "A number has no plus sign in JSON",
            (Self::Value, Some(b'.')) => "A number begins with a digit in JSON: 0.5, not .5",
            (Self::Value, Some(b',')) => "A value is missing before the comma; send null for none",
            (Self::Value | Self::Key, Some(b']' | b'}')) => {
                "A comma stands before a closing bracket, or a value is missing"
            }
            (Self::Value | Self::Key, Some(b'/' | b'#')) => "JSON has no comments",
            (Self::Value, _) => "A JSON value was expected here",
            (Self::Key, _) => "A key must be a text in double quotes",
            (Self::Digits, _) => "A number has no digits",
            (Self::Utf8, _) => "A text is not valid UTF-8",
        }
    }
}

/// Something that no value begins with.
pub(super) fn unexpected(at: usize) -> Stop {
    Stop::Malformed(at, Fault::Value)
}

#[inline]
fn control(bytes: &[u8]) -> Option<usize> {
    // The fold has no branch, so that the compiler can look at many bytes at once.
    if bytes.iter().fold(false, |any, b| any | (*b < 0x20)) {
        return bytes.iter().position(|b| *b < 0x20);
    }
    None
}

/// NFC without U+0000, as the back end stores every text (source).
pub(crate) fn normal(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text };
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    Cow::Owned(text.nfc().collect())
}

fn unescape(raw: &str) -> Result<String, (usize, &'static str)> {
    let mut out = String::with_capacity(raw.len());
    let mut from = 0;
    while let Some(offset) = memchr::memchr(b'\\', &raw.as_bytes()[from..]) {
        out.push_str(&raw[from..from + offset]);
        let at = from + offset;
        let escape = raw.as_bytes().get(at + 1).copied().unwrap_or(0);
        from = at + 2;
        out.push(match escape {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (c, after) = unicode_escape(raw, at)?;
                from = after;
                c
            }
            _ => return Err((at, "A backslash is followed by something that is no escape")),
        });
    }
    out.push_str(&raw[from..]);
    Ok(out)
}

/// The character of `\uXXXX` at `at`, or of a pair of surrogates, and the place behind it.
fn unicode_escape(raw: &str, at: usize) -> Result<(char, usize), (usize, &'static str)> {
    let hex = |from: usize| {
        let digits = raw.as_bytes().get(from..from + 4)?;
        let all = digits.iter().all(u8::is_ascii_hexdigit);
        all.then(|| std::str::from_utf8(digits).ok()).flatten().and_then(|d| u32::from_str_radix(d, 16).ok())
    };
    let bad = (at, "A \\u escape is not followed by four hexadecimal digits");
    let lone = (at, "A \\u escape holds half of a surrogate pair");
    let first = hex(at + 2).ok_or(bad)?;
    if !(0xD800..0xE000).contains(&first) {
        return Ok((char::from_u32(first).ok_or(bad)?, at + 6));
    }
    if first >= 0xDC00 || raw.as_bytes().get(at + 6..at + 8) != Some(b"\\u") {
        return Err(lone);
    }
    let second = hex(at + 8).ok_or(lone)?;
    if !(0xDC00..0xE000).contains(&second) {
        return Err(lone);
    }
    let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    Ok((char::from_u32(code).ok_or(lone)?, at + 12))
}
