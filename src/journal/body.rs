//! Kept bodies, decoded for people and programs.

use super::Captured;
use crate::api::BodyText;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read as _;

/// So many bytes of a compressed body are shown decoded.
const BOUND: usize = 1 << 20;

/// A body as it was before gzip; what is not gzip stays. A body that was cut gives what can be read.
pub fn unzipped(bytes: &[u8]) -> Cow<'_, [u8]> {
    unzipped_part(bytes).0
}

/// The same, with whether there is more than is decoded.
fn unzipped_part(bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return (Cow::Borrowed(bytes), false);
    }
    let mut plain = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(BOUND as u64 + 1);
    let mut piece = [0; 8192];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => plain.extend_from_slice(&piece[..read]),
            // The end is missing, or it is no gzip after all.
            Err(_) => break,
        }
    }
    if plain.is_empty() && bytes.len() > 18 {
        return (Cow::Borrowed(bytes), false);
    }
    let more = plain.len() > BOUND;
    plain.truncate(BOUND);
    (Cow::Owned(plain), more)
}

impl Captured {
    /// The body without gzip, as text; none when it is no text.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.decoded().0
    }

    /// The text, and whether it is less than the whole body.
    fn decoded(&self) -> (Option<Cow<'_, str>>, bool) {
        let (bytes, more) = unzipped_part(&self.kept);
        let cut = more || self.is_cut();
        let text = match bytes {
            Cow::Borrowed(bytes) => text_of(bytes, cut).map(Cow::Borrowed),
            Cow::Owned(bytes) => text_of(&bytes, cut).map(|text| Cow::Owned(text.to_owned())),
        };
        (text, cut)
    }

    /// Whether the bytes are gzip.
    pub fn is_zipped(&self) -> bool {
        self.kept.starts_with(&[0x1f, 0x8b])
    }

    /// As it is told: the text, or base64 of what is no text.
    pub fn shown(&self) -> BodyText {
        let (text, truncated) = self.decoded();
        let base64 = text.is_none().then(|| STANDARD.encode(&self.kept));
        BodyText {
            bytes: self.total,
            text: text.map(Cow::into_owned),
            base64,
            truncated,
            encoding: self.is_zipped().then(|| "gzip".to_owned()),
            masked: self.masked,
        }
    }
}

/// Text, where a character that the bound cut in two is left out.
fn text_of(bytes: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn zipped(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn captured(bytes: &[u8], total: usize) -> Captured {
        Captured { kept: bytes.into(), total: total as u64, whole: true, masked: false }
    }

    #[test]
    fn gzip_is_shown_decoded_even_when_cut() {
        let text: String = (0..5000).map(|n| format!("{{\"k\":{n}}}\n")).collect();
        let bytes = zipped(&text);
        let whole = captured(&bytes, bytes.len());
        assert_eq!(whole.text().as_deref(), Some(text.as_str()));
        let half = captured(&bytes[..bytes.len() / 2], bytes.len());
        let shown = half.text().unwrap().into_owned();
        assert!(!shown.is_empty() && text.starts_with(&shown));
    }

    #[test]
    fn gzip_that_is_shown_in_part_says_so() {
        for (extra, truncated) in [(0, false), (1, true), (4, true)] {
            let text = "é".repeat(BOUND / 2) + &"x".repeat(extra);
            let bytes = zipped(&text);
            let shown = captured(&bytes, bytes.len()).shown();
            assert_eq!(shown.truncated, truncated, "{extra}");
            assert_eq!(shown.text.unwrap().len(), BOUND);
        }
        // The bound falls into the middle of a character.
        let bytes = zipped(&("x".to_owned() + &"é".repeat(BOUND / 2)));
        let shown = captured(&bytes, bytes.len()).shown();
        assert_eq!((shown.truncated, shown.text.unwrap().len()), (true, BOUND - 1));
    }

    #[test]
    fn what_is_no_text_is_base64_and_a_cut_character_is_left_out() {
        assert_eq!(captured(&[0, 0xFF], 2).shown().base64.as_deref(), Some("AP8="));
        assert_eq!(captured("aé".as_bytes().split_last().unwrap().1, 3).shown().text.as_deref(), Some("a"));
        assert_eq!(captured("aé".as_bytes().split_last().unwrap().1, 2).shown().text, None);
    }
}
