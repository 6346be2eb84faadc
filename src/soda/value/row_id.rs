//! `:id` and `:version`: numbers enciphered under the dataset's key and written as
//! `row-xxxx.xxxx.xxxx` (source: `LongFormatter`, `Quadifier`, `CryptProvider`).

use crate::soda::FourByFour;
use blowfish::Blowfish;
use blowfish::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt};

const ALPHABET: &[u8; 32] = FourByFour::ALPHABET;
const PUNCTUATION: &[u8; 4] = b"-._~";

/// The cipher of one dataset.
pub struct RowIdCipher {
    blowfish: Blowfish,
}

impl std::fmt::Debug for RowIdCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowIdCipher")
    }
}

impl RowIdCipher {
    /// The cipher under a key; 72 bytes of it count. An empty key counts as one zero byte.
    pub fn new(key: &[u8]) -> Self {
        let mut blowfish = Blowfish::bc_init_state();
        blowfish.bc_expand_key(if key.is_empty() { &[0] } else { key });
        Self { blowfish }
    }

    fn encipher(&self, number: i64) -> u64 {
        let mut block = Array::from(number.to_le_bytes());
        self.blowfish.encrypt_block(&mut block);
        u64::from_le_bytes(block.into())
    }

    fn decipher(&self, number: u64) -> i64 {
        let mut block = Array::from(number.to_le_bytes());
        self.blowfish.decrypt_block(&mut block);
        i64::from_le_bytes(block.into())
    }

    /// Writes `row-…`.
    pub fn write_row_id(&self, number: i64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"row-");
        out.extend_from_slice(&format(self.encipher(number)));
    }

    /// Writes `rv-…`.
    pub fn write_row_version(&self, number: i64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"rv-");
        out.extend_from_slice(&format(self.encipher(number)));
    }

    /// The number of `row-…`; none when the text is malformed.
    pub fn parse_row_id(&self, text: &str) -> Option<i64> {
        Some(self.decipher(unformat(text.strip_prefix("row-")?.as_bytes())?))
    }

    /// The number of `rv-…`; none when the text is malformed.
    pub fn parse_row_version(&self, text: &str) -> Option<i64> {
        Some(self.decipher(unformat(text.strip_prefix("rv-")?.as_bytes())?))
    }
}

/// Four characters of five bits, the highest first.
fn group(bits: u64, out: &mut [u8]) {
    for (place, byte) in out.iter_mut().enumerate() {
        *byte = ALPHABET[((bits >> (15 - 5 * place)) & 31) as usize];
    }
}

fn format(n: u64) -> [u8; 14] {
    let mut out = [0; 14];
    group(n & 0xF_FFFF, &mut out[0..4]);
    out[4] = PUNCTUATION[((n >> 60) & 3) as usize];
    group((n >> 20) & 0xF_FFFF, &mut out[5..9]);
    out[9] = PUNCTUATION[((n >> 62) & 3) as usize];
    group((n >> 40) & 0xF_FFFF, &mut out[10..14]);
    out
}

fn ungroup(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |bits, byte| {
        let digit = ALPHABET.iter().position(|a| a == byte)?;
        Some((bits << 5) | digit as u64)
    })
}

fn unformat(text: &[u8]) -> Option<u64> {
    if text.len() != 14 {
        return None;
    }
    let punctuation = |byte: u8| PUNCTUATION.iter().position(|p| *p == byte).map(|p| p as u64);
    let low = ungroup(&text[0..4])?;
    let middle = ungroup(&text[5..9])?;
    let high = ungroup(&text[10..14])?;
    let bits = low | (middle << 20) | (high << 40);
    Some(bits | (punctuation(text[4])? << 60) | (punctuation(text[9])? << 62))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(key: &[u8], number: i64) -> String {
        let mut out = Vec::new();
        RowIdCipher::new(key).write_row_id(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn published_vectors() {
        let key = b"1234567890123456789012345678901234567890123456789012345678900123456789012";
        assert_eq!(written(key, 0x0123_4567_89ab_cdef), "row-3kj7~zdra_5xia");
        for (number, text) in
            [(1, "7nu6~cenw_bx9a"), (0, "hycg~e74t.jres"), (2, "atyn_wkvi~9ns8"), (3, "ypxq-w3ag.d8zk")]
        {
            assert_eq!(written(&[0], number), format!("row-{text}"));
        }
        assert_eq!(&format(0), b"2222-2222-2222");
        assert_eq!(&format(u64::MAX), b"zzzz~zzzz~zzzz");
    }

    #[test]
    fn ids_are_read_back_and_malformed_ones_refused() {
        let cipher = RowIdCipher::new(&[7; 72]);
        for number in [0, 1, 77, i64::MAX, -1] {
            let mut out = Vec::new();
            cipher.write_row_version(number, &mut out);
            assert_eq!(cipher.parse_row_version(std::str::from_utf8(&out).unwrap()), Some(number));
        }
        for bad in [
            "",
            "row-",
            "ROW-2222-2222-2222",
            "row-2222-2222-222",
            "row-2222-2222-22221",
            "row-1222-2222-2222",
            "rv-2222-2222-2222",
            "row-2222=2222-2222",
        ] {
            assert_eq!(cipher.parse_row_id(bad), None, "{bad}");
        }
    }
}
