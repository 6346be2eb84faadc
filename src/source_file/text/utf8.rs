//! The bytes of a text as UTF-8, a piece at a time, without a byte-order mark and without zero bytes at the end.

use super::super::error::FileError;
use super::charset::{Charset, byte_order, read};
use encoding_rs::{Decoder, DecoderResult, UTF_16LE};
use std::io::{Read, Seek, SeekFrom};

/// Bytes that are read together.
const PIECE: usize = 64 * 1024;
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text that is read. What is UTF-8 by its charset is not checked here: whoever takes it makes strings of it.
pub(in super::super) struct Utf8<R> {
    bytes: R,
    decoder: Option<Decoder>,
    /// Bytes as they were read, of which those from `from` to `to` are not decoded yet.
    raw: Vec<u8>,
    from: usize,
    to: usize,
    /// Bytes that came before those of `raw`.
    offset: u64,
    ended: bool,
    /// Everything was decoded.
    done: bool,
    /// Text, of which what stands before `at` is used up.
    text: Vec<u8>,
    at: usize,
    /// Zero bytes that are kept back, since they may be the end.
    zeros: u64,
    fresh: bool,
}

impl<R: Read + Seek> Utf8<R> {
    /// A text in this encoding; without one the bytes are read once to find it out.
    pub(in super::super) fn new(mut bytes: R, charset: Option<Charset>) -> Result<Self, FileError> {
        bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
        let charset = match charset {
            Some(charset) => charset,
            None => Charset::detect(&mut bytes)?,
        };
        let mut raw = vec![0; PIECE];
        bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
        let to = read(&mut bytes, &mut raw).map_err(FileError::unreadable)?;
        let decoder = match charset {
            Charset::Utf8 => None,
            Charset::Named(encoding) => Some(encoding.new_decoder()),
            // A byte-order mark has the last word.
            Charset::Utf16 => Some(byte_order(&raw[..to]).unwrap_or(UTF_16LE).new_decoder()),
        };
        let text = Vec::with_capacity(PIECE);
        let ended = to == 0;
        Ok(Self {
            bytes,
            decoder,
            raw,
            from: 0,
            to,
            offset: 0,
            ended,
            done: false,
            text,
            at: 0,
            zeros: 0,
            fresh: true,
        })
    }

    /// What can be read now; nothing at the end.
    pub(in super::super) fn piece(&mut self) -> Result<&[u8], FileError> {
        while self.at == self.text.len() && !self.done {
            self.fill()?;
        }
        Ok(&self.text[self.at..])
    }

    /// So much of the piece is used up.
    pub(in super::super) fn consume(&mut self, length: usize) {
        self.at = (self.at + length).min(self.text.len());
    }

    /// Makes the next piece of text, which may be empty.
    fn fill(&mut self) -> Result<(), FileError> {
        self.text.clear();
        self.at = 0;
        if self.zeros > 0 && self.raw[self.from..self.to].iter().any(|byte| *byte != 0) {
            // They were not the end. A piece of zero bytes at a time goes out, however many there are.
            let length = self.zeros.min(PIECE as u64);
            self.text.resize(length as usize, 0);
            self.zeros -= length;
            return Ok(());
        }
        if self.decoder.is_some() {
            self.decode()?;
        } else {
            self.text.extend_from_slice(&self.raw[self.from..self.to]);
            self.from = self.to;
            self.done = self.ended;
        }
        if std::mem::take(&mut self.fresh) && self.text.starts_with(MARK) {
            self.at = MARK.len();
        }
        let kept = self.text.iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros += kept as u64;
        self.text.truncate(self.text.len() - kept);
        self.at = self.at.min(self.text.len());
        self.refill()
    }

    /// Reads the next bytes when all are decoded.
    fn refill(&mut self) -> Result<(), FileError> {
        if self.from < self.to || self.ended {
            return Ok(());
        }
        self.offset += self.to as u64;
        self.from = 0;
        self.to = read(&mut self.bytes, &mut self.raw).map_err(FileError::unreadable)?;
        self.ended = self.to == 0;
        Ok(())
    }

    fn decode(&mut self) -> Result<(), FileError> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let last = self.ended;
        let raw = &self.raw[self.from..self.to];
        let wanted = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(PIECE * 3);
        self.text.resize(wanted, 0);
        let (result, used, written) = decoder.decode_to_utf8_without_replacement(raw, &mut self.text, last);
        self.text.truncate(written);
        self.from += used;
        match result {
            DecoderResult::InputEmpty => {
                self.done = last;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
            DecoderResult::Malformed(length, beyond) => {
                let at = self.offset + self.from as u64 - u64::from(length) - u64::from(beyond);
                let name = decoder.encoding().name();
                Err(FileError::encoding(
                    format!("The bytes at offset {at} are no {name}"),
                    "Say the file's encoding in parse_options, or null to have it found out.",
                ))
            }
        }
    }
}
