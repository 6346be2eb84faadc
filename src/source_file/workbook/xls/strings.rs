//! Texts of a workbook: those of single cells, and those that cells share.

use super::super::super::bounds::Bounds;
use super::super::super::error::FileError;
use super::damaged;
use super::records::Record;
use crate::memory::Held;
use encoding_rs::WINDOWS_1252;
use std::iter::{Copied, Peekable};
use std::slice;

/// A version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Biff {
    Five,
    Eight,
}

/// A text with its length in front, which has one byte in formats of BIFF5. BIFF5 has bytes of windows-1252, BIFF8 such
/// of Latin-1 or UTF-16.
pub(super) fn text(bytes: &[u8], biff: Biff, short: bool) -> Option<String> {
    let (length, rest) = match bytes {
        [length, rest @ ..] if short => (usize::from(*length), rest),
        [a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        _ => return None,
    };
    if biff == Biff::Five {
        return Some(WINDOWS_1252.decode_without_bom_handling(rest.get(..length)?).0.into_owned());
    }
    let mut reader = Joined { bytes: rest, joints: [].iter().copied().peekable(), at: 0 };
    let flags = reader.byte()?;
    let mut out = String::new();
    reader.rich(flags)?;
    reader.letters(length, flags, &mut out)?;
    Some(out)
}

/// Texts that cells share, one behind the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
    _held: Option<Held>,
}

impl Strings {
    pub(super) fn new(record: &Record<'_>, bounds: &Bounds) -> Result<Self, FileError> {
        let mut held = bounds.room.holder();
        // Three bytes a letter at most, and a place for each text of at least three bytes.
        if !held.grow_to(record.body.len().saturating_mul(5)) {
            return Err(FileError::no_room("The text of the workbook"));
        }
        let mut strings = Self { text: String::new(), ends: Vec::new(), _held: Some(held) };
        let count = record.u32(4).ok_or_else(damaged)?;
        let mut reader =
            Joined { bytes: record.body, joints: record.joints.iter().copied().peekable(), at: 8 };
        for _ in 0..count {
            reader.string(&mut strings.text).ok_or_else(damaged)?;
            strings.ends.push(strings.text.len());
        }
        Ok(strings)
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let from = match index.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.text.get(from..*self.ends.get(index)?)
    }
}

/// Bytes of a record and of those that continue it.
struct Joined<'a> {
    bytes: &'a [u8],
    /// Where the continuing records begin that were not passed yet.
    joints: Peekable<Copied<slice::Iter<'a, usize>>>,
    at: usize,
}

impl Joined<'_> {
    /// Passes the joints up to this place; whether one is here.
    fn is_joint(&mut self) -> bool {
        let mut here = false;
        while let Some(joint) = self.joints.next_if(|joint| *joint <= self.at) {
            here = joint == self.at;
        }
        here
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// What stands between the flags and the letters: bytes of formats and of phonetic text that follow the letters.
    fn rich(&mut self, flags: u8) -> Option<usize> {
        let runs = if flags & 8 != 0 { usize::from(self.u16()?) * 4 } else { 0 };
        let phonetic = if flags & 4 != 0 {
            let (low, high) = (self.u16()?, self.u16()?);
            (usize::from(high) << 16) | usize::from(low)
        } else {
            0
        };
        Some(runs + phonetic)
    }

    /// Appends so many letters. Where a continuing record begins among them, it says anew how wide they are.
    fn letters(&mut self, length: usize, mut flags: u8, out: &mut String) -> Option<()> {
        let (mut left, mut units) = (length, Vec::new());
        while left > 0 {
            if self.is_joint() {
                flags = self.byte()?;
            }
            let next = self.joints.peek().copied().unwrap_or(self.bytes.len());
            let width = if flags & 1 != 0 { 2 } else { 1 };
            let count = left.min(next.min(self.bytes.len()).saturating_sub(self.at) / width);
            if count == 0 {
                return None;
            }
            for _ in 0..count {
                units.push(if width == 2 { self.u16()? } else { u16::from(self.byte()?) });
            }
            left -= count;
        }
        out.extend(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Some(())
    }

    /// A text with its length in front.
    fn string(&mut self, out: &mut String) -> Option<()> {
        let length = usize::from(self.u16()?);
        let flags = self.byte()?;
        let behind = self.rich(flags)?;
        self.letters(length, flags, out)?;
        self.at = self.at.checked_add(behind)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Room;

    #[test]
    fn shared_texts_go_on_in_continuing_records() {
        // Two texts: "ab", and "cdé" of which the last letters stand in the next record, wider there.
        let first = [2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, b'a', b'b', 3, 0, 8, 1, 0, b'c'];
        let second = [1, b'd', 0, 0xE9, 0, 9, 9, 9, 9];
        let body = [first.as_slice(), &second].concat();
        let record = Record { id: 0xFC, body: &body, joints: &[first.len()] };
        let strings = Strings::new(&record, &Bounds::new(&Room::new(1 << 20))).unwrap();
        assert_eq!((strings.get(0), strings.get(1), strings.get(2)), (Some("ab"), Some("cdé"), None));
        let cut = Record { id: 0xFC, body: &body[..18], joints: &[] };
        assert!(Strings::new(&cut, &Bounds::new(&Room::new(1 << 20))).is_err());
        assert!(Strings::new(&record, &Bounds::new(&Room::new(1))).is_err());
    }

    #[test]
    fn texts_of_single_cells() {
        assert_eq!(text(&[2, 0, 0, 0xE9, b'b'], Biff::Eight, false).as_deref(), Some("éb"));
        assert_eq!(text(&[1, 0, 1, 0xE9, 0], Biff::Eight, false).as_deref(), Some("é"));
        assert_eq!(text(&[2, 0x80, b'b'], Biff::Five, true).as_deref(), Some("€b"));
        assert_eq!(text(&[9, 0, 0, b'b'], Biff::Eight, false), None);
        assert_eq!(text(&[], Biff::Eight, false), None);
    }
}
